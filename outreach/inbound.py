"""What gateways and mailboxes bring: replies, and reports of what became of messages, out of each one's own format."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, List, Mapping, Optional, Sequence, Union

from bank.models import ContactChannel

_LONGEST_REPLY = 2000  # characters
_QUOTED = re.compile(r"^\s*(>|-{2,}\s*(Original|原始邮件)|On .+ wrote:|在.+写道[:：])", re.IGNORECASE)
_BY_WEBHOOK = ("sms", "email", "wechat")
_HEADER_ID = re.compile(r"<([^<>@\s]+)@[^<>\s]+>")


class Malformed(ValueError):
    """What came is not what the gateway is documented to send."""


@dataclass(frozen=True)
class Reply:
    """What a customer wrote back."""

    id: str  # the same if the gateway brings it again
    channel: ContactChannel
    address: str  # who wrote it
    text: str
    answers: Optional[str] = None  # the id of the message to which it is a reply, if known


@dataclass(frozen=True)
class Report:
    """What became of a message."""

    message_id: Optional[str]
    gateway_id: Optional[str]
    delivered: bool


def aliyun_reports(content: Any) -> List[Report]:
    """Of `SmsReport`: a list of objects with `out_id`, `biz_id` and `success`."""
    return [
        Report(_text(each, "out_id") or None, _text(each, "biz_id") or None, each.get("success") in (True, "true"))
        for each in _objects(content)
    ]


def aliyun_replies(content: Any) -> List[Reply]:
    """Of `SmsUp`: a list of objects with `phone_number`, `content` and `sequence_id`."""
    return [
        _sms("aliyun", each, number=_text(each, "phone_number"), said=_text(each, "content"), key="sequence_id")
        for each in _objects(content)
    ]


def tencent_reports(content: Any) -> List[Report]:
    """Of the status callback: a list of objects with `ext` (our session context), `sid` and `report_status`."""
    return [
        Report(_text(each, "ext") or None, _text(each, "sid") or None, each.get("report_status") == "SUCCESS")
        for each in _objects(content)
    ]


def tencent_replies(content: Any) -> List[Reply]:
    """Of the reply callback: one object, or a list, with `mobile`, `text` and `time`."""
    return [
        _sms("tencent", each, number=_text(each, "mobile"), said=_text(each, "text"), key="time")
        for each in _objects([content] if isinstance(content, Mapping) else content)
    ]


def webhook_reports(content: Any) -> List[Report]:
    """Of the bank's own message service: a list of objects with `id` (the message's) and `delivered`."""
    found = []
    for each in _objects(content):
        if not _text(each, "id") or not isinstance(each.get("delivered"), bool):
            raise Malformed("a report without the message's id or what became of it")
        found.append(Report(_text(each, "id"), None, each["delivered"]))
    return found


def webhook_replies(content: Any) -> List[Reply]:
    """Of the same: a list of objects with `id`, `channel`, `from` (as in `to`), `text`, and `answers` if known."""
    found = []
    for each in _objects(content):
        key, writer, said = (_text(each, name) for name in ("id", "from", "text"))
        if not key or not writer or not said or each.get("channel") not in _BY_WEBHOOK:
            raise Malformed("a reply without id, channel, from or text")
        digest = hashlib.sha256(key.encode()).hexdigest()[:40]
        answers = _text(each, "answers") or None
        found.append(
            Reply(f"webhook-{digest}", ContactChannel(each["channel"]), writer, said[:_LONGEST_REPLY], answers)
        )
    return found


def mail(raw: bytes) -> Union[Reply, Report, None]:
    """A mail as the mail server hands it over: a report (RFC 3464), a reply, or nothing (an automatic answer)."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise Malformed("not a mail")
    if message.get_content_type() == "multipart/report":
        return _bounce(message)
    if str(message.get("Auto-Submitted", "no")).lower() != "no":
        return None
    address = parseaddr(str(message.get("From", "")))[1]
    body = message.get_body(preferencelist=("plain",))
    if not address or body is None:
        raise Malformed("a mail without a sender or a text")
    said = _own_words(str(body.get_content())) or str(message.get("Subject", ""))
    key = hashlib.sha256(str(message.get("Message-ID", "")).encode() + raw[:512]).hexdigest()[:40]
    answers = _HEADER_ID.search(str(message.get("In-Reply-To", "")))
    return Reply(f"mail-{key}", ContactChannel.EMAIL, address, said[:_LONGEST_REPLY], answers and answers.group(1))


def _bounce(message: EmailMessage) -> Optional[Report]:
    """The report on our message; none if it only says that the message is delayed."""
    action, original = "", None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in part.get_payload():
                action = str(block.get("Action", action)).lower()  # type: ignore[union-attr]
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            found = re.search(r"^Message-ID:\s*<([^<>@\s]+)@", part.as_string(), re.IGNORECASE | re.MULTILINE)
            original = found.group(1) if found else original
    if original is None or action not in ("failed", "delivered"):
        return None
    return Report(original, None, action == "delivered")


def _own_words(text: str) -> str:
    """The reply without the mail that it quotes."""
    lines: List[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip()


def _sms(gateway: str, each: Mapping[str, Any], *, number: str, said: str, key: str) -> Reply:
    if not number or not said:
        raise Malformed("a reply without a number or a text")
    digest = hashlib.sha256(f"{number}\n{_text(each, key)}\n{said}".encode()).hexdigest()[:40]
    return Reply(f"{gateway}-{digest}", ContactChannel.SMS, _international(number), said[:_LONGEST_REPLY])


def _international(number: str) -> str:
    """E.164, as the bank gives it: mainland numbers come without their prefix."""
    digits = "".join(each for each in number if each.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        return f"+86{digits}"
    return f"+{digits}"


def _objects(content: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(each, Mapping) for each in content):
        raise Malformed("not a list of objects")
    return content


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return "" if value is None else str(value)
