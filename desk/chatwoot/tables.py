"""Which conversation of Chatwoot a hand-over is, and how much of it was carried there."""

from __future__ import annotations

import sqlalchemy as sa

from desk.people.tables import metadata

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

links = sa.Table(
    "desk_chatwoot",
    metadata,
    sa.Column("handover_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", sa.String(255), nullable=False, index=True),
    sa.Column("source_id", sa.String(255)),  # of the contact in the inbox
    sa.Column("number", sa.Integer, unique=True),  # of Chatwoot's conversation
    sa.Column("is_told", sa.Boolean, nullable=False, server_default=sa.false()),  # the note is there
    sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.false()),  # agents see it
    sa.Column("carried_until", _BIG, nullable=False, server_default="0"),  # id of the last message that is there
    sa.Column("last_number", sa.BigInteger, nullable=False, server_default="0"),  # Chatwoot's own, of that message
    sa.Column("is_doubtful", sa.Boolean, nullable=False, server_default=sa.false()),  # the next one may be there, too
    sa.Column("is_broken", sa.Boolean, nullable=False, server_default=sa.false()),  # Chatwoot refused: given up
)
