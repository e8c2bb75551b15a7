"""From the fields of a callback to the message that a follower sent. Pure.

Source: developers.weixin.qq.com, 接收普通消息 and 接收事件推送. Messages are told apart by `MsgId`; events have none,
and WeChat says to use `FromUserName` and `CreateTime`. Two entries of the menu can be pressed within one second, so
the event and its key are part of it.
"""

from __future__ import annotations

import hashlib
from typing import Callable, Dict, Mapping, Optional, Tuple

from channels.messaging.fields import Fields, Garbage
from channels.messaging.platform import Address, Received

_Parsed = Tuple[str, str, Mapping[str, str]]  # kind, text, extra

PLATFORM = "wechat"

_MESSAGES = {
    "text": "text",
    "voice": "voice",
    "image": "image",
    "video": "video",
    "shortvideo": "video",
    "file": "file",
    "location": "location",
    "link": "link",
}
_ABOUT: Dict[str, Dict[str, str]] = {  # what else a message says, and what we call it
    "location": {"Label": "label", "Location_X": "latitude", "Location_Y": "longitude"},
    "link": {"Title": "title", "Description": "description", "Url": "url"},
    "image": {"PicUrl": "url"},
    "voice": {"Format": "format"},
}
_LONGEST_SENDER = 128  # as much as the inbox holds; an openid has 28 characters
_SENT = "success"  # of a template message's `Status`
_SCENE = "qrscene_"  # before the scene of a code that was scanned by who did not follow yet


def received(fields: Fields, app_id: str) -> Optional[Received]:
    """What the follower sent; `None` if it asks for no answer. Raises `Garbage` if it is nobody's message."""
    sender, kind = fields.get("FromUserName"), fields.get("MsgType")
    if not sender or not kind or len(sender) > _LONGEST_SENDER:
        raise Garbage("without a sender or a type")
    address = Address(PLATFORM, app_id, sender)
    if kind == "event":
        return _event(fields, address)
    return _message(fields, address, kind)


def _message(fields: Fields, address: Address, kind: str) -> Received:
    extra = {ours: fields[theirs] for theirs, ours in _ABOUT.get(kind, {}).items() if fields.get(theirs)}
    text, becomes = "", _MESSAGES.get(kind, "unknown")
    if kind == "text":
        text = fields.get("Content", "")
        pressed = fields.get("bizmsgmenuid")
        if pressed:
            text, becomes, extra = pressed, "choice", {"title": text}
    elif kind == "voice" and fields.get("Recognition"):
        text, becomes = fields["Recognition"], "text"
    number = fields.get("MsgId")
    key = number if number and len(number) <= 64 else _digest(fields, kind, text)
    media_id = fields.get("MediaId") or None
    # WeChat counts a press on a button in a message as one on the account's menu.
    return Received(address, key, _sent_at(fields), becomes, text, media_id, extra, brief=becomes == "choice")


def _event(fields: Fields, address: Address) -> Optional[Received]:
    event = fields.get("Event", "")
    parse = _EVENTS.get(event.lower())
    if parse is None:
        return None
    key = f"event-{_digest(fields, event, fields.get('EventKey', ''), fields.get('MsgID', ''))}"
    kind, text, extra = parse(fields)
    return Received(address, key, _sent_at(fields), kind, text, None, extra)


def _subscribed(fields: Fields) -> _Parsed:
    scene = fields.get("EventKey", "")
    return "followed", "", {"scene": scene[len(_SCENE) :]} if scene.startswith(_SCENE) else {}


def _unsubscribed(fields: Fields) -> _Parsed:
    return "left", "", {}


def _scanned(fields: Fields) -> _Parsed:
    return "entered", "", {"scene": fields.get("EventKey", "")}


def _clicked(fields: Fields) -> _Parsed:
    return "menu", fields.get("EventKey", ""), {}


def _template_sent(fields: Fields) -> _Parsed:
    status = fields.get("Status", "")
    return ("delivered" if status == _SENT else "failed"), fields.get("MsgID", ""), {"status": status}


#: Events that the assistant takes up, by their name in small letters. The others ask for nothing: a page opened from
#: the menu (VIEW), a phone's position (LOCATION), an agent of the account's own customer service who begins, passes on
#: or ends a talk (kf_create_session, kf_switch_session, kf_close_session), and whatever will come.
_EVENTS: Dict[str, Callable[[Fields], _Parsed]] = {
    "subscribe": _subscribed,
    "unsubscribe": _unsubscribed,
    "scan": _scanned,
    "click": _clicked,
    "templatesendjobfinish": _template_sent,
}


def _sent_at(fields: Fields) -> float:
    try:
        return float(fields["CreateTime"])
    except (KeyError, ValueError):
        raise Garbage("without the moment at which it was sent") from None


def _digest(fields: Fields, *more: str) -> str:
    parts = [fields.get("FromUserName", ""), fields.get("CreateTime", ""), *more]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
