"""What the overdue means for the credit report."""

from __future__ import annotations

from typing import Any, Dict

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed
from actions.values import day, label
from bank.models import CreditReportStatus

_CODES = {"N", "1", "2", "3", "4", "5", "6", "7", "C", "G", "*", "#"}
_CODE_NAMES = {"*": "none", "#": "unknown"}


class ActionCreditImpact(CardAction):
    """`ask_credit_impact`."""

    intent = "ask_credit_impact"
    general = "utter_general_credit"

    def name(self) -> str:
        return "action_credit_impact"

    def about(self, turn: Turn, focus: Focus) -> None:
        report = turn.bank.credit_report(turn.customer(), focus.card.id)
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        turn.say(
            "utter_credit",
            **focus.values(),
            **owed(summary),
            **credit_values(report),
            credit_opening=label("credit_opening", standing(report)),
            credit_months=[{"month": m.month, "month_code": code_label(m.code)} for m in report.months],
        )


def standing(report: CreditReportStatus) -> str:
    """`reported`, `avoidable` (pay by a day), `may_report` or `clean`."""
    if report.reported:
        return "reported"
    if report.pay_by:
        return "avoidable"
    return "may_report" if report.reports_on else "clean"


def credit_values(report: CreditReportStatus) -> Dict[str, Any]:
    """The credit report's state as response values; `credit_line` says it in one line."""
    return {
        "credit_line": label("credit_line", standing(report)),
        "credit_code": code_label(report.code),
        "credit_reports_on": day(report.reports_on),
        "credit_pay_by": day(report.pay_by),
        "retention_years": report.retention_years,
    }


def code_label(code: str) -> Dict[str, Any]:
    """A month's code in words."""
    known = code if code in _CODES else "#"
    return dict(label("credit_code", _CODE_NAMES.get(known, known)))
