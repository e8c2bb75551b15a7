"""What is kept of customer service accounts, in the messaging database. Moments are seconds since the epoch."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from channels.messaging.tables import metadata


def _moment(name: str) -> Any:
    return sa.Column(name, sa.Float(precision=53), nullable=False, server_default="0")


#: How far each account is read. Callbacks count `wanted` up; a reading notes in `done` which of them it covers.
readings = sa.Table(
    "wecom_readings",
    metadata,
    sa.Column("account", sa.String(64), primary_key=True),  # open_kfid
    sa.Column("cursor", sa.String(128)),
    sa.Column("wanted", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("callback_token", sa.String(255)),
    _moment("called_at"),
    _moment("since"),  # what was sent earlier is not answered: the account was not ours yet
    sa.Column("leased_by", sa.String(64)),
    _moment("leased_until"),
    _moment("next_at"),  # not before this, after a failure
)

#: Leave for one message outside the quota, until then. Without `menus` it may have no buttons.
codes = sa.Table(
    "wecom_codes",
    metadata,
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(128), primary_key=True),
    sa.Column("code", sa.String(255), nullable=False),
    sa.Column("menus", sa.Boolean, nullable=False),
    _moment("until"),
)
