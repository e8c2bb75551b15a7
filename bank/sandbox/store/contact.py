"""How customers may be reached, what was sent to them, and who took over."""

from __future__ import annotations

import sqlalchemy as sa

from bank.sandbox.store.columns import Id, Words, metadata, version
from common.database import Moment

contact_preferences = sa.Table(  # of customers who changed something; the others have the policy's
    "bank_contact_preferences",
    metadata,
    sa.Column("customer_id", Id, primary_key=True),
    sa.Column("channels", Words(100), nullable=False),
    sa.Column("reminders", sa.Boolean, nullable=False),
    sa.Column("contact_from", sa.String(5), nullable=False),
    sa.Column("contact_until", sa.String(5), nullable=False),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("night_consent", sa.Boolean, nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("paused_until", sa.Date),
    version(),
)
contacts = sa.Table(
    "bank_contacts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False),
    sa.Column("card_id", Id),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("direction", sa.String(3), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("rule", sa.String(100), nullable=False),
    sa.Column("text_id", sa.String(100)),
    sa.Column("reference", Id),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index("bank_contacts_of_customer", "customer_id", "at"),
)
hand_overs = sa.Table(
    "bank_hand_overs",
    metadata,
    sa.Column("reference", Id, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("conversation_id", Id, nullable=False),
    sa.Column("card_id", Id),
    sa.Column("reason", sa.String(100), nullable=False),
    sa.Column("priority", sa.String(10), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("outcome", sa.String(200)),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
)
messaging_identities = sa.Table(
    "bank_messaging_identities",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("account", sa.String(128), nullable=False),
    sa.Column("subject", sa.String(128), nullable=False),
    sa.Column("linked_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.UniqueConstraint("channel", "account", "subject"),
)
