"""The tables of accounts, sessions, attempts to sign in, and the audit log. Core modules may read `agents`."""

from __future__ import annotations

import sqlalchemy as sa

from common.database import Moment

metadata = sa.MetaData()

agents = sa.Table(
    "desk_agents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("display_name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("skills", sa.JSON, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, server_default="away"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("password_hash", sa.String(255)),  # argon2id; none: signs in by OpenID Connect only
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("password_expires_at", Moment),  # of a one-time password; none: it does not
    sa.Column("auto_assign", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("oidc_subject", sa.String(255), unique=True),
    sa.Column("last_seen_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
)

sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),  # of the cookie; the cookie itself is nowhere kept
    sa.Column("agent_id", sa.Integer, nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("used_at", Moment, nullable=False),
)

attempts = sa.Table(
    "desk_sign_in_attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # "name" or "address"
    sa.Column("key_hash", sa.String(64), nullable=False),  # names and addresses that were tried need not be kept
    sa.Column("at", Moment, nullable=False),
    sa.Index("desk_sign_in_attempts_key", "kind", "key_hash", "at"),
)

audit_log = sa.Table(
    "desk_audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("agent_id", sa.Integer, index=True),  # none: the desk itself, or nobody who is known
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("act", sa.String(48), nullable=False),
    sa.Column("what", sa.String(255), nullable=False, index=True),
    sa.Column("why", sa.String(500), nullable=False, server_default=""),
)
