"""From what `sync_msg` gives to the message that a customer sent. Pure.

Source: developer.work.weixin.qq.com/document/path/94670 (接收消息和事件).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from channels.messaging.fields import word
from channels.messaging.platform import Address, Received

PLATFORM = "wecom"

_CUSTOMER, _SYSTEM, _SERVICER = 3, 4, 5  # origins; a servicer is one of WeCom's own agents
_MESSAGES = frozenset({"text", "image", "voice", "video", "file", "location", "link"})
_ABOUT: Mapping[str, Mapping[str, str]] = {  # what else a message says, and what we call it
    "location": {"name": "label", "address": "address", "latitude": "latitude", "longitude": "longitude"},
    "link": {"title": "title", "desc": "description", "url": "url"},
}
# What the inbox holds; the service's own ids are far shorter.
_LONGEST_KEY, _LONGEST_ACCOUNT, _LONGEST_CUSTOMER = 128, 64, 128
_LONGEST_SERVICER = 64  # a userid
_WELCOME_SECONDS = 20.0
_ENDED = 3
#: What one of WeCom's own agents does with a conversation: takes it from the queue, passes it on to another one, ends
#: it, or takes up one that had ended.
_CHANGES = {1: "taken", 2: "taken", _ENDED: "ended", 4: "taken"}

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Welcome:
    """This customer may be sent one message with this code, whatever else is allowed, until then."""

    address: Address
    code: str
    until: float  # seconds since the epoch


def received(message: Message) -> Optional[Received]:
    """What the customer sent or did, or an agent of WeCom's said to them; `None` if there is nothing to do about it."""
    origin, kind = message.get("origin"), _word(message, "msgtype")
    if origin == _SYSTEM or kind == "event":
        return _event(message)
    address = _address(message)
    if origin not in (_CUSTOMER, _SERVICER) or address is None:
        return None
    if origin == _SERVICER:
        return _said(message, address, kind)
    content = _part(message, kind)
    extra = {ours: _word(content, theirs) for theirs, ours in _ABOUT.get(kind, {}).items() if _word(content, theirs)}
    text, becomes = "", kind if kind in _MESSAGES else "unknown"
    if kind == "text":
        text = _word(content, "content")
        pressed = _word(content, "menu_id")
        if pressed:
            text, becomes, extra = pressed, "choice", {"title": text}
    return _received(message, address, becomes, text, extra, _word(content, "media_id") or None)


def welcome(message: Message) -> Optional[Welcome]:
    """The leave to greet who opened the chat, or whose talk with an agent has ended; `None` if there is none."""
    event = _part(message, "event")
    address, code = _address(event), _word(event, "welcome_code")
    if _word(event, "event_type") == "session_status_change" and event.get("change_type") == _ENDED:
        code = _word(event, "msg_code")
    elif _word(event, "event_type") != "enter_session":
        return None
    if address is None or not code:
        return None
    return Welcome(address, code, _sent_at(message) + _WELCOME_SECONDS)


def _said(message: Message, address: Address, kind: str) -> Optional[Received]:
    """An agent's words to the customer, with the agent's userid; of anything else the kind."""
    extra = {"by": _word(message, "servicer_userid")[:_LONGEST_SERVICER]}
    content = _part(message, kind)
    text = _word(content, "head_content" if kind == "msgmenu" else "content")
    if not text.strip():
        extra["content"] = kind if kind in _MESSAGES - {"text"} else "unknown"
    return _received(message, address, "said", text, {name: value for name, value in extra.items() if value}, None)


def _event(message: Message) -> Optional[Received]:
    event = _part(message, "event")
    found = _told(event)
    address = _address(event)
    if found is None or address is None:
        return None
    kind, text, extra = found
    return _received(message, address, kind, text, extra, None)


def _told(event: Message) -> Optional[Tuple[str, str, Dict[str, str]]]:
    """Kind, text and the rest of an event that the assistant takes up.

    The others ask for no answer: agents who begin and end their work (servicer_status_change), messages taken back
    (user_recall_msg, servicer_recall_msg), a customer who wants no messages (reject_customer_msg_switch_change), and
    whatever will come.
    """
    kind = _word(event, "event_type")
    if kind == "enter_session":
        names = ("scene", "scene_param")
        return "entered", "", {name: _word(event, name) for name in names if _word(event, name)}
    if kind == "session_status_change" and event.get("change_type") in _CHANGES:
        return _CHANGES[event["change_type"]], "", {}
    if kind == "msg_send_fail":
        return "failed", _word(event, "fail_msgid"), {"reason": _word(event, "fail_type")}
    return None


def _received(
    message: Message, address: Address, kind: str, text: str, extra: Dict[str, str], media_id: Optional[str]
) -> Optional[Received]:
    key = _word(message, "msgid")
    if not 0 < len(key) <= _LONGEST_KEY:
        return None
    return Received(address, key, _sent_at(message), kind, text, media_id, extra)


def _address(of: Message) -> Optional[Address]:
    account, customer = _word(of, "open_kfid"), _word(of, "external_userid")
    whole = 0 < len(account) <= _LONGEST_ACCOUNT and 0 < len(customer) <= _LONGEST_CUSTOMER
    return Address(PLATFORM, account, customer) if whole else None


def _part(message: Message, name: str) -> Message:
    part = message.get(name)
    return part if isinstance(part, dict) else {}


def _word(of: Message, name: str) -> str:
    value = of.get(name)
    return word(value) if isinstance(value, (str, int, float)) else ""


def _sent_at(message: Message) -> float:
    at = message.get("send_time")
    return float(at) if isinstance(at, (int, float)) else 0.0
