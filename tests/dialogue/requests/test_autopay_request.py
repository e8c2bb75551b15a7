"""The automatic repayment set, changed and switched off in words and by buttons, in both languages."""

from __future__ import annotations

from typing import Iterator, List, Optional

import pytest

from bank.client import BankClient
from bank.models import AutoDebit, AutoDebitAmount, Card, Purpose
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m1-first", "demo-english"
ON = "demo-grace"  # whose bills are debited in full; the last debit failed
WORKING = ("order", "share", "account", "offer", "confirmed", "challenge", "proof", "receipt", "request_card")


def first_card(bank: BankClient, customer: str) -> Card:
    return bank.cards(customer)[0]


def debit(bank: BankClient, customer: str) -> AutoDebit:
    return bank.auto_debit(customer, first_card(bank, customer).id)


def left_open(talk: Conversation) -> List[str]:
    """What a request that is over has left behind."""
    kept = [slot for slot in WORKING if talk.tracker.get_slot(slot) is not None]
    return kept + ([talk.tracker.active_loop_name] if talk.tracker.active_loop_name else [])


def set_elsewhere(bank: BankClient, phones: Phones, customer: str, amount: Optional[AutoDebitAmount]) -> None:
    """As in the bank's own app."""
    card, now = first_card(bank, customer), debit(bank, customer)
    challenge = bank.challenge(customer, Purpose.SET_AUTO_DEBIT, card.id)
    proof = bank.check_challenge(customer, challenge.id, phones.code(customer)).token
    account = bank.debit_accounts(customer, card.id)[0].id
    bank.set_auto_debit(
        customer,
        card.id,
        enabled=amount is not None,
        amount=amount,
        account_id=account if amount else None,
        version=now.version,
        proof=proof,
        idempotency_key=f"elsewhere-{customer}-{now.version:08}",
    )


@pytest.fixture(autouse=True)
def _as_it_was(bank: BankClient, phones: Phones) -> Iterator[None]:
    yield
    for customer in (ZH, EN):
        if debit(bank, customer).enabled:
            set_elsewhere(bank, phones, customer, None)
    if debit(bank, ON).amount is not AutoDebitAmount.FULL:
        set_elsewhere(bank, phones, ON, AutoDebitAmount.FULL)


@pytest.mark.parametrize(
    ("customer", "language", "wish", "share", "yes"),
    [
        (ZH, "zh", "帮我开通自动还款", "扣全额吧", "确认"),
        (EN, "en", "Please set up autopay for my card", "the full amount", "yes, I confirm"),
    ],
)
def test_is_switched_on_in_words(
    assistant: Assistant,
    bank: BankClient,
    phones: Phones,
    customer: str,
    language: str,
    wish: str,
    share: str,
    yes: str,
) -> None:
    account = bank.debit_accounts(customer, first_card(bank, customer).id)[0]
    talk = assistant.conversation(customer, language)
    assert talk(wish).responses == ["utter_first_share"]
    assert talk(share).responses == ["utter_autopay_summary"]
    assert account.last4 in talk.last
    assert talk(yes).messages[-1]["expects"] == "code"
    assert not debit(bank, customer).enabled
    assert talk(phones.code(customer)).responses == ["utter_autopay_set"]
    made = debit(bank, customer)
    assert (made.enabled, made.amount, made.account_last4) == (True, AutoDebitAmount.FULL, account.last4)
    assert left_open(talk) == []
    assert talk("自动还款开了没" if language == "zh" else "is autopay on for my card?").responses == [
        "utter_autopay_on"
    ]


@pytest.mark.parametrize(
    ("language", "wish", "yes"),
    [("zh", "把自动扣款从全额改成最低", "确认"), ("en", "change autopay to the minimum", "yes")],
)
def test_the_sum_is_changed_and_the_account_stays(
    assistant: Assistant, bank: BankClient, phones: Phones, language: str, wish: str, yes: str
) -> None:
    before = debit(bank, ON)
    talk = assistant.conversation(ON, language)
    assert talk(wish).responses == ["utter_autopay_summary"]
    talk(yes)
    assert talk(phones.code(ON)).responses == ["utter_autopay_set"]
    after = debit(bank, ON)
    assert (after.amount, after.account_last4) == (AutoDebitAmount.MINIMUM, before.account_last4)
    assert left_open(talk) == []


@pytest.mark.parametrize(
    ("language", "show", "off", "yes"),
    [
        ("zh", "自动还款怎么没扣成", "关闭自动还款", "确认"),
        ("en", "why did my autopay fail", "Switch it off", "Yes, do it"),
    ],
)
def test_is_switched_off_by_buttons(
    assistant: Assistant, bank: BankClient, phones: Phones, language: str, show: str, off: str, yes: str
) -> None:
    talk = assistant.conversation(ON, language)
    assert talk(show).responses == ["utter_autopay_on"]
    assert talk.press(off).responses == ["utter_autopay_summary"]
    talk.press(yes)
    assert talk(phones.code(ON)).responses == ["utter_autopay_switched_off"]
    assert not debit(bank, ON).enabled
    assert left_open(talk) == []


def test_a_change_of_mind_at_the_confirmation(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = assistant.conversation(ZH)
    talk("开通自动还款，扣最低")
    assert talk.last.responses == ["utter_autopay_summary"]
    assert talk("还是扣全额吧").responses == ["utter_autopay_summary"]
    talk("确认")
    talk(phones.code(ZH))
    assert debit(bank, ZH).amount is AutoDebitAmount.FULL


def test_what_changed_at_the_bank_meanwhile_is_said_and_shown_anew(
    assistant: Assistant, bank: BankClient, phones: Phones
) -> None:
    talk = assistant.conversation(ON)
    talk("换一个扣款账户")
    talk("确认")
    set_elsewhere(bank, phones, ON, AutoDebitAmount.MINIMUM)
    talk("/resend_code")
    said = talk(phones.code(ON))
    assert said.responses == ["utter_changed_meanwhile", "utter_autopay_summary"]
    assert "最低还款额" in said
    talk("确认")
    assert talk(phones.code(ON)).responses == ["utter_autopay_set"]
    after = debit(bank, ON)
    assert after.amount is AutoDebitAmount.MINIMUM
    assert after.account_last4 == bank.debit_accounts(ON, first_card(bank, ON).id)[1].last4


def test_how_it_stands_and_why_it_failed_start_nothing(assistant: Assistant) -> None:
    talk = assistant.conversation(ON)
    for question in ("自动还款失败了", "几点扣款", "自动还款开没开"):
        assert talk(question).responses == ["utter_autopay_on"], question
        assert talk.tracker.active_loop_name is None


def test_a_question_and_the_bill_in_between(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我要开自动还款")
    assert talk("违约金怎么算的").responses[-1] == "utter_again_share"
    assert talk("为什么要问这个").responses == ["utter_why_share", "utter_again_share"]


def test_an_instalment_is_put_aside_for_it_and_taken_up_again(
    assistant: Assistant, bank: BankClient, phones: Phones
) -> None:
    talk = assistant.conversation(ZH)
    talk("我想分期，12期")
    assert talk("先帮我开通自动还款").responses == ["utter_request_left", "utter_first_share"]
    talk("最低")
    talk("确认")
    said = talk(phones.code(ZH))
    assert said.responses == ["utter_autopay_set", "utter_request_waiting"]
    assert talk.press("接着办").responses == ["utter_request_resumed", "utter_instalment_summary"]
    assert debit(bank, ZH).amount is AutoDebitAmount.MINIMUM


def test_it_is_put_aside_itself_and_taken_up_again(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("帮我开通自动还款，扣全额")
    talk("我想分期")
    assert [entry["form"] for entry in talk.tracker.get_slot("parked")] == ["autopay_form"]
    assert talk('/ask_autopay{"order": "go_on"}').responses[-2:] == ["utter_request_resumed", "utter_autopay_summary"]


@pytest.mark.parametrize(("customer", "language"), [(ZH, "zh"), (EN, "en")])
def test_the_bank_is_down_and_comes_back(assistant: Assistant, bank_down: Outage, customer: str, language: str) -> None:
    talk = assistant.conversation(customer, language)
    talk('/ask_autopay{"order": "on"}')
    with bank_down():
        assert talk('/inform{"share": "full"}').responses == ["utter_request_kept"]
    assert talk("/retry").responses == ["utter_autopay_summary"]


def test_a_visitor_is_invited_to_sign_in(assistant: Assistant) -> None:
    talk = assistant.conversation(None)
    assert talk("帮我开通自动还款").responses == ["utter_general_autopay"]
    assert left_open(talk) == []
