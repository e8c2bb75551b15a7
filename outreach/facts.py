"""What is known of a customer just before a contact: everything is read from the bank anew, nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Callable, Dict, FrozenSet, List, Mapping, Optional, Set, TypeVar

from bank.client import BankClient
from bank.errors import NotOffered
from bank.models import (
    AccountState,
    Card,
    ContactAddresses,
    ContactPreferences,
    OverdueSummary,
    Plan,
    PlanKind,
    PlanPart,
    Promise,
    PromiseStatus,
    RepaymentChannelKind,
)
from common import clock
from desk.store import HandoverStore
from dialogue.formats import day, days, money
from outreach.plan import Anchor, Step, Stop
from outreach.planner import find_card, find_promise
from outreach.store import Contact
from outreach.texts import Texts

#: What the desk calls the hand-overs that end contacts.
_CONCERNS = {"complaint": Stop.COMPLAINT, "care": Stop.CARE, "fraud": Stop.DISPUTED}

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """Of one customer, card and step. `over`: why there is no reason for the step any longer, if so."""

    stops: FrozenSet[Stop]
    over: Optional[str]
    values: Mapping[str, str]  # for the text, formatted in the customer's language


class Concerns:
    """Complaints and signs of distress, as the desk knows them."""

    def __init__(self, store: HandoverStore, quiet_days: Mapping[Stop, int]) -> None:
        self._store = store
        self._quiet_days = quiet_days

    def of(self, customer_id: str) -> Set[Stop]:
        """Those that are open, or were settled not long ago. Raises `DeskError`."""
        found = set()
        for wish in self._store.concerns(customer_id):
            stop = _CONCERNS.get(wish.trigger)
            if stop is None:
                continue
            quiet = timedelta(days=self._quiet_days.get(stop, 0))
            if wish.closed_at is None or clock.now() < wish.closed_at + quiet:
                found.add(stop)
        return found


class FactFinder:
    """Asks the bank. What a bank does not offer is not known, and stops nothing."""

    def __init__(self, bank: BankClient, concerns: Concerns, texts: Texts, link: str) -> None:
        self._bank = bank
        self._concerns = concerns
        self._texts = texts
        self._link = link

    def preferences(self, customer_id: str) -> Optional[ContactPreferences]:
        """How the customer wants to be reached; None if the bank cannot say: then nobody is contacted."""
        return _offered(lambda: self._bank.contact_preferences(customer_id))

    def addresses(self, customer_id: str) -> ContactAddresses:
        """Where the customer is reached."""
        known = _offered(lambda: self._bank.contact_addresses(customer_id))
        return known or ContactAddresses(email=None, phone=None)

    def of(self, contact: Contact, step: Step, language: str) -> Facts:
        """Everything about the contact. Raises BankError and `DeskError`."""
        summary = self._bank.overdue(contact.customer_id, contact.card_id)
        card = find_card(self._bank.cards(contact.customer_id), contact.card_id)
        promises = self._mine(_offered(lambda: self._bank.promises(contact.customer_id)), contact.card_id)
        plans = _offered(lambda: self._bank.plans(contact.customer_id, contact.card_id)) or []
        promise = find_promise(promises, contact.card_id, contact.anchor)
        part = _part_due(plans, contact.anchor)
        return Facts(
            frozenset(self._stops(contact.customer_id, summary, card, promises, plans)),
            _over(step.anchor, contact.anchor, summary, promise, part),
            self._values(contact, language, summary, card, promise, part),
        )

    @staticmethod
    def _mine(promises: Optional[List[Promise]], card_id: str) -> List[Promise]:
        return [each for each in promises or [] if each.card_id == card_id]

    def _stops(
        self,
        customer_id: str,
        summary: OverdueSummary,
        card: Optional[Card],
        promises: List[Promise],
        plans: List[Plan],
    ) -> Set[Stop]:
        found = self._concerns.of(customer_id)
        if summary.state is AccountState.CURRENT or card is None or card.amount_due <= 0:
            found.add(Stop.PAID)
        if summary.disputed > 0:
            found.add(Stop.DISPUTED)
        if any(each.status is PromiseStatus.OPEN for each in promises):
            found.add(Stop.PROMISED)
        if any(each.collection_paused for each in plans):
            found.add(Stop.AGREEMENT)
        return found

    def _values(
        self,
        contact: Contact,
        language: str,
        summary: OverdueSummary,
        card: Optional[Card],
        promise: Optional[Promise],
        part: Optional[PlanPart],
    ) -> Dict[str, str]:
        ways = self._bank.repayment_channels(contact.customer_id, contact.card_id)
        by_hand = [way for way in ways if way.kind is not RepaymentChannelKind.AUTO_DEBIT]  # it happens by itself
        recommended_first = sorted(by_hand or ways, key=lambda way: not way.recommended)
        values = {
            "name": self._bank.customer(contact.customer_id).name,
            "last4": card.last4 if card else "",
            "amount": money(str(summary.total), language),
            "minimum": money(str(summary.remaining_minimum), language),
            "due_date": day(summary.due_date.isoformat(), language),
            "days": days(summary.days_past_due, language),
            "ways": self._texts.ways([way.kind for way in recommended_first], language),
            "link": self._link,
        }
        if promise is not None:
            values["promised"] = money(str(promise.amount), language)
            values["promised_on"] = day(promise.pay_on.isoformat(), language)
        if part is not None:
            values["instalment"] = money(str(part.total), language)
            values["instalment_on"] = day(part.due_on.isoformat(), language)
        return values


def _over(
    anchor: Anchor, on: date, summary: OverdueSummary, promise: Optional[Promise], part: Optional[PlanPart]
) -> Optional[str]:
    """Why there is no reason for a step any longer: the rule's name; None if there still is one."""
    if anchor is Anchor.DUE_DATE and (summary.due_date != on or summary.state is not AccountState.DUE):
        return "paid" if summary.state is AccountState.CURRENT else "due-date-changed"
    if anchor in (Anchor.OVERDUE, Anchor.BROKEN_PROMISE) and summary.state is not AccountState.OVERDUE:
        return "paid"
    if anchor is Anchor.OVERDUE and summary.as_of - timedelta(days=summary.days_past_due) != on:
        return "due-date-changed"
    if anchor is Anchor.PROMISE and (promise is None or promise.status is not PromiseStatus.OPEN):
        return "promise-over"
    if anchor is Anchor.BROKEN_PROMISE and (promise is None or promise.status is not PromiseStatus.BROKEN):
        return "promise-over"
    if anchor is Anchor.INSTALMENT and part is None:
        return "paid"
    if anchor is Anchor.CLOSED and summary.state is AccountState.OVERDUE:
        return "overdue-again"
    return None


def _part_due(plans: List[Plan], on: date) -> Optional[PlanPart]:
    parts = (part for plan in plans if plan.kind is PlanKind.AGREEMENT for part in plan.schedule)
    return next((part for part in parts if part.due_on == on and part.status.value != "paid"), None)


def _offered(ask: Callable[[], T]) -> Optional[T]:
    try:
        return ask()
    except NotOffered:
        return None
