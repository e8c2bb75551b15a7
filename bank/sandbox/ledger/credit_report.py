"""What the issuer reports of a card to the credit register, month by month, and what it will report next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Optional, Tuple

from bank.models import AccountState
from bank.sandbox.ledger.cycle import ONE_DAY, on_day, statement_dates
from bank.sandbox.ledger.position import Position, bucket
from bank.sandbox.ledger.records import Account
from bank.sandbox.policy import ReportsOn

_MONTHS_SHOWN = 24
_NORMAL, _NOTHING = "N", "*"
_OVERDUE_CODES = "1234567"  # M1 to M6, and more than 180 days


@dataclass(frozen=True)
class CreditStatus:
    """The register's view of a card; `months` are (YYYY-MM, code), newest first."""

    code: str
    reported: bool
    reports_on: Optional[date]
    pay_by: Optional[date]
    months: Tuple[Tuple[str, str], ...]


def credit_status(account: Account, now: Position, statement_day: int, rule: ReportsOn) -> CreditStatus:
    """The status on `now.as_of`. `pay_by` is the last day on which paying the minimum keeps this overdue unreported."""
    since = account.overdue_since if now.state is AccountState.OVERDUE else None
    reported = since is not None and any(
        report.days_past_due > 0 and report.reported_on >= since for report in account.reports
    )
    reports_on = None
    if now.remaining_minimum and not reported:
        reports_on = _next_report(max(now.as_of, now.grace_ends_on + ONE_DAY), statement_day, rule)
    return CreditStatus(
        code=_code(max(now.days_past_due, account.days_past_due_when_agreed), bool(now.total) or _used_lately(account)),
        reported=reported,
        reports_on=reports_on,
        pay_by=_pay_by(now, reports_on),
        months=_months(account),
    )


def _pay_by(now: Position, reports_on: Optional[date]) -> Optional[date]:
    if reports_on is None:
        return None
    if now.state is AccountState.OVERDUE:
        return reports_on  # the report shows the end of its day
    return now.grace_ends_on


def _code(days_past_due: int, in_use: bool) -> str:
    """N normal, 1 to 7 by days past due, * if nothing was owed or posted."""
    late = bucket(days_past_due)
    if late is not None:
        return _OVERDUE_CODES[list(type(late)).index(late)]
    return _NORMAL if in_use else _NOTHING


def _used_lately(account: Account) -> bool:
    return any(not debt.billed_on for debt in account.debts) or bool(account.reports and account.reports[-1].in_use)


def _months(account: Account) -> Tuple[Tuple[str, str], ...]:
    codes = {}
    for report in account.reports:  # a month's last report stands
        codes[f"{report.reported_on:%Y-%m}"] = _code(report.days_past_due, report.in_use)
    return tuple(sorted(codes.items(), reverse=True)[:_MONTHS_SHOWN])


def _next_report(earliest: date, statement_day: int, rule: ReportsOn) -> date:
    if rule is ReportsOn.OVERDUE_DAY:  # besides the end of each month
        return earliest
    if rule is ReportsOn.STATEMENT_DATE:
        return next(statement_dates(earliest, statement_day))
    ends = (on_day(earliest.year, earliest.month + months, 31) for months in count())
    return next(day for day in ends if day >= earliest)
