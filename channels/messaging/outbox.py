"""What is to be sent: in order for each person, once for each key, held while the service does not let it through."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, List, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messaging.people import Person
from channels.messaging.platform import Choice, Document, Limits, Sendable
from channels.messaging.tables import choices, outbox, people
from common.database import insert_into

_OPEN = ("waiting", "held")


@dataclass(frozen=True)
class Waiting:
    """A message on its way."""

    id: int
    conversation_id: str
    sendable: Sendable
    attempts: int
    next_at: float
    held: bool
    created_at: float


@dataclass(frozen=True)
class Offered:
    """A button of a message, as it was offered."""

    id: str
    title: str
    payload: str
    mark: Optional[str]  # what stands in front of it in the text, if it could not be a button
    after: int  # seconds that the message has to be read before it works


def put(
    connection: Connection,
    person_id: int,
    conversation_id: str,
    sendables: Sequence[Sendable],
    offered: Sequence[Offered],
    now: float,
    *,
    only_now: bool = False,
) -> None:
    """Have messages sent, and remember their buttons. One with a key that is there already is the same one.

    `only_now`: what cannot be sent now is not to wait for the customer.
    """
    for sendable in sendables:
        row = {
            "person_id": person_id,
            "conversation_id": conversation_id,
            "key": sendable.key,
            "text": sendable.text,
            "choices": [[choice.id, choice.title] for choice in sendable.choices],
            "passes": sendable.passes,
            "document": asdict(sendable.document) if sendable.document else None,
            "created_at": now,
            "only_now": only_now,
        }
        connection.execute(insert_into(connection, outbox).values(**row).on_conflict_do_nothing())
    for each in offered:
        row = {
            "id": each.id,
            "person_id": person_id,
            "message_key": [each.key for each in sendables if not each.document][-1],
            "title": each.title,
            "payload": each.payload,
            "mark": each.mark,
            "after": each.after,
            "offered_at": now,
        }
        connection.execute(insert_into(connection, choices).values(**row).on_conflict_do_nothing())


def open_messages(connection: Connection, person_id: int) -> List[Waiting]:
    """All that is not sent yet, oldest first."""
    wanted = sa.select(outbox).where(outbox.c.person_id == person_id, outbox.c.state.in_(_OPEN))
    return [_waiting(row) for row in connection.execute(wanted.order_by(outbox.c.id))]


def _waiting(row: sa.engine.Row) -> Waiting:
    buttons = tuple(Choice(id, title) for id, title in row.choices)
    document = Document(**row.document) if row.document else None
    sendable = Sendable(row.key, row.text, buttons, row.passes, document)
    held = row.state == "held"
    return Waiting(row.id, row.conversation_id, sendable, row.attempts, row.next_at, held, row.created_at)


def next_message(
    connection: Connection, person_id: int, limits: Limits, left: int, now: float
) -> Optional[Tuple[Waiting, bool]]:
    """What is to be sent now, and whether it may be: not if nothing is `left` of the quota.

    With what passes the conversation on, the service gives leave for one message outside the quota. If more waits than
    may be sent, what follows is merged into it as far as a message holds; of a document the text is.
    """
    found = open_messages(connection, person_id)
    if not found or found[0].held or found[0].next_at > now:
        return None
    head = found[0]
    if left > 0 and len(found) > left and head.attempts == 0:  # one that may have arrived must not change
        head = _merged(connection, found, limits, left)
    return head, left > 0 or bool(head.sendable.passes)


def _merged(connection: Connection, found: Sequence[Waiting], limits: Limits, left: int) -> Waiting:
    head, excess = found[0], len(found) - left
    for following in found[1 : excess + 1]:
        sendable = head.sendable
        text = f"{sendable.text}\n\n{following.sendable.text}"
        buttons = following.sendable.choices or sendable.choices  # the later question is the open one
        if len(text.encode()) > (limits.menu_bytes if buttons else limits.text_bytes):
            break
        passes = following.sendable.passes or sendable.passes
        whole = Sendable(sendable.key, text, buttons, passes)
        head = replace(head, sendable=whole)
        _set(connection, following.id, state="merged")
        shown = [[choice.id, choice.title] for choice in buttons]
        _set(connection, head.id, text=text, choices=shown, passes=passes, document=None)
    return head


def attempted(connection: Connection, message_id: int) -> None:
    """It is tried from now on."""
    _set(connection, message_id, attempts=outbox.c.attempts + 1)


def sent(connection: Connection, person_id: int, message_id: int, brief: bool, now: float) -> None:
    """The service took it; `brief`: it counts in the short window."""
    _set(connection, message_id, state="sent", sent_at=now, problem=None)
    count = people.c.sent_since_press if brief else people.c.sent_since
    connection.execute(sa.update(people).where(people.c.id == person_id).values({count: count + 1}))


def later(connection: Connection, message_id: int, next_at: float) -> None:
    """Try again at `next_at`."""
    _set(connection, message_id, next_at=next_at)


def stays(connection: Connection, message_id: int) -> None:
    """It is sent as any message, and the conversation passes to nobody with it."""
    _set(connection, message_id, passes="", next_at=0)


def held(connection: Connection, person: Person, message_id: int, problem: str) -> None:
    """It waits, and all behind it, until the customer does something, unless that happened since `person` was read.

    One that is of use only now is dropped.
    """
    same = sa.select(people.c.id).where(
        people.c.id == person.id, people.c.wrote_at == person.wrote_at, people.c.pressed_at == person.pressed_at
    )
    if connection.execute(same).first() is not None:
        waits: Any = sa.case((outbox.c.only_now, "dropped"), else_="held")
        _set(connection, message_id, state=waits, problem=problem)


def dropped(connection: Connection, message_id: int, problem: str) -> None:
    """It will never be sent; what is behind it goes on."""
    _set(connection, message_id, state="dropped", problem=problem)


def dropped_all(connection: Connection, person_id: int, problem: str) -> None:
    """Nothing that waits will be sent."""
    waiting = sa.update(outbox).where(outbox.c.person_id == person_id, outbox.c.state.in_(_OPEN))
    connection.execute(waiting.values(state="dropped", problem=problem))


def _set(connection: Connection, message_id: int, **values: object) -> None:
    connection.execute(sa.update(outbox).where(outbox.c.id == message_id).values(**values))
