"""What goes over the wire: a customer's message as it may enter, an answer as the widget shows it. Pure."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

#: The longest message that is taken, characters.
MAX_CHARACTERS = 2000

#: The longest comment with a rating, characters.
MAX_COMMENT = 500

#: Payloads that anyone may send without having been offered a button for them: they hold no value.
OPEN_PAYLOADS = frozenset({"/greet", "/retry", "/send_documents", "/start_over", "/back_to_bot"})

_CUSTOM_PARTS = ("card", "link", "expects", "upload", "rating", "linking")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile(r"\r\n?")
_MESSAGE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)

Message = Dict[str, Any]


class Refused(Exception):
    """Something that is not taken; `problem` says why: `empty`, `too_long`, `invalid`, `later`, …"""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Incoming:
    """A customer's message, cleaned. The same `message_id` is the same message, sent again.

    `title`: `text` is the payload of a button with this title, which the channel itself knows that it offered.
    """

    text: str
    message_id: str
    title: Optional[str] = None


@dataclass(frozen=True)
class Rating:
    """How a customer found it, given at the message `message_id`; empty if the page did not say at which."""

    stars: int  # 1 to 5
    comment: str
    message_id: str = ""


def rating(data: Mapping[str, Any]) -> Rating:
    """The rating in a `rate` event; raises `Refused`."""
    stars, comment = data.get("stars"), data.get("comment")
    if type(stars) is not int or not 1 <= stars <= 5:
        raise Refused("invalid")
    words = _clean(comment) if isinstance(comment, str) else ""
    if len(words) > MAX_COMMENT:
        raise Refused("too_long")
    given = data.get("message_id")
    return Rating(stars, words, given if isinstance(given, str) and _MESSAGE_ID.fullmatch(given) else "")


def incoming(data: Any) -> Incoming:
    """The message in a `user_uttered` event; raises `Refused`. Whatever else the event claims is ignored."""
    fields: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    text = fields.get("message")
    text = _clean(text) if isinstance(text, str) else ""
    if not without_slash(text):
        raise Refused("empty")
    if len(text) > MAX_CHARACTERS:
        raise Refused("too_long")
    given = fields.get("message_id")
    valid = isinstance(given, str) and _MESSAGE_ID.fullmatch(given)
    return Incoming(text, str(given) if valid else uuid.uuid4().hex)


def _clean(text: str) -> str:
    """Without what no keyboard types and no database stores: control characters and halves of surrogate pairs."""
    whole = text.encode("utf-8", "ignore").decode("utf-8")
    return _CONTROL.sub("", _LINE_END.sub("\n", whole)).strip()


def is_payload(text: str) -> bool:
    """Whether Rasa would take the text for a button's payload instead of a sentence."""
    return text.startswith("/")


def without_slash(text: str) -> str:
    """The text as a sentence: with nothing in front that is, or becomes after normalising, a slash.

    What is invisible is taken away with it, as a normaliser further down may drop it and lay a slash bare.
    """
    for index, character in enumerate(text):
        if unicodedata.normalize("NFKC", character) == "/" or unicodedata.category(character)[0] in "CZ":
            continue
        return text[index:] if _starts_with_slash(text[:index]) else text
    return "" if _starts_with_slash(text) else text


def _starts_with_slash(prefix: str) -> bool:
    return "/" in unicodedata.normalize("NFKC", prefix)


def answer(response: Mapping[str, Any]) -> Optional[Message]:
    """One message for the widget out of Rasa's response, all its parts together; `None` if it holds nothing to show.

    What comes from the desk has an id of its own; if an agent wrote it, `agent` says who: a name and no more.
    """
    custom = response.get("custom") or {}
    message: Message = {}
    if response.get("text"):
        message["text"] = str(response["text"]).strip()
    buttons = buttons_of(response)
    if buttons:
        message["quick_replies"] = [{"content_type": "text", **button} for button in buttons]
    message.update({part: custom[part] for part in _CUSTOM_PARTS if custom.get(part)})
    if response.get("image"):
        message["attachment"] = {"type": "image", "payload": {"src": response["image"]}}
    if not message:
        return None
    timestamp = float(response["timestamp"])
    agent = response.get("agent")
    sender = {"sender": "agent", "agent": {"name": str(agent.get("name") or "")}} if agent else {"sender": "bot"}
    number = str(response.get("message_id") or f"{timestamp:.6f}")
    return {"id": f"{sender['sender']}-{number}", **sender, **message, "timestamp": timestamp}


def buttons_of(response: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """Title and payload of each button of a response; `after`: the seconds that the message is read before it works."""
    return [_button(each) for each in [*(response.get("buttons") or []), *(response.get("quick_replies") or [])]]


def _button(given: Mapping[str, Any]) -> Dict[str, Any]:
    button: Dict[str, Any] = {"title": str(given["title"]), "payload": str(given.get("payload") or given["title"])}
    after = str(given.get("after") or "")
    if after.isdecimal() and int(after):
        button["after"] = int(after)
    return button
