"""The dispute of a booking: which one, what is wrong with it, a plain yes, the reference.

It binds the customer to nothing, so it needs no code; the sum is set aside while the bank examines it.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Dict, List, Optional

from actions.dispute import SPENT, ActionDispute, newest_first, transaction_values
from actions.filed import dispute_values
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.ordinals import nth
from actions.situation import owed
from actions.steps import AnyCardStep, Confirmation, Sending
from actions.values import label
from bank.models import Dispute, DisputeReason, Transaction

_SHOWN = 8
_BUTTONS = 4
_LONGEST_STATEMENT = 1000  # characters, by the contract
_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]+")
_LATIN_WORD = re.compile(r"[a-z]{4,}")
_ANY_BOOKING = {
    "消费",
    "交易",
    "扣款",
    "transaction",
    "payment",
    "purchase",
    "charge",
    "card",
}  # say nothing about which


class TransactionStep(Step):
    """Which booking. Slot: `{"id", "values"}`. Picked by a button, by its amount, or by words of its description."""

    slot = "transaction"
    entity = "amount"
    shows = ("request_card",)

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return _yuan(value) is not None

    def read(self, talk: FormTurn) -> bool:
        return talk["request_card"] is not None and self._take(talk)

    def settle(self, talk: FormTurn) -> bool:
        open_ones = [each for each in spent_of(talk) if not each.disputed]
        if not open_ones:
            talk.say("utter_dispute_nothing", last4=talk["request_card"]["last4"])
            talk.end()
            return True
        # The first message comes before the card is known.
        return "looked_for" not in talk.memo and self._take(talk) and talk[self.slot] is not None

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        shown = talk.memo.get("candidates") or spent_of(talk)[:_SHOWN]
        choices = [each for each in shown if not each.disputed]
        return {
            **owed(talk.turn.bank.overdue(talk.turn.customer(), talk["request_card"]["id"])),
            "last4": talk["request_card"]["last4"],
            "transactions": [_row(each) for each in shown],
            "choices": [_row(each) for each in choices[:_BUTTONS]],
        }

    def _take(self, talk: FormTurn) -> bool:
        talk.memo["looked_for"] = True
        found = _named(talk)
        open_ones = [each for each in found if not each.disputed]
        if len(open_ones) == 1:
            if talk[self.slot] is None or talk[self.slot]["id"] != open_ones[0].id:
                talk.enter(self.slot, {"id": open_ones[0].id, "values": _row(open_ones[0])})
        elif open_ones:
            talk.memo["candidates"] = open_ones
            talk.say("utter_transaction_several")
        elif found:
            talk.say("utter_transaction_examined")
        return bool(found)


class WrongStep(Step):
    """What is wrong with it. Slot: `{"reason": a DisputeReason value, "statement": the customer's words or null}`."""

    slot = "wrong"
    entity = "wrong"
    # Wordings that tell what is wrong and fit no class.
    _TOLD = ("inform", "nlu_fallback", "out_of_scope", "dispute_charge", "complain_collection")

    def read(self, talk: FormTurn) -> bool:
        classes = {reason.value for reason in DisputeReason}
        named = [str(value) for value in talk.entities("wrong") if value in classes]
        asked = talk.pending == self.slot
        told = asked and not talk.pressed and (talk.intent in self._TOLD) and not talk.entities("amount")
        if not named and not told:
            return False
        words = talk.text[:_LONGEST_STATEMENT] if asked and not talk.pressed else None
        value = {"reason": named[0] if named else DisputeReason.OTHER.value, "statement": words or None}
        talk.enter(self.slot, value)
        return True

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return {**talk["transaction"]["values"], "last4": talk["request_card"]["last4"]}


class DisputeOffer(Step):
    """What is to be filed. Slot `offer`: its id and the values by which it is named."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        booked, wrong = talk["transaction"], talk["wrong"]
        values = {**booked["values"], "wrong": label("dispute_reason", wrong["reason"])}
        talk[self.slot] = {
            "id": f"{booked['id']} {wrong['reason']}",
            "values": {**values, "last4": talk["request_card"]["last4"]},
        }
        return True


class DisputeConfirmation(Confirmation):
    """Shows the booking and what is said to be wrong with it."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        return {"statement": talk["wrong"]["statement"]}


class FilingDispute(Sending):
    """Files it at the bank."""

    def send(self, talk: FormTurn) -> Dispute:
        return talk.turn.bank.file_dispute(
            talk.turn.customer(),
            talk["request_card"]["id"],
            transaction_id=talk["transaction"]["id"],
            reason=DisputeReason(talk["wrong"]["reason"]),
            statement=talk["wrong"]["statement"],
            idempotency_key=talk["idempotency_key"],
        )

    def tell(self, talk: FormTurn, filed: Dispute) -> None:
        booked = talk["transaction"]["values"]
        talk.say("utter_dispute_filed", **{**booked, **dispute_values(filed)}, stolen=filed.reason is _STOLEN)


class DisputeRequest(RequestForm):
    """`dispute_form`."""

    topic = "dispute"
    needs = ("file_dispute", "transactions")
    instead = ActionDispute
    steps = (
        AnyCardStep(),
        TransactionStep(),
        WrongStep(),
        DisputeOffer(),
        DisputeConfirmation(),
        FilingDispute(),
    )


_STOLEN = DisputeReason.NOT_MINE


def spent_of(talk: FormTurn) -> List[Transaction]:
    """What was spent with the card of the request, the latest first."""
    card_id = talk["request_card"]["id"]
    if talk.memo.get("spent_with") != card_id:
        booked = talk.turn.bank.transactions(talk.turn.customer(), card_id)
        talk.memo["spent"] = newest_first([each for each in booked if each.kind in SPENT])
        talk.memo["spent_with"] = card_id
    found: List[Transaction] = talk.memo["spent"]
    return found


def _named(talk: FormTurn) -> List[Transaction]:
    """The bookings that the message means: by a button, else those of the amount, else those of the description."""
    spent = spent_of(talk)
    pressed = [each for each in spent if each.id in talk.entities("transaction")]
    if pressed:
        return pressed
    amounts = [amount for amount in map(_yuan, talk.entities("amount")) if amount]
    by_amount = [each for each in spent if each.amount in amounts]
    # Only in answer to the question: a complaint is full of words such as "card", which a shop's name may hold too.
    asked = talk.pending is not None and not talk.pressed
    by_words = [each for each in spent if asked and _speaks_of(talk.text, each.description)]
    both = [each for each in by_amount if each in by_words]
    shown = [each for each in spent[:_SHOWN] if not each.disputed]
    by_place = nth(shown, talk.text) if talk.pending == TransactionStep.slot else None
    return both or by_amount or by_words or ([by_place] if by_place else [])


def _speaks_of(text: str, description: str) -> bool:
    """Whether the text has two neighbouring characters, or a long word, of the description."""
    text, description = text.casefold(), description.casefold()
    pairs = {run[at : at + 2] for run in _CHINESE_RUN.findall(description) for at in range(len(run) - 1)}
    words = set(_LATIN_WORD.findall(description))
    return any(pair in text for pair in pairs - _ANY_BOOKING) or bool(
        words & set(_LATIN_WORD.findall(text)) - _ANY_BOOKING
    )


def _row(transaction: Transaction) -> Dict[str, Any]:
    return {"transaction_id": transaction.id, **transaction_values(transaction)}


def _yuan(value: Any) -> Optional[Decimal]:
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
