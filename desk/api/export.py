"""GET /api/export: hand-overs of a time, or the transcript of a conversation, as a table. Supervisors only, audited."""

from __future__ import annotations

import csv
import io
from typing import Any, Dict, List, Sequence

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from desk import search
from desk.api.search import until
from desk.api.web import NO_STORE, agent_of, audit_of, desk_of, moment_of, query
from desk.people import signed_in
from desk.problems import Problem

routes = Blueprint("export", url_prefix="/api")

_HANDOVERS = (
    "reference conversation customer language reason trigger priority asked_at answered_at closed_at agent outcome "
    "closing_reason stars comment"
).split()
_TRANSCRIPT = "at sender agent text".split()
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for something else


@routes.get("/export")
@signed_in("supervisor")
async def export(request: Request) -> HTTPResponse:
    """CSV of the hand-overs that began from `from` to `to`, or of `conversation`'s transcript."""
    given = query(request)
    conversation_id = given.get("conversation")
    if conversation_id:
        rows = await desk_of(request).read(search.transcript, conversation_id)
        if not rows:
            raise Problem("not-found")
        columns, name = _TRANSCRIPT, "conversation"
    else:
        span = moment_of(given.get("from")), until(given.get("to"))
        rows = await desk_of(request).read(search.handovers_between, *span)
        columns, name = _HANDOVERS, "hand-overs"
    what = conversation_id or f"{given.get('from', '')}–{given.get('to', '')}"
    await desk_of(request).thread(audit_of(request).write, None, agent_of(request), f"export-{name}", what)
    return csv_file(columns, rows, name)


def csv_file(columns: Sequence[str], rows: List[Dict[str, Any]], name: str) -> HTTPResponse:
    """The table as a download of this name."""
    return raw(
        as_csv(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={**NO_STORE, "Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def as_csv(columns: Sequence[str], rows: List[Dict[str, Any]]) -> bytes:
    """The table. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return (_BYTE_ORDER_MARK + output.getvalue()).encode()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
