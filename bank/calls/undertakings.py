"""Promises to pay, disputed bookings, and the standing order for automatic debits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import List, Optional

from bank.calls.caller import CARD, CUSTOMER, Caller, as_json
from bank.models import AutoDebit, AutoDebitAmount, Dispute, DisputeReason, Promise

_PROMISE = CUSTOMER + "/promises/{reference}"
_DISPUTE = CUSTOMER + "/disputes/{reference}"


class UndertakingCalls(Caller):
    """Scope `requests.write`; reading needs `accounts.read`."""

    def make_promise(
        self, customer_id: str, card_id: str, *, amount: Decimal, pay_on: date, idempotency_key: str
    ) -> Promise:
        """Note that the customer means to pay `amount` yuan by the day `pay_on`.

        Raises NotEligible (nothing_due, amount_too_small, amount_too_large, date_too_late, already_running),
        InvalidRequest, IdempotencyConflict.
        """
        return self._write(
            "POST",
            Promise,
            CARD + "/promises",
            as_json(amount=amount, pay_on=pay_on),
            idempotency_key=idempotency_key,
            customer_id=customer_id,
            card_id=card_id,
        )

    def promises(self, customer_id: str) -> List[Promise]:
        """Newest first, whatever became of them."""
        return self._list(Promise, CUSTOMER + "/promises", customer_id=customer_id)

    def promise(self, customer_id: str, reference: str) -> Promise:
        """Raises NotFound for an unknown reference."""
        return self._get(Promise, _PROMISE, customer_id=customer_id, reference=reference)

    def change_promise(
        self, customer_id: str, reference: str, *, amount: Decimal, pay_on: date, version: int, idempotency_key: str
    ) -> Promise:
        """Change the promise that was read as `version`.

        Raises ChangedMeanwhile, IllegalMove (it is over), NotEligible (too_often and as `make_promise`).
        """
        return self._write(
            "PUT",
            Promise,
            _PROMISE,
            as_json(amount=amount, pay_on=pay_on),
            idempotency_key=idempotency_key,
            version=version,
            customer_id=customer_id,
            reference=reference,
        )

    def withdraw_promise(
        self, customer_id: str, reference: str, *, idempotency_key: str, version: Optional[int] = None
    ) -> Promise:
        """Take the promise back. Raises IllegalMove (it is over), ChangedMeanwhile, NotFound."""
        return self._write(
            "POST",
            Promise,
            _PROMISE + "/withdraw",
            None,
            idempotency_key=idempotency_key,
            version=version,
            customer_id=customer_id,
            reference=reference,
        )

    def file_dispute(
        self,
        customer_id: str,
        card_id: str,
        *,
        transaction_id: str,
        reason: DisputeReason,
        statement: Optional[str] = None,
        idempotency_key: str,
    ) -> Dispute:
        """Dispute a booking; its sum is set aside at once. `statement`: the customer's own words, ≤ 1000 characters.

        Raises NotEligible (date_too_late, already_running, not_allowed_now), NotFound, IdempotencyConflict.
        """
        return self._write(
            "POST",
            Dispute,
            CARD + "/disputes",
            as_json(transaction_id=transaction_id, reason=reason, statement=statement),
            idempotency_key=idempotency_key,
            customer_id=customer_id,
            card_id=card_id,
        )

    def disputes(self, customer_id: str) -> List[Dispute]:
        """Newest first, whatever became of them."""
        return self._list(Dispute, CUSTOMER + "/disputes", customer_id=customer_id)

    def dispute(self, customer_id: str, reference: str) -> Dispute:
        """Raises NotFound for an unknown reference."""
        return self._get(Dispute, _DISPUTE, customer_id=customer_id, reference=reference)

    def withdraw_dispute(
        self, customer_id: str, reference: str, *, idempotency_key: str, version: Optional[int] = None
    ) -> Dispute:
        """Take the dispute back; the booking is owed again. Raises IllegalMove (it is decided), ChangedMeanwhile."""
        return self._write(
            "POST",
            Dispute,
            _DISPUTE + "/withdraw",
            None,
            idempotency_key=idempotency_key,
            version=version,
            customer_id=customer_id,
            reference=reference,
        )

    def set_auto_debit(
        self,
        customer_id: str,
        card_id: str,
        *,
        enabled: bool,
        amount: Optional[AutoDebitAmount] = None,
        account_id: Optional[str] = None,
        version: int,
        proof: str,
        idempotency_key: str,
    ) -> AutoDebit:
        """Switch automatic debits on (`amount` and `account_id` then say what, and from where) or off.

        `proof` for the card as subject. Raises ProofRequired, ChangedMeanwhile, InvalidRequest, NotFound (no such
        account), IdempotencyConflict.
        """
        return self._write(
            "PUT",
            AutoDebit,
            CARD + "/auto-debit",
            as_json(enabled=enabled, amount=amount, account_id=account_id, proof=proof),
            idempotency_key=idempotency_key,
            version=version,
            customer_id=customer_id,
            card_id=card_id,
        )
