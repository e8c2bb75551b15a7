"""Noting a promise to pay: how much, by when, a plain yes. It changes no obligation, so it needs no code.

While one is open on the card, the same request changes it.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Dict, List, Optional

from actions.filed import promise_values
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.promise import ActionPromiseToPay, is_late, opening, promised_day
from actions.situation import owed, situation_of, ways_out
from actions.steps import CardStep, Confirmation, Sending, card_of, not_eligible
from actions.values import day, label, money
from actions.ways import yuan
from bank.errors import NotEligible, NotEligibleReason
from bank.models import OverdueSummary, Promise, PromiseStatus
from common import clock

_ALL = "all"  # the entity's value
_FULL, _MINIMUM = "full", "minimum"
#: What comes after these words is about the rest, and one promise is about one payment.
_ASKS_HOW_MUCH = re.compile(r"多少|几块|\bhow much\b|\bwhat(?:'s| is)\b", re.IGNORECASE)
_REST = re.compile(
    r"剩下|剩余|其余|余下|余款|\b(?:the )?(?:rest|remaining|remainder|balance)\b|\bthen (?:another|the)\b",
    re.IGNORECASE,
)


class PromiseAmount(Step):
    """How much. Slot: yuan as a string; `full` or `minimum` until the card's figures are looked up."""

    slot = "amount"
    entity = "amount"
    shows = ("request_card", "pay_on")

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return value in (_ALL, _MINIMUM) or yuan(value) is not None

    def read(self, talk: FormTurn) -> bool:
        asks = _ASKS_HOW_MUCH.search(talk.turn.text)  # what the minimum is, and does not choose it
        named = _of_first_part(talk, "amount")
        sums = [_FULL if value == _ALL else yuan(value) for value in named]
        shares = [str(value) for value in [*talk.entities("share"), *named] if value in (_FULL, _MINIMUM) and not asks]
        wished = [str(value) for value in sums if value] or shares
        new = [value for value in wished if value != talk[self.slot]]
        if wished:
            talk.enter(self.slot, (new or wished)[0])
        return bool(wished)

    def settle(self, talk: FormTurn) -> bool:
        known = open_promise(talk)
        if known and not known.changeable:
            talk.say("utter_promise_not_changeable", **promise_values(known))
            talk.end()
        elif known and talk["pay_on"]:
            talk.enter(self.slot, str(known.amount))  # only another day was asked for
            return True
        return talk.over

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        summary, known = summary_of(talk), open_promise(talk)
        promised = promised_day(talk["pay_on"])
        return {
            **owed(summary),
            "last4": talk["request_card"]["last4"],
            "opening": label("promise_known", "open") if known else opening(summary, promised),
            "promised_day": day(promised),
            "minimum_code": str(summary.remaining_minimum),
            "total_code": str(summary.total),
            "known_amount": money(known.amount) if known else None,
            "known_code": str(known.amount) if known else None,
            "known_day": day(known.pay_on) if known else None,
            "known_reference": known.reference if known else None,
        }


class PayDay(Step):
    """By when. Slot: the day as ISO text."""

    slot = "pay_on"
    entity = "date"
    shows = ("request_card",)

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return promised_day(value) is not None

    def read(self, talk: FormTurn) -> bool:
        named = [str(value) for value in _of_first_part(talk, "date")]
        known = [value for value in named if promised_day(value)]
        new = [value for value in known if value != talk[self.slot]]
        if known:
            talk.enter(self.slot, (new or known)[0])
        elif named:
            talk.say("utter_pay_on_past")
        return bool(named)

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        summary, known = summary_of(talk), open_promise(talk)
        today = clock.today()
        in_time = summary.grace_ends_on if summary.grace_ends_on > today else None
        return {
            "amount": money(amount_of(talk)),
            "last4": talk["request_card"]["last4"],
            "today_code": today.isoformat(),
            "in_time": day(in_time),
            "in_time_code": in_time.isoformat() if in_time else None,
            "known_day": day(known.pay_on) if known else None,
            "known_day_code": known.pay_on.isoformat() if known else None,
        }


class PromiseOffer(Step):
    """What is to be noted. Slot `offer`: its id, the values by which it is named, the promise that it changes."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        pay_on = promised_day(talk["pay_on"])
        if pay_on is None:  # the day has passed since
            talk.say("utter_pay_on_past")
            talk["pay_on"] = None
            return True
        amount = amount_of(talk)
        if amount is None:  # the minimum has been paid since
            talk["amount"] = None
            return True
        talk["amount"] = str(amount)
        known = open_promise(talk)
        if known and (known.amount, known.pay_on) == (amount, pay_on):
            talk.say("utter_promise_as_before", **promise_values(known))
            talk.end()
            return True
        if _REST.search(talk.text):
            talk.say("utter_promise_first_part")
        values = {"amount": money(amount), "pay_on": day(pay_on)}
        talk[self.slot] = {
            "id": f"{amount} {pay_on.isoformat()}",
            "changes": {"reference": known.reference, "version": known.version} if known else None,
            "values": {**values, "last4": talk["request_card"]["last4"]},
        }
        return True


class PromiseConfirmation(Confirmation):
    """Shows the sum and the day, and what paying then means."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        summary, known = summary_of(talk), open_promise(talk)
        promised = promised_day(talk["pay_on"])
        late = is_late(summary, promised)
        return {
            **owed(summary),
            "timing": label("promise_timing", "late" if late else situation_of(summary).group),
            "known_amount": money(known.amount) if known else None,
            "known_day": day(known.pay_on) if known else None,
            "can_deferral": late and ways_out(talk.turn, card_of(talk)).deferral,
        }


class Noting(Sending):
    """Makes the promise at the bank, or changes the one that is open."""

    def send(self, talk: FormTurn) -> Promise:
        bank, customer, changes = talk.turn.bank, talk.turn.customer(), talk["offer"]["changes"]
        amount, pay_on = Decimal(talk["amount"]), date.fromisoformat(talk["pay_on"])
        key = talk["idempotency_key"]
        if changes:
            return bank.change_promise(
                customer,
                changes["reference"],
                amount=amount,
                pay_on=pay_on,
                version=changes["version"],
                idempotency_key=key,
            )
        card_id = talk["request_card"]["id"]
        return bank.make_promise(customer, card_id, amount=amount, pay_on=pay_on, idempotency_key=key)

    def refused(self, talk: FormTurn, error: NotEligible) -> None:
        """Another sum or day can be named; anything else ends it."""
        wrong = {
            NotEligibleReason.AMOUNT_TOO_SMALL: "amount",
            NotEligibleReason.AMOUNT_TOO_LARGE: "amount",
            NotEligibleReason.DATE_TOO_LATE: "pay_on",
        }.get(error.reason)
        if wrong is None:
            not_eligible(talk, error)
            return
        talk.say("utter_promise_not_possible", reason=label("promise_refused", error.reason))
        talk.enter(wrong, None)

    def tell(self, talk: FormTurn, filed: Promise) -> None:
        changed = talk["offer"]["changes"] is not None
        talk.say("utter_promise_changed" if changed else "utter_promise_filed", **promise_values(filed))


class PromiseRequest(RequestForm):
    """`promise_form`."""

    topic = "promise"
    needs = ("make_promise", "promises", "change_promise")
    instead = ActionPromiseToPay
    steps = (CardStep(), PromiseAmount(), PayDay(), PromiseOffer(), PromiseConfirmation(), Noting())


def summary_of(talk: FormTurn) -> OverdueSummary:
    """What is owed on the card of the request."""
    card_id = talk["request_card"]["id"]
    if talk.memo.get("summary_of") != card_id:
        talk.memo["summary"] = talk.turn.bank.overdue(talk.turn.customer(), card_id)
        talk.memo["summary_of"] = card_id
    found: OverdueSummary = talk.memo["summary"]
    return found


def amount_of(talk: FormTurn) -> Optional[Decimal]:
    """What was entered, in yuan; `None` if that is the minimum and nothing of it is left to pay."""
    entered = talk["amount"]
    if entered == _FULL:
        return summary_of(talk).total
    if entered == _MINIMUM:
        return summary_of(talk).remaining_minimum or None
    return yuan(entered)


def open_promise(talk: FormTurn) -> Optional[Promise]:
    """The promise that is open on the card of the request, if there is one."""
    if "promises" not in talk.memo:
        talk.memo["promises"] = talk.turn.bank.promises(talk.turn.customer())
    found: List[Promise] = talk.memo["promises"]
    card_id = talk["request_card"]["id"]
    return next((each for each in found if each.card_id == card_id and each.status is PromiseStatus.OPEN), None)


def _of_first_part(talk: FormTurn, name: str) -> List[Any]:
    """The values of an entity, up to where the message goes on to speak of the rest."""
    rest = _REST.search(talk.text)
    found = [each for each in (talk.named if talk.meant is None else talk.meant) if each.get("entity") == name]
    return [each.get("value") for each in found if rest is None or int(each.get("start") or 0) < rest.start()]
