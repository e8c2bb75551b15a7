"""What Chatwoot tells: agents' replies, and that they opened, resolved or gave back a conversation.

Chatwoot repeats what was not answered, tells the same by the inbox and by the agent bot, and may mix up the order: a
reply is known by its number, and a status says what is, not what changes, so that each has its effect once.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from typing import Any, Mapping, Optional

import sqlalchemy as sa
from sanic import Blueprint
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy.engine import Row

from common import clock
from desk import messages, sentences
from desk.chatwoot.bridge import PENDING, RESOLVED
from desk.chatwoot.client import ChatwootClient, ChatwootRefused, ChatwootUnreachable
from desk.chatwoot.note import words
from desk.chatwoot.tables import links
from desk.conversations import change, held, move
from desk.journal import By, Journal
from desk.messages import PAUSE, RESUME
from desk.problems import Problem
from desk.service import Desk
from desk.states import AT_DESK, SILENT, Move, State
from desk.tables import handovers

logger = logging.getLogger(__name__)

_FRESH_SECONDS = 300  # how old a signed request may be
_OUTGOING = frozenset({"outgoing", 1})
_STATUS_EVENTS = frozenset({"conversation_status_changed", "conversation_resolved", "conversation_opened"})
_RESOLVED_REASON = "resolved in Chatwoot"

Payload = Mapping[str, Any]


def blueprint(desk: Desk, client: ChatwootClient, secret: str) -> Blueprint:
    """The address to enter in Chatwoot as the inbox's and the agent bot's webhook."""
    routes = Blueprint("chatwoot", url_prefix="/chatwoot")

    @routes.post("/webhook")
    async def heard(request: Request) -> HTTPResponse:
        if not is_from_chatwoot(request, secret):
            raise Problem("unauthorised")
        payload = _payload(request)
        event = payload.get("event")
        if event == "message_created":
            delivered = await desk.run(take_message, payload)
            if delivered is False:
                await _tell_not_delivered(desk, client, payload)
        elif event in _STATUS_EVENTS:
            await desk.run(take_status, payload)
        return json({})

    return routes


def is_from_chatwoot(request: Request, secret: str, now: Optional[float] = None) -> bool:
    """Whether the request is signed with the secret and fresh, or has the secret in its address."""
    stamp, signature = (request.headers.get(f"X-Chatwoot-{name}") for name in ("Timestamp", "Signature"))
    if stamp is None or signature is None:
        return hmac.compare_digest(str(request.args.get("secret") or "").encode(), secret.encode())
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    is_fresh = stamp.isascii() and stamp.isdigit() and abs((now or time.time()) - int(stamp)) <= _FRESH_SECONDS
    return is_fresh and hmac.compare_digest(f"sha256={signed}".encode(), signature.encode())


def take_message(journal: Journal, payload: Payload) -> Optional[bool]:
    """Take an agent's reply to the customer; `None` if it is none, `False` if the assistant has the conversation."""
    number, text = payload.get("id"), payload.get("content")
    if payload.get("message_type") not in _OUTGOING or payload.get("private") is True:
        return None
    if not isinstance(number, (int, str)) or not isinstance(text, str) or not text.strip():
        return None
    link = _link(journal, (payload.get("conversation") or {}).get("id"))
    conversation = held(journal.connection, link.conversation_id) if link else None
    if link is None or conversation is None or (payload.get("sender") or {}).get("type") == "agent_bot":
        return None
    message_id = f"chatwoot-{number}"
    if messages.find(journal, link.conversation_id, message_id):
        return None
    if conversation.handover_id != link.handover_id or State(conversation.state) not in AT_DESK:
        return False
    agent = By(str((payload.get("sender") or {}).get("name") or "Chatwoot")[:64])
    if conversation.state != State.AGENT.value:
        move(journal, conversation, Move.CLAIM, agent, to=agent)
        messages.say(journal, conversation, sentences.AGENT_JOINED, before=[PAUSE], agent=agent.name)
    messages.tell(journal, conversation, text.strip(), by=agent, message_id=message_id)
    change(journal, link.conversation_id, asked_at=None, unread=0)
    first = sa.and_(handovers.c.id == link.handover_id, handovers.c.answered_at.is_(None))
    journal.connection.execute(sa.update(handovers).where(first).values(answered_at=clock.now()))
    return True


def take_status(journal: Journal, payload: Payload) -> None:
    """Take what a conversation has become: resolved closes the hand-over, pending gives it back to the assistant."""
    link = _link(journal, payload.get("id"))
    conversation = held(journal.connection, link.conversation_id) if link else None
    if link is None or conversation is None or conversation.handover_id != link.handover_id:
        return
    status, state = payload.get("status"), State(conversation.state)
    if status not in (RESOLVED, PENDING) or state not in AT_DESK:
        return
    agent = By(str(_assignee(payload) or conversation.agent_name or "Chatwoot")[:64])
    if status == RESOLVED:
        move(journal, conversation, Move.CLOSE, agent, _RESOLVED_REASON)
        outcome = {"outcome": "resolved", "agent_name": conversation.agent_name or agent.name}
        journal.connection.execute(sa.update(handovers).where(handovers.c.id == link.handover_id).values(**outcome))
        _end(journal, link, conversation, state, sentences.CLOSED)
    elif status == PENDING and link.is_open:  # it was pending before it was opened, too
        made = Move.HAND_BACK if state is State.AGENT else Move.BACK_TO_BOT
        move(journal, conversation, made, agent)
        _end(journal, link, conversation, state, sentences.HANDED_BACK)


def _end(journal: Journal, link: Row, conversation: Row, state: State, sentence: str) -> None:
    """Chatwoot's agents see it no longer; a customer who waited for the assistant's word hears the `sentence`."""
    journal.connection.execute(sa.update(links).where(links.c.handover_id == link.handover_id).values(is_open=False))
    if state in SILENT:
        messages.say(journal, conversation, sentence, before=[RESUME])


async def _tell_not_delivered(desk: Desk, client: ChatwootClient, payload: Payload) -> None:
    """Tell the agent that the customer did not get it: nothing may look sent that is not."""
    number = (payload.get("conversation") or {}).get("id")
    language = await desk.run(_language, number)
    try:
        await desk.thread(client.note, number, words(language)["not_delivered"])
    except (ChatwootRefused, ChatwootUnreachable) as error:
        logger.warning("an agent was not told that a reply was not delivered: %s", error)


def _language(journal: Journal, number: Any) -> str:
    link = _link(journal, number)
    found = held(journal.connection, link.conversation_id) if link else None
    return str(found.language) if found else "en"


def _link(journal: Journal, number: Any) -> Optional[Row]:
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return journal.connection.execute(sa.select(links).where(links.c.number == number)).one_or_none()


def _assignee(payload: Payload) -> Optional[str]:
    name = ((payload.get("meta") or {}).get("assignee") or {}).get("name")
    return name if isinstance(name, str) else None


def _payload(request: Request) -> Payload:
    try:
        found = request.json
    except InvalidUsage:
        raise Problem("invalid-request", "not JSON") from None
    if not isinstance(found, dict):
        raise Problem("invalid-request", "not an object")
    return found
