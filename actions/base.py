"""The ground on which every action stands: who asks, the bank, what to say when something fails.

An action's `answer` blocks while the bank answers, so it runs on a thread of its own and the action server goes on.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Collection, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import bank_just_failed
from actions.customer import identity_of
from actions.offers import offers_of
from bank.client import BankClient, bank_client
from bank.errors import BankError, NotOffered
from common import metrics
from common.log import conversation_id

logger = logging.getLogger(__name__)

Events = List[Dict[str, Any]]


@dataclass(frozen=True)
class Turn:
    """One run of an action: what came in, whom to ask, and how to answer."""

    dispatcher: CollectingDispatcher
    tracker: Tracker
    domain: DomainDict
    bank: BankClient
    customer_id: Optional[str]  # verified, or None

    @property
    def text(self) -> str:
        """The message as the customer wrote it; empty if a button was pressed."""
        text = str(self.tracker.latest_message.get("text") or "")
        return "" if text.startswith("/") else text

    @property
    def intent(self) -> str:
        """The reading of the message; empty if it has none."""
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    def say(self, response: str, **values: Any) -> None:
        """Answer with a response of the domain; `values` as in `actions.values`."""
        self.dispatcher.utter_message(response=response, **values)

    def slot(self, name: str) -> Any:
        """The value of a slot."""
        return self.tracker.get_slot(name)

    def entity(self, name: str) -> Optional[str]:
        """The value of the first entity `name` in the latest message."""
        return next(self.tracker.get_latest_entity_values(name), None)

    def can(self, intent: str) -> bool:
        """Whether the bank offers what it takes to answer this intent."""
        return offers_of(self.bank).can(intent)

    def has(self, operations: Collection[str]) -> bool:
        """Whether the bank offers all of these operations."""
        return offers_of(self.bank).has(operations)

    def customer(self) -> str:
        """The verified customer's id; only where the action demands one (`needs_customer`)."""
        if self.customer_id is None:
            raise PermissionError("no verified customer in this conversation")
        return self.customer_id


class BankAction(Action, ABC):
    """An action that may ask the bank.

    With `needs_customer` (the default) an anonymous visitor is invited to sign in and `answer` is not called.
    """

    needs_customer: ClassVar[bool] = True

    def __init__(self, bank: Optional[BankClient] = None) -> None:
        self._bank = bank

    @abstractmethod
    def name(self) -> str:
        """As in the domain."""

    @abstractmethod
    def answer(self, turn: Turn) -> Events:
        """Answer the customer; returns Rasa events.

        May raise `BankError`: the customer is told and can try again; what was said before in this turn is dropped.
        """

    def remembered(self, turn: Turn) -> Events:
        """What the message tells that is not to be lost, whether the bank answers or not."""
        return []

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Called by the action server."""
        conversation_id.set(tracker.sender_id)
        bank = self._bank or bank_client()
        events = await self._answer(Turn(dispatcher, tracker, domain, bank, identity_of(tracker).customer_id))
        missing = await asyncio.to_thread(offers_of(bank).missing)
        for message in dispatcher.messages:
            message["not_offered"] = missing  # intents whose buttons are left out
        return events

    async def _answer(self, turn: Turn) -> Events:
        if self.needs_customer and turn.customer_id is None:
            ask_to_sign_in(turn.dispatcher, expired=identity_of(turn.tracker).expired)
            return []
        try:
            return await asyncio.to_thread(self.answer, turn)
        except NotOffered as error:
            tell_not_offered(turn.dispatcher, error, self.name())
            return []
        except Exception as error:  # the customer must never be left without an answer
            tell_failure(turn, error, self.name())
            return [SlotSet("failed_action", self.name()), *self.remembered(turn)]


def ask_to_sign_in(dispatcher: CollectingDispatcher, *, expired: bool) -> None:
    """Invite the customer to sign in (again)."""
    dispatcher.utter_message(response="utter_sign_in_expired" if expired else "utter_sign_in_needed")


def tell_not_offered(dispatcher: CollectingDispatcher, error: NotOffered, where: str) -> None:
    """Say that this bank does not offer it here, and what to do instead. Drops what was said before in this turn."""
    logger.info("%s: %s", where, error)
    metrics.ACTION_FAILURES.labels(where, "not_offered").inc()
    dispatcher.messages.clear()
    dispatcher.utter_message(response="utter_not_offered")


def tell_failure(turn: Turn, error: Exception, where: str) -> None:
    """Say plainly that it did not work and what to do next; log why. Drops what was said before in this turn."""
    turn.dispatcher.messages.clear()
    metrics.ACTION_FAILURES.labels(where, "bank" if isinstance(error, BankError) else "fault").inc()
    if isinstance(error, BankError):
        logger.warning("%s: the bank did not answer as needed: %s: %s", where, type(error).__name__, error)
        again = bank_just_failed(turn.tracker)
        turn.say("utter_bank_unavailable_again" if again else "utter_bank_unavailable")
    else:
        logger.error("%s failed", where, exc_info=error)
        turn.say("utter_technical_problem")
