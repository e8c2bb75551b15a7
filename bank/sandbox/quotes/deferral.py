"""Later due dates."""

from __future__ import annotations

from datetime import date
from typing import Iterator, List, Optional

from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import AccountState, ApplicationKind, DeferralOption
from bank.sandbox.accounts import CardAccount
from bank.sandbox.eligibility import check_deferral
from bank.sandbox.ledger.cycle import add_months
from bank.sandbox.ledger.deferral import deferral_cost
from bank.sandbox.problems import invalid, not_eligible
from bank.sandbox.quotes.kept import Body, content, keep_all
from common import clock


def deferral_options(connection: Connection, of: CardAccount, until: Optional[date]) -> List[DeferralOption]:
    """Earliest first; those that reach `until`, and one for that very day.

    Raises Problem `invalid-request` if `until` is not after today, `not-eligible`.
    """
    if until is not None and until <= of.today:
        raise invalid("until", "must be after today")
    check_deferral(of)
    dates = list(_new_due_dates(of, until))
    if not dates:
        raise not_eligible(NotEligibleReason.DATE_TOO_LATE)
    made = [_option(of, day) for day in dates]
    return keep_all(connection, of, ApplicationKind.DEFERRAL, DeferralOption, made)


def again(of: CardAccount, body: Body) -> Body:
    """What it would be now. Raises Problem `not-eligible`."""
    check_deferral(of)
    return _option(of, DeferralOption.parse_obj(body).new_due_date)


def _option(of: CardAccount, new_due_date: date) -> Body:
    cost = deferral_cost(of.history, of.policy, of.today, new_due_date)
    option = DeferralOption(
        id="",
        card_id=of.card["id"],
        months=_whole_months(_deferred_from(of), new_due_date),
        new_due_date=new_due_date,
        amount_due_then=cost.amount_due_then,
        extra_interest=cost.extra_interest,
        interest_continues=cost.deferral.interest_continues,
        late_fee_waived=cost.deferral.late_fee_waived,
        annualised_rate=cost.annualised_rate,
        valid_until=clock.now(),
    )
    return content(option)


def _deferred_from(of: CardAccount) -> date:
    """From the due date if that has not passed, else from today."""
    return of.now.due_date if of.now.state is AccountState.DUE else of.today


def _new_due_dates(of: CardAccount, until: Optional[date]) -> Iterator[date]:
    starts_on = _deferred_from(of)
    offered = [add_months(starts_on, months) for months in of.policy.deferral.months]
    if until is None:
        yield from offered
    elif until <= offered[-1]:
        if until > starts_on and until not in offered:
            yield until
        yield from (day for day in offered if day >= until)


def _whole_months(first: date, last: date) -> int:
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(first, months) <= last else months - 1
