"""What a bank could answer: typed models with believable figures, and a bank that answers with them.

Today is `TODAY`. Every builder takes changes by keyword.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Callable, Dict, List, Optional, cast

from dateutil.relativedelta import relativedelta

from bank.calls.capabilities import OPERATIONS
from bank.errors import BankError, BankUnavailable, NotEligible, NotEligibleReason
from bank.models import (
    AccountState,
    AgreementCondition,
    AgreementQuote,
    Application,
    ApplicationKind,
    ApplicationStatus,
    AutoDebit,
    AutoDebitAmount,
    AutoDebitResult,
    Bucket,
    Capabilities,
    Card,
    CardStatus,
    ContactPreferences,
    CreditMonth,
    CreditReportStatus,
    Customer,
    DeferralOption,
    Dispute,
    DisputeReason,
    DisputeStatus,
    EarlySettlement,
    FeeItem,
    FeeKind,
    Instalment,
    InstalmentQuote,
    OverdueSummary,
    Payment,
    PaymentStatus,
    Plan,
    PlanKind,
    PlanPart,
    PlanPartStatus,
    ProjectedPayment,
    Projection,
    Promise,
    PromiseStatus,
    RepaymentChannel,
    RepaymentChannelKind,
    Statement,
    Transaction,
    TransactionKind,
    WaiverKind,
    WaiverOption,
)

TODAY = date(2026, 11, 21)
CARD = "card-1"
_LATER = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)

_NOTHING: Dict[str, Any] = {
    "principal": Decimal("0.00"),
    "interest": Decimal("0.00"),
    "late_fee": Decimal("0.00"),
    "other_fees": Decimal("0.00"),
    "total": Decimal("0.00"),
    "minimum_due": Decimal("0.00"),
    "remaining_minimum": Decimal("0.00"),
}


def _dates(statement: date, due: date) -> Dict[str, Any]:
    return {"statement_date": statement, "due_date": due, "grace_ends_on": due + timedelta(days=3)}


def _owed(principal: str, interest: str, late_fee: str, minimum: str) -> Dict[str, Any]:
    parts = [Decimal(part) for part in (principal, interest, late_fee)]
    return {
        **dict(zip(("principal", "interest", "late_fee"), parts, strict=True)),
        "other_fees": Decimal("0.00"),
        "total": sum(parts, Decimal("0.00")),
        "minimum_due": Decimal(minimum),
        "remaining_minimum": Decimal(minimum),
    }


_OPEN = _dates(date(2026, 11, 7), date(2026, 11, 27))
_LAST = _dates(date(2026, 10, 24), date(2026, 11, 13))
_M1 = {
    "state": AccountState.OVERDUE,
    "days_past_due": 8,
    "bucket": Bucket.M1,
    **_LAST,
    **_owed("5000.00", "87.50", "25.00", "612.50"),
}
_STATES: Dict[str, Dict[str, Any]] = {
    "clear": {"state": AccountState.CURRENT, **_OPEN, **_NOTHING},
    "minimum_paid": {
        "state": AccountState.CURRENT,
        **_LAST,
        **_owed("2880.00", "0.00", "0.00", "320.00"),
        "remaining_minimum": Decimal("0.00"),
        "paid_since": Decimal("320.00"),
    },
    "due": {"state": AccountState.DUE, **_OPEN, **_owed("3200.00", "0.00", "0.00", "320.00")},
    "in_grace": {
        "state": AccountState.IN_GRACE,
        **_dates(date(2026, 10, 31), date(2026, 11, 20)),
        **_owed("3200.00", "0.00", "0.00", "320.00"),
    },
    "overdue_first": {**_M1, "first_time": True},
    "overdue_again": {**_M1, "first_time": False},
    "overdue_months": {
        "state": AccountState.OVERDUE,
        "days_past_due": 44,
        "bucket": Bucket.M2,
        **_dates(date(2026, 10, 24), date(2026, 10, 8)),
        **_owed("8000.00", "320.00", "61.20", "1905.40"),
    },
    "overdue_long": {
        "state": AccountState.OVERDUE,
        "days_past_due": 110,
        "bucket": Bucket.M4,
        **_dates(date(2026, 10, 24), date(2026, 8, 3)),
        **_owed("20000.00", "1630.45", "412.00", "22042.45"),
    },
}
SITUATIONS = tuple(_STATES)


def customer(**changes: Any) -> Customer:
    return Customer(**{"id": "c-1", "name": "王女士", "language": "zh", "masked_phone": "138****5678", **changes})


def card(**changes: Any) -> Card:
    return Card(
        **{
            "id": CARD,
            "name": "悦享金卡",
            "last4": "1234",
            "status": CardStatus.ACTIVE,
            "state": AccountState.CURRENT,
            "days_past_due": 0,
            "amount_due": Decimal("0.00"),
            **changes,
        }
    )


def summary(situation: str = "overdue_first", **changes: Any) -> OverdueSummary:
    return OverdueSummary(
        **{
            "card_id": CARD,
            "as_of": TODAY,
            "days_past_due": 0,
            "bucket": None,
            "first_time": True,
            "paid_since": Decimal("0.00"),
            "pending_payments": Decimal("0.00"),
            "disputed": Decimal("0.00"),
            "items": [],
            "daily_interest_rate": Decimal("0.0005"),
            "annual_interest_rate": Decimal("0.1825"),
            "late_fee_rate": Decimal("0.05"),
            "late_fee_floor": Decimal("10.00"),
            "late_fee_cap": Decimal("500.00"),
            "interest_basis": "full_balance",
            "grace_days": 3,
            "shortfall_tolerance": Decimal("10.00"),
            **_STATES[situation],
            **changes,
        }
    )


def statement(**changes: Any) -> Statement:
    return Statement(
        **{
            "card_id": CARD,
            "period_starts_on": date(2026, 9, 25),
            "statement_date": date(2026, 10, 24),
            "due_date": date(2026, 11, 13),
            "grace_ends_on": date(2026, 11, 16),
            "balance": Decimal("5050.00"),
            "minimum_due": Decimal("612.50"),
            "paid_since": Decimal("0.00"),
            "pending_payments": Decimal("0.00"),
            "remaining_balance": Decimal("5050.00"),
            "remaining_minimum": Decimal("612.50"),
            **changes,
        }
    )


def interest(**changes: Any) -> FeeItem:
    return FeeItem(
        **{
            "kind": FeeKind.INTEREST,
            "amount": Decimal("87.50"),
            "posted_on": date(2026, 11, 7),
            "basis": Decimal("5000.00"),
            "rate": Decimal("0.0005"),
            "starts_on": date(2026, 10, 4),
            "ends_on": date(2026, 11, 7),
            "days": 35,
            "floor": None,
            "cap": None,
            **changes,
        }
    )


def late_fee(**changes: Any) -> FeeItem:
    return FeeItem(
        **{
            "kind": FeeKind.LATE_FEE,
            "amount": Decimal("25.00"),
            "posted_on": None,
            "basis": Decimal("500.00"),
            "rate": Decimal("0.05"),
            "starts_on": None,
            "ends_on": None,
            "days": None,
            "floor": Decimal("10.00"),
            "cap": Decimal("500.00"),
            **changes,
        }
    )


def credit_report(**changes: Any) -> CreditReportStatus:
    return CreditReportStatus(
        **{
            "card_id": CARD,
            "code": "1",
            "reported": False,
            "reports_on": date(2026, 11, 30),
            "pay_by": None,
            "retention_years": 5,
            "months": [CreditMonth(month="2026-10", code="N"), CreditMonth(month="2026-09", code="*")],
            **changes,
        }
    )


def payment(**changes: Any) -> Payment:
    return Payment(
        **{
            "id": "p-1",
            "card_id": CARD,
            "amount": Decimal("300.00"),
            "made_on": date(2026, 11, 20),
            "posts_on": date(2026, 11, 23),
            "status": PaymentStatus.PENDING,
            "channel": "transfer",
            **changes,
        }
    )


def channel(kind: RepaymentChannelKind = RepaymentChannelKind.MOBILE_BANK, **changes: Any) -> RepaymentChannel:
    return RepaymentChannel(
        **{
            "kind": kind,
            "posting_days": 0,
            "fee": Decimal("0.00"),
            "single_limit": None,
            "recommended": False,
            "account": None,
            **changes,
        }
    )


def auto_debit(**changes: Any) -> AutoDebit:
    return AutoDebit(
        **{
            "enabled": True,
            "amount": AutoDebitAmount.MINIMUM,
            "account_bank": "示范银行",
            "account_last4": "8888",
            "next_debit_on": date(2026, 12, 13),
            "next_debit_amount": Decimal("640.00"),
            "last_result": AutoDebitResult.NONE,
            "last_attempt_on": None,
            "version": 1,
            **changes,
        }
    )


def preferences(**changes: Any) -> ContactPreferences:
    return ContactPreferences(
        **{
            "channels": ["sms", "phone"],
            "reminders": True,
            "contact_from": "09:00",
            "contact_until": "21:00",
            "time_zone": "Asia/Shanghai",
            "night_consent": False,
            "language": "zh",
            "paused_until": None,
            "version": 1,
            **changes,
        }
    )


def transaction(**changes: Any) -> Transaction:
    return Transaction(
        **{
            "id": "t-1",
            "card_id": CARD,
            "kind": TransactionKind.PURCHASE,
            "posted_on": date(2026, 11, 2),
            "amount": Decimal("268.40"),
            "description": "示范超市",
            "disputed": False,
            **changes,
        }
    )


def quote(**changes: Any) -> InstalmentQuote:
    return InstalmentQuote(
        **{
            "id": "q-12",
            "card_id": CARD,
            "amount": Decimal("4500.00"),
            "terms": 12,
            "rate_per_term": Decimal("0.006"),
            "per_term": Decimal("402.00"),
            "total_interest": Decimal("324.00"),
            "total_cost": Decimal("4824.00"),
            "annualised_rate": Decimal("0.1303"),
            "effective_rate": Decimal("0.1384"),
            "first_due_on": date(2026, 12, 13),
            "schedule": [],
            "cost_items": [],
            "nothing_else_charged": True,
            "reading_seconds": 0,
            "pay_first": Decimal("612.50"),
            "valid_until": _LATER,
            **changes,
        }
    )


def deferral(**changes: Any) -> DeferralOption:
    return DeferralOption(
        **{
            "id": "d-1",
            "card_id": CARD,
            "months": 1,
            "new_due_date": date(2026, 12, 13),
            "amount_due_then": Decimal("5188.10"),
            "extra_interest": Decimal("75.60"),
            "interest_continues": True,
            "late_fee_waived": False,
            "annualised_rate": Decimal("0.1825"),
            "valid_until": _LATER,
            **changes,
        }
    )


def waiver(kind: WaiverKind = WaiverKind.LATE_FEE, **changes: Any) -> WaiverOption:
    item = late_fee() if kind is WaiverKind.LATE_FEE else interest()
    values = {"id": f"w-{kind.value}", "card_id": CARD, "kind": kind, "amount": item.amount, "items": [item]}
    return WaiverOption(**{**values, "valid_until": _LATER, **changes})


def promise(**changes: Any) -> Promise:
    values = {
        "reference": "PTP-20261120-0002",
        "card_id": CARD,
        "card_last4": "1234",
        "amount": Decimal("612.50"),
        "pay_on": date(2026, 11, 28),
        "status": PromiseStatus.OPEN,
        "paid": Decimal("0.00"),
        "created_at": _LATER,
        "updated_at": _LATER,
        "version": 3,
        "changeable": True,
    }
    return Promise(**{**values, **changes})


def dispute(**changes: Any) -> Dispute:
    values = {
        "reference": "DSP-20261120-0005",
        "card_id": CARD,
        "card_last4": "1234",
        "transaction_id": "t-1",
        "amount": Decimal("268.40"),
        "reason": DisputeReason.NOT_MINE,
        "status": DisputeStatus.IN_REVIEW,
        "answer_by": date(2026, 12, 5),
        "filed_at": _LATER,
        "updated_at": _LATER,
        "note": None,
        "version": 2,
        "withdrawable": True,
    }
    return Dispute(**{**values, **changes})


def plan(paid: int = 3, **changes: Any) -> Plan:
    """How `running_plan()` runs: three parts are billed, and so many paid."""
    parts = [
        PlanPart(
            number=number,
            due_on=date(2026, 9, 16) + relativedelta(months=number - 1),
            principal=Decimal("500.00"),
            interest=Decimal("36.00"),
            total=Decimal("536.00"),
            status=PlanPartStatus.PAID
            if number <= paid
            else PlanPartStatus.BILLED
            if number <= 3
            else PlanPartStatus.TO_COME,
        )
        for number in range(1, 13)
    ]
    return Plan(
        **{
            "reference": "INS-20260901-0007",
            "kind": PlanKind.INSTALMENT,
            "card_id": CARD,
            "amount": Decimal("6000.00"),
            "terms": 12,
            "terms_billed": 3,
            "remaining_principal": Decimal("4500.00"),
            "remaining_interest": Decimal("324.00"),
            "next_due_on": parts[3].due_on,
            "next_amount": parts[3].total,
            "collection_paused": False,
            "schedule": parts,
            **changes,
        }
    )


def settlement(**changes: Any) -> EarlySettlement:
    """What ending `plan()` today costs."""
    return EarlySettlement(
        **{
            "id": "settle-1",
            "card_id": CARD,
            "reference": "INS-20260901-0007",
            "as_of": TODAY,
            "remaining_principal": Decimal("4500.00"),
            "interest_due": Decimal("6.00"),
            "fee": Decimal("135.00"),
            "total": Decimal("4641.00"),
            "interest_saved": Decimal("318.00"),
            "valid_until": _LATER + timedelta(hours=4),
            **changes,
        }
    )


def running_plan(**changes: Any) -> Application:
    return Application(
        **{
            "reference": "INS-20260901-0007",
            "kind": ApplicationKind.INSTALMENT,
            "card_id": CARD,
            "card_last4": "1234",
            "status": ApplicationStatus.ACTIVE,
            "version": 4,
            "documents_needed": [],
            "collection_paused": False,
            "amount": Decimal("6000.00"),
            "filed_at": _LATER,
            "updated_at": _LATER,
            "answer_by": None,
            "withdrawable": False,
            "terms": 12,
            "per_term": Decimal("536.00"),
            "annualised_rate": Decimal("0.1303"),
            "new_due_date": None,
            "reason": None,
            "note": None,
            **changes,
        }
    )


def agreement(**changes: Any) -> AgreementQuote:
    part = Instalment(
        number=1,
        due_on=date(2026, 12, 13),
        principal=Decimal("852.11"),
        interest=Decimal("0.00"),
        total=Decimal("852.11"),
    )
    return AgreementQuote(
        **{
            "id": "a-6",
            "card_id": CARD,
            "balance": Decimal("5112.50"),
            "currency": "CNY",
            "terms": 6,
            "per_term": Decimal("852.11"),
            "rate_per_term": Decimal("0.0000"),
            "interest_stops": True,
            "total_interest": Decimal("0.00"),
            "total_cost": Decimal("5112.50"),
            "annualised_rate": Decimal("0.0000"),
            "effective_rate": Decimal("0.0000"),
            "first_due_on": date(2026, 12, 13),
            "schedule": [part],
            "cost_items": [],
            "nothing_else_charged": True,
            "reading_seconds": 5,
            "collection_paused": True,
            "conditions": list(AgreementCondition),
            "valid_until": _LATER,
            **changes,
        }
    )


def projection_of(told: OverdueSummary) -> Callable[..., Projection]:
    """What a bank would project from `told`, with 75.00 yuan of interest each 30 days on what is not paid."""

    def project(*, on: date, pay: ProjectedPayment) -> Projection:
        pays = {"nothing": Decimal("0.00"), "minimum": told.remaining_minimum, "full": told.total}[pay.value]
        rest = told.total - pays
        interest = (Decimal("2.50") * (on - TODAY).days).quantize(Decimal("0.01")) if rest else Decimal("0.00")
        return Projection(
            card_id=CARD,
            on=on,
            pay=pay,
            pays=pays,
            principal=rest,
            interest=interest,
            late_fee=Decimal("0.00"),
            other_fees=Decimal("0.00"),
            total=rest + interest,
            remaining_minimum=told.remaining_minimum - min(pays, told.remaining_minimum),
            days_past_due=0 if pays else told.days_past_due,
            bucket=None if pays else told.bucket,
            state=AccountState.CURRENT if pays else told.state,
            credit_code="N" if pays else "1",
        )

    return project


def not_eligible(reason: NotEligibleReason) -> NotEligible:
    return NotEligible("GET …", "not-eligible", 409, reason)


class StubBank:
    """Answers as `bank.client.BankClient` would, with what it was given.

    An exception given is raised; a function given is called with what was asked beside customer and card.
    """

    def __init__(self, situation: str = "overdue_first", **answers: Any) -> None:
        told = summary(situation)
        mine = card(state=told.state, days_past_due=told.days_past_due, amount_due=told.total)
        self._answers: Dict[str, Any] = {
            "customer": customer(),
            "cards": [mine],
            "overdue": told,
            "statement": statement(),
            "credit_report": credit_report(),
            "payments": [],
            "repayment_channels": [
                channel(recommended=True),
                channel(RepaymentChannelKind.COUNTER, posting_days=1, single_limit=Decimal("50000.00")),
            ],
            "auto_debit": auto_debit(),
            "contact_preferences": preferences(),
            "transactions": [transaction()],
            "instalment_quotes": [quote()],
            "deferral_options": [deferral()],
            "promises": [],
            "disputes": [],
            "projection": projection_of(told),
            "agreement_quotes": not_eligible(NotEligibleReason.NOT_ALLOWED_NOW),
            "waiver_options": [waiver(), waiver(WaiverKind.INTEREST)],
            "applications": [],
            "plans": [],
            **answers,
        }

    def capabilities(self) -> Capabilities:
        """What the bank offers: everything, unless `capabilities` was given."""
        given = self._answers.get("capabilities", Capabilities(contract="1.1", operations=list(OPERATIONS)))
        if isinstance(given, Exception):
            raise given
        return cast(Capabilities, given)

    def __getattr__(self, operation: str) -> Any:
        if operation not in self._answers:
            raise AttributeError(f"the stub bank was not told how to answer {operation}")

        def answer(customer_id: str, card_id: Optional[str] = None, **asked: Any) -> Any:
            assert customer_id == "c-1", "the bank was asked about somebody else"
            given = self._answers[operation]
            if isinstance(given, dict):
                given = given[card_id]
            if isinstance(given, Exception):
                raise given
            return given(**asked) if callable(given) else given

        return answer


class DownBank:
    """Answers nothing."""

    def __init__(self, error: Optional[BankError] = None) -> None:
        self._error = error or BankUnavailable("GET …", "connection refused")

    def __getattr__(self, operation: str) -> Any:
        def refuse(*_: Any, **__: Any) -> Any:
            raise self._error

        return refuse


def two_cards(first: str = "overdue_first", second: str = "due") -> StubBank:
    """A customer with card 1234 in the situation `first` and card 5678 in `second`."""
    told = {CARD: summary(first), "card-2": summary(second, card_id="card-2")}
    last4 = {CARD: "1234", "card-2": "5678"}
    names = {CARD: "悦享金卡", "card-2": "畅行白金卡"}
    cards: List[Card] = [
        card(
            id=card_id,
            name=names[card_id],
            last4=last4[card_id],
            state=given.state,
            days_past_due=given.days_past_due,
            amount_due=given.total,
        )
        for card_id, given in told.items()
    ]
    return StubBank(first, cards=list(reversed(cards)), overdue=told)
