"""A yes counts once the offer could have been read, and not before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from actions.instalment import InstalmentRequest
from common import clock
from tests.test_actions.builders import quote
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import RequestBank

SECONDS = 15


class _Bank(RequestBank):
    def _quote(self, card_id: str, amount: object, terms: int) -> object:  # type: ignore[override]
        return super()._quote(card_id, amount, terms).copy(update={"reading_seconds": SECONDS})  # type: ignore[arg-type]


class _Watch:
    """The bank's clock, which the test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, 0, tzinfo=clock.BANK_ZONE)

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> _Watch:
    found = _Watch()
    monkeypatch.setattr(clock, "now", lambda: found.time)
    return found


def offered(language: str = "zh") -> FormTalk:
    talk = FormTalk(InstalmentRequest, _Bank(), language=language)
    talk.start()
    talk("inform", term="12")
    assert talk.requested == "confirmed"
    return talk


def test_a_yes_that_comes_too_soon_is_answered_with_the_time_that_is_left_and_files_nothing(watch: _Watch) -> None:
    talk = offered()
    watch.wait(4.2)
    said = talk("affirm", "确认")
    assert said.responses == ["utter_read_first"]
    assert "11 秒" in said
    assert talk.requested == "confirmed"
    assert talk.bank.count("challenge") == 0


def test_a_yes_after_the_reading_time_counts_whether_pressed_or_written(watch: _Watch) -> None:
    for pressed in (True, False):
        talk = offered("en")
        talk("affirm", "yes")
        watch.wait(SECONDS)
        entities = {"offer": talk.slots["offer"]["id"]} if pressed else {}
        assert talk("affirm", "yes", **entities).responses == ["utter_first_proof"]


def test_asking_something_else_meanwhile_does_not_start_the_time_again(watch: _Watch) -> None:
    talk = offered()
    watch.wait(10)
    said = talk.interrupt()
    assert [button.get("after") for button in said.messages[-1]["buttons"]][0] == "5"
    watch.wait(5)
    assert talk("affirm", "确认").responses == ["utter_first_proof"]


def test_another_term_is_read_anew(watch: _Watch) -> None:
    talk = offered()
    watch.wait(SECONDS)
    talk("inform", term="6")
    assert talk("affirm", "确认").responses == ["utter_read_first"]


def test_the_confirming_button_says_how_long_it_waits(watch: _Watch) -> None:
    talk = FormTalk(InstalmentRequest, _Bank())
    talk.start()
    said = talk("inform", term="12")
    assert [button.get("after") for button in said.messages[-1]["buttons"]] == [str(SECONDS), None, None]


def test_a_bank_without_a_reading_time_is_confirmed_at_once(watch: _Watch) -> None:
    assert quote().reading_seconds == 0
    talk = FormTalk(InstalmentRequest, RequestBank())
    talk.start()
    talk("inform", term="12")
    assert talk("affirm", "确认").responses == ["utter_first_proof"]
