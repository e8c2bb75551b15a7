"""The reviewer's desk of the demonstration: what waits, and decisions by hand. Not part of the contract."""

from __future__ import annotations

import json
import secrets
from decimal import Decimal
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa

from bank.models import (
    Application,
    ApplicationStatus,
    Dispute,
    DisputeStatus,
    DocumentKind,
    HandOver,
    Payment,
    PaymentStatus,
    RepaymentChannelKind,
)
from bank.sandbox import applications, disputes, listing, promises, review, store
from bank.sandbox.accounts import read_card
from bank.sandbox.eligibility import still_possible
from bank.sandbox.problems import Problem
from bank.sandbox.service.base import Service
from bank.sandbox.store import Row
from bank.strict import Model

_MOST = 200  # of each list


class Operations(Service):
    """Whoever tries it out plays the bank's people here."""

    def decide(self, reference: str, approve: bool, note: Optional[str]) -> Application:
        """Approve or decline an application. Raises Problem `illegal-move`, and `quote-expired` if it fits no more."""
        today = self._today()
        with self._database.writing() as connection:
            application = applications.read_row(connection, reference, lock=True)
            if approve and application["status"] == ApplicationStatus.IN_REVIEW.value:
                of = read_card(connection, self._policy, today, application["customer_id"], application["card_id"])
                if not still_possible(of, application):
                    raise Problem("quote-expired", "the account has changed since")
            act = applications.approve if approve else applications.decline
            return applications.view(act(connection, application, today, note), today)

    def ask_for_documents(self, reference: str, kinds: Sequence[DocumentKind]) -> Application:
        """Ask for papers; for those of the rules if none is named."""
        today = self._today()
        with self._database.writing() as connection:
            application = applications.read_row(connection, reference, lock=True)
            wanted = kinds or list(review.papers_for(self._policy.review, application))
            return applications.view(applications.ask_for_documents(connection, application, today, wanted), today)

    def decide_dispute(self, reference: str, uphold: bool, note: Optional[str]) -> Dispute:
        """The customer is right, or the booking stands."""
        today = self._today()
        to = DisputeStatus.UPHELD if uphold else DisputeStatus.DECLINED
        with self._database.writing() as connection:
            dispute = disputes.read_row(connection, None, reference, lock=True)
            return disputes.decide(connection, dispute, to, today, note)

    def ask_on_dispute(self, reference: str) -> Dispute:
        """Ask for papers."""
        self._today()
        with self._database.writing() as connection:
            return disputes.ask_for_documents(connection, disputes.read_row(connection, None, reference, lock=True))

    def resume_dispute(self, reference: str) -> Dispute:
        """The papers came."""
        self._today()
        with self._database.writing() as connection:
            dispute = disputes.read_row(connection, None, reference, lock=True)
            return disputes.look_again(connection, dispute, self._policy)

    def book_payment(self, customer_id: str, card_id: str, amount: Decimal) -> Payment:
        """Money arrives at the counter, and is posted at once."""
        today = self._today()
        with self._database.writing() as connection:
            self._locked(connection, today, customer_id, card_id)
            row: Dict[str, Any] = {
                "card_id": card_id,
                "id": f"p-{secrets.token_hex(8)}",
                "amount": amount,
                "made_on": today,
                "posts_on": today,
                "channel": RepaymentChannelKind.COUNTER.value,
            }
            connection.execute(sa.insert(store.payments).values(seeded=False, **row))
            listing.mark(connection, card_id)
            promises.judge_card(connection, self._policy.promise, today, card_id)
            return Payment(status=PaymentStatus.POSTED, **row)

    def desk(self) -> Dict[str, List[Dict[str, Any]]]:
        """Everything that customers asked for, newest first, each with the customer's name."""
        today = self._today()
        with self._database.reading() as connection:
            names = {row["id"]: row["name"] for row in store.rows(connection, sa.select(store.customers))}

            def newest(table: sa.Table, by: Any) -> List[Row]:
                return store.rows(connection, sa.select(table).order_by(by.desc(), table.c.number.desc()).limit(_MOST))

            terms = self._policy.promise
            filed, filed_dispute = store.applications.c.filed_at, store.disputes.c.filed_at
            shown: Dict[str, List[Tuple[Row, Model]]] = {
                "applications": [(row, applications.view(row, today)) for row in newest(store.applications, filed)],
                "disputes": [(row, disputes.view(row)) for row in newest(store.disputes, filed_dispute)],
                "promises": [
                    (row, promises.view(connection, row, terms, today))
                    for row in newest(store.promises, store.promises.c.created_at)
                ],
                "hand_overs": [
                    (row, HandOver(**{name: row[name] for name in HandOver.__fields__}))
                    for row in newest(store.hand_overs, store.hand_overs.c.opened_at)
                ],
            }
        return {name: [_entry(row, view, names) for row, view in entries] for name, entries in shown.items()}


def _entry(row: Row, view: Model, names: Mapping[str, str]) -> Dict[str, Any]:
    """As the contract has it, and what only the bank's people see."""
    decides_at = row.get("decides_at")
    customer_id = row["customer_id"]
    return {
        **json.loads(view.json()),
        "customer_id": customer_id,
        "customer": names.get(customer_id, customer_id),
        "decides_at": decides_at.isoformat(timespec="seconds") if decides_at else None,
        "summary": row.get("summary"),
        "statement": row.get("statement") or json.loads(row.get("details") or "{}").get("statement"),
    }
