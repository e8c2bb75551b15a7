"""A complaint reaches the desk in the customer's own words."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest

from actions.complaint_words import complaint_words

Told = Tuple[str, str, str]  # what was written, its intent, the response that answered


def events(*told: Told) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    for text, intent, response in told:
        found.append({"event": "user", "text": text, "parse_data": {"intent": {"name": intent}}})
        found.append({"event": "bot", "metadata": {"utter_action": response}})
    return found


COMPLAINT = ("催收骂我", "complain_collection", "utter_complaint")
UNREAD = ("那个男的", "nlu_fallback", "utter_complaint_more")
MORE = ("昨晚十一点打的", "out_of_scope", "utter_complaint_more")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([COMPLAINT], ["催收骂我"]),
        (
            [COMPLAINT, MORE, ("那个男的", "nlu_fallback", "utter_complaint_more")],
            ["催收骂我", "昨晚十一点打的", "那个男的"],
        ),
        ([COMPLAINT, ("欠多少", "ask_amount_due", "utter_amount_due"), MORE], ["催收骂我"]),  # no longer about it
        ([("/complain_collection", "complain_collection", "utter_complaint"), MORE], ["昨晚十一点打的"]),
        ([("天气如何", "out_of_scope", "utter_out_of_scope")], []),
        ([("x" * 5000, "complain_collection", "utter_complaint")], ["x" * 1000]),
    ],
)
def test_what_was_written_as_the_complaint(told: List[Told], words: List[str]) -> None:
    assert complaint_words(events(*told)) == words


def test_the_latest_words_are_kept_if_there_are_very_many() -> None:
    many = [(str(number), "complain_collection", "utter_complaint_more") for number in range(50)]
    assert complaint_words(events(*many)) == [str(number) for number in range(30, 50)]
