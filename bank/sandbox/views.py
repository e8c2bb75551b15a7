"""A card's account in the shapes of the contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Iterator, List, Optional, Tuple

from bank.models import (
    AccountState,
    AutoDebit,
    AutoDebitAmount,
    AutoDebitResult,
    Card,
    CardStatus,
    CreditMonth,
    CreditReportStatus,
    Customer,
    FeeItem,
    OverdueSummary,
    Payment,
    PaymentStatus,
    RepaymentChannel,
    RepaymentChannelKind,
    Statement,
    Transaction,
    TransactionKind,
)
from bank.sandbox.accounts import CardAccount
from bank.sandbox.ledger.agreement import collection_paused
from bank.sandbox.ledger.credit_report import credit_status
from bank.sandbox.ledger.cycle import due_date, statement_dates
from bank.sandbox.ledger.plan_terms import fee_id, interest_id, rest_at_once, rest_id, term_id, terms_billed
from bank.sandbox.ledger.position import Item, billed, card_status, latest_bill, paid_since, unpaid_minimum
from bank.sandbox.ledger.records import Component, EntryKind, Plan, PlanEnd, PlanEnding
from bank.sandbox.problems import not_found
from bank.sandbox.store import Row
from bank.sandbox.texts import text

_MOST = 200  # entries of a list
_PAYMENTS_SHOWN = timedelta(days=365)
_BOOKED = {
    EntryKind.PURCHASE.value: TransactionKind.PURCHASE,
    EntryKind.CASH_ADVANCE.value: TransactionKind.CASH_ADVANCE,
    EntryKind.FEE.value: TransactionKind.FEE,
    EntryKind.REFUND.value: TransactionKind.REFUND,
    EntryKind.WAIVER.value: TransactionKind.REFUND,
}
_CHARGED = {Component.INTEREST: TransactionKind.INTEREST, Component.LATE_FEE: TransactionKind.LATE_FEE}


def customer(row: Row) -> Customer:
    """How the bank addresses the customer."""
    return Customer(**{name: row[name] for name in ("id", "name", "language", "masked_phone")})


def cards(accounts: List[CardAccount]) -> List[Card]:
    """The longest overdue first, then by what is due."""
    found = [card(each) for each in accounts]
    return sorted(found, key=lambda each: (-each.days_past_due, -each.amount_due, each.id))


def card(of: CardAccount) -> Card:
    """How the card stands today."""
    days_past_due = of.now.days_past_due if of.has_bill else 0
    agreed = collection_paused(of.account, of.history)
    return Card(
        id=of.card["id"],
        name=of.card["name"],
        last4=of.card["last4"],
        # Who pays under an agreement takes on nothing new until it is fulfilled.
        status=CardStatus.FROZEN if agreed else card_status(days_past_due, of.policy.card),
        state=of.now.state if of.has_bill else AccountState.CURRENT,
        days_past_due=days_past_due,
        amount_due=billed(of.account),
    )


def statement(of: CardAccount) -> Statement:
    """The latest bill. Raises Problem `not-found` while there is none."""
    if not of.has_bill:
        raise not_found("bill yet")
    bill = latest_bill(of.account)
    return Statement(
        card_id=of.card["id"],
        period_starts_on=bill.period_starts_on,
        statement_date=bill.statement_date,
        due_date=bill.due_date,
        grace_ends_on=bill.grace_ends_on,
        balance=bill.balance,
        minimum_due=bill.minimum_due,
        paid_since=paid_since(of.account, bill),
        pending_payments=of.pending,
        remaining_balance=billed(of.account),
        remaining_minimum=unpaid_minimum(of.account),
    )


def overdue(of: CardAccount) -> OverdueSummary:
    """What is owed and why. Raises Problem `not-found` while there is no bill."""
    now, policy = of.now, of.policy
    return OverdueSummary(
        card_id=of.card["id"],
        as_of=now.as_of,
        state=now.state,
        statement_date=now.bill.statement_date,
        due_date=now.due_date,
        grace_ends_on=now.grace_ends_on,
        days_past_due=now.days_past_due,
        bucket=now.bucket,
        first_time=now.first_time,
        principal=now.principal,
        interest=now.interest,
        late_fee=now.late_fee,
        other_fees=now.other_fees,
        total=now.total,
        minimum_due=now.minimum_due,
        remaining_minimum=now.remaining_minimum,
        paid_since=now.paid_since,
        pending_payments=of.pending,
        disputed=now.disputed,
        items=[fee_item(item) for item in now.items],
        daily_interest_rate=policy.interest.daily_rate,
        annual_interest_rate=policy.interest.annual_rate,
        late_fee_rate=policy.late_fee.rate,
        late_fee_floor=policy.late_fee.floor,
        late_fee_cap=policy.late_fee.cap,
        interest_basis=policy.interest.basis.value,
        grace_days=policy.billing.grace_days,
        shortfall_tolerance=policy.billing.shortfall_tolerance,
    )


def fee_item(item: Item) -> FeeItem:
    """One charge and how it came about."""
    return FeeItem(
        kind=item.kind,
        amount=item.outstanding,
        charged=item.amount if item.amount != item.outstanding else None,
        posted_on=item.posted_on,
        basis=item.basis,
        rate=item.rate,
        starts_on=item.starts_on,
        ends_on=item.ends_on,
        days=item.days,
        floor=item.floor,
        cap=item.cap,
    )


def transactions(of: CardAccount) -> List[Transaction]:
    """What was booked since the first day of the bill that is due, newest first; payments excepted."""
    since = of.now.bill.period_starts_on
    found = [each for each in bookings(of) if since <= each.posted_on <= of.today]
    return sorted(found, key=lambda each: (each.posted_on, each.id), reverse=True)[:_MOST]


def bookings(of: CardAccount) -> Iterator[Transaction]:
    """All that was ever booked, payments excepted, in no order."""
    yield from _posted(of)
    yield from _charged(of)
    yield from _terms(of)


def _posted(of: CardAccount) -> Iterator[Transaction]:
    disputed = {debt.id for debt in of.account.debts if debt.disputed}
    for row in of.entries:
        kind = _BOOKED.get(row["kind"])
        if kind is None:
            continue
        yield Transaction(
            id=row["id"],
            card_id=of.card["id"],
            kind=kind,
            posted_on=row["posted_on"],
            amount=-row["amount"] if kind is TransactionKind.REFUND else row["amount"],
            description=row["description"] or text("booking", row["kind"], of.customer["language"]),
            disputed=row["id"] in disputed,
        )


def _charged(of: CardAccount) -> Iterator[Transaction]:
    for charge in of.account.charges:
        kind = _CHARGED.get(charge.component)
        if kind is not None:
            description = text("booking", kind.value, of.customer["language"])
            yield Transaction(
                id=charge.id,
                card_id=of.card["id"],
                kind=kind,
                posted_on=charge.posted_on,
                amount=charge.amount,
                description=description,
                disputed=False,
            )


def _terms(of: CardAccount) -> Iterator[Transaction]:
    """The terms of plans that were billed, each with its interest; what left the debt for the plan; its early end."""
    language = of.customer["language"]
    ends = {end.plan_id: end for end in of.account.ended_plans}
    for plan in of.history.plans:
        yield _instalment(of, f"{plan.id}-0", plan.started_on, text("booking", "moved_to_plan", language), -plan.amount)
        end = ends.get(plan.id)
        billed_terms = terms_billed(plan, of.account.bills, end)
        dates = [bill.statement_date for bill in of.account.bills if bill.statement_date > plan.last_day_before]
        parts = plan.parts[:billed_terms]
        for number, (day, part) in enumerate(zip(dates, parts, strict=False), start=1):
            numbers = {"number": number, "terms": len(plan.parts)}
            id = term_id(plan, number)
            yield _instalment(of, id, day, text("booking", "instalment", language, **numbers), part.principal)
            if part.interest:
                interest = text("booking", "instalment_interest", language, **numbers)
                yield _instalment(of, interest_id(id), day, interest, part.interest)
        if end is not None:
            yield from _rest(of, plan, billed_terms, end)


def _rest(of: CardAccount, plan: Plan, billed_terms: int, end: PlanEnd) -> Iterator[Transaction]:
    """What of a plan that ended early is owed at once."""
    language = of.customer["language"]
    rest = rest_at_once(plan, billed_terms, of.policy.early_settlement)
    principal = text("booking", f"plan_{end.how.value}", language)
    yield _instalment(of, rest_id(plan), end.ended_on, principal, rest.principal)
    if end.how is PlanEnding.SETTLED:
        for id, name, amount in (
            (interest_id(rest_id(plan)), "plan_settled_interest", rest.interest),
            (fee_id(plan), "plan_settled_fee", rest.fee),
        ):
            if amount:
                yield _instalment(of, id, end.ended_on, text("booking", name, language), amount)


def _instalment(of: CardAccount, id: str, day: date, description: str, amount: Decimal) -> Transaction:
    return Transaction(
        id=id,
        card_id=of.card["id"],
        kind=TransactionKind.INSTALMENT,
        posted_on=day,
        amount=amount,
        description=description,
        disputed=False,
    )


def payments(of: CardAccount) -> List[Payment]:
    """The last year's payments, newest first."""
    returned = {row["of"] for row in of.entries if row["kind"] == EntryKind.REVERSAL.value}
    shown = [row for row in of.payments if of.today - _PAYMENTS_SHOWN <= row["made_on"] <= of.today]
    return [
        Payment(
            id=row["id"],
            card_id=of.card["id"],
            amount=row["amount"],
            made_on=row["made_on"],
            posts_on=row["posts_on"],
            status=_payment_status(row, row["id"] in returned, of.today),
            channel=row["channel"],
        )
        for row in sorted(shown, key=lambda row: (row["made_on"], row["id"]), reverse=True)[:_MOST]
    ]


def _payment_status(row: Row, returned: bool, today: date) -> PaymentStatus:
    if returned:
        return PaymentStatus.FAILED
    return PaymentStatus.POSTED if row["posts_on"] <= today else PaymentStatus.PENDING


def repayment_channels(of: CardAccount) -> List[RepaymentChannel]:
    """In the policy's order."""
    return [
        RepaymentChannel(
            **channel.dict(),
            account=of.card["transfer_account"] if channel.kind is RepaymentChannelKind.TRANSFER else None,
        )
        for channel in of.policy.repayment_channels
    ]


def auto_debit(of: CardAccount) -> AutoDebit:
    """The standing order. Its next debit is on the next due date; how much is known once that bill is made."""
    row = of.card
    amount = AutoDebitAmount(row["auto_debit_amount"]) if row["auto_debit_amount"] else None
    next_on, next_amount = _next_debit(of, amount) if amount else (None, None)
    return AutoDebit(
        version=row["auto_debit_version"],
        enabled=amount is not None,
        amount=amount,
        account_bank=row["auto_debit_bank"],
        account_last4=row["auto_debit_last4"],
        next_debit_on=next_on,
        next_debit_amount=next_amount,
        last_result=AutoDebitResult(row["auto_debit_result"]),
        last_attempt_on=row["auto_debit_tried_on"],
    )


def _next_debit(of: CardAccount, amount: AutoDebitAmount) -> Tuple[date, Optional[Decimal]]:
    bill = latest_bill(of.account) if of.has_bill else None
    if bill is not None and bill.due_date >= of.today:
        in_full = amount is AutoDebitAmount.FULL
        return bill.due_date, billed(of.account) if in_full else unpaid_minimum(of.account)
    next_bill = next(statement_dates(of.today, of.history.statement_day))
    return due_date(next_bill, of.policy.billing), None


def credit_report(of: CardAccount) -> CreditReportStatus:
    """What the credit register holds, and will hold if nothing is paid."""
    terms = of.policy.credit_report
    status = credit_status(of.account, of.now, of.history.statement_day, terms.reports_on)
    return CreditReportStatus(
        card_id=of.card["id"],
        code=status.code,
        reported=status.reported,
        reports_on=status.reports_on,
        pay_by=status.pay_by,
        retention_years=terms.retention_years,
        months=[CreditMonth(month=month, code=code) for month, code in status.months],
    )
