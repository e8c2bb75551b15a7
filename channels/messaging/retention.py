"""What messaging keeps for how long. Conversations are kept by Rasa; here is only what answering and sending need."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messaging.tables import choices, inbox, links, outbox, templates

_DAY = 24 * 3600.0
DELIVERED_AGAIN_SECONDS = 7 * _DAY  # services deliver what they think was not taken for at most three days
PRESSED_SECONDS = 30 * _DAY  # an old button in a chat still works
_OPEN = ("waiting", "held")


def forget(connection: Connection, now: float) -> None:
    """Delete what is answered, sent or over and nobody will ask for again."""
    old = now - DELIVERED_AGAIN_SECONDS
    connection.execute(sa.delete(inbox).where(inbox.c.done, inbox.c.received_at < old))
    connection.execute(sa.delete(outbox).where(outbox.c.state.not_in(_OPEN), outbox.c.created_at < old))
    connection.execute(sa.delete(templates).where(templates.c.sent_at < old))
    connection.execute(sa.delete(choices).where(choices.c.offered_at < now - PRESSED_SECONDS))
    connection.execute(sa.delete(links).where(links.c.expires_at < now - _DAY))
