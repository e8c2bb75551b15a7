"""How it was: asked once, when the assistant has helped and the customer says thanks or goodbye, if nothing is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List

import pytest
import sqlalchemy as sa

from common.clock import BANK_ZONE
from common.database import Database
from common.rating import BY_ASSISTANT, rating_of
from common.settings import settings
from desk.client import DeskClient
from desk.store import HandoverStore, Wanted
from desk.tables import assistant_ratings, metadata
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

STARS = "utter_how_was_it"
BUTTONS = "utter_how_was_it_by_buttons"


def asked(talk: Conversation, words: str = "谢谢") -> bool:
    return STARS in talk(words).responses


def test_after_an_answer_and_thanks_it_is_asked_with_stars(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    said = talk("谢谢你")
    assert said.responses == ["utter_thank", STARS]
    assert said.messages[-1]["rating"] == "assistant"
    assert "buttons" not in said.messages[-1]


@pytest.mark.parametrize(
    ("language", "question", "goodbye"),
    [("zh", "最低还多少", "再见"), ("en", "what is the minimum payment", "goodbye")],
)
def test_after_an_answer_and_goodbye(assistant: Assistant, language: str, question: str, goodbye: str) -> None:
    talk = assistant.conversation("demo-m1-first", language)
    talk(question)
    assert talk(goodbye).responses == ["utter_goodbye", STARS]


def test_never_twice_in_one_conversation(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    assert asked(talk)
    talk("最低还款额是多少")
    assert not asked(talk)
    assert not asked(talk, "再见")


def test_another_day_is_another_conversation(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    assert asked(talk)
    talk.a_day_passes()
    talk("最低还款额是多少")
    assert asked(talk)


def test_visitors_are_asked_too(assistant: Assistant) -> None:
    talk = assistant.conversation()
    talk("逾期会坐牢吗")
    assert "utter_sign_in_needed" not in talk.last.responses
    assert asked(talk)


def test_not_where_nothing_was_asked_of_the_assistant(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    assert not asked(talk)
    assert not asked(talk, "再见")


def test_not_after_the_assistant_did_not_understand(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    talk("帮我订一张去上海的机票")
    assert talk.last.responses[0].startswith(("utter_out_of_scope", "utter_fallback"))
    assert not asked(talk)


def test_not_to_a_visitor_who_only_was_asked_to_sign_in(assistant: Assistant) -> None:
    talk = assistant.conversation()
    talk("我要还多少钱")
    assert talk.last.responses == ["utter_sign_in_needed"]
    assert not asked(talk)


def test_not_while_the_bank_cannot_be_reached(assistant: Assistant, bank_down: Outage) -> None:
    talk = assistant.conversation("demo-m1-first")
    with bank_down():
        talk("我要还多少钱")
        assert not asked(talk)


def test_not_while_a_request_is_open_and_once_it_is_filed(assistant: Assistant, phones: Phones) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("我答应这周五还")
    assert talk.tracker.active_loop_name == "promise_form"
    assert not asked(talk)
    talk("先不办了")
    assert talk.tracker.active_loop_name is None
    assert not asked(talk)  # it was dropped, and nothing came of it


def test_not_to_who_complained(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m2")
    talk("违约金怎么算的")
    talk("我要投诉你们的催收人员")
    assert not asked(talk)
    tomorrow = assistant.conversation("demo-m2")
    tomorrow("违约金怎么算的")
    assert not asked(tomorrow)  # the desk knows


def test_not_while_somebody_is_to_call_back(assistant: Assistant, desk: HandoverStore) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    wanted = Wanted("ask_late_fee", "asked_for", "normal")
    desk.record(talk.id, customer_id="demo-m1-first", language="zh", wanted=wanted)
    assert not asked(talk)
    desk.close(talk.id)
    assert asked(talk)


def test_not_to_who_wants_no_reminders(assistant: Assistant, bank: Any) -> None:
    before = bank.contact_preferences("demo-m4")
    bank.set_contact_preferences("demo-m4", before.copy(update={"reminders": False}), idempotency_key="quiet-please-1")
    talk = assistant.conversation("demo-m4")
    talk("违约金怎么算的")
    assert not asked(talk)


def test_not_in_distress(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-grace")
    talk("违约金怎么算的")
    talk("我不想活了")
    assert STARS not in talk("谢谢").responses


def test_not_where_the_desk_is_another_product(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "desk_provider", "chatwoot")
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    assert not asked(talk)


@pytest.fixture
def by_buttons(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """A conversation on a channel that has no stars."""
    monkeypatch.setattr("actions.how_was_it._WITH_STARS", ())
    talk = assistant.conversation("demo-m1-first")
    talk("违约金怎么算的")
    talk("谢谢")
    return talk


def kept(talk: Conversation) -> List[Dict[str, Any]]:
    database = Database(settings().store_url("desk"), metadata)
    with database.reading() as connection:
        mine = assistant_ratings.c.conversation_id == talk.id
        return [dict(row._mapping) for row in connection.execute(sa.select(assistant_ratings).where(mine))]


def test_elsewhere_buttons_take_the_answer_and_the_desk_has_it(by_buttons: Conversation) -> None:
    assert by_buttons.last.responses == ["utter_thank", BUTTONS]
    question = [event for event in by_buttons.tracker.events if rating_of(event.as_dict()) == BY_ASSISTANT][-1]
    titles = by_buttons.last.titles[-5:]
    said = by_buttons.press(titles[0])
    assert said.responses == ["utter_rated"]
    (row,) = kept(by_buttons)
    assert (row["stars"], row["asked_at"]) == (5, datetime.fromtimestamp(question.timestamp, BANK_ZONE))


def test_a_low_mark_is_answered_with_a_way_to_a_person_and_the_last_one_counts(by_buttons: Conversation) -> None:
    question = by_buttons.last
    by_buttons(question.payload("满意"))
    said = by_buttons(question.payload("很不满意"))
    assert said.responses == ["utter_rated_low"]
    assert "找人工" in said.titles
    assert [row["stars"] for row in kept(by_buttons)] == [1]


def test_a_mark_that_nobody_asked_for_is_not_kept(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    assert talk('/rate{"stars": "5"}').responses == ["utter_rating_over"]
    assert kept(talk) == []


def test_a_desk_that_takes_nothing_is_told(by_buttons: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr(DeskClient, "rate", fail)
    with by_buttons.errors_expected():
        assert by_buttons.press("满意").responses == ["utter_technical_problem"]
