"""The one-time code: proves that the customer, and nobody else, wants this one write at the bank."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional

from actions.form_turn import FormTurn, Step
from actions.steps import not_eligible, not_withdrawable, offer_expired
from actions.values import label
from bank.errors import (
    CodeExpired,
    InvalidRequest,
    NotEligible,
    NotFound,
    NotWithdrawable,
    QuoteExpired,
    RateLimited,
    TooManyAttempts,
    WrongCode,
)
from bank.models import Purpose

_CODE = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)")
_ONLY_DIGITS = re.compile(r"[\d\s-]*\d[\d\s-]*")


def code_in(talk: FormTurn) -> Optional[str]:
    """The six digits in the message, whatever stands around them; those of a button's offer are none."""
    found = _CODE.search(" ".join([*map(str, talk.entities("code")), talk.turn.text]))
    return re.sub(r"\D", "", found.group()) if found else None


class OneTimeCode(Step):
    """Slot `proof`: what the bank gave for the right code. Slot `challenge`: the code that was sent last.

    The code is sent when the request gets here, and again only when the customer asks or the last one is too old.
    """

    slot = "proof"

    def __init__(self, purpose: Purpose) -> None:
        self._purpose = purpose

    def subject(self, talk: FormTurn) -> str:
        """What the code is for at the bank: what is offered, unless the contract says otherwise."""
        return str(talk["offer"]["id"])

    def claims(self, talk: FormTurn) -> bool:
        return talk.intent != "correct" and bool(code_in(talk) or _ONLY_DIGITS.fullmatch(talk.text))

    def read(self, talk: FormTurn) -> bool:
        if talk.pending != self.slot:
            return False
        if talk.intent == "resend_code":
            self._send(talk, "utter_code_resent")
            return True
        if talk.intent == "deny":
            talk.reply("utter_code_declined", request=label("request", talk.topic), **self.values(talk))
            return True
        if not self.claims(talk):
            return False
        self._check(talk, code_in(talk))
        return True

    def settle(self, talk: FormTurn) -> bool:
        if talk["challenge"] or talk.asked:
            return False
        return self._send(talk, "utter_first_proof")

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return {"phone": (talk["challenge"] or {}).get("phone")}

    def ask(self, talk: FormTurn) -> None:
        if (talk["challenge"] or {}).get("locked"):
            talk.say("utter_code_locked")
        else:
            super().ask(talk)

    def _send(self, talk: FormTurn, response: str) -> bool:
        """Have a code sent and say so; whether the request went back to an earlier step or ended."""
        try:
            challenge = talk.turn.bank.challenge(talk.turn.customer(), self._purpose, self.subject(talk))
        except RateLimited:
            talk.reply("utter_code_too_often", **self.values(talk))
            return False
        except (QuoteExpired, NotFound):
            offer_expired(talk)
            return True
        except NotEligible as error:
            not_eligible(talk, error)
            return True
        except NotWithdrawable:
            not_withdrawable(talk)
            return True
        talk["challenge"] = {"id": challenge.id, "phone": challenge.masked_phone}
        talk.reply(response, **self.values(talk))
        return False

    def _check(self, talk: FormTurn, code: Optional[str]) -> None:
        challenge = talk["challenge"] or {}
        if challenge.get("locked") or "id" not in challenge:
            return
        if code is None:
            talk.reply("utter_code_malformed", **self.values(talk))
            return
        try:
            proof = talk.turn.bank.check_challenge(talk.turn.customer(), challenge["id"], code)
        except WrongCode as error:
            counted = "utter_code_wrong" if error.attempts_left is None else "utter_code_wrong_counted"
            talk.reply(counted, attempts_left=error.attempts_left, **self.values(talk))
        except InvalidRequest:
            talk.reply("utter_code_malformed", **self.values(talk))
        except TooManyAttempts:
            talk["challenge"] = {"locked": True}
        except (CodeExpired, NotFound):
            talk["challenge"] = None
            self._send(talk, "utter_code_expired")
        else:
            talk[self.slot] = proof.token
