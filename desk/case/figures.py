"""What the bank knows of a customer, asked for when an agent looks. What it does not answer is named as missing."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Callable, Dict, List, Optional, TypeVar

from pydantic import BaseModel

from bank.client import BankClient
from bank.errors import BankError, NotFound, NotOffered
from bank.models import (
    Application,
    ApplicationStatus,
    Card,
    Contact,
    Customer,
    Dispute,
    DisputeStatus,
    OverdueSummary,
    Promise,
    PromiseStatus,
)
from common import clock

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: How far back contacts are shown.
CONTACT_DAYS = 90
_MOST_CONTACTS = 20
_THREADS = 8
_OPEN_APPLICATIONS = frozenset(
    {
        ApplicationStatus.SUBMITTED,
        ApplicationStatus.IN_REVIEW,
        ApplicationStatus.NEEDS_DOCUMENTS,
        ApplicationStatus.APPROVED,
        ApplicationStatus.ACTIVE,
    }
)
_OPEN_DISPUTES = frozenset({DisputeStatus.SUBMITTED, DisputeStatus.IN_REVIEW, DisputeStatus.NEEDS_DOCUMENTS})

# What an agent needs of each, in the order in which it is read.
_OF_CARD = {"id", "name", "last4", "status", "state", "days_past_due", "amount_due"}
_OF_OVERDUE = {
    "as_of",
    "due_date",
    "grace_ends_on",
    "days_past_due",
    "bucket",
    "first_time",
    "principal",
    "interest",
    "late_fee",
    "other_fees",
    "total",
    "minimum_due",
    "remaining_minimum",
    "paid_since",
    "pending_payments",
    "disputed",
    "daily_interest_rate",
    "annual_interest_rate",
}

_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="figures")


@dataclass
class Figures:
    """The bank's answers; `missing` names what it did not answer."""

    customer: Optional[Customer] = None
    cards: List[Card] = field(default_factory=list)
    overdue: Dict[str, OverdueSummary] = field(default_factory=dict)  # by card id
    applications: List[Application] = field(default_factory=list)
    disputes: List[Dispute] = field(default_factory=list)
    promises: List[Promise] = field(default_factory=list)
    contacts: List[Contact] = field(default_factory=list)
    missing: List[str] = field(default_factory=list)
    reached: bool = True  # False: the bank did not answer the first question, so the others were not asked

    @property
    def open_applications(self) -> List[Application]:
        """Those that wait for something, or run."""
        return [each for each in self.applications if each.status in _OPEN_APPLICATIONS]

    @property
    def open_disputes(self) -> List[Dispute]:
        """Those that are being examined."""
        return [each for each in self.disputes if each.status in _OPEN_DISPUTES]

    @property
    def open_promises(self) -> List[Promise]:
        """Those whose day has not come."""
        return [each for each in self.promises if each.status is PromiseStatus.OPEN]

    def main_card(self, last4: Optional[str]) -> Optional[Card]:
        """The card that was talked about, else the first: the bank puts those that are overdue first."""
        return next((card for card in self.cards if card.last4 == last4), self.cards[0] if self.cards else None)


def figures_of(bank: BankClient, customer_id: str) -> Figures:
    """Ask the bank for everything at once. Blocks; raises nothing that the bank does."""
    found = Figures()
    cards = _asked(found, "cards", bank.cards, customer_id)
    if cards is None:
        found.reached = False
        found.missing = ["customer", "cards", "applications", "disputes", "promises", "contacts"]
        return found
    found.cards = cards
    asking: Dict[str, Any] = {
        "customer": _begin(found, "customer", bank.customer, customer_id),
        "applications": _begin(found, "applications", bank.applications, customer_id),
        "disputes": _begin(found, "disputes", bank.disputes, customer_id),
        "promises": _begin(found, "promises", bank.promises, customer_id),
        "contacts": _begin(found, "contacts", bank.contacts, customer_id, since=_since()),
    }
    overdue = {card.id: _begin(found, f"overdue {card.last4}", bank.overdue, customer_id, card.id) for card in cards}
    for name, asked in asking.items():
        answer = asked.result()
        if answer is not None:
            setattr(found, name, answer[:_MOST_CONTACTS] if name == "contacts" else answer)
    found.overdue = {card_id: answer for card_id, asked in overdue.items() if (answer := asked.result()) is not None}
    found.missing.sort()
    return found


def account(card: Card, overdue: Optional[OverdueSummary]) -> Dict[str, Any]:
    """A card and what is owed on it, as JSON; amounts as the bank writes them."""
    return {**as_json(card, _OF_CARD), **(as_json(overdue, _OF_OVERDUE) if overdue else {})}


def as_json(model: BaseModel, only: Optional[Any] = None) -> Dict[str, Any]:
    """The model as JSON has it: amounts and dates as text."""
    found: Dict[str, Any] = json.loads(model.json(include=only))
    return found


def _since() -> Any:
    return clock.now() - timedelta(days=CONTACT_DAYS)


def _begin(found: Figures, what: str, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return _threads.submit(copy_context().run, _asked, found, what, ask, *args, **kwargs)


def _asked(found: Figures, what: str, ask: Callable[..., T], *args: Any, **kwargs: Any) -> Optional[T]:
    try:
        return ask(*args, **kwargs)
    except NotOffered:
        return None  # this bank does not keep such a thing: nothing is missing
    except NotFound:
        if what.startswith("overdue"):
            return None  # a card without a bill yet
        found.missing.append(what)
    except BankError as error:
        logger.warning("the desk's summary lacks %s: %s", what.split()[0], type(error).__name__)
        found.missing.append(what)
    return None
