"""One turn of a conversation: in order, one at a time, each message once, and never without an answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, AsyncIterator, Awaitable, Callable, List, Mapping, Optional, Sequence, Tuple
from weakref import WeakValueDictionary

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LOCK_LIFETIME
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import BotUttered, ConversationPaused, ConversationResumed, Event, SlotSet

from channels.connections import Sender
from channels.messages import OPEN_PAYLOADS, Incoming, Message, is_payload, without_slash
from channels.transcript import ELSEWHERE, HIDDEN, Known, is_elsewhere, passed_by, rating_asked, said_to, transcript
from common import metrics

if TYPE_CHECKING:  # it would load TensorFlow
    from rasa.core.agent import Agent
    from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)

_GREETING = "/greet"
_LANGUAGE_SLOT = "language"
_GO_ON = "back_to_bot"  # the intent of a customer who wants the assistant again
_SORRY = "utter_technical_problem"
_BUSY_WAIT_SECONDS = 0.1  # between attempts, where another process holds the conversation
_MOST_KNOWN = 5000  # conversations


class Unanswered(Exception):
    """The customer got no answer, not even an apology: the model or the stores do not work."""


class Output(OutputChannel):
    """What a turn needs of an output channel."""

    def __init__(self) -> None:
        self.shown: List[Message] = []  # in this turn

    async def show_typing(self, conversation_id: str, typing: bool) -> None:
        """Show that an answer is on its way, or no longer."""
        raise NotImplementedError

    async def show_to_others(self, sender: Sender, message: Message) -> None:
        """Show the customer's message on this customer's other devices."""
        raise NotImplementedError


class Turns:
    """Runs turns through the agent, under the lock of the conversation.

    Rasa's own lock makes several processes wait for each other, by asking again and again; in front of it stands a
    lock of this process, which queues without asking. The check for a repeated message is made under both, so a
    message that was sent again while its first copy is still being handled waits, and is then found to be done.

    Reading a conversation from the store costs half as much as a turn, so what was handled and offered is remembered.
    The memory is renewed whenever a customer connects, which comes before anything that is sent again; a button that
    is not in it is looked for in the store.
    """

    def __init__(self, agent: Callable[[], Agent]) -> None:
        self._agent = agent
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._known: OrderedDict[str, Known] = OrderedDict()

    def is_busy(self, conversation_id: str) -> bool:
        """Whether a turn of this conversation is running here."""
        lock = self._locks.get(conversation_id)
        return lock is not None and lock.locked()

    async def open(self, sender: Sender, output: Output, show: Callable[[List[Message]], Awaitable[bool]]) -> None:
        """Show the transcript once no turn is running; if it is empty and was shown, the assistant greets."""
        async with self._alone(sender.conversation_id) as agent:
            events, _ = await self._read(agent, sender.conversation_id)
            messages = list(transcript(events))
            if await show(messages) and not messages:
                await self._run(agent, self._user_message(sender, output, _GREETING, HIDDEN), output)

    async def handle(self, sender: Sender, output: Output, message: Incoming) -> None:
        """Let the assistant answer one message; does nothing if it did so before. Raises `Unanswered`."""
        came = time.monotonic()
        async with self._alone(sender.conversation_id) as agent:
            known = self._known.get(sender.conversation_id)
            if known is None:
                _, known = await self._read(agent, sender.conversation_id)
            if message.message_id in known.message_ids:
                return
            text, shown_as = await self._as_taken(agent, sender.conversation_id, message)
            user_message = self._user_message(sender, output, text, shown_as, message.message_id)
            if shown_as != HIDDEN:
                shown = {"id": message.message_id, "sender": "user", "text": shown_as or text, "timestamp": time.time()}
                await output.show_to_others(sender, shown)
            await self._run(agent, user_message, output)
            metrics.TURN_SECONDS.labels(metrics.channel_label(output.name())).observe(time.monotonic() - came)

    async def note(
        self, sender: Sender, output: Output, message: Incoming, response: str, *, always: bool = False
    ) -> None:
        """Put on record what the assistant cannot take, and say `response` to it.

        Unless `always`, nothing is said while a person has the conversation. Does nothing if it did so before.
        """
        async with self._alone(sender.conversation_id) as agent:
            known = self._known.get(sender.conversation_id)
            if known is None:
                _, known = await self._read(agent, sender.conversation_id)
            if message.message_id in known.message_ids:
                return
            noted = self._user_message(sender, output, message.text, message.title, message.message_id)
            tracker = await agent.log_message(noted)
            known.message_ids.add(message.message_id)
            if always or tracker is None or not tracker.is_paused():
                await self._say(agent, sender.conversation_id, output, response)

    async def record(self, sender: Sender, output: Output, text: str, marks: Mapping[str, Any]) -> None:
        """Put on record what somebody else said to the customer, and show it.

        `marks`: its `message_id`, by which it is there once, and the `agent` who said it.
        """
        async with self._alone(sender.conversation_id) as agent:
            events, _ = await self._read(agent, sender.conversation_id)
            if any((event.metadata or {}).get("message_id") == marks["message_id"] for event in events):
                return
            tracker = await agent.processor.fetch_tracker_with_initial_session(sender.conversation_id, output)
            event = BotUttered(text, metadata=dict(marks))
            tracker.update(event)
            await agent.processor.save_tracker(tracker)
            await output.send_response(sender.conversation_id, event.message())

    async def said_to(self, conversation_id: str, message_id: str) -> Optional[List[Message]]:
        """What the assistant said to a message, by the store; `None` if no process has handled it."""
        async with self._alone(conversation_id) as agent:
            events, _ = await self._read(agent, conversation_id)
        return said_to(events, message_id)

    async def make_good(self, sender: Sender, output: Output, message: Incoming) -> None:
        """Finish a turn that ended between the customer's message and the answer: the message is on record.

        Raises `Unanswered`.
        """
        async with self._alone(sender.conversation_id) as agent:
            tracker = await agent.processor.get_tracker(sender.conversation_id)
            again = self._user_message(sender, output, message.text, message.title, message.message_id)
            if tracker.is_paused():
                await self._while_silent(agent, tracker, again, output)
            else:
                await self._apologise(agent, again, output, recorded=True)

    async def is_silent(self, conversation_id: str) -> bool:
        """Whether a person has the conversation or is on the way, as far as the assistant knows."""
        tracker = await self._agent().tracker_store.retrieve(conversation_id)
        return tracker is not None and tracker.is_paused()

    async def events(self, conversation_id: str) -> Sequence[Event]:
        """All that happened in a conversation, after the turn that is running."""
        async with self._alone(conversation_id) as agent:
            events, _ = await self._read(agent, conversation_id)
            return events

    async def rating_asked(self, conversation_id: str, message_id: str) -> Optional[float]:
        """When the assistant asked how it was, if this message does; in seconds since 1970."""
        return rating_asked(await self.events(conversation_id), message_id) if message_id else None

    async def passed_by(self, conversation_id: str, message_id: str) -> Optional[bool]:
        """Whether the turn of a message made the assistant silent (true) or let it go on (false); `None`: neither."""
        async with self._alone(conversation_id) as agent:
            tracker = await agent.processor.get_tracker(conversation_id)
            return passed_by(tracker.events, message_id)

    async def taken(self, conversation_id: str) -> bool:
        """People of a messaging service's own have taken the conversation up: be silent.

        False if the assistant is silent already, for people of the desk.
        """
        async with self._alone(conversation_id) as agent:
            tracker = await agent.processor.get_tracker(conversation_id)
            if tracker.is_paused():
                return is_elsewhere(tracker.events)
            tracker.update(ConversationPaused(metadata=ELSEWHERE))
            await agent.processor.save_tracker(tracker)
            return True

    async def given_back(self, conversation_id: str, output: Output, response: str) -> None:
        """Those people are done: go on, and say `response`."""
        async with self._alone(conversation_id) as agent:
            tracker = await agent.processor.get_tracker(conversation_id)
            if tracker.is_paused():
                tracker.update(ConversationResumed())
                await agent.processor.save_tracker(tracker)
            await self._say(agent, conversation_id, output, response)

    async def set_language(self, conversation_id: str, language: str) -> None:
        """Answer in `language` from now on, until the customer writes in another one."""
        async with self._alone(conversation_id) as agent:
            tracker = await agent.processor.get_tracker(conversation_id)
            # Before the first turn the language travels with the messages; an event would keep Rasa from starting
            # the session.
            if tracker.applied_events() and _LANGUAGE_SLOT in tracker.slots:
                tracker.update(SlotSet(_LANGUAGE_SLOT, language), agent.domain)
                await agent.processor.save_tracker(tracker)

    @asynccontextmanager
    async def _alone(self, conversation_id: str) -> AsyncIterator[Agent]:
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        async with lock:
            agent = self._agent()
            async with agent.lock_store.lock(conversation_id, wait_time_in_seconds=_BUSY_WAIT_SECONDS):
                yield agent

    async def _as_taken(self, agent: Agent, conversation_id: str, message: Incoming) -> Tuple[str, Optional[str]]:
        """What Rasa is given, and what the transcript shows instead.

        A payload is a button's only if the customer was offered that button; otherwise somebody typed it, and it is a
        sentence like any other.
        """
        text = message.text
        if message.title is not None:
            return text, message.title
        if not is_payload(text):
            return without_slash(text), None
        known = self._known.get(conversation_id)
        if known is None or text not in known.titles:
            _, known = await self._read(agent, conversation_id)
        title = known.titles.get(text)
        if title is not None:
            return text, title
        return (text, HIDDEN) if text in OPEN_PAYLOADS else (without_slash(text), None)

    async def _read(self, agent: Agent, conversation_id: str) -> Tuple[Sequence[Event], Known]:
        """The events of all sessions of a conversation; what they tell is known from now on."""
        tracker = await agent.tracker_store.retrieve_full_tracker(conversation_id)
        events: Sequence[Event] = tracker.events if tracker else []
        known = self._known[conversation_id] = Known.of(events)
        self._known.move_to_end(conversation_id)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return events, known

    def _user_message(
        self, sender: Sender, output: Output, text: str, shown_as: Optional[str], message_id: Optional[str] = None
    ) -> UserMessage:
        metadata = sender.metadata()
        if shown_as is not None:
            metadata["shown_as"] = shown_as
        return UserMessage(
            text,
            output,
            sender.conversation_id,
            input_channel=output.name(),
            message_id=message_id,
            metadata=metadata,
        )

    async def _run(self, agent: Agent, message: UserMessage, output: Output) -> None:
        outcome = "unanswered"
        await output.show_typing(message.sender_id, True)
        try:
            outcome = await self._answer(agent, message, output)
        finally:
            metrics.TURNS.labels(metrics.channel_label(output.name()), outcome).inc()
            await output.show_typing(message.sender_id, False)
        known = self._known.get(message.sender_id)
        if known is not None:  # else it is read again, with this turn in it
            known.message_ids.add(message.message_id)
            for shown in output.shown:
                known.offer(shown.get("quick_replies", []))

    async def _answer(self, agent: Agent, message: UserMessage, output: Output) -> str:
        """What the customer got: `answered`, `silent` or `apology`."""
        try:
            # Rasa's lock lasts no longer than this, so neither may a turn.
            await asyncio.wait_for(agent.processor.handle_message(message), LOCK_LIFETIME)
        except Exception:
            logger.exception("a message of %s could not be handled", message.sender_id)
            await self._apologise(agent, message, output, recorded=False)
            return "apology"
        if output.shown:
            return "answered"
        tracker = await agent.processor.get_tracker(message.sender_id)
        if tracker.is_paused():
            await self._while_silent(agent, tracker, message, output)
            return "answered" if output.shown else "silent"
        logger.error("the assistant had nothing to say in %s", message.sender_id)
        await self._apologise(agent, message, output, recorded=True)
        return "apology"

    async def _while_silent(
        self, agent: Agent, tracker: DialogueStateTracker, message: UserMessage, output: Output
    ) -> None:
        """A person has the conversation or is on the way, and reads the message.

        If it says that the customer wants the assistant again, the assistant answers it now: nobody has to wait for
        that, and the desk need not even run.
        """
        if tracker.latest_message is None or tracker.latest_message.intent.get("name") != _GO_ON:
            return
        tracker.update(ConversationResumed())
        try:
            await asyncio.wait_for(self._predict(agent, tracker, output), LOCK_LIFETIME)
        except Exception:
            logger.exception("the assistant could not go on in %s", message.sender_id)
            await self._apologise(agent, message, output, recorded=True)

    @staticmethod
    async def _predict(agent: Agent, tracker: DialogueStateTracker, output: Output) -> None:
        """What Rasa does after it has taken a message; it has no other door to that."""
        await agent.processor._run_prediction_loop(output, tracker)
        await agent.processor.save_tracker(tracker)

    @staticmethod
    async def _say(agent: Agent, conversation_id: str, output: Output, response: str) -> None:
        """Say a response of the domain, whatever the dialogue would do."""
        for action in (response, ACTION_LISTEN_NAME):
            await agent.execute_action(conversation_id, action, output, None, 1.0)

    async def _apologise(self, agent: Agent, message: UserMessage, output: Output, *, recorded: bool) -> None:
        """Say that something failed and put it on record, so that it stands in the transcript; raises `Unanswered`."""
        shown_before = len(output.shown)
        if await self.is_silent(message.sender_id):
            raise Unanswered  # the page says that it was not sent; the assistant does not speak between others
        try:
            if not recorded:
                await agent.log_message(message)
            await self._say(agent, message.sender_id, output, _SORRY)
        except Exception as error:
            logger.exception("%s could not be told that something failed", message.sender_id)
            raise Unanswered from error
        if len(output.shown) == shown_before:
            raise Unanswered
