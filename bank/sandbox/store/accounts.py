"""Customers, their cards, and what was posted on them: the stories, and what visitors did to them."""

from __future__ import annotations

import sqlalchemy as sa

from bank.sandbox.store.columns import Id, Yuan, metadata, seeded

seedings = sa.Table(
    "bank_seedings",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True),  # always 1: there is one
    sa.Column("seeded_on", sa.Date, nullable=False),
)
customers = sa.Table(
    "bank_customers",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("masked_phone", sa.String(20), nullable=False),
)
cards = sa.Table(
    "bank_cards",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("last4", sa.String(4), nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("statement_day", sa.Integer, nullable=False),
    sa.Column("credit_limit", Yuan, nullable=False),
    sa.Column("transfer_account", sa.String(40)),
    sa.Column("auto_debit_amount", sa.String(10)),  # None: switched off
    sa.Column("auto_debit_bank", sa.String(100)),
    sa.Column("auto_debit_last4", sa.String(4)),
    sa.Column("auto_debit_result", sa.String(20), nullable=False),
    sa.Column("auto_debit_tried_on", sa.Date),
    sa.Column("auto_debit_account", Id),  # of `debit_accounts`
    sa.Column("auto_debit_version", sa.Integer, nullable=False, server_default="1"),
)
entries = sa.Table(
    "bank_entries",
    metadata,
    sa.Column("card_id", Id, primary_key=True),
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("posted_on", sa.Date, nullable=False),
    sa.Column("amount", Yuan, nullable=False),
    sa.Column("of", Id),
    sa.Column("description", sa.String(200), nullable=False),
)
payments = sa.Table(
    "bank_payments",
    metadata,
    sa.Column("card_id", Id, primary_key=True),
    sa.Column("id", Id, primary_key=True),
    sa.Column("amount", Yuan, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("posts_on", sa.Date, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    seeded(),
)
debit_accounts = sa.Table(  # the customers' own, from which the bank may debit
    "bank_debit_accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False, index=True),
    sa.Column("bank", sa.String(100), nullable=False),
    sa.Column("last4", sa.String(4), nullable=False),
)
