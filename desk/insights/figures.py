"""The figures of the page: each table is one query, from which page, chart and download are made alike.

Everything of a conversation counts on the day on which the conversation began, reminders on the day on which they went
out. Shares are parts of 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.insights.buckets import UNKNOWN
from desk.insights.projection import PROMISE
from desk.insights.sql import nearest_rank, rounded, seconds_between
from desk.insights.tables import reminders, requests, visit_handovers, visits
from desk.tables import assistant_ratings, handovers, ratings

GROUPS = ("day", "channel", "language", "bucket")
#: Instead of a group: everything together.
ALL = "all"
_NOT_ASKED = "not_asked"

Rows = List[Dict[str, Any]]


@dataclass(frozen=True)
class Selection:
    """What is looked at: everything that is given has to fit."""

    first: date
    last: date  # belongs to it
    channel: Optional[str] = None
    language: Optional[str] = None
    bucket: Optional[str] = None
    by: str = "day"  # of `GROUPS`, or `ALL`: what the rows of the tables with a column `group` are

    def of(self, table: sa.Table) -> Any:
        """The condition on a table that has these columns."""
        given = {"channel": self.channel, "language": self.language}
        conditions = [table.c[name] == value for name, value in given.items() if value]
        if self.bucket:
            conditions.append(_bucket(table) == self.bucket)
        return sa.and_(table.c.day >= self.first, table.c.day <= self.last, *conditions)

    @property
    def group(self) -> Any:
        """The column by which visits are put together."""
        if self.by == ALL:
            return sa.literal_column(f"'{ALL}'").label("group")
        return (_bucket(visits) if self.by == "bucket" else visits.c[self.by]).label("group")


@dataclass(frozen=True)
class Table:
    """A table of the page."""

    columns: Tuple[str, ...]
    rows: Callable[[Connection, Selection], Rows]


def _bucket(table: sa.Table) -> Any:
    return sa.func.coalesce(table.c.bucket, UNKNOWN)


def _conversations(connection: Connection, selection: Selection) -> Rows:
    handed = _sum(sa.case((visits.c.handed_over, 1), else_=0))
    query = (
        sa.select(selection.group, sa.func.count().label("conversations"), handed.label("handed_over"))
        .where(selection.of(visits))
        .group_by(sa.text('"group"'))
        .order_by(sa.text('"group"'))
    )
    rows = _rows(connection, query)
    for row in rows:
        row["contained"] = row["conversations"] - row["handed_over"]
        row["contained_share"] = _share(row["contained"], row["conversations"])
    return rows


def _understanding(connection: Connection, selection: Selection) -> Rows:
    kinds = ("messages", "two_readings", "fallback", "out_of_scope")
    query = (
        sa.select(selection.group, *(_sum(visits.c[kind]).label(kind) for kind in kinds))
        .where(selection.of(visits), visits.c.messages > 0)
        .group_by(sa.text('"group"'))
        .order_by(sa.text('"group"'))
    )
    rows = _rows(connection, query)
    for row in rows:
        row["understood"] = row["messages"] - sum(row[kind] for kind in kinds[1:])
        row["understood_share"] = _share(row["understood"], row["messages"])
    return rows


def _reasons_for_people(connection: Connection, selection: Selection) -> Rows:
    query = (
        sa.select(handovers.c.trigger, sa.func.count().label("handovers"))
        .select_from(_wished())
        .where(selection.of(visits))
        .group_by(handovers.c.trigger)
        .order_by(sa.desc("handovers"), handovers.c.trigger)
    )
    return _with_shares(_rows(connection, query), "handovers")


def _topics(connection: Connection, selection: Selection) -> Rows:
    query = (
        sa.select(handovers.c.reason.label("topic"), sa.func.count().label("handovers"))
        .select_from(_wished())
        .where(selection.of(visits))
        .group_by(handovers.c.reason)
        .order_by(sa.desc("handovers"), handovers.c.reason)
    )
    return _with_shares(_rows(connection, query), "handovers")


def _reasons(connection: Connection, selection: Selection) -> Rows:
    told = sa.union_all(
        sa.select(visits.c.reason.label("reason")).where(selection.of(visits), visits.c.reason.is_not(None)),
        sa.select(reminders.c.reason.label("reason")).where(
            selection.of(reminders), reminders.c.reason.is_not(None), ~reminders.c.failed
        ),
    ).subquery()
    query = (
        sa.select(told.c.reason, sa.func.count().label("conversations"))
        .group_by(told.c.reason)
        .order_by(sa.desc("conversations"), told.c.reason)
    )
    return _with_shares(_rows(connection, query), "conversations")


def _requests(connection: Connection, selection: Selection) -> Rows:
    status = sa.func.coalesce(requests.c.status, _NOT_ASKED).label("outcome")
    query = (
        sa.select(requests.c.kind, status, sa.func.count().label("requests"))
        .select_from(_filed())
        .where(selection.of(visits))
        .group_by(requests.c.kind, status)
        .order_by(requests.c.kind, status)
    )
    return _rows(connection, query)


def _promises(connection: Connection, selection: Selection) -> Rows:
    statuses = ("kept", "broken", "open", "withdrawn")
    counts = [_sum(sa.case((requests.c.status == each, 1), else_=0)).label(each) for each in statuses]
    query = (
        sa.select(selection.group, sa.func.count().label("made"), *counts)
        .select_from(_filed())
        .where(selection.of(visits), requests.c.kind == PROMISE)
        .group_by(sa.text('"group"'))
        .order_by(sa.text('"group"'))
    )
    rows = _rows(connection, query)
    for row in rows:
        row["kept_share"] = _share(row["kept"], row["kept"] + row["broken"])
    return rows


def _reminders(connection: Connection, selection: Selection) -> Rows:
    paid = _sum(sa.case((reminders.c.paid_at.is_not(None), 1), else_=0)).label("paid")
    query = (
        sa.select(reminders.c.step, reminders.c.channel, sa.func.count().label("reminded"), paid)
        .where(selection.of(reminders), ~reminders.c.failed)
        .group_by(reminders.c.step, reminders.c.channel)
        .order_by(reminders.c.step, reminders.c.channel)
    )
    rows = _rows(connection, query)
    for row in rows:
        row["paid_share"] = _share(row["paid"], row["reminded"])
    return rows


def _waiting(connection: Connection, selection: Selection) -> Rows:
    answered = handovers.c.answered_at.is_not(None)
    at_once = (
        sa.select(
            selection.group,
            handovers.c.id,
            rounded(seconds_between(handovers.c.created_at, handovers.c.answered_at)).label("seconds"),
        )
        .select_from(_wished())
        .where(selection.of(visits), visit_handovers.c.at_once)
        .subquery()
    )
    given_up = sa.select(
        at_once.c.group, sa.func.count().label("asked"), sa.func.count(at_once.c.seconds).label("answered")
    ).group_by(at_once.c.group)
    waited = sa.select(at_once.c.group, at_once.c.seconds).where(at_once.c.seconds.is_not(None)).subquery()
    ranks = {
        row["group"]: row
        for row in _rows(connection, nearest_rank(waited.c.group, waited.c.seconds, {"median": 50, "p90": 90}))
    }
    later = (
        sa.select(selection.group, sa.func.count().label("later"), _sum(sa.case((answered, 1), else_=0)).label("done"))
        .select_from(_wished())
        .where(selection.of(visits), ~visit_handovers.c.at_once)
        .group_by(sa.text('"group"'))
    )
    found: Dict[Any, Dict[str, Any]] = {}
    for row in _rows(connection, given_up):
        found[row["group"]] = {**_NO_WAIT, **row, **ranks.get(row["group"], {})}
    for row in _rows(connection, later):
        known = found.setdefault(row["group"], {**_NO_WAIT, "group": row["group"]})
        known.update(left_for_later=row["later"], later_answered=row["done"])
    return [found[group] for group in sorted(found)]


_NO_WAIT = {"asked": 0, "answered": 0, "median": None, "p90": None, "left_for_later": 0, "later_answered": 0}


def _ratings(connection: Connection, selection: Selection) -> Rows:
    rated = _wished().join(ratings, ratings.c.handover_id == handovers.c.id)
    return _stars(connection, selection, rated, ratings)


def _ratings_assistant(connection: Connection, selection: Selection) -> Rows:
    last = visits.alias()
    of_visit = (
        sa.select(sa.func.max(last.c.id))
        .where(
            last.c.conversation_id == assistant_ratings.c.conversation_id,
            last.c.started_at <= assistant_ratings.c.asked_at,
        )
        .correlate(assistant_ratings)
        .scalar_subquery()
    )
    rated = visits.join(assistant_ratings, visits.c.id == of_visit)
    return _stars(connection, selection, rated, assistant_ratings)


def _stars(connection: Connection, selection: Selection, rated: Any, given: sa.Table) -> Rows:
    stars = [_sum(sa.case((given.c.stars == each, 1), else_=0)).label(f"stars_{each}") for each in range(1, 6)]
    query = (
        sa.select(selection.group, sa.func.count().label("ratings"), _sum(given.c.stars).label("sum"), *stars)
        .select_from(rated)
        .where(selection.of(visits))
        .group_by(sa.text('"group"'))
        .order_by(sa.text('"group"'))
    )
    rows = _rows(connection, query)
    for row in rows:
        row["mean"] = round(row.pop("sum") / row["ratings"], 2)
    return rows


_STARS = ("group", "ratings", "mean", "stars_1", "stars_2", "stars_3", "stars_4", "stars_5")

#: By the name in the address, in the order of the page.
TABLES: Mapping[str, Table] = {
    "conversations": Table(("group", "conversations", "contained", "handed_over", "contained_share"), _conversations),
    "handovers": Table(("trigger", "handovers", "share"), _reasons_for_people),
    "topics": Table(("topic", "handovers", "share"), _topics),
    "understanding": Table(
        ("group", "messages", "understood", "two_readings", "fallback", "out_of_scope", "understood_share"),
        _understanding,
    ),
    "reasons": Table(("reason", "conversations", "share"), _reasons),
    "requests": Table(("kind", "outcome", "requests"), _requests),
    "promises": Table(("group", "made", "kept", "broken", "open", "withdrawn", "kept_share"), _promises),
    "reminders": Table(("step", "channel", "reminded", "paid", "paid_share"), _reminders),
    "waiting": Table(("group", "asked", "answered", "median", "p90", "left_for_later", "later_answered"), _waiting),
    "ratings": Table(_STARS, _ratings),
    "ratings_assistant": Table(_STARS, _ratings_assistant),
}


def table_of(connection: Connection, name: str, selection: Selection) -> Rows:
    """The rows of one table, each with all its columns; days as ISO texts, times in seconds."""
    table = TABLES[name]
    return [{column: row[column] for column in table.columns} for row in table.rows(connection, selection)]


def totals_of(connection: Connection, selection: Selection) -> Dict[str, Dict[str, Any]]:
    """Of each table with groups the one row of everything together; without those of which there is nothing."""
    everything = replace(selection, by=ALL)
    rows = {name: table_of(connection, name, everything) for name, each in TABLES.items() if each.columns[0] == "group"}
    return {name: found[0] for name, found in rows.items() if found}


def choices(connection: Connection) -> Dict[str, List[str]]:
    """What there is to select: the channels of conversations and reminders so far."""
    told = sa.union(sa.select(visits.c.channel), sa.select(reminders.c.channel)).subquery()
    return {"channel": sorted(connection.execute(sa.select(told.c.channel)).scalars())}


def _wished() -> Any:
    """Visits with their hand-overs."""
    linked = visits.join(visit_handovers, visit_handovers.c.visit_id == visits.c.id)
    return linked.join(handovers, handovers.c.id == visit_handovers.c.handover_id)


def _filed() -> Any:
    return visits.join(requests, requests.c.visit_id == visits.c.id)


def _sum(of: Any) -> Any:
    """As an integer: PostgreSQL makes something larger of sums."""
    return sa.cast(sa.func.sum(of), sa.Integer)


def _rows(connection: Connection, query: Any) -> Rows:
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in connection.execute(query)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _with_shares(rows: Rows, of: str) -> Rows:
    total = sum(row[of] for row in rows)
    return [{**row, "share": _share(row[of], total)} for row in rows]


def _share(part: int, whole: int) -> Optional[float]:
    """None of nothing."""
    return round(part / whole, 4) if whole else None
