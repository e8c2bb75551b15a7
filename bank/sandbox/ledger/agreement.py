"""Personalised instalment agreements (个性化分期还款协议, 2011 Measures, Art. 70): what is offered, and when one holds.

The debt is all that is billed or charged, without disputed sums, in equal parts that fall due with the bills.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, takewhile
from typing import Iterable, List, Optional, Tuple

from bank.models import PlanKind
from bank.sandbox.ledger.cycle import ONE_DAY, due_date, statement_dates
from bank.sandbox.ledger.instalment import Dated, annualised_rate, dated, effective_rate, split
from bank.sandbox.ledger.money import CENT, ZERO
from bank.sandbox.ledger.plan_terms import term_id, terms_billed
from bank.sandbox.ledger.position import position
from bank.sandbox.ledger.records import Account, History, Part, Plan
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Billing, Policy


class TermsNotOffered(ValueError):
    """So many instalments are not offered, or are too many for the debt."""


class FirstDueTooLate(ValueError):
    """The first instalment would fall due later than the policy allows."""


@dataclass(frozen=True)
class AgreementOffer:
    """What an agreement would ask for. The principals add up to `balance`, the interests to `total_interest`."""

    balance: Decimal  # yuan
    terms: int  # monthly
    rate_per_term: Decimal  # of `balance`; 0 where interest stops
    parts: Tuple[Part, ...]
    schedule: List[Dated]
    first_due_on: date
    per_term: Decimal  # the usual instalment; the last takes up what does not divide
    total_interest: Decimal
    total_cost: Decimal
    annualised_rate: Decimal  # 12 × monthly IRR
    effective_rate: Decimal


def agreement_offers(
    history: History,
    policy: Policy,
    as_of: date,
    *,
    terms: Optional[int] = None,
    monthly: Optional[Decimal] = None,
    first_due_on: Optional[date] = None,
) -> List[AgreementOffer]:
    """The agreements that are possible on `as_of`, fewest terms first.

    Without a wish, those of the policy; with `terms`, the one of so many; with `monthly`, the shortest of which no
    instalment is more, or none. The first instalment falls due on the first due date after `as_of` that is not
    before `first_due_on`. Raises TermsNotOffered, FirstDueTooLate, ValueError if nothing is owed.
    """
    balance = position(replay(history, policy, as_of)).total
    if balance <= ZERO:
        raise ValueError("nothing is owed")
    first = _first_bill(history.statement_day, policy, as_of, first_due_on)
    offered = policy.agreement.terms
    possible = range(offered[0], min(offered[-1], int(balance / CENT)) + 1)
    if terms is not None and terms not in possible:
        raise TermsNotOffered(f"{terms} terms: from {offered[0]} to {offered[-1]}")
    asked: Iterable[int] = (each for each in offered if each in possible)
    if terms is not None:
        asked = [terms]
    elif monthly is not None:
        asked = possible
    made = (_offer(balance, each, history.statement_day, policy, first) for each in asked)
    if monthly is None:
        return list(made)
    most = monthly
    return list(islice((each for each in made if _dearest(each.parts) <= most), 1))


def agreement_plan(
    id: str,
    started_on: date,
    balance: Decimal,
    terms: int,
    rate_per_term: Decimal,
    first_due_on: date,
    billing: Billing,
) -> Plan:
    """The plan of an agreement that was offered with these figures."""
    parts = split(balance, terms, rate_per_term)
    first_bill_on = first_due_on - timedelta(days=billing.due_days)
    return Plan(id, started_on, balance, rate_per_term, parts, PlanKind.AGREEMENT, first_bill_on)


def collection_paused(account: Account, history: History) -> bool:
    """Whether nobody may collect because an agreement holds: from its first day until it is fulfilled or broken."""
    ended = {each.plan_id for each in account.ended_plans}
    running = (each for each in history.plans if each.kind is PlanKind.AGREEMENT and each.started_on <= account.as_of)
    return any(plan.id not in ended and not _is_fulfilled(plan, account) for plan in running)


def _is_fulfilled(plan: Plan, account: Account) -> bool:
    ids = {term_id(plan, number) for number in range(1, len(plan.parts) + 1)}
    unpaid = any(debt.id in ids for debt in account.debts)
    return terms_billed(plan, account.bills, None) == len(plan.parts) and not unpaid


def _first_bill(statement_day: int, policy: Policy, as_of: date, wish: Optional[date]) -> date:
    """The date of the bill that carries the first part."""
    last = as_of + timedelta(days=policy.agreement.first_due_within_days)
    dates = statement_dates(as_of + ONE_DAY, statement_day)
    in_time = takewhile(lambda day: due_date(day, policy.billing) <= last, dates)
    found = next((day for day in in_time if wish is None or due_date(day, policy.billing) >= wish), None)
    if found is None:
        raise FirstDueTooLate(f"the first instalment must be due by {last}")
    return found


def _dearest(parts: Iterable[Part]) -> Decimal:
    return max(part.principal + part.interest for part in parts)


def _offer(balance: Decimal, terms: int, statement_day: int, policy: Policy, first_bill: date) -> AgreementOffer:
    rate = policy.agreement.rate_per_term
    parts = split(balance, terms, rate)
    payments = [part.principal + part.interest for part in parts]
    schedule = dated(parts, first_bill - ONE_DAY, statement_day, policy.billing)
    total_interest = sum((part.interest for part in parts), ZERO)
    return AgreementOffer(
        balance=balance,
        terms=terms,
        rate_per_term=rate,
        parts=parts,
        schedule=schedule,
        first_due_on=schedule[0].due_on,
        per_term=payments[0],
        total_interest=total_interest,
        total_cost=balance + total_interest,
        annualised_rate=annualised_rate(balance, payments),
        effective_rate=effective_rate(balance, payments),
    )
