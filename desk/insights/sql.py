"""Expressions that SQLite and PostgreSQL write in their own ways."""

from __future__ import annotations

from typing import Any, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds_between(FunctionElement):
    """The seconds from the first moment to the second one; none if either is not known."""

    type = sa.Float()
    name = "seconds_between"
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    begin, end = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    begin, end = (compiler.process(each, **options) for each in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {begin}))"


def rounded(seconds: Any) -> Any:
    """To whole numbers."""
    return sa.cast(sa.func.round(seconds), sa.Integer)


def nearest_rank(group: Any, value: Any, percents: Mapping[str, int]) -> Any:
    """Of each group the percentiles by name: the smallest value that so many per cent of all do not exceed."""
    ranked = sa.select(
        group.label("group"),
        value.label("value"),
        sa.func.row_number().over(partition_by=group, order_by=value).label("rank"),
        sa.func.count().over(partition_by=group).label("size"),
    ).subquery()
    columns = [
        sa.func.max(sa.case((ranked.c.rank * 100 <= ranked.c.size * percent + 99, ranked.c.value))).label(name)
        for name, percent in percents.items()
    ]
    return sa.select(ranked.c.group, *columns).group_by(ranked.c.group)
