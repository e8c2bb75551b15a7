"""The ground of every request: a form that ends with something written at the bank.

A request is a list of steps. Each step has a slot and is done when the slot is filled. A turn of the form reads the
customer's message (every step takes what is meant for it), goes on to the first step that cannot be settled without
the customer, and asks. A new kind of request is a `topic`, its steps, and the responses that they name.

Rasa's `FormAction` keeps the loop and the requested slot; everything else is one run of `validate_<topic>_form`,
for calls to the action server are what a turn costs most. So there are no `utter_ask_<slot>` responses: a step asks by
`utter_first_<slot>`, in short by `utter_again_<slot>`, with help by `utter_missed_<slot>`, and `utter_why_<slot>`
says why it asks.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import Any, ClassVar, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Type

from rasa_sdk import Tracker
from rasa_sdk.forms import REQUESTED_SLOT

from actions.base import BankAction, Events, Turn, ask_to_sign_in, tell_not_offered
from actions.cards import CardAction
from actions.conversation import bank_just_failed
from actions.customer import identity_of
from actions.form_turn import ENTERED, MISSES, PARKED, RECEIPT, STARTED_BY, FormTurn, Manner, Moment, Step, topic_of
from actions.parked import form_left, parked_values, since_message, worth_keeping
from actions.values import label
from bank.errors import BankError, NotOffered

logger = logging.getLogger(__name__)

ACTION_RETRY = "action_retry"
_ASKED_EACH_TIME = 2  # interruptions in a row after which the question comes again
_THEN_EACH = 4


class RequestForm(BankAction):
    """A form's whole turn, as the action `validate_<topic>_form`."""

    needs_customer = False  # a form in progress must stay where it is until the customer has signed in again
    volunteered: ClassVar[Sequence[Step]] = ()  # taken when the customer says it, never asked for
    own_intents: ClassVar[Tuple[str, ...]] = ()  # that can mean the same as the one that starts it
    needs: ClassVar[Tuple[str, ...]] = ()  # the bank's operations without which `instead` answers
    instead: ClassVar[Optional[Type[CardAction]]] = None  # for visitors, and where the bank takes no such request

    @property
    @abstractmethod
    def topic(self) -> str:
        """What the request is about: part of the names of its form, its labels and its responses."""

    @property
    @abstractmethod
    def steps(self) -> Sequence[Step]:
        """What it needs, in the order of asking."""

    @property
    def form(self) -> str:
        """The form's name in the domain."""
        return f"{self.topic}_form"

    def name(self) -> str:
        """The action that Rasa's form of this name calls in every turn."""
        return f"validate_{self.form}"

    def answer(self, turn: Turn) -> Events:
        """The whole turn. If the bank fails, the form stays where it is, with all that was entered."""
        talk = FormTurn(turn, self.topic, moment_of(turn.tracker, self.form))
        if turn.customer_id is None:
            return self._without_customer(talk)
        talk.asking = talk.pending or self.steps[0].slot
        try:
            self._go_on(talk)
        except BankError as error:
            self._say_failure(talk, error)
        if talk.over:
            self._offer_parked(talk)
        return talk.events()

    def _go_on(self, talk: FormTurn) -> None:
        """Read, settle what can be settled, ask for the next. Raises `BankError`."""
        try:
            self._read(talk)
            for step in self._open_steps(talk):
                talk.asking = step.slot
                if not step.settle(talk):
                    self._ask(step, talk)
                    break
        except NotOffered as error:
            if self.instead is None:
                tell_not_offered(talk.turn.dispatcher, error, self.name())
            else:
                self._answer_instead(talk, self.instead)
            talk.end()

    @staticmethod
    def _answer_instead(talk: FormTurn, action: Type[CardAction]) -> None:
        """What can be said where the request cannot be made. Drops what was said before in this turn."""
        talk.turn.dispatcher.messages.clear()
        for event in action(talk.turn.bank).answer(talk.turn):
            talk[event["name"]] = event["value"]

    def _open_steps(self, talk: FormTurn) -> Iterator[Step]:
        """The first step that is not done, again and again until the request is over."""
        while not talk.over:
            step = next((step for step in self.steps if talk[step.slot] is None), None)
            if step is None:
                talk.end()
            else:
                yield step

    def _read(self, talk: FormTurn) -> None:
        """Take what the message holds, and choose the manner of asking on."""
        if talk.moment is Moment.STARTED:
            self._open(talk)
            if not talk.turn.can(STARTED_BY[self.form]) or not talk.turn.has(self.needs):
                raise NotOffered(self.form, "not-offered", 501)  # before anything is asked of the customer
        if talk.moment is Moment.INTERRUPTED:
            talk.manner = Manner.AGAIN
            # Who asks one thing after another has not forgotten the request, and is not pressed.
            count = interruptions(talk.turn.tracker.events, self.form)
            talk.asked = count > _ASKED_EACH_TIME and count % _THEN_EACH != 0
        elif talk.pending == RECEIPT:
            talk.manner = Manner.AGAIN  # what was sent may have reached the bank: nothing can change any more
        elif self._only_asks_cost(talk) and talk.pending and not self._step(talk.pending).shows_cost:
            talk.say("utter_cost_follows")
            talk.manner = Manner.AGAIN
        elif talk.moment is Moment.RETRIED or talk.intent == "repeat" or self._only_asks_cost(talk):
            talk.manner = Manner.FIRST
            if talk.pending == "confirmed":
                talk.void()  # what is shown in full is fetched anew
        elif talk.intent == "explain_why" and talk.pending:
            talk.say(f"utter_why_{talk.pending}", **self._step(talk.pending).values(talk))
            talk.manner = Manner.AGAIN
        else:
            self._take(talk)

    def _take(self, talk: FormTurn) -> None:
        readers = self._readers(talk)
        talk.meant = _meant(talk, readers)
        taken = [step.read(talk) for step in readers]
        self.respond(talk)
        self._acknowledge(
            talk, [step.slot for step, took in zip(readers, taken, strict=True) if took and step in self.steps]
        )
        if any(taken) or self._reopen(talk):
            talk[MISSES] = 0
            talk.manner = Manner.AGAIN
        elif talk.moment is Moment.ANSWERED and talk.intent not in ("affirm", STARTED_BY[self.form], *self.own_intents):
            talk[MISSES] = int(talk[MISSES] or 0) + 1
            talk.manner = Manner.MISSED
        else:
            talk.manner = Manner.AGAIN

    def _only_asks_cost(self, talk: FormTurn) -> bool:
        """Whether the message asks for the whole cost, which is shown with the question, and answers nothing."""
        answers = {step.entity for step in (*self.steps, *self.volunteered)}
        named = {entity["entity"] for entity in talk.named}
        return "cost" in named and not named & answers and talk.moment is Moment.ANSWERED

    def _acknowledge(self, talk: FormTurn, taken: Sequence[str]) -> None:
        """Something else than what was asked has been taken, and the question stays: say that it was heard."""
        if talk.moment is not Moment.ANSWERED or talk.pending not in ENTERED or talk[talk.pending] is not None:
            return
        shown = (talk.pending, *self._step(talk.pending).shows)  # what the question itself shows needs no word
        if any(slot not in shown and talk.changed(slot) for slot in taken) and not talk.turn.dispatcher.messages:
            talk.say("utter_noted")

    def respond(self, talk: FormTurn) -> None:
        """Called when the message has been read, before the next step is settled. Raises `BankError`."""

    def _readers(self, talk: FormTurn) -> Sequence[Step]:
        """Who reads the message: a message that holds a one-time code is nothing else (an amount, say)."""
        pending = next((step for step in self.steps if step.slot == talk.pending), None)
        if pending and pending.claims(talk):
            return [pending]
        return [*self.steps, *self.volunteered]

    def _reopen(self, talk: FormTurn) -> bool:
        """Ask anew what the customer wants to change (`field` names the slot); whether there was something."""
        wished = talk.entities("field")
        named = [step.slot for step in self.steps if step.slot in ENTERED and step.slot in wished]
        for slot in named:
            talk.enter(slot, None)
        return bool(named)

    def _ask(self, step: Step, talk: FormTurn) -> None:
        if talk.asked:
            return
        if step.slot != talk.pending or talk.voided or talk.changed(*step.shows):
            talk.manner = Manner.FIRST  # the question is new, or about something new
        step.ask(talk)

    def _step(self, slot: str) -> Step:
        return next(step for step in self.steps if step.slot == slot)

    def _open(self, talk: FormTurn) -> None:
        """Begin: put away the request that this one takes the place of, take up this one if it was put away."""
        parked = [*(talk[PARKED] or [])]
        left = form_left(talk.turn.tracker, self.form)
        if left:
            unclear = talk.turn.slot(REQUESTED_SLOT) == RECEIPT
            said = "utter_request_left_unclear" if unclear else "utter_request_left"
            talk.say(said, request=label("request", topic_of(left)))
            parked = [entry for entry in parked if entry["form"] != left]
            parked.append({"form": left, "slots": worth_keeping(talk)})
        talk.forget()
        for entry in parked:
            if entry["form"] == self.form:
                talk.say("utter_request_resumed", request=label("request", self.topic))
                talk.changes.update(entry["slots"])
        talk[PARKED] = [entry for entry in parked if entry["form"] != self.form] or None
        talk["failed_action"] = None

    def _offer_parked(self, talk: FormTurn) -> None:
        if talk[PARKED]:
            talk.say("utter_request_waiting", **parked_values(talk[PARKED]))

    def _without_customer(self, talk: FormTurn) -> Events:
        """Invite to sign in. A session that ran out stays where it was; a visitor's request does not begin."""
        expired = identity_of(talk.turn.tracker).expired
        if talk.moment is Moment.STARTED and not expired:
            if self.instead:
                self._answer_instead(talk, self.instead)
            else:
                ask_to_sign_in(talk.turn.dispatcher, expired=False)
            talk.end()
            return talk.events()
        if talk.moment is not Moment.INTERRUPTED:
            talk.say("utter_sign_in_to_go_on", request=label("request", self.topic))
        if talk.moment is Moment.STARTED:
            self._open(talk)
        talk.asking = talk.pending or self.steps[0].slot
        return talk.events()

    def _say_failure(self, talk: FormTurn, error: BankError) -> None:
        """Say that it did not work, that nothing entered is lost, and what to do; log why."""
        logger.warning("%s: the bank did not answer as needed: %s: %s", self.name(), type(error).__name__, error)
        if talk.moment is Moment.INTERRUPTED and talk.turn.slot("failed_action"):
            return  # it was said a moment ago
        talk["failed_action"] = None  # trying again goes on with this form
        if talk.asking == RECEIPT:
            talk.say("utter_filing_unclear", request=label("request", self.topic))
        else:
            again = bank_just_failed(talk.turn.tracker)
            talk.say("utter_request_kept_again" if again else "utter_request_kept")


def moment_of(tracker: Tracker, form: str) -> Moment:
    """Why `form` runs now, from what has happened since the customer's message."""
    since = since_message(tracker.events)
    if any(event["event"] == "active_loop" and event.get("name") == form for event in since):
        return Moment.STARTED
    others = [event["name"] for event in since if event["event"] == "action" and event["name"] != form]
    if others == [ACTION_RETRY]:
        return Moment.RETRIED  # nothing else had failed
    return Moment.INTERRUPTED if others else Moment.ANSWERED


def interruptions(events: Sequence[Mapping[str, Any]], form: str) -> int:
    """How many of the customer's latest messages, this one included, were answered by something else than the form."""
    count, interrupted = 0, False
    for event in reversed(events):
        kind = event.get("event")
        if kind == "action" and event.get("name") not in (form, f"validate_{form}", "action_listen"):
            interrupted = True
        elif kind == "active_loop" and event.get("name") == form:
            return count
        elif kind == "user":
            if not interrupted:
                return count
            count, interrupted = count + 1, False
    return count


def _meant(talk: FormTurn, readers: Sequence[Step]) -> List[Dict[str, Any]]:
    """The entities of the message; of those that read the same characters, the one that the request needs.

    That is the one asked for, else the first that a step can use, in the order of the steps.
    """
    by_place: Dict[Any, List[Dict[str, Any]]] = {}
    for entity in talk.named:
        # The entities of a button all stand at the same place, and each is meant.
        place = len(by_place) if talk.pressed else (entity.get("start"), entity.get("end"))
        by_place.setdefault(place, []).append(entity)
    asked_first = sorted(readers, key=lambda step: step.slot != talk.pending)
    chosen = [_chosen(talk, asked_first, rivals) for rivals in by_place.values()]
    return [entity for entity in chosen if entity]


def _chosen(talk: FormTurn, readers: Sequence[Step], rivals: List[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    if len(rivals) == 1:
        return rivals[0]
    for step in readers:
        for entity in rivals:
            if entity["entity"] == step.entity and (step.slot == talk.pending or step.fits(talk, entity["value"])):
                return entity
    return None
