"""The ways out compared: what each costs, when it is due, what stays owed, which is recommended and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Dict, List, Optional, Sequence, Union

from rasa_sdk.events import SlotSet

from actions.advice import Rule, advice
from actions.base import Events, Turn
from actions.cards import CardAction, Focus
from actions.form_turn import STARTED_BY
from actions.offers import FILING
from actions.situation import Situation, if_any, owed, situation_of
from actions.values import day, label, money, percent
from actions.ways import CAPACITY, Quoted, Way, Ways, ways_of, yuan
from bank.errors import NotEligibleReason
from bank.models import (
    AccountState,
    AgreementCondition,
    AgreementQuote,
    DeferralOption,
    InstalmentQuote,
    ProjectedPayment,
    Projection,
    WaiverOption,
)

AGREEMENT_NEEDS = ("agreement_quotes", *FILING)
AGREEMENT_FORM = "agreement_form"
# Where there is nothing to ask for, the way is not one that the bank refuses.
_NOT_WORTH_SAYING = (NotEligibleReason.NOTHING_DUE, NotEligibleReason.NOTHING_TO_WAIVE)


class ActionCompareWays(CardAction):
    """`compare_ways`."""

    intent = "compare_ways"
    general = "utter_general_ways"

    def name(self) -> str:
        return "action_compare_ways"

    def answer(self, turn: Turn) -> Events:
        events = super().answer(turn)
        said = yuan(turn.entity("monthly"))
        return [*events, SlotSet(CAPACITY, str(said))] if said and turn.customer_id else events

    def about(self, turn: Turn, focus: Focus) -> None:
        ways = ways_of(turn, focus.card.id, capacity=capacity_of(turn))
        if situation_of(ways.summary) is Situation.CLEAR:
            turn.say("utter_ways_nothing", **focus.values(), **owed(ways.summary))
            return
        rule = advice(ways)
        turn.say(
            "utter_ways",
            **focus.values(),
            **owed(ways.summary),
            **advice_values(ways, rule),
            **_badges(rule),
            **_payable_values(ways),
            **_request_values(ways),
            **buttons(turn, ways, focus.card.last4),
            **_chart(ways),
        )


def capacity_of(turn: Turn) -> Optional[Decimal]:
    """What the customer can pay each month, as said now or before in this conversation; yuan."""
    return yuan(turn.entity("monthly")) or yuan(turn.slot(CAPACITY))


def advice_values(ways: Ways, rule: Rule) -> Dict[str, Any]:
    """The recommendation with its reason, and the bank's figures that the reason names."""
    fit, agreement = ways.fit, ways.agreement_fit
    return {
        "advice": label("advice", rule.name),
        "ask_capacity": "" if ways.capacity else {"label": "ask_capacity"},
        "capacity": money(ways.capacity),
        "annual_rate": percent(ways.summary.annual_interest_rate),
        **({} if fit is None else {f"fit_{key}": value for key, value in plan_row(fit).items()}),
        **({} if agreement is None else {f"agreed_{key}": value for key, value in plan_row(agreement).items()}),
    }


def buttons(turn: Turn, ways: Ways, last4: str) -> Dict[str, Any]:
    """Which requests can be begun, for `when:` of buttons, and the payload that begins an instalment."""
    term = f', "term": "{ways.fit.terms}"' if ways.fit else ""
    return {
        "can_instalment": bool(ways.instalment),
        "can_deferral": bool(ways.deferral),
        "can_waiver": bool(ways.waiver) and turn.can("request_fee_waiver"),
        "can_agreement": bool(ways.agreement) and can_agree_here(),
        "instalment_payload": f'/request_instalment{{"card": "{last4}"{term}}}',
    }


def can_agree_here() -> bool:
    """Whether a personalised agreement can be asked for in this conversation; else a person does it."""
    return AGREEMENT_FORM in STARTED_BY


def plan_row(quote: Union[InstalmentQuote, AgreementQuote]) -> Dict[str, Any]:
    """What instalments cost, of a bill or by an agreement, as response values."""
    return {
        "terms": quote.terms,
        "per_term": money(quote.per_term),
        "total_interest": money(quote.total_interest),
        "total_cost": money(quote.total_cost),
        "annualised_rate": percent(quote.annualised_rate),
        "first_due_on": day(quote.first_due_on),
    }


def _deferral_row(option: DeferralOption) -> Dict[str, Any]:
    return {
        "new_due_date": day(option.new_due_date),
        "due_then": money(option.amount_due_then),
        "extra_interest": money(option.extra_interest),
        "annualised_rate": percent(option.annualised_rate),
    }


def _waiver_row(option: WaiverOption) -> Dict[str, Any]:
    return {"charge": label("fee", option.kind), "charge_amount": money(option.amount)}


def _badges(rule: Rule) -> Dict[str, Any]:
    """`<way>_badge` for each way: what marks the recommended one, else nothing."""
    return {f"{way.value}_badge": label("way_badge", "yes") if way is rule.way else "" for way in Way}


def _payable_values(ways: Ways) -> Dict[str, Any]:
    """Of the ways that need no request: what stays owed, with interest, and what the credit report will hold."""
    after_all = ways.outlook.get(ProjectedPayment.FULL, Quoted()).offers
    after_minimum = ways.outlook.get(ProjectedPayment.MINIMUM, Quoted()).offers
    later = after_all[1] if after_all else None
    return {
        "way_full": Way.FULL in ways.open,
        "way_minimum": Way.MINIMUM in ways.open,
        "full_interest": later and label("ways_full_interest", "more" if later.total else "none"),
        "full_on": later and day(later.on),
        "full_later": later and money(later.total),
        "full_credit": _credit_once_paid(ways, after_all),
        "after_minimum": [_projection_row(projection) for projection in after_minimum[1:]],
        "minimum_credit": _credit_once_paid(ways, after_minimum),
    }


def _credit_once_paid(ways: Ways, after: Sequence[Projection]) -> Any:
    """What paying today does for the standing of the account, as far as the bank says so."""
    if not after or after[0].state is AccountState.OVERDUE:
        return None
    return label("ways_paid_credit", "ends" if situation_of(ways.summary).is_overdue else "on_time")


def _projection_row(projection: Projection) -> Dict[str, Any]:
    return {"on": day(projection.on), "owed": money(projection.total), "interest_then": money(projection.interest)}


def _request_values(ways: Ways) -> Dict[str, Any]:
    """Of the ways that are asked of the bank: every offer; what is refused, and what is not known just now."""
    instalments, agreements, deferrals = ways.instalment.offers, ways.agreement.offers, ways.deferral.offers
    refused = [
        {"way": label("way", way), "why": label("not_eligible", quoted.refused)}
        for way, quoted in ways.requests.items()
        if quoted.refused and quoted.refused not in _NOT_WORTH_SAYING
    ]
    return {
        "way_instalment": bool(instalments),
        "instalments": [plan_row(quote) for quote in instalments],
        **_least("instalment", instalments),
        "pay_first": if_any(instalments[0].pay_first) if instalments else None,
        "instalment_first": day(instalments[0].first_due_on) if instalments else None,
        "way_agreement": bool(agreements),
        "agreements": [plan_row(quote) for quote in agreements],
        **_least("agreement", agreements),
        "agreement_first": day(agreements[0].first_due_on) if agreements else None,
        "agreement_interest": label("ways_interest_stops", "yes" if agreements[0].interest_stops else "no")
        if agreements
        else None,
        "agreement_reported": bool(agreements)
        and AgreementCondition.REPORTED_UNTIL_CLEARED in agreements[0].conditions,
        "way_deferral": bool(deferrals),
        "deferrals": [_deferral_row(option) for option in deferrals],
        "deferral_last": day(deferrals[-1].new_due_date) if deferrals else None,
        "deferral_due": money(deferrals[-1].amount_due_then) if deferrals else None,
        "deferral_interest": label("interest_continues", "yes" if deferrals[0].interest_continues else "no")
        if deferrals
        else None,
        "way_waiver": bool(ways.waiver.offers),
        "waivers": [_waiver_row(option) for option in ways.waiver.offers],
        "refused": refused,
        "missing": [{"way": label("way", way)} for way in _missing(ways)],
    }


def _missing(ways: Ways) -> List[Way]:
    missing = [way for way, quoted in ways.requests.items() if quoted.missing]
    ahead = any(quoted.missing for quoted in ways.outlook.values())
    return [*missing, Way.MINIMUM] if ahead and Way.MINIMUM in ways.open else missing


def _least(name: str, quotes: Sequence[Any]) -> Dict[str, Any]:
    """The most terms, whose instalments are the smallest."""
    return {f"{name}_most": quotes[-1].terms, f"{name}_lowest": money(quotes[-1].per_term)} if quotes else {}


def _chart(ways: Ways) -> Dict[str, Any]:
    """What the chart draws: sums owed on days, and payments of a plan, all of them the bank's."""
    nothing = ways.outlook.get(ProjectedPayment.NOTHING, Quoted()).offers
    if not nothing:
        return {"chart_lines": [], "chart_ticks": [], "chart_rows": [], "chart_summary": ""}
    lines = [_owed_line("nothing", nothing)]
    for pay, way in ((ProjectedPayment.MINIMUM, Way.MINIMUM), (ProjectedPayment.FULL, Way.FULL)):
        if way in ways.open and ways.outlook[pay]:
            lines.append(_owed_line(way.value, ways.outlook[pay].offers))
    plan: Any = ways.fit or ways.agreement_fit or _middle(ways.instalment.offers) or _middle(ways.agreement.offers)
    if plan:
        name = "instalment" if isinstance(plan, InstalmentQuote) else "agreement"
        lines.append(_plan_line(name, plan, nothing[0].on.isoformat(), nothing[-1].on.isoformat()))
    if ways.deferral:
        lines.append(_deferral_line(ways.deferral.offers[-1], nothing[0]))
    return {
        "chart_summary": {"label": "chart_summary"},
        "chart_lines": lines,
        "chart_ticks": [{"on": each.on.isoformat(), "tick": day(each.on)} for each in nothing[1:]],
        "chart_rows": [row for line in lines for row in line["rows"]],
        "chart_until": day(nothing[-1].on),
        "chart_then": money(nothing[-1].total),
    }


def _middle(quotes: Sequence[Any]) -> Any:
    return quotes[len(quotes) // 2] if quotes else None


def _line(name: str, terms: Optional[int], points: List[Any], payments: List[Any], rows: List[Any]) -> Dict[str, Any]:
    shown = {"line_name": label("chart_line", name), "line_style": name, "line_terms": terms}
    return {**shown, "points": points, "payments": payments, "rows": [{**shown, **row} for row in rows]}


def _owed_line(name: str, outlook: Sequence[Projection]) -> Dict[str, Any]:
    points = [{"on": each.on.isoformat(), "owed": str(each.total)} for each in outlook]
    rows = [_row(each.on, "owed", each.total) for each in outlook]
    return _line(name, None, points, [], rows)


def _plan_line(name: str, plan: Any, today: str, until: str) -> Dict[str, Any]:
    parts = [part for part in plan.schedule if part.due_on.isoformat() <= until]
    payments = [{"on": part.due_on.isoformat(), "pays": str(part.total)} for part in parts]
    rows = [_row(part.due_on, "pays", part.total) for part in parts]
    return _line(name, plan.terms, [{"on": today, "owed": str(plan.total_cost)}], payments, rows)


def _deferral_line(option: DeferralOption, today: Projection) -> Dict[str, Any]:
    on = option.new_due_date.isoformat()
    points = [{"on": today.on.isoformat(), "owed": str(today.total)}, {"on": on, "owed": str(option.amount_due_then)}]
    payments = [{"on": on, "pays": str(option.amount_due_then)}]
    rows = [_row(option.new_due_date, "pays", option.amount_due_then)]
    return _line("deferral", None, points, payments, rows)


def _row(day_of: date, what: str, amount: Decimal) -> Dict[str, Any]:
    """A line of the chart's table; `what`: `owed` on that day, or what it `pays`."""
    return {"row_on": day(day_of), "row_what": label("chart", what), "row_amount": money(amount)}
