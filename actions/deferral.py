"""The deferral request: which card, why, until when, what it costs, a plain yes, the code, the reference."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Dict, List, Optional

from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.one_time_code import OneTimeCode
from actions.steps import CardStep, Confirmation, Filing, ReasonStep, not_eligible
from actions.values import day, label, moment, money, percent
from actions.ways import yuan
from bank.errors import InvalidRequest, NotEligible, NotEligibleReason
from bank.models import ApplicationKind, DeferralOption, Purpose

_BUTTONS = 4


class EligibleReasonStep(ReasonStep):
    """Asks for the reason only where a deferral is possible at all."""

    def settle(self, talk: FormTurn) -> bool:
        options_of(talk)
        return talk.over or super().settle(talk)


class DateStep(Step):
    """Until when. Slot: the day as ISO text."""

    slot = "date"
    entity = "date"
    shows = ("request_card",)

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return _iso_day(value) is not None

    def read(self, talk: FormTurn) -> bool:
        named = [day for day in map(_iso_day, talk.entities("date")) if day]
        new = [day for day in named if day != talk[self.slot]]
        if named:
            talk.enter(self.slot, (new or named)[-1])
        return bool(named)

    def settle(self, talk: FormTurn) -> bool:
        options_of(talk)
        return talk.over

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        options = options_of(talk)
        return {
            "last4": talk["request_card"]["last4"],
            "options": [_option_row(option) for option in options],
            "choices": [_option_row(option) for option in options[:_BUTTONS]],
        }


class SumField(Step):
    """A sum that the customer means to pay. A deferral has none: it can be noted as a promise. Never asked for."""

    slot = "amount"
    entity = "amount"

    def read(self, talk: FormTurn) -> bool:
        sums = [amount for amount in map(yuan, talk.entities("amount")) if amount]
        if not sums or talk.intent != "promise_to_pay":
            return False
        days_named = [named for named in map(_iso_day, talk.entities("date")) if named]
        promised = {"amount": str(sums[-1]), **({"date": days_named[-1]} if days_named else {})}
        talk.say(
            "utter_sum_in_deferral",
            wished=money(sums[-1]),
            promise_payload=f"/promise_to_pay{json.dumps(promised)}",
        )
        return True


class OptionStep(Step):
    """The bank's option for that day. Slot `offer`: its id and the values by which it is named again."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        wished = date.fromisoformat(talk["date"])
        options = self._reaching(talk, wished)
        option = next((option for option in options if option.new_due_date == wished), None)
        if talk.over:
            return True
        if option is None:
            if options:
                talk.say("utter_date_not_offered", wished=day(wished))
                talk.memo["options"] = options
            talk["date"] = None
            return True
        talk.memo["option"] = option
        talk[self.slot] = {"id": option.id, "values": {**_option_row(option), "last4": talk["request_card"]["last4"]}}
        return True

    @staticmethod
    def _reaching(talk: FormTurn, wished: date) -> List[DeferralOption]:
        """The bank's options for that day or later; if there are none, the customer is told why."""
        try:
            return talk.turn.bank.deferral_options(talk.turn.customer(), talk["request_card"]["id"], until=wished)
        except InvalidRequest:
            talk.say("utter_date_not_later", wished=day(wished))
        except NotEligible as error:
            if error.reason is NotEligibleReason.DATE_TOO_LATE:
                talk.say("utter_date_too_late", wished=day(wished))
            else:
                not_eligible(talk, error)
        return []


class DeferralConfirmation(Confirmation):
    """Shows what is due then, what it costs and what goes on meanwhile."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        option: DeferralOption = talk.memo["option"]
        return {
            "annualised_rate": percent(option.annualised_rate),
            "interest_word": label("interest_continues", "yes" if option.interest_continues else "no"),
            "late_fee_word": label("late_fee_waived", "yes" if option.late_fee_waived else "no"),
            "valid_until": moment(option.valid_until),
        }


class DeferralRequest(RequestForm):
    """`deferral_form`."""

    topic = "deferral"
    steps = (
        CardStep(),
        EligibleReasonStep(),
        DateStep(),
        OptionStep(),
        DeferralConfirmation(),
        OneTimeCode(Purpose.FILE_APPLICATION),
        Filing(ApplicationKind.DEFERRAL),
    )
    volunteered = (SumField(),)


def options_of(talk: FormTurn) -> List[DeferralOption]:
    """The bank's options for the card. Empty if there are none: then the customer was told and the request is over."""
    if "options" not in talk.memo:
        try:
            options = talk.turn.bank.deferral_options(talk.turn.customer(), talk["request_card"]["id"])
        except NotEligible as error:
            not_eligible(talk, error)
            options = []
        talk.memo["options"] = options
    found: List[DeferralOption] = talk.memo["options"]
    return found


def _option_row(option: DeferralOption) -> Dict[str, Any]:
    return {
        "new_due_date": day(option.new_due_date),
        "iso_date": option.new_due_date.isoformat(),
        "due_then": money(option.amount_due_then),
        "extra_interest": money(option.extra_interest),
    }


def _iso_day(value: Any) -> Optional[str]:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None
