"""The consoles over Socket.IO: who is there, what each looks at, and what each is told.

From a console                        To a console
  open {conversation_id}                queue {changed: [brief], removed: [id], counts}   at most twice a second
  close_view {}                         message {conversation_id, message}
  typing {conversation_id, typing}      conversation {brief}
                                        typing {conversation_id, who, typing}
                                        viewers {conversation_id, agents: [name]}
                                        presence {agents}     to supervisors
                                        me {me}               the own account changed

A console hears of a conversation's messages while it looks at it, or while its agent has it. The socket belongs to
the session of its cookie; when that ends the socket is closed.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Dict, Iterable, List, Mapping, Optional, Set

from sanic import Sanic
from socketio import AsyncServer

from desk import queue, views, writing
from desk.conversations import find
from desk.people.model import Agent
from desk.people.service import People
from desk.presence import note_heartbeats
from desk.problems import Problem
from desk.service import Desk, News
from desk.states import State

logger = logging.getLogger(__name__)

_SOCKET_PATH = "/socket.io"
_LARGEST_PACKET = 16 * 1024  # bytes
_QUEUE_EVERY = 0.5  # seconds
_HEARTBEAT_EVERY = 15.0  # seconds
_CLOSE_SECONDS = 2.0

Fields = Mapping[str, Any]
#: Shows a customer that an agent is writing, or no longer.
TellTyping = Callable[[str, Agent, bool], Awaitable[None]]


@dataclass
class Console:
    """One open console."""

    socket_id: str
    agent: Agent
    environ: Fields = field(repr=False)
    looks_at: Optional[str] = None


class Live:
    """Every open console of this process."""

    def __init__(self, desk: Desk, people: People, origins: Iterable[str], tell_typing: TellTyping) -> None:
        allowed = frozenset(origins)
        self._desk = desk
        self._people = people
        self._tell_typing = tell_typing
        self._consoles: Dict[str, Console] = {}
        self._changed: Set[str] = set()
        self._presence_changed = False
        self._due = asyncio.Event()
        self._server = AsyncServer(
            async_mode="sanic",
            cors_allowed_origins=lambda origin, _environ: origin in allowed,
            cors_credentials=False,
            max_http_buffer_size=_LARGEST_PACKET,
        )
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("open", self._answered(self._open))
        self._server.on("close_view", self._answered(self._close_view))
        self._server.on("typing", self._answered(self._typing))
        desk.listen(self.tell)

    def attach(self, app: Sanic) -> None:
        """Serve the consoles in this application."""
        self._server.attach(app, _SOCKET_PATH)

    async def stop(self) -> None:
        """Close every socket; the consoles connect again by themselves."""
        if self._consoles:
            try:
                await asyncio.wait_for(self._server.eio.disconnect(), _CLOSE_SECONDS)
            except asyncio.TimeoutError:
                logger.warning("some consoles did not close in time")
        await self._server.shutdown()

    # What consoles are told

    async def tell(self, news: News) -> None:
        """Tell those who look on what a transaction changed."""
        for brief in news.briefs:
            self._changed.add(brief["id"])
            await self._tell_brief(brief)
        if news.briefs:
            self._due.set()
        holders = {brief["id"]: brief["agent"]["id"] for brief in news.briefs if brief.get("agent")}
        for conversation_id, message in news.messages:
            rooms = [_viewing(conversation_id)]
            if conversation_id in holders:
                rooms.append(_of_agent(holders[conversation_id]))
            content = {"conversation_id": conversation_id, "message": message}
            await self._server.emit("message", content, room=rooms)

    async def typing(self, conversation_id: str, who: str, typing: bool, skip: Optional[str] = None) -> None:
        """Show those who look at a conversation that somebody is writing: `customer`, or an agent's name."""
        content = {"conversation_id": conversation_id, "who": who, "typing": typing}
        holder = await self._desk.read(_holder, conversation_id)
        rooms = [_viewing(conversation_id)] + ([_of_agent(holder)] if holder is not None else [])
        await self._server.emit("typing", content, room=rooms, skip_sid=skip)

    async def tell_agent(self, agent: Agent) -> None:
        """Tell an agent's consoles, and supervisors, that the account looks different."""
        for console in self._consoles.values():
            if console.agent.id == agent.id:
                console.agent = agent
        await self._server.emit("me", {"me": agent.as_json()}, room=_of_agent(agent.id))
        self._presence_changed = True
        self._due.set()

    async def flush(self) -> None:
        """Tell queues what changed, whenever something did; until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            changed, self._changed = self._changed, set()
            if changed and self._consoles:
                await self._tell_queues(changed)
            if self._presence_changed:
                self._presence_changed = False
                await self._tell_presence()
            await asyncio.sleep(_QUEUE_EVERY)

    async def heartbeats(self) -> None:
        """Keep noting who is there, and close sockets whose session has ended; until cancelled."""
        while True:
            for console in list(self._consoles.values()):
                agent = await asyncio.to_thread(self._people.socket_agent, console.environ)
                if agent is None:
                    await self._server.disconnect(console.socket_id)
                elif agent.as_json() != console.agent.as_json():
                    await self.tell_agent(agent)
            await self._note({console.agent.id for console in self._consoles.values()})
            await asyncio.sleep(_HEARTBEAT_EVERY)

    def online(self) -> Dict[int, List[str]]:
        """Ids of the agents who are there, with the conversations that each looks at."""
        found: Dict[int, List[str]] = {}
        for console in self._consoles.values():
            looks_at = found.setdefault(console.agent.id, [])
            if console.looks_at and console.looks_at not in looks_at:
                looks_at.append(console.looks_at)
        return found

    async def _tell_queues(self, changed: Set[str]) -> None:
        briefs, counts = await self._desk.read(queue.changes, sorted(changed))
        agents = {console.agent.id: console.agent for console in self._consoles.values()}
        for agent in agents.values():
            shown = [brief for brief in briefs if queue.lists_of(brief, agent)]
            there = {brief["id"] for brief in shown}
            removed = [brief["id"] for brief in briefs if brief["id"] not in there]
            content = {"changed": shown, "removed": removed, "counts": queue.counts_for(counts, agent)}
            await self._server.emit("queue", content, room=_of_agent(agent.id))

    async def _tell_presence(self) -> None:
        agents = {console.agent.id: console.agent for console in self._consoles.values()}
        if any(agent.may("supervisor") for agent in agents.values()):
            await self._server.emit("presence", {"online": sorted(agents)}, room=_SUPERVISORS)

    async def _tell_brief(self, brief: Dict[str, Any]) -> None:
        """Tell the viewers; one who may no longer look, because another took it, is told that and no more."""
        for console in list(self._consoles.values()):
            if console.looks_at == brief["id"] and not _may_look_on(brief, console.agent):
                await self._server.emit("conversation", {"brief": _outline(brief)}, to=console.socket_id)
                await self._look(console, None)
        await self._server.emit("conversation", {"brief": brief}, room=_viewing(brief["id"]))

    # What consoles send

    async def _connect(self, socket_id: str, environ: Fields, auth: Any = None) -> bool:
        agent = await asyncio.to_thread(self._people.socket_agent, environ)
        if agent is None:
            return False
        self._consoles[socket_id] = Console(socket_id, agent, {"HTTP_COOKIE": environ.get("HTTP_COOKIE", "")})
        await self._server.enter_room(socket_id, _of_agent(agent.id))
        if agent.may("supervisor"):
            await self._server.enter_room(socket_id, _SUPERVISORS)
        await self._note({agent.id})
        return True

    async def _disconnect(self, socket_id: str, reason: Any = None) -> None:
        console = self._consoles.pop(socket_id, None)
        if console is None:
            return
        if console.looks_at:
            await self._tell_viewers(console.looks_at)
        self._presence_changed = True
        self._due.set()

    def _answered(self, handle: Callable[[Console, Fields], Awaitable[None]]) -> Callable[..., Awaitable[Any]]:
        async def handler(socket_id: str, data: Any = None) -> Dict[str, Any]:
            console = self._consoles.get(socket_id)
            if console is None:
                return {"accepted": False, "problem": "unauthorised"}
            try:
                await handle(console, data if isinstance(data, Mapping) else {})
            except Problem as problem:
                return {"accepted": False, "problem": problem.name}
            return {"accepted": True}

        return handler

    async def _open(self, console: Console, fields: Fields) -> None:
        conversation_id = str(fields.get("conversation_id") or "")
        found = await self._desk.read(_visible, console.agent, conversation_id)
        await self._look(console, conversation_id)
        if found.agent_id == console.agent.id and found.unread:
            await self._desk.run(writing.seen, console.agent, conversation_id)

    async def _close_view(self, console: Console, _: Fields) -> None:
        await self._look(console, None)

    async def _typing(self, console: Console, fields: Fields) -> None:
        conversation_id, typing = str(fields.get("conversation_id") or ""), bool(fields.get("typing"))
        found = await self._desk.read(_visible, console.agent, conversation_id)
        await self.typing(conversation_id, console.agent.display_name, typing, skip=console.socket_id)
        if found.state == State.AGENT.value and found.agent_id == console.agent.id:
            await self._tell_typing(conversation_id, console.agent, typing)

    async def _look(self, console: Console, conversation_id: Optional[str]) -> None:
        before, console.looks_at = console.looks_at, conversation_id
        if before == conversation_id:
            return
        if before:
            await self._server.leave_room(console.socket_id, _viewing(before))
            await self._tell_viewers(before)
        if conversation_id:
            await self._server.enter_room(console.socket_id, _viewing(conversation_id))
            await self._tell_viewers(conversation_id)

    async def _tell_viewers(self, conversation_id: str) -> None:
        there = (console for console in self._consoles.values() if console.looks_at == conversation_id)
        names = sorted({console.agent.display_name for console in there})
        content = {"conversation_id": conversation_id, "agents": names}
        await self._server.emit("viewers", content, room=_viewing(conversation_id))

    async def _note(self, agent_ids: Set[int]) -> None:
        if agent_ids:
            await self._desk.run(note_heartbeats, sorted(agent_ids))
            self._presence_changed = True
            self._due.set()


_SUPERVISORS = "supervisors"


def _viewing(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def _of_agent(agent_id: int) -> str:
    return f"agent:{agent_id}"


def _may_look_on(brief: Dict[str, Any], agent: Agent) -> bool:
    return agent.may("supervisor") or brief["state"] != State.AGENT.value or brief["agent"]["id"] == agent.id


def _outline(brief: Dict[str, Any]) -> Dict[str, Any]:
    """What anybody may know of a conversation that another has."""
    return {name: brief[name] for name in ("id", "state", "last_move", "since", "language", "agent") if name in brief}


def _visible(connection: Any, agent: Agent, conversation_id: str) -> Any:
    found = find(connection, conversation_id)
    if found is None:
        raise Problem("not-found")
    if not views.may_see(connection, agent, found):
        raise Problem("forbidden")
    return found


def _holder(connection: Any, conversation_id: str) -> Optional[int]:
    found = find(connection, conversation_id)
    return found.agent_id if found is not None else None
