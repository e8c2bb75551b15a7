"""Tables of messaging. Moments are seconds since the epoch, by the clock of this machine or, where it says so, of the
service: leases and quotas run by real time, whatever day the bank's clock is set to.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what is called INTEGER


def _key() -> Any:
    return sa.Column("id", _BIG, primary_key=True, autoincrement=True)


def _person() -> Any:
    return sa.Column("person_id", _BIG, nullable=False)


def _moment(name: str) -> Any:
    return sa.Column(name, sa.Float(precision=53), nullable=False, server_default="0")


#: Who writes: one row for an address, with who works for it and what may still be sent to it.
people = sa.Table(
    "messaging_people",
    metadata,
    _key(),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(128), nullable=False),
    sa.Column("conversation_id", sa.String(255), index=True),  # of the last message
    sa.Column("customer_id", sa.String(255)),  # as the bank said at `identified_at`; none: not linked
    _moment("identified_at"),
    sa.Column("leased_by", sa.String(64)),
    _moment("leased_until"),
    _moment("wrote_at"),  # the last message, by the service's clock, and how many of ours followed it
    sa.Column("sent_since", sa.Integer, nullable=False, server_default="0"),
    _moment("pressed_at"),  # the last press on the account's menu, following, or entering; likewise
    sa.Column("sent_since_press", sa.Integer, nullable=False, server_default="0"),
    sa.Column("elsewhere", sa.Boolean, nullable=False, server_default=sa.false()),  # with people of the service's own
    sa.UniqueConstraint("platform", "account", "subject"),
)

#: What came. A row is `done` in the transaction that puts its answer into the outbox.
inbox = sa.Table(
    "messaging_inbox",
    metadata,
    _key(),
    _person(),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("key", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("media_id", sa.String(255)),
    sa.Column("extra", sa.JSON, nullable=False),
    _moment("sent_at"),  # by the service's clock
    _moment("received_at"),
    sa.Column("conversation_id", sa.String(255)),  # set before the first attempt to answer, and never changed
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _moment("next_at"),
    sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("platform", "account", "key"),
)
sa.Index(
    "messaging_inbox_waiting",
    inbox.c.person_id,
    inbox.c.sent_at,
    sqlite_where=inbox.c.done.is_(False),
    postgresql_where=inbox.c.done.is_(False),
)

#: What is to be sent: `waiting`; `held` until the customer writes; `sent`; `merged` into the one before; `dropped`.
outbox = sa.Table(
    "messaging_outbox",
    metadata,
    _key(),
    _person(),
    sa.Column("conversation_id", sa.String(255), nullable=False, index=True),
    sa.Column("key", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("choices", sa.JSON, nullable=False),  # [[id, title], …]
    sa.Column("state", sa.String(8), nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _moment("next_at"),
    _moment("created_at"),
    _moment("sent_at"),
    sa.Column("problem", sa.String(64)),  # why it is held or was dropped
    sa.Column("only_now", sa.Boolean, nullable=False, server_default=sa.false()),  # dropped instead of being held
    sa.Column("passes", sa.String(16), nullable=False, server_default=""),  # as of `Sendable`
    sa.Column("document", sa.JSON(none_as_null=True)),  # the fields of `Document`
    sa.UniqueConstraint("person_id", "key"),
)
sa.Index(
    "messaging_outbox_open",
    outbox.c.person_id,
    outbox.c.id,
    sqlite_where=outbox.c.state.in_(["waiting", "held"]),
    postgresql_where=outbox.c.state.in_(["waiting", "held"]),
)

#: Buttons that were offered, also those that are only listed in the text; `mark` is what stands in front of such a one.
choices = sa.Table(
    "messaging_choices",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    _person(),
    sa.Column("message_key", sa.String(32), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("mark", sa.String(8)),
    sa.Column("after", sa.Integer, nullable=False),  # seconds that the message has to be read before it works
    _moment("offered_at"),
    sa.Index("messaging_choices_of_person", "person_id", "offered_at"),
)

#: Template messages that the service took: `waiting` for its word on what became of each; `sent`; `dropped`.
templates = sa.Table(
    "messaging_templates",
    metadata,
    sa.Column("key", sa.String(32), primary_key=True),
    _person(),
    sa.Column("number", sa.String(64), nullable=False),  # the service's
    sa.Column("state", sa.String(8), nullable=False, server_default="waiting"),
    _moment("sent_at"),
    sa.Index("messaging_templates_of_person", "person_id", "number"),
)

#: Links that lead to the bank's sign-in, by the hash of their secret.
links = sa.Table(
    "messaging_links",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    _person(),
    sa.Column("inbox_id", _BIG, nullable=False),  # the message that is answered again once it is known who wrote it
    _moment("expires_at"),
    _moment("used_at"),
)

#: The key to a service's API, one for all processes; `renewed_until` is when the process that asks for one is given up.
access_tokens = sa.Table(
    "messaging_access_tokens",
    metadata,
    sa.Column("platform", sa.String(16), primary_key=True),
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("token", sa.Text),
    _moment("ends_at"),
    _moment("renewed_until"),
)
