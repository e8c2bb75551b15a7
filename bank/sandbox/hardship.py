"""Declarations of hardship: what the customer can and cannot pay, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Dict, Optional, Tuple

from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import Application, ApplicationKind, ReasonClass
from bank.sandbox import applications, papers
from bank.sandbox.accounts import CardAccount
from bank.sandbox.eligibility import check_nothing_open
from bank.sandbox.problems import not_eligible


@dataclass(frozen=True)
class Declaration:
    """What the customer declares; sums in yuan."""

    reason: ReasonClass
    statement: Optional[str]
    monthly_income: Optional[Decimal]
    affordable_per_month: Optional[Decimal]
    consent_id: str
    document_ids: Tuple[str, ...]

    def content(self) -> Dict[str, object]:
        """As JSON, for what must be the same when a key returns."""
        return {
            "reason": self.reason.value,
            "statement": self.statement,
            "monthly_income": _plain(self.monthly_income),
            "affordable_per_month": _plain(self.affordable_per_month),
            "consent_id": self.consent_id,
            "document_ids": list(self.document_ids),
        }


def declare(connection: Connection, of: CardAccount, declaration: Declaration) -> Application:
    """File it for the card, which is locked. Raises Problem `not-eligible`, `not-found` for papers, `illegal-move`."""
    if not of.has_bill or not of.now.total:
        raise not_eligible(NotEligibleReason.NOTHING_DUE)
    check_nothing_open(of)
    row = {"amount": of.now.total, "details": json.dumps(declaration.content(), ensure_ascii=False)}
    filed = applications.file(connection, of, ApplicationKind.HARDSHIP, declaration.reason, row)
    papers.attach(connection, of.customer["id"], declaration.document_ids, filed.reference)
    return filed


def _plain(amount: Optional[Decimal]) -> Optional[str]:
    return None if amount is None else f"{amount:f}"
