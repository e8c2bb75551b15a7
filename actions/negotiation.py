"""What a customer can pay and when, said outside any request: the way that fits, with the bank's figures.

Remembered for the requests that follow, and for the person who may take over.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Dict, Optional

from rasa_sdk.events import FollowupAction, SlotSet

from actions.advice import advice
from actions.base import BankAction, Events, Turn
from actions.capacity import ASKS_CAPACITY, as_day
from actions.cards import CardAction, Focus
from actions.compare import advice_values, buttons
from actions.conversation import responses_before
from actions.hardship import comfort, hard_reason
from actions.offers import NEEDS
from actions.same_answer import same_about_card
from actions.situation import Situation, owed, situation_of
from actions.values import day, label, money
from actions.ways import CAPACITY, Way, ways_of, yuan
from bank.errors import InvalidRequest, NotEligible, NotOffered
from bank.models import DeferralOption, OverdueSummary

ASKS_PAYDAY = ("utter_payday_ask",)
_IN_TIME = (Situation.DUE, Situation.IN_GRACE)


class ActionNegotiate(CardAction):
    """A sum that can be paid each month, "that is too much", or the day before which there is no money."""

    intent = "compare_ways"

    def name(self) -> str:
        return "action_negotiate"

    def answer(self, turn: Turn) -> Events:
        return [*super().answer(turn), *self.remembered(turn)]

    def remembered(self, turn: Turn) -> Events:
        """The sum, for trying again and for the requests that follow."""
        said = said_capacity(turn)
        return [SlotSet(CAPACITY, str(said))] if said and turn.customer_id else []

    def about(self, turn: Turn, focus: Focus) -> None:
        comfort(turn)
        payday = said_payday(turn)
        if payday is not None:
            _answer_payday(turn, focus, as_day(payday))
            return
        said = said_capacity(turn)
        known = said or (Decimal(turn.slot(CAPACITY)) if turn.slot(CAPACITY) else None)
        if known is None:
            turn.say("utter_capacity_ask", **focus.values())
        else:
            _advise(turn, focus, known)


class ActionLooseInform(BankAction):
    """`inform` while no request runs: the answer to what was just asked, a card, or an answer to nothing."""

    needs_customer = False

    def name(self) -> str:
        return "action_loose_inform"

    def answer(self, turn: Turn) -> Events:
        if said_capacity(turn) is not None or said_payday(turn) is not None:
            return [FollowupAction(ActionNegotiate(turn.bank).name())]  # which is tried again if the bank is down
        about_card = same_about_card(turn)
        if about_card is None:
            turn.say("utter_loose_inform")
        return about_card or []


def said_capacity(turn: Turn) -> Optional[Decimal]:
    """Yuan a month that the customer can pay, by this message; a bare sum counts if we had just asked for it."""
    monthly = yuan(turn.entity("monthly"))
    asked = any(name in ASKS_CAPACITY for name in responses_before(turn.tracker))
    return monthly or (yuan(turn.entity("amount")) if asked else None)


def said_payday(turn: Turn) -> Optional[str]:
    """The day of the next money by this message, or `unknown`; a bare day counts if we had just asked for it."""
    asked = any(name in ASKS_PAYDAY for name in responses_before(turn.tracker))
    return turn.entity("payday") or (turn.entity("date") if asked else None)


def _advise(turn: Turn, focus: Focus, capacity: Decimal) -> None:
    ways = ways_of(turn, focus.card.id, capacity=capacity, ahead=False)
    if situation_of(ways.summary) is Situation.CLEAR:
        turn.say("utter_ways_nothing", **focus.values(), **owed(ways.summary))
        return
    rule = advice(ways)
    open_now = buttons(turn, ways, focus.card.last4)
    turn.say(
        "utter_negotiation",
        **focus.values(),
        **owed(ways.summary),
        **advice_values(ways, rule),
        **{
            **open_now,
            "can_instalment": rule.way is Way.INSTALMENT,
            "can_agreement": rule.way is Way.AGREEMENT and open_now["can_agreement"],
        },
        can_declare=hard_reason(turn) is not None and turn.can("declare_hardship"),
        pay_now=rule.way in (Way.FULL, Way.MINIMUM),
    )


def _answer_payday(turn: Turn, focus: Focus, payday: Optional[date]) -> None:
    summary = turn.bank.overdue(turn.customer(), focus.card.id)
    situation = situation_of(summary)
    if situation is Situation.CLEAR:
        turn.say("utter_ways_nothing", **focus.values(), **owed(summary))
    elif payday is None:
        turn.say("utter_payday_ask")
    else:
        option = None if _is_in_time(summary, payday) else _deferral_until(turn, focus.card.id, payday)
        turn.say("utter_payday", **focus.values(), **owed(summary), **_payday_values(summary, payday, option))


def _payday_values(summary: OverdueSummary, payday: date, option: Optional[DeferralOption]) -> Dict[str, Any]:
    how = "in_time" if _is_in_time(summary, payday) else "deferral" if option else "promise"
    return {
        "opening": label("payday", how),
        "payday": day(payday),
        "can_deferral": option is not None,
        "can_promise": how != "in_time",
        "deferral_payload": f'/request_deferral{{"date": "{payday}"}}',
        "promise_payload": f'/promise_to_pay{{"date": "{payday}"}}',
        "due_then": money(option.amount_due_then) if option else None,
        "extra_interest": money(option.extra_interest) if option else None,
    }


def _is_in_time(summary: OverdueSummary, payday: date) -> bool:
    return situation_of(summary) in _IN_TIME and payday <= summary.grace_ends_on


def _deferral_until(turn: Turn, card_id: str, payday: date) -> Optional[DeferralOption]:
    """What the bank would consider until that day, if it does."""
    if not turn.has(NEEDS["request_deferral"]):
        return None
    try:
        options = turn.bank.deferral_options(turn.customer(), card_id, until=payday)
    except (NotEligible, InvalidRequest, NotOffered):
        return None
    return next(iter(options), None)
