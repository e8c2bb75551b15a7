"""The waiver request: which card, late fee or interest, the items, a plain yes, the code, the reference."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.fees import fee_values
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.offers import FILING
from actions.one_time_code import OneTimeCode
from actions.situation import owed, rates, situation_of
from actions.steps import AnyCardStep, Confirmation, Filing, ReasonStep, not_eligible
from actions.values import label, moment, money
from bank.errors import NotEligible
from bank.models import ApplicationKind, Purpose, WaiverOption


class ActionFeeWaiver(CardAction):
    """What was charged and who decides: for visitors, and for banks that take no such request here."""

    intent = "request_fee_waiver"
    general = "utter_general_waiver"

    def name(self) -> str:
        return "action_fee_waiver"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        charged = bool(summary.interest or summary.late_fee or summary.other_fees)
        turn.say(
            "utter_waiver" if charged else "utter_waiver_nothing",
            **focus.values(),
            **owed(summary),
            first_time=label("waiver_first_time", "yes" if summary.first_time else "no"),
            pay_now=situation_of(summary).is_overdue,
        )


class ChargeStep(Step):
    """Late fee or interest: the bank takes one request for one kind. Slot: a `WaiverKind` value."""

    slot = "charge"
    entity = "charge"
    shows = ("request_card",)

    def read(self, talk: FormTurn) -> bool:
        named = sorted({str(value) for value in talk.entities("charge")} & {"late_fee", "interest"})
        if len(named) > 1:
            talk.memo["several"] = True
        elif named:
            talk.enter(self.slot, named[0])
        return bool(named)

    def settle(self, talk: FormTurn) -> bool:
        options = options_of(talk)
        if talk.over:
            return True
        if len(options) == 1:
            talk.enter(self.slot, options[0].kind.value)
            return True
        if talk.memo.pop("several", False):
            talk.say("utter_charge_one_at_a_time")
        return False

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        rows = [_option_row(option) for option in options_of(talk)]
        return {"last4": talk["request_card"]["last4"], "options": rows}


class EligibleReasonStep(ReasonStep):
    """Asks for the reason only where there is something to ask the bank for."""

    def settle(self, talk: FormTurn) -> bool:
        return chosen_option(talk) is None or super().settle(talk)


class WaiverOptionStep(Step):
    """The bank's option for that kind. Slot `offer`: its id and the values by which it is named again."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        option = chosen_option(talk)
        if option is None:
            return True
        talk.memo["option"] = option
        named = {"last4": talk["request_card"]["last4"], "several": len(options_of(talk)) > 1}
        talk[self.slot] = {"id": option.id, "values": {**_option_row(option), **named}}
        return True


class WaiverConfirmation(Confirmation):
    """Shows each charge that is asked to be given back."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        option: WaiverOption = talk.memo["option"]
        summary = talk.turn.bank.overdue(talk.turn.customer(), option.card_id)
        return {
            **rates(summary),
            "fees": [fee_values(item, summary.daily_interest_rate) for item in option.items],
            "valid_until": moment(option.valid_until),
        }


class WaiverRequest(RequestForm):
    """`waiver_form`."""

    topic = "waiver"
    needs = ("waiver_options", *FILING)
    instead = ActionFeeWaiver
    steps = (
        AnyCardStep(),
        ChargeStep(),
        EligibleReasonStep(),
        WaiverOptionStep(),
        WaiverConfirmation(),
        OneTimeCode(Purpose.FILE_APPLICATION),
        Filing(ApplicationKind.WAIVER),
    )


def options_of(talk: FormTurn) -> List[WaiverOption]:
    """What the bank would consider. Empty if nothing: then the customer was told and the request is over."""
    card_id = talk["request_card"]["id"]
    if talk.memo.get("asked_for") != card_id:
        talk.memo["asked_for"] = card_id
        try:
            talk.memo["options"] = talk.turn.bank.waiver_options(talk.turn.customer(), card_id)
        except NotEligible as error:
            not_eligible(talk, error)
            talk.memo["options"] = []
    found: List[WaiverOption] = talk.memo["options"]
    return found


def chosen_option(talk: FormTurn) -> Optional[WaiverOption]:
    """The option for the charge that was chosen. `None` if there is none: then the customer was told."""
    options = options_of(talk)
    found = next((option for option in options if option.kind.value == talk["charge"]), None)
    if found is None and not talk.over:
        talk.say("utter_charge_not_offered", charge=label("fee", talk["charge"]))
        talk["charge"] = None
    return found


def _option_row(option: WaiverOption) -> Dict[str, Any]:
    return {
        "charge": label("fee", option.kind),
        "charge_code": option.kind.value,
        "charge_amount": money(option.amount),
    }
