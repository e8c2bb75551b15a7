"""Which way out to recommend: the rules of `advice.yml`, which compliance keeps, applied to what the bank says."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional

import yaml
from pydantic import BaseModel, Extra, Field, root_validator, validator

from actions.ways import Way, Ways

ADVICE_FILE = Path(__file__).with_name("advice.yml")


class Conditions(BaseModel):
    """What must hold, all of it; nothing given holds always."""

    capacity: Optional[Literal["known", "unknown"]] = None
    capacity_covers: Optional[Literal["total", "minimum", "instalment", "agreement"]] = None
    instalment_cheaper: Optional[bool] = None
    days_past_due_from: Optional[int] = None
    days_past_due_to: Optional[int] = None
    total_up_to: Optional[Decimal] = None  # yuan
    first_time: Optional[bool] = None
    open: List[Way] = Field(default_factory=list)
    closed: List[Way] = Field(default_factory=list)

    class Config:
        """A condition that nobody knows is a mistake."""

        extra = Extra.forbid

    def hold(self, ways: Ways) -> bool:
        """Whether all of them are true of these ways."""
        days, owed = ways.summary.days_past_due, ways.summary.total
        return (
            self.capacity in (None, "unknown" if ways.capacity is None else "known")
            and (self.capacity_covers is None or _covers(ways, self.capacity_covers))
            and (self.instalment_cheaper in (None, _is_cheaper(ways)))
            and (self.days_past_due_from is None or days >= self.days_past_due_from)
            and (self.days_past_due_to is None or days <= self.days_past_due_to)
            and (self.total_up_to is None or owed <= self.total_up_to)
            and (self.first_time in (None, ways.summary.first_time))
            and all(way in ways.open for way in self.open)
            and not any(way in ways.open for way in self.closed)
        )


class Rule(BaseModel):
    """One line of the file."""

    name: str = Field(regex=r"^[a-z_]+$")
    way: Way
    when: Conditions = Field(default_factory=Conditions)

    class Config:
        """As of `Conditions`."""

        extra = Extra.forbid


class Rules(BaseModel):
    """The whole file. Raises `ValueError` (pydantic's) if it could leave a customer without an answer."""

    rules: List[Rule]

    @validator("rules")
    def _named_once(cls, rules: List[Rule]) -> List[Rule]:
        names = [rule.name for rule in rules]
        if len(set(names)) < len(names):
            raise ValueError("two rules have one name")
        return rules

    @root_validator(skip_on_failure=True)
    def _only_the_last_holds_always(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        always = [number for number, rule in enumerate(values["rules"]) if rule.when == Conditions()]
        if always != [len(values["rules"]) - 1]:
            raise ValueError("the last rule, and no other, must be without conditions")
        return values


@lru_cache(maxsize=1)
def rules() -> List[Rule]:
    """The rules as compliance wrote them, checked."""
    return Rules.parse_obj(yaml.safe_load(ADVICE_FILE.read_text(encoding="utf-8"))).rules


def advice(ways: Ways) -> Rule:
    """The first rule that holds."""
    return next(rule for rule in rules() if rule.when.hold(ways))


def _covers(ways: Ways, what: str) -> bool:
    """Whether what the customer can pay each month is enough."""
    if ways.capacity is None:
        return False
    if what in ("total", "minimum"):
        asked = ways.summary.total if what == "total" else ways.summary.remaining_minimum
        return ways.capacity >= asked
    return (ways.fit if what == "instalment" else ways.agreement_fit) is not None


def _is_cheaper(ways: Ways) -> bool:
    quote = ways.fit or next(iter(ways.instalment.offers), None)
    return quote is not None and quote.annualised_rate < ways.summary.annual_interest_rate
