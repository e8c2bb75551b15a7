"""Somebody is there: the customer waits, the assistant is silent, and afterwards goes on with what was agreed."""

from __future__ import annotations

from typing import Iterator

import pytest
from rasa.shared.core.events import BotUttered, ConversationResumed

from common import clock
from common.settings import settings
from desk.people import People
from desk.store import HandoverStore
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant
from tests.dialogue.phone import Phones

LANGUAGES = pytest.mark.parametrize(
    ("language", "wish", "place"),
    [("zh", "我要找真人客服", "您排在第 1 位"), ("en", "I want to speak to a real person", "number 1 in the queue")],
)


@pytest.fixture(scope="module", autouse=True)
def somebody_is_there(assistant: Assistant) -> Iterator[None]:
    """An agent whose console is open."""
    known = settings()
    people = People(known.store_url("desk"), "unused", secure=False)
    people.database.prepare()
    with people.database.writing() as connection:
        made = people.accounts.create(
            connection, name="lin", display_name="林", role="agent", languages=("zh", "en"), capacity=50, password=None
        )
        there = clock.now().replace(year=clock.now().year + 1)  # whoever is slow, the console stays open
        people.accounts.change(connection, made.id, status="available", last_seen_at=there)
    yield
    with people.database.writing() as connection:
        people.accounts.change(connection, made.id, status="away")


@pytest.fixture(autouse=True)
def nobody_else_waits(desk: HandoverStore) -> Iterator[None]:
    """Each test has the queue for itself."""
    yield
    for conversation_id in _waiting:
        desk.back_to_bot(conversation_id)
    _waiting.clear()


_waiting: list[str] = []


def silent(assistant: Assistant, talk: object) -> bool:
    return bool(talk.tracker.is_paused())  # type: ignore[attr-defined]


@LANGUAGES
def test_the_customer_is_told_the_place_and_then_nothing_more(
    assistant: Assistant, language: str, wish: str, place: str
) -> None:
    talk = assistant.conversation("demo-m2", language)
    _waiting.append(talk.id)
    said = talk(wish)
    assert said.responses == ["utter_human_waiting"]
    assert place in said
    assert talk("现在要还多少" if language == "zh" else "how much do I owe").messages == []
    assert talk("/greet").messages == []
    assert silent(assistant, talk)


@LANGUAGES
def test_who_goes_on_with_the_assistant_is_answered_again(
    assistant: Assistant, desk: HandoverStore, language: str, wish: str, place: str
) -> None:
    talk = assistant.conversation("demo-m2", language)
    talk(wish)
    back = talk.go_on("不等人工了，还是机器人来吧" if language == "zh" else "never mind the agent, back to the bot")
    assert back.responses == ["utter_back_to_bot"]
    assert desk.open_wish(talk.id) is None
    assert talk("现在要还多少" if language == "zh" else "how much do I owe").responses == ["utter_amount_due"]


@pytest.mark.parametrize(("language", "wish"), [("zh", "/back_to_bot"), ("en", "/back_to_bot")])
def test_a_request_in_progress_is_taken_up_where_it_was(
    assistant: Assistant, phones: Phones, language: str, wish: str
) -> None:
    talk = assistant.conversation("demo-m1-first", language)
    asked = talk("我想分12期还" if language == "zh" else "I want to pay in 12 instalments")
    assert talk.tracker.active_loop_name == "instalment_form"
    assert talk("/request_human").responses == ["utter_human_waiting"]
    assert talk.tracker.active_loop_name is None
    back = talk.go_on(wish)
    assert back.responses[0] == "utter_back_to_request"
    assert talk.tracker.active_loop_name == "instalment_form"
    assert back.responses[-1] == asked.responses[-1]
    assert talk.tracker.get_slot("term") == 12


def test_after_the_agent_hands_back_the_request_is_offered_once_and_not_pressed(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("我想分12期还")
    talk("转人工")
    talk("好的，就这样")  # said to the agent
    talk.told(ConversationResumed(), BotUttered("同事先谈到这里，接下来由我继续帮您。"))
    said = talk("现在要还多少")
    assert said.responses == ["utter_amount_due", "utter_request_from_before"]
    assert talk("你能做什么").responses == ["utter_help"]


def test_what_was_wished_in_words_to_an_agent_is_not_offered_by_the_assistant(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("转人工")
    talk("我想问违约金怎么算，另外帮我申请减免违约金")
    talk.told(ConversationResumed(), BotUttered("同事先谈到这里，接下来由我继续帮您。"))
    assert "utter_second_wish" not in talk("现在要还多少").responses


def test_the_assistant_does_not_repeat_an_agents_words_as_its_own(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m2")
    talk("转人工")
    agent = {"agent": {"id": 1, "name": "林"}, "message_id": "m"}
    talk.told(BotUttered("下周三前还一半就行", metadata=agent), ConversationResumed())
    assert "下周三" not in talk("再说一遍")


@LANGUAGES
def test_silence_lasts_over_a_day_and_a_new_session(assistant: Assistant, language: str, wish: str, place: str) -> None:
    talk = assistant.conversation("demo-m2", language)
    _waiting.append(talk.id)
    talk(wish)
    talk.a_day_passes()
    assert talk("在吗").messages == []
    assert silent(assistant, talk)


def test_a_reminder_does_not_break_the_silence_also_after_a_day(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m2")
    _waiting.append(talk.id)
    talk("转人工")
    assert assistant.remind(talk.id, "greet").messages == []
    talk.a_day_passes()
    assert assistant.remind(talk.id, "greet").messages == []
    assert silent(assistant, talk)


def test_a_complaint_is_on_record_with_its_reference_before_the_wait(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-m4")
    _waiting.append(talk.id)
    said = talk("你们催收天天给我家里打电话，我要投诉")
    assert said.responses == ["utter_complaint", "utter_complaint_waiting"]
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert recorded.reference is not None
    assert recorded.reference in said
    assert talk("快点").messages == []


@pytest.mark.parametrize(("words", "language"), [("我不想活了", "zh"), ("I don't want to live any more", "en")])
def test_care_comes_first_and_nothing_of_money_follows(
    assistant: Assistant, desk: HandoverStore, words: str, language: str
) -> None:
    talk = assistant.conversation("demo-m2", language)
    talk("我想分12期还" if language == "zh" else "I want to pay in 12 instalments")
    said = talk(words)
    assert said.responses[0].startswith("utter_care_")
    assert said.responses[1:] == ["utter_human_waiting_with_care"]
    recorded = desk.open_wish(talk.id)
    assert recorded is not None
    assert recorded.priority == "urgent"
    assert talk.go_on("/back_to_bot").responses == ["utter_care_listening"]


def test_who_wishes_to_be_called_does_not_wait_here(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-m2")
    assert talk("让客服给我打电话，给我打个电话").responses == ["utter_callback_when"]
    assert not silent(assistant, talk)
    desk.back_to_bot(talk.id)


def test_a_person_is_there_also_while_the_bank_is_down(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation("demo-m2")
    _waiting.append(talk.id)
    with bank_down():
        assert talk("转人工").responses == ["utter_human_waiting"]


@pytest.mark.parametrize(("words", "language"), [("不用人工了", "zh"), ("back to the bot", "en")])
def test_the_wish_to_go_on_with_the_assistant_is_answered_also_if_it_is_there(
    assistant: Assistant, words: str, language: str
) -> None:
    talk = assistant.conversation("demo-m2", language)
    assert talk(words).responses == ["utter_back_to_bot"]
