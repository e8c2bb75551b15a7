"""Kinds of columns: money and lists of words as Python has them and as the database keeps them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Iterable, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

#: All tables of the sandbox.
metadata = sa.MetaData()
Id = sa.String(128)


class Yuan(TypeDecorator[Decimal]):
    """Decimal yuan here, integer cents in the database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Optional[Decimal], dialect: Any) -> Optional[int]:
        """Raises ValueError for a fraction of a cent."""
        if value is None:
            return None
        cents = value * 100
        if cents != cents.to_integral_value():
            raise ValueError("an amount has at most two decimals")
        return int(cents)

    def process_result_value(self, value: Optional[int], dialect: Any) -> Optional[Decimal]:
        """Yuan with two decimals."""
        return None if value is None else Decimal(value).scaleb(-2)


class Words(TypeDecorator[Tuple[str, ...]]):
    """Values of enumerations in their order, in the database with commas between them."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Optional[Iterable[str]], dialect: Any) -> Optional[str]:
        """Raises ValueError for a word that has a comma in it."""
        if value is None:
            return None
        words = list(value)
        if any("," in word or not word for word in words):
            raise ValueError("a word has no comma and is not empty")
        return ",".join(words)

    def process_result_value(self, value: Optional[str], dialect: Any) -> Tuple[str, ...]:
        """None and the empty text are no words."""
        return tuple(value.split(",")) if value else ()


def version() -> sa.Column[sa.Integer]:
    """How often a row was changed, from 1 on: the number in its ETag."""
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def seeded() -> sa.Column[sa.Boolean]:
    """Whether the row is part of a story, not a visitor's doing."""
    return sa.Column("seeded", sa.Boolean, nullable=False, server_default=sa.false())
