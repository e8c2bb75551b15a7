"""How to be contacted, turn by turn, with a bank in memory."""

from __future__ import annotations

from typing import Any, List, Optional

import pytest

from actions.reminders_request import CONSENT_TEXT, RemindersRequest
from bank.calls.capabilities import OPERATIONS
from bank.models import Capabilities, ConsentPurpose
from tests.test_actions.builders import preferences
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import AnswerLost, RequestBank


def started(bank: Optional[RequestBank] = None, language: str = "zh", **entities: Any) -> FormTalk:
    talk = FormTalk(RemindersRequest, bank or RequestBank(), language=language)
    talk.start(**entities)
    return talk


def after(*wishes: str, **now: Any) -> Any:
    """The preferences once the wishes were confirmed."""
    bank = RequestBank(contact_preferences=preferences(**now))
    talk = started(bank, contact=list(wishes))
    talk("affirm", "确认")
    return bank.contact


@pytest.mark.parametrize(
    ("wishes", "channels"),
    [
        (["no_phone"], ["sms"]),
        (["no_phone", "email"], ["email", "sms"]),
        (["sms"], ["sms", "phone"]),
        (["only_email"], ["email"]),
        (["only_email", "email"], ["email"]),
        (["no_sms", "no_phone"], ["webchat"]),
    ],
)
def test_channels_that_are_not_named_stay_and_one_is_always_left(wishes: List[str], channels: List[str]) -> None:
    bank = RequestBank()
    talk = started(bank, contact=wishes)
    if talk.requested:
        talk("affirm", "确认")
    assert [each.value for each in bank.contact.channels] == channels


@pytest.mark.parametrize(
    ("hours", "held"),
    [
        ("18:00-", ("18:00", "21:00")),
        ("-18:00", ("09:00", "18:00")),
        ("10:00-17:00", ("10:00", "17:00")),
        ("06:00-23:00", ("08:00", "22:00")),
        ("21:30-", ("21:30", "22:00")),
        ("-08:30", ("08:00", "08:30")),
    ],
)
def test_hours_stay_within_the_day(hours: str, held: Any) -> None:
    found = after(hours)
    assert (f"{found.contact_from:%H:%M}", f"{found.contact_until:%H:%M}") == held


def test_hours_of_the_night_are_said_to_be_free_anyway() -> None:
    talk = FormTalk(RemindersRequest, RequestBank())
    said = talk.start(contact="22:00-")
    assert said.responses == ["utter_contact_night", "utter_first_contact"]


def test_a_stop_pauses_for_thirty_days_or_until_the_day_that_was_named() -> None:
    assert str(after("stop").paused_until) == "2026-12-21"
    bank = RequestBank()
    talk = started(bank, contact="stop", date="2026-12-31")
    talk("affirm", "确认")
    assert str(bank.contact.paused_until) == "2026-12-31"


def test_what_is_sent_all_the_same_is_said_before_the_yes_and_a_complaint_offered_after_it() -> None:
    bank = RequestBank()
    talk = FormTalk(RemindersRequest, bank)
    said = talk.start(contact="stop")
    assert "法律要求必须告诉您的内容" in said
    assert bank.count("set_contact_preferences") == 0
    said = talk("affirm", "确认")
    assert said.responses == ["utter_contact_set"]
    assert "投诉催收" in said.titles
    assert (talk.active, talk.entered) == (None, {})


def test_the_consent_to_reminders_is_recorded_with_its_wording() -> None:
    bank = RequestBank(contact_preferences=preferences(reminders=False))
    talk = started(bank, "en", contact="reminders_on")
    talk("affirm", "yes")
    (given,) = [arguments for operation, arguments in bank.calls if operation == "record_consent"]
    assert (given["purpose"], given["given"]) == (ConsentPurpose.REMINDERS, True)
    assert (given["text_version"], given["language"]) == (CONSENT_TEXT, "en")


def test_no_consent_is_recorded_for_what_needs_none() -> None:
    bank = RequestBank()
    talk = started(bank, contact="no_phone")
    talk("affirm", "确认")
    assert bank.count("record_consent") == 0


def test_another_wish_at_the_confirmation_is_added_and_the_later_one_counts() -> None:
    bank = RequestBank()
    talk = started(bank, contact="no_phone")
    talk("manage_reminders", contact="reminders_off")
    talk("manage_reminders", contact="phone")
    talk("affirm", "确认")
    assert [each.value for each in bank.contact.channels] == ["phone", "sms"]
    assert bank.contact.reminders is False


def test_what_holds_already_is_said_and_nothing_set() -> None:
    talk = FormTalk(RemindersRequest, RequestBank())
    assert talk.start(contact="reminders_on").responses == ["utter_contact_as_before"]
    assert (talk.active, talk.entered) == (None, {})


def test_without_a_wish_it_asks_and_takes_a_button() -> None:
    talk = started(contact="ask")
    assert talk.requested == "contact"
    assert talk("inform", contact="no_phone").responses == ["utter_reminders_summary"]


def test_a_no_changes_nothing() -> None:
    bank = RequestBank()
    talk = started(bank, contact="no_phone")
    assert talk("deny").responses == ["utter_reminders_declined"]
    assert bank.contact == preferences()


def test_changed_under_ones_feet_is_said_and_shown_anew() -> None:
    bank = RequestBank()
    talk = started(bank, contact="no_phone")
    bank.contact = bank.contact.copy(update={"reminders": False, "version": 2})
    said = talk("affirm", "确认")
    assert said.responses == ["utter_changed_meanwhile", "utter_reminders_summary"]
    talk("affirm", "确认")
    assert (bank.contact.reminders, bank.contact.version) == (False, 3)


def test_an_answer_that_is_lost_sets_it_once() -> None:
    bank = RequestBank()
    talk = started(bank, contact="reminders_off")
    bank.fail("set_contact_preferences", AnswerLost())
    assert talk("affirm", "确认").responses == ["utter_filing_unclear"]
    assert talk("retry").responses == ["utter_contact_set"]
    assert bank.contact.version == 2
    assert bank.count("record_consent") == 1


def test_made_up_wishes_are_not_taken() -> None:
    talk = started(contact=["no_pigeon", "-", "18:00"])
    assert talk.requested == "contact"
    assert talk.slots["contact"] is None


def test_the_bank_is_down_and_comes_back() -> None:
    bank = RequestBank()
    bank.down = True
    talk = FormTalk(RemindersRequest, bank)
    assert talk.start(contact="no_phone").responses == ["utter_request_kept"]
    bank.down = False
    assert talk("retry").responses == ["utter_reminders_summary"]


def test_a_bank_that_takes_none_gets_the_answer_instead() -> None:
    offered = [each for each in OPERATIONS if each != "set_contact_preferences"]
    talk = FormTalk(RemindersRequest, RequestBank(capabilities=Capabilities(contract="1.1", operations=offered)))
    assert talk.start(contact="no_phone").responses == ["utter_reminders"]
    assert talk.active is None
