"""The tables of outreach: the contacts of the plan, what was sent, what is still to be told the bank, and replies."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from common.database import Moment

metadata = sa.MetaData()
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what is called INTEGER


def _lease() -> Any:
    return sa.Column("lease_owner", sa.String(64)), sa.Column("lease_until", Moment)


#: The reading of the bank's list for one day, and how far it has come.
runs = sa.Table(
    "outreach_runs",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("part", sa.String(16), nullable=False),  # of `planner.Part`
    sa.Column("cursor", sa.Text),  # after which page to go on
    *_lease(),
    sa.Column("accounts", sa.Integer, nullable=False, server_default="0"),  # read so far
    sa.Column("planned", sa.Integer, nullable=False, server_default="0"),
    sa.Column("finished_at", Moment),
)

#: One row for each contact that the plan wants: of an account, a step and the day from which the step counts.
contacts = sa.Table(
    "outreach_contacts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("customer_id", sa.String(128), nullable=False),
    sa.Column("card_id", sa.String(128), nullable=False),
    sa.Column("step", sa.String(40), nullable=False),
    sa.Column("anchor", sa.Date, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # of `store.State`
    sa.Column("next_at", Moment, nullable=False),  # not to be looked at before
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # failed ones, by the present channel
    sa.Column("tried", sa.JSON, nullable=False),  # channels that are no way to this customer now
    sa.Column("planned_at", Moment, nullable=False),
    *_lease(),
    sa.UniqueConstraint("customer_id", "card_id", "step", "anchor"),
    sa.Index("outreach_contacts_due", "state", "next_at"),
    sa.Index("outreach_contacts_of_customer", "customer_id", "lease_until"),
)

#: What goes, or went, out: at most one message for each contact and channel.
messages = sa.Table(
    "outreach_messages",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("contact_id", sa.String(36), nullable=False, index=True),
    sa.Column("customer_id", sa.String(128), nullable=False, index=True),
    sa.Column("card_id", sa.String(128), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # of `store.MessageState`
    sa.Column("text_id", sa.String(64), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("shown_to", sa.String(128), nullable=False),  # the address, masked
    sa.Column("address_key", sa.String(64), index=True),  # the address, hashed: who replies is found by it
    sa.Column("gateway_id", sa.String(128), index=True),  # what the gateway calls it
    sa.Column("at", Moment, nullable=False, index=True),  # when it was given to the gateway, or was about to be
    sa.UniqueConstraint("contact_id", "channel"),
)

#: What became of contacts, by which rule. The bank is told each, except for mere delays.
events = sa.Table(
    "outreach_events",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("contact_id", sa.String(36), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),  # among those of the contact
    sa.Column("customer_id", sa.String(128), nullable=False, index=True),
    sa.Column("card_id", sa.String(128), nullable=False),
    sa.Column("step", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),  # of `ContactOutcome`, or `store.POSTPONED`
    sa.Column("rule", sa.String(64), nullable=False),
    sa.Column("source", sa.String(128), nullable=False),
    sa.Column("text_id", sa.String(64)),
    sa.Column("direction", sa.String(4), nullable=False, server_default="out"),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("told", sa.Boolean, nullable=False, index=True),  # the bank has it, or need not
    sa.UniqueConstraint("contact_id", "number"),
)

#: Accounts of which more than the day's list has to be looked at: a promise, an agreement, an account past due.
watches = sa.Table(
    "outreach_watches",
    metadata,
    sa.Column("customer_id", sa.String(128), primary_key=True),
    sa.Column("card_id", sa.String(128), primary_key=True),
    sa.Column("what", sa.String(16), primary_key=True),  # of `store.Watch`
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("seen_on", sa.Date, nullable=False),  # when the list had it last
)

#: Calls that people are to make, with what came of them.
call_tasks = sa.Table(
    "outreach_call_tasks",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # the message's
    sa.Column("contact_id", sa.String(36), nullable=False, index=True),
    sa.Column("customer_id", sa.String(128), nullable=False, index=True),
    sa.Column("card_id", sa.String(128), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("script", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # of `ContactKind`
    sa.Column("preferences", sa.Text, nullable=False),  # the customer's at that time: when a call is allowed
    sa.Column("call_until", Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("result", sa.String(16)),  # of `ContactOutcome`; none: still to be made
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.String(32)),  # why the customer is behind, if said: of `ReasonClass`
    sa.Column("agent", sa.String(64)),  # who made the latest attempt
    sa.Column("last_at", Moment),  # of the latest attempt
    sa.Column("holder", sa.String(64), index=True),  # the agent who has it, until `held_until`
    sa.Column("held_until", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("done_at", Moment),
)

#: What customers wrote back, until it is in the conversation.
replies = sa.Table(
    "outreach_replies",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # made of the gateway's own number
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("customer_id", sa.String(128), nullable=False),
    sa.Column("contact_id", sa.String(36), nullable=False),
    sa.Column("card_id", sa.String(128), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("stops", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),  # waiting, done, refused
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
