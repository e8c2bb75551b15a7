"""The real channel with a scripted assistant behind it, for tests of the widget.

No model is loaded, so it starts at once. Locks, trackers, Socket.IO and the widget's files are the product's own.
"""

from __future__ import annotations

import asyncio
import sys
from typing import List, Optional

from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.server import configure_cors
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from channels.webchat import WebChat
from common.log import configure
from common.settings import settings
from tests.browser import script


class _Processor:
    """Answers by `script.answers`."""

    def __init__(self, store: SQLTrackerStore) -> None:
        self._store = store

    async def get_tracker(self, conversation_id: str) -> DialogueStateTracker:
        return await self._store.get_or_create_tracker(conversation_id, append_action_listen=False)

    async def save_tracker(self, tracker: DialogueStateTracker) -> None:
        await self._store.save(tracker)

    async def handle_message(self, message: UserMessage) -> None:
        tracker = await self.get_tracker(message.sender_id)
        if not tracker.events:
            tracker.update_with_events([ActionExecuted("action_session_start"), SessionStarted()], None)
        user = UserUttered(
            message.text,
            parse_data={},
            message_id=message.message_id,
            metadata=message.metadata,
            input_channel="webchat",
        )
        tracker.update(user)
        language = next(
            (e.value for e in reversed(tracker.events) if isinstance(e, SlotSet) and e.key == "language"),
            (message.metadata or {}).get("language", "zh"),
        )
        for answer in script.answers(message.text, language, message.metadata or {}):
            await asyncio.sleep(answer.pop("after", 0))
            text = answer.pop("text", None)
            said = BotUttered(text, {**answer})
            tracker.update(said)
            await message.output_channel.send_response(message.sender_id, said.message())
        await self._store.save(tracker)


class ScriptedAgent:
    """As much of Rasa's agent as the channel uses."""

    def __init__(self) -> None:
        self.domain = Domain.empty()
        self.domain.slots.append(TextSlot("language", mappings=[{"type": "custom"}], influence_conversation=False))
        self.tracker_store = SQLTrackerStore(self.domain, db=str(settings().var_dir / "assistant.db"))
        self.lock_store = InMemoryLockStore()
        self.processor = _Processor(self.tracker_store)

    def is_ready(self) -> bool:
        return True


def application() -> Sanic:
    """The server, not yet running."""
    app = Sanic("scripted_assistant", configure_logging=False)
    app.ctx.agent = ScriptedAgent()

    async def nobody(message: UserMessage) -> None:
        raise AssertionError("the channel answers by itself")

    configure_cors(app)  # as Rasa does
    app.blueprint(WebChat().blueprint(nobody), url_prefix="/webhooks/webchat")
    return app


def main(arguments: Optional[List[str]] = None) -> None:
    """Serve on the port given."""
    configure("assistant")
    port = int((arguments or sys.argv[1:])[0])
    application().run(host="127.0.0.1", port=port, access_log=False)


if __name__ == "__main__":
    main()
