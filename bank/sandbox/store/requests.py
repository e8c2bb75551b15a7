"""What customers ask for: quotes, applications, promises, disputes."""

from __future__ import annotations

import sqlalchemy as sa

from bank.sandbox.store.columns import Id, Words, Yuan, metadata, seeded, version
from common.database import Moment

quotes = sa.Table(
    "bank_quotes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False),
    sa.Column("card_id", Id, nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON as the API gives it
    sa.Column("valid_until", Moment, nullable=False),
)
applications = sa.Table(
    "bank_applications",
    metadata,
    sa.Column("reference", Id, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # of its kind on its day
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("card_id", Id, nullable=False),
    sa.Column("card_last4", sa.String(4), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("quote_id", Id, unique=True),
    sa.Column("details", sa.Text, nullable=False, server_default="{}"),  # JSON: the quote, or what was declared
    sa.Column("amount", Yuan, nullable=False),
    sa.Column("filed_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("answer_by", sa.Date),
    sa.Column("terms", sa.Integer),
    sa.Column("rate_per_term", sa.String(16)),
    sa.Column("per_term", Yuan),
    sa.Column("annualised_rate", sa.String(16)),
    sa.Column("new_due_date", sa.Date),
    sa.Column("interest_continues", sa.Boolean),
    sa.Column("late_fee_waived", sa.Boolean),
    sa.Column("starts_on", sa.Date),  # when an approved one took effect on the account
    sa.Column("reason", sa.String(30)),
    sa.Column("note", sa.Text),
    sa.Column("documents_needed", Words(300), nullable=False, server_default=""),
    sa.Column("decides_at", Moment, index=True),  # when the review's rules decide; None: not by themselves
    version(),
    seeded(),
)
promises = sa.Table(
    "bank_promises",
    metadata,
    sa.Column("reference", Id, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("card_id", Id, nullable=False, index=True),
    sa.Column("card_last4", sa.String(4), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("amount", Yuan, nullable=False),
    sa.Column("pay_on", sa.Date, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),  # payments posted before this day do not count
    sa.Column("paid_before", Yuan, nullable=False),  # nor what was posted on that day before it was made
    sa.Column("carried", Yuan, nullable=False),  # counted before the account's story began anew
    sa.Column("paid", Yuan),  # as of its end; None while it is open
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    version(),
    seeded(),
)
disputes = sa.Table(
    "bank_disputes",
    metadata,
    sa.Column("reference", Id, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("card_id", Id, nullable=False, index=True),
    sa.Column("card_last4", sa.String(4), nullable=False),
    sa.Column("transaction_id", Id, nullable=False),
    sa.Column("amount", Yuan, nullable=False),
    sa.Column("reason", sa.String(30), nullable=False),
    sa.Column("statement", sa.Text),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("answer_by", sa.Date),
    sa.Column("filed_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("decides_at", Moment, index=True),
    version(),
    seeded(),
)
