"""/api/conversations/<id>: hardship and automatic debits. Nothing is quoted, so the customer's code is for the card.

POST …/hardship      {card_id, reason, affordable_per_month?, statement?, consented, language, challenge_id, code,
                     idempotency_key} → {request}; the challenge: purpose file_application, subject card_id
GET  …/auto-debit?card_id=   {auto_debit, accounts}
POST …/auto-debit    {card_id, enabled, amount?, account_id?, version, challenge_id, code, idempotency_key}
                     → {auto_debit}; the challenge: purpose set_auto_debit, subject card_id
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Optional

from pydantic import Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.models import AutoDebitAmount, ReasonClass
from desk.api.web import answer
from desk.bodies import read_body
from desk.case.acting import AMOUNT, ID, Confirmed, act, fields, look
from desk.case.figures import as_json
from desk.people import signed_in
from desk.problems import Problem

routes = Blueprint("undertaking", url_prefix="/api/conversations")

_LONGEST_STATEMENT = 1000  # characters, by the bank's contract


class Declaring(Confirmed):
    """A declaration of hardship. `consented`: the customer read the wording on papers and said yes in the chat."""

    card_id: str = Field(regex=ID)
    reason: ReasonClass
    affordable_per_month: Optional[str] = Field(regex=AMOUNT)
    statement: Optional[str] = Field(min_length=1, max_length=_LONGEST_STATEMENT)
    consented: Literal[True]
    language: Literal["zh", "en"]


class SettingDebit(Confirmed):
    """Automatic debits on or off; `amount` and `account_id` when they are switched on or change."""

    card_id: str = Field(regex=ID)
    enabled: bool
    amount: Optional[AutoDebitAmount]
    account_id: Optional[str] = Field(regex=ID)
    version: int = Field(ge=0)


@routes.post("/<conversation_id:str>/hardship")
@signed_in()
async def declare(request: Request, conversation_id: str) -> HTTPResponse:
    """File a declaration of hardship, and record the consent that it needs."""
    body = read_body(request, Declaring)
    given = {**fields(body), "affordable_per_month": _yuan(body.affordable_per_month)}
    del given["consented"]
    return await act(
        request,
        conversation_id,
        "hardship-declared",
        f"{body.reason.value}, consent in the chat",
        "request",
        lambda bank, who: bank.declare_hardship(who, **given),
    )


@routes.get("/<conversation_id:str>/auto-debit")
@signed_in()
async def auto_debit(request: Request, conversation_id: str) -> HTTPResponse:
    """How a card's bills are debited now, and from which accounts they could be."""
    card_id = request.args.get("card_id")
    if not card_id:
        raise Problem("invalid-request", "card_id")
    debit, accounts = await look(request, conversation_id, lambda bank, who: bank.auto_debit(who, card_id))
    return answer({"auto_debit": as_json(debit), "accounts": [as_json(each) for each in accounts]})


@routes.post("/<conversation_id:str>/auto-debit")
@signed_in()
async def set_auto_debit(request: Request, conversation_id: str) -> HTTPResponse:
    """Switch automatic debits on, over or off."""
    body = read_body(request, SettingDebit)
    return await act(
        request,
        conversation_id,
        "auto-debit-set",
        f"{'on' if body.enabled else 'off'} {body.amount.value if body.amount else ''}".strip(),
        "auto_debit",
        lambda bank, who: bank.set_auto_debit(who, **fields(body)),
    )


def _yuan(given: Optional[str]) -> Optional[Decimal]:
    return Decimal(given) if given else None
