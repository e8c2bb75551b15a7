"""One turn of a request, and its steps: what `actions.forms` runs and each kind of request fills in."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Dict, List, Optional, Sequence

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import REQUESTED_SLOT

from actions.base import Events, Turn
from actions.conversation import FALLBACK
from actions.readings import readings

#: What the customer entered.
ENTERED = (
    "request_card",
    "transaction",
    "wrong",
    "charge",
    "amount",
    "term",
    "agreement_term",
    "reason",
    "date",
    "pay_on",
    "withdrawal",
    "order",
    "share",
    "account",
    "waiting",
    "consent",
    "papers",
    "contact",
)
#: What followed from it; void as soon as something entered changes.
DERIVED = ("offer", "confirmed", "idempotency_key", "challenge", "proof")
RECEIPT = "receipt"
MISSES = "misses"
PARKED = "parked"
#: Everything that is forgotten when a request ends.
WORKING = (*ENTERED, *DERIVED, RECEIPT, MISSES)
#: The intent that starts, or takes up again, each form.
STARTED_BY = {
    "instalment_form": "request_instalment",
    "deferral_form": "request_deferral",
    "waiver_form": "request_fee_waiver",
    "promise_form": "promise_to_pay",
    "dispute_form": "dispute_charge",
    "withdrawal_form": "cancel_application",
    "autopay_form": "ask_autopay",
    "agreement_form": "request_agreement",
    "hardship_form": "declare_hardship",
    "papers_form": "send_documents",
    "reminders_form": "manage_reminders",
}
_MISSES_UNTIL_HELP = 2


class Moment(Enum):
    """Why the form runs."""

    STARTED = "started"
    ANSWERED = "answered"
    RETRIED = "retried"  # the customer asked to try again what had failed
    INTERRUPTED = "interrupted"  # another action has answered this message; only ask again


class Manner(str, Enum):
    """How to ask: the middle of the response's name."""

    FIRST = "first"
    AGAIN = "again"
    MISSED = "missed"


def topic_of(form: str) -> str:
    """`instalment_form` → `instalment`."""
    return form[: -len("_form")]


@dataclass
class FormTurn:
    """One turn inside a form: the message, the slots as they change, and what is decided so far."""

    turn: Turn
    topic: str
    moment: Moment
    changes: Dict[str, Any] = field(default_factory=dict)
    manner: Manner = Manner.FIRST
    asking: Optional[str] = None  # the slot that the form is at
    asked: bool = False  # what was said already asks; nothing more is needed
    over: bool = False
    voided: bool = False
    memo: Dict[str, Any] = field(default_factory=dict)  # what the bank said in this turn
    meant: Optional[List[Dict[str, Any]]] = None  # the entities of the message, as far as the request reads them

    def __getitem__(self, slot: str) -> Any:
        return self.changes[slot] if slot in self.changes else self.turn.slot(slot)

    def __setitem__(self, slot: str, value: Any) -> None:
        self.changes[slot] = value

    @property
    def pending(self) -> Optional[str]:
        """The slot that the form asked for before this message; `None` when it has just started."""
        return None if self.moment is Moment.STARTED else self.turn.slot(REQUESTED_SLOT)

    @property
    def intent(self) -> str:
        """The reading of the message."""
        return self.turn.intent

    @property
    def confidence(self) -> float:
        """How sure that reading is, 0 to 1; buttons are sure."""
        return float((self.turn.tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)

    @property
    def text(self) -> str:
        """The message as written."""
        return str(self.turn.tracker.latest_message.get("text") or "")

    @property
    def stuck(self) -> bool:
        """Whether a person should be offered."""
        return int(self[MISSES] or 0) >= _MISSES_UNTIL_HELP

    @property
    def pressed(self) -> bool:
        """Whether the message is a button's payload."""
        return self.text.startswith("/")

    @property
    def readings(self) -> List[Dict[str, Any]]:
        """What a message that was not understood may have wanted instead, as a button; at most one."""
        if self.intent != FALLBACK:
            return []
        ranking = self.turn.tracker.latest_message.get("intent_ranking") or []
        likeliest = [entry for entry in ranking if entry.get("name") != FALLBACK][:1]
        return readings([entry for entry in likeliest if entry.get("name") != STARTED_BY[f"{self.topic}_form"]])

    def entities(self, name: str) -> List[Any]:
        """The values of all entities `name` in the message, in its order."""
        found = self.named if self.meant is None else self.meant
        return [entity.get("value") for entity in found if entity.get("entity") == name]

    @property
    def named(self) -> List[Dict[str, Any]]:
        """All entities of the message. A lone "12" is there as an amount, as a term and as a day."""
        return list(self.turn.tracker.latest_message.get("entities") or [])

    def say(self, response: str, **values: Any) -> None:
        """Answer with a response of the domain."""
        self.turn.say(response, **values)

    def question(self, slot: str, **values: Any) -> None:
        """Ask for `slot` in the manner of this turn."""
        self.say(f"utter_{self.manner.value}_{slot}", stuck=self.stuck, readings=self.readings, **values)

    def enter(self, slot: str, value: Any) -> None:
        """Take what the customer entered; if it is new, what followed from the old value is void."""
        if self[slot] != value:
            self[slot] = value
            self.void()

    def void(self) -> None:
        """Forget the offer and everything that was confirmed or proved about it."""
        self.voided = self.voided or self["offer"] is not None
        for slot in DERIVED:
            self[slot] = None

    def forget(self) -> None:
        """Forget everything of this request."""
        for slot in WORKING:
            self[slot] = None

    def end(self) -> None:
        """The request is over, in whatever way."""
        self.forget()
        self.over = True

    def changed(self, *slots: str) -> bool:
        """Whether this turn gave one of the slots another value."""
        return any(self[slot] != self.turn.slot(slot) for slot in slots)

    def reply(self, response: str, **values: Any) -> None:
        """Say something that is itself the question."""
        self.say(response, **values)
        self.asked = True

    def events(self) -> Events:
        """Slots that changed, the slot that is asked for now, and the count of misses.

        The count is always there: Rasa takes a form that sets no slot for one that rejects the message.
        """
        changed = {slot: value for slot, value in self.changes.items() if self.changed(slot)}
        changed[MISSES] = self[MISSES]
        return [SlotSet(slot, value) for slot, value in changed.items()] + [
            SlotSet(REQUESTED_SLOT, None if self.over else self.asking)
        ]


class Step(ABC):
    """One thing that a request needs. Steps hold no state: everything is in the slots."""

    slot: ClassVar[str]
    entity: ClassVar[Optional[str]] = None  # by which customers name it
    shows: ClassVar[Sequence[str]] = ()  # slots whose change makes its question another one
    shows_cost: ClassVar[bool] = False  # whether its first question holds the whole cost of each choice

    def fits(self, talk: FormTurn, value: Any) -> bool:
        """Whether the value of an entity can be meant for this step, when it could be another's as well."""
        return True

    def read(self, talk: FormTurn) -> bool:
        """Take from the message what is meant for this step; whether there was something."""
        return False

    def claims(self, talk: FormTurn) -> bool:
        """Whether the message, in answer to this step, can mean nothing to any other."""
        return False

    def settle(self, talk: FormTurn) -> bool:
        """Called while the slot is empty: do what needs no customer. Whether any slot changed or the request ended."""
        return False

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        """The values of the responses by which this step asks."""
        return {}

    def ask(self, talk: FormTurn) -> None:
        """Ask the customer."""
        talk.question(self.slot, **self.values(talk))
