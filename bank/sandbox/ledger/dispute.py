"""Whether a transaction can be disputed."""

from __future__ import annotations

from datetime import date, timedelta

from bank.sandbox.ledger.records import Entry, EntryKind, History
from bank.sandbox.policy import Policy

_DISPUTABLE = (EntryKind.PURCHASE, EntryKind.CASH_ADVANCE, EntryKind.FEE)
_CHANGES = {EntryKind.DISPUTE_OPENED: 1, EntryKind.DISPUTE_REJECTED: -1, EntryKind.DISPUTE_UPHELD: 0}


class NotDisputable(ValueError):
    """The transaction cannot be disputed now."""


class UnknownEntry(NotDisputable):
    """No purchase, cash advance or fee of that id is posted, or it was taken back."""


class TooOld(NotDisputable):
    """It was posted longer ago than the policy allows."""


class AlreadyDisputed(NotDisputable):
    """A dispute of it is open, or was decided for the customer."""


def disputable(history: History, policy: Policy, entry_id: str, as_of: date) -> Entry:
    """The entry of that id, if it can be disputed on `as_of`. Raises UnknownEntry, TooOld, AlreadyDisputed."""
    posted = [each for each in history.entries if each.posted_on <= as_of]
    entry = next((each for each in posted if each.id == entry_id and each.kind in _DISPUTABLE), None)
    about = [each.kind for each in posted if each.of == entry_id]
    if entry is None or EntryKind.REVERSAL in about:
        raise UnknownEntry(f"{entry_id} is not posted")
    if EntryKind.DISPUTE_UPHELD in about or sum(_CHANGES.get(kind, 0) for kind in about) > 0:
        raise AlreadyDisputed(entry_id)
    if as_of - entry.posted_on > timedelta(days=policy.dispute.window_days):
        raise TooOld(entry_id)
    return entry
