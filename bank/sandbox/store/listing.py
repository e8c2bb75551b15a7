"""The list of accounts that are due or overdue, kept so that a page of it costs no more than its length."""

from __future__ import annotations

import sqlalchemy as sa

from bank.sandbox.store.columns import Id, Yuan, metadata

due_accounts = sa.Table(  # one row a card that has a bill, as it stood when it was last looked at
    "bank_due_accounts",
    metadata,
    sa.Column("card_id", Id, primary_key=True),
    sa.Column("customer_id", Id, nullable=False),
    sa.Column("card_last4", sa.String(4), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("due_date", sa.Date, nullable=False),
    sa.Column("days_past_due", sa.Integer, nullable=False),
    sa.Column("bucket", sa.String(4)),
    sa.Column("amount_due", Yuan, nullable=False),
    sa.Column("remaining_minimum", Yuan, nullable=False),
    sa.Column("auto_debit", sa.Boolean, nullable=False),
    sa.Column("disputed", sa.Boolean, nullable=False),
    sa.Column("promise_on", sa.Date),
    sa.Column("agreement", sa.Boolean, nullable=False),
    sa.Column("first_time", sa.Boolean, nullable=False),
)
changed_accounts = sa.Table(  # cards whose row above is no longer right
    "bank_changed_accounts",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("card_id", Id, nullable=False),
)
positions = sa.Table(  # where a card stands in the list; never changed, only ended, so that a listing can be continued
    "bank_due_positions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # counts up: a listing sees those that were there when it began
    sa.Column("due_date", sa.Date, nullable=False),
    sa.Column("customer_id", Id, nullable=False),
    sa.Column("card_id", Id, nullable=False, index=True),
    sa.Column("ended_by", sa.Integer),  # id of the one that came in its place
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Index("bank_due_positions_in_order", "due_date", "customer_id", "card_id"),
)
