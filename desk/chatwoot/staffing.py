"""Who is there, where Chatwoot's agents answer: Chatwoot has the queue, the desk knows its service hours."""

from __future__ import annotations

from typing import Dict

from sqlalchemy.engine import Connection

from common import clock
from desk import calendar
from desk.staffing import Place


class ChatwootDesk:
    """Chatwoot assigns by its own rules and tells nobody's place in its queue."""

    assigns = False

    def is_staffed(self, connection: Connection) -> bool:
        """In service hours somebody is."""
        return calendar.is_open(clock.now())

    def places(self, connection: Connection) -> Dict[str, Place]:
        """None is known."""
        return {}
