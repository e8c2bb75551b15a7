"""The assistant as a messaging channel talks to it: one message in, what is said to it out, also after a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional

from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from channels.connections import Sender
from channels.messages import Incoming, Message, answer
from channels.messaging.inbox import Kept
from channels.messaging.papers import wanted
from channels.messaging.platform import ASSISTANT, PEOPLE, Address, Platform
from channels.messaging.reading import Reading, label_of
from channels.turns import Output, Turns

if TYPE_CHECKING:  # it would load TensorFlow
    from rasa.core.agent import Agent


_GIVEN_BACK = "utter_desk_handed_back"
_SERVICER = "utter_label_messaging_servicer"


#: Where open pages of a conversation are shown what is said in it; none without a web chat.
Pages = Callable[[], Optional[Output]]


class TurnOutput(Output):
    """Gathers what is said in one turn, and shows it on the customer's open pages."""

    def __init__(self, platform: Platform, address: Address, pages: Optional[Output] = None) -> None:
        super().__init__()
        self._platform = platform
        self._address = address
        self._pages = pages

    def name(self) -> str:  # Rasa has a class method; here one class serves all services
        """As in the events of trackers."""
        return self._platform.name

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Take one message, all parts of it together."""
        shaped = answer({"timestamp": 0.0, **message})
        if shaped is not None:
            self.shown.append(shaped)
            if self._pages is not None:
                await self._pages.send_response(recipient_id, message)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Take a message of text only."""
        await self.send_response(recipient_id, {"text": text})

    async def show_typing(self, conversation_id: str, typing: bool) -> None:
        """Show in the chat that an answer is on its way."""
        await self._platform.typing(self._address, typing)
        if self._pages is not None:
            await self._pages.show_typing(conversation_id, typing)

    async def show_to_others(self, sender: Sender, message: Message) -> None:
        """A service shows the customer's message on all devices by itself; pages of the web chat are shown it here."""
        if self._pages is not None:
            await self._pages.show_to_others(sender, message)


class Dialogue:
    """Turns of the conversations of one service."""

    def __init__(self, agent: Callable[[], Agent], platform: Platform, pages: Pages = lambda: None) -> None:
        self._agent = agent
        self._pages = pages
        self._platform = platform
        self._turns = Turns(agent)

    def is_ready(self) -> bool:
        """Whether there is a model that can answer."""
        return bool(self._agent().is_ready())

    async def answer(self, sender: Sender, address: Address, reading: Reading, *, begun: bool) -> List[Message]:
        """What is said to a message. Raises `Unanswered`.

        `begun`: an answer was begun before, here or in another process, and may stand in the conversation already.
        """
        output = TurnOutput(self._platform, address, self._pages())
        message = reading.incoming
        if reading.label:
            message = Incoming(await self.words(sender.conversation_id, reading.label), message.message_id)
        if begun:
            said = await self._turns.said_to(sender.conversation_id, message.message_id)
            if said:
                return said
            if said is not None:
                return await self._finished(sender, output, message)
        if reading.response:
            await self._turns.note(sender, output, message, reading.response, always=reading.unlinks)
        else:
            await self._turns.handle(sender, output, message)
        return output.shown

    async def _finished(self, sender: Sender, output: TurnOutput, message: Incoming) -> List[Message]:
        await self._turns.make_good(sender, output, message)
        return output.shown

    async def passed_by(self, conversation_id: str, message_id: str) -> str:
        """To whom the turn of a message passed the conversation, as of `Sendable`."""
        if not self._platform.passes:
            return ""
        passed = await self._turns.passed_by(conversation_id, message_id)
        return "" if passed is None else PEOPLE if passed else ASSISTANT

    async def taken(self, conversation_id: str) -> bool:
        """The service's own people have taken the conversation up; false if people of the desk have it."""
        return await self._turns.taken(conversation_id)

    async def given_back(self, conversation_id: str, address: Address) -> List[Message]:
        """They are done; what is said then."""
        output = TurnOutput(self._platform, address, self._pages())
        await self._turns.given_back(conversation_id, output, _GIVEN_BACK)
        return output.shown

    async def record(self, sender: Sender, address: Address, kept: Kept) -> None:
        """Put on record what one of the service's own people said to the customer, and show it on open pages.

        Customers are shown no name, as the service gives an id within the bank: that is for the desk.
        """
        conversation_id = sender.conversation_id
        text = kept.text.strip() or await self.words(conversation_id, label_of(kept.extra.get("content", "")))
        who = {"name": await self.words(conversation_id, _SERVICER), "servicer": kept.extra.get("by", "")}
        output = TurnOutput(self._platform, address, self._pages())
        await self._turns.record(sender, output, text, {"message_id": kept.message_id, "agent": who})

    async def upload(self, conversation_id: str) -> Optional[Mapping[str, Any]]:
        """What the assistant asks to be uploaded, if it waits for that now."""
        tracker = await self._agent().processor.get_tracker(conversation_id)
        return None if tracker.is_paused() else wanted(tracker.events)

    async def said_in(self, language: str, response: str) -> str:
        """The text of a response of the domain in a language."""
        tracker = DialogueStateTracker("", self._agent().domain.slots)
        tracker.update(SlotSet("language", language))
        return await self._text(tracker, response)

    async def words(self, conversation_id: str, response: str) -> str:
        """The text of a response of the domain, in the conversation's language."""
        return await self._text(await self._agent().processor.get_tracker(conversation_id), response)

    async def _text(self, tracker: DialogueStateTracker, response: str) -> str:
        nlg = self._agent().processor.nlg
        said: Optional[Dict[str, Any]] = await nlg.generate(response, tracker, self._platform.name)
        return str((said or {}).get("text") or "")
