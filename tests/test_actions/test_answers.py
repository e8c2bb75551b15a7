"""What is true of every answer, whatever it is about."""

from __future__ import annotations

from typing import Any, List, Tuple, Type

import pytest

from actions.amounts import ActionAmountDue
from actions.autopay import ActionAutopay
from actions.base import BankAction
from actions.card_status import ActionCardStatus
from actions.cards import CardAction
from actions.compare import ActionCompareWays
from actions.credit import ActionCreditImpact
from actions.dates import ActionDueDate
from actions.dispute import ActionDispute
from actions.documents import ActionDocument
from actions.fees import ActionLateFee
from actions.grace import ActionGracePeriod
from actions.hardship import ActionHardship
from actions.legal import ActionLegalConsequence
from actions.minimum import ActionMinimumPayment
from actions.negotiation import ActionNegotiate
from actions.overdue import ActionOverdueHelp
from actions.payments import ActionPaymentMade
from actions.promise import ActionPromiseToPay
from actions.reminders import ActionReminders
from actions.repayment import ActionRepaymentChannels
from actions.waiver import ActionFeeWaiver
from bank.errors import BankContractBroken, BankError, BankTimeout, BankUnavailable, NotEligibleReason, NotFound
from tests.test_actions.builders import (
    SITUATIONS,
    DownBank,
    StubBank,
    card,
    not_eligible,
    summary,
    two_cards,
)
from tests.test_actions.talk import Said, ask

ANSWERS: List[Type[CardAction]] = [
    ActionAmountDue,
    ActionAutopay,
    ActionCardStatus,
    ActionCreditImpact,
    ActionDispute,
    ActionDocument,
    ActionDueDate,
    ActionFeeWaiver,
    ActionGracePeriod,
    ActionHardship,
    ActionLateFee,
    ActionLegalConsequence,
    ActionMinimumPayment,
    ActionOverdueHelp,
    ActionPaymentMade,
    ActionPromiseToPay,
    ActionReminders,
    ActionRepaymentChannels,
]
LANGUAGES = ("zh", "en")
_SWITCHED = ("尾号 5678", "Card ending 5678")


def every(actions: List[Type[CardAction]] = ANSWERS) -> Any:
    return pytest.mark.parametrize("action", actions, ids=lambda action: action.__name__)


def assert_fit_to_read(said: Said) -> None:
    """One message, no gap in it, few buttons; after it at most the offer of a person."""
    assert len(said.messages) == 1 or said.responses[1:] == ["utter_handover_offer"]
    assert said.first
    assert "—" not in said.text.replace("——", "")
    assert "{" not in said.text
    assert "None" not in said.text
    for message in said.messages:
        titles = [button["title"] for button in message.get("buttons") or []]
        assert 1 <= len(titles) <= 6
        assert len(set(titles)) == len(titles)


@every()
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_answers_whatever_the_situation(action: Type[CardAction], situation: str, language: str) -> None:
    assert_fit_to_read(ask(action, StubBank(situation), language=language))


@every()
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_answers_where_the_bank_gives_no_grace_and_no_cap(
    action: Type[CardAction], situation: str, language: str
) -> None:
    told = summary(situation)
    strict = told.copy(
        update={"grace_days": 0, "grace_ends_on": told.due_date, "late_fee_cap": None, "interest_basis": "unpaid_part"}
    )
    assert_fit_to_read(ask(action, StubBank(situation, overdue=strict), language=language))


@every()
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_on_its_way_and_a_dispute_fit_in(action: Type[CardAction], language: str) -> None:
    told = summary("overdue_first", pending_payments="300.00", disputed="88.00", paid_since="50.00", other_fees="0.00")
    assert_fit_to_read(ask(action, StubBank(overdue=told), language=language))


@every()
@pytest.mark.parametrize("language", LANGUAGES)
def test_with_two_cards_speaks_of_the_overdue_one_and_offers_the_other(action: Type[CardAction], language: str) -> None:
    said = ask(action, two_cards("overdue_again", "due"), language=language)
    assert_fit_to_read(said)
    assert "1234" in said.text
    assert said.slot("card") == "1234"
    if action is not ActionLegalConsequence:  # it is hardly about the card
        assert any(title.endswith(_SWITCHED) for title in said.titles)


@every()
def test_speaks_of_the_card_that_is_named(action: Type[CardAction]) -> None:
    said = ask(action, two_cards("overdue_again", "due"), entities={"card": "5678"})
    assert said.slot("card") == "5678"
    assert_fit_to_read(said)


@every()
def test_the_other_cards_button_asks_the_same_about_that_card(action: Type[CardAction]) -> None:
    said = ask(action, two_cards("overdue_again", "due"), entities={"card": "5678"})
    for title, payload in zip(said.titles, said.payloads, strict=True):
        if title.endswith("尾号 1234"):
            assert payload in (f'/{action.intent}{{"card": "1234"}}', '/ask_amount_due{"card": "1234"}')
            return
    assert action is ActionLegalConsequence


@every([action for action in ANSWERS if action is not ActionAmountDue])
def test_remembers_the_card_of_the_conversation(action: Type[CardAction]) -> None:
    said = ask(action, two_cards("overdue_again", "due"), slots={"card": "5678"})
    assert said.slot("card") == "5678"


@every()
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_that_is_not_the_customers_is_not_found(action: Type[CardAction], language: str) -> None:
    said = ask(action, two_cards(), entities={"card": "9999"}, language=language)
    assert said.responses == ["utter_card_unknown"]
    assert f'/{action.intent}{{"card": "5678"}}' in said.payloads
    assert said.slot("card") is None


@every()
def test_a_customer_without_a_card_is_told_so(action: Type[CardAction]) -> None:
    said = ask(action, StubBank(cards=[]))
    assert said.responses == ["utter_no_card"]
    assert "/request_human" in said.payloads


@every()
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_without_a_bill_yet_has_nothing_to_pay(action: Type[CardAction], language: str) -> None:
    none_yet = NotFound("GET …", "not-found", 404)
    said = ask(
        action, StubBank("clear", overdue=none_yet, statement=none_yet, credit_report=none_yet), language=language
    )
    assert said.responses == ["utter_no_bill"]
    assert_fit_to_read(said)


_FAILURES: List[Tuple[str, BankError]] = [
    ("is down", BankUnavailable("GET …", "connection refused")),
    ("is slow", BankTimeout("GET …", "read timed out")),
    ("talks nonsense", BankContractBroken("GET …", "total")),
]


@every()
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: failure[0])
def test_the_bank_fails(action: Type[CardAction], failure: Tuple[str, BankError], language: str) -> None:
    said = ask(action, DownBank(failure[1]), language=language)
    assert said.responses == ["utter_bank_unavailable"]
    assert "/retry" in said.payloads
    assert "/request_human" in said.payloads
    assert said.slot("failed_action") == action().name()


@every()
@pytest.mark.parametrize("operation", ["overdue", "credit_report", "instalment_quotes", "deferral_options", "payments"])
def test_the_bank_fails_halfway(action: Type[CardAction], operation: str) -> None:
    broken = StubBank("overdue_first", **{operation: BankTimeout("GET …", "read timed out")})
    said = ask(action, broken)
    assert len(said.messages) == 1
    assert said.responses == ["utter_bank_unavailable"] or not uses(action, operation)


def uses(action: Type[CardAction], operation: str) -> bool:
    """Whether the action asks the bank for this."""
    asked = []

    class Watching(StubBank):
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            return super().__getattr__(name)

    ask(action, Watching())
    return operation in asked


GENERAL = [action for action in ANSWERS if action.general]


@every()
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_sees_no_account_and_is_invited_to_sign_in(action: Type[CardAction], language: str) -> None:
    said = ask(action, DownBank(), signed_in=False, language=language)  # the bank is not even asked
    assert said.responses == [action.general or "utter_sign_in_needed"]
    assert (said.link or {}).get("action") == "sign_in"
    assert "¥" not in said.text
    assert not any(event.get("name") == "card" for event in said.events)


@every([action for action in ANSWERS if not action.general])
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_signed_in_too_long_is_asked_to_sign_in_again(action: Type[CardAction], language: str) -> None:
    said = ask(action, DownBank(), identity_problem="expired", language=language)
    assert said.responses == ["utter_sign_in_expired"]
    assert (said.link or {}).get("action") == "sign_in"


@every(GENERAL)
def test_who_was_signed_in_too_long_gets_the_general_answer(action: Type[CardAction]) -> None:
    said = ask(action, DownBank(), identity_problem="expired")
    assert said.responses == [action.general]


_WAYS_OUT = (ActionOverdueHelp, ActionHardship, ActionLegalConsequence)


@every(list(_WAYS_OUT))
@pytest.mark.parametrize("reason", list(NotEligibleReason))
def test_offers_no_request_that_the_bank_would_refuse(action: Type[CardAction], reason: NotEligibleReason) -> None:
    refusing = StubBank(instalment_quotes=not_eligible(reason), deferral_options=not_eligible(reason))
    payloads = ask(action, refusing).payloads
    assert not any(payload.startswith(("/request_instalment", "/request_deferral")) for payload in payloads)
    assert "/request_human" in payloads


@every(list(_WAYS_OUT))
def test_offers_the_requests_that_the_bank_would_take(action: Type[CardAction]) -> None:
    payloads = ask(action, StubBank("overdue_again")).payloads
    assert '/request_instalment{"card": "1234"}' in payloads
    assert '/request_deferral{"card": "1234"}' in payloads


def test_every_answering_action_is_tested_here_or_in_a_file_of_its_own() -> None:
    known = {
        action
        for action in CardAction.__subclasses__()
        if action.__module__.startswith("actions.") and issubclass(action, BankAction)
    }
    assert known == {*ANSWERS, ActionCompareWays, ActionNegotiate}


def test_the_longest_overdue_card_comes_first_then_the_greater_sum() -> None:
    cards = [
        card(id="a", last4="0001", state="due", amount_due="9000.00"),
        card(id="b", last4="0002", state="overdue", days_past_due=3, amount_due="100.00"),
        card(id="c", last4="0003", state="overdue", days_past_due=40, amount_due="50.00"),
    ]
    told = summary("overdue_again")
    said = ask(ActionDueDate, StubBank(cards=cards, overdue=told))
    assert said.slot("card") == "0003"
