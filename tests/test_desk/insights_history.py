"""A made-up past, the same for the same seed: what the feed, the desk, outreach and the bank would hold of it.

`tests.test_desk.insights_by_hand` counts it from these raw lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Tuple

from bank.errors import NotFound
from bank.models import AccountState, PaymentStatus
from common import clock
from common.clock import BANK_ZONE

FIRST_DAY = date(2026, 11, 1)
DAYS = 12
CHANNELS = ("webchat", "wechat", "wecom")
ANSWERS = (
    ["utter_overdue"] * 6
    + ["utter_fallback", "utter_fallback", "utter_fallback_no_reading", "utter_fallback_human"]
    + ["utter_out_of_scope", "utter_out_of_scope_in_request"]
)
FORMS = (
    "instalment_form deferral_form agreement_form waiver_form hardship_form promise_form dispute_form autopay_form"
).split()
REASONS = "unemployment illness forgot other_debts withheld nonsense".split()
TRIGGERS = "asked_for complaint care not_understood negotiation_failed".split()
TOPICS = "request_instalment report_hardship ask_late_fee".split()
APPLICATION = "submitted in_review approved declined withdrawn completed".split()
PROMISE = "open kept broken withdrawn".split()
DISPUTE = "submitted upheld declined".split()
PAUSES = (1, 2, 40)  # days between the reminders of an account
#: Of the plan.
STEPS = ("due-in-7-days", "due-in-2-days", "overdue-3", "overdue-35", "overdue-100")


@dataclass
class History:
    """Everything that happened."""

    fed: List[Tuple[str, Dict[str, Any]]] = field(default_factory=list)  # in the order of the feed
    handovers: List[Dict[str, Any]] = field(default_factory=list)  # rows, with `move`
    ratings: List[Dict[str, Any]] = field(default_factory=list)  # rows
    assistant_ratings: List[Dict[str, Any]] = field(default_factory=list)  # rows
    contacts: List[Dict[str, Any]] = field(default_factory=list)  # rows of outreach
    lines: List[Dict[str, Any]] = field(default_factory=list)  # rows of outreach's journal, in order
    calls: List[Dict[str, Any]] = field(default_factory=list)  # rows of call tasks
    languages: Dict[str, str] = field(default_factory=dict)  # of each contact
    statuses: Dict[str, Dict[str, Tuple[str, str]]] = field(default_factory=dict)  # customer → reference → kind, status
    payments: Dict[str, List[Tuple[date, str]]] = field(default_factory=dict)  # customer → day, status
    settled: Dict[str, List[Tuple[date, date]]] = field(
        default_factory=dict
    )  # customer → spans in which nothing is owed
    days_past_due: Dict[str, List[int]] = field(default_factory=dict)  # customer → of each card


class Bank:
    """Answers from the history."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.asked = 0

    def cards(self, customer_id: str) -> List[Any]:
        if customer_id not in self._history.days_past_due:
            raise NotFound("GET /customers/{customer_id}/cards", "not-found", 404)
        today, spans = clock.today(), self._history.settled.get(customer_id, [])
        state = AccountState.CURRENT if any(begin <= today <= end for begin, end in spans) else AccountState.DUE
        return [
            SimpleNamespace(id=f"card-{number}", state=state, amount_due=Decimal("100.00"), days_past_due=days)
            for number, days in enumerate(self._history.days_past_due[customer_id], start=1)
        ]

    def payments(self, customer_id: str, card_id: str) -> List[Any]:
        made = self._history.payments.get(customer_id, []) if card_id == "card-1" else []
        known = [(day, status) for day, status in made if day <= clock.today()]
        return [SimpleNamespace(made_on=day, status=PaymentStatus(status)) for day, status in known]

    def applications(self, customer_id: str) -> List[Any]:
        return self._of(customer_id, lambda kind: kind not in ("promise", "dispute"))

    def promises(self, customer_id: str) -> List[Any]:
        return self._of(customer_id, lambda kind: kind == "promise")

    def disputes(self, customer_id: str) -> List[Any]:
        return self._of(customer_id, lambda kind: kind == "dispute")

    def _of(self, customer_id: str, fits: Any) -> List[Any]:
        self.asked += 1
        known = self._history.statuses.get(customer_id, {})
        return [
            SimpleNamespace(reference=reference, status=SimpleNamespace(value=status))
            for reference, (kind, status) in known.items()
            if fits(kind)
        ]


def made_up(seed: int, conversations: int = 25) -> History:
    """A past with so many customers and visitors who wrote."""
    return _Maker(seed).history(conversations)


class _Maker:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._stars = Random(seed + 1)
        self._number = 0
        self._made = History()

    def history(self, conversations: int) -> History:
        for number in range(conversations):
            self._customer(f"web-{number}")
        self._made.fed.sort(key=lambda each: each[1]["timestamp"])
        for number in range(conversations):
            self._account(f"customer-{number}")
        self._made.lines.sort(key=lambda each: each["at"])
        return self._made

    # Conversations

    def _customer(self, conversation_id: str) -> None:
        random = self._random
        customer = f"customer-{conversation_id[4:]}" if random.random() < 0.85 else None
        if customer and random.random() < 0.9:
            self._made.days_past_due[customer] = [random.choice([0, 5, 30, 31, 75, 200]) for _ in range(2)]
        at = self._sometime()
        self._add(conversation_id, at, event="session_started")
        for _ in range(random.randint(1, 3)):
            channel, language = random.choice(CHANNELS), random.choice(["zh", "en"])
            for _ in range(random.randint(1, 6)):
                at = self._turn(conversation_id, customer, channel, language, at)
                at += timedelta(seconds=random.choice([20, 60, 7100]))
            if self._stars.random() < 0.5:
                self._rates_assistant(conversation_id, at)
            if random.random() < 0.35:
                at = self._with_people(conversation_id, customer, channel, language, at)
            at += timedelta(seconds=random.choice([60, 3600, 7300, 90_000]))

    def _rates_assistant(self, name: str, at: datetime) -> None:
        """Asked at the last message; answered then or much later."""
        later = timedelta(minutes=self._stars.choice([1, 500]))
        row = {"conversation_id": name, "asked": f"q-{len(self._made.assistant_ratings)}", "asked_at": at}
        self._made.assistant_ratings.append({**row, "stars": self._stars.randint(1, 5), "at": at + later})

    def _turn(self, name: str, customer: Optional[str], channel: str, language: str, at: datetime) -> datetime:
        random = self._random
        kind = random.random()
        if kind < 0.05:
            self._say(name, at, customer, channel, language, "/greet", metadata={"shown_as": ""})
        elif kind < 0.1:
            self._say(name, at, customer, channel, language, "EXTERNAL: due", metadata={"is_external": True})
        elif kind < 0.2:
            self._say(name, at, customer, channel, language, "/ask_late_fee", metadata={"shown_as": "违约金"})
        elif kind < 0.25:
            self._say(name, at, customer, "sms", language, "1", parse_data={})
        elif kind < 0.45:
            return self._request(name, customer, channel, language, at)
        else:
            text = random.choice(["怎么办", "13812345678 是我的电话", "how much", "我叫王小明"])
            entities = [{"entity": "reason", "value": random.choice(REASONS)}] if random.random() < 0.2 else []
            self._say(name, at, customer, channel, language, text, entities=entities)
        answer = random.choice(ANSWERS)
        self._add(name, at + timedelta(seconds=1), event="bot", text="…", metadata={"utter_action": answer})
        if random.random() < 0.1:
            self._add(name, at + timedelta(seconds=2), event="slot", name="language", value=random.choice(["zh", "en"]))
        if answer == "utter_fallback" and random.random() < 0.6:
            pressed = random.choice(["/ask_late_fee", "/nlu_fallback"])
            at += timedelta(seconds=5)
            self._say(name, at, customer, channel, language, pressed, metadata={"shown_as": "按钮"})
        return at

    def _request(self, name: str, customer: Optional[str], channel: str, language: str, at: datetime) -> datetime:
        random = self._random
        form = random.choice(FORMS)
        self._say(name, at, customer, channel, language, "我要办")
        self._add(name, at + timedelta(seconds=1), event="active_loop", name=form)
        misses = 0
        for _ in range(random.randint(0, 3)):
            at += timedelta(seconds=30)
            self._say(name, at, customer, channel, language, "嗯……", intent="nlu_fallback")
            misses = misses + 1 if random.random() < 0.6 else 0
            self._add(name, at + timedelta(seconds=1), event="slot", name="misses", value=misses)
            self._add(name, at + timedelta(seconds=2), event="slot", name="misses", value=misses)
        if random.random() < 0.5:
            self._add(name, at + timedelta(seconds=3), event="slot", name="reason", value=random.choice(REASONS))
        if customer and random.random() < 0.8:
            self._file(name, customer, form, at + timedelta(seconds=4))
        self._add(name, at + timedelta(seconds=5), event="slot", name="misses", value=None)
        self._add(name, at + timedelta(seconds=5), event="active_loop", name=None)
        return at

    def _file(self, name: str, customer: str, form: str, at: datetime) -> None:
        kind = form.removesuffix("_form")
        reference = f"version {self._next()}" if kind == "autopay" else f"{kind[:3].upper()}-{self._next()}"
        self._add(name, at, event="slot", name="receipt", value=reference)
        self._add(name, at, event="slot", name="receipt", value=None)
        known = {"promise": PROMISE, "dispute": DISPUTE}.get(kind, APPLICATION)
        if self._random.random() < 0.9:  # of the rest the bank knows nothing
            self._made.statuses.setdefault(customer, {})[reference] = (kind, self._random.choice(known))

    def _with_people(self, name: str, customer: Optional[str], channel: str, language: str, at: datetime) -> datetime:
        random = self._random
        self._say(name, at, customer, channel, language, "转人工", intent="request_human")
        wish = at + timedelta(seconds=1)
        at_once = random.random() < 0.7
        number = len(self._made.handovers) + 1
        answered = wish + timedelta(seconds=random.randint(1, 900)) if random.random() < 0.8 else None
        closed = (answered or wish) + timedelta(minutes=5)
        self._made.handovers.append(
            {
                "id": number,
                "conversation_id": name,
                "customer_id": customer,
                "language": language,
                "reason": random.choice(TOPICS),
                "trigger": random.choice(TRIGGERS),
                "created_at": wish,
                "answered_at": answered,
                "closed_at": closed,
                "move": "request" if at_once else "request_later",
            }
        )
        if answered and random.random() < 0.6:
            row = {"handover_id": number, "conversation_id": name, "stars": random.randint(1, 5), "at": closed}
            self._made.ratings.append(row)
        if at_once:
            self._add(name, at + timedelta(seconds=2), event="pause")
            at += timedelta(seconds=30)
            self._say(name, at, customer, channel, language, "喂？", intent="nlu_fallback")
            self._add(name, at + timedelta(seconds=1), event="bot", text="…", metadata={"agent": {"id": 1}})
            back = random.choice(["resume", "session_started", "restart"])
            self._add(name, at + timedelta(seconds=2), event=back)
        return at

    def _say(
        self,
        name: str,
        at: datetime,
        customer: Optional[str],
        channel: str,
        language: str,
        text: str,
        intent: str = "ask_late_fee",
        entities: Any = (),
        metadata: Optional[Dict[str, Any]] = None,
        parse_data: Optional[Dict[str, Any]] = None,
    ) -> None:
        identity = {"identity": {"customer_id": customer}} if customer and self._random.random() < 0.7 else {}
        pressed = text[1:] if text.startswith("/") else intent
        parsed = {"intent": {"name": pressed}, "language": language, "entities": list(entities)}
        self._add(
            name,
            at,
            event="user",
            text=text,
            message_id=f"m-{self._next()}",
            input_channel=channel,
            parse_data=parsed if parse_data is None else parse_data,
            metadata={**identity, **(metadata or {})},
        )

    # Outreach

    def _account(self, customer: str) -> None:
        random = self._random
        card, anchor = "card-1", FIRST_DAY + timedelta(days=random.randint(0, 10))
        at = self._sometime()
        for step in random.sample(STEPS, k=3):
            self._contact(customer, card, step, anchor, at)
            at += timedelta(days=random.choice(PAUSES))
            if random.random() < 0.3:
                paid = self._row(customer, card, "overdue-65", anchor, at)
                self._line(paid, "webchat", "stopped", "paid", at)
                at += timedelta(hours=1)
            if random.random() < 0.5:
                self._pays(customer, at.date())
            if random.random() < 0.2:
                closed = self._row(customer, card, "how-was-it", at.date(), at)
                self._line(closed, "webchat", *random.choice([("sent", "allowed"), ("stopped", "overdue-again")]), at)
                at += timedelta(days=1)

    def _contact(self, customer: str, card: str, step: str, anchor: date, at: datetime) -> None:
        random = self._random
        contact = self._row(customer, card, step, anchor, at)
        chance = random.random()
        if chance < 0.15:
            self._line(contact, "sms", "stopped", "promised", at)
        elif chance < 0.35:
            self._call(contact, at)
        else:
            self._line(contact, "sms", "sent", "allowed", at)
            fate = random.random()
            if fate < 0.3:
                self._line(contact, "sms", "delivered", "report", at + timedelta(seconds=20))
            elif fate < 0.6:
                self._line(contact, "sms", "failed", "report", at + timedelta(seconds=20))
                if fate < 0.5:
                    self._line(contact, "email", "sent", "allowed", at + timedelta(days=1))
            elif fate < 0.7:
                self._line(contact, "sms", "answered", "customer-replied", at + timedelta(seconds=50), direction="in")

    def _pays(self, customer: str, around: date) -> None:
        """In full, in part, in vain; or nothing is owed any longer without a payment."""
        random, made = self._random, self._made.payments.setdefault(customer, [])
        day = around + timedelta(days=random.choice([-3, 0, 0, 1, 12, 29, 30, 31]))
        how = random.choice(["in full", "in full", "in part", "in vain", "not at all"])
        if how != "not at all":
            made.append((day, "failed" if how == "in vain" else random.choice(["posted", "pending"])))
        if how in ("in full", "not at all"):
            self._made.settled.setdefault(customer, []).append((day, day + timedelta(days=random.randint(3, 9))))

    def _call(self, contact: Dict[str, Any], at: datetime) -> None:
        random = self._random
        self._line(contact, "phone", "planned", "allowed", at)
        result = random.choice(["answered", "no_answer", "refused"])
        reason = random.choice(REASONS[:4]) if result == "answered" else None
        self._line(contact, "phone", result, "called", at + timedelta(minutes=9))
        self._made.calls.append({"contact_id": contact["id"], "customer_id": contact["customer_id"], "reason": reason})

    def _row(self, customer: str, card: str, step: str, anchor: date, at: datetime) -> Dict[str, Any]:
        row: Dict[str, Any] = {
            "id": f"contact-{self._next()}",
            "customer_id": customer,
            "card_id": card,
            "step": step,
            "anchor": anchor + timedelta(days=len(self._made.contacts)) if step == "how-was-it" else anchor,
        }
        known = {(each["customer_id"], each["step"], each["anchor"]) for each in self._made.contacts}
        while (row["customer_id"], row["step"], row["anchor"]) in known:
            row["anchor"] -= timedelta(days=400)
        self._made.contacts.append(row)
        self._made.languages[row["id"]] = self._random.choice(["zh", "en"])
        return row

    def _line(
        self, contact: Dict[str, Any], channel: str, outcome: str, rule: str, at: datetime, direction: str = "out"
    ) -> None:
        line = {"contact_id": contact["id"], "channel": channel, "outcome": outcome, "rule": rule, "at": at}
        self._made.lines.append({**line, "direction": direction})

    # Parts

    def _sometime(self) -> datetime:
        begin = datetime.combine(FIRST_DAY, datetime.min.time(), BANK_ZONE)
        return begin + timedelta(seconds=self._random.randrange(DAYS * 86_400))

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _add(self, conversation_id: str, at: datetime, /, **event: Any) -> None:
        self._made.fed.append((conversation_id, {**event, "timestamp": at.timestamp(), "number": self._next()}))
