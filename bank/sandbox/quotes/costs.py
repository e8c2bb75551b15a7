"""What every quote of instalments has to show: the schedule and the table of the whole cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Iterable, List, Optional

from bank.models import CostItem, Instalment
from bank.sandbox.ledger.instalment import Dated
from bank.sandbox.policy import Policy


def schedule(terms: Iterable[Dated]) -> List[Instalment]:
    """The instalments with their days."""
    return [
        Instalment(
            number=each.number,
            due_on=each.due_on,
            principal=each.part.principal,
            interest=each.part.interest,
            total=each.part.principal + each.part.interest,
        )
        for each in terms
    ]


def cost_items(policy: Policy, rate: Decimal, annualised: Decimal, total_interest: Decimal) -> List[CostItem]:
    """The whole-cost table (综合融资成本明示表, 金规〔2026〕2号): what is charged, what only if paid late or early."""
    daily, fee = policy.interest, policy.early_settlement.fee_rate
    items = [
        _item("interest", rate, annualised, "per_term", amount=total_interest, certain=True),
        _item("late_fee_if_overdue", policy.late_fee.rate, None, "once"),
        _item("interest_if_overdue", daily.daily_rate, daily.annual_rate, "daily"),
    ]
    return [*items, _item("early_settlement_fee", fee, None, "once")] if fee else items


def _item(
    kind: Any,
    rate: Decimal,
    annualised: Optional[Decimal],
    charged: Any,
    *,
    amount: Optional[Decimal] = None,
    certain: bool = False,
) -> CostItem:
    return CostItem(
        kind=kind, amount=amount, rate=rate, annualised_rate=annualised, charged=charged, payee="bank", certain=certain
    )
