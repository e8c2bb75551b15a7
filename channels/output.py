"""Messages on their way to a customer's open pages."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict

from socketio import AsyncServer

from channels.connections import Sender
from channels.messages import Message, answer
from channels.turns import Output

logger = logging.getLogger(__name__)

NAME = "webchat"


class WebChatOutput(Output):
    """Shows messages to every open socket of a conversation, from a turn or from anywhere else in this process."""

    @classmethod
    def name(cls) -> str:
        """As in the events of trackers."""
        return NAME

    def __init__(self, server: AsyncServer) -> None:
        super().__init__()
        self._server = server

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Show one message, all parts of it together."""
        shaped = answer({"timestamp": time.time(), **message})
        if shaped is None:
            logger.error("an answer in %s has nothing to show: %s", recipient_id, message.get("utter_action"))
            return
        await self._server.emit("bot_uttered", shaped, room=recipient_id)
        self.shown.append(shaped)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Show a message of text only."""
        await self.send_response(recipient_id, {"text": text})

    async def show_typing(self, conversation_id: str, typing: bool) -> None:
        """Show that an answer is on its way, or no longer."""
        await self._server.emit("bot_typing", {"typing": typing}, room=conversation_id)

    async def show_to_others(self, sender: Sender, message: Message) -> None:
        """Show the customer's message on this customer's other devices."""
        await self._server.emit("user_uttered", message, room=sender.conversation_id, skip_sid=sender.socket_id)
