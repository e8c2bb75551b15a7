"""What every way to a customer has in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Mapping, Optional, Protocol

from bank.models import ContactAddresses, ContactChannel, ContactKind, ContactOutcome, ContactPreferences
from outreach.texts import Rendered


class SendingFailed(Exception):
    """The message did not go out. Texts hold no address."""


class TryLater(SendingFailed):
    """Not now; the same may go out in some minutes."""


class Refused(SendingFailed):
    """Never to this address, or never this message."""


class NotThisWay(SendingFailed):
    """This way is closed to us now, and nothing was tried; another one may do."""


class Doubtful(SendingFailed):
    """It may have gone out or not."""


@dataclass(frozen=True)
class Outgoing:
    """One message, on its way to one customer."""

    id: str  # the same in every attempt
    contact_id: str
    customer_id: str
    card_id: str
    last4: str  # of the card
    step: str
    address: str
    rendered: Rendered
    at: datetime
    kind: ContactKind
    preferences: ContactPreferences
    call_until: datetime  # after which a call is of no use


@dataclass(frozen=True)
class Sent:
    """The gateway has it."""

    gateway_id: Optional[str] = None
    outcome: ContactOutcome = ContactOutcome.SENT


class Sender(Protocol):
    """One way to customers. Methods block and may run on any thread."""

    #: Whether sending a message once more under its id shows it to the customer only once.
    repeatable: bool

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """Where the customer is reached this way; None if nowhere."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Give it to the gateway. Raises `SendingFailed`."""

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """Whether the gateway has a message of an attempt at `at`; None if nobody can say. Raises `TryLater`."""


Senders = Mapping[ContactChannel, Sender]


def masked(address: str) -> str:
    """An address as people may read it: `c***@bank.example`, `****2046`."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if at else f"****{address[-4:]}"
