"""/api/insights: figures, their downloads, and what was not understood. Supervisors only; exports are on record.

GET /api/insights?from=&to=&channel=&language=&bucket=&by=     {selection, choices, as_of, tables, totals, sentences}
GET /api/insights/tables/<name>.csv?…                          one table of these
GET /api/insights/sentences.<csv|yml|tsv>?…                    sentences to label
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Dict, Optional

import sqlalchemy as sa
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw
from sqlalchemy.engine import Connection

from common import clock
from desk.api.export import csv_file
from desk.api.web import NO_STORE, agent_of, answer, audit_of, desk_of, query
from desk.insights.buckets import BUCKETS
from desk.insights.figures import GROUPS, TABLES, Selection, choices, table_of, totals_of
from desk.insights.keeper import Keeper
from desk.insights.labelling import COLUMNS, FORMATS, MOST, not_understood
from desk.insights.tables import requests, visits
from desk.people import signed_in
from desk.problems import Problem

routes = Blueprint("insights", url_prefix="/api")

_USUAL = timedelta(days=29)  # before today
_LONGEST = timedelta(days=366)
_SHOWN = 50  # sentences on the page
_LANGUAGES = ("zh", "en")
_LONGEST_CHANNEL = 32


@routes.get("/insights")
@signed_in("supervisor")
async def page(request: Request) -> HTTPResponse:
    """Everything that the page shows."""
    selection = _selection(request)
    keeper: Keeper = request.app.ctx.insights
    shown = await desk_of(request).read(_page, selection)
    read_at = keeper.read_at.isoformat() if keeper.read_at else None
    return answer({**shown, "as_of": {"events": read_at, **shown["as_of"]}})


@routes.get("/insights/tables/<name:str>")
@signed_in("supervisor")
async def table(request: Request, name: str) -> HTTPResponse:
    """One table as CSV: `<name>.csv`."""
    known = name.removesuffix(".csv")
    if known not in TABLES or known == name:
        raise Problem("not-found", "no such table")
    rows = await desk_of(request).read(table_of, known, _selection(request))
    return csv_file(TABLES[known].columns, rows, f"insights-{known}")


@routes.get("/insights/<name:str>")
@signed_in("supervisor")
async def sentences(request: Request, name: str) -> HTTPResponse:
    """What was not understood: `sentences.csv`, `.yml` or `.tsv`. Who took it along goes on record."""
    file, _, ending = name.partition(".")
    if file != "sentences" or ending not in ("csv", *FORMATS):
        raise Problem("not-found", "no such file")
    selection = _selection(request)
    rows = await desk_of(request).read(not_understood, selection, MOST)
    what = f"{selection.first.isoformat()}–{selection.last.isoformat()}"
    entry = agent_of(request), "export-sentences", what, f"{ending}: {len(rows)}"
    await desk_of(request).thread(audit_of(request).write, None, *entry)
    if ending == "csv":
        return csv_file(COLUMNS, rows, file)
    return raw(
        FORMATS[ending](rows).encode(),
        content_type="text/plain; charset=utf-8",
        headers={
            **NO_STORE,
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _page(connection: Connection, selection: Selection) -> Dict[str, Any]:
    return {
        "selection": {**asdict(selection), "first": selection.first.isoformat(), "last": selection.last.isoformat()},
        "choices": {**choices(connection), "language": list(_LANGUAGES), "bucket": list(BUCKETS), "by": list(GROUPS)},
        "as_of": _at_bank(connection, selection),
        "tables": {
            name: {"columns": each.columns, "rows": table_of(connection, name, selection)}
            for name, each in TABLES.items()
        },
        "totals": totals_of(connection, selection),
        "sentences": not_understood(connection, selection, _SHOWN),
    }


def _at_bank(connection: Connection, selection: Selection) -> Dict[str, Any]:
    """When the bank was asked of the requests that may still change: the longest ago, and how many it was never."""
    query = (
        sa.select(sa.func.min(requests.c.asked_at), sa.func.count() - sa.func.count(requests.c.asked_at))
        .select_from(visits.join(requests, requests.c.visit_id == visits.c.id))
        .where(selection.of(visits), requests.c.next_at.is_not(None))
    )
    oldest, never = connection.execute(query).one()
    return {"bank": oldest.isoformat() if oldest else None, "not_asked": never}


def _selection(request: Request) -> Selection:
    """What the query asks for; the last thirty days of the bank if it names none. Raises `Problem` invalid-request."""
    given = query(request)
    last = _day(given.get("to")) or clock.today()
    first = _day(given.get("from")) or last - _USUAL
    if not timedelta() <= last - first <= _LONGEST:
        raise Problem("invalid-request", "from and to: in this order, and at most a year apart")
    return Selection(
        first,
        last,
        channel=given.get("channel", "")[:_LONGEST_CHANNEL] or None,
        language=_one_of(given.get("language"), _LANGUAGES),
        bucket=_one_of(given.get("bucket"), BUCKETS),
        by=_one_of(given.get("by"), GROUPS) or GROUPS[0],
    )


def _day(given: Optional[str]) -> Optional[date]:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise Problem("invalid-request", "not a day") from None


def _one_of(given: Optional[str], known: Any) -> Optional[str]:
    if given and given not in known:
        raise Problem("invalid-request", f"none of {', '.join(known)}")
    return given or None
