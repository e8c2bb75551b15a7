"""Reads the feed on from where it stopped, and keeps what the figures need. Each event counts once.

How far it has read is kept in the transaction that keeps what was read, so that it may end and begin anew at any time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Callable, Dict, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank.models import ApplicationKind, ReasonClass
from common import clock
from common.database import insert_into
from common.feed import EventFeed, FedEvent
from common.settings import settings
from desk.insights.anonymous import anonymous
from desk.insights.tables import requests, sentences, threads, visits
from desk.insights.understanding import Understood, told_by_answer
from desk.positions import held, read_to

FEED = "insights"
BATCH = 200  # events in one transaction
#: A pause after which what the customer writes is another conversation; `session_expiration_time` of the domain.
PAUSE = timedelta(minutes=120)
PROMISE, DISPUTE = "promise", "dispute"
#: The forms that end with something filed, and as what. What else they leave as a receipt is no request.
FILED_BY: Mapping[str, str] = {
    "instalment_form": ApplicationKind.INSTALMENT.value,
    "deferral_form": ApplicationKind.DEFERRAL.value,
    "agreement_form": ApplicationKind.AGREEMENT.value,
    "waiver_form": ApplicationKind.WAIVER.value,
    "hardship_form": ApplicationKind.HARDSHIP.value,
    "promise_form": PROMISE,
    "dispute_form": DISPUTE,
}
WITHHELD = "withheld"
_LANGUAGES = ("zh", "en")
_REASONS = frozenset({WITHHELD, *(each.value for each in ReasonClass)})
#: What else an entity `reason` may say is about a booking.
_NOT_IN_PASSING = frozenset({WITHHELD, ReasonClass.DISPUTE.value, ReasonClass.OTHER.value})

Event = Mapping[str, Any]


def take_next(connection: Connection, feed: EventFeed) -> bool:
    """Take over the next events, at most `BATCH`; whether there were any."""
    found = feed.read(held(connection, FEED), BATCH)
    for fed in found:
        take(connection, fed)
    if found:
        read_to(connection, FEED, found[-1].id)
    return bool(found)


def take(connection: Connection, fed: FedEvent) -> None:
    """Take over one event."""
    handle = _HANDLERS.get(str(fed.event.get("event")))
    if handle is not None:
        handle(connection, fed.conversation_id, fed.event)


def is_customers(event: Event) -> bool:
    """Whether a `user` event is something that a customer wrote or pressed, and not what a channel sent by itself."""
    metadata = event.get("metadata") or {}
    return not metadata.get("is_external") and metadata.get("shown_as") != "" and bool(event.get("text"))


def is_pressed(event: Event) -> bool:
    """Whether it came from a button."""
    return (event.get("metadata") or {}).get("shown_as") is not None or str(event.get("text")).startswith("/")


def _user(connection: Connection, conversation_id: str, event: Event) -> None:
    if not is_customers(event):
        return
    thread = _thread(connection, conversation_id)
    visit = _visit(connection, thread, conversation_id, event)
    intent = _intent(event)
    counts = bool(intent) and not is_pressed(event) and not (thread is not None and thread.paused)
    if thread is not None and thread.sentence_id and is_pressed(event) and thread.understood == Understood.TWO_READINGS:
        _chosen(connection, thread.sentence_id, intent)
    changed: Dict[str, Any] = {
        "visit_id": visit.id,
        "understood": Understood.YES.value if counts else None,
        "text": anonymous(str(event["text"])) if counts else None,
        "said_at": _moment(event),
        "sentence_id": None,
    }
    _change_thread(connection, conversation_id, changed)
    told = _reason_in_passing(event)
    if counts or told:
        more = {"messages": visits.c.messages + 1} if counts else {}
        _change_visit(connection, visit.id, **more, **({"reason": told} if told else {}))


def _visit(connection: Connection, thread: Optional[Row], conversation_id: str, event: Event) -> Row:
    """The visit to which a message belongs, brought up to date: the last one, or a new one after a long pause."""
    at = _moment(event)
    metadata = event.get("metadata") or {}
    who = (metadata.get("identity") or {}).get("customer_id")
    language = (event.get("parse_data") or {}).get("language") or metadata.get("language")
    language = language if language in _LANGUAGES else None
    last = _visit_of(connection, thread.visit_id) if thread is not None else None
    if last is not None and at - last.last_at <= PAUSE:
        told = {"customer_id": who, "language": language}
        new = {name: value for name, value in told.items() if value and value != last._mapping[name]}
        if "customer_id" in new:
            new["bucket"] = None  # it is asked anew for who that is
        _change_visit(connection, last.id, last_at=max(at, last.last_at), **new)
        return last
    values = {
        "conversation_id": conversation_id,
        "customer_id": who,
        "day": at.date(),
        "started_at": at,
        "last_at": at,
        "channel": str(event.get("input_channel") or "webchat"),
        "language": language or (last.language if last is not None else settings().default_language),
    }
    made = connection.execute(sa.insert(visits).values(**values)).inserted_primary_key[0]
    found = _visit_of(connection, made)
    assert found is not None
    return found


def _bot(connection: Connection, conversation_id: str, event: Event) -> None:
    told = told_by_answer(event)
    if told is not None:
        _not_understood(connection, conversation_id, told)


def _not_understood(connection: Connection, conversation_id: str, told: Understood) -> None:
    """The last message was not understood, or it is known more exactly how."""
    thread = _thread(connection, conversation_id)
    if thread is None or thread.understood is None or not told.exceeds(Understood(thread.understood)):
        return
    changed = {told.value: visits.c[told.value] + 1}
    before = Understood(thread.understood)
    if before is not Understood.YES:
        changed[before.value] = visits.c[before.value] - 1
    _change_visit(connection, thread.visit_id, **changed)
    _change_thread(
        connection, conversation_id, {"understood": told.value, "sentence_id": _keep(connection, thread, told)}
    )


def _keep(connection: Connection, thread: Row, told: Understood) -> int:
    """Keep the sentence; its number."""
    if thread.sentence_id:
        same = sa.update(sentences).where(sentences.c.id == thread.sentence_id)
        connection.execute(same.values(kind=told.value))
        return int(thread.sentence_id)
    visit = _visit_of(connection, thread.visit_id)
    assert visit is not None
    values = {
        "visit_id": thread.visit_id,
        "at": thread.said_at,
        "language": visit.language,
        "kind": told.value,
        "text": thread.text,
    }
    return int(connection.execute(sa.insert(sentences).values(**values)).inserted_primary_key[0])


def _chosen(connection: Connection, sentence_id: int, intent: Optional[str]) -> None:
    if intent and intent != "nlu_fallback":
        connection.execute(sa.update(sentences).where(sentences.c.id == sentence_id).values(chosen=intent))


def _slot(connection: Connection, conversation_id: str, event: Event) -> None:
    handle = {"receipt": _receipt, "reason": _reason, "misses": _misses, "language": _language}.get(
        str(event.get("name"))
    )
    thread = _thread(connection, conversation_id) if handle else None
    if handle is not None and thread is not None:
        handle(connection, thread, event)


def _receipt(connection: Connection, thread: Row, event: Event) -> None:
    kind = FILED_BY.get(str(thread.form))
    visit = _visit_of(connection, thread.visit_id)
    if kind is None or not event.get("value") or visit is None or not visit.customer_id:
        return
    file_request(
        connection,
        visit_id=visit.id,
        customer_id=visit.customer_id,
        reference=str(event["value"]),
        kind=kind,
        filed_at=_moment(event),
        by_agent=False,
    )


def file_request(
    connection: Connection,
    *,
    visit_id: int,
    customer_id: str,
    reference: str,
    kind: str,
    filed_at: datetime,
    by_agent: bool,
) -> None:
    """Note what was filed, once for each reference; the bank is asked soon what becomes of it."""
    values = {
        "customer_id": customer_id,
        "reference": reference,
        "visit_id": visit_id,
        "kind": kind,
        "filed_at": filed_at,
        "by_agent": by_agent,
        "next_at": filed_at,
    }
    connection.execute(insert_into(connection, requests).values(**values).on_conflict_do_nothing())


def filed_by_agent(
    connection: Connection, conversation_id: str, *, customer_id: str, reference: str, kind: str
) -> None:
    """Note what an agent has filed for the customer of a conversation, at this moment."""
    thread = _thread(connection, conversation_id)
    if thread is None:
        return  # nothing was ever said: no figure could show it
    file_request(
        connection,
        visit_id=thread.visit_id,
        customer_id=customer_id,
        reference=reference,
        kind=kind,
        filed_at=clock.now(),
        by_agent=True,
    )


def _reason(connection: Connection, thread: Row, event: Event) -> None:
    if event.get("value") in _REASONS:
        _change_visit(connection, thread.visit_id, reason=event["value"])


def _misses(connection: Connection, thread: Row, event: Event) -> None:
    value = event.get("value")
    misses = value if isinstance(value, int) else 0
    if misses == thread.misses:
        return
    _change_thread(connection, thread.conversation_id, {"misses": misses})
    if misses > thread.misses:
        _not_understood(connection, thread.conversation_id, Understood.FALLBACK)


def _language(connection: Connection, thread: Row, event: Event) -> None:
    if event.get("value") in _LANGUAGES:
        _change_visit(connection, thread.visit_id, language=event["value"])


def _form(connection: Connection, conversation_id: str, event: Event) -> None:
    _change_thread(connection, conversation_id, {"form": event.get("name")})


def _pause(connection: Connection, conversation_id: str, event: Event) -> None:
    _change_thread(connection, conversation_id, {"paused": True})


def _awake(connection: Connection, conversation_id: str, event: Event) -> None:
    """The assistant answers again; a session that begins, or begins anew, does not know that it was paused."""
    _change_thread(connection, conversation_id, {"paused": False})


_HANDLERS: Dict[str, Callable[[Connection, str, Event], None]] = {
    "user": _user,
    "bot": _bot,
    "slot": _slot,
    "active_loop": _form,
    "pause": _pause,
    "resume": _awake,
    "session_started": _awake,
    "restart": _awake,
}


def _thread(connection: Connection, conversation_id: str) -> Optional[Row]:
    return connection.execute(sa.select(threads).where(threads.c.conversation_id == conversation_id)).one_or_none()


def _change_thread(connection: Connection, conversation_id: str, values: Dict[str, Any]) -> None:
    """Change what is known of a conversation; a first message of the customer makes it known."""
    if "visit_id" not in values:
        same = sa.update(threads).where(threads.c.conversation_id == conversation_id)
        connection.execute(same.values(**values))
        return
    new = insert_into(connection, threads).values(conversation_id=conversation_id, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["conversation_id"], set_=values))


def _visit_of(connection: Connection, visit_id: int) -> Optional[Row]:
    return connection.execute(sa.select(visits).where(visits.c.id == visit_id)).one_or_none()


def _change_visit(connection: Connection, visit_id: int, **values: Any) -> None:
    connection.execute(sa.update(visits).where(visits.c.id == visit_id).values(**values))


def _reason_in_passing(event: Event) -> Optional[str]:
    """Why the customer is behind, if the message says so."""
    entities = (event.get("parse_data") or {}).get("entities") or []
    told = [each.get("value") for each in entities if each.get("entity") == "reason"]
    classes = [str(each) for each in told if each in _REASONS - _NOT_IN_PASSING]
    return classes[-1] if classes else None


def _intent(event: Event) -> Optional[str]:
    name: Optional[str] = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
    return name


def _moment(event: Event) -> datetime:
    stamp = event.get("timestamp")
    return datetime.fromtimestamp(stamp, clock.BANK_ZONE) if isinstance(stamp, (int, float)) else clock.now()
