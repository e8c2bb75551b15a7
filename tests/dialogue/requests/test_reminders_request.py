"""How to be contacted, set in words and by buttons, and "stop contacting me", in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Iterator, List

import pytest

from bank.client import BankClient
from bank.models import ConsentPurpose, ContactChannel, ContactPreferences
from common import clock
from desk.store import HandoverStore
from tests.dialogue.conftest import Outage
from tests.dialogue.figures import on
from tests.dialogue.harness import Assistant, Conversation

ZH, EN = "demo-m2", "demo-english"
WORKING = ("contact", "offer", "confirmed", "idempotency_key", "receipt", "misses")


@pytest.fixture(autouse=True)
def _as_it_was(bank: BankClient) -> Iterator[None]:
    before = {customer: bank.contact_preferences(customer) for customer in (ZH, EN)}
    yield
    for customer, wanted in before.items():
        now = bank.contact_preferences(customer)
        if now.version != wanted.version:
            back = wanted.copy(update={"version": now.version})
            bank.set_contact_preferences(customer, back, idempotency_key=f"back-{customer}-{now.version:08}")


def left_open(talk: Conversation) -> List[str]:
    kept = [slot for slot in WORKING if talk.tracker.get_slot(slot)]
    return kept + ([talk.tracker.active_loop_name] if talk.tracker.active_loop_name else [])


def set_as(bank: BankClient, customer: str) -> ContactPreferences:
    return bank.contact_preferences(customer)


@pytest.mark.parametrize(
    ("customer", "language", "wish", "yes"),
    [
        (ZH, "zh", "不要打电话，发短信", "确认"),
        (ZH, "zh", "别再给我打电话了", "确认"),
        (EN, "en", "no calls, text me", "yes, I confirm"),
        (EN, "en", "stop calling me", "yes"),
    ],
)
def test_no_calls_any_more(
    assistant: Assistant, bank: BankClient, customer: str, language: str, wish: str, yes: str
) -> None:
    before = set_as(bank, customer)
    talk = assistant.conversation(customer, language)
    assert talk(wish).responses == ["utter_reminders_summary"]
    assert set_as(bank, customer) == before
    assert talk(yes).responses == ["utter_contact_set"]
    after = set_as(bank, customer)
    assert set(after.channels) == set(before.channels) - {ContactChannel.PHONE}
    assert (after.reminders, after.contact_from, after.paused_until) == (before.reminders, before.contact_from, None)
    assert left_open(talk) == []


@pytest.mark.parametrize(
    ("customer", "language", "wish", "remains", "yes", "complain"),
    [
        (ZH, "zh", "别再联系我了", "法律要求必须告诉您的内容，仍会发给您", "确认", "投诉催收"),
        (EN, "en", "stop contacting me", "What the law requires", "Yes, do it", "Make a complaint"),
    ],
)
def test_stop_contacting_me_is_done_after_one_yes_and_a_complaint_offered(
    assistant: Assistant,
    bank: BankClient,
    desk: HandoverStore,
    customer: str,
    language: str,
    wish: str,
    remains: str,
    yes: str,
    complain: str,
) -> None:
    until = clock.today() + timedelta(days=30)
    talk = assistant.conversation(customer, language)
    said = talk(wish)
    assert remains in said
    assert on(until, language) in said
    talk.press("确认" if language == "zh" else yes)
    assert set_as(bank, customer).paused_until == until
    assert left_open(talk) == []
    assert talk.press(complain).responses == ["utter_complaint"]


@pytest.mark.parametrize(
    ("customer", "language", "wish", "yes", "given"),
    [(ZH, "zh", "把还款提醒关掉", "确认", False), (EN, "en", "turn off the reminders", "yes", False)],
)
def test_the_consent_to_reminders_is_recorded(
    assistant: Assistant, bank: BankClient, customer: str, language: str, wish: str, yes: str, given: bool
) -> None:
    talk = assistant.conversation(customer, language)
    talk(wish)
    talk(yes)
    assert set_as(bank, customer).reminders is given
    newest = bank.consents(customer)[0]
    assert (newest.purpose, newest.given, newest.language) == (ConsentPurpose.REMINDERS, given, language)
    assert newest.text_version


def test_hours_in_words(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    assert talk("通知我请在晚上六点以后").responses == ["utter_reminders_summary"]
    talk("确认")
    assert f"{set_as(bank, ZH).contact_from:%H:%M}" == "18:00"


def test_one_thing_after_the_other_before_the_yes(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("不要给我发短信了")
    assert talk("电话也别打了").responses == ["utter_reminders_summary"]
    talk("确认")
    assert {ContactChannel.SMS, ContactChannel.PHONE}.isdisjoint(set_as(bank, ZH).channels)


def test_how_it_stands_first_and_a_button_to_change_it(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    assert talk("怎么没有人提醒我还款").responses == ["utter_reminders"]
    assert talk.press("改联系方式").responses == ["utter_first_contact"]
    assert talk.press("只发短信").responses == ["utter_reminders_summary"]
    assert talk("算了").responses == ["utter_stopped"]
    assert left_open(talk) == []


def test_a_no_changes_nothing(assistant: Assistant, bank: BankClient) -> None:
    before = set_as(bank, EN)
    talk = assistant.conversation(EN, "en")
    talk("turn off the reminders")
    assert talk("no, leave it").responses == ["utter_reminders_declined"]
    talk.press("Stop here")
    assert set_as(bank, EN) == before
    assert left_open(talk) == []


def test_what_changed_meanwhile_is_said_and_shown_anew(assistant: Assistant, bank: BankClient) -> None:
    talk = assistant.conversation(ZH)
    talk("别再给我打电话了")
    now = set_as(bank, ZH)
    elsewhere = now.copy(update={"reminders": False})
    bank.set_contact_preferences(ZH, elsewhere, idempotency_key=f"elsewhere-{now.version:012}")
    assert talk("确认").responses == ["utter_changed_meanwhile", "utter_reminders_summary"]
    talk("确认")
    after = set_as(bank, ZH)
    assert (after.reminders, ContactChannel.PHONE in after.channels) == (False, False)


def test_calls_to_others_are_a_complaint(assistant: Assistant) -> None:
    assert assistant.conversation(ZH)("你们别再给我老婆打电话了").responses == ["utter_complaint"]


def test_a_stranger_who_is_called_complains_without_an_account(assistant: Assistant) -> None:
    talk = assistant.conversation(None)
    assert talk("打错了，别再打电话给我").responses == ["utter_complaint"]
    assert left_open(talk) == []


@pytest.mark.parametrize(("customer", "language"), [(ZH, "zh"), (EN, "en")])
def test_the_bank_is_down_and_comes_back(assistant: Assistant, bank_down: Outage, customer: str, language: str) -> None:
    talk = assistant.conversation(customer, language)
    with bank_down():
        assert talk('/manage_reminders{"contact": "no_phone"}').responses == ["utter_request_kept"]
    assert talk("/retry").responses == ["utter_reminders_summary"]
