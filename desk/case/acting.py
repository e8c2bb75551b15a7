"""/api/conversations/<id>: what an agent does at the bank for the customer of a conversation. Everything is audited.

GET  …/quotes?kind=instalment|deferral|agreement|waiver&card_id=&amount=&terms=&until=   {quotes, decides}
GET  …/requests                     {requests, decides}
POST …/challenges                   {purpose?, subject} → {challenge}: the customer gets a code by SMS
POST …/requests                     {kind, card_id, quote_id, reason?, challenge_id, code, idempotency_key} → {request}
POST …/requests/<ref>/withdraw      {challenge_id, code, idempotency_key} → {request}
POST …/requests/<ref>/decide        {approve, note?} → {request}: only where the bank is the sandbox (`decides`)
POST …/promises                     {card_id, amount, pay_on, idempotency_key} → {promise}
POST …/contacts                     {at, channel, direction, outcome, card_id?, reference?, idempotency_key} → {contact}

Declarations of hardship and automatic debits: `desk.case.undertaking`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Callable, Dict, Optional, Tuple

from pydantic import BaseModel, Field
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.models import (
    Application,
    ApplicationKind,
    ContactChannel,
    ContactDirection,
    ContactOutcome,
    Purpose,
    ReasonClass,
)
from common import clock
from common.log import conversation_id as log_conversation_id
from desk.api.web import agent_of, answer, conversation_of, desk_of
from desk.bodies import Body, read_body
from desk.case.at_bank import QUOTES, AtBank
from desk.case.figures import as_json
from desk.case.routes import cases_of
from desk.case.store import customer_of, own_case
from desk.insights.projection import PROMISE, filed_by_agent
from desk.journal import Journal
from desk.people import signed_in
from desk.people.web import people_of
from desk.problems import Problem

routes = Blueprint("acting", url_prefix="/api/conversations")

ID = r"^[A-Za-z0-9][A-Za-z0-9_.:~-]{0,127}$"
AMOUNT = r"^[0-9]{1,12}\.[0-9]{2}$"
_MOST_TERMS = 600
_OLDEST_CONTACT = timedelta(days=7)
_CLOCKS_DIFFER = timedelta(minutes=5)  # the browser's and ours
#: What counts as filed; the rest changes what was filed, or something else.
_FILES = frozenset({"request-filed", "hardship-declared", "promise-made"})


class Challenged(Body):
    """What the customer is to confirm."""

    purpose: Purpose = Purpose.FILE_APPLICATION
    subject: str = Field(regex=ID)


class Confirmed(Body):
    """The customer's code, and the key by which a repetition is known."""

    challenge_id: str = Field(regex=ID)
    code: str = Field(regex=r"^[0-9]{4,8}$")
    idempotency_key: str = Field(regex=r"^[A-Za-z0-9_-]{16,64}$")


class Filing(Confirmed):
    """What to file."""

    kind: ApplicationKind
    card_id: str = Field(regex=ID)
    quote_id: str = Field(regex=ID)
    reason: Optional[ReasonClass]


class Deciding(Body):
    """A reviewer's decision."""

    approve: bool
    note: str = Field(default="", max_length=200)


class Promising(Body):
    """What the customer means to pay, and by when."""

    card_id: str = Field(regex=ID)
    amount: str = Field(regex=AMOUNT)
    pay_on: date
    idempotency_key: str = Field(regex=r"^[A-Za-z0-9_-]{16,64}$")


class Contacted(Body):
    """A contact, and when it was; a repetition names the same moment."""

    at: datetime
    channel: ContactChannel
    direction: ContactDirection
    outcome: ContactOutcome
    card_id: Optional[str] = Field(regex=ID)
    reference: Optional[str] = Field(regex=ID)
    idempotency_key: str = Field(regex=r"^[A-Za-z0-9_-]{16,64}$")


@routes.get("/<conversation_id:str>/quotes")
@signed_in()
async def quotes(request: Request, conversation_id: str) -> HTTPResponse:
    """What the bank would do."""
    kind, card_id, wish = _asked(request)
    found = await look(request, conversation_id, lambda bank, who: bank.quotes(who, kind, card_id, wish))
    return answer({"quotes": [as_json(each) for each in found], "decides": bank_of(request).decides})


@routes.get("/<conversation_id:str>/requests")
@signed_in()
async def requests(request: Request, conversation_id: str) -> HTTPResponse:
    """The customer's requests, newest first."""
    found = await look(request, conversation_id, lambda bank, who: bank.applications(who))
    return answer({"requests": [as_json(each) for each in found], "decides": bank_of(request).decides})


@routes.post("/<conversation_id:str>/challenges")
@signed_in()
async def challenge(request: Request, conversation_id: str) -> HTTPResponse:
    """Have a code sent to the customer."""
    body = read_body(request, Challenged)
    return await act(
        request,
        conversation_id,
        "code-sent",
        f"{body.purpose.value} {body.subject}",
        "challenge",
        lambda bank, who: bank.challenge(who, body.purpose, body.subject),
    )


@routes.post("/<conversation_id:str>/requests")
@signed_in()
async def file(request: Request, conversation_id: str) -> HTTPResponse:
    """File what was quoted."""
    body = read_body(request, Filing)
    return await act(
        request,
        conversation_id,
        "request-filed",
        f"{body.kind.value} {body.quote_id}",
        "request",
        lambda bank, who: bank.file(who, **fields(body)),
    )


@routes.post("/<conversation_id:str>/requests/<reference:str>/withdraw")
@signed_in()
async def withdraw(request: Request, conversation_id: str, reference: str) -> HTTPResponse:
    """Withdraw a request."""
    body = read_body(request, Confirmed)
    return await act(
        request,
        conversation_id,
        "request-withdrawn",
        reference,
        "request",
        lambda bank, who: bank.withdraw(who, reference, **fields(body)),
    )


@routes.post("/<conversation_id:str>/requests/<reference:str>/decide")
@signed_in()
async def decide(request: Request, conversation_id: str, reference: str) -> HTTPResponse:
    """Decide on a request of the sandbox."""
    body = read_body(request, Deciding)
    return await act(
        request,
        conversation_id,
        "request-decided",
        f"{reference} {'approved' if body.approve else 'declined'}",
        "request",
        lambda bank, who: bank.decide(who, reference, body.approve, body.note),
    )


@routes.post("/<conversation_id:str>/promises")
@signed_in()
async def promise(request: Request, conversation_id: str) -> HTTPResponse:
    """Note a promise."""
    body = read_body(request, Promising)
    return await act(
        request,
        conversation_id,
        "promise-made",
        f"by {body.pay_on.isoformat()}",
        "promise",
        lambda bank, who: bank.promise(
            who,
            body.card_id,
            amount=Decimal(body.amount),
            pay_on=body.pay_on,
            idempotency_key=body.idempotency_key,
        ),
    )


@routes.post("/<conversation_id:str>/contacts")
@signed_in()
async def contact(request: Request, conversation_id: str) -> HTTPResponse:
    """Log a contact."""
    body = read_body(request, Contacted)
    if body.at.tzinfo is None or not timedelta() <= clock.now() - body.at + _CLOCKS_DIFFER <= _OLDEST_CONTACT:
        raise Problem("invalid-request", "at: of the last days, with its offset")
    return await act(
        request,
        conversation_id,
        "contact-logged",
        f"{body.channel.value} {body.outcome.value}",
        "contact",
        lambda bank, who: bank.log_contact(who, **fields(body)),
    )


async def look(request: Request, conversation_id: str, ask: Callable[[AtBank, str], Any]) -> Any:
    """What the bank answers of the customer of a conversation that the agent has."""
    _, customer_id = await _own(request, conversation_id)
    return await desk_of(request).thread(ask, bank_of(request), customer_id)


async def act(
    request: Request, conversation_id: str, what: str, why: str, name: str, do: Callable[[AtBank, str], BaseModel]
) -> HTTPResponse:
    """Do something, put it on record, and answer what came of it as `name`."""
    found, customer_id = await _own(request, conversation_id)
    done = await desk_of(request).thread(do, bank_of(request), customer_id)
    cases_of(request).forget(customer_id)
    entry = agent_of(request), what, found, why
    await desk_of(request).run(_record, people_of(request).audit, entry, customer_id, done)
    return answer({name: as_json(done)}, status=201)


def _record(journal: Journal, audit: Any, entry: Tuple[Any, str, str, str], customer_id: str, done: BaseModel) -> None:
    agent, act, conversation_id, why = entry
    reference = getattr(done, "reference", None)
    audit.write(journal.connection, agent, act, conversation_id, f"{reference}: {why}" if reference else why)
    if act in _FILES and reference:
        kind = done.kind.value if isinstance(done, Application) else PROMISE
        filed_by_agent(journal.connection, conversation_id, customer_id=customer_id, reference=reference, kind=kind)


async def _own(request: Request, conversation_id: str) -> Any:
    found = conversation_of(conversation_id)
    log_conversation_id.set(found)
    case = await desk_of(request).read(own_case, agent_of(request), found)
    return found, customer_of(case)


def bank_of(request: Request) -> AtBank:
    """What the application acts at the bank by."""
    found: AtBank = request.app.ctx.at_bank
    return found


def fields(body: Body) -> Dict[str, Any]:
    """What a body holds, by name."""
    return {name: getattr(body, name) for name in body.__fields__}


def _asked(request: Request) -> Any:
    """Kind, card and wish of a query. Raises `Problem` invalid-request."""
    given = {name: request.args.get(name) for name in ("kind", "card_id", "amount", "terms", "until")}
    try:
        kind = ApplicationKind(given["kind"])
        amount = _amount(given["amount"])
        terms = int(given["terms"]) if given["terms"] else None
        until = date.fromisoformat(given["until"]) if given["until"] else None
    except ValueError:
        raise Problem("invalid-request", "kind, amount, terms or until") from None
    if kind not in QUOTES or not given["card_id"]:
        raise Problem("invalid-request", "kind or card_id")
    if terms is not None and not 0 < terms <= _MOST_TERMS:
        raise Problem("invalid-request", "terms")
    return kind, given["card_id"], {"amount": amount, "terms": terms, "until": until}


def _amount(given: Optional[str]) -> Optional[Decimal]:
    """An amount with up to two decimals. Raises `ValueError`."""
    if not given:
        return None
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", given):
        raise ValueError("amount")
    return Decimal(given).quantize(Decimal("0.01"))
