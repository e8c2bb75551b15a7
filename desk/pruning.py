"""Deletes what only passed through: events that have been read from the feed, and commands that the assistant has got;
and the sentences of insights, which are for labelling and not for keeping.

What was said stays in the desk's own tables and in the assistant's trackers, and the figures of insights stay.
"""

from __future__ import annotations

from datetime import timedelta

from common import clock
from common.feed import EventFeed
from common.settings import settings
from desk import ingestion, outbox
from desk.insights import projection, retention
from desk.positions import read_until
from desk.service import Desk

_AT_ONCE = 1000  # in one transaction, which others wait for


async def prune(desk: Desk, feed: EventFeed) -> int:
    """Delete all that is older than `DESK_FEED_DAYS` and done with; how much there was."""
    before = clock.now() - timedelta(days=settings().desk_feed_days)
    total = 0
    everyone_has_read = min([await desk.read(read_until, reader) for reader in (ingestion.FEED, projection.FEED)])
    while True:
        events = await desk.thread(feed.forget, everyone_has_read, before, _AT_ONCE)
        commands = await desk.run(outbox.forget, before, _AT_ONCE)
        words = await desk.run(retention.forget, before, _AT_ONCE)
        total += events + commands + words
        if max(events, commands, words) < _AT_ONCE:
            return total
