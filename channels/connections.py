"""What the server knows of one open socket. The browser can change none of it but the language."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Dict, Optional

from channels.identity import Identity

_PER_SECOND = 1.0


@dataclass
class Allowance:
    """A token bucket: `burst` events at once, then one a second."""

    burst: int
    left: float = field(init=False)
    since: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.left = self.burst

    def take(self) -> bool:
        """Use one event; false if there is none left just now."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.since) * _PER_SECOND)
        self.since = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(frozen=True)
class Sender:
    """Who sent a message, frozen at the moment when it was taken."""

    socket_id: str
    conversation_id: str
    identity: Optional[Identity]
    identity_problem: Optional[str]
    language: Optional[str]

    def metadata(self) -> Dict[str, Any]:
        """What Rasa's trackers keep with the message and what actions trust."""
        metadata: Dict[str, Any] = {}
        if self.identity:
            metadata["identity"] = {
                "customer_id": self.identity.customer_id,
                "expires_at": self.identity.expires_at,
            }
        if self.identity_problem:
            metadata["identity_problem"] = self.identity_problem
        if self.language:
            metadata["language"] = self.language
        return metadata


@dataclass
class Connection:
    """One socket: its conversation, and who is behind it. Without a conversation it hears and says nothing."""

    socket_id: str
    allowance: Allowance
    conversation_id: Optional[str] = None
    session_id: Optional[str] = None
    identity: Optional[Identity] = None
    identity_problem: Optional[str] = None
    language: Optional[str] = None
    with_people: bool = False  # a person has the conversation or is on the way, as far as the desk has told
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while it moves to another conversation
    expiry: Optional[asyncio.TimerHandle] = None

    def identity_is_over(self) -> bool:
        """Whether there was an identity whose time has run out."""
        return self.identity is not None and self.identity.expires_at <= time.time()

    def sender(self) -> Optional[Sender]:
        """Who would be the sender of a message now; `None` outside a conversation."""
        if self.conversation_id is None:
            return None
        return Sender(self.socket_id, self.conversation_id, self.identity, self.identity_problem, self.language)

    def forget_expiry(self) -> None:
        """Stop waiting for the end of the identity."""
        if self.expiry:
            self.expiry.cancel()
            self.expiry = None
