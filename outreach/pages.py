"""The pages of outreach: the outbox, the calls to be made, and the report for compliance, with their data.

    GET /                              the page, with its files under /files/
    GET /api/messages?before=&customer=&channel=       what was sent, newest first
    GET /api/report?from=&to=&customer=&by=day|customer
    GET /report.csv?from=&to=&customer=
    GET /api/calls                                     calls that may be made now; agents make them at the desk

On this machine they are open, as the sandbox's are. Beyond it a browser asks for the token (`OUTREACH_TOKEN`).
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hmac
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple, TypeVar

import sqlalchemy as sa
from sanic import Blueprint
from sanic.exceptions import InvalidUsage, NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, json, stream, text

from common import clock
from common.database import Database
from common.hosts import is_this_machine
from common.settings import ROOT, Settings
from common.static_files import answer, load
from outreach.calls import Calls
from outreach.report import Report
from outreach.tables import contacts, messages

_STATIC = Path(__file__).with_name("static")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = 50  # messages
_LONGEST_SPAN = 366  # days of a report
T = TypeVar("T")


def blueprint(values: Settings, database: Database, report: Report, calls: Calls) -> Blueprint:
    """The routes."""
    routes = Blueprint("pages")
    colours = load(ROOT / "channels" / "static" / "widget")["colours.css"]
    files = {**load(_STATIC), "colours.css": colours}
    token = None if is_this_machine(values.outreach_host) else values.secret("outreach_token")

    @routes.on_request
    async def check(request: Request) -> Optional[HTTPResponse]:
        if token is None or _has(request, token):
            return None
        return text("The token is needed.", 401, {"WWW-Authenticate": 'Basic realm="outreach"'})

    def give(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            raise NotFound(f"no file {name}")
        return answer(request, files[name], {"Content-Security-Policy": _POLICY} if files[name].is_page else {})

    @routes.get("/", name="page")
    async def page(request: Request) -> HTTPResponse:
        return give(request, "index.html")

    @routes.get("/files/<name:str>", name="file")
    async def file(request: Request, name: str) -> HTTPResponse:
        return give(request, name)

    @routes.get("/api/messages", name="messages")
    async def outbox(request: Request) -> HTTPResponse:
        asked = {name: request.args.get(name) for name in ("before", "customer", "channel")}
        return json(await _thread(_messages, database, asked))

    @routes.get("/api/report", name="report")
    async def counts(request: Request) -> HTTPResponse:
        first, last, customer = _span(request)
        look = report.by_customer if request.args.get("by") == "customer" else report.by_day
        return json({"items": await _thread(look, first, last, customer)})

    @routes.get("/report.csv", name="csv")
    async def as_csv(request: Request) -> Any:
        first, last, customer = _span(request)
        lines = report.csv(first, last, customer)

        async def write(response: Any) -> None:
            await response.write("\N{BYTE ORDER MARK}")  # spreadsheets take it for another encoding otherwise
            while (line := await _thread(next, lines, None)) is not None:
                await response.write(line)

        name = f"contacts-{first}-{last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return stream(write, headers=headers, content_type="text/csv; charset=utf-8")

    @routes.get("/api/calls", name="calls")
    async def open_calls(_: Request) -> HTTPResponse:
        tasks = await _thread(calls.open)
        shown = "id customer_id card_id language script attempts".split()
        items = [
            {**{name: getattr(task, name) for name in shown}, "call_until": task.call_until.isoformat()}
            for task in tasks
        ]
        return json({"items": items})

    return routes


def _messages(database: Database, asked: Dict[str, Optional[str]]) -> Dict[str, Any]:
    query = sa.select(messages, contacts.c.step).join(contacts, contacts.c.id == messages.c.contact_id)
    query = query.order_by(messages.c.at.desc(), messages.c.id.desc()).limit(_PAGE + 1)
    for name, column in (("customer", messages.c.customer_id), ("channel", messages.c.channel)):
        if asked[name]:
            query = query.where(column == asked[name])
    with database.reading() as connection:
        if asked["before"]:
            edge = connection.execute(sa.select(messages).where(messages.c.id == asked["before"])).one_or_none()
            if edge is not None:
                earlier = sa.and_(messages.c.at == edge.at, messages.c.id < edge.id)
                query = query.where(sa.or_(messages.c.at < edge.at, earlier))
        rows = connection.execute(query).all()
    shown = "id customer_id card_id channel state step text_id language subject text shown_to".split()
    items = [{**{name: row._mapping[name] for name in shown}, "at": row.at.isoformat()} for row in rows[:_PAGE]]
    return {"items": items, "more": len(rows) > _PAGE}


def _span(request: Request) -> Tuple[date, date, Optional[str]]:
    today = clock.today()
    try:
        last = date.fromisoformat(request.args.get("to") or today.isoformat())
        first = date.fromisoformat(request.args.get("from") or (last - timedelta(days=6)).isoformat())
    except ValueError:
        raise InvalidUsage("from and to are days, YYYY-MM-DD") from None
    if not 0 <= (last - first).days < _LONGEST_SPAN:
        raise InvalidUsage(f"from and to span 1 to {_LONGEST_SPAN} days")
    return first, last, request.args.get("customer") or None


def _has(request: Request, token: str) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        password = base64.b64decode(given).decode().partition(":")[2]
    except ValueError:
        return False
    return hmac.compare_digest(password.encode(), token.encode())


async def _thread(work: Callable[..., T], *args: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(work, *args))
