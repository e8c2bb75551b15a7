"""The bank's own message service: one signed POST a message, by the Standard Webhooks specification.

`webhook-id` is the message's id in every attempt, by which the service drops a second copy.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from binascii import Error as BadBase64
from datetime import datetime
from typing import Any, Dict, Optional
from urllib.parse import urlsplit

import requests

from bank.models import ContactAddresses, ContactChannel
from common.hosts import is_this_machine
from outreach.senders.base import Outgoing, Refused, Sent, TryLater
from outreach.senders.http import post

_SECRET_PREFIX = "whsec_"
_SHORTEST_KEY = 24  # bytes, by the specification
#: Statuses of the service's, or of our own settings', that do not judge the message.
_NOT_NOW = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`, version 1. `timestamp`: seconds since 1970, as in `webhook-timestamp`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def key_of(secret: str) -> bytes:
    """The key in a secret `whsec_<base64>`. Raises ValueError, without the secret, if it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except BadBase64:
        key = b""
    if not secret.startswith(_SECRET_PREFIX) or len(key) < _SHORTEST_KEY:
        raise ValueError(f"the webhook's secret must be {_SECRET_PREFIX} and {_SHORTEST_KEY} bytes or more in base64")
    return key


class WebhookSender:
    """Hands the messages of one channel to the service at `url`.

    Raises ValueError for a secret that is none, or an address beyond this machine without TLS.
    """

    repeatable = True

    def __init__(self, channel: ContactChannel, url: str, secret: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
            raise ValueError("the webhook's address must begin with https://")
        self._channel = channel
        self._url = url
        self._key = key_of(secret)
        self._http = requests.Session()

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """The customer's mobile number or mail address; in WeChat the service knows the customer by the bank's id."""
        known = {ContactChannel.EMAIL: addresses.email, ContactChannel.SMS: addresses.phone}
        return known.get(self._channel, customer_id)

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand it over. Any status 2xx: the service has it; others of 4xx but a few: it never will."""
        body = json.dumps(content(outgoing, self._channel), ensure_ascii=False).encode()
        at = int(time.time())  # the real time, whatever day a demonstration has: the service compares it with its own
        headers = {
            "Content-Type": "application/json",
            "webhook-id": outgoing.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(self._key, outgoing.id, at, body),
        }
        status = post(self._http, self._url, body, headers).status_code
        if 200 <= status < 300:
            return Sent(outgoing.id)
        final = 400 <= status < 500 and status not in _NOT_NOW
        raise (Refused if final else TryLater)(f"the message service answered {status}")

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """Nobody is asked: the same message may be sent again."""
        return None


def content(outgoing: Outgoing, channel: ContactChannel) -> Dict[str, Any]:
    """The body: `type`, `timestamp` (ISO 8601, at the bank) and `data`, with the text and what it was made of."""
    rendered = outgoing.rendered
    data = {
        "id": outgoing.id,
        "channel": channel.value,
        "to": outgoing.address,
        "customer_id": outgoing.customer_id,
        "card_id": outgoing.card_id,
        "step": outgoing.step,
        "kind": outgoing.kind.value,
        "language": rendered.language,
        "subject": rendered.subject,
        "text": rendered.text,
        "text_id": rendered.text_id,
        "values": dict(rendered.values),
    }
    return {"type": "contact.message", "timestamp": outgoing.at.isoformat(), "data": data}
