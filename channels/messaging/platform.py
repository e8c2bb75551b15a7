"""The border between what messaging services share and each of them: messages in, messages out, and what may fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional, Protocol, Tuple

#: What the customer sent. `text` holds words (typed, or recognised by the service from a voice); `choice` is a button
#: of ours that was pressed; `menu` is an entry of the account's own menu; `entered` opens the chat without a word;
#: `followed`, `left` begin and end a relation; `delivered`, `failed` tell of a message of ours. The rest is content
#: that the assistant cannot read, each with an answer of its own. `taken` and `ended`: one of the service's own people
#: has begun to talk with the customer, or is done; `said`: what they wrote meanwhile, or in `extra` the kind of
#: `content` that has no words, and who `by`.
KINDS = frozenset(
    {
        "text",
        "choice",
        "menu",
        "entered",
        "followed",
        "left",
        "voice",
        "image",
        "video",
        "file",
        "location",
        "link",
        "delivered",
        "failed",
        "taken",
        "ended",
        "said",
        "unknown",
    }
)


@dataclass(frozen=True)
class Address:
    """One customer at one account of a service."""

    platform: str  # `wechat` or `wecom`, as in `MessagingChannel` of the bank's contract
    account: str  # the bank's own: app id of the Official Account, open_kfid of the customer service
    subject: str  # the customer's: openid, external_userid

    def __str__(self) -> str:
        return f"{self.platform}:{self.account}"  # a log has no business with the subject


@dataclass(frozen=True)
class Received:
    """A message as it came. The same `key` at the same account is the same message, delivered again."""

    address: Address
    key: str  # at most 128 characters
    sent_at: float  # seconds since the epoch, by the service's clock
    kind: str  # one of `KINDS`
    text: str = ""  # words, the pressed button's id, or the menu entry's key
    media_id: Optional[str] = None
    extra: Mapping[str, str] = field(default_factory=dict)  # what only the service understands, e.g. welcome_code
    brief: bool = False  # only the short window follows it, although it is a message


@dataclass(frozen=True)
class Choice:
    """A button: `id` comes back in a message of kind `choice` when it is pressed."""

    id: str  # at most 64 bytes
    title: str


@dataclass(frozen=True)
class File:
    """A file of a customer's, or for one."""

    content: bytes
    name: str


@dataclass(frozen=True)
class Document:
    """A document of the bank's for one customer."""

    customer_id: str
    id: str
    name: str  # as a file


@dataclass(frozen=True)
class Sendable:
    """One message on its way out, which fits the service's limits. `key` is the same for each attempt to send it.

    `passes`: with it the conversation passes to people (`PEOPLE`), or from them back to the assistant (`ASSISTANT`).
    `document`: what is to be sent as a file; `text` takes its place where that cannot be. `file` is its content, there
    when it is sent.
    """

    key: str  # at most 32 characters: letters, digits, `_` and `-`
    text: str
    choices: Tuple[Choice, ...] = ()
    passes: str = ""
    document: Optional[Document] = None
    file: Optional[File] = None


PEOPLE, ASSISTANT = "people", "assistant"


@dataclass(frozen=True)
class Limits:
    """What a service takes."""

    text_bytes: int  # UTF-8, of a message without choices
    menu_bytes: int  # of a message with choices, their titles not counted
    choices: int  # at most in one message
    choice_bytes: int  # of a title
    messages: int  # that may follow a customer's message
    window_seconds: float  # until when they may
    menu_messages: int  # that may follow a press on the account's own menu, following it, or entering the chat
    menu_window_seconds: float
    file_bytes: int = 0  # of a file that is sent; 0: none can be


class SendError(Exception):
    """The service did not take a message. `code` is its own error code, if it gave one."""

    def __init__(self, message: str, code: Optional[int] = None) -> None:
        super().__init__(message)
        self.code = code


class Later(SendError):
    """Worth another attempt: busy, a network fault, an answer that never came. It may have been sent."""


class WindowClosed(SendError):
    """The customer has not written for too long: it can be sent after the next message."""


class QuotaUsed(SendError):
    """As many as may follow the customer's last message have been sent: it can be sent after the next one."""


class NotNow(SendError):
    """Somebody else has the conversation at the service, such as an agent of its own."""


class NoPeople(SendError):
    """The message was to pass the conversation to the service's own people, and they cannot be had. It was not sent."""


class Never(SendError):
    """Refused for good: blocked by the customer, against the service's rules, malformed."""


class Platform(Protocol):
    """A messaging service as the shared part uses it. Every method is safe to call from several processes."""

    name: str
    limits: Limits
    passes: bool  # whether the service keeps who has a conversation, and so has to be told
    own_people: bool  # whether its own people answer customers who want a person

    async def send(self, address: Address, message: Sendable) -> None:
        """Send one message; renews the access token by itself. Raises the classes of `SendError`."""

    async def fetch(self, media_id: str, most: int) -> Optional[File]:
        """A file that a customer sent; `None` if it has more than `most` bytes. Raises the classes of `SendError`."""

    async def typing(self, address: Address, typing: bool) -> None:
        """Show that an answer is on its way, if the service can. Never raises; what is lost is no loss."""

    async def close(self) -> None:
        """Close every connection."""
