"""Where customers are handed over to: what the rest of the desk needs of it, whichever it is.

`DESK_PROVIDER` names one of two: this desk, whose agents have open consoles, or Chatwoot (`desk.chatwoot`). State,
transcript, pausing of the assistant and delivery of replies are the desk's in both cases; the two differ in who is
there, in who gives conversations to agents, and in how messages reach them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Mapping, Protocol

from sqlalchemy.engine import Connection

from common.settings import settings
from desk.staffing import OwnDesk, Place


class HandoverDesk(Protocol):
    """Where people take over. Methods read in the transaction of a connection."""

    #: Whether the desk gives waiting conversations to agents by its own rules.
    assigns: bool

    def is_staffed(self, connection: Connection) -> bool:
        """Whether a customer who asks for a person now will have one: if not, the wish is kept for later."""

    def places(self, connection: Connection) -> Mapping[str, Place]:
        """Where each waiting conversation stands in the queue; without those of which it is not known."""


@lru_cache(maxsize=1)
def handover_desk() -> HandoverDesk:
    """The one that the settings name."""
    if settings().desk_provider == "chatwoot":
        from desk.chatwoot.staffing import ChatwootDesk

        return ChatwootDesk()
    return OwnDesk()
