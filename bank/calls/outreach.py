"""Finding the accounts to remind or follow up."""

from __future__ import annotations

from datetime import date
from typing import Iterator, Optional, Sequence

from bank.calls.caller import Caller
from bank.errors import BankContractBroken
from bank.models import AccountPage, AccountState, DueAccount

_ACCOUNTS = "/accounts"


class OutreachCalls(Caller):
    """Scope `outreach.read`."""

    def accounts(
        self,
        *,
        states: Sequence[AccountState] = (),
        due_from: Optional[date] = None,
        due_to: Optional[date] = None,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> AccountPage:
        """Accounts on which something is due, by due date, customer and card; `limit` at most 1000.

        `states`: only these of due, in_grace and overdue; due dates inclusive; `cursor`: after that page.
        Raises InvalidRequest.
        """
        params = {"state": states, "due_from": due_from, "due_to": due_to, "cursor": cursor, "limit": limit}
        return self._get(AccountPage, _ACCOUNTS, params)

    def all_accounts(
        self,
        *,
        states: Sequence[AccountState] = (),
        due_from: Optional[date] = None,
        due_to: Optional[date] = None,
    ) -> Iterator[DueAccount]:
        """The same, page after page as they are needed."""
        seen = set()
        cursor: Optional[str] = None
        while True:
            page = self.accounts(states=states, due_from=due_from, due_to=due_to, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return
            if cursor in seen:
                raise BankContractBroken(f"GET {_ACCOUNTS}", "a cursor leads back to an earlier page")
            seen.add(cursor)
