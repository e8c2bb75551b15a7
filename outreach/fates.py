"""Messages that messaging services let through or not: asked for after they were put on their way.

What is neither sent nor refused after some minutes is taken back, so that it does not arrive long after its time.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from bank.models import ContactChannel
from channels.conversations import Conversations
from common import clock
from common.database import Database
from outreach.answers import Answers
from outreach.inbound import Report
from outreach.journal import MessageState
from outreach.senders.base import TryLater
from outreach.senders.messaging import MessagingSender
from outreach.tables import messages

logger = logging.getLogger(__name__)

_GIVE_UP_AFTER = timedelta(minutes=5)
_AT_ONCE = 100


class Fates:
    """`work` blocks and may be called at any time; several processes may do so."""

    def __init__(
        self, database: Database, sender: MessagingSender, conversations: Conversations, answers: Answers
    ) -> None:
        self._database = database
        self._sender = sender
        self._conversations = conversations
        self._answers = answers

    def work(self) -> int:
        """Ask for every message of which it is not known; of how many it is now."""
        there = sa.and_(messages.c.channel == ContactChannel.WECHAT.value, messages.c.gateway_id.is_not(None))
        open_ones = sa.select(messages).where(there, messages.c.state == MessageState.SENT.value)
        with self._database.reading() as connection:
            found = connection.execute(open_ones.order_by(messages.c.at).limit(_AT_ONCE)).all()
        try:
            return sum(self._look(row) for row in found)
        except TryLater as error:
            logger.warning("it is not known what became of messages: %s", error)
            return 0

    def _look(self, row: sa.engine.Row) -> bool:
        late = clock.now() - row.at >= _GIVE_UP_AFTER
        conversation_id = self._conversations.of_customer(row.customer_id)
        state = self._sender.fate(row.gateway_id, conversation_id, row.id, give_up=late)
        if state in ("waiting", "held") or (state is None and not late):
            return False
        return self._answers.take_report(Report(row.id, None, state == "sent"))
