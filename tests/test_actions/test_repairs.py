"""Stop and try again, outside a request; inside one see the requests' own tests."""

from __future__ import annotations

from actions.repairs import ActionLooseAffirm, ActionLooseDeny, ActionRetry, ActionStop
from tests.test_actions.builders import StubBank
from tests.test_actions.talk import ask


def followed_by(events: list[dict[str, object]]) -> object:
    return next((event["name"] for event in events if event["event"] == "followup"), None)


def test_try_again_runs_what_failed_once() -> None:
    said = ask(ActionRetry, StubBank(), slots={"failed_action": "action_amount_due"})
    assert followed_by(said.events) == "action_amount_due"
    assert said.slot("failed_action") is None
    assert said.messages == []


def test_try_again_with_nothing_to_try_offers_what_can_be_done() -> None:
    said = ask(ActionRetry, StubBank())
    assert said.responses == ["utter_nothing_to_retry"]
    assert said.payloads


def test_stop_with_nothing_in_progress_says_so() -> None:
    assert ask(ActionStop, StubBank()).responses == ["utter_nothing_to_stop"]


def test_stop_forgets_a_request_that_was_put_aside() -> None:
    parked = [{"form": "instalment_form", "slots": {"amount": "3000.00"}}]
    assert ask(ActionStop, StubBank(), slots={"parked": parked}).slot("parked") is None


PARKED = [{"form": "deferral_form", "slots": {}}, {"form": "instalment_form", "slots": {"amount": "3000.00"}}]


def test_a_yes_goes_on_with_what_was_put_aside_last() -> None:
    said = ask(ActionLooseAffirm, StubBank(), slots={"parked": PARKED})
    assert followed_by(said.events) == "instalment_form"
    assert said.messages == []


def test_a_yes_to_nothing_asks_what_to_do() -> None:
    said = ask(ActionLooseAffirm, StubBank())
    assert said.responses == ["utter_loose_affirm"]
    assert followed_by(said.events) is None


def test_a_no_forgets_what_was_put_aside() -> None:
    said = ask(ActionLooseDeny, StubBank(), slots={"parked": PARKED})
    assert said.responses == ["utter_loose_deny"]
    assert said.slot("parked") is None
