"""A person, please."""

from __future__ import annotations

from typing import List

import pytest

from desk.store import HandoverStore
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant


@pytest.mark.parametrize(("wish", "language"), [("我要找真人客服", "zh"), ("I want to speak to a real person", "en")])
def test_the_wish_is_at_the_desk_before_the_customer_is_told(
    assistant: Assistant, desk: HandoverStore, wish: str, language: str
) -> None:
    talk = assistant.conversation("demo-m2")
    assert talk(wish).responses == ["utter_human_recorded"]
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert (recorded.customer_id, recorded.language, recorded.reason) == ("demo-m2", language, "request_human")


def test_asking_twice_makes_one_wish_and_the_chat_goes_on(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-m2")
    talk("转人工")
    first = desk.open_wish(talk.id)
    assert talk("人工呢").responses == ["utter_human_already"]
    assert desk.open_wish(talk.id) == first
    assert talk.press("现在要还多少").responses == ["utter_amount_due"]


def test_the_reason_is_what_was_talked_about(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-m4")
    talk("你们催收天天给我家里打电话，我要投诉")
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert (recorded.reason, recorded.trigger, recorded.priority) == ("complain_collection", "complaint", "high")
    assert recorded.reference is not None
    assert recorded.reference in talk.last


@pytest.mark.parametrize(
    ("customer", "said", "trigger", "priority"),
    [
        ("demo-m2", ["这笔消费不是我刷的"], "dispute", "high"),
        ("demo-m2", ["/nlu_fallback", "/nlu_fallback"], "not_understood", "normal"),
        ("demo-m2", ["不还会被起诉吗"], "law", "normal"),
        ("demo-m4", ["你好"], "long_overdue", "high"),
        ("demo-m2", ["你好"], "asked_for", "normal"),
    ],
)
def test_the_wish_carries_why_and_how_pressing(
    assistant: Assistant, desk: HandoverStore, customer: str, said: List[str], trigger: str, priority: str
) -> None:
    talk = assistant.conversation(customer)
    for text in said:
        talk(text)
    talk("/request_human")
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert (recorded.trigger, recorded.priority) == (trigger, priority)


def test_two_offers_turned_down_bring_the_offer_of_a_person(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-due-soon")
    talk("我要分期，12期")
    assert talk("/deny").responses == ["utter_instalment_declined"]
    talk("6期")
    assert talk("/deny").responses == ["utter_negotiation_failed"]
    talk.press("找人工")
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert (recorded.trigger, recorded.priority) == ("negotiation_failed", "high")


def test_a_bank_that_fails_twice_brings_a_person_first(
    assistant: Assistant, desk: HandoverStore, bank_down: Outage
) -> None:
    talk = assistant.conversation("demo-m2", language="en")
    with bank_down():
        assert talk("/ask_amount_due").responses == ["utter_bank_unavailable"]
        assert talk("/retry").responses == ["utter_bank_unavailable_again"]
        assert talk.last.titles[0] == "Talk to a person"
        talk.press("Talk to a person")
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert (recorded.trigger, recorded.priority) == ("bank_unavailable", "high")


def test_a_wish_to_be_called_is_kept_with_its_time(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-m2")
    assert talk('/request_human{"callback": "ask"}').responses == ["utter_callback_when"]
    assert talk.press("下午").responses == ["utter_callback_noted"]
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert recorded.callback_from is not None
    assert recorded.callback_from.hour == 13


def test_a_person_can_be_had_while_the_bank_is_down(
    assistant: Assistant, desk: HandoverStore, bank_down: Outage
) -> None:
    talk = assistant.conversation("demo-m2")
    with bank_down():
        talk("/overdue_help")
        assert talk.press("找人工").responses == ["utter_human_recorded"]
    assert desk.open_wish(talk.id) is not None


@pytest.mark.parametrize(
    ("language", "question", "words"),
    [
        ("zh", "你们客服电话多少", "卡片背面"),
        ("zh", "人工几点下班", "00:00–24:00"),
        ("en", "what's your hotline number", "back of your card"),
    ],
)
def test_who_asks_for_the_number_or_the_hours_gets_them_and_no_person_is_called(
    assistant: Assistant, desk: HandoverStore, language: str, question: str, words: str
) -> None:
    talk = assistant.conversation("demo-m1-first" if language == "zh" else "demo-english", language)
    assert talk(question).responses == ["utter_contact"]
    assert words in talk.last
    assert desk.open_wish(talk.id) is None


@pytest.mark.parametrize("wish", ["转人工，要等多久", "我要找人工，电话打给我也行"])
def test_who_wants_a_person_gets_one_whatever_else_is_asked(
    assistant: Assistant, desk: HandoverStore, wish: str
) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk(wish)
    assert desk.open_wish(talk.id) is not None
