"""The state of what was filed, and withdrawing it."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Sequence, Union

from actions.base import BankAction, Events, Turn
from actions.filed import Filed, on_file
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.one_time_code import OneTimeCode
from actions.plans import NEEDS as PLAN_NEEDS
from actions.plans import plan_values, plans_on
from actions.steps import Confirmation, Sending
from actions.values import label
from bank.errors import BankError
from bank.models import Application, Dispute, Promise, Purpose

logger = logging.getLogger(__name__)

_SHOWN = 3
_BUTTONS = 4
_NO_PROOF = "none needed"


class ActionApplications(BankAction):
    """The customer's requests, the newest first: a card for each of the newest, one table of the others."""

    def name(self) -> str:
        """As in the domain."""
        return "action_applications"

    def answer(self, turn: Turn) -> Events:
        """Tell the state of each."""
        filed = on_file(turn)
        if not filed:
            turn.say("utter_no_applications")
            return []
        plans = _plans_of(turn, filed[:_SHOWN])
        for each in filed[:_SHOWN]:
            turn.say("utter_application_state", **{**plans.get(each.reference, {}), **each.values})
        if filed[_SHOWN:]:
            turn.say("utter_older_applications", older=[each.values for each in filed[_SHOWN:]])
        turn.say(
            "utter_after_applications",
            withdrawable=any(each.withdrawable for each in filed),
            waits_for_papers=any(each.values.get("documents_needed") for each in filed),
        )
        return []


def _plans_of(turn: Turn, filed: Sequence[Filed]) -> Dict[str, Dict[str, Any]]:
    """What the bank says of those that run, by reference. The rest is told even if it does not answer that."""
    card_ids = sorted({each.runs_on for each in filed if each.runs_on})
    try:
        plans = plans_on(turn, card_ids if turn.has(PLAN_NEEDS) else ())
    except BankError as error:
        logger.warning("the running plans are not known: %s", type(error).__name__)
        return {}
    return {plan.reference: plan_values(plan) for plan in plans}


class WithdrawalStep(Step):
    """Which request to withdraw. Slot: its reference."""

    slot = "withdrawal"
    entity = "reference"

    def read(self, talk: FormTurn) -> bool:
        named = [str(reference).upper() for reference in talk.entities("reference")]
        if named:
            talk.enter(self.slot, named[-1])
        return bool(named)

    def settle(self, talk: FormTurn) -> bool:
        open_ones = [each for each in _filed(talk) if each.withdrawable]
        if len(open_ones) == 1:
            talk.enter(self.slot, open_ones[0].reference)
        elif not open_ones:
            talk.say("utter_nothing_to_withdraw" if _filed(talk) else "utter_no_applications")
            talk.end()
        return len(open_ones) <= 1

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        rows = [each.values for each in _filed(talk) if each.withdrawable]
        return {"open_ones": rows, "choices": rows[:_BUTTONS]}


class SubjectStep(Step):
    """The request as the bank has it. Slot `offer`: its reference and the values by which it is named again."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        found = next((each for each in _filed(talk) if each.reference == talk["withdrawal"]), None)
        if found and found.withdrawable:
            values = {**found.values, "effect": label("withdrawal_effect", found.family)}
            talk[self.slot] = {
                "id": found.reference,
                "family": found.family,
                "version": found.version,
                "values": values,
            }
        elif found:
            talk.say("utter_not_withdrawable", **found.values)
            talk.end()
        else:
            talk.say("utter_reference_unknown", reference=talk["withdrawal"])
            talk["withdrawal"] = None
        return True


class WithdrawalCode(OneTimeCode):
    """Only an application needs the code: a promise and a dispute bind the customer to nothing."""

    def settle(self, talk: FormTurn) -> bool:
        if talk["offer"]["family"] == "application":
            return super().settle(talk)
        talk[self.slot] = _NO_PROOF
        return True


class Withdrawing(Sending):
    """Withdraws it at the bank."""

    def send(self, talk: FormTurn) -> Union[Application, Promise, Dispute]:
        """Raises `BankError`."""
        bank, customer, offer = talk.turn.bank, talk.turn.customer(), talk["offer"]
        reference, key = offer["id"], talk["idempotency_key"]
        if offer["family"] == "promise":
            return bank.withdraw_promise(customer, reference, idempotency_key=key, version=offer["version"])
        if offer["family"] == "dispute":
            return bank.withdraw_dispute(customer, reference, idempotency_key=key, version=offer["version"])
        return bank.withdraw_application(customer, reference, proof=talk["proof"], idempotency_key=key)

    def tell(self, talk: FormTurn, filed: Union[Application, Promise, Dispute]) -> None:
        """Say that it is withdrawn."""
        talk.say("utter_withdrawn", **talk["offer"]["values"])


class WithdrawalRequest(RequestForm):
    """`withdrawal_form`."""

    topic = "withdrawal"
    steps = (
        WithdrawalStep(),
        SubjectStep(),
        Confirmation(),
        WithdrawalCode(Purpose.WITHDRAW_APPLICATION),
        Withdrawing(),
    )


def _filed(talk: FormTurn) -> List[Filed]:
    if "filed" not in talk.memo:
        talk.memo["filed"] = on_file(talk.turn)
    found: List[Filed] = talk.memo["filed"]
    return found
