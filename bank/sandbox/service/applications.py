"""Applications: filed, supplied with papers, withdrawn; each write once for a key."""

from __future__ import annotations

from typing import List, Optional, Sequence

from sqlalchemy.engine import Connection

from bank.models import Application, ApplicationKind, ApplicationStatus, ConsentPurpose, Purpose, ReasonClass
from bank.sandbox import applications, hardship, papers, quotes
from bank.sandbox.accounts import read_card
from bank.sandbox.hardship import Declaration
from bank.sandbox.idempotency import Answer
from bank.sandbox.preconditions import ANY, IfMatch
from bank.sandbox.problems import invalid
from bank.sandbox.service.base import CREATED, Service
from bank.sandbox.states import APPLICATION


class Applications(Service):
    """Requests that the bank decides on."""

    def file_application(
        self,
        customer_id: str,
        key: str,
        *,
        kind: ApplicationKind,
        card_id: str,
        quote_id: str,
        reason: Optional[ReasonClass],
        proof: str,
    ) -> Answer:
        """File what was quoted."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_card(connection, self._policy, today, customer_id, card_id)
            quotes.read_quote(connection, customer_id, quote_id)

        def act(connection: Connection) -> Application:
            quote = quotes.read_quote(connection, customer_id, quote_id)
            of = self._locked(connection, today, customer_id, card_id)
            self._codes.spend(connection, customer_id, Purpose.FILE_APPLICATION, quote_id, proof)
            return applications.file_quoted(connection, of, quote, reason)

        with self._database.reading() as connection:
            exists(connection)
            quote = quotes.read_quote(connection, customer_id, quote_id)
        if quote.kind is not kind:
            raise invalid("kind", "not that of the quote")
        if quote.card_id != card_id:
            raise invalid("card_id", "not that of the quote")
        content = {
            "kind": kind.value,
            "card_id": card_id,
            "quote_id": quote_id,
            "reason": reason.value if reason else None,
        }
        return self._once(customer_id, key, "file_application", content, act, status=CREATED, exists=exists)

    def declare_hardship(
        self, customer_id: str, key: str, *, card_id: str, declaration: Declaration, proof: str
    ) -> Answer:
        """File a declaration of hardship with its papers."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_card(connection, self._policy, today, customer_id, card_id)

        def act(connection: Connection) -> Application:
            of = self._locked(connection, today, customer_id, card_id)
            self._codes.spend(connection, customer_id, Purpose.FILE_APPLICATION, card_id, proof)
            consent_to = ConsentPurpose.HARDSHIP_DOCUMENTS
            papers.check_consent(connection, customer_id, declaration.consent_id, consent_to)
            return hardship.declare(connection, of, declaration)

        content = {"kind": ApplicationKind.HARDSHIP.value, "card_id": card_id, **declaration.content()}
        return self._once(customer_id, key, "file_application", content, act, status=CREATED, exists=exists)

    def applications(self, customer_id: str) -> List[Application]:
        """Newest first."""
        today = self._today()
        with self._database.reading() as connection:
            return applications.list_applications(connection, customer_id, today)

    def application(self, customer_id: str, reference: str) -> Application:
        """One of the customer's applications."""
        today = self._today()
        with self._database.reading() as connection:
            return applications.view(applications.read_application(connection, customer_id, reference), today)

    def add_documents(self, customer_id: str, reference: str, key: str, document_ids: Sequence[str]) -> Answer:
        """The papers that were asked for: the review goes on."""
        today = self._today()

        def exists(connection: Connection) -> None:
            applications.read_application(connection, customer_id, reference)

        def act(connection: Connection) -> Application:
            application = applications.read_application(connection, customer_id, reference, lock=True)
            # Before the papers are looked for: what is over takes none.
            APPLICATION.check(application["status"], ApplicationStatus.IN_REVIEW)
            papers.attach(connection, customer_id, document_ids, reference)
            return applications.look_again(connection, application, self._policy, today)

        content = {"reference": reference, "document_ids": list(document_ids)}
        return self._once(customer_id, key, "add_documents", content, act, exists=exists)

    def withdraw_application(
        self, customer_id: str, reference: str, key: str, *, proof: str, if_match: IfMatch = ANY
    ) -> Answer:
        """Take it back."""
        today = self._today()

        def exists(connection: Connection) -> None:
            applications.read_application(connection, customer_id, reference)

        def act(connection: Connection) -> Application:
            application = applications.read_application(connection, customer_id, reference, lock=True)
            if_match.check(applications.view(application, today).version)
            self._codes.spend(connection, customer_id, Purpose.WITHDRAW_APPLICATION, reference, proof)
            return applications.withdraw(connection, application, today)

        content = {"reference": reference}
        return self._once(customer_id, key, "withdraw_application", content, act, exists=exists)
