"""What the channels of messaging services share as Rasa sees them: routes, the worker, and how others send by them."""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic

from bank.client import bank_client
from channels.conversations import Conversations
from channels.desk import Desk
from channels.identity import TokenVerifier
from channels.messages import answer
from channels.messaging import fate, levels, link_page, people, templates, window
from channels.messaging.answering import Answering
from channels.messaging.delivery import Delivery
from channels.messaging.dialogue import Dialogue, Pages
from channels.messaging.fate import key_of
from channels.messaging.identity import Identities
from channels.messaging.inbox import Inbox
from channels.messaging.links import Links
from channels.messaging.papers import Papers
from channels.messaging.platform import Platform
from channels.messaging.reading import Entry
from channels.messaging.store import Store
from channels.messaging.templates import Notices
from channels.messaging.worker import Worker
from channels.tickets import Tickets
from channels.turns import Output
from channels.uploads import ByActions
from common import log, scrape
from common.settings import settings

if TYPE_CHECKING:  # it would load TensorFlow
    from rasa.core.agent import Agent

logger = logging.getLogger(__name__)


class MessagingOutput(OutputChannel):
    """For messages that answer no message: they go to whoever wrote last in the conversation over this service."""

    def __init__(self, name: str, store: Store, answering: Answering, wake: Callable[[], None], pages: Pages) -> None:
        self._name = name
        self._pages = pages
        self._store = store
        self._answering = answering
        self._wake = wake

    def name(self) -> str:
        """As in the events of trackers."""
        return self._name

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Put one message, all parts of it together, into the outbox; the same `message_id` is the same message.

        One that says `only_now` is dropped where another would wait for the customer.
        """
        shaped = answer({"timestamp": time.time(), **message})
        person = await self._store.read(people.last_in, self._name, recipient_id)
        if shaped is None or person is None:
            logger.error("a message in %s has nothing to show or nobody to go to", recipient_id)
            return
        key = key_of(recipient_id, str(message.get("message_id") or secrets.token_hex(16)))
        await self._answering.push(person, recipient_id, shaped, key, only_now=message.get("only_now") is True)
        self._wake()
        page = self._pages()
        if page is not None:
            await page.send_response(recipient_id, message)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """A message of text only."""
        await self.send_response(recipient_id, {"text": text})


class MessagingChannel(InputChannel):
    """One service; a subclass is named in `credentials.yml` and says what is its own.

    A service without settings has no platform, and then no routes, no worker and no database.
    """

    def __init__(
        self,
        platform: Optional[Platform],
        store: Optional[Store] = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`store`: the messaging database, if the service keeps something in it; `now`: seconds since the epoch."""
        self.service = platform
        self._store = store
        self._now = now
        self._app: Optional[Sanic] = None
        self._output: Optional[MessagingOutput] = None

    def serve(self, blueprint: Blueprint, inbox: Inbox) -> None:
        """Add the service's own routes, which put what comes into the inbox before they acknowledge it."""
        raise NotImplementedError

    def entry(self, key: str) -> Optional[Entry]:
        """What is behind a key of the account's own menu; none if there is no such entry."""
        return None

    def notices(self) -> Optional[Notices]:
        """The service as one that has template messages; none if it has not."""
        return None

    async def start(self) -> None:
        """Called when the server has started: what the service needs running beside its routes."""

    async def stop(self) -> None:
        """Called before the server stops."""

    def get_output_channel(self) -> Optional[OutputChannel]:
        """For messages that do not answer a customer's: `await output.send_response(conversation_id, message)`."""
        return self._output

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. Messages go to the agent by `Turns`, which needs more of it than `on_new_message` gives."""
        blueprint = Blueprint(self.name(), __name__)
        if self.service is not None:
            self._build(blueprint, self.service)
        return blueprint

    def _build(self, blueprint: Blueprint, platform: Platform) -> None:
        values, now = settings(), self._now
        figures = platform.name in values.messaging_figures
        secret = values.secret("webchat_secret")
        bank = bank_client()
        store = self._store or Store(values.store_url("messaging"))
        dialogue = Dialogue(self._agent, platform, self._pages)
        files = platform.limits.file_bytes > 0
        links = Links(platform.name, Tickets(secret), dialogue.words, figures=figures, files=files)
        identities = Identities(bank, store, Conversations(secret), figures=figures, now=now)
        papers = Papers(platform, ByActions())
        answering = Answering(store, dialogue, identities, links, platform, papers, self.entry, now)
        worker = Worker(store, answering, Delivery(store, platform, Desk().come_here, now), now)
        self._output = MessagingOutput(platform.name, store, answering, worker.wake, self._pages)
        verifier = TokenVerifier(
            values.identity_key_file(), issuer=values.identity_issuer, audience=values.identity_audience
        )
        doors = link_page.Doors(platform.name, store, bank, verifier, dialogue, identities, worker.wake, now)
        link_page.serve(blueprint, doors)
        window.serve(blueprint, platform, store, now)
        fate.serve(blueprint, store, now)
        notices = self.notices()
        if notices is not None:
            templates.serve(blueprint, notices, store, identities, key_of, now)
        self.serve(blueprint, worker.inbox)

        @blueprint.listener("after_server_start")
        async def begin(app: Sanic, *_: Any) -> None:
            log.configure("assistant")
            self._app = app
            await store.prepare()
            scrape.also(app, lambda: levels.of(store, platform.name, now()))
            worker.start()
            await self.start()

        @blueprint.listener("before_server_stop")
        async def end(*_: Any) -> None:
            await self.stop()
            await worker.stop()
            await platform.close()
            store.close()

    def _pages(self) -> Optional[Output]:
        """The web chat's pages that are open in this process."""
        opened: Optional[Callable[[], Output]] = getattr(self._app.ctx, "pages", None) if self._app else None
        return opened() if opened else None

    def _agent(self) -> Agent:
        if self._app is None:
            raise RuntimeError("the channel is not part of a server yet")
        agent: Agent = self._app.ctx.agent
        return agent
