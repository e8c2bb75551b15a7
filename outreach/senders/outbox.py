"""The default without any gateway: what would be sent can be read at the outbox page, where every message is."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

from bank.models import ContactAddresses, ContactChannel
from outreach.senders.base import Outgoing, Sent


class OutboxSender:
    """Sends nothing further: the message is in the table of messages already."""

    repeatable = True

    def __init__(self, channel: ContactChannel) -> None:
        self._channel = channel

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """The customer's own, as with a gateway."""
        return addresses.email if self._channel is ContactChannel.EMAIL else addresses.phone

    def send(self, outgoing: Outgoing) -> Sent:
        """Done."""
        return Sent()

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """Nothing was given away that could be asked about."""
        return False
