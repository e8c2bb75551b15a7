"""A bank of generated customers whose accounts live through many days: they pay, fall behind, promise, agree, dispute.

Everything follows from a seed and the virtual clock. It answers what outreach asks of a bank, keeps the contact log by
idempotency key as the contract says, and can be told to fail.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any, Callable, Dict, List, Literal, Optional, Sequence, Tuple

from bank.client import BankClient
from bank.errors import BankUnavailable, NotFound
from bank.models import (
    AccountPage,
    AccountState,
    Card,
    CardStatus,
    Contact,
    ContactAddresses,
    ContactChannel,
    ContactPreferences,
    Customer,
    DueAccount,
    OverdueSummary,
    Plan,
    PlanKind,
    PlanPart,
    PlanPartStatus,
    Promise,
    PromiseStatus,
    RepaymentChannel,
    RepaymentChannelKind,
)
from common import clock

GRACE = 3  # days
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")  # as the contract has it
_ZERO = Decimal("0.00")
_ZONES = ["Asia/Shanghai"] * 8 + ["Europe/London", "America/New_York"]


@dataclass
class Life:
    """One customer with one card, as the generator decided; days are dates at the bank."""

    id: str
    card_id: str
    language: Literal["zh", "en"]
    amount: Decimal
    due_dates: List[date]  # of the bills, one a month
    pays_on: List[Optional[date]]  # when each bill was paid; None: never within the simulated time
    auto_debit: bool
    first_time: bool
    preferences: ContactPreferences
    promise: Optional[Tuple[date, date, bool]] = None  # made on, pays on, kept
    agreement_from: Optional[date] = None
    agreement_days: List[date] = field(default_factory=list)
    disputed: Optional[Tuple[date, date]] = None
    complains: Optional[Tuple[date, date]] = None
    paused: Optional[Tuple[date, date]] = None  # asked to stop on, until
    email: Optional[str] = None
    phone: Optional[str] = None

    def bills(self) -> List[Tuple[date, Optional[date]]]:
        """Each bill's due date, and when it was paid."""
        return list(zip(self.due_dates, self.pays_on, strict=True))

    def unpaid_since(self, today: date) -> Optional[date]:
        """The earliest due date that has passed and is not paid."""
        open_ones = [due for due, paid in self.bills() if due < today and (paid is None or paid > today)]
        return min(open_ones, default=None)

    def bill(self, today: date) -> Optional[date]:
        """The due date of the bill that is open and not due yet."""
        for due, paid in self.bills():
            if due - timedelta(days=20) <= today <= due and (paid is None or paid > today):
                return due
        return None

    def state(self, today: date) -> AccountState:
        since = self.unpaid_since(today)
        if since is not None and (today - since).days > GRACE:
            return AccountState.OVERDUE
        if since is not None:
            return AccountState.IN_GRACE
        return AccountState.DUE if self.bill(today) else AccountState.CURRENT

    def due_date(self, today: date) -> date:
        """As the bank gives it: the latest bill's."""
        return self.bill(today) or self.unpaid_since(today) or self.due_dates[-1]

    def past_due(self, today: date) -> int:
        since = self.unpaid_since(today)
        return (today - since).days if since is not None and self.state(today) is AccountState.OVERDUE else 0

    def promise_state(self, today: date) -> Optional[PromiseStatus]:
        if self.promise is None or today < self.promise[0]:
            return None
        _, on, kept = self.promise
        if today <= on:
            return PromiseStatus.OPEN
        return PromiseStatus.KEPT if kept else PromiseStatus.BROKEN

    def has_agreement(self, today: date) -> bool:
        return self.agreement_from is not None and today >= self.agreement_from


def within(span: Optional[Tuple[date, date]], today: date) -> bool:
    return span is not None and span[0] <= today <= span[1]


def generate(count: int, first: date, days: int, seed: int = 8) -> List[Life]:
    """`count` customers whose bills fall into the `days` from `first` on."""
    chance = random.Random(seed)
    return [_life(chance, number, first, days) for number in range(count)]


def _life(chance: random.Random, number: int, first: date, days: int) -> Life:
    start = first + timedelta(days=chance.randrange(30))
    due_dates = [start + timedelta(days=30 * month) for month in range(-1, days // 30 + 1)]
    pays: List[Optional[date]] = [due - timedelta(days=chance.randrange(0, 18)) for due in due_dates]
    life = Life(
        f"c-{number:05}",
        f"k-{number:05}",
        chance.choice(["zh", "zh", "en"]),
        Decimal(chance.randrange(10_000, 2_000_000)) / 100,
        due_dates,
        pays,
        chance.random() < 0.25,
        chance.random() < 0.5,
        _preferences(chance),
        email=None if chance.random() < 0.05 else f"c{number}@customers.example",
        phone=None if chance.random() < 0.03 else f"+86138{number:08}",
    )
    if chance.random() < 0.45:
        _falls_behind(chance, life, days)
    if chance.random() < 0.04:
        begins = first + timedelta(days=chance.randrange(days))
        life.paused = (begins, begins + timedelta(days=chance.randrange(5, 40)))
    if chance.random() < 0.04:
        begins = first + timedelta(days=chance.randrange(days))
        life.complains = (begins, begins + timedelta(days=chance.randrange(3, 30)))
    return life


def _preferences(chance: random.Random) -> ContactPreferences:
    channels = [*ContactChannel]
    chance.shuffle(channels)
    used = channels if chance.random() < 0.7 else channels[: chance.randrange(0, 4)]
    night = chance.random() < 0.1
    begins, ends = (time(6), time(23)) if night else (time(chance.randrange(8, 12)), time(chance.randrange(17, 23)))
    return ContactPreferences(
        channels=used,
        reminders=chance.random() < 0.9,
        contact_from=begins,
        contact_until=ends,
        time_zone=chance.choice(_ZONES),
        night_consent=night,
        language=chance.choice(["zh", "en"]),
        paused_until=None,
        version=1,
    )


def _falls_behind(chance: random.Random, life: Life, days: int) -> None:
    """One bill is paid late, or never; and what may come of it."""
    which = chance.randrange(len(life.due_dates))
    due = life.due_dates[which]
    late = chance.choice([2, 5, 12, 25, 50, None, None])
    paid = None if late is None else due + timedelta(days=late)
    life.pays_on[which:] = [
        paid if paid is None or paid > bill else bill - timedelta(days=1) for bill in life.due_dates[which:]
    ]
    fate = chance.random()
    if fate < 0.25:
        made = due + timedelta(days=chance.randrange(4, 20))
        on = made + timedelta(days=chance.randrange(1, 8))
        kept = paid is not None and paid <= on
        life.promise = (made, on, kept)
    elif fate < 0.40 and late is None:
        life.agreement_from = due + timedelta(days=chance.randrange(6, 30))
        life.agreement_days = [life.agreement_from + timedelta(days=30 * n + 10) for n in range(days // 30 + 1)]
    elif fate < 0.55:
        begins = due + timedelta(days=chance.randrange(-10, 15))
        life.disputed = (begins, begins + timedelta(days=chance.randrange(3, 25)))


class GeneratedBank(BankClient):
    """Answers by the lives and the clock. `before`: called before each operation, to fail or to count."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self.lives = {life.id: life for life in lives}
        self.log: Dict[str, Tuple[str, Contact]] = {}  # by idempotency key: the customer and the line
        self.changed: Dict[str, ContactPreferences] = {}
        self.before: Callable[[str], None] = lambda operation: None
        self._lines: Dict[str, List[Contact]] = {}  # of the log, by customer
        self._listed: Tuple[Optional[date], List[Tuple[date, str]]] = (None, [])  # the day's list
        self._lock = Lock()

    def accounts(self, **asked: Any) -> AccountPage:
        self.before("accounts")
        today = clock.today()
        found = self._due_on(today)
        begin, limit = int(asked.get("cursor") or 0), min(asked.get("limit") or 200, 100)
        page = [self._due(self.lives[name], today) for _, name in found[begin : begin + limit]]
        more = begin + limit < len(found)
        return AccountPage(items=page, next_cursor=str(begin + limit) if more else None)

    def contact_preferences(self, customer_id: str) -> ContactPreferences:
        self.before("contact_preferences")
        life, today = self._life(customer_id), clock.today()
        given = self.changed.get(customer_id, life.preferences)
        if life.paused is not None and within(life.paused, today):
            return given.copy(update={"paused_until": life.paused[1]})
        return given

    def set_contact_preferences(
        self, customer_id: str, preferences: ContactPreferences, *, idempotency_key: str
    ) -> ContactPreferences:
        self.before("set_contact_preferences")
        assert _KEY.fullmatch(idempotency_key), idempotency_key
        self.changed[customer_id] = preferences.copy(update={"version": preferences.version + 1})
        return self.changed[customer_id]

    def contact_addresses(self, customer_id: str) -> ContactAddresses:
        self.before("contact_addresses")
        life = self._life(customer_id)
        return ContactAddresses(email=life.email, phone=life.phone)

    def customer(self, customer_id: str) -> Customer:
        self.before("customer")
        return Customer(id=customer_id, name=customer_id, language=self._life(customer_id).language, masked_phone="1")

    def cards(self, customer_id: str) -> List[Card]:
        self.before("cards")
        life, today = self._life(customer_id), clock.today()
        state = life.state(today)
        return [
            Card(
                id=life.card_id,
                name="Card",
                last4=life.card_id[-4:],
                status=CardStatus.ACTIVE,
                state=state,
                days_past_due=life.past_due(today),
                amount_due=_ZERO if state is AccountState.CURRENT else life.amount,
            )
        ]

    def overdue(self, customer_id: str, card_id: str) -> OverdueSummary:
        self.before("overdue")
        life, today = self._life(customer_id), clock.today()
        owed = _ZERO if life.state(today) is AccountState.CURRENT else life.amount
        due = life.due_date(today)
        amounts = dict.fromkeys(
            "interest late_fee other_fees paid_since pending_payments late_fee_floor".split(), _ZERO
        )
        rates = dict.fromkeys("daily_interest_rate annual_interest_rate late_fee_rate".split(), Decimal("0.01"))
        return OverdueSummary(
            card_id=card_id,
            as_of=today,
            state=life.state(today),
            statement_date=due - timedelta(days=20),
            due_date=due,
            grace_ends_on=due + timedelta(days=GRACE),
            days_past_due=life.past_due(today),
            bucket=None,
            first_time=life.first_time,
            principal=owed,
            total=owed,
            minimum_due=owed,
            remaining_minimum=owed,
            disputed=Decimal("10.00") if within(life.disputed, today) else _ZERO,
            items=[],
            late_fee_cap=None,
            interest_basis="full_balance",
            grace_days=GRACE,
            shortfall_tolerance=_ZERO,
            **amounts,
            **rates,
        )

    def repayment_channels(self, customer_id: str, card_id: str) -> List[RepaymentChannel]:
        self.before("repayment_channels")
        kinds = (RepaymentChannelKind.COUNTER, RepaymentChannelKind.MOBILE_BANK)
        return [
            RepaymentChannel(
                kind=kind, posting_days=0, fee=_ZERO, single_limit=None, recommended=kind.value == "mobile_bank",
                account=None,
            )
            for kind in kinds
        ]  # fmt: skip

    def promises(self, customer_id: str) -> List[Promise]:
        self.before("promises")
        life, today = self._life(customer_id), clock.today()
        status = life.promise_state(today)
        if life.promise is None or status is None:
            return []
        made = datetime.combine(life.promise[0], time(12), clock.BANK_ZONE)
        return [
            Promise(
                reference=f"P-{life.id}",
                card_id=life.card_id,
                card_last4=life.card_id[-4:],
                amount=life.amount,
                pay_on=life.promise[1],
                status=status,
                paid=_ZERO,
                created_at=made,
                updated_at=made,
                version=1,
                changeable=True,
            )
        ]

    def plans(self, customer_id: str, card_id: str) -> List[Plan]:
        self.before("plans")
        life, today = self._life(customer_id), clock.today()
        if not life.has_agreement(today):
            return []
        parts = [
            PlanPart(
                number=number,
                due_on=due,
                principal=Decimal("100.00"),
                interest=_ZERO,
                total=Decimal("100.00"),
                status=PlanPartStatus.PAID if due < today else PlanPartStatus.TO_COME,
            )
            for number, due in enumerate(life.agreement_days, start=1)
        ]
        return [
            Plan(
                reference="A",
                kind=PlanKind.AGREEMENT,
                card_id=card_id,
                amount=life.amount,
                terms=len(parts),
                terms_billed=0,
                remaining_principal=_ZERO,
                remaining_interest=_ZERO,
                next_due_on=None,
                next_amount=None,
                collection_paused=True,
                schedule=parts,
            )
        ]

    def contacts(self, customer_id: str, *, since: Optional[datetime] = None) -> List[Contact]:
        self.before("contacts")
        with self._lock:
            mine = [line for line in self._lines.get(customer_id, ()) if not since or line.at >= since]
        return sorted(mine, key=lambda line: line.at, reverse=True)[:200]

    def log_contact(self, customer_id: str, *, idempotency_key: str, **given: Any) -> Contact:
        self.before("log_contact")
        assert _KEY.fullmatch(idempotency_key), idempotency_key
        with self._lock:
            known = self.log.get(idempotency_key)
            line = Contact(id=f"ct-{len(self.log)}", **given) if known is None else known[1]
            if known is not None:
                assert line.dict(exclude={"id"}) == given, "the same key with other content"
            else:
                self.log[idempotency_key] = (customer_id, line)
                self._lines.setdefault(customer_id, []).append(line)
            return line

    @staticmethod
    def fail(operation: str) -> None:
        """What a bank that is down answers."""
        raise BankUnavailable(operation, "no answer")

    def _life(self, customer_id: str) -> Life:
        if customer_id not in self.lives:
            raise NotFound("generated", "not-found", 404)
        return self.lives[customer_id]

    def _due_on(self, today: date) -> List[Tuple[date, str]]:
        if self._listed[0] != today:
            lives = [life for life in self.lives.values() if life.state(today) is not AccountState.CURRENT]
            self._listed = (today, sorted((life.due_date(today), life.id) for life in lives))
        return self._listed[1]

    @staticmethod
    def _due(life: Life, today: date) -> DueAccount:
        promise = life.promise if life.promise_state(today) is PromiseStatus.OPEN else None
        return DueAccount(
            customer_id=life.id,
            card_id=life.card_id,
            card_last4=life.card_id[-4:],
            language=life.language,
            state=life.state(today),
            due_date=life.due_date(today),
            days_past_due=life.past_due(today),
            bucket=None,
            amount_due=life.amount,
            remaining_minimum=life.amount,
            auto_debit=life.auto_debit,
            disputed=within(life.disputed, today),
            promise_on=promise[1] if promise else None,
            agreement=life.has_agreement(today),
            first_time=life.first_time,
        )
