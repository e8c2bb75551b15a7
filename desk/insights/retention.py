"""Forgets the words of customers. Nothing that is counted is among them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from desk.insights.tables import sentences, threads
from desk.journal import Journal


def forget(journal: Journal, before: datetime, limit: int) -> int:
    """Forget what was said before this moment, at most `limit` sentences; how many they were."""
    known = sa.update(threads).where(threads.c.said_at < before, threads.c.text.is_not(None))
    journal.connection.execute(known.values(text=None, understood=None))
    oldest = sa.select(sentences.c.id).where(sentences.c.at < before).order_by(sentences.c.at).limit(limit)
    ids = journal.connection.execute(oldest).scalars().all()
    return int(journal.connection.execute(sa.delete(sentences).where(sentences.c.id.in_(ids))).rowcount)
