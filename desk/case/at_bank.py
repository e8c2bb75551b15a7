"""What an agent does for a customer at the bank, by the same API that the assistant uses.

What the API wants the customer's proof for needs it here, too: the agent has a one-time code sent to the customer's
phone, the customer reads the offer and gives the code in the chat, and the agent enters it. An agent can file nothing
that the customer has not confirmed. The bank's answer to a code is kept until what it authorises has been done, so
that an agent whose try failed at the last step repeats it with the same code and the same idempotency key.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any, Callable, Dict, List, Literal, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote

import requests
from pydantic import BaseModel

from bank.client import BankClient
from bank.models import (
    Application,
    ApplicationKind,
    AutoDebit,
    AutoDebitAmount,
    Challenge,
    ConsentPurpose,
    Contact,
    ContactChannel,
    ContactDirection,
    ContactKind,
    ContactOutcome,
    DebitAccount,
    Promise,
    Purpose,
    ReasonClass,
)
from common import clock
from desk.case.refusals import told
from desk.problems import Problem

#: Which wording customers agree to before an agent declares hardship for them: the canned reply `hardship_consent`.
#: Another wording needs another name; a test holds to that.
HARDSHIP_CONSENT = "hardship-documents-desk-2026-11"
_RULE = "desk-agent"  # the contact log's word for who planned a contact
_DECIDE_SECONDS = 10
_MOST_PROOFS = 1000

Quotes = Callable[[BankClient, str, str, Mapping[str, Any]], Sequence[BaseModel]]


def _instalment(bank: BankClient, customer_id: str, card_id: str, wish: Mapping[str, Any]) -> Sequence[BaseModel]:
    return bank.instalment_quotes(customer_id, card_id, amount=wish.get("amount"), terms=wish.get("terms"))


def _deferral(bank: BankClient, customer_id: str, card_id: str, wish: Mapping[str, Any]) -> Sequence[BaseModel]:
    return bank.deferral_options(customer_id, card_id, until=wish.get("until"))


def _agreement(bank: BankClient, customer_id: str, card_id: str, wish: Mapping[str, Any]) -> Sequence[BaseModel]:
    return bank.agreement_quotes(customer_id, card_id, terms=wish.get("terms"), monthly=wish.get("amount"))


def _waiver(bank: BankClient, customer_id: str, card_id: str, wish: Mapping[str, Any]) -> Sequence[BaseModel]:
    return bank.waiver_options(customer_id, card_id)


#: What can be quoted, and how it is asked for.
QUOTES: Dict[ApplicationKind, Quotes] = {
    ApplicationKind.INSTALMENT: _instalment,
    ApplicationKind.DEFERRAL: _deferral,
    ApplicationKind.AGREEMENT: _agreement,
    ApplicationKind.WAIVER: _waiver,
}


class AtBank:
    """Acts at the bank. Methods block and raise `Problem`: the bank's refusals by their names, or bank-unavailable."""

    def __init__(self, bank: BankClient, sandbox_url: Optional[str]) -> None:
        """`sandbox_url`: where the sandbox is, if the bank is the sandbox: there requests can be decided."""
        self._bank = bank
        self._sandbox_url = sandbox_url
        self._proofs: Dict[Tuple[str, str], Tuple[str, datetime]] = {}  # by customer and challenge
        self._lock = Lock()

    @property
    def decides(self) -> bool:
        """Whether requests can be decided here."""
        return self._sandbox_url is not None

    def quotes(
        self, customer_id: str, kind: ApplicationKind, card_id: str, wish: Mapping[str, Any]
    ) -> Sequence[BaseModel]:
        """What the bank would do. `wish`: `amount` (yuan; of an agreement, a month), `terms`, `until`."""
        with told():
            return QUOTES[kind](self._bank, customer_id, card_id, wish)

    def challenge(self, customer_id: str, purpose: Purpose, subject: str) -> Challenge:
        """Have a one-time code sent to the customer. `subject`: id of a quote, or reference of a request."""
        with told():
            return self._bank.challenge(customer_id, purpose, subject)

    def file(
        self,
        customer_id: str,
        *,
        kind: ApplicationKind,
        card_id: str,
        quote_id: str,
        reason: Optional[ReasonClass],
        challenge_id: str,
        code: str,
        idempotency_key: str,
    ) -> Application:
        """File what was quoted, with the customer's code."""
        proof = self._proof(customer_id, challenge_id, code)
        with told():
            return self._bank.file_application(
                customer_id,
                kind=kind,
                card_id=card_id,
                quote_id=quote_id,
                reason=reason,
                proof=proof,
                idempotency_key=idempotency_key,
            )

    def withdraw(
        self, customer_id: str, reference: str, *, challenge_id: str, code: str, idempotency_key: str
    ) -> Application:
        """Withdraw a request, with the customer's code."""
        proof = self._proof(customer_id, challenge_id, code)
        with told():
            return self._bank.withdraw_application(customer_id, reference, proof=proof, idempotency_key=idempotency_key)

    def declare_hardship(
        self,
        customer_id: str,
        *,
        card_id: str,
        reason: ReasonClass,
        affordable_per_month: Optional[Decimal],
        statement: Optional[str],
        language: Literal["zh", "en"],
        challenge_id: str,
        code: str,
        idempotency_key: str,
    ) -> Application:
        """Declare hardship (yuan a month), with the customer's code and the consent that was given in the chat.

        Papers may follow: the bank asks for them. The consent is recorded once, however often this is repeated.
        """
        proof = self._proof(customer_id, challenge_id, code)
        with told():
            consent = self._bank.record_consent(
                customer_id,
                purpose=ConsentPurpose.HARDSHIP_DOCUMENTS,
                given=True,
                text_version=HARDSHIP_CONSENT,
                language=language,
                idempotency_key=hashlib.sha256(f"consent {idempotency_key}".encode()).hexdigest()[:32],
            )
            return self._bank.declare_hardship(
                customer_id,
                card_id=card_id,
                reason=reason,
                statement=statement,
                affordable_per_month=affordable_per_month,
                consent_id=consent.id,
                proof=proof,
                idempotency_key=idempotency_key,
            )

    def auto_debit(self, customer_id: str, card_id: str) -> Tuple[AutoDebit, List[DebitAccount]]:
        """How a card's bills are debited, and the accounts from which they may be."""
        with told():
            return self._bank.auto_debit(customer_id, card_id), self._bank.debit_accounts(customer_id, card_id)

    def set_auto_debit(
        self,
        customer_id: str,
        *,
        card_id: str,
        enabled: bool,
        amount: Optional[AutoDebitAmount],
        account_id: Optional[str],
        version: int,
        challenge_id: str,
        code: str,
        idempotency_key: str,
    ) -> AutoDebit:
        """Switch automatic debits on, over or off, with the customer's code. `version`: of what the agent saw."""
        proof = self._proof(customer_id, challenge_id, code)
        with told():
            return self._bank.set_auto_debit(
                customer_id,
                card_id,
                enabled=enabled,
                amount=amount,
                account_id=account_id,
                version=version,
                proof=proof,
                idempotency_key=idempotency_key,
            )

    def promise(
        self, customer_id: str, card_id: str, *, amount: Decimal, pay_on: date, idempotency_key: str
    ) -> Promise:
        """Note that the customer means to pay an amount by a day; it needs no code, as it binds to nothing."""
        with told():
            return self._bank.make_promise(
                customer_id, card_id, amount=amount, pay_on=pay_on, idempotency_key=idempotency_key
            )

    def applications(self, customer_id: str) -> List[Application]:
        """The customer's requests, newest first."""
        with told():
            return self._bank.applications(customer_id)

    def log_contact(
        self,
        customer_id: str,
        *,
        channel: ContactChannel,
        direction: ContactDirection,
        outcome: ContactOutcome,
        at: datetime,
        card_id: Optional[str],
        reference: Optional[str],
        idempotency_key: str,
    ) -> Contact:
        """Log a contact in the bank's log, which its limits on contacts count."""
        with told():
            return self._bank.log_contact(
                customer_id,
                kind=ContactKind.SERVICE,
                channel=channel,
                direction=direction,
                at=at,
                outcome=outcome,
                rule=_RULE,
                card_id=card_id,
                reference=reference,
                idempotency_key=idempotency_key,
            )

    def decide(self, customer_id: str, reference: str, approve: bool, note: str) -> Application:
        """Decide on a customer's request as a reviewer of the sandbox. Raises `Problem` not-offered elsewhere."""
        if self._sandbox_url is None:
            raise Problem("not-offered", "only the sandbox's requests are decided here", status=501)
        with told():
            self._bank.application(customer_id, reference)  # it is this customer's
        url = f"{self._sandbox_url}/sandbox/applications/{quote(reference, safe='')}/decide"
        try:
            answer = requests.post(url, json={"approve": approve, "note": note or None}, timeout=_DECIDE_SECONDS)
        except requests.RequestException as error:
            raise Problem("bank-unavailable") from error
        if answer.status_code == 409:
            raise Problem("illegal-move", "it is decided, or not to be decided yet")
        if not answer.ok:
            raise Problem("bank-unavailable", f"the sandbox answered {answer.status_code}")
        with told():
            return self._bank.application(customer_id, reference)

    def _proof(self, customer_id: str, challenge_id: str, code: str) -> str:
        key, now = (customer_id, challenge_id), clock.now()
        with self._lock:
            self._proofs = {each: kept for each, kept in self._proofs.items() if kept[1] > now}
            kept = self._proofs.get(key)
        if kept:
            return kept[0]
        with told():
            proof = self._bank.check_challenge(customer_id, challenge_id, code)
        with self._lock:
            if len(self._proofs) < _MOST_PROOFS:
                self._proofs[key] = (proof.token, proof.expires_at)
        return proof.token
