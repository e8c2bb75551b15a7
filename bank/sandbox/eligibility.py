"""Whether the policy allows an instalment plan or a deferral for a card now, and if not, why not.

Asked twice: when a quote is made, and when it is filed.
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Iterable, List, Optional, Tuple

from bank.errors import NotEligibleReason
from bank.models import AccountState, ApplicationKind, ApplicationStatus
from bank.sandbox.accounts import CardAccount
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.position import billed
from bank.sandbox.ledger.records import Component
from bank.sandbox.ledger.waiver import Waivable, waivable
from bank.sandbox.problems import not_eligible, not_found
from bank.sandbox.states import GRANTED, OPEN, RUNNING, status_on
from bank.sandbox.store import Row

_A_YEAR = timedelta(days=365)


def instalment_limits(of: CardAccount) -> Tuple[Decimal, Decimal]:
    """The smallest and the largest amount that can be split, yuan. Raises Problem `not-eligible`."""
    terms = of.policy.instalment
    _check_debt(of, terms.max_days_past_due)
    if len(_with_status(of, ApplicationKind.INSTALMENT, RUNNING)) >= terms.max_running_plans:
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING)
    _check_often(of, ApplicationKind.INSTALMENT, terms.max_per_year)
    closes_on = of.now.due_date - timedelta(days=terms.closes_days_before_due)
    if of.now.state is AccountState.DUE and of.today > closes_on:
        raise not_eligible(NotEligibleReason.NOT_ALLOWED_NOW)
    largest = min(_purchases(of), terms.maximum_amount)
    if terms.minimum_excluded:
        largest = min(largest, billed(of.account) - of.now.remaining_minimum)
    if largest < terms.minimum_amount:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL)
    return terms.minimum_amount, largest


def instalment_amount(of: CardAccount, asked: Optional[Decimal]) -> Decimal:
    """The amount to split: as asked, or the largest. Raises Problem `not-eligible`."""
    smallest, largest = instalment_limits(of)
    if asked is None:
        return largest
    if asked < smallest:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL)
    if asked > largest:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_LARGE)
    return asked


def check_deferral(of: CardAccount) -> None:
    """Raises Problem `not-eligible` if the due date cannot be moved."""
    terms = of.policy.deferral
    _check_debt(of, terms.max_days_past_due)
    if _with_status(of, ApplicationKind.DEFERRAL, RUNNING):
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING)
    _check_often(of, ApplicationKind.DEFERRAL, terms.max_per_year)
    if billed(of.account) < terms.minimum_amount:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL)


def check_agreement(of: CardAccount) -> None:
    """Raises Problem `not-eligible` if the debt cannot be put into a personalised agreement."""
    terms = of.policy.agreement
    if not of.has_bill or of.now.total <= ZERO:
        raise not_eligible(NotEligibleReason.NOTHING_DUE)
    if not of.now.days_past_due:
        raise not_eligible(NotEligibleReason.NOT_OVERDUE)
    if of.now.days_past_due < terms.min_days_past_due:
        raise not_eligible(NotEligibleReason.NOT_ALLOWED_NOW)
    check_nothing_open(of)
    if len(_with_status(of, ApplicationKind.AGREEMENT, RUNNING)) >= terms.max_running:
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING)
    if of.now.total < terms.minimum_amount:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL)


def check_waiver(of: CardAccount) -> List[Waivable]:
    """What can be given back. Raises Problem `not-eligible` if nothing can."""
    found = waivable(of.account, of.policy, of.today)
    if not found:
        raise not_eligible(NotEligibleReason.NOTHING_TO_WAIVE)
    check_nothing_open(of)
    _check_often(of, ApplicationKind.WAIVER, of.policy.waiver.max_per_year)
    return found


def check_settlement(of: CardAccount, reference: str) -> None:
    """Raises Problem `not-found` if no plan of this reference runs on the card, `not-eligible`."""
    plans = (ApplicationKind.INSTALMENT, ApplicationKind.AGREEMENT)
    running = [each for kind in plans for each in _with_status(of, kind, RUNNING)]
    if reference not in {each["reference"] for each in running}:
        raise not_found("plan")
    check_nothing_open(of)


def still_possible(of: CardAccount, application: Row) -> bool:
    """Whether what was filed can take effect now: the debt may have been paid meanwhile."""
    kind = ApplicationKind(application["kind"])
    amount: Decimal = application["amount"]
    if kind is ApplicationKind.INSTALMENT:
        return amount <= _purchases(of)
    if kind is ApplicationKind.DEFERRAL:
        return billed(of.account) > ZERO
    if kind is ApplicationKind.AGREEMENT:
        return amount <= of.now.total
    if kind is ApplicationKind.EARLY_SETTLEMENT:
        ended = {end.plan_id for end in of.account.ended_plans}
        return json.loads(application["details"])["reference"] not in ended
    return True


def check_nothing_open(of: CardAccount) -> None:
    """Raises Problem `not-eligible` while another application for the card waits for a decision or for papers."""
    if _with_status(of, None, OPEN):
        raise not_eligible(NotEligibleReason.ALREADY_RUNNING)


def _check_debt(of: CardAccount, max_days_past_due: int) -> None:
    if not of.has_bill or billed(of.account) <= ZERO:
        raise not_eligible(NotEligibleReason.NOTHING_DUE)
    if of.now.days_past_due > max_days_past_due:
        raise not_eligible(NotEligibleReason.TOO_LONG_OVERDUE)
    check_nothing_open(of)


def _check_often(of: CardAccount, kind: ApplicationKind, most: int) -> None:
    granted = _with_status(of, kind, GRANTED)
    lately = [each for each in granted if each["filed_at"].date() > of.today - _A_YEAR]
    if len(lately) >= most:
        raise not_eligible(NotEligibleReason.TOO_OFTEN)


def _with_status(of: CardAccount, kind: Optional[ApplicationKind], statuses: Iterable[ApplicationStatus]) -> List[Row]:
    wanted = set(statuses)
    return [
        each
        for each in of.applications
        if status_on(each, of.today) in wanted and (kind is None or each["kind"] == kind.value)
    ]


def _purchases(of: CardAccount) -> Decimal:
    """What can be split: billed purchases; never cash, charges, the terms of another plan, or what is disputed."""
    debts = (each for each in of.account.debts if each.component is Component.PURCHASE)
    return sum((each.remaining for each in debts if each.billed_on and not each.disputed), ZERO)
