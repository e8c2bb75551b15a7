"""The customers of both accounts, each with what stands on the phone."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Optional, Set, Tuple

from channels.simulator.quota import Quota
from channels.simulator.times import Clock


class NoSuchChat(Exception):
    """Nobody has this id at this account."""


class NotPossible(Exception):
    """What the customer wants to do cannot be done now; the text is a word for the reason."""


@dataclass(frozen=True)
class Entry:
    """One thing on the phone's screen. `choices`: what can be pressed, each `id` and `title`, or `url` and `title`."""

    number: int  # counts up within the chat
    sender: str  # customer, account, agent (one of WeCom's own), or platform (its grey line)
    kind: str  # text, menu, image, voice, location, link, file, template; of the platform: what it tells (followed, …)
    at: float  # seconds since the epoch
    text: str = ""
    tail: str = ""  # below the choices
    choices: Tuple[Dict[str, str], ...] = ()
    media_id: str = ""
    key: str = ""  # the id that the account gave its message


@dataclass
class Chat:
    """One customer at one account."""

    platform: str  # wechat or wecom
    subject: str  # openid or external_userid
    name: str  # what the simulator's page calls the customer
    quota: Quota
    related: bool = False  # follows the Official Account; has opened the customer service
    entries: List[Entry] = field(default_factory=list)
    refusals: List[int] = field(default_factory=list)  # numbers with which messages to this customer were refused
    typing_until: float = 0.0  # by `Clock.elapsed`
    last_message: float = float("-inf")  # either way, by `Clock.elapsed`
    service_state: int = 4  # customer service: 0 new, 1 assistant, 2 queue, 3 person, 4 ended
    servicer: str = ""
    rejects: bool = False  # what is sent does not arrive; at the Official Account, template messages
    version: int = 0
    _waiting: Set["asyncio.Future[None]"] = field(default_factory=set, repr=False)

    def changed(self) -> None:
        """Tell everybody who looks at this phone."""
        self.version += 1
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    async def wait(self, version: int, seconds: float) -> None:
        """Return once the phone shows more than `version`, or after `seconds`."""
        if self.version > version:
            return
        waiting: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await asyncio.wait([waiting], timeout=seconds)
        finally:
            self._waiting.discard(waiting)

    def show(self, sender: str, kind: str, at: float, **more: Any) -> Entry:
        """Put something on the screen."""
        entry = Entry(len(self.entries) + 1, sender, kind, at, **more)
        self.entries.append(entry)
        self.changed()
        return entry

    def choice(self, number: int, choice_id: str) -> Dict[str, str]:
        """What entry `number` offers under this id. Raises `NotPossible`."""
        for entry in self.entries[number - 1 : number] if number > 0 else ():
            for choice in entry.choices:
                if choice.get("id") == choice_id:
                    return choice
        raise NotPossible("no_such_choice")

    def tell(self, kind: str, at: float, text: str = "") -> None:
        """Put a line of the platform's own on the screen."""
        self.show("platform", kind, at, text=text)

    def view(self, clock: Clock, after: int = 0) -> Dict[str, Any]:
        """The phone as JSON, with the entries beyond number `after`."""
        return {
            "platform": self.platform,
            "subject": self.subject,
            "name": self.name,
            "related": self.related,
            "version": self.version,
            "typing": self.typing_until > clock.elapsed(),
            "quota": self.quota.view(),
            "refusals": list(self.refusals),
            "service_state": self.service_state,
            "servicer": self.servicer,
            "rejects": self.rejects,
            "entries": [asdict(entry) for entry in self.entries[after:]],
        }


class Chats:
    """Everybody's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chats: Dict[Tuple[str, str], Chat] = {}

    def open(self, platform: str, name: str) -> Chat:
        """A phone for a new customer."""
        subject = _openid() if platform == "wechat" else _external_userid()
        chat = Chat(platform, subject, name, Quota(self._clock))
        self._chats[platform, chat.subject] = chat
        return chat

    def find(self, platform: str, subject: str) -> Chat:
        """Raises `NoSuchChat`."""
        chat = self.get(platform, subject)
        if chat is None:
            raise NoSuchChat(subject)
        return chat

    def get(self, platform: str, subject: Any) -> Optional[Chat]:
        """The chat, or `None`."""
        return self._chats.get((platform, subject)) if isinstance(subject, str) else None

    def of(self, platform: str) -> List[Chat]:
        """All of one platform, oldest first."""
        return [chat for chat in self._chats.values() if chat.platform == platform]


def _openid() -> str:
    return f"o{secrets.token_urlsafe(24)[:27]}"  # 28 characters, as the platform's


def _external_userid() -> str:
    return f"wm{secrets.token_urlsafe(24)[:30]}"  # 32 characters, as the platform's
