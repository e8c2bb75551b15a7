"""Who works at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, Optional, Tuple

#: Each may do what those before it may.
ROLES = ("agent", "supervisor", "administrator")
#: Whether an agent takes conversations.
STATUSES = ("available", "away")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Agent:
    """An account at the desk."""

    id: int
    name: str  # by which the agent signs in, in lower case
    display_name: str  # what customers and colleagues see
    role: str  # one of `ROLES`
    languages: Tuple[str, ...]
    skills: Tuple[str, ...]  # names of topics, as of hand-over reasons
    capacity: int  # conversations at the same time
    status: str  # one of `STATUSES`
    active: bool  # whether the account may sign in
    must_change_password: bool
    last_seen_at: Optional[datetime]  # heartbeat of an open console
    auto_assign: bool  # whether the desk gives the agent conversations; else the agent claims them
    password_expires_at: Optional[datetime]  # of a one-time password; none: it does not

    def may(self, role: str) -> bool:
        """Whether the agent's role is `role` or more."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def as_json(self) -> Dict[str, Any]:
        """What the console may know of the account."""
        return {
            "id": self.id,
            "name": self.name,
            "display_name": self.display_name,
            "role": self.role,
            "languages": list(self.languages),
            "skills": list(self.skills),
            "capacity": self.capacity,
            "status": self.status,
            "active": self.active,
            "auto_assign": self.auto_assign,
        }
