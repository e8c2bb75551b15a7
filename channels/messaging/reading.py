"""What a received message means: a sentence, a button, or something that the assistant cannot take. Pure but for
`recent`, which reads the buttons that were offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messages import MAX_CHARACTERS, Incoming, Refused, incoming
from channels.messaging.compose import same_words
from channels.messaging.inbox import Kept
from channels.messaging.tables import choices, outbox

_GREETING = "/greet"
_OF_LAST_TURNS = 40  # buttons; who answers with a title means a recent one

TOO_EARLY = "utter_messaging_too_early"
UNLINKED = "utter_messaging_unlinked"
#: What customers write on WeChat to end a link, alone and as it is; as anything more it is a sentence like any other.
UNLINK = frozenset({"解绑", "解除绑定", "取消绑定", "解除关联", "取消关联", "unlink"})
#: Of the button that does the same: it is never said to the assistant.
UNLINK_PAYLOAD = "/unlink_chat"
#: By kind: what is said to content that the assistant cannot read, and what stands for it in the transcript.
UNREADABLE = {
    "voice": ("utter_messaging_voice", "utter_label_messaging_voice"),
    "image": ("utter_messaging_file", "utter_label_messaging_image"),
    "video": ("utter_messaging_file", "utter_label_messaging_video"),
    "file": ("utter_messaging_file", "utter_label_messaging_file"),
    "location": ("utter_messaging_unreadable", "utter_label_messaging_location"),
    "link": ("utter_messaging_unreadable", "utter_label_messaging_link"),
    "unknown": ("utter_messaging_unreadable", "utter_label_messaging_unknown"),
}


@dataclass(frozen=True)
class Pressable:
    """A button that was offered, and when it works, seconds since the epoch."""

    id: str
    message_key: str
    title: str
    payload: str
    mark: Optional[str]
    works_at: float


@dataclass(frozen=True)
class Entry:
    """An entry of the account's own menu: what pressing it says, and what it is called."""

    payload: str
    title: str


@dataclass(frozen=True)
class Reading:
    """A turn of the dialogue, or with `response` what is said instead of one; `label` stands for what has no words."""

    incoming: Incoming
    response: Optional[str] = None
    label: Optional[str] = None
    unlinks: bool = False  # the customer wants the chat to be nobody's account any longer


def recent(connection: Connection, person_id: int, pressed: Optional[str] = None) -> List[Pressable]:
    """The buttons last offered to a person, latest first; or the one with the id `pressed`, however old."""
    sent = sa.and_(outbox.c.person_id == choices.c.person_id, outbox.c.key == choices.c.message_key)
    wanted = sa.select(choices, outbox.c.sent_at).outerjoin(outbox, sent).where(choices.c.person_id == person_id)
    if pressed is not None:
        wanted = wanted.where(choices.c.id == pressed)
    found = connection.execute(wanted.order_by(choices.c.offered_at.desc(), choices.c.id).limit(_OF_LAST_TURNS))
    return [
        Pressable(
            row.id,
            row.message_key,
            row.title,
            row.payload,
            row.mark,
            max(row.offered_at, row.sent_at or 0.0) + row.after if row.after else 0.0,
        )
        for row in found
    ]


def read(kept: Kept, pressables: Sequence[Pressable], entry: Callable[[str], Optional[Entry]]) -> Optional[Reading]:
    """What the message means; `None` if nothing is to be said to it.

    `pressables`: those of `recent`, the pressed one first if one was; `entry`: what is behind a key of the menu.
    """
    if kept.kind == "choice":
        chosen = next((each for each in pressables if each.id == kept.text), None)
        return _pressed(kept, chosen) if chosen else _unreadable(kept)
    if kept.kind == "menu":
        found = entry(kept.text)
        return Reading(Incoming(found.payload, kept.message_id, found.title)) if found else _unreadable(kept)
    if kept.kind in ("followed", "entered"):
        return Reading(Incoming(_GREETING, kept.message_id))
    if kept.kind in ("left", "delivered", "failed", "taken", "ended", "said"):
        return None
    return _typed(kept, pressables) if kept.text.strip() else _unreadable(kept)


def _typed(kept: Kept, pressables: Sequence[Pressable]) -> Reading:
    """Words. The title of a button that was offered last, or the mark in front of it, presses that button."""
    said = same_words(kept.text)
    if said in UNLINK:
        return Reading(Incoming(kept.text.strip(), kept.message_id), UNLINKED, unlinks=True)
    last = [each for each in pressables if each.message_key == pressables[0].message_key] if pressables else []
    for each in last:
        if said and said in (same_words(each.title), same_words(each.mark or "")):
            return _pressed(kept, each)
    try:
        return Reading(incoming({"message": kept.text[:MAX_CHARACTERS], "message_id": kept.message_id}))
    except Refused:
        return _unreadable(kept)


def _pressed(kept: Kept, chosen: Pressable) -> Reading:
    if kept.received_at < chosen.works_at:
        return Reading(Incoming(chosen.title, kept.message_id), TOO_EARLY)
    if chosen.payload == UNLINK_PAYLOAD:
        return Reading(Incoming(chosen.title, kept.message_id), UNLINKED, unlinks=True)
    return Reading(Incoming(chosen.payload, kept.message_id, chosen.title))


def label_of(kind: str) -> str:
    """The response that stands in the transcript for content of this kind, which has no words."""
    return UNREADABLE.get(kind, UNREADABLE["unknown"])[1]


def _unreadable(kept: Kept) -> Reading:
    response, label = UNREADABLE.get(kept.kind, UNREADABLE["unknown"])
    return Reading(Incoming("", kept.message_id), response, label)
