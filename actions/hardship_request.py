"""The declaration of hardship: why, a consent, papers that show it, a plain yes, the code, the reference.

It asks the bank what it can do. Nothing is quoted, so the code is for the card.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any, Dict

from actions.filed import application_values
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.offers import FILING
from actions.one_time_code import OneTimeCode
from actions.papers import ConsentStep, PapersStep, open_request, paper_rows, settled_with_papers
from actions.steps import CardStep, Confirmation, ReasonStep, Sending, card_of, not_eligible
from actions.values import label, money
from bank.errors import NotEligible, NotEligibleReason
from bank.models import Application, Purpose, ReasonClass


class HardshipReasonStep(ReasonStep):
    """Why. Found out first: whether a request is open on the card already, before anything is asked."""

    def settle(self, talk: FormTurn) -> bool:
        card_id = talk["request_card"]["id"]
        if talk.memo.get("looked_at") != card_id:
            talk.memo["looked_at"] = card_id
            if open_request(talk, card_id):
                reason = NotEligibleReason.ALREADY_RUNNING
                not_eligible(talk, NotEligible("GET …/applications", "not-eligible", 422, reason))
        return talk.over or super().settle(talk)


class DeclarationStep(Step):
    """What is to be declared. Slot `offer`: its id and the values by which it is named."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        card, told = card_of(talk), [talk["reason"], *(each["id"] for each in talk["papers"])]
        talk[self.slot] = {
            "id": f"{card.id}-{hashlib.sha256(' '.join(told).encode()).hexdigest()[:16]}",
            "values": {
                "last4": card.last4,
                "owed": money(card.amount_due),
                "reason_told": label("reason", _reason(talk)),
                "papers": paper_rows(talk["papers"]),
                "no_papers": not talk["papers"],
            },
        }
        return True


class HardshipConfirmation(Confirmation):
    """Shows what is declared, and what the customer said of what a month may cost."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        monthly = talk["monthly_capacity"]
        return {"monthly": money(Decimal(monthly)) if monthly else None}


class HardshipCode(OneTimeCode):
    """The code is for the card: nothing was quoted."""

    def subject(self, talk: FormTurn) -> str:
        return str(talk["request_card"]["id"])


class Declaring(Sending):
    """Files the declaration with its papers."""

    def settle(self, talk: FormTurn) -> bool:
        return settled_with_papers(talk, super().settle)

    def send(self, talk: FormTurn) -> Application:
        monthly = talk["monthly_capacity"]
        return talk.turn.bank.declare_hardship(
            talk.turn.customer(),
            card_id=talk["request_card"]["id"],
            reason=_reason(talk),
            affordable_per_month=Decimal(monthly) if monthly else None,
            consent_id=talk["consent"],
            document_ids=[each["id"] for each in talk["papers"]],
            proof=talk["proof"],
            idempotency_key=talk["idempotency_key"],
        )

    def tell(self, talk: FormTurn, filed: Application) -> None:
        talk.say("utter_hardship_filed", **application_values(filed))


class HardshipRequest(RequestForm):
    """`hardship_form`."""

    topic = "hardship"
    needs = ("record_consent", "consents", "upload_document", "documents", "applications", *FILING)
    steps = (
        CardStep(),
        HardshipReasonStep(),
        ConsentStep(),
        PapersStep(),
        DeclarationStep(),
        HardshipConfirmation(),
        HardshipCode(Purpose.FILE_APPLICATION),
        Declaring(),
    )


def _reason(talk: FormTurn) -> ReasonClass:
    """The bank's record needs one; who does not want to say has another one."""
    return ReasonStep.told(talk) or ReasonClass.OTHER
