"""Why a person takes over: the table, applied."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, cast

import pytest

from actions.care import ActionInDistress
from actions.handover import callback_window, table
from actions.hardship import ActionHardship
from actions.human import ActionComplaint, ActionHuman
from actions.overdue import ActionOverdueHelp
from bank.client import BankClient
from common import clock
from desk.client import DeskClient
from desk.store import PRIORITIES, HandoverStore, HandoverWish
from tests.test_actions.builders import DownBank, StubBank, summary
from tests.test_actions.talk import Said, ask, bot, domain, user


class Accounts:
    """A bank that tells of cards alone: (days past due, yuan to pay)."""

    def __init__(self, *cards: Any) -> None:
        self._cards = [SimpleNamespace(days_past_due=days, amount_due=Decimal(due)) for days, due in cards]

    def cards(self, customer_id: str) -> List[Any]:
        return self._cards

    def capabilities(self) -> Any:
        return DownBank().capabilities()


@pytest.fixture
def store(tmp_path: Path) -> HandoverStore:
    return HandoverStore(f"sqlite:///{tmp_path / 'desk.db'}")


def said_as(response: str) -> Dict[str, Any]:
    return {**bot("…"), "metadata": {"utter_action": response}}


def wish(store: HandoverStore, *before: Dict[str, Any], bank: Any = None, **how: Any) -> HandoverWish:
    """What is at the desk after the customer asked for a person."""
    ask(
        ActionHuman(cast(BankClient, bank or DownBank()), DeskClient(store)),
        intent="request_human",
        before=list(before),
        **how,
    )
    found = store.open_wish("web-test")
    assert found is not None
    return found


def test_the_table_names_known_priorities_intents_and_responses() -> None:
    responses = domain().responses
    for row in table().triggers.values():
        assert row.priority in PRIORITIES
        assert [topic for topic in row.topics if topic not in [*domain().intents, "nlu_fallback"]] == []
        assert [name for name in row.after if not name.endswith("*") and name not in responses] == []


def test_the_most_pressing_rows_come_first_in_the_table() -> None:
    ranks = [PRIORITIES.index(row.priority) for row in table().triggers.values()]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("topic", "said", "trigger", "priority"),
    [
        ("request_human", "utter_greet", "asked_for", "normal"),
        ("nlu_fallback", "utter_fallback_human", "not_understood", "normal"),
        ("request_instalment", "utter_missed_term", "not_understood", "normal"),
        ("ask_legal_consequence", "utter_legal", "law", "normal"),
        ("complain_collection", "utter_complaint", "complaint", "high"),
        ("dispute_charge", "utter_dispute", "dispute", "high"),
        ("request_instalment", "utter_negotiation_failed", "negotiation_failed", "high"),
        ("ask_amount_due", "utter_bank_unavailable_again", "bank_unavailable", "high"),
        ("ask_amount_due", "utter_request_kept_again", "bank_unavailable", "high"),
        ("ask_amount_due", "utter_bank_unavailable", "asked_for", "normal"),
        ("out_of_scope", "utter_anger_calm", "anger", "normal"),
    ],
)
def test_each_row_is_recorded_with_its_priority(
    store: HandoverStore, topic: str, said: str, trigger: str, priority: str
) -> None:
    found = wish(store, user("…", topic), said_as(said))
    assert (found.trigger, found.priority) == (trigger, priority)


@pytest.mark.parametrize(
    ("cards", "trigger"),
    [
        ([(90, "100.00")], "asked_for"),
        ([(91, "100.00")], "long_overdue"),
        ([(0, "0.00"), (120, "1.00")], "long_overdue"),
        ([(5, "50000.00")], "asked_for"),
        ([(5, "50000.01")], "large_amount"),
        ([(5, "30000.00"), (0, "30000.00")], "large_amount"),
    ],
)
def test_how_long_and_how_much_count(store: HandoverStore, cards: List[Any], trigger: str) -> None:
    assert wish(store, bank=Accounts(*cards)).trigger == trigger


def test_a_visitor_s_accounts_are_not_looked_at(store: HandoverStore) -> None:
    assert wish(store, bank=Accounts((120, "1.00")), signed_in=False).trigger == "asked_for"


def test_the_first_row_that_applies_counts(store: HandoverStore) -> None:
    found = wish(store, user("…", "complain_collection"), said_as("utter_legal"), bank=Accounts((120, "1.00")))
    assert found.trigger == "complaint"


def complain(store: HandoverStore, **how: Any) -> Said:
    return ask(ActionComplaint(DownBank(), DeskClient(store)), intent="complain_collection", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_complaint_is_at_the_desk_at_once_and_its_reference_is_told(store: HandoverStore, language: str) -> None:
    said = complain(store, language=language)
    found = store.open_wish("web-test")
    assert found is not None
    assert (found.trigger, found.priority, found.reason) == ("complaint", "high", "complain_collection")
    assert found.reference is not None
    assert found.reference in said.first


def test_a_visitor_s_complaint_is_taken_too(store: HandoverStore) -> None:
    assert "H-" in complain(store, signed_in=False).first


def test_complaining_again_keeps_the_reference(store: HandoverStore) -> None:
    assert complain(store).first == complain(store).first


def at(monkeypatch: pytest.MonkeyPatch, hour: int, minute: int = 30) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 21, hour, minute, tzinfo=clock.BANK_ZONE))


@pytest.mark.parametrize(("hour", "day"), [(3, 21), (23, 22)])
def test_outside_service_hours_it_says_when_and_takes_a_wish_to_be_called(
    store: HandoverStore, hour: int, day: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, hour)
    said = human(store)
    assert f"11月{day}日" in said.first
    assert "09:00 开始处理" in said.first
    assert "请给我回电" in said.titles


def test_within_service_hours_no_call_is_offered(store: HandoverStore, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 10)
    assert "请给我回电" not in human(store).titles


def human(store: HandoverStore, **how: Any) -> Said:
    return ask(ActionHuman(DownBank(), DeskClient(store)), intent="request_human", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "entities"),
    [("", {"callback": "ask"}), ("", {"callback": "hacked"}), ("请给我回电话", {}), ("please call me back", {})],
)
def test_whoever_wants_a_call_is_asked_when(store: HandoverStore, text: str, entities: Dict[str, str]) -> None:
    said = human(store, text=text, entities=entities)
    assert said.responses == ["utter_callback_when"]
    assert len(said.payloads) == len(table().callbacks)
    assert store.open_wish("web-test") is not None


@pytest.mark.parametrize(
    ("window", "hour", "start", "end"),
    [
        ("morning", 8, (21, 9), (21, 12)),
        ("morning", 10, (22, 9), (22, 12)),
        ("afternoon", 10, (21, 13), (21, 18)),
        ("evening", 20, (22, 18), (22, 20)),
    ],
)
def test_the_window_that_comes_next_is_noted(
    store: HandoverStore, window: str, hour: int, start: Any, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, hour)
    said = human(store, entities={"callback": window})
    assert said.responses == ["utter_callback_noted"]
    found = store.open_wish("web-test")
    assert found is not None
    assert found.callback_from is not None
    assert found.callback_until is not None
    assert (found.callback_from.day, found.callback_from.hour) == start
    assert (found.callback_until.day, found.callback_until.hour) == end
    assert f"11月{start[0]}日" in said.first


def test_a_visitor_who_wants_a_call_signs_in_first_and_the_wish_is_kept(store: HandoverStore) -> None:
    said = human(store, entities={"callback": "morning"}, signed_in=False)
    assert said.responses == ["utter_sign_in_needed"]
    found = store.open_wish("web-test")
    assert found is not None
    assert found.callback_from is None


def test_nobody_is_called_at_night() -> None:
    for start, end in table().callbacks.values():
        assert 8 <= start.hour < end.hour < 22


def test_an_unknown_window_is_none() -> None:
    assert callback_window("midnight") is None


def test_after_care_a_person_is_announced_without_a_word_of_money(store: HandoverStore) -> None:
    ask(ActionInDistress(DownBank(), DeskClient(store)), intent="in_distress")  # type: ignore[arg-type]
    said = human(store)
    assert said.responses == ["utter_human_with_care"]
    assert "12356" in said.first
    assert not {"/ask_amount_due", "/overdue_help"} & set(said.payloads)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("action", [ActionOverdueHelp, ActionHardship])
def test_a_large_sum_brings_the_offer_of_a_person_once(action: Any, language: str) -> None:
    large = StubBank("overdue_first", overdue=summary("overdue_first").copy(update={"total": Decimal("50000.01")}))
    first = ask(action, large, language=language)
    assert first.responses[-1] == "utter_handover_offer"
    assert first.payloads[-1] == "/request_human"
    again = ask(action, large, language=language, before=[user("…"), said_as("utter_handover_offer")])
    assert "utter_handover_offer" not in again.responses


def test_a_usual_sum_brings_no_such_offer() -> None:
    assert "utter_handover_offer" not in ask(ActionOverdueHelp, StubBank("overdue_first")).responses


def _offered(offer_id: str, terms: int) -> Dict[str, Any]:
    values = {"terms": terms, "per_term": {"money": "670.00"}, "last4": "1234"}
    return {"event": "slot", "name": "offer", "value": {"id": offer_id, "values": values}}


def _uttered(response: str) -> Dict[str, Any]:
    return {"event": "bot", "text": "", "data": {}, "metadata": {"utter_action": response}}


def test_who_takes_over_learns_what_was_said_and_turned_down(tmp_path: Path) -> None:
    desk = HandoverStore(f"sqlite:///{tmp_path / 'notes.db'}")
    before = [
        {"event": "active_loop", "name": "instalment_form"},
        _offered("q-6", 6),
        _uttered("utter_term_declined"),
        {"event": "slot", "name": "offer", "value": None},
        _uttered("utter_term_declined"),  # nothing was on the table
        _offered("q-12", 12),
        _uttered("utter_instalment_declined"),
        _uttered("utter_negotiation_failed"),  # the same again
    ]
    ask(
        ActionHuman(cast(BankClient, Accounts()), DeskClient(desk)), before=before, slots={"monthly_capacity": "400.00"}
    )
    wish = desk.open_wish("web-test")
    assert wish is not None
    assert wish.notes == {
        "monthly_capacity": "400.00",
        "turned_down": [
            {"request": "instalment", "terms": 6, "per_term": "670.00", "last4": "1234"},
            {"request": "instalment", "terms": 12, "per_term": "670.00", "last4": "1234"},
        ],
    }
