"""The contract as tests use it: its examples, and one call of the client for each of its operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import yaml

import bank
from bank.client import BankClient
from bank.models import (
    AccountState,
    ApplicationKind,
    AutoDebitAmount,
    ConsentPurpose,
    ContactChannel,
    ContactDirection,
    ContactKind,
    ContactOutcome,
    ContactPreferences,
    DisputeReason,
    DocumentKind,
    HandOverOutcome,
    HandOverPriority,
    IssuedDocumentKind,
    MessagingChannel,
    ProjectedPayment,
    Purpose,
    ReasonClass,
)

CONTRACT: Dict[str, Any] = yaml.safe_load((Path(bank.__file__).parent / "openapi.yml").read_text(encoding="utf-8"))
SCHEMAS: Dict[str, Any] = CONTRACT["components"]["schemas"]

CUSTOMER = "c-10023"
CARD = "k-1"
REFERENCE = "INS-20261124-0007"
PROMISE = "PTP-20261124-0003"
DISPUTE = "DSP-20261124-0005"
KEY = "8c1f6f3ad0b94c6e9d4f4d3f8a1b2c3d"
PROOF = "pf-Zb1yQ0n4vTq8"
APP_ID = "wx1234567890abcdef"
OPENID = "oABC-1234567890abcdefghijklm"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

#: Each operation as the client's method of the same name is called with the contract's example values.
CALLS: Dict[str, Callable[[BankClient], Any]] = {
    "capabilities": lambda bank: bank.capabilities(),
    "customer": lambda bank: bank.customer(CUSTOMER),
    "cards": lambda bank: bank.cards(CUSTOMER),
    "statement": lambda bank: bank.statement(CUSTOMER, CARD),
    "overdue": lambda bank: bank.overdue(CUSTOMER, CARD),
    "projection": lambda bank: bank.projection(CUSTOMER, CARD, on=date(2026, 11, 27), pay=ProjectedPayment.MINIMUM),
    "transactions": lambda bank: bank.transactions(CUSTOMER, CARD),
    "payments": lambda bank: bank.payments(CUSTOMER, CARD),
    "repayment_channels": lambda bank: bank.repayment_channels(CUSTOMER, CARD),
    "auto_debit": lambda bank: bank.auto_debit(CUSTOMER, CARD),
    "set_auto_debit": lambda bank: bank.set_auto_debit(
        CUSTOMER,
        CARD,
        enabled=True,
        amount=AutoDebitAmount.MINIMUM,
        account_id="da-1",
        version=3,
        proof=PROOF,
        idempotency_key=KEY,
    ),
    "debit_accounts": lambda bank: bank.debit_accounts(CUSTOMER, CARD),
    "credit_report": lambda bank: bank.credit_report(CUSTOMER, CARD),
    "plans": lambda bank: bank.plans(CUSTOMER, CARD),
    "instalment_quotes": lambda bank: bank.instalment_quotes(CUSTOMER, CARD, amount=Decimal("7200"), terms=3),
    "deferral_options": lambda bank: bank.deferral_options(CUSTOMER, CARD, until=date(2026, 12, 16)),
    "agreement_quotes": lambda bank: bank.agreement_quotes(CUSTOMER, CARD, terms=12, first_due_on=date(2026, 12, 28)),
    "waiver_options": lambda bank: bank.waiver_options(CUSTOMER, CARD),
    "early_settlement": lambda bank: bank.early_settlement(CUSTOMER, CARD, REFERENCE),
    "challenge": lambda bank: bank.challenge(CUSTOMER, Purpose.FILE_APPLICATION, "q-3f81c2"),
    "check_challenge": lambda bank: bank.check_challenge(CUSTOMER, "ch-5d20", "204815"),
    "applications": lambda bank: bank.applications(CUSTOMER),
    "file_application": lambda bank: bank.file_application(
        CUSTOMER,
        kind=ApplicationKind.INSTALMENT,
        card_id=CARD,
        quote_id="q-3f81c2",
        reason=ReasonClass.UNSTABLE_INCOME,
        proof=PROOF,
        idempotency_key=KEY,
    ),
    "application": lambda bank: bank.application(CUSTOMER, REFERENCE),
    "add_documents": lambda bank: bank.add_documents(
        CUSTOMER, REFERENCE, document_ids=["doc-7a11c9"], idempotency_key=KEY
    ),
    "withdraw_application": lambda bank: bank.withdraw_application(
        CUSTOMER, REFERENCE, proof=PROOF, idempotency_key=KEY
    ),
    "consents": lambda bank: bank.consents(CUSTOMER),
    "record_consent": lambda bank: bank.record_consent(
        CUSTOMER,
        purpose=ConsentPurpose.HARDSHIP_DOCUMENTS,
        given=True,
        text_version="hardship-2026-11",
        language="zh",
        idempotency_key=KEY,
    ),
    "documents": lambda bank: bank.documents(CUSTOMER),
    "upload_document": lambda bank: bank.upload_document(
        CUSTOMER,
        kind=DocumentKind.UNEMPLOYMENT,
        file_name="失业登记.pdf",
        content=PDF,
        content_type="application/pdf",
        consent_id="cs-3b90",
        idempotency_key=KEY,
    ),
    "delete_document": lambda bank: bank.delete_document(CUSTOMER, "doc-7a11c9", idempotency_key=KEY),
    "issue_document": lambda bank: bank.issue_document(
        CUSTOMER, CARD, kind=IssuedDocumentKind.SETTLEMENT_CERTIFICATE, idempotency_key=KEY
    ),
    "document_content": lambda bank: bank.document_content(CUSTOMER, "isd-20b7"),
    "promises": lambda bank: bank.promises(CUSTOMER),
    "make_promise": lambda bank: bank.make_promise(
        CUSTOMER, CARD, amount=Decimal("800"), pay_on=date(2026, 11, 28), idempotency_key=KEY
    ),
    "promise": lambda bank: bank.promise(CUSTOMER, PROMISE),
    "change_promise": lambda bank: bank.change_promise(
        CUSTOMER, PROMISE, amount=Decimal("800"), pay_on=date(2026, 12, 1), version=1, idempotency_key=KEY
    ),
    "withdraw_promise": lambda bank: bank.withdraw_promise(CUSTOMER, PROMISE, idempotency_key=KEY, version=1),
    "disputes": lambda bank: bank.disputes(CUSTOMER),
    "file_dispute": lambda bank: bank.file_dispute(
        CUSTOMER, CARD, transaction_id="t-77", reason=DisputeReason.NOT_MINE, idempotency_key=KEY
    ),
    "dispute": lambda bank: bank.dispute(CUSTOMER, DISPUTE),
    "withdraw_dispute": lambda bank: bank.withdraw_dispute(CUSTOMER, DISPUTE, idempotency_key=KEY),
    "contact_preferences": lambda bank: bank.contact_preferences(CUSTOMER),
    "contact_addresses": lambda bank: bank.contact_addresses(CUSTOMER),
    "set_contact_preferences": lambda bank: bank.set_contact_preferences(
        CUSTOMER,
        ContactPreferences.parse_obj(OPERATIONS["contact_preferences"].example()[1]),
        idempotency_key=KEY,
    ),
    "contacts": lambda bank: bank.contacts(CUSTOMER, since=datetime.fromisoformat("2026-11-01T00:00:00+08:00")),
    "log_contact": lambda bank: bank.log_contact(
        CUSTOMER,
        kind=ContactKind.REMINDER,
        channel=ContactChannel.WECHAT,
        direction=ContactDirection.OUT,
        at=datetime.fromisoformat("2026-11-14T10:00:05+08:00"),
        outcome=ContactOutcome.DELIVERED,
        rule="due-in-2-days",
        card_id=CARD,
        text_id="reminder-2",
        idempotency_key=KEY,
    ),
    "hand_over": lambda bank: bank.hand_over(
        CUSTOMER,
        conversation_id="web-41fd2c88",
        reason="report_hardship",
        priority=HandOverPriority.HIGH,
        summary="客户失业，希望了解个性化分期。",
        card_id=CARD,
        idempotency_key=KEY,
    ),
    "close_hand_over": lambda bank: bank.close_hand_over(
        CUSTOMER, "HO-20261124-0011", outcome=HandOverOutcome.RESOLVED, idempotency_key=KEY
    ),
    "messaging_identities": lambda bank: bank.messaging_identities(CUSTOMER),
    "link_identity": lambda bank: bank.link_identity(
        CUSTOMER, channel=MessagingChannel.WECHAT, account=APP_ID, subject=OPENID, idempotency_key=KEY
    ),
    "unlink_identity": lambda bank: bank.unlink_identity(CUSTOMER, "mi-71f3", idempotency_key=KEY),
    "find_identity": lambda bank: bank.find_identity(channel=MessagingChannel.WECHAT, account=APP_ID, subject=OPENID),
    "accounts": lambda bank: bank.accounts(
        states=[AccountState.IN_GRACE, AccountState.OVERDUE],
        due_from=date(2026, 11, 1),
        due_to=date(2026, 11, 30),
        limit=2,
    ),
}

#: The client's methods that are a second form of an operation.
SECOND_FORMS: Dict[str, Tuple[str, Callable[[BankClient], Any]]] = {
    "declare_hardship": (
        "file_application",
        lambda bank: bank.declare_hardship(
            CUSTOMER,
            card_id=CARD,
            reason=ReasonClass.UNEMPLOYMENT,
            statement="上个月失业，正在找工作。",
            monthly_income=Decimal("2100"),
            affordable_per_month=Decimal("500"),
            consent_id="cs-3b90",
            document_ids=["doc-7a11c9"],
            proof=PROOF,
            idempotency_key=KEY,
        ),
    ),
    "all_accounts": ("accounts", lambda bank: next(bank.all_accounts(states=[AccountState.OVERDUE]))),
}

#: Have an effect each time, an SMS or a spent attempt: the client does not send them again once the bank may have
#: received them.
UNREPEATABLE = ["challenge", "check_challenge"]
#: Read, although by their method they might write: what they ask for is not to stand in an address.
READS_BY_POST = ["find_identity"]
REPEATABLE = sorted(set(CALLS) - set(UNREPEATABLE))


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    name: str
    method: str  # upper case
    template: str
    spec: Dict[str, Any]

    @property
    def parameters(self) -> List[Dict[str, Any]]:
        """Those of the path and its own, resolved."""
        shared = CONTRACT["paths"][self.template].get("parameters", [])
        return [resolved(each) for each in [*shared, *self.spec.get("parameters", [])]]

    @property
    def path(self) -> str:
        """The path with the example ids."""
        return self.template.format_map({each["name"]: each.get("example") for each in self.parameters})

    @property
    def route(self) -> str:
        """Method and path with the example ids, as `Transport.on` takes it."""
        return f"{self.method} {self.path}"

    @property
    def is_minimal(self) -> bool:
        return bool(self.spec.get("x-minimal", False))

    def takes(self, header: str) -> Optional[bool]:
        """Whether a header is required; None if there is none."""
        return next((bool(each["required"]) for each in self.parameters if each["name"] == header), None)

    def request_media(self) -> Tuple[str, Dict[str, Any]]:
        """Content type and media type object of the request's body."""
        [media] = self.spec["requestBody"]["content"].items()
        return str(media[0]), media[1]

    def success(self) -> Tuple[int, Optional[str], Dict[str, Any]]:
        """Status, content type and media type object of the good answer; no content type where it has no body."""
        [status] = [status for status in self.spec["responses"] if status.startswith("2")]
        [(content_type, media)] = self.spec["responses"][status].get("content", {None: {}}).items()
        return int(status), content_type, media

    def example(self) -> Tuple[int, Any]:
        """Status and body of the first example of a good answer; a PDF and nothing where that is the answer."""
        status, content_type, media = self.success()
        if content_type != "application/json":
            return status, PDF if content_type else b""
        return status, next(iter(media["examples"].values()))["value"]


def operations() -> Iterator[Operation]:
    for template, path in CONTRACT["paths"].items():
        for method in ("get", "put", "post", "patch", "delete"):
            if method in path:
                yield Operation(path[method]["operationId"], method.upper(), template, path[method])


OPERATIONS: Dict[str, Operation] = {operation.name: operation for operation in operations()}


def resolved(reference_or_value: Any) -> Any:
    """The value itself, or what its `$ref` into this document points to."""
    while isinstance(reference_or_value, dict) and "$ref" in reference_or_value:
        found: Any = CONTRACT
        for part in reference_or_value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        reference_or_value = found
    return reference_or_value


def problem_examples() -> List[Any]:
    """Every example of a problem document."""
    return [
        example["value"]
        for answer in CONTRACT["components"]["responses"].values()
        for example in answer["content"]["application/problem+json"]["examples"].values()
    ]
