"""The durable record of hand-over wishes, and what each does to its conversation, for other processes than the desk."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Iterator, List, Optional

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from common import clock
from common.database import Database
from common.metrics import HANDOVERS
from desk import calendar, customers, wishes
from desk.conversations import change, held, known, move
from desk.handover import handover_desk
from desk.journal import CUSTOMER, Journal
from desk.states import SILENT, WITH_PEOPLE, Move, State, request_of
from desk.tables import metadata
from desk.wishes import PRIORITIES, HandoverWish, Wanted

__all__ = ["PRIORITIES", "DeskError", "HandoverStore", "HandoverWish", "Recorded", "Wanted"]

_ATTEMPTS = 3


class DeskError(Exception):
    """The desk could not record or read a wish."""


@dataclass(frozen=True)
class Recorded:
    """The open wish of a conversation, and what became of it."""

    wish: HandoverWish
    is_new: bool  # whether the wish was made just now
    staffed: bool = False  # somebody is there: from now on the conversation is the desk's, and the assistant is silent
    position: Optional[int] = None  # in the queue, 1 is next; none if it does not wait
    expected_minutes: Optional[int] = None  # until an agent comes; none if it does not wait


class HandoverStore:
    """Hand-over wishes in the database at `url`. Methods block, may run on any thread, and raise `DeskError`."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, metadata)
        self._preparing = Lock()
        self._prepared = False

    def record(self, conversation_id: str, *, customer_id: Optional[str], language: str, wanted: Wanted) -> Recorded:
        """Make a wish, or return the conversation's open one, and put the conversation in the queue or aside.

        An open wish keeps its moment and its reference; why it is wanted changes only to something more pressing. It
        learns who the customer is if it did not know yet, and what was said since.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._transaction() as connection:
                    recorded = _record(connection, conversation_id, customer_id, language, wanted)
            except IntegrityError:
                continue  # another process was first
            if recorded.is_new:
                HANDOVERS.labels(wanted.trigger, "yes" if recorded.staffed else "no").inc()
            return recorded
        raise DeskError("the desk's database neither holds nor takes the wish")

    def call_back(self, conversation_id: str, earliest: datetime, latest: datetime) -> bool:
        """Note on the open wish when the customer wishes to be called; `False` if there is no open wish."""
        with self._transaction() as connection:
            return wishes.call_back(connection, conversation_id, earliest, latest)

    def back_to_bot(self, conversation_id: str) -> bool:
        """The customer goes on with the assistant; `False` if nobody was wanted."""
        with self._transaction() as connection:
            conversation = held(connection, conversation_id)
            if conversation is None or State(conversation.state) not in WITH_PEOPLE:
                return False
            move(Journal(connection), conversation, Move.BACK_TO_BOT, CUSTOMER)
            return True

    def open_wish(self, conversation_id: str) -> Optional[HandoverWish]:
        """The open wish of this conversation, if any."""
        with self._transaction() as connection:
            return wishes.open_wish(connection, conversation_id)

    def concerns(self, customer_id: str) -> List[HandoverWish]:
        """Every wish of this customer for a person, open or settled, newest first."""
        try:
            self._prepare()
            with self._database.reading() as connection:
                return wishes.of_customer(connection, customer_id)
        except SQLAlchemyError as error:
            raise DeskError(f"the desk's database failed: {type(error).__name__}") from error

    def rate(self, conversation_id: str, asked: str, asked_at: datetime, stars: int) -> None:
        """Keep how the customer found what the assistant did (`desk.customers.rate_assistant`)."""
        with self._transaction() as connection:
            customers.rate_assistant(connection, conversation_id, asked, asked_at, stars)

    def close(self, conversation_id: str) -> bool:
        """Close the open wish of this conversation; `False` if there is none."""
        with self._transaction() as connection:
            return wishes.close(connection, conversation_id)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            self._prepare()
            with self._database.writing() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise DeskError(f"the desk's database failed: {type(error).__name__}") from error

    def _prepare(self) -> None:
        with self._preparing:
            if not self._prepared:
                self._database.prepare()
                self._prepared = True


def _record(
    connection: Connection, conversation_id: str, customer_id: Optional[str], language: str, wanted: Wanted
) -> Recorded:
    journal = Journal(connection)
    conversation = known(journal, conversation_id, language=language, customer_id=customer_id)
    wish = wishes.renew(connection, conversation_id, customer_id, wanted)
    is_new = wish is None
    if wish is None:
        wish = wishes.add(connection, conversation_id, customer_id, language, wanted)
    change(
        journal,
        conversation_id,
        language=language,
        handover_id=wish.id,
        customer_id=customer_id or conversation.customer_id,
    )
    becomes = State(conversation.state)
    wished = request_of(becomes, staffed=wanted.at_once and _is_staffed(connection, wanted), elsewhere=wanted.elsewhere)
    if wished is not None:
        becomes = move(journal, conversation, wished, CUSTOMER, wish.trigger)
    place = handover_desk().places(connection).get(conversation_id) if becomes is State.WAITING else None
    return Recorded(
        wish, is_new, becomes in SILENT, place.position if place else None, place.minutes if place else None
    )


def _is_staffed(connection: Connection, wanted: Wanted) -> bool:
    """Whether somebody comes now. Who is there elsewhere the desk does not know, but the service hours."""
    return calendar.is_open(clock.now()) if wanted.elsewhere else handover_desk().is_staffed(connection)
