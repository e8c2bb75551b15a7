"""Which way is recommended: a table of cases, and what the file of rules must hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List, Optional

import pytest
from pydantic import ValidationError

from actions.advice import Rules, advice, rules
from actions.ways import Quoted, Way, Ways
from tests.test_actions.builders import agreement, deferral, quote, summary
from tests.test_actions.talk import domain

_PLAN = quote(pay_first=Decimal("0.00"))  # 12 × 402.00 at 13.03 %; the card's rate is 18.25 %
_SHORT = quote(id="q-6", terms=6, per_term=Decimal("780.00"), pay_first=Decimal("0.00"))


def ways(situation: str, capacity: Optional[str] = None, **changes: Any) -> Ways:
    money = None if capacity is None else Decimal(capacity)
    offers: Dict[str, Any] = {"instalment": Quoted([_SHORT, _PLAN]), "deferral": Quoted([deferral()]), **changes}
    return Ways(summary(situation), capacity=money, **offers)


@pytest.mark.parametrize(
    ("situation", "capacity", "changes", "name", "way"),
    [
        # Who can pay in full is told so, whatever else the bank offers.
        ("overdue_first", "6000", {}, "can_clear", Way.FULL),
        ("overdue_months", "9000", {}, "can_clear", Way.FULL),
        # An instalment only where what was said covers it and it is the cheaper fit …
        ("overdue_first", "450", {}, "instalment_fits", Way.INSTALMENT),
        ("overdue_first", "800", {}, "instalment_fits", Way.INSTALMENT),
        ("overdue_months", "402", {}, "instalment_fits", Way.INSTALMENT),
        # … else the minimum, if that can be paid.
        ("overdue_first", "700", {"instalment": Quoted()}, "minimum_fits", Way.MINIMUM),
        (
            "overdue_first",
            "700",
            {"instalment": Quoted([_PLAN.copy(update={"annualised_rate": Decimal("0.19")})])},
            "minimum_fits",
            Way.MINIMUM,
        ),
        # What must be paid outside the plan has to be within reach, too.
        (
            "overdue_first",
            "450",
            {"instalment": Quoted([_PLAN.copy(update={"pay_first": Decimal("612.50")})])},
            "capacity_too_small",
            Way.PERSON,
        ),
        ("overdue_months", "300", {"agreement_within": Quoted([agreement()])}, "agreement_fits", Way.AGREEMENT),
        ("overdue_first", "100", {}, "capacity_too_small", Way.PERSON),
        # Nothing known of what can be paid.
        ("overdue_first", None, {}, "overdue_first", Way.MINIMUM),
        ("overdue_again", None, {}, "overdue", Way.MINIMUM),
        ("overdue_months", None, {}, "overdue", Way.MINIMUM),
        (
            "overdue_long",
            None,
            {"instalment": Quoted(), "agreement": Quoted([agreement()])},
            "long_agreement",
            Way.AGREEMENT,
        ),
        ("overdue_long", None, {"instalment": Quoted(), "deferral": Quoted()}, "long_person", Way.PERSON),
        ("due", None, {}, "clear_if_possible", Way.FULL),
        ("in_grace", None, {}, "clear_if_possible", Way.FULL),
        ("minimum_paid", None, {}, "clear_if_possible", Way.FULL),
    ],
)
def test_case(situation: str, capacity: Optional[str], changes: Dict[str, Any], name: str, way: Way) -> None:
    rule = advice(ways(situation, capacity, **changes))
    assert (rule.name, rule.way) == (name, way)


def test_of_the_plans_within_reach_the_shortest_is_taken_as_it_costs_least() -> None:
    found = ways("overdue_first", "800").fit
    assert found is not None
    assert found.terms == 6


def test_a_small_sum_is_best_paid_at_once() -> None:
    small = summary("due", total="420.00", principal="420.00", remaining_minimum="200.00")
    assert advice(Ways(small)).name == "small"


def test_no_product_is_recommended_to_who_said_nothing() -> None:
    for situation in ("due", "in_grace", "minimum_paid", "overdue_first", "overdue_again", "overdue_months"):
        assert advice(ways(situation)).way in (Way.FULL, Way.MINIMUM)


def test_every_reason_can_be_read_in_both_languages() -> None:
    responses = domain().responses
    for rule in rules():
        assert len(responses[f"utter_label_advice_{rule.name}"]) == 2


@pytest.mark.parametrize(
    "broken",
    [
        [],
        [{"name": "a", "way": "full", "when": {"first_time": True}}],
        [{"name": "a", "way": "full"}, {"name": "b", "way": "minimum"}],
        [{"name": "a", "way": "full", "when": {"first_time": True}}, {"name": "a", "way": "full"}],
        [{"name": "a", "way": "loan"}],
        [{"name": "a", "way": "full", "when": {"mood": "good"}}, {"name": "b", "way": "full"}],
        [{"name": "a", "way": "full", "when": {"capacity_covers": "car"}}, {"name": "b", "way": "full"}],
    ],
)
def test_a_file_that_could_leave_a_customer_without_an_answer_is_refused(broken: List[Dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        Rules.parse_obj({"rules": broken})
