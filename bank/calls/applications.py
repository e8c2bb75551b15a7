"""One-time codes, and requests that the bank decides on."""

from __future__ import annotations

from decimal import Decimal
from typing import List, Optional, Sequence

from bank.calls.caller import CUSTOMER, Body, Caller, as_json
from bank.models import Application, ApplicationKind, Challenge, ChallengeProof, Purpose, ReasonClass

_APPLICATION = CUSTOMER + "/applications/{reference}"


class ApplicationCalls(Caller):
    """Scope `requests.write`; reading needs `accounts.read`."""

    def challenge(self, customer_id: str, purpose: Purpose, subject: str) -> Challenge:
        """Send the customer a one-time code for one write.

        `subject`: quote or option id; the card's for a hardship declaration and for auto-debit; an application's
        reference. Never repeated once the bank may have received it: it sends an SMS. Raises RateLimited, NotFound,
        QuoteExpired, NotWithdrawable.
        """
        body = as_json(purpose=purpose, subject=subject)
        path = CUSTOMER + "/challenges"
        return self._write("POST", Challenge, path, body, idempotency_key=None, customer_id=customer_id)

    def check_challenge(self, customer_id: str, challenge_id: str, code: str) -> ChallengeProof:
        """The proof for a right code. Never repeated once the bank may have received it: it may cost an attempt.

        Raises WrongCode, CodeExpired, TooManyAttempts, NotFound.
        """
        path = CUSTOMER + "/challenges/{challenge_id}/check"
        return self._write(
            "POST",
            ChallengeProof,
            path,
            as_json(code=code),
            idempotency_key=None,
            customer_id=customer_id,
            challenge_id=challenge_id,
        )

    def file_application(
        self,
        customer_id: str,
        *,
        kind: ApplicationKind,
        card_id: str,
        quote_id: str,
        reason: Optional[ReasonClass],
        proof: str,
        idempotency_key: str,
    ) -> Application:
        """File what was quoted. `quote_id`: of a quote, option or early settlement. The same key files it only once.

        Raises ProofRequired, QuoteExpired, NotEligible, IdempotencyConflict, NotFound.
        """
        body = as_json(kind=kind, card_id=card_id, quote_id=quote_id, reason=reason, proof=proof)
        return self._file(customer_id, body, idempotency_key)

    def declare_hardship(
        self,
        customer_id: str,
        *,
        card_id: str,
        reason: ReasonClass,
        statement: Optional[str] = None,
        monthly_income: Optional[Decimal] = None,
        affordable_per_month: Optional[Decimal] = None,
        consent_id: str,
        document_ids: Sequence[str] = (),
        proof: str,
        idempotency_key: str,
    ) -> Application:
        """File a hardship declaration (`file_application` with kind hardship), which asks the bank what it can do.

        `statement`: the customer's own words, at most 1000 characters; amounts in yuan; `consent_id`: the consent to
        handling hardship documents; at most 10 documents; `proof` for the card as subject.
        Raises ConsentRequired, ProofRequired, NotEligible, IdempotencyConflict, NotFound.
        """
        body = as_json(
            kind=ApplicationKind.HARDSHIP,
            card_id=card_id,
            reason=reason,
            statement=statement,
            monthly_income=monthly_income,
            affordable_per_month=affordable_per_month,
            consent_id=consent_id,
            document_ids=list(document_ids),
            proof=proof,
        )
        return self._file(customer_id, body, idempotency_key)

    def _file(self, customer_id: str, body: Body, idempotency_key: str) -> Application:
        path = CUSTOMER + "/applications"
        return self._write("POST", Application, path, body, idempotency_key=idempotency_key, customer_id=customer_id)

    def applications(self, customer_id: str) -> List[Application]:
        """Newest first."""
        return self._list(Application, CUSTOMER + "/applications", customer_id=customer_id)

    def application(self, customer_id: str, reference: str) -> Application:
        """Raises NotFound for an unknown reference."""
        return self._get(Application, _APPLICATION, customer_id=customer_id, reference=reference)

    def add_documents(
        self, customer_id: str, reference: str, *, document_ids: Sequence[str], idempotency_key: str
    ) -> Application:
        """Send an application the documents that it waits for; it is then in review again.

        Raises IllegalMove if it waits for none, ConsentRequired, IdempotencyConflict, NotFound.
        """
        return self._write(
            "POST",
            Application,
            _APPLICATION + "/documents",
            as_json(document_ids=list(document_ids)),
            idempotency_key=idempotency_key,
            customer_id=customer_id,
            reference=reference,
        )

    def withdraw_application(
        self, customer_id: str, reference: str, *, proof: str, idempotency_key: str, version: Optional[int] = None
    ) -> Application:
        """Withdraw it; with `version`, only if it is still the one that was read.

        Raises ProofRequired, NotWithdrawable, ChangedMeanwhile, IdempotencyConflict, NotFound.
        """
        return self._write(
            "POST",
            Application,
            _APPLICATION + "/withdraw",
            as_json(proof=proof),
            idempotency_key=idempotency_key,
            version=version,
            customer_id=customer_id,
            reference=reference,
        )
