"""In which language to answer."""

from __future__ import annotations

from typing import Any, Dict, Optional

from rasa.shared.core.events import SlotSet, UserUttered

from dialogue.language import language_of


def wrote(language: Optional[str]) -> UserUttered:
    parse_data: Dict[str, Any] = {"intent": {"name": "inform"}}
    if language:
        parse_data["language"] = language
    return UserUttered("…", parse_data=parse_data, metadata={"language": "zh"})


def test_the_language_written_last_decides() -> None:
    assert language_of([wrote("zh"), wrote("en")]) == "en"
    assert language_of([wrote("en"), wrote("zh")]) == "zh"


def test_a_message_that_does_not_tell_keeps_the_language() -> None:
    assert language_of([wrote("en"), wrote(None), wrote(None)]) == "en"


def test_a_wish_counts_until_the_customer_writes_otherwise() -> None:
    assert language_of([wrote("zh"), SlotSet("language", "en")]) == "en"
    assert language_of([wrote("zh"), SlotSet("language", "en"), wrote(None)]) == "en"
    assert language_of([SlotSet("language", "en"), wrote("zh")]) == "zh"


def test_a_slot_that_was_reset_tells_nothing() -> None:
    assert language_of([wrote("en"), SlotSet("language", None)]) == "en"


def test_before_anything_is_written_the_page_decides() -> None:
    clicked = UserUttered("/greet", metadata={"language": "en"})
    assert language_of([clicked]) == "en"


def test_the_page_as_it_is_now_not_as_it_was() -> None:
    before, now = UserUttered("/greet", metadata={"language": "en"}), UserUttered("/greet", metadata={"language": "zh"})
    assert language_of([before, now]) == "zh"


def test_nonsense_from_the_page_is_the_default() -> None:
    assert language_of([UserUttered("/greet", metadata={"language": "fr"})]) == "zh"
    assert language_of([]) == "zh"
