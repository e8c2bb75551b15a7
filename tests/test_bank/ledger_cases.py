"""Issuers and histories for the tests of the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Dict, List

from bank.sandbox.ledger.records import Component, Entry, EntryKind, History
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy, load_policy
from common.settings import ROOT

_SANDBOX = ROOT / "bank" / "sandbox"
DEMONSTRATION = load_policy(_SANDBOX / "policy.yml")
YEAR = 2026


def changed(policy: Policy, **sections: Dict[str, Any]) -> Policy:
    """`policy` with some values of some sections changed: `changed(p, interest={"basis": "unpaid_part"})`."""
    content = policy.dict()
    for name, values in sections.items():
        content[name] = {**content[name], **values}
    return Policy.parse_obj(content)


#: The issuers that are shipped, but for the order of setting off, which stays the same whatever the age of the debt.
PRINCIPAL_LAST = {"switches_after_days": None}
FULL_BALANCE = changed(DEMONSTRATION, payment_order=PRINCIPAL_LAST)
UNPAID_PART = changed(load_policy(_SANDBOX / "issuers" / "unpaid_part.yml"), payment_order=PRINCIPAL_LAST)
NO_GRACE = changed(load_policy(_SANDBOX / "issuers" / "no_grace.yml"), payment_order=PRINCIPAL_LAST)
ISSUERS = {"full_balance": FULL_BALANCE, "unpaid_part": UNPAID_PART, "no_grace": NO_GRACE}


def day(text: str) -> date:
    """`day("04-25")` of the tests' year."""
    return date.fromisoformat(f"{YEAR}-{text}")


def yuan(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def card(*entries: Entry, statement_day: int = 7, opened_on: str = "01-01", **more: Any) -> History:
    """A card with a limit that no example reaches."""
    return History(day(opened_on), statement_day, yuan("1000000"), entries, **more)


def entry(kind: EntryKind, posted_on: str, amount: str = "0.00", id: str = "", of: str = "") -> Entry:
    return Entry(id or f"{kind.value} {posted_on} {amount}", kind, day(posted_on), yuan(amount), of or None)


def bought(posted_on: str, amount: str, id: str = "") -> Entry:
    return entry(EntryKind.PURCHASE, posted_on, amount, id)


def paid(posted_on: str, amount: str, id: str = "") -> Entry:
    return entry(EntryKind.PAYMENT, posted_on, amount, id)


def interest_billed(history: History, policy: Policy, statement_date: date) -> Decimal:
    """The interest on the statement of that date, yuan."""
    charges = replay(history, policy, statement_date + timedelta(days=1)).charges
    billed = [each for each in charges if each.component is Component.INTEREST and each.posted_on == statement_date]
    return sum((each.amount for each in billed), Decimal("0.00"))


def with_entries(history: History, *more: Entry) -> History:
    return replace(history, entries=(*history.entries, *more))


def every_statement_day() -> List[int]:
    return [1, 7, 15, 28, 29, 30, 31]
