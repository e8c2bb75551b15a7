"""A complaint about collection: a reference at once, and the customer's own words for who takes it up."""

from __future__ import annotations

import pytest

from common.settings import settings
from desk.store import HandoverStore, HandoverWish
from tests.dialogue.harness import Assistant, Conversation


def wish_of(talk: Conversation) -> HandoverWish:
    wish = HandoverStore(settings().store_url("desk")).open_wish(talk.tracker.sender_id)
    assert wish is not None
    return wish


@pytest.mark.parametrize(
    ("language", "complaint", "details", "question"),
    [
        ("zh", "我要投诉，你们催收天天打电话骂人", "是个男的，昨天晚上十一点打来的，说话特别难听", "我现在欠多少"),
        (
            "en",
            "I want to complain about your debt collector, he shouts at me",
            "it was a man, he rang last night at eleven and was very rude",
            "how much do I owe",
        ),
    ],
)
def test_what_follows_is_added_to_it(
    assistant: Assistant, language: str, complaint: str, details: str, question: str
) -> None:
    talk = assistant.conversation("demo-m2", language=language)
    said = talk(complaint)
    assert said.responses == ["utter_complaint"]
    wish = wish_of(talk)
    assert wish.reference
    assert wish.reference in said
    assert (wish.trigger, wish.priority, wish.notes["complaint"]) == ("complaint", "high", [complaint])

    said = talk(details)
    assert said.responses == ["utter_complaint_more"]
    assert wish.reference in said
    assert wish_of(talk).notes["complaint"] == [complaint, details]

    assert talk(question).responses == ["utter_amount_due"]
    assert wish_of(talk).notes["complaint"] == [complaint, details]


@pytest.mark.parametrize(("language", "text"), [("zh", "帮我订张机票"), ("en", "book me a flight")])
def test_elsewhere_what_is_out_of_scope_stays_so(assistant: Assistant, language: str, text: str) -> None:
    talk = assistant.conversation("demo-m2", language=language)
    assert talk(text).responses == ["utter_out_of_scope"]
