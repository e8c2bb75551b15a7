"""The web chat: a Rasa channel over Socket.IO that also serves the widget.

From the browser                          To the browser
  session_request {session_id?, token?,     session_confirm {session_id, signed_in, identity_problem?, …}
                   language?}               history {messages}: all that is to be shown; replaces what was
  authenticate {token | null}               bot_uttered, user_uttered: one message each
  user_uttered {message, message_id}        bot_typing {typing}
  set_language {language}                   message_handled {message_id, problem?}
  typing {typing}                           desk_state {state, position?, expected_minutes?, agent?}
  rate {stars, comment?}                    desk_typing {name?}

Every event from the browser is acknowledged with `{accepted, problem?}`. `problem` is one of `empty`, `too_long`,
`too_fast`, `expired` (the token's time is over: send a new one), `no_session` (send `session_request` first),
`invalid`, `later` (the desk does not answer).

The customer is the one whom the verified token names, the conversation follows from that, and nothing that a browser
claims leads into another conversation. See `channels.identity` and `channels.conversations`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Coroutine, Dict, List, Mapping, Optional, Set, Tuple

from prometheus_client.core import Metric
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio import AsyncServer

from channels import desk, downloads, static_files, transcript_file, uploads
from channels.connections import Allowance, Connection, Sender
from channels.conversations import Conversations
from channels.identity import Identity, TokenRejected, TokenVerifier
from channels.messages import MAX_CHARACTERS, MAX_COMMENT, Incoming, Message, Refused, incoming, rating
from channels.output import NAME, WebChatOutput
from channels.pages import Pages
from channels.tickets import Tickets
from channels.turns import Turns
from common import log, metrics, scrape
from common.settings import settings

if TYPE_CHECKING:  # it would load TensorFlow
    from rasa.core.agent import Agent

logger = logging.getLogger(__name__)

LANGUAGES = ("zh", "en")

_SOCKET_PATH = "/socket.io"
_LARGEST_PACKET = 32 * 1024  # bytes, from the browser
_STOP_SECONDS = 10.0  # how long running turns may take to end when the server stops
_CLOSE_SECONDS = 2.0  # how long the sockets may take to close after that

Fields = Mapping[str, Any]
Handler = Callable[[Connection, Fields], Awaitable[None]]


def _answer_preflights_first(app: Sanic, *_: Any) -> None:
    """Rasa's CORS handling puts itself before everything when the server starts, and allows no page anything."""
    app.request_middleware.appendleft(_answer_preflight)


async def _answer_preflight(request: Request) -> Optional[HTTPResponse]:
    """Let our own routes for OPTIONS answer, which say what the bank's pages may do."""
    route = request.route
    if request.method != "OPTIONS" or route is None or f".{NAME}." not in route.name:
        return None
    answered: HTTPResponse = await route.handler(request, **request.match_info)
    return answered


class _WebChatBlueprint(Blueprint):
    """Brings the Socket.IO server along and learns which application it is part of."""

    def __init__(self, channel: "WebChat") -> None:
        super().__init__("webchat", __name__)
        self.ctx.channel = channel

    def register(self, app: Sanic, options: Dict[str, Any]) -> None:
        """Called by Sanic when Rasa registers the channel."""
        self.ctx.channel.attach(app)
        super().register(app, options)


class WebChat(InputChannel):
    """Named in `credentials.yml`."""

    def __init__(self) -> None:
        values = settings()
        self._verifier = TokenVerifier(
            values.identity_key_file(), issuer=values.identity_issuer, audience=values.identity_audience
        )
        self._conversations = Conversations(values.secret("webchat_secret"))
        self._tickets = Tickets(values.secret("webchat_secret"))
        self._origins = frozenset(values.webchat_origins())
        self._connections: Dict[str, Connection] = {}
        self._tasks: Set["asyncio.Task[None]"] = set()
        self._app: Optional[Sanic] = None
        self._turns = Turns(self._agent)
        self._desk = desk.Desk()
        self._server = AsyncServer(
            async_mode="sanic",
            cors_allowed_origins=lambda origin, _environ: origin in self._origins,
            cors_credentials=False,
            max_http_buffer_size=_LARGEST_PACKET,
        )

    @classmethod
    def name(cls) -> str:
        """Its address is `/webhooks/<name>`."""
        return NAME

    def get_output_channel(self) -> OutputChannel:
        """For messages that do not answer a customer's: `await output.send_response(conversation_id, message)`."""
        return WebChatOutput(self._server)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes; messages go to the agent by `Turns`, which needs more of it than `on_new_message` gives."""
        blueprint = _WebChatBlueprint(self)

        @blueprint.get("/health", name="health")
        async def health(_: Request) -> HTTPResponse:
            ready = self._agent().is_ready()
            return response.json({"status": "ok" if ready else "no model"}, status=200 if ready else 503)

        pages = Pages(self._verifier, self._origins)
        downloads.serve(blueprint, pages)
        uploads.serve(blueprint, pages, self._tickets)
        doors = desk.Doors(self._verifier, self._origins, self._conversations)
        desk.serve(blueprint, doors, self._desk, self._signal)
        transcript_file.serve(blueprint, doors, self._written)
        static_files.serve(blueprint, static_files.load(), self._origins)
        # Not before: the command line of Rasa sets up its own logging first.
        blueprint.listener("before_server_start")(lambda *_: log.configure("assistant"))
        blueprint.listener("before_server_start")(_answer_preflights_first)
        blueprint.listener("before_server_stop")(self._stop)
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("session_request", self._acknowledged(self._session_request))
        self._server.on("authenticate", self._acknowledged(self._authenticate))
        self._server.on("set_language", self._acknowledged(self._set_language))
        self._server.on("user_uttered", self._acknowledged(self._user_uttered))
        self._server.on("typing", self._acknowledged(self._typing))
        self._server.on("rate", self._acknowledged(self._rate))
        return blueprint

    def attach(self, app: Sanic) -> None:
        """Serve Socket.IO in this application, whose agent answers."""
        self._app = app
        scrape.serve(app, "assistant", self._levels)
        app.ctx.pages = self.get_output_channel  # for channels that carry on a customer's conversation elsewhere
        self._server.attach(app, _SOCKET_PATH)

    def _agent(self) -> Agent:
        if self._app is None:
            raise RuntimeError("the channel is not part of a server yet")
        agent: Agent = self._app.ctx.agent
        return agent

    def _levels(self) -> List[Metric]:
        return [metrics.MODEL_READY.of(self._agent().is_ready()), metrics.PAGES_OPEN.of(len(self._connections))]

    async def _stop(self, *_: Any) -> None:
        """Let running turns end, so that no answer is lost; the browsers connect again by themselves."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        if self._connections:
            # An open WebSocket would keep the server from stopping.
            try:
                await asyncio.wait_for(self._server.eio.disconnect(), _CLOSE_SECONDS)
            except asyncio.TimeoutError:
                logger.warning("some sockets did not close in time")
        await self._server.shutdown()

    # What the browser sends

    async def _connect(self, socket_id: str, environ: Fields, auth: Any = None) -> None:
        self._connections[socket_id] = Connection(socket_id, Allowance(settings().webchat_burst))

    async def _disconnect(self, socket_id: str, reason: Any = None) -> None:
        connection = self._connections.pop(socket_id, None)
        if connection:
            connection.forget_expiry()

    def _acknowledged(self, handle: Handler) -> Callable[..., Awaitable[Dict[str, Any]]]:
        """Make a Socket.IO handler whose result tells the browser whether the event was taken, and if not, why."""

        async def handler(socket_id: str, data: Any = None) -> Dict[str, Any]:
            connection = self._connections.get(socket_id)
            try:
                if connection is None:
                    raise Refused("no_session")
                if not connection.allowance.take():
                    raise Refused("too_fast")
                await handle(connection, data if isinstance(data, Mapping) else {})
            except Refused as refused:
                return {"accepted": False, "problem": refused.problem}
            return {"accepted": True}

        return handler

    async def _session_request(self, connection: Connection, fields: Fields) -> None:
        async with connection.changing:
            if fields.get("language") in LANGUAGES:
                connection.language = fields["language"]
            identity, problem = self._identity(fields.get("token"))
            await self._enter(connection, identity, problem, fields.get("session_id"))

    async def _authenticate(self, connection: Connection, fields: Fields) -> None:
        async with connection.changing:
            identity, problem = self._identity(fields.get("token"))
            if identity and connection.conversation_id == self._conversations.of_customer(identity.customer_id):
                self._take_identity(connection, identity)
                await self._confirm(connection)
            else:
                await self._enter(connection, identity, problem, None)

    async def _set_language(self, connection: Connection, fields: Fields) -> None:
        language = fields.get("language")
        if language in LANGUAGES:
            connection.language = language
            if connection.conversation_id:
                self._start(connection.conversation_id, self._turns.set_language(connection.conversation_id, language))

    async def _user_uttered(self, connection: Connection, fields: Fields) -> None:
        message = incoming(fields)
        async with connection.changing:
            if connection.identity_is_over():
                await self._expire(connection)
            sender = connection.sender()
            if sender is None:
                raise Refused("expired" if connection.identity_problem == "expired" else "no_session")
            # Tasks begin in the order in which they are made, and wait for their conversation in that order.
            self._start(sender.conversation_id, self._turn(sender, message))

    async def _typing(self, connection: Connection, fields: Fields) -> None:
        sender = connection.sender()
        if sender and connection.with_people:
            self._start(sender.conversation_id, self._desk.typing(sender.conversation_id, bool(fields.get("typing"))))

    async def _rate(self, connection: Connection, fields: Fields) -> None:
        given, sender = rating(fields), connection.sender()
        if sender is None:
            raise Refused("no_session")
        asked_at = await self._turns.rating_asked(sender.conversation_id, given.message_id)
        if not await self._desk.rate(sender.conversation_id, given.stars, given.comment, asked_at):
            raise Refused("later")

    # Whose conversation it is

    def _identity(self, token: Any) -> Tuple[Optional[Identity], Optional[str]]:
        if not token:
            return None, None
        try:
            return self._verifier.verify(token), None
        except TokenRejected as rejected:
            logger.warning("an identity token was not accepted: %s", rejected)
            return None, rejected.problem

    async def _enter(
        self, connection: Connection, identity: Optional[Identity], problem: Optional[str], session_id: Any
    ) -> None:
        """Move the socket out of its conversation into the one that follows from who it is, and show that."""
        await self._leave(connection)
        if identity:
            # Leads to nobody's conversation: once signed out, it names a visitor who never wrote.
            connection.session_id = self._conversations.new_session()
            connection.conversation_id = self._conversations.of_customer(identity.customer_id)
            self._take_identity(connection, identity)
        else:
            known = self._conversations.of_session(session_id)
            connection.session_id = session_id if known else self._conversations.new_session()
            connection.conversation_id = known or self._conversations.of_session(connection.session_id)
            connection.identity_problem = problem
        await self._server.enter_room(connection.socket_id, connection.conversation_id)
        await self._confirm(connection)
        sender = connection.sender()
        if sender:
            self._start(sender.conversation_id, self._show(connection, sender))

    def _take_identity(self, connection: Connection, identity: Identity) -> None:
        connection.forget_expiry()
        connection.identity = identity
        connection.identity_problem = None
        seconds = max(0.0, identity.expires_at - time.time())
        name = connection.conversation_id or ""
        connection.expiry = asyncio.get_running_loop().call_later(
            seconds, lambda: self._start(name, self._check_identity(connection))
        )

    async def _check_identity(self, connection: Connection) -> None:
        async with connection.changing:
            if connection.identity_is_over():
                await self._expire(connection)
                await self._confirm(connection)
            elif connection.identity:  # the timer's clock runs ahead of the calendar's
                self._take_identity(connection, connection.identity)

    async def _expire(self, connection: Connection) -> None:
        """The identity is over: from now on nothing of its conversation reaches this socket."""
        await self._leave(connection)
        connection.identity_problem = "expired"

    async def _leave(self, connection: Connection) -> None:
        connection.forget_expiry()
        if connection.conversation_id:
            await self._server.leave_room(connection.socket_id, connection.conversation_id)
        connection.conversation_id = None
        connection.session_id = None
        connection.identity = None

    # What the browser is told

    async def _confirm(self, connection: Connection) -> None:
        state: Dict[str, Any] = {
            "session_id": connection.session_id,
            "signed_in": connection.identity is not None,
            "limits": {"message_characters": MAX_CHARACTERS, "comment_characters": MAX_COMMENT},
            "time": time.time(),  # messages carry this clock's time, and devices' clocks are often wrong
        }
        if connection.identity_problem:
            state["identity_problem"] = connection.identity_problem
        if connection.conversation_id:
            state["conversation"] = self._conversations.fingerprint(connection.conversation_id)
        await self._server.emit("session_confirm", state, to=connection.socket_id)

    async def _show(self, connection: Connection, sender: Sender) -> None:
        """Send the transcript as soon as no turn is running, unless the socket has left the conversation by then."""

        async def show(messages: List[Message]) -> bool:
            async with connection.changing:
                if connection.conversation_id != sender.conversation_id:
                    return False
                await self._server.emit("history", {"messages": messages}, to=sender.socket_id)
                return True

        if self._turns.is_busy(sender.conversation_id):
            await self._server.emit("bot_typing", {"typing": True}, to=sender.socket_id)
        await self._turns.open(sender, WebChatOutput(self._server), show)
        await self._show_state(connection, sender)

    async def _show_state(self, connection: Connection, sender: Sender) -> None:
        """Send who has the conversation; if the desk does not answer, at least whether the assistant is silent."""
        state = await self._desk.state(sender.conversation_id)
        if state is None:
            state = {"state": "waiting" if await self._turns.is_silent(sender.conversation_id) else "bot"}
        async with connection.changing:
            if connection.conversation_id == sender.conversation_id:
                connection.with_people = state["state"] in desk.WITH_PEOPLE
                await self._server.emit("desk_state", state, to=sender.socket_id)

    async def _signal(self, conversation_id: str, event: str, data: Fields) -> None:
        """Show something of this moment on every open page of a conversation."""
        if event == "desk_state":
            for connection in self._connections.values():
                if connection.conversation_id == conversation_id:
                    connection.with_people = data["state"] in desk.WITH_PEOPLE
        await self._server.emit(event, dict(data), room=conversation_id)

    async def _written(self, conversation_id: str) -> Optional[str]:
        """The conversation as a text, in its own language."""
        agent = self._agent()
        tracker = await agent.processor.get_tracker(conversation_id)

        async def words(response: str, **values: Any) -> str:
            said = await agent.processor.nlg.generate(response, tracker, NAME, **values)
            return str((said or {}).get("text") or "")

        return await transcript_file.written(await self._turns.events(conversation_id), words)

    async def _turn(self, sender: Sender, message: Incoming) -> None:
        handled = {"message_id": message.message_id}
        try:
            await self._turns.handle(sender, WebChatOutput(self._server), message)
        except Exception:
            logger.exception("a message in %s got no answer", sender.conversation_id)
            handled["problem"] = "technical"
        await self._server.emit("message_handled", handled, room=sender.conversation_id)

    def _start(self, conversation_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the background; what it logs carries the conversation id."""

        async def run() -> None:
            log.conversation_id.set(conversation_id)
            try:
                await work
            except Exception:
                logger.exception("work for %s failed", conversation_id)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
