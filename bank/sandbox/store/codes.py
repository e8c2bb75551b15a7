"""One-time codes, their proofs, the customers' phones, and the answers to writes."""

from __future__ import annotations

import sqlalchemy as sa

from bank.sandbox.store.columns import Id, metadata
from common.database import Moment

challenges = sa.Table(
    "bank_challenges",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("purpose", sa.String(30), nullable=False),
    sa.Column("subject", Id, nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False),
    sa.Column("attempts_left", sa.Integer, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),  # used, or replaced by a newer one
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)
proofs = sa.Table(
    "bank_proofs",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("customer_id", Id, nullable=False),
    sa.Column("purpose", sa.String(30), nullable=False),
    sa.Column("subject", Id, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("spent", sa.Boolean, nullable=False),
)
messages = sa.Table(  # what a customer's phone would show; of a demonstration only
    "bank_messages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("customer_id", Id, nullable=False),
    sa.Column("masked_phone", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sent_at", Moment, nullable=False),
)
answers = sa.Table(
    "bank_idempotent_answers",
    metadata,
    sa.Column("customer_id", Id, primary_key=True),
    sa.Column("key", Id, primary_key=True),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("etag", sa.String(40), nullable=False, server_default=""),
    sa.Column("created_at", Moment, nullable=False),
)
