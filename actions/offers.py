"""What this bank offers at all: a bank may start with a small part of the contract (`docs/connect-your-bank.md`).

Buttons for the rest are not shown, and who asks for it anyway is told so, with a next step.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Collection, Dict, FrozenSet, List, Optional, Tuple
from weakref import WeakKeyDictionary

from bank.client import BankClient
from bank.errors import BankError

logger = logging.getLogger(__name__)

#: What it takes to file an application that was quoted.
FILING = ("challenge", "check_challenge", "file_application")
#: What customers want, by intent, and the bank's operations without which it leads nowhere.
NEEDS: Dict[str, Tuple[str, ...]] = {
    "ask_credit_impact": ("credit_report",),
    "ask_autopay": ("auto_debit",),
    "report_payment_made": ("payments",),
    "dispute_charge": ("transactions",),
    "request_document": ("statement",),
    "request_instalment": ("instalment_quotes", *FILING),
    "request_deferral": ("deferral_options", *FILING),
    "request_agreement": ("agreement_quotes", *FILING),
    "declare_hardship": ("record_consent", "consents", "upload_document", "documents", *FILING),
    "send_documents": ("record_consent", "consents", "upload_document", "documents", "add_documents"),
    "ask_application_status": ("applications",),
    "cancel_application": ("applications", "challenge", "check_challenge", "withdraw_application"),
}

_KEPT = 300.0  # seconds that an answer is good for
_PAUSE = 30.0  # seconds before a bank that did not answer is asked again
_PATIENCE = 1.0  # seconds that a customer waits for the first answer; until it is here, everything is taken as offered

_threads = ThreadPoolExecutor(1, thread_name_prefix="offers")


class Offers:
    """What one bank offers, asked for in the background when the last answer has become old. Thread-safe."""

    def __init__(self, bank: BankClient) -> None:
        self._bank = bank
        self._operations: Optional[FrozenSet[str]] = None  # None: everything
        self._good_until = 0.0
        self._asking: "Optional[Future[None]]" = None
        self._lock = Lock()

    def can(self, intent: str) -> bool:
        """Whether what the customer wants by this intent leads somewhere."""
        return self.has(NEEDS.get(intent, ()))

    def has(self, operations: Collection[str]) -> bool:
        """Whether the bank offers all of these operations."""
        known = self._known()
        return known is None or known.issuperset(operations)

    def missing(self) -> List[str]:
        """The intents that lead nowhere at this bank."""
        known = self._known()
        return [] if known is None else [intent for intent, needed in NEEDS.items() if not known.issuperset(needed)]

    def _known(self) -> Optional[FrozenSet[str]]:
        with self._lock:
            first = self._asking is None
            if first or (self._asking and self._asking.done() and time.monotonic() > self._good_until):
                self._asking = _threads.submit(self._ask)
            asking = self._asking
        if first and asking:
            wait([asking], timeout=_PATIENCE)
        return self._operations

    def _ask(self) -> None:
        try:
            self._operations = frozenset(self._bank.capabilities().operations)
            kept = _KEPT
        except BankError as error:
            logger.warning("what the bank offers is not known: %s: %s", type(error).__name__, error)
            kept = _PAUSE
        self._good_until = time.monotonic() + kept


_by_bank: "WeakKeyDictionary[BankClient, Offers]" = WeakKeyDictionary()
_by_bank_lock = Lock()


def offers_of(bank: BankClient) -> Offers:
    """What this process knows of the bank's offers."""
    with _by_bank_lock:
        return _by_bank.setdefault(bank, Offers(bank))
