"""Does a demonstration customer's errands over HTTP, each word of them held against the contract."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Dict

import requests

from bank.client import BankClient
from bank.models import (
    Application,
    ApplicationKind,
    AutoDebit,
    AutoDebitAmount,
    Card,
    Consent,
    ConsentPurpose,
    Contact,
    ContactChannel,
    ContactDirection,
    ContactKind,
    ContactOutcome,
    Dispute,
    DisputeReason,
    DocumentKind,
    HandOver,
    HandOverPriority,
    IssuedDocument,
    IssuedDocumentKind,
    MessagingChannel,
    MessagingIdentity,
    Promise,
    Purpose,
    ReasonClass,
    TransactionKind,
    UploadedDocument,
)
from tests.processes import Sandbox
from tests.test_bank.contract import PDF
from tests.test_bank.witness import Witness, watched_session


def key() -> str:
    return uuid.uuid4().hex


class Teller:
    """Does one customer's errands at the sandbox, under the witness's eyes."""

    def __init__(self, sandbox: Sandbox, customer: str) -> None:
        self.sandbox = sandbox
        self.witness = Witness(sandbox.api_url)
        self.customer = customer
        self.bank = BankClient(sandbox.api_url, sandbox.token, session=watched_session(sandbox.api_url, self.witness))

    def of(self, customer: str) -> "Teller":
        return Teller(self.sandbox, customer)

    @property
    def card(self) -> Card:
        return self.bank.cards(self.customer)[0]

    def proof(self, subject: str, purpose: Purpose = Purpose.FILE_APPLICATION) -> str:
        challenge = self.bank.challenge(self.customer, purpose, subject)
        messages = requests.get(f"{self.sandbox.origin}/sandbox/sms", timeout=10).json()
        text = next(message["text"] for message in messages if message["customer_id"] == self.customer)
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
        assert found
        return self.bank.check_challenge(self.customer, challenge.id, found.group()).token

    def file(self, kind: ApplicationKind, quote_id: str, proof: str = "") -> Application:
        return self.bank.file_application(
            self.customer,
            kind=kind,
            card_id=self.card.id,
            quote_id=quote_id,
            reason=None,
            proof=proof or self.proof(quote_id),
            idempotency_key=key(),
        )

    def at_the_desk(self, path: str, **body: Any) -> None:
        """What the bank's own people do."""
        requests.post(f"{self.sandbox.origin}/sandbox{path}", json=body, timeout=10).raise_for_status()

    def consent(self, purpose: ConsentPurpose = ConsentPurpose.HARDSHIP_DOCUMENTS, given: bool = True) -> Consent:
        return self.bank.record_consent(
            self.customer, purpose=purpose, given=given, text_version="2026-11", language="zh", idempotency_key=key()
        )

    def upload(self, content: bytes = PDF, file_name: str = "证明.pdf") -> UploadedDocument:
        return self.bank.upload_document(
            self.customer,
            kind=DocumentKind.UNEMPLOYMENT,
            file_name=file_name,
            content=content,
            content_type="application/pdf",
            consent_id=self.consent().id,
            idempotency_key=key(),
        )

    def hardship(self) -> Application:
        card = self.card.id
        return self.bank.declare_hardship(
            self.customer,
            card_id=card,
            reason=ReasonClass.UNEMPLOYMENT,
            statement="上个月失业。",
            monthly_income=Decimal("2100"),
            affordable_per_month=Decimal("500"),
            consent_id=self.consent().id,
            proof=self.proof(card),
            idempotency_key=key(),
        )

    def promise(self) -> Promise:
        owed = self.bank.overdue(self.customer, self.card.id)
        return self.bank.make_promise(
            self.customer,
            owed.card_id,
            amount=owed.total,
            pay_on=owed.as_of + timedelta(days=3),
            idempotency_key=key(),
        )

    def dispute(self) -> Dispute:
        card = self.card.id
        booked = self.bank.transactions(self.customer, card)
        billed_until = self.bank.statement(self.customer, card).statement_date
        purchases = [each for each in booked if each.kind is TransactionKind.PURCHASE and not each.disputed]
        purchase = next(each for each in purchases if each.posted_on <= billed_until)
        return self.bank.file_dispute(
            self.customer,
            card,
            transaction_id=purchase.id,
            reason=DisputeReason.NOT_MINE,
            statement="不是我买的。",
            idempotency_key=key(),
        )

    def issued(self, kind: IssuedDocumentKind) -> IssuedDocument:
        return self.bank.issue_document(self.customer, self.card.id, kind=kind, idempotency_key=key())

    def link(self, subject: str) -> MessagingIdentity:
        return self.bank.link_identity(
            self.customer, channel=MessagingChannel.WECHAT, account="wx-app", subject=subject, idempotency_key=key()
        )

    def hand_over(self) -> HandOver:
        return self.bank.hand_over(
            self.customer,
            conversation_id="web-41fd2c88",
            reason="report_hardship",
            priority=HandOverPriority.URGENT,
            summary="客户失业。\n希望有人联系。",
            card_id=self.card.id,
            idempotency_key=key(),
        )

    def contact(self, **changes: Any) -> Contact:
        values: Dict[str, Any] = {
            "kind": ContactKind.REMINDER,
            "channel": ContactChannel.WECHAT,
            "direction": ContactDirection.OUT,
            "at": datetime.fromisoformat("2026-11-24T10:00:05+08:00"),
            "outcome": ContactOutcome.DELIVERED,
            "rule": "due-in-2-days",
            "text_id": "reminder-2",
            **changes,
        }
        return self.bank.log_contact(self.customer, idempotency_key=key(), **values)

    def set_auto_debit(self, **changes: Any) -> AutoDebit:
        card = self.card.id
        values = {"enabled": True, "amount": AutoDebitAmount.FULL, **changes}
        if values["enabled"]:
            values["account_id"] = self.bank.debit_accounts(self.customer, card)[-1].id
        values.setdefault("version", self.bank.auto_debit(self.customer, card).version)
        return self.bank.set_auto_debit(
            self.customer,
            card,
            proof=self.proof(card, Purpose.SET_AUTO_DEBIT),
            idempotency_key=key(),
            **values,
        )
