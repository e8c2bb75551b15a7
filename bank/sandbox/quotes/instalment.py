"""Bill instalments (账单分期)."""

from __future__ import annotations

from decimal import Decimal
from typing import List, Optional

from sqlalchemy.engine import Connection

from bank.models import ApplicationKind, InstalmentQuote
from bank.sandbox.accounts import CardAccount
from bank.sandbox.eligibility import instalment_amount
from bank.sandbox.ledger.instalment import annualised_rate, dated, effective_rate, split
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.position import billed
from bank.sandbox.problems import invalid
from bank.sandbox.quotes.costs import cost_items, schedule
from bank.sandbox.quotes.kept import Body, content, keep_all
from common import clock


def instalment_quotes(
    connection: Connection, of: CardAccount, amount: Optional[Decimal], terms: Optional[int]
) -> List[InstalmentQuote]:
    """For each number of terms, fewest first; or for `terms` only.

    Raises Problem `invalid-request` for terms that are not offered, `not-eligible`.
    """
    offered = sorted(of.policy.instalment.rates)
    if terms is not None and terms not in offered:
        raise invalid("terms", f"must be one of {', '.join(map(str, offered))}")
    split_amount = instalment_amount(of, amount)
    made = [_quote(of, split_amount, each) for each in offered if terms in (None, each)]
    return keep_all(connection, of, ApplicationKind.INSTALMENT, InstalmentQuote, made)


def again(of: CardAccount, body: Body) -> Body:
    """What it would be now. Raises Problem `not-eligible`."""
    quote = InstalmentQuote.parse_obj(body)
    return _quote(of, instalment_amount(of, quote.amount), quote.terms)


def _quote(of: CardAccount, amount: Decimal, terms: int) -> Body:
    policy = of.policy
    rate = policy.instalment.rates[terms]
    parts = split(amount, terms, rate)
    payments = [part.principal + part.interest for part in parts]
    plan = dated(parts, of.today, of.history.statement_day, policy.billing)
    total_interest = sum((part.interest for part in parts), ZERO)
    annualised = annualised_rate(amount, payments)
    quote = InstalmentQuote(
        id="",
        card_id=of.card["id"],
        amount=amount,
        terms=terms,
        rate_per_term=rate,
        per_term=payments[0],
        total_interest=total_interest,
        total_cost=amount + total_interest,
        annualised_rate=annualised,
        effective_rate=effective_rate(amount, payments),
        first_due_on=plan[0].due_on,
        schedule=schedule(plan),
        cost_items=cost_items(policy, rate, annualised, total_interest),
        nothing_else_charged=True,
        reading_seconds=policy.disclosure.reading_seconds,
        # Of the bill's other parts no more can be asked for than there are.
        pay_first=min(of.now.remaining_minimum, billed(of.account) - amount),
        valid_until=clock.now(),
    )
    return content(quote)
