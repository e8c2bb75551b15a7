"""Messaging without a service and without a model: a platform that records, an assistant that is scripted, and
processes that can be killed at any step.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List, Mapping, Optional, Tuple, Union

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, ConversationPaused, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bank.errors import BankTimeout, NotFound
from bank.models import MessagingIdentity
from channels.connections import Sender
from channels.conversations import Conversations
from channels.messages import Message
from channels.messaging.answering import Answering
from channels.messaging.delivery import Delivery
from channels.messaging.dialogue import Dialogue
from channels.messaging.identity import Identities
from channels.messaging.inbox import Inbox
from channels.messaging.links import Links
from channels.messaging.papers import Papers
from channels.messaging.platform import Address, File, Limits, Received, Sendable, SendError
from channels.messaging.reading import Entry
from channels.messaging.store import Store
from channels.messaging.worker import LEASE_SECONDS, Worker
from channels.tickets import Tickets
from channels.turns import Output
from dialogue.nlg import BilingualResponses
from tests.processes import ROOT

LIN, WANG = Address("wechat", "wx-bank", "openid-lin"), Address("wechat", "wx-bank", "openid-wang")
LIMITS = Limits(2048, 2048, 10, 60, 5, 48 * 3600.0, 3, 60.0)
CONVERSATIONS = Conversations("a secret")
_PATIENCE = 20.0  # seconds until a test gives up waiting for something that has to happen


class Killed(BaseException):
    """The process ends here."""


class Life:
    """Of one process: it ends at the step number `ends_at`, or never."""

    def __init__(self, ends_at: Optional[int] = None) -> None:
        self.steps = 0
        self.over = asyncio.Event()
        self._ends_at = ends_at

    def step(self) -> None:
        self.steps += 1
        if self.over.is_set() or self.steps == self._ends_at:
            self.over.set()
            raise Killed


class MortalStore(Store):
    """Each transaction is a step before it and a step after it."""

    def __init__(self, url: str, life: Life) -> None:
        super().__init__(url)
        self._life = life

    async def write(self, work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._life.step()
        done = await super().write(work, *args, **named)
        self._life.step()
        return done


class Clock:
    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


class FakePlatform:
    """Takes what it is sent, once for each key; `problems` are raised first, one for each attempt."""

    name = "wechat"

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.passes = self.own_people = False
        self.files: Dict[str, Union[File, SendError, None]] = {}  # by media id; none: too large
        self.taken: List[Tuple[str, Sendable]] = []
        self.attempts: List[str] = []
        self.problems: List[BaseException] = []
        self.life = Life()
        self.typings: List[bool] = []

    async def send(self, address: Address, message: Sendable) -> None:
        self.life.step()
        self.attempts.append(message.key)
        if self.problems:
            raise self.problems.pop(0)
        if all(message.key != known.key for _, known in self.taken):
            self.taken.append((address.subject, message))
        self.life.step()

    async def fetch(self, media_id: str, most: int) -> Optional[File]:
        found = self.files[media_id]
        if isinstance(found, SendError):
            raise found
        return found

    async def typing(self, address: Address, typing: bool) -> None:
        self.typings.append(typing)

    async def close(self) -> None:
        """Nothing is open."""

    def texts(self, address: Address) -> List[str]:
        return [message.text for subject, message in self.taken if subject == address.subject]


Said = List[Dict[str, Any]]
#: What leads the assistant to the step at which it waits for papers, and away from it.
STEPS = {"papers please": "papers", "on": None}
PAPERS = {"text": "请上传", "custom": {"upload": {"largest": "10", "kinds": [{"title": "诊断", "value": "diagnosis"}]}}}


def echo(message: UserMessage) -> Said:
    return [{"text": f"re: {message.text}"}]


class _Processor:
    def __init__(self, store: SQLTrackerStore, domain: Domain) -> None:
        self._store = store
        self.nlg = BilingualResponses(None, domain)
        self.says: Callable[[UserMessage], Said] = echo
        self.heard: List[UserMessage] = []
        self.problems: List[Exception] = []
        self.life = Life()

    async def get_tracker(self, conversation_id: str) -> DialogueStateTracker:
        return await self._store.get_or_create_tracker(conversation_id, append_action_listen=False)

    async def fetch_tracker_with_initial_session(
        self, conversation_id: str, output: OutputChannel
    ) -> DialogueStateTracker:
        return await self.get_tracker(conversation_id)

    async def save_tracker(self, tracker: DialogueStateTracker) -> None:
        self.life.step()
        await self._store.save(tracker)
        self.life.step()

    async def log(self, message: UserMessage) -> DialogueStateTracker:
        tracker = await self.get_tracker(message.sender_id)
        if not tracker.events:
            tracker.update_with_events([ActionExecuted("action_session_start"), SessionStarted()], None)
        tracker.update(
            UserUttered(message.text, parse_data={}, message_id=message.message_id, metadata=message.metadata)
        )
        return tracker

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        if self.problems:
            raise self.problems.pop(0)
        tracker = await self.log(message)
        if not tracker.is_paused():
            for said in self.says(message):
                await self._utter(tracker, message.output_channel, said)
        if message.text == "a person please":
            tracker.update(ConversationPaused())
        if message.text in STEPS:
            tracker.update(SlotSet("requested_slot", STEPS[message.text]))
            await self._utter(tracker, message.output_channel, PAPERS if STEPS[message.text] else {"text": "on we go"})
        await self.save_tracker(tracker)

    async def _utter(
        self, tracker: DialogueStateTracker, output: Optional[OutputChannel], said: Dict[str, Any]
    ) -> None:
        event = BotUttered(said.get("text"), {key: value for key, value in said.items() if key != "text"})
        tracker.update(event)
        if output:
            await output.send_response(tracker.sender_id, event.message())

    async def execute_action(self, conversation_id: str, action: str, output: OutputChannel) -> None:
        tracker = await self.get_tracker(conversation_id)
        said = await self.nlg.generate(action, tracker, output.name())
        if said:
            await self._utter(tracker, output, said)
        await self.save_tracker(tracker)


@lru_cache(maxsize=1)
def _domain() -> Domain:
    domain = Domain.empty()
    for name in ("system", "messaging", "common", "desk"):
        domain = domain.merge(Domain.from_file(str(ROOT / "data" / "responses" / f"{name}.yml")))
    domain.slots.append(TextSlot("requested_slot", mappings=[{"type": "custom"}], influence_conversation=False))
    domain.slots.append(TextSlot("language", mappings=[{"type": "custom"}], influence_conversation=False))
    return domain


class ScriptedAgent:
    """As much of Rasa's agent as messaging uses, with the product's own responses."""

    def __init__(self, folder: Path) -> None:
        self.domain = _domain()
        self.tracker_store = SQLTrackerStore(self.domain, db=str(folder / "assistant.db"))
        self.lock_store = InMemoryLockStore()
        self.processor = _Processor(self.tracker_store, self.domain)

    def is_ready(self) -> bool:
        return True

    async def log_message(self, message: UserMessage) -> DialogueStateTracker:
        tracker = await self.processor.log(message)
        await self.processor.save_tracker(tracker)
        return tracker

    async def execute_action(
        self, sender_id: str, action: str, output_channel: OutputChannel, policy: Any, confidence: Any
    ) -> None:
        await self.processor.execute_action(sender_id, action, output_channel)


class FakeBank:
    """Knows who is who; `down`: it does not answer."""

    def __init__(self) -> None:
        self.linked: Dict[str, str] = {}
        self.down = False
        self.asked = 0

    def find_identity(self, *, channel: Any, account: str, subject: str) -> MessagingIdentity:
        self.asked += 1
        if self.down:
            raise BankTimeout("POST /messaging-identities/find", "no answer")
        if subject not in self.linked:
            raise NotFound("POST /messaging-identities/find", "not-found", 404)
        return MessagingIdentity(
            id="mi-1",
            channel=channel,
            account=account,
            subject=subject,
            customer_id=self.linked[subject],
            linked_at=datetime(2026, 11, 20, tzinfo=timezone.utc),
            expires_at=None,
        )

    def link_identity(
        self, customer_id: str, *, channel: Any, account: str, subject: str, idempotency_key: str
    ) -> MessagingIdentity:
        self.linked[subject] = customer_id
        return self.find_identity(channel=channel, account=account, subject=subject)

    def unlink_identity(self, customer_id: str, identity_id: str, *, idempotency_key: str) -> None:
        if self.down:
            raise BankTimeout("DELETE /messaging-identities", "no answer")
        self.linked = {subject: linked for subject, linked in self.linked.items() if linked != customer_id}


class OpenPages(Output):
    """The customer's open pages of the web chat: who said what, as it is shown there."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: List[Tuple[str, str]] = []

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        self.seen.append(("bot", message["text"]))

    async def show_to_others(self, sender: Sender, message: Message) -> None:
        self.seen.append(("user", message["text"]))

    async def show_typing(self, conversation_id: str, typing: bool) -> None:
        """Not looked at here."""


class FakeCarrier:
    """Takes files to the bank, or answers with `status`."""

    def __init__(self) -> None:
        self.status = 201
        self.brought: List[Tuple[Mapping[str, str], bytes]] = []

    async def send(self, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Tuple[int, Dict[str, Any]]:
        content = b"".join([chunk async for chunk in body])
        if self.status < 300:
            self.brought.append((headers, content))
        return self.status, {}

    async def ask(self, what: str, asked: Mapping[str, str]) -> Tuple[int, Dict[str, Any]]:
        raise AssertionError("nobody lists files here")


@dataclass
class Process:
    """One assistant process."""

    store: Store
    inbox: Inbox
    worker: Worker
    answering: Answering
    life: Life

    async def end(self) -> None:
        """Stop it, dead or alive."""
        for task in [*self.worker._running, *self.worker._tasks]:
            task.cancel()
        await asyncio.gather(*self.worker._running, *self.worker._tasks, return_exceptions=True)
        self.store.close()


MENU = {"BILL": Entry("/ask_amount_due", "我的账单")}


@dataclass
class World:
    """What all processes share, and outlasts them."""

    folder: Path
    agent: ScriptedAgent
    platform: FakePlatform
    bank: FakeBank = field(default_factory=FakeBank)
    clock: Clock = field(default_factory=Clock)
    figures: bool = True
    url: str = ""  # of the messaging database; empty: a file in the folder
    numbers: int = 0
    processes: List[Process] = field(default_factory=list)
    carrier: FakeCarrier = field(default_factory=FakeCarrier)
    pages: Optional[OpenPages] = None
    asked_here: List[str] = field(default_factory=list)
    desk_is_down: bool = False
    documents: Dict[Tuple[str, str], Tuple[int, bytes]] = field(default_factory=dict)  # by customer and document

    async def process(self, ends_at: Optional[int] = None, start: bool = True) -> Process:
        """Start a process that ends at a step, or never."""
        life = Life(ends_at)
        self.agent.processor.life = self.platform.life = life
        store = MortalStore(self.url or f"sqlite:///{self.folder / 'messaging.db'}", life)
        await Store.prepare(store)
        dialogue = Dialogue(lambda: self.agent, self.platform, lambda: self.pages)
        identities = Identities(self.bank, store, CONVERSATIONS, figures=self.figures, now=self.clock)  # type: ignore[arg-type]
        files = self.platform.limits.file_bytes > 0
        links = Links("wechat", Tickets("a secret"), dialogue.words, figures=self.figures, files=files)
        papers = Papers(self.platform, self.carrier)
        answering = Answering(store, dialogue, identities, links, self.platform, papers, MENU.get, self.clock)
        delivery = Delivery(store, self.platform, self.come_here, self.clock, self.document)
        worker = Worker(store, answering, delivery, self.clock)
        process = Process(store, worker.inbox, worker, answering, life)
        self.processes.append(process)
        if start:
            worker.start()
        return process

    async def come_here(self, conversation_id: str) -> bool:
        """The desk is asked for its own people; false while it does not answer."""
        self.asked_here.append(conversation_id)
        return not self.desk_is_down

    async def document(self, customer_id: str, document_id: str) -> Tuple[int, bytes]:
        """What the bank gives."""
        return self.documents.get((customer_id, document_id), (404, b""))

    def later(self, seconds: float = LEASE_SECONDS + 1) -> None:
        """Time passes."""
        self.clock.at += seconds

    def said(
        self, text: str, address: Address = LIN, kind: str = "text", key: str = "", media_id: Optional[str] = None
    ) -> Received:
        """A message, a second after the one before it."""
        self.numbers += 1
        self.clock.at += 1
        return Received(address, key or f"m{self.numbers}", self.clock.at, kind, text, media_id)

    def heard(self) -> List[Optional[str]]:
        """What the assistant was given, in order."""
        return [message.text for message in self.agent.processor.heard]

    async def until(self, what: Callable[[], Any]) -> Any:
        """Wait until `what()` is true and return it."""
        for _ in range(int(_PATIENCE / 0.01)):
            found = what()
            if found:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"did not happen; heard {self.heard()}, sent {self.platform.taken}")
