"""The desk's tables: what is known of conversations, and what is on its way to the assistant.

Stores of earlier versions get a missing column on first use: one added later has a default or may be empty.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from common.database import Moment
from desk.people.tables import metadata

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what is called INTEGER


def _key() -> Any:
    return sa.Column("id", _BIG, primary_key=True, autoincrement=True)


def _conversation() -> Any:
    return sa.Column("conversation_id", sa.String(255), nullable=False)


#: Hand-overs: who wanted a person, when, why, and what came of it.
handovers = sa.Table(
    "desk_handovers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _conversation(),
    sa.Column("customer_id", sa.String(255), index=True),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("trigger", sa.String(64), nullable=False, server_default="asked_for"),
    sa.Column("priority", sa.String(16), nullable=False, server_default="normal"),
    sa.Column("reference", sa.String(32)),
    sa.Column("callback_from", Moment),
    sa.Column("callback_until", Moment),
    sa.Column("notes", sa.JSON(none_as_null=True)),
    sa.Column("outcome", sa.String(64)),
    sa.Column("closing_reason", sa.Text),
    sa.Column("agent_id", sa.Integer),  # who had it at the end
    sa.Column("agent_name", sa.String(64)),
    sa.Column("answered_at", Moment),  # the first word of an agent
    sa.Column("at_bank", sa.String(16), index=True),  # due, open, closed, refused; none: the bank is not told of it
    sa.Column("bank_reference", sa.String(128)),  # by which the bank knows it
    sa.Column("bank_told", sa.JSON(none_as_null=True)),  # in which words: a repetition has to be the same
)
sa.Index(
    "desk_handovers_one_open",
    handovers.c.conversation_id,
    unique=True,
    sqlite_where=handovers.c.closed_at.is_(None),
    postgresql_where=handovers.c.closed_at.is_(None),
)

conversations = sa.Table(
    "desk_conversations",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),  # of `desk.states.State`
    sa.Column("since", Moment, nullable=False),  # in this state
    sa.Column("channel", sa.String(32), nullable=False, server_default="webchat"),
    sa.Column("customer_id", sa.String(255), index=True),
    sa.Column("customer_name", sa.String(255)),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("handover_id", sa.Integer),  # the open one, or the last
    sa.Column("agent_id", sa.Integer, index=True),  # who has it; also desk_agents.display_name at that moment:
    sa.Column("agent_name", sa.String(64)),
    sa.Column("skill", sa.String(64)),  # which whoever takes it must have
    sa.Column("asked_at", Moment),  # since when the customer waits for the first word of an agent, or for the next one
    sa.Column("told_at", Moment),  # when a waiting customer heard last how long it will take
    sa.Column("unread", sa.Integer, nullable=False, server_default="0"),  # of the customer, unseen by who has it
    sa.Column("last_text", sa.Text),
    sa.Column("last_sender", sa.String(16)),
    sa.Column("last_at", Moment, index=True),
    sa.Column("facts", sa.JSON(none_as_null=True)),  # slots that the feed tells
)

#: Everything that was said, written by agents for each other, or told by the desk.
messages = sa.Table(
    "desk_messages",
    metadata,
    _key(),
    _conversation(),
    sa.Column("sender", sa.String(16), nullable=False),  # user, bot, agent, system, note, whisper
    sa.Column("agent_id", sa.Integer),
    sa.Column("agent_name", sa.String(64)),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("shown", sa.JSON(none_as_null=True)),  # beside the text: buttons, card, link, file
    sa.Column("at", Moment, nullable=False),
    sa.Column("message_id", sa.String(64)),
    sa.Column("delivery", sa.String(16)),  # of what the desk sends: sending, sent, failed, refused
    sa.UniqueConstraint("conversation_id", "message_id"),
    sa.Index("desk_messages_of_conversation", "conversation_id", "id"),
)

#: Every move of every conversation.
transitions = sa.Table(
    "desk_transitions",
    metadata,
    _key(),
    _conversation(),
    sa.Column("move", sa.String(32), nullable=False),
    sa.Column("before", sa.String(16), nullable=False),
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("who", sa.String(64), nullable=False),  # an agent's display name, `customer` or `desk`
    sa.Column("agent_id", sa.Integer),  # who did it, if it was an agent
    sa.Column("to_agent_id", sa.Integer),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Moment, nullable=False),
    sa.Index("desk_transitions_of_conversation", "conversation_id", "id"),
    sa.Index("desk_transitions_of_agent", "to_agent_id"),
)

#: What the assistant is still to be told, of each conversation in the order of `id`.
outbox = sa.Table(
    "desk_outbox",
    metadata,
    _key(),
    _conversation(),
    sa.Column("message_id", sa.String(64), nullable=False, unique=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("events", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, sent, refused
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("doubtful", sa.Boolean, nullable=False, server_default=sa.false()),  # an attempt may have arrived
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("desk_outbox_due", "state", "conversation_id", "id"),
)

files = sa.Table(
    "desk_files",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    _conversation(),
    sa.Column("agent_id", sa.Integer, nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("content_type", sa.String(64), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # bytes
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

tags = sa.Table(
    "desk_tags",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("tag", sa.String(32), primary_key=True),
)

callbacks = sa.Table(
    "desk_callbacks",
    metadata,
    _key(),
    _conversation(),
    sa.Column("earliest", Moment, nullable=False),
    sa.Column("latest", Moment, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("agent_id", sa.Integer, nullable=False),
    sa.Column("agent_name", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("done_at", Moment, index=True),
)

ratings = sa.Table(
    "desk_ratings",
    metadata,
    sa.Column("handover_id", sa.Integer, primary_key=True, autoincrement=False),
    _conversation(),
    sa.Column("stars", sa.Integer, nullable=False),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Moment, nullable=False),
)

#: What customers think of what the assistant did by itself: one for each time that it was asked.
assistant_ratings = sa.Table(
    "desk_assistant_ratings",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("asked", sa.String(32), primary_key=True),  # of `common.rating.rating_key`
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("stars", sa.Integer, nullable=False),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.Column("at", Moment, nullable=False),
)

#: How far a feed has been read.
positions = sa.Table(
    "desk_positions",
    metadata,
    sa.Column("feed", sa.String(32), primary_key=True),
    sa.Column("read_until", _BIG, nullable=False),
)

__all__ = [
    "assistant_ratings",
    "callbacks",
    "conversations",
    "files",
    "handovers",
    "messages",
    "metadata",
    "outbox",
    "positions",
    "ratings",
    "tags",
    "transitions",
]

#: Calls that agents make just now; the tasks themselves are outreach's.
calls = sa.Table(
    "desk_calls",
    metadata,
    sa.Column("task_id", sa.String(64), primary_key=True),
    sa.Column("agent_id", sa.Integer, nullable=False, index=True),
    sa.Column("conversation_id", sa.String(255), nullable=False, index=True),  # the customer's
    sa.Column("customer_id", sa.String(255), nullable=False),
    sa.Column("until", Moment, nullable=False),  # from then on others may make it
)
