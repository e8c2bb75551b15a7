"""A bank that offers only a part: what it lacks is said plainly, with a next step, and no button leads there."""

from __future__ import annotations

from typing import Any, List, Type

import pytest

from actions import offers
from actions.applications import ActionApplications, WithdrawalRequest
from actions.autopay import ActionAutopay
from actions.base import BankAction
from actions.credit import ActionCreditImpact
from actions.deferral import DeferralRequest
from actions.dispute import ActionDispute
from actions.documents import ActionDocument
from actions.forms import RequestForm
from actions.hardship import ActionHardship
from actions.instalment import InstalmentRequest
from actions.offers import NEEDS, Offers
from actions.overdue import ActionOverdueHelp
from actions.payments import ActionPaymentMade
from bank.calls.capabilities import OPERATIONS
from bank.errors import BankUnavailable, NotOffered
from bank.models import Capabilities
from tests.test_actions.builders import StubBank
from tests.test_actions.form_talk import FormTalk
from tests.test_actions.request_bank import RequestBank
from tests.test_actions.talk import Said, ask, domain

MINIMAL = ["capabilities", "customer", "cards", "overdue", "repayment_channels"]
_GONE = NotOffered("GET …", "not-offered", 501)


def only(*operations: str) -> Capabilities:
    return Capabilities(contract="1.1", operations=list(operations))


def small_bank(situation: str = "overdue_first", **answers: Any) -> StubBank:
    """One that has the minimal set alone, says so, and refuses the rest."""
    refused = {name: _GONE for name in OPERATIONS if name not in MINIMAL}
    return StubBank(situation, **{**refused, "capabilities": only(*MINIMAL), **answers})


def silent_bank(**answers: Any) -> StubBank:
    """One that lacks the same, and does not say so."""
    refused = {name: _GONE for name in OPERATIONS if name not in MINIMAL}
    return StubBank(**{**refused, **answers})


def has_a_next_step(said: Said) -> None:
    assert said.responses == ["utter_not_offered"]
    assert said.payloads == ["/ask_amount_due", "/ask_repayment_channels", "/request_human"]


def test_every_need_is_an_intent_and_operations_of_the_contract() -> None:
    assert set(NEEDS) <= set(domain().intents)
    assert {name for names in NEEDS.values() for name in names} <= set(OPERATIONS)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "action",
    [ActionCreditImpact, ActionAutopay, ActionPaymentMade, ActionDispute, ActionDocument, ActionApplications],
)
@pytest.mark.parametrize("bank", [small_bank, silent_bank])
def test_what_the_bank_lacks_is_said_with_a_next_step(bank: Any, action: Type[BankAction], language: str) -> None:
    said = ask(action, bank(), language=language)
    has_a_next_step(said)
    assert said.events == [] or all(event.get("name") == "card" for event in said.events)  # nothing to try again


@pytest.mark.parametrize("request_form", [InstalmentRequest, DeferralRequest, WithdrawalRequest])
@pytest.mark.parametrize("bank", [small_bank, silent_bank])
def test_a_request_that_the_bank_does_not_take_ends_before_anything_is_asked(
    bank: Any, request_form: Type[RequestForm]
) -> None:
    talk = FormTalk(request_form, bank())
    has_a_next_step(talk.start())
    assert talk.active is None
    assert talk.entered == {}


def test_a_request_is_not_begun_if_it_could_not_be_filed() -> None:
    """Quotes alone help nobody: the customer would fill in all and be told no at the end."""
    bank = RequestBank(capabilities=only(*MINIMAL, "instalment_quotes"))
    talk = FormTalk(InstalmentRequest, bank)
    has_a_next_step(talk.start())
    assert bank.calls == []


def test_a_request_left_for_one_that_is_not_offered_is_kept() -> None:
    offered = [name for name in OPERATIONS if name != "deferral_options"]
    talk = FormTalk(InstalmentRequest, RequestBank(capabilities=only(*offered)))
    talk.start()
    talk("inform", term="12")
    said = talk.start(DeferralRequest)
    assert said.responses == ["utter_not_offered", "utter_request_waiting"]
    assert talk.slots["parked"][0]["slots"]["term"] == 12


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("bank", [small_bank, silent_bank])
def test_the_overview_shows_what_there_is(bank: Any, language: str) -> None:
    said = ask(ActionOverdueHelp, bank(), language=language)
    assert "¥612.50" in said
    assert not {"征信", "Credit report"} & set(said.rows)
    assert not any("instalment" in payload or "deferral" in payload for payload in said.payloads)
    assert "/request_human" in said.payloads


def test_where_nothing_can_be_requested_the_overview_names_a_person() -> None:
    assert "人工可以和您商量" in ask(ActionOverdueHelp, small_bank()).first
    assert "a person can look" in ask(ActionOverdueHelp, small_bank(), language="en").first


@pytest.mark.parametrize("situation", ["due", "in_grace", "overdue_again", "overdue_months", "overdue_long", "clear"])
def test_the_overview_stands_in_every_situation(situation: str) -> None:
    said = ask(ActionOverdueHelp, small_bank(situation))
    assert said.responses[0].startswith("utter_overdue_") if said.responses[0] else False
    assert {payload.split("{")[0] for payload in said.payloads}.isdisjoint(f"/{intent}" for intent in NEEDS)


def test_hardship_advises_a_person() -> None:
    said = ask(ActionHardship, small_bank())
    assert "/request_human" in said.payloads
    assert not any("request_instalment" in payload for payload in said.payloads)


def test_a_bill_is_shown_without_transactions_where_only_bills_are_offered() -> None:
    offered = [name for name in OPERATIONS if name != "transactions"]
    said = ask(ActionDocument, StubBank(capabilities=only(*offered), transactions=_GONE))
    assert said.responses == ["utter_document"]
    assert "details" not in said.card


def test_buttons_are_left_out_for_visitors_too() -> None:
    said = ask(ActionOverdueHelp, small_bank(), signed_in=False)
    assert said.responses == ["utter_general_overdue"]
    assert "/ask_credit_impact" not in said.payloads
    assert "/ask_repayment_channels" in said.payloads


# --- when the bank is asked what it offers ---


class Counting:
    """Answers `capabilities` from a list, the last one again and again, and counts."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    def capabilities(self) -> Capabilities:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> List[float]:
    """The seconds of the monotonic clock; the test sets them."""
    seconds = [1000.0]
    monkeypatch.setattr("actions.offers.time.monotonic", lambda: seconds[0])
    return seconds


def settled(known: Offers) -> Offers:
    """After what is being asked has been answered."""
    if known._asking:
        known._asking.result(timeout=30)
    return known


def test_the_bank_is_asked_once_for_many_questions(now: List[float]) -> None:
    bank = Counting(only(*MINIMAL))
    known = Offers(bank)  # type: ignore[arg-type]
    for _ in range(20):
        assert not settled(known).can("request_instalment") or bank.asked == 0
    assert bank.asked == 1


def test_after_some_minutes_it_is_asked_again_in_the_background(now: List[float]) -> None:
    bank = Counting(only(*MINIMAL), only(*OPERATIONS))
    known = settled(_asked(bank))
    assert not known.can("ask_autopay")
    now[0] += 301
    assert not known.can("ask_autopay") or bank.asked == 2  # nobody waits for the new answer
    assert settled(known).can("ask_autopay")
    assert bank.asked == 2


def test_while_the_bank_does_not_answer_everything_counts_as_offered(now: List[float]) -> None:
    bank = Counting(BankUnavailable("GET /capabilities", "no answer"), only(*MINIMAL))
    known = settled(_asked(bank))
    assert known.can("request_instalment")
    assert known.missing() == []
    assert bank.asked == 1
    now[0] += 31
    known.can("request_instalment")
    assert not settled(known).can("request_instalment")


def test_what_was_known_stays_known_while_the_bank_is_away(now: List[float]) -> None:
    bank = Counting(only(*MINIMAL), BankUnavailable("GET /capabilities", "no answer"))
    known = settled(_asked(bank))
    now[0] += 301
    known.can("ask_autopay")
    assert not settled(known).can("ask_autopay")
    assert bank.asked == 2


def test_two_banks_are_not_taken_for_each_other() -> None:
    small, whole = small_bank(), StubBank()
    assert offers.offers_of(small) is offers.offers_of(small)  # type: ignore[arg-type]
    assert not settled(offers.offers_of(small)).can("ask_autopay")  # type: ignore[arg-type]
    assert settled(offers.offers_of(whole)).can("ask_autopay")  # type: ignore[arg-type]


def _asked(bank: Counting) -> Offers:
    known = Offers(bank)  # type: ignore[arg-type]
    known.can("ask_autopay")
    return known
