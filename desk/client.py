"""What actions use of the desk."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Optional, Set

from common.settings import settings
from desk.store import DeskError, HandoverStore, HandoverWish, Recorded, Wanted

__all__ = ["DeskClient", "DeskError", "HandoverWish", "Recorded", "Wanted", "desk_client"]


class DeskClient:
    """Asks the desk for a person. Calls block and raise `DeskError` if nothing could be recorded."""

    def __init__(self, store: HandoverStore) -> None:
        self._store = store

    def request_human(
        self, conversation_id: str, *, customer_id: Optional[str], language: str, wanted: Wanted
    ) -> Recorded:
        """Record that a person is wanted in this conversation; of two reasons the more pressing one stays."""
        return self._store.record(conversation_id, customer_id=customer_id, language=language, wanted=wanted)

    def call_back(self, conversation_id: str, earliest: datetime, latest: datetime) -> bool:
        """Note when the customer wishes to be called; `False` if no person is wanted in this conversation."""
        return self._store.call_back(conversation_id, earliest, latest)

    def is_wanted(self, conversation_id: str) -> bool:
        """Whether a wish for a person is open in this conversation."""
        return self._store.open_wish(conversation_id) is not None

    def triggers(self, customer_id: str) -> Set[str]:
        """Why this customer has ever wanted a person, or was handed over to one."""
        return {wish.trigger for wish in self._store.concerns(customer_id)}

    def rate(self, conversation_id: str, asked: str, asked_at: datetime, stars: int) -> None:
        """Keep how helpful the assistant was (1 to 5 stars); `asked` names the question, `asked_at` is its moment."""
        self._store.rate(conversation_id, asked, asked_at, stars)

    def back_to_bot(self, conversation_id: str) -> None:
        """The customer goes on with the assistant: nobody is wanted any longer in this conversation."""
        self._store.back_to_bot(conversation_id)


@lru_cache(maxsize=None)
def desk_client() -> DeskClient:
    """The desk client of this process."""
    return DeskClient(HandoverStore(settings().store_url("desk")))
