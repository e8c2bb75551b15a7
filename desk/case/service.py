"""Puts cases together: the desk's store, the feed's events and the bank, each asked beside the event loop."""

from __future__ import annotations

import time
from threading import Lock
from typing import Dict, Optional, Tuple

from bank.client import BankClient
from common.feed import EventFeed
from desk.case.figures import Figures, figures_of
from desk.case.summary import Case
from desk.case.told import Told, told_by

_FRESH_SECONDS = 10.0  # summary and replies are asked for together
_MOST_KEPT = 500  # customers
_MOST_EVENTS = 3000  # of one conversation


class Cases:
    """Reads what cases need beside the desk's store. Methods block."""

    def __init__(self, bank: BankClient, feed: EventFeed) -> None:
        self.bank = bank
        self._feed = feed
        self._kept: Dict[str, Tuple[float, Figures]] = {}
        self._lock = Lock()

    def told(self, case: Case) -> Told:
        """What the conversation's events tell."""
        return told_by(self._feed.of(case.conversation_id, _MOST_EVENTS), case.customer_id)

    def figures(self, case: Case) -> Optional[Figures]:
        """What the bank knows, some seconds old at most; none if nobody is signed in."""
        customer_id, now = case.customer_id, time.monotonic()
        if customer_id is None:
            return None
        with self._lock:
            kept = self._kept.get(customer_id)
        if kept and now - kept[0] < _FRESH_SECONDS:
            return kept[1]
        found = figures_of(self.bank, customer_id)
        if found.reached:
            with self._lock:
                self._kept = {each: kept for each, kept in self._kept.items() if now - kept[0] < _FRESH_SECONDS}
                if len(self._kept) < _MOST_KEPT:
                    self._kept[customer_id] = (now, found)
        return found

    def forget(self, customer_id: str) -> None:
        """Ask the bank anew: something was done."""
        with self._lock:
            self._kept.pop(customer_id, None)
