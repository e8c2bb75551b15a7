"""The tables of insights. A visit is what a customer wrote without a long pause: what the page calls a conversation."""

from __future__ import annotations

import sqlalchemy as sa

from common.database import Moment
from desk.people.tables import metadata

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what is called INTEGER


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


visits = sa.Table(
    "insights_visits",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("customer_id", sa.String(255)),
    sa.Column("day", sa.Date, nullable=False),  # on which it began, at the bank
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),  # the customer's last message
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("bucket", sa.String(16)),  # of `buckets`; none: not asked yet
    sa.Column("reason", sa.String(32)),  # why the customer is behind, as told last: of `ReasonClass`, or `withheld`
    sa.Column("handed_over", sa.Boolean, nullable=False, server_default=sa.false()),
    _count("messages"),  # written to the assistant; what was not understood of them:
    _count("two_readings"),
    _count("fallback"),
    _count("out_of_scope"),
    # Holds all that the figures add up, so that rows need not be fetched one by one.
    sa.Index(
        "insights_visits_figures",
        *("day", "channel", "language", "bucket", "handed_over", "reason"),
        *("messages", "two_readings", "fallback", "out_of_scope"),
    ),
    sa.Index("insights_visits_of_conversation", "conversation_id", "started_at"),
    sa.Index("insights_visits_without_bucket", "bucket", "started_at"),
)

#: Where the reading of each conversation stands.
threads = sa.Table(
    "insights_threads",
    metadata,
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("visit_id", _BIG, nullable=False),
    sa.Column("form", sa.String(64)),  # the request that is in progress
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),  # people have it
    _count("misses"),  # answers in a row that the request did not understand
    sa.Column("understood", sa.String(16)),  # the last message: of `Understood`; none if it does not count
    sa.Column("text", sa.Text),  # its words, masked
    sa.Column("said_at", Moment, nullable=False, index=True),
    sa.Column("sentence_id", _BIG),  # if it is one that was not understood
)

#: What was not understood, masked.
sentences = sa.Table(
    "insights_sentences",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("visit_id", _BIG, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # of `Understood`
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("chosen", sa.String(64)),  # the reading that the customer pressed afterwards: an intent
)

#: To which visit a hand-over belongs. Everything else of it is in `desk_handovers`.
visit_handovers = sa.Table(
    "insights_handovers",
    metadata,
    sa.Column("handover_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visit_id", _BIG, nullable=False, index=True),
    sa.Column("at_once", sa.Boolean, nullable=False),  # people were there; else it was kept for later
)

#: Requests, promises and disputes that were filed, with what the bank said of them last.
requests = sa.Table(
    "insights_requests",
    metadata,
    sa.Column("customer_id", sa.String(255), primary_key=True),
    sa.Column("reference", sa.String(128), primary_key=True),
    sa.Column("visit_id", _BIG, nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False),  # of `ApplicationKind`, or promise, dispute
    sa.Column("filed_at", Moment, nullable=False),
    sa.Column("by_agent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("status", sa.String(32)),  # the bank's word; none: not asked yet
    sa.Column("asked_at", Moment),  # when that was
    sa.Column("next_at", Moment, index=True),  # when to ask again; none: it is final
)

#: Contacts of outreach that reached a customer.
reminders = sa.Table(
    "insights_reminders",
    metadata,
    sa.Column("contact_id", sa.String(36), primary_key=True),
    sa.Column("customer_id", sa.String(128), nullable=False),
    sa.Column("card_id", sa.String(128), nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # on which it went out, at the bank
    sa.Column("at", Moment, nullable=False),
    sa.Column("step", sa.String(40), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("bucket", sa.String(16), nullable=False),
    sa.Column("event_id", _BIG, nullable=False),  # of outreach's last word on it
    sa.Column("failed", sa.Boolean, nullable=False, server_default=sa.false()),  # it came back
    sa.Column("paid_at", Moment),  # the day on which it was paid, as the bank says
    sa.Column("reason", sa.String(32)),  # why the customer is behind, as told on the phone: of `ReasonClass`
    sa.Column("anchor", sa.String(16)),  # what the step counts from: of `outreach.plan.Anchor`
    sa.Column("anchor_day", sa.Date),
    sa.Column("asked_at", Moment),  # when the bank was asked last whether it was paid
    sa.Column("next_at", Moment, index=True),  # when to ask again; none: it is decided
    sa.Index(
        "insights_reminders_figures",
        *("day", "channel", "language", "bucket", "step", "failed", "paid_at", "reason"),
    ),
    sa.Index("insights_reminders_of_account", "customer_id", "card_id", "at"),
)
