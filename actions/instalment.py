"""The instalment request: which card, how many terms, the whole cost, a plain yes, the code, the reference."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Dict, List, Optional, Union

from actions import capacity
from actions.capacity import CapacityField
from actions.compare import plan_row
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.one_time_code import OneTimeCode
from actions.situation import if_any
from actions.steps import CardStep, Confirmation, Filing, ReasonStep, not_eligible
from actions.values import day, label, moment, money, percent
from actions.ways import CAPACITY, yuan
from bank.errors import InvalidRequest, NotEligible, NotEligibleReason
from bank.models import AgreementQuote, ApplicationKind, CostItem, InstalmentQuote, Purpose

_ABOUT_AMOUNT = (NotEligibleReason.AMOUNT_TOO_SMALL, NotEligibleReason.AMOUNT_TOO_LARGE)
_BUTTONS = 6
_FEW_BUTTONS = 3  # beside others
_ALL = "all"
#: "3,500 now and the rest …": a payment, not the sum to be split.
_PAID_FIRST = re.compile(
    r"先(?:还|付|交|给)(?!.*分期)|剩下的?.{0,8}(?:再还|号|月底)|\bpay\b.{0,20}\b(?:now|first|today)\b.*\brest\b",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"(?<![\d.,¥$])\d{1,2}(?![\d.,%])")


class AmountField(Step):
    """How much to split, if not all. Slot: yuan as a string. Never asked for."""

    slot = "amount"
    entity = "amount"

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return value == _ALL or yuan(value) is not None

    def read(self, talk: FormTurn) -> bool:
        named = talk.entities("amount")
        amounts = [amount for amount in map(yuan, named) if amount]
        if capacity.was_said(talk):
            return False  # what the customer can pay each month is not what is to be split
        if amounts and (talk.intent == "promise_to_pay" or _PAID_FIRST.search(talk.text)):
            talk.say("utter_paid_first", wished=money(amounts[0]), wished_yuan=str(amounts[0]))
        elif amounts:
            talk.enter(self.slot, str(amounts[-1]))
        elif _ALL in named:
            talk.enter(self.slot, None)
        elif named:
            talk.say("utter_amount_in_figures")
        return bool(named)


class TermStep(Step):
    """In how many monthly terms. Slot: their number."""

    slot = "term"
    entity = "term"
    shows = ("request_card", "amount")
    shows_cost = True

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return _whole(value) is not None

    def read(self, talk: FormTurn) -> bool:
        named = [number for number in map(_whole, talk.entities("term")) if number] or _bare_terms(talk)
        # "12, not 6" and "not 6 but 12": the one that is new is meant, wherever it stands.
        new = [number for number in named if number != talk[self.slot]]
        if named:
            talk.enter(self.slot, (new or named)[-1])
        return bool(named)

    def settle(self, talk: FormTurn) -> bool:
        quotes_of(talk)  # a card that cannot be split is found out before anything is asked
        return talk.over

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        quotes, known = quotes_of(talk), talk[CAPACITY]
        fitting = (capacity.within(quotes, known) if known else []) or quotes
        return {
            "last4": talk["request_card"]["last4"],
            "amount": money(quotes[0].amount),
            "pay_first": if_any(quotes[0].pay_first),
            "quotes": [plan_row(quote) for quote in quotes],
            "choices": [{"terms": quote.terms} for quote in fitting[:_BUTTONS]],
            "few": [{"terms": quote.terms} for quote in fitting[:_FEW_BUTTONS]],
        }

    def ask(self, talk: FormTurn) -> None:
        if not capacity.ask_for_term(talk, quotes_of(talk), self.values(talk)):
            super().ask(talk)


def _bare_terms(talk: FormTurn) -> List[int]:
    """Terms that are on offer and named as mere numbers, in a message that says nothing else: "if I take 6 instead"."""
    if talk.named or not talk["request_card"] or talk.pending not in ("term", "confirmed"):
        return []
    numbers = [int(digits) for digits in _BARE_NUMBER.findall(talk.text)]
    offered = {quote.terms for quote in quotes_of(talk)} if numbers else set()
    return [number for number in numbers if number in offered]


class QuoteStep(Step):
    """The bank's quote for what was entered. Slot `offer`: its id and the values by which it is named again."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        quotes = quotes_of(talk)
        if talk.over:
            return True
        quote = next((quote for quote in quotes if quote.terms == talk["term"]), None)
        if quote is None:
            offered = ", ".join(str(quote.terms) for quote in quotes)
            talk.say("utter_term_not_offered", term=talk["term"], offered=offered)
            talk["term"] = None
            return True
        talk.memo["quote"] = quote
        talk[self.slot] = offer_of(talk, quote, quote.amount)
        return True


class InstalmentConfirmation(Confirmation):
    """Shows the whole cost (综合融资成本明示表, 金规〔2026〕2号) and every instalment before the yes."""

    def read(self, talk: FormTurn) -> bool:
        # "No, that is too much a month" asks for other terms, which are found.
        return not talk.entities("burden") and super().read(talk)

    def reading_seconds(self, talk: FormTurn) -> int:
        quote: InstalmentQuote = talk.memo["quote"]
        return quote.reading_seconds

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        quote: InstalmentQuote = talk.memo["quote"]
        return {
            "amount": money(quote.amount),
            **plan_row(quote),
            "rate_per_term": percent(quote.rate_per_term),
            "pay_first": if_any(quote.pay_first),
            **whole_cost(quote),
        }


class InstalmentRequest(RequestForm):
    """`instalment_form`."""

    topic = "instalment"
    steps = (
        CardStep(),
        TermStep(),
        QuoteStep(),
        InstalmentConfirmation(),
        OneTimeCode(Purpose.FILE_APPLICATION),
        Filing(ApplicationKind.INSTALMENT),
    )
    volunteered = (CapacityField(), AmountField(), ReasonStep())

    def respond(self, talk: FormTurn) -> None:
        if capacity.was_said(talk) and talk["request_card"]:
            quotes = quotes_of(talk)
            if quotes:
                capacity.reconsider(talk, quotes)


def quotes_of(talk: FormTurn) -> List[InstalmentQuote]:
    """The bank's quotes for the card and the amount entered; without the amount if it cannot be split.

    Empty if the card cannot be split at all: then the customer was told and the request is over.
    """
    card_id = talk["request_card"]["id"]
    if talk.memo.get("quoted_for") != (card_id, talk["amount"]):
        talk.memo["quotes"] = _ask_for_quotes(talk)
        talk.memo["quoted_for"] = (card_id, talk["amount"])
    found: List[InstalmentQuote] = talk.memo["quotes"]
    return found


def _ask_for_quotes(talk: FormTurn) -> List[InstalmentQuote]:
    card_id, amount = talk["request_card"]["id"], talk["amount"]
    try:
        return talk.turn.bank.instalment_quotes(
            talk.turn.customer(), card_id, amount=None if amount is None else Decimal(amount)
        )
    except NotEligible as error:
        if amount is None or error.reason not in _ABOUT_AMOUNT:
            not_eligible(talk, error)
            return []
        reason = error.reason
    except InvalidRequest:
        if amount is None:
            raise
        reason = NotEligibleReason.AMOUNT_TOO_LARGE  # more than the contract can write is more than any bank splits
    talk.say("utter_amount_not_possible", amount=money(Decimal(amount)), reason=label("not_eligible", reason))
    talk.enter("amount", None)
    return _ask_for_quotes(talk)


def offer_of(talk: FormTurn, quote: Union[InstalmentQuote, AgreementQuote], amount: Decimal) -> Dict[str, Any]:
    """What the slot `offer` keeps of a quote for `amount`, yuan: its id and the values by which it is named again."""
    return {
        "id": quote.id,
        "values": {
            "amount": money(amount),
            "terms": quote.terms,
            "per_term": money(quote.per_term),
            "first_due_on": day(quote.first_due_on),
            "last4": talk["request_card"]["last4"],
        },
    }


def whole_cost(quote: Union[InstalmentQuote, AgreementQuote]) -> Dict[str, Any]:
    """What the whole-cost table says: each cost, each instalment, the effective rate, and that this is all."""
    return {
        "first_due_on": day(quote.first_due_on),
        "effective_rate": percent(quote.effective_rate),
        "nothing_else_charged": quote.nothing_else_charged,
        "valid_until": moment(quote.valid_until),
        "costs": [_cost_row(item) for item in quote.cost_items if item.certain],
        "costs_if_late": [_cost_row(item) for item in quote.cost_items if not item.certain],
        "schedule": [
            {
                "number": instalment.number,
                "due_on": day(instalment.due_on),
                "principal": money(instalment.principal),
                "interest": money(instalment.interest),
                "total": money(instalment.total),
            }
            for instalment in quote.schedule
        ],
    }


def _cost_row(item: CostItem) -> Dict[str, Any]:
    return {
        "cost": label("cost", item.kind),
        "charged": label("charged", item.charged),
        "cost_rate": percent(item.rate),
        "cost_amount": money(item.amount),
        "payee": label("payee", item.payee),
    }


def _whole(value: Any) -> Optional[int]:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= 3 and int(text) > 0 else None
