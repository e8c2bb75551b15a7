"""“A person, please.”"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, List, Optional

import pytest
from rasa_sdk import Tracker

from actions.human import ActionHuman
from common import clock
from common.settings import settings
from desk.client import DeskClient, DeskError
from desk.conversations import find
from desk.store import HandoverStore
from tests.test_actions.builders import DownBank
from tests.test_actions.talk import Said, ask, bot, user


@pytest.fixture
def store(tmp_path: Path) -> HandoverStore:
    return HandoverStore(f"sqlite:///{tmp_path / 'desk.db'}")


def human(store: HandoverStore, before: Optional[List[Any]] = None, **how: Any) -> Said:
    # The bank is down in all of these: asking for a person must not need it.
    action = ActionHuman(DownBank(), DeskClient(store))  # type: ignore[arg-type]
    return ask(action, intent="request_human", before=before, **how)


def test_the_wish_is_recorded_and_the_customer_told_what_that_means(store: HandoverStore) -> None:
    said = human(store, [user("还不上了", "report_hardship"), bot("…")])
    wish = store.open_wish("web-test")
    assert wish is not None
    assert (wish.customer_id, wish.language, wish.reason) == ("c-1", "zh", "report_hardship")
    assert said.responses == ["utter_human_recorded"]
    assert f"11月21日 周六 {wish.created_at:%H:%M}" in said.first
    assert "（09:00–21:00）" in said.first
    assert "要等多久我说不准" in said.first
    assert "可以继续问我" in said.first


@pytest.mark.parametrize(("language", "words"), [("zh", "不用再提交一次"), ("en", "no need to ask again")])
def test_asking_again_says_so_and_records_nothing_new(store: HandoverStore, language: str, words: str) -> None:
    human(store)
    first = store.open_wish("web-test")
    said = human(store, language=language)
    assert said.responses == ["utter_human_already"]
    assert words in said.first
    assert store.open_wish("web-test") == first


def test_a_visitor_gets_a_person_too(store: HandoverStore) -> None:
    human(store, signed_in=False, language="en")
    wish = store.open_wish("web-test")
    assert wish is not None
    assert (wish.customer_id, wish.language) == (None, "en")


def test_the_language_is_that_of_the_last_written_message(store: HandoverStore) -> None:
    human(store, [user("hello", "greet", written="en")], language="zh")
    wish = store.open_wish("web-test")
    assert wish is not None
    assert wish.language == "en"


@pytest.mark.parametrize(
    ("intents", "reason"),
    [
        ([], "request_human"),
        (["complain_collection", "affirm"], "complain_collection"),
        (["ask_late_fee", "nlu_fallback"], "nlu_fallback"),
        (["greet", "thank"], "request_human"),
        (["dispute_charge", "request_human"], "dispute_charge"),
    ],
)
def test_the_reason_is_what_it_was_about(store: HandoverStore, intents: List[str], reason: str) -> None:
    human(store, [user("…", intent) for intent in intents])
    wish = store.open_wish("web-test")
    assert wish is not None
    assert wish.reason == reason


def test_a_wish_that_could_not_be_recorded_is_not_claimed_to_be() -> None:
    class Broken:
        def record(self, *_: Any, **__: Any) -> Any:
            raise DeskError("the desk's database failed")

    said = ask(ActionHuman(DownBank(), DeskClient(Broken())))  # type: ignore[arg-type]
    assert said.responses == ["utter_technical_problem"]
    assert said.slot("failed_action") == "action_human"


@pytest.mark.parametrize(("hour", "zh"), [(10, "现在是人工服务时间"), (23, "现在不在人工服务时间")])
def test_says_whether_people_are_on_duty(
    store: HandoverStore, hour: int, zh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 21, hour, 30, tzinfo=clock.BANK_ZONE))
    assert zh in human(store).first


@pytest.mark.parametrize(
    ("people", "channel", "state"),
    [
        ("wecom", "wecom", "elsewhere"),
        ("wecom", "webchat", "later"),
        ("wecom", "wechat", "later"),
        ("desk", "wecom", "later"),
    ],
)
def test_where_the_service_has_people_of_its_own_its_customers_get_these(
    store: HandoverStore, monkeypatch: pytest.MonkeyPatch, people: str, channel: str, state: str
) -> None:
    monkeypatch.setattr("desk.store.calendar.is_open", lambda _: True)
    monkeypatch.setattr(settings(), "wecom_people", people)
    monkeypatch.setattr(Tracker, "get_latest_input_channel", lambda _: channel)
    said = human(store)
    assert _state(store) == state
    assert said.responses == ["utter_human_waiting" if state == "elsewhere" else "utter_human_recorded"]
    assert [event["event"] for event in said.events if event["event"] == "pause"] == (
        ["pause"] if state == "elsewhere" else []
    )


def _state(store: HandoverStore) -> str:
    with store._database.reading() as connection:
        found = find(connection, "web-test")
        assert found is not None
        return str(found.state)
