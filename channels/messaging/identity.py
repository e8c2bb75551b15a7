"""Who a person on a messaging service is to the bank, and which conversation follows from that.

The bank's word holds for a short time, kept in the database for all processes. While the bank does not answer, its last
word goes on for as long as an identity token of a web page would; after that nobody is identified, but the
conversation stays the one that it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from typing import Callable, Optional, Tuple

from bank.client import BankClient
from bank.errors import BankError, NotFound, NotOffered
from bank.models import MessagingChannel, MessagingIdentity
from channels.connections import Sender
from channels.conversations import Conversations
from channels.identity import Identity
from channels.messaging import people
from channels.messaging.people import Person
from channels.messaging.store import Store
from common import clock

logger = logging.getLogger(__name__)

FRESH_SECONDS = 30.0  # for so long the bank is not asked again
TRUSTED_SECONDS = 600.0  # for so long its last word holds if it does not answer, and for so long a turn may use it


@dataclass(frozen=True)
class Known:
    """Who somebody is: `customer_id` is none for whom the bank does not know there."""

    customer_id: Optional[str]
    until: float  # seconds since the epoch
    problem: Optional[str] = None  # `expired`: it was a customer, and the bank could not be asked for too long


class Identities:
    """Asks the bank. `figures`: whether the bank allows account data on this service; if not, no message proves who
    sent it, but customers are known all the same, so that it is one conversation.
    """

    def __init__(
        self,
        bank: BankClient,
        store: Store,
        conversations: Conversations,
        *,
        figures: bool,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._bank = bank
        self._store = store
        self._conversations = conversations
        self._figures = figures
        self._now = now

    async def sender(self, person: Person, conversation_id: Optional[str] = None) -> Tuple[Sender, Known]:
        """The sender of a message, in `conversation_id` if an answer to it was begun there. Raises no `BankError`."""
        known = await self.known(person)
        own = self.conversation(person, known)
        identity = None
        if known.customer_id and self._figures and (conversation_id is None or conversation_id == own):
            identity = Identity(known.customer_id, known.until)
        problem = known.problem if self._figures else None
        return Sender("", conversation_id or own, identity, problem, None), known

    def conversation(self, person: Person, known: Known) -> str:
        """Where this person's messages belong."""
        if known.customer_id:
            return self._conversations.of_customer(known.customer_id)
        if known.problem and person.conversation_id:
            return person.conversation_id
        address = person.address
        return self._conversations.of_address(address.platform, address.account, address.subject)

    async def known(self, person: Person) -> Known:
        """Whom the bank takes this person for."""
        now = self._now()
        if now - person.identified_at < FRESH_SECONDS:
            return Known(person.customer_id, now + TRUSTED_SECONDS)
        try:
            link = await asyncio.to_thread(self._find, person)
        except BankError as error:
            logger.warning("the bank did not say who wrote: %s", type(error).__name__)
            if person.customer_id is None:
                return Known(None, 0.0)
            end = person.identified_at + TRUSTED_SECONDS
            return Known(person.customer_id, end) if now < end else Known(None, 0.0, "expired")
        customer_id = link.customer_id if link else None
        await self._store.write(people.identified, person.id, customer_id, now)
        return Known(customer_id, now + min(TRUSTED_SECONDS, _seconds_left(link)))

    async def unlink(self, person: Person, key: str) -> None:
        """Have the bank end the link, if there is one. Raises `BankError`."""
        link = await asyncio.to_thread(self._find, person)
        if link is not None:
            await asyncio.to_thread(self._end, link, key)
        await self._store.write(people.identified, person.id, None, self._now())

    def _end(self, link: MessagingIdentity, key: str) -> None:
        with contextlib.suppress(NotFound):
            self._bank.unlink_identity(link.customer_id, link.id, idempotency_key=key)

    def _find(self, person: Person) -> Optional[MessagingIdentity]:
        address = person.address
        try:
            return self._bank.find_identity(
                channel=MessagingChannel(address.platform), account=address.account, subject=address.subject
            )
        except (NotFound, NotOffered):
            return None


def _seconds_left(link: Optional[MessagingIdentity]) -> float:
    if link is None or link.expires_at is None:
        return TRUSTED_SECONDS
    return max((link.expires_at - clock.now()).total_seconds(), 0.0)
