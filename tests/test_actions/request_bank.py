"""A bank that quotes, sends codes, files and withdraws, in memory; and fails on demand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Dict, List, Optional, Tuple, TypeVar, cast

from bank.errors import (
    BankError,
    BankTimeout,
    ChangedMeanwhile,
    CodeExpired,
    NotEligible,
    NotEligibleReason,
    NotFound,
    NotWithdrawable,
    ProofRequired,
    TooManyAttempts,
    WrongCode,
)
from bank.models import (
    Application,
    ApplicationKind,
    ApplicationStatus,
    AutoDebit,
    AutoDebitAmount,
    Card,
    Challenge,
    ChallengeProof,
    ContactPreferences,
    CostItem,
    DebitAccount,
    DeferralOption,
    Dispute,
    DisputeReason,
    DisputeStatus,
    Instalment,
    InstalmentQuote,
    Promise,
    PromiseStatus,
    Purpose,
    ReasonClass,
    Transaction,
    WaiverOption,
)
from tests.test_actions.builders import CARD, TODAY, StubBank, deferral, dispute, promise, quote, running_plan

_ATTEMPTS = 3
_Item = TypeVar("_Item", Promise, Dispute)
CODE = "204815"


class RequestBank(StubBank):
    """Every call is in `calls`; an error put into `failures[operation]` is raised by the next such call."""

    def __init__(self, situation: str = "overdue_first", **answers: Any) -> None:
        super().__init__(situation, **answers)
        self.calls: List[Tuple[str, Dict[str, Any]]] = []
        self.failures: Dict[str, List[BankError]] = {}
        self.down = False
        self.filed: List[Application] = list(answers.get("applications", []))
        self.terms = [3, 6, 12]
        self.amount = Decimal("4500.00")
        self.minimum = Decimal("500.00")
        self.longest = TODAY + timedelta(days=92)
        self.codes: Dict[str, int] = {}  # challenge → attempts left
        self._subjects: Dict[str, str] = {}
        self._spent: List[str] = []
        self.promised: List[Promise] = list(answers.get("promises", []))
        self.disputed: List[Dispute] = list(answers.get("disputes", []))
        self.debit: AutoDebit = self._answers["auto_debit"]
        self.contact: ContactPreferences = self._answers["contact_preferences"]
        self.accounts = [
            DebitAccount(id="da-1", bank="示范银行", last4="8888"),
            DebitAccount(id="da-2", bank="邻城银行", last4="3307"),
        ]
        self._answered: Dict[str, Any] = {}  # by idempotency key
        self._serial = 0

    def count(self, operation: str) -> int:
        """How often the bank was asked for it."""
        return sum(name == operation for name, _ in self.calls)

    def fail(self, operation: str, error: BankError) -> None:
        """Let the next call of `operation` fail, before it has any effect."""
        self.failures.setdefault(operation, []).append(error)

    def cards(self, customer_id: str) -> List[Card]:
        self._begin("cards")
        given: List[Card] = self._answers["cards"]
        return given

    def instalment_quotes(
        self, customer_id: str, card_id: str, *, amount: Optional[Decimal] = None, terms: Optional[int] = None
    ) -> List[InstalmentQuote]:
        self._begin("instalment_quotes", card_id=card_id, amount=amount)
        given = self._answers["instalment_quotes"]
        if isinstance(given, Exception):
            raise given
        if amount is not None and amount < self.minimum:
            raise NotEligible("GET …", "not-eligible", 422, NotEligibleReason.AMOUNT_TOO_SMALL)
        return [self._quote(card_id, amount or self.amount, count) for count in self.terms]

    def deferral_options(self, customer_id: str, card_id: str, *, until: Optional[date] = None) -> List[DeferralOption]:
        self._begin("deferral_options", card_id=card_id, until=until)
        given = self._answers["deferral_options"]
        if isinstance(given, Exception):
            raise given
        days = [TODAY + timedelta(days=31), TODAY + timedelta(days=61), self.longest]
        if until is not None:
            if until > self.longest:
                raise NotEligible("GET …", "not-eligible", 422, NotEligibleReason.DATE_TOO_LATE)
            days = sorted({until, *(day for day in days if day >= until)})
        return [deferral(id=f"d-{day:%m%d}", card_id=card_id, new_due_date=day) for day in days]

    def waiver_options(self, customer_id: str, card_id: str) -> List[WaiverOption]:
        self._begin("waiver_options", card_id=card_id)
        given: Any = self._answers["waiver_options"]
        if isinstance(given, Exception):
            raise given
        return [option.copy(update={"card_id": card_id}) for option in given]

    def challenge(self, customer_id: str, purpose: Purpose, subject: str) -> Challenge:
        self._begin("challenge", purpose=purpose, subject=subject)
        for known, what in self._subjects.items():
            if what == subject:
                self.codes.pop(known, None)
        challenge_id = self._next("ch")
        self.codes[challenge_id] = _ATTEMPTS
        self._subjects[challenge_id] = subject
        return Challenge(
            id=challenge_id,
            purpose=purpose,
            subject=subject,
            masked_phone="138****5678",
            expires_at=quote().valid_until,
            attempts_left=_ATTEMPTS,
        )

    def check_challenge(self, customer_id: str, challenge_id: str, code: str) -> ChallengeProof:
        self._begin("check_challenge", challenge_id=challenge_id)
        if challenge_id not in self.codes:
            raise CodeExpired("POST …", "code-expired", 409)
        if code != CODE:
            self.codes[challenge_id] -= 1
            if self.codes[challenge_id]:
                raise WrongCode("POST …", "wrong-code", 422, self.codes[challenge_id])
            raise TooManyAttempts("POST …", "too-many-attempts", 409)
        del self.codes[challenge_id]
        return ChallengeProof(token=f"pf-{self._subjects[challenge_id]}", expires_at=quote().valid_until)

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
        self._begin("file_application", quote_id=quote_id, idempotency_key=idempotency_key, reason=reason)
        if idempotency_key not in self._answered:
            self._spend(proof, quote_id)
            plan = {"terms": int(quote_id.split("-")[1])} if kind is ApplicationKind.INSTALMENT else {"terms": None}
            application = running_plan(
                reference=self._next(kind.value[:3].upper()),
                kind=kind,
                card_id=card_id,
                status=ApplicationStatus.IN_REVIEW,
                withdrawable=True,
                answer_by=TODAY + timedelta(days=3),
                reason=reason,
                **plan,
            )
            self.filed.insert(0, application)
            self._answered[idempotency_key] = application
        self._lose_answer("file_application")
        return cast(Application, self._answered[idempotency_key])

    def promises(self, customer_id: str) -> List[Promise]:
        self._begin("promises")
        return list(self.promised)

    def make_promise(
        self, customer_id: str, card_id: str, *, amount: Decimal, pay_on: date, idempotency_key: str
    ) -> Promise:
        self._begin("make_promise", amount=amount, pay_on=pay_on, idempotency_key=idempotency_key)
        if idempotency_key not in self._answered:
            made = promise(reference=self._next("PTP"), card_id=card_id, amount=amount, pay_on=pay_on, version=1)
            self.promised.insert(0, made)
            self._answered[idempotency_key] = made
        self._lose_answer("make_promise")
        return cast(Promise, self._answered[idempotency_key])

    def change_promise(
        self, customer_id: str, reference: str, *, amount: Decimal, pay_on: date, version: int, idempotency_key: str
    ) -> Promise:
        self._begin("change_promise", reference=reference, version=version, idempotency_key=idempotency_key)
        return self._replace(
            self.promised, reference, version, idempotency_key, "change_promise", amount=amount, pay_on=pay_on
        )

    def withdraw_promise(
        self, customer_id: str, reference: str, *, idempotency_key: str, version: Optional[int] = None
    ) -> Promise:
        self._begin("withdraw_promise", reference=reference, version=version)
        return self._replace(
            self.promised, reference, version, idempotency_key, "withdraw_promise", status=PromiseStatus.WITHDRAWN
        )

    def disputes(self, customer_id: str) -> List[Dispute]:
        self._begin("disputes")
        return list(self.disputed)

    def transactions(self, customer_id: str, card_id: str) -> List[Transaction]:
        self._begin("transactions")
        given: List[Transaction] = self._answers["transactions"]
        return given

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
        self._begin("file_dispute", transaction_id=transaction_id, reason=reason, statement=statement)
        if idempotency_key not in self._answered:
            values = {"card_id": card_id, "transaction_id": transaction_id, "reason": reason}
            self.disputed.insert(0, dispute(reference=self._next("DSP"), **values))
            self._answered[idempotency_key] = self.disputed[0]
        self._lose_answer("file_dispute")
        return cast(Dispute, self._answered[idempotency_key])

    def withdraw_dispute(
        self, customer_id: str, reference: str, *, idempotency_key: str, version: Optional[int] = None
    ) -> Dispute:
        self._begin("withdraw_dispute", reference=reference, version=version)
        changes = {"status": DisputeStatus.WITHDRAWN, "withdrawable": False}
        return self._replace(self.disputed, reference, version, idempotency_key, "withdraw_dispute", **changes)

    def _replace(
        self, among: List[_Item], reference: str, version: Optional[int], key: str, operation: str, **changes: Any
    ) -> _Item:
        if key not in self._answered:
            known = next((each for each in among if each.reference == reference), None)
            if known is None:
                raise NotFound("POST …", "not-found", 404)
            if version not in (None, known.version):
                raise ChangedMeanwhile("PUT …", "changed-meanwhile", 412)
            after = known.copy(update={**changes, "version": known.version + 1})
            among[among.index(known)] = after
            self._answered[key] = after
        self._lose_answer(operation)
        return cast(_Item, self._answered[key])

    def auto_debit(self, customer_id: str, card_id: str) -> AutoDebit:
        self._begin("auto_debit", card_id=card_id)
        return self.debit

    def debit_accounts(self, customer_id: str, card_id: str) -> List[DebitAccount]:
        self._begin("debit_accounts", card_id=card_id)
        return list(self.accounts)

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
        self._begin("set_auto_debit", enabled=enabled, amount=amount, account_id=account_id, version=version)
        if idempotency_key not in self._answered:
            if version != self.debit.version:
                raise ChangedMeanwhile("PUT …", "changed-meanwhile", 412)
            self._spend(proof, card_id)
            account = next((each for each in self.accounts if each.id == account_id), None)
            kept = self.debit if enabled else None
            changes = {
                "enabled": enabled,
                "amount": amount or (kept and kept.amount),
                "account_bank": account.bank if account else kept and kept.account_bank,
                "account_last4": account.last4 if account else kept and kept.account_last4,
                "version": version + 1,
            }
            self.debit = self.debit.copy(update=changes)
            self._answered[idempotency_key] = self.debit
        self._lose_answer("set_auto_debit")
        return cast(AutoDebit, self._answered[idempotency_key])

    def contact_preferences(self, customer_id: str) -> ContactPreferences:
        self._begin("contact_preferences")
        return self.contact

    def set_contact_preferences(
        self, customer_id: str, preferences: ContactPreferences, *, idempotency_key: str
    ) -> ContactPreferences:
        self._begin("set_contact_preferences", preferences=preferences)
        if idempotency_key not in self._answered:
            if preferences.version != self.contact.version:
                raise ChangedMeanwhile("PUT …", "changed-meanwhile", 412)
            self.contact = preferences.copy(update={"version": preferences.version + 1})
            self._answered[idempotency_key] = self.contact
        self._lose_answer("set_contact_preferences")
        return cast(ContactPreferences, self._answered[idempotency_key])

    def record_consent(self, customer_id: str, **given: Any) -> None:
        self._begin("record_consent", **given)

    def applications(self, customer_id: str) -> List[Application]:
        self._begin("applications")
        return list(self.filed)

    def withdraw_application(
        self, customer_id: str, reference: str, *, proof: str, idempotency_key: str
    ) -> Application:
        self._begin("withdraw_application", reference=reference, idempotency_key=idempotency_key)
        if idempotency_key not in self._answered:
            known = next((application for application in self.filed if application.reference == reference), None)
            if known is None:
                raise NotFound("POST …", "not-found", 404)
            if not known.withdrawable:
                raise NotWithdrawable("POST …", "not-withdrawable", 409)
            self._spend(proof, reference)
            withdrawn = known.copy(update={"status": ApplicationStatus.WITHDRAWN, "withdrawable": False})
            self.filed[self.filed.index(known)] = withdrawn
            self._answered[idempotency_key] = withdrawn
        self._lose_answer("withdraw_application")
        return cast(Application, self._answered[idempotency_key])

    def _begin(self, operation: str, **arguments: Any) -> None:
        self.calls.append((operation, arguments))
        if self.down:
            raise BankTimeout("…", "took too long")
        waiting = [error for error in self.failures.get(operation, []) if not _after_effect(error)]
        if waiting:
            self.failures[operation].remove(waiting[0])
            raise waiting[0]

    def _lose_answer(self, operation: str) -> None:
        for error in [error for error in self.failures.get(operation, []) if _after_effect(error)]:
            self.failures[operation].remove(error)
            raise error

    def _spend(self, proof: str, subject: str) -> None:
        if proof != f"pf-{subject}" or proof in self._spent:
            raise ProofRequired("POST …", "proof-required", 403)
        self._spent.append(proof)

    def _next(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}-20261121-{self._serial:04d}"

    def _quote(self, card_id: str, amount: Decimal, terms: int) -> InstalmentQuote:
        principal, interest = amount / terms, Decimal("27.00")
        return quote(
            id=f"{self._next('q')[:1]}-{terms}-{self._serial}",
            card_id=card_id,
            amount=amount,
            terms=terms,
            per_term=(principal + interest).quantize(Decimal("0.01")),
            total_interest=interest * terms,
            total_cost=amount + interest * terms,
            schedule=[
                Instalment(
                    number=number,
                    due_on=TODAY + timedelta(days=30 * number),
                    principal=principal.quantize(Decimal("0.01")),
                    interest=interest,
                    total=(principal + interest).quantize(Decimal("0.01")),
                )
                for number in range(1, terms + 1)
            ],
            cost_items=[
                CostItem(
                    kind="interest",
                    amount=interest * terms,
                    rate=Decimal("0.006"),
                    annualised_rate=None,
                    charged="per_term",
                    payee="bank",
                    certain=True,
                ),
                CostItem(
                    kind="late_fee_if_overdue",
                    amount=None,
                    rate=Decimal("0.05"),
                    annualised_rate=None,
                    charged="once",
                    payee="bank",
                    certain=False,
                ),
                CostItem(
                    kind="interest_if_overdue",
                    amount=None,
                    rate=Decimal("0.0005"),
                    annualised_rate=None,
                    charged="daily",
                    payee="bank",
                    certain=False,
                ),
            ],
        )


class AnswerLost(BankTimeout):
    """The bank did what it was asked, and its answer never came."""

    def __init__(self) -> None:
        super().__init__("POST …", "took too long")


def _after_effect(error: BankError) -> bool:
    return isinstance(error, AnswerLost)


__all__ = ["CARD", "CODE", "AnswerLost", "RequestBank"]
