"""Prepared replies with the customer's figures filled in. One that lacks a figure, or does not fit, is not offered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

import yaml

from common import service_hours
from desk.case.figures import Figures
from desk.case.suggestions import FACTS, Rule
from desk.case.told import Told
from dialogue import formats

FILE = Path(__file__).resolve().parents[1] / "canned.yml"
LANGUAGES = ("zh", "en")
#: Every figure that a reply may name.
FIGURES = frozenset(
    "agent name phone last4 total remaining_minimum interest late_fee principal days due_date grace_until pending "
    "daily_rate annual_rate promise_amount promise_day reference answer_by opens closes".split()
)
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")

Values = Mapping[str, Optional[str]]


@dataclass(frozen=True)
class Reply:
    """A prepared reply: group, title and text by language, and the facts that it fits."""

    id: str
    group: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    when: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, language: str, values: Values) -> Optional[str]:
        """The text with the figures, or none if one is missing."""
        text = self.text[language]
        known = {name: values.get(name) for name in _PLACEHOLDER.findall(text)}
        if any(value is None for value in known.values()):
            return None
        return _PLACEHOLDER.sub(lambda match: str(known[match.group(1)]), text)


@dataclass(frozen=True)
class Replies:
    """All prepared replies, and the names of their groups by language."""

    groups: Mapping[str, Mapping[str, str]]
    replies: Tuple[Reply, ...]


def offered(language: str, facts: Mapping[str, Any], values: Values) -> List[Dict[str, str]]:
    """The replies that fit, in the order of the file."""
    found, kept = [], replies()
    for reply in kept.replies:
        text = reply.filled(language, values) if _fits(reply, facts) else None
        if text is not None:
            group = kept.groups[reply.group][language]
            found.append({"id": reply.id, "group": group, "title": reply.title[language], "text": text})
    return found


def values_of(agent: str, told: Told, figures: Optional[Figures], language: str) -> Values:
    """Every figure as the customer reads it; none where the bank gave none, or where there is nothing to say."""
    found = figures or Figures()
    card = found.main_card(told.card_last4)
    overdue = found.overdue.get(card.id) if card else None
    promise = next(iter(found.open_promises), None)
    request = next(iter(found.open_applications), None)
    opens, closes = service_hours.hours_of_the_day()
    values: Dict[str, Optional[str]] = {
        "agent": agent,
        "name": found.customer.name if found.customer else None,
        "phone": found.customer.masked_phone if found.customer else None,
        "last4": card.last4 if card else None,
        "reference": request.reference if request else None,
        "answer_by": _day(request.answer_by if request else None, language),
        "promise_amount": _money(promise.amount if promise else None, language),
        "promise_day": _day(promise.pay_on if promise else None, language),
        "opens": opens,
        "closes": closes,
    }
    if overdue is not None:
        in_grace = overdue.state.value == "in_grace"
        values.update(
            total=_money(overdue.total, language),
            remaining_minimum=_money(overdue.remaining_minimum, language),
            principal=_money(overdue.principal, language),
            interest=_money(overdue.interest, language),
            late_fee=_money(overdue.late_fee, language),
            pending=_money(overdue.pending_payments, language),
            days=formats.days(overdue.days_past_due, language) if overdue.days_past_due else None,
            due_date=_day(overdue.due_date, language),
            grace_until=_day(overdue.grace_ends_on if in_grace else None, language),
            daily_rate=formats.percent(str(overdue.daily_interest_rate), language),
            annual_rate=formats.percent(str(overdue.annual_interest_rate), language),
        )
    return values


@lru_cache(maxsize=1)
def replies() -> Replies:
    """The replies of the file. Raises `ValueError` for a figure or fact that there is not, `KeyError` for a group."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    found = Replies(content["groups"], tuple(_reply(each) for each in content["replies"]))
    for reply in found.replies:
        named = {name for text in reply.text.values() for name in _PLACEHOLDER.findall(text)}
        unknown = (named - FIGURES) | (set(reply.when) - FACTS)
        if unknown:
            raise ValueError(f"{FILE.name}: {reply.id} names {', '.join(sorted(unknown))}")
        for language in LANGUAGES:
            found.groups[reply.group][language], reply.title[language], reply.text[language]
    return found


def _reply(content: Mapping[str, Any]) -> Reply:
    by_language = {language: content[language] for language in LANGUAGES}
    return Reply(
        content["id"],
        content["group"],
        {language: part["title"] for language, part in by_language.items()},
        {language: part["text"] for language, part in by_language.items()},
        content.get("when") or {},
    )


def _fits(reply: Reply, facts: Mapping[str, Any]) -> bool:
    return Rule(reply.id, reply.when, "", "").holds(facts)


def _money(amount: Any, language: str) -> Optional[str]:
    """An amount; none for none and for nothing."""
    return formats.money(str(amount), language) if amount else None


def _day(day: Any, language: str) -> Optional[str]:
    return formats.day(day.isoformat(), language) if day else None
