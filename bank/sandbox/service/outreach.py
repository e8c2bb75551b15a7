"""The search for accounts that are due or overdue."""

from __future__ import annotations

from typing import Optional

from bank.models import AccountPage
from bank.sandbox import listing
from bank.sandbox.listing import Cursor, Filter
from bank.sandbox.service.base import Service


class Outreach(Service):
    """Of all customers, in pages."""

    def accounts(self, asked: Filter, cursor: Optional[str], limit: int) -> AccountPage:
        """Up to `limit` accounts, by due date, customer and card."""
        today = self._today()
        after = Cursor.read(cursor) if cursor is not None else None
        with self._database.reading() as connection:
            if not listing.has_changes(connection):
                return listing.page(connection, asked, after, limit)
        with self._database.writing() as connection:
            listing.refresh(connection, self._policy, today)
            return listing.page(connection, asked, after, limit)
