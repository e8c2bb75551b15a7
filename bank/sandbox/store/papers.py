"""Consents, the papers that customers send, and those that the bank issues."""

from __future__ import annotations

import sqlalchemy as sa

from bank.sandbox.store.columns import Id, metadata
from common.database import Moment

consents = sa.Table(
    "bank_consents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("purpose", sa.String(30), nullable=False),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("text_version", sa.String(64), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # of the customer's: two may be recorded at one moment
    sa.UniqueConstraint("customer_id", "number"),
)
documents = sa.Table(
    "bank_documents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("file_name", sa.String(200), nullable=False),
    sa.Column("content_type", sa.String(40), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("consent_id", Id, nullable=False),
    sa.Column("uploaded_at", Moment, nullable=False),
    sa.Column("application", Id, index=True),  # reference of the one that it is attached to
)
issued_documents = sa.Table(
    "bank_issued_documents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("card_id", Id, nullable=False),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("statement_date", sa.Date),
    sa.Column("file_name", sa.String(200), nullable=False),
    sa.Column("content_type", sa.String(40), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("issued_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)
contents = sa.Table(  # apart from the lists, which never read it
    "bank_document_contents",
    metadata,
    sa.Column("document_id", Id, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
