"""The personalised instalment agreement: a way to pay what is beyond the customer's means, in at most five years.

Measures for the Supervision of Credit Card Business 2011, Article 70. The customer names what can be paid each month,
or a number of terms; the bank's offer is shown whole, with its conditions, and read before it is confirmed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List, Optional

from actions.compare import plan_row
from actions.form_turn import FormTurn, Manner, Step
from actions.forms import RequestForm
from actions.instalment import offer_of, whole_cost
from actions.offers import FILING
from actions.one_time_code import OneTimeCode
from actions.steps import CardStep, Confirmation, Filing, ReasonStep, not_eligible
from actions.values import label, money
from actions.ways import yuan
from bank.errors import InvalidRequest, NotEligible, NotEligibleReason
from bank.models import AgreementQuote, ApplicationKind, PlanKind, Purpose

_MOST_TERMS = 60  # Article 70
_BUTTONS = 5
_FEW_BUTTONS = 3  # beside others


class CapacityField(Step):
    """What the customer can pay each month. Slot: yuan as a string. Never asked for by itself."""

    slot = "monthly_capacity"
    entity = "amount"

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return yuan(value) is not None

    def read(self, talk: FormTurn) -> bool:
        named = [amount for amount in map(yuan, talk.entities("amount")) if amount]
        if not named:
            return False
        _can_pay(talk, named[-1])
        return True


class WishField(Step):
    """That it is an agreement that is wanted: tells nothing else, and is no miss. Fills no slot of its own."""

    slot = "agreement_term"
    entity = "plan"

    def read(self, talk: FormTurn) -> bool:
        return PlanKind.AGREEMENT.value in talk.entities("plan")


class AgreementTermStep(Step):
    """In how many monthly terms. Slot: their number, by the bank where the customer says what a month may cost."""

    slot = "agreement_term"
    entity = "term"
    shows = ("request_card", "monthly_capacity")
    shows_cost = True

    def fits(self, talk: FormTurn, value: Any) -> bool:
        terms = _whole(value)
        return terms is not None and terms <= _MOST_TERMS

    def read(self, talk: FormTurn) -> bool:
        named = [number for number in map(_whole, talk.entities("term")) if number]
        terms = [number for number in named if number <= _MOST_TERMS]
        new = [number for number in terms if number != talk[self.slot]]
        if terms:
            talk.enter(self.slot, (new or terms)[-1])
        elif named:
            _can_pay(talk, Decimal(named[-1]))  # "800" can be no number of terms
        return bool(named)

    def settle(self, talk: FormTurn) -> bool:
        quotes_of(talk)  # a card without such an offer is found out before anything is asked
        if talk.over:
            return True
        monthly = yuan(talk["monthly_capacity"])
        if monthly is None or not self._is_to_fit(talk):
            return False
        fitting = _fitting(talk, monthly)
        if fitting is None:
            return False
        talk.say("utter_agreement_fits", wished=money(monthly), terms=fitting.terms, per_term=money(fitting.per_term))
        talk.enter(self.slot, fitting.terms)
        return True

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        quotes = quotes_of(talk)
        return {
            "last4": talk["request_card"]["last4"],
            "balance": money(quotes[0].balance),
            "quotes": [plan_row(quote) for quote in quotes],
            "choices": [{"terms": quote.terms} for quote in quotes[:_BUTTONS]],
            "few": [{"terms": quote.terms} for quote in quotes[:_FEW_BUTTONS]],
        }

    def _is_to_fit(self, talk: FormTurn) -> bool:
        """Whether what can be paid a month decides now; who wants another number of terms is asked for it."""
        if self.slot in talk.entities("field"):
            return False
        return talk.pending != self.slot or talk.changed("monthly_capacity") or bool(talk.entities("amount"))


class AgreementOffer(Step):
    """The bank's offer for that number of terms. Slot `offer`: its id and the values by which it is named again."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        quote = _ask(talk, terms=talk["agreement_term"])
        if quote is None:
            return True
        talk.memo["agreement"] = quote
        talk[self.slot] = offer_of(talk, quote, quote.balance)
        return True


class AgreementConfirmation(Confirmation):
    """Shows the conditions, then the whole cost (综合融资成本明示表, 金规〔2026〕2号), before the yes."""

    def reading_seconds(self, talk: FormTurn) -> int:
        quote: AgreementQuote = talk.memo["agreement"]
        return quote.reading_seconds

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        quote: AgreementQuote = talk.memo["agreement"]
        return {"balance": money(quote.balance), **plan_row(quote), **whole_cost(quote)}

    def ask(self, talk: FormTurn) -> None:
        if talk.manner is Manner.FIRST:
            quote: AgreementQuote = talk.memo["agreement"]
            talk.say("utter_agreement_conditions", **conditions_of(quote))
        super().ask(talk)


class AgreementRequest(RequestForm):
    """`agreement_form`."""

    topic = "agreement"
    own_intents = ("request_instalment",)
    needs = ("agreement_quotes", *FILING)
    steps = (
        CardStep(),
        AgreementTermStep(),
        ReasonStep(),
        AgreementOffer(),
        AgreementConfirmation(),
        OneTimeCode(Purpose.FILE_APPLICATION),
        Filing(ApplicationKind.AGREEMENT),
    )
    volunteered = (CapacityField(), WishField())


def conditions_of(quote: AgreementQuote) -> Dict[str, Any]:
    """What is agreed, as the bank says it: interest, collection, and what the customer keeps to."""
    return {
        "collection_paused": quote.collection_paused,
        "interest_stops": quote.interest_stops,
        "interest_runs": not quote.interest_stops,
        "conditions": [
            {
                "condition": label("agreement_condition", each),
                "condition_means": label("agreement_condition_means", each),
            }
            for each in quote.conditions
        ],
    }


def quotes_of(talk: FormTurn) -> List[AgreementQuote]:
    """The agreements that the bank offers for the card. Empty if none: then the customer was told and it is over."""
    card_id = talk["request_card"]["id"]
    if talk.memo.get("agreements_for") != card_id:
        talk.memo["agreements_for"] = card_id
        try:
            talk.memo["agreements"] = talk.turn.bank.agreement_quotes(talk.turn.customer(), card_id)
        except NotEligible as error:
            not_eligible(talk, error)
            talk.memo["agreements"] = []
    found: List[AgreementQuote] = talk.memo["agreements"]
    return found


def _can_pay(talk: FormTurn, monthly: Decimal) -> None:
    """Take what can be paid each month; the terms follow from it anew."""
    if talk["monthly_capacity"] != str(monthly) or talk["agreement_term"] is None:
        talk["monthly_capacity"] = str(monthly)
        talk.enter("agreement_term", None)


def _fitting(talk: FormTurn, monthly: Decimal) -> Optional[AgreementQuote]:
    """The shortest agreement that costs no more than that a month. `None` if there is none: the customer was told."""
    card_id = talk["request_card"]["id"]
    try:
        return talk.turn.bank.agreement_quotes(talk.turn.customer(), card_id, monthly=monthly)[0]
    except NotEligible as error:
        if error.reason is not NotEligibleReason.AMOUNT_TOO_SMALL:
            raise
    talk.say("utter_agreement_month_too_small", wished=money(monthly), least=money(quotes_of(talk)[-1].per_term))
    return None


def _ask(talk: FormTurn, *, terms: int) -> Optional[AgreementQuote]:
    """The offer for that number of terms. `None` if there is none: then the customer was told."""
    card_id = talk["request_card"]["id"]
    try:
        return talk.turn.bank.agreement_quotes(talk.turn.customer(), card_id, terms=terms)[0]
    except InvalidRequest:
        offered = [quote.terms for quote in quotes_of(talk)]
        if offered:
            talk.say("utter_agreement_term_not_offered", term=terms, fewest=offered[0], most=offered[-1])
        talk["agreement_term"] = None
    except NotEligible as error:
        not_eligible(talk, error)
    return None


def _whole(value: Any) -> Optional[int]:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= 6 and int(text) > 0 else None
