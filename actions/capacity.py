"""What a customer says about paying in the middle of an instalment request, and the terms that answer it.

"I can pay 800 a month", "that is too much a month", "not before my salary on the 10th": the request goes on with other
terms that fit, with the personalised agreement where the bank has one, or with a person, but never in circles.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Dict, List, Optional

from actions.compare import AGREEMENT_NEEDS, can_agree_here, plan_row
from actions.conversation import all_responses, declined_before, responses_before
from actions.form_turn import FormTurn, Moment, Step
from actions.steps import OFFERS_DECLINED
from actions.values import day, label, money
from actions.ways import CAPACITY, largest, yuan
from bank.errors import BankRejected
from bank.models import AgreementQuote, InstalmentQuote

#: Responses that ask how much a month the customer can pay: a sum in answer to them is that.
ASKS_CAPACITY = ("utter_capacity_ask", "utter_terms_declined", "utter_term_declined", "utter_none_within_declined")
_MONTHLY = re.compile(r"每个?月|一个?月[最只能还付]|\b(?:a|per|each|every) month\b|\bmonthly\b", re.IGNORECASE)
#: Names the sum to be split.
_TO_SPLIT = re.compile(r"分期|只分|分.{0,4}[元块期]|\b(?:split|instal)", re.IGNORECASE)
_WISH, _BELOW, _PAYDAY = "wish", "below", "payday"
_CAPACITY_SAID, _TOO_MUCH = "capacity", "too_much"


class CapacityField(Step):
    """What the customer can pay each month. Slot: yuan as a string; it outlives the request. Never asked for."""

    slot = CAPACITY
    entity = "monthly"

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return yuan(value) is not None

    def read(self, talk: FormTurn) -> bool:
        said = self._said(talk)
        if said is not None:
            talk[self.slot] = str(said)
            talk.memo[_WISH] = _CAPACITY_SAID
        elif talk.entities("burden") or (talk.intent == "deny" and _asked(talk)):
            talk.memo[_WISH] = _TOO_MUCH
        elif talk.entities("payday"):
            talk.memo[_PAYDAY] = talk.entities("payday")[0]
        else:
            return False
        return True

    @staticmethod
    def _said(talk: FormTurn) -> Optional[Decimal]:
        monthly = [amount for amount in map(yuan, talk.entities("monthly")) if amount]
        if monthly:
            return monthly[-1]
        sums = [amount for amount in map(yuan, talk.entities("amount")) if amount]
        meant = _asked(talk) or _MONTHLY.search(talk.text) or _corrects(talk)
        return sums[-1] if sums and meant and not talk.entities("burden") else None


def _asked(talk: FormTurn) -> bool:
    """Whether the message answers what would fit."""
    return any(name in ASKS_CAPACITY for name in responses_before(talk.turn.tracker))


def _corrects(talk: FormTurn) -> bool:
    """Whether the message puts right the sum a month that the customer said last ("not 1,000, I meant 2,500")."""
    known = yuan(talk[CAPACITY])
    if known is None or talk.intent != "correct" or _TO_SPLIT.search(talk.text):
        return False
    return talk["amount"] is None and talk["term"] is None


def was_said(talk: FormTurn) -> bool:
    """Whether this message is about what the customer can pay, or when."""
    return _WISH in talk.memo or _PAYDAY in talk.memo


def reconsider(talk: FormTurn, quotes: List[InstalmentQuote]) -> None:
    """After the message: open the term again if the offer that was shown does not fit what was said."""
    if _PAYDAY in talk.memo:
        _tell_first_due(talk, quotes)
    if _WISH not in talk.memo or talk["term"] is None:
        return
    chosen = next((quote for quote in quotes if quote.terms == talk["term"]), None)
    if talk.memo[_WISH] == _CAPACITY_SAID:
        if chosen and chosen in within(quotes, talk[CAPACITY]):
            talk.memo.pop(_WISH)
            talk.say("utter_term_within", capacity=money(Decimal(talk[CAPACITY])), **plan_row(chosen))
            return
    elif chosen:
        talk.memo[_BELOW] = largest(chosen)
    talk.enter("term", None)


def ask_for_term(talk: FormTurn, quotes: List[InstalmentQuote], values: Dict[str, Any]) -> bool:
    """Ask for the term in answer to what was said; `False` if nothing was said about it."""
    wish = talk.memo.get(_WISH)
    if wish == _TOO_MUCH and talk.moment is Moment.STARTED:
        return False  # nothing was offered yet that could be too much
    if wish == _CAPACITY_SAID:
        fitting = within(quotes, talk[CAPACITY])
        if fitting:
            _show(talk, "utter_terms_within", fitting, values)
        else:
            _none_fits(talk, values)
    elif wish == _TOO_MUCH:
        _lower(talk, quotes, values)
    return wish is not None


def within(quotes: List[InstalmentQuote], capacity: str) -> List[InstalmentQuote]:
    """Those of which no instalment, and nothing to pay first, is more than the customer can pay each month."""
    return [quote for quote in quotes if max(largest(quote), quote.pay_first) <= Decimal(capacity)]


def _lower(talk: FormTurn, quotes: List[InstalmentQuote], values: Dict[str, Any]) -> None:
    """Terms below the one that was too much; the second time, a person."""
    below = talk.memo.get(_BELOW)
    lower = [quote for quote in quotes if below is not None and largest(quote) < below]
    if declined_before(talk.turn.tracker) >= OFFERS_DECLINED - 1:
        talk.reply("utter_negotiation_failed")
    elif lower:
        _show(talk, "utter_term_declined", lower, values)
    elif below is None:
        talk.reply("utter_terms_declined", **values)  # all terms are on the table: what would fit?
    else:
        _none_fits(talk, values)


def _none_fits(talk: FormTurn, values: Dict[str, Any]) -> None:
    """No term is low enough: the agreement that is, or a person who gets what was said.

    Who says what a month may cost turns nothing down: the agreement is offered once, whatever was declined before.
    """
    agreement = _agreement(talk)
    nothing_new = agreement is None or "utter_none_within_declined" in all_responses(talk.turn.tracker)
    if nothing_new and declined_before(talk.turn.tracker) >= OFFERS_DECLINED - 1:
        talk.reply("utter_negotiation_failed")
        return
    shown = {} if agreement is None else {f"agreed_{key}": value for key, value in plan_row(agreement).items()}
    capacity = talk[CAPACITY]
    talk.reply(
        "utter_none_within_declined",
        **{**values, **shown},
        opening=label("none_within", "agreement" if agreement else "capacity" if capacity else "nothing"),
        capacity=money(Decimal(capacity)) if capacity else None,
        can_agreement=agreement is not None and can_agree_here(),
    )


def _agreement(talk: FormTurn) -> Optional[AgreementQuote]:
    """The shortest agreement within what the customer can pay, if the bank quotes one. Raises `BankError`."""
    if talk[CAPACITY] is None or not talk.turn.has(AGREEMENT_NEEDS):
        return None
    try:
        found = talk.turn.bank.agreement_quotes(
            talk.turn.customer(), talk["request_card"]["id"], monthly=Decimal(talk[CAPACITY])
        )
    except BankRejected:
        return None
    return next(iter(found), None)


def _show(talk: FormTurn, response: str, quotes: List[InstalmentQuote], values: Dict[str, Any]) -> None:
    rows = [plan_row(quote) for quote in quotes]
    capacity = talk[CAPACITY]
    can_clear = capacity is not None and Decimal(capacity) >= quotes[0].amount
    talk.reply(
        response,
        clear_note={"label": "clear_note"} if can_clear else "",  # no instalments for who needs none
        **{**values, "quotes": rows, "choices": [{"terms": quote.terms} for quote in quotes[:4]]},
        capacity=money(Decimal(capacity)) if capacity else None,
    )


def _tell_first_due(talk: FormTurn, quotes: List[InstalmentQuote]) -> None:
    payday, first = as_day(talk.memo[_PAYDAY]), quotes[0].first_due_on
    how = "unknown" if payday is None else "in_time" if first >= payday else "before"
    talk.say(
        "utter_first_due_and_payday",
        opening=label("first_due", how),
        payday=day(payday),
        first_due_on=day(first),
        earlier=payday is not None and first < payday,
        deferral_payload=f'/request_deferral{{"date": "{payday}"}}',
    )


def as_day(value: Any) -> Optional[date]:
    """A day as an entity has it; `None` if it is unknown."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
