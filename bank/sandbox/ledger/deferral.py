"""What a later due date costs: the account is replayed to that day as if nothing were paid or spent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import takewhile

from bank.sandbox.ledger.cycle import ONE_DAY, statement_dates
from bank.sandbox.ledger.position import billed, latest_bill, position
from bank.sandbox.ledger.records import Deferral, EntryKind, History
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy

_SPENT = (EntryKind.PURCHASE, EntryKind.CASH_ADVANCE, EntryKind.FEE)
_RATE_PLACES = Decimal("0.0001")
_DAYS_OF_A_YEAR = 365


@dataclass(frozen=True)
class DeferralCost:
    """What would be owed on the new due date, and what of it the deferral adds."""

    deferral: Deferral
    amount_due_then: Decimal
    extra_interest: Decimal
    annualised_rate: Decimal  # of the extra interest, simple; a fraction with four decimals


def deferral_cost(history: History, policy: Policy, as_of: date, until: date) -> DeferralCost:
    """The cost of moving what is billed on `as_of` to `until`. New spend and later terms of plans are not part of it.

    Raises ValueError if nothing is billed or `until` does not lie after `as_of`.
    """
    if until <= as_of:
        raise ValueError("the new due date must lie in the future")
    terms = policy.deferral
    deferral = Deferral("option", as_of, until, terms.interest_continues, terms.late_fee_waived)
    known = replay(history, policy, as_of)
    if not billed(known):
        raise ValueError("nothing is billed")
    still = _without_what_comes(history, latest_bill(known).statement_date, as_of)
    before = position(replay(still, policy, as_of))
    after = position(replay(replace(still, deferrals=(*still.deferrals, deferral)), policy, until))
    extra = after.interest - before.interest
    yearly = extra / before.total * _DAYS_OF_A_YEAR / (until - as_of).days
    return DeferralCost(deferral, after.total, extra, yearly.quantize(_RATE_PLACES))


def _without_what_comes(history: History, last_statement: date, as_of: date) -> History:
    """What was billed, and what was posted against it until `as_of`; nothing that a later bill would add."""
    later = {entry.id for entry in history.entries if entry.kind in _SPENT and entry.posted_on > last_statement}
    return replace(
        history,
        entries=tuple(
            entry
            for entry in history.entries
            if entry.posted_on <= as_of and entry.id not in later and entry.of not in later
        ),
        plans=tuple(
            replace(plan, parts=plan.parts[: _bills_since(plan.last_day_before, last_statement, history.statement_day)])
            for plan in history.plans
        ),
        settlements=tuple(each for each in history.settlements if each.settled_on <= last_statement),
    )


def _bills_since(day: date, last_statement: date, statement_day: int) -> int:
    dates = statement_dates(day + ONE_DAY, statement_day)
    return sum(1 for _ in takewhile(lambda each: each <= last_statement, dates))
