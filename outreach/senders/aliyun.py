"""SMS by Alibaba Cloud (Dysmsapi 2017-05-25), requests signed by its method V3 (ACS3-HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional
from urllib.parse import quote, urlsplit

import requests

from bank.models import ContactAddresses
from common import clock
from outreach.senders.base import Doubtful, Outgoing, Refused, Sent, TryLater
from outreach.senders.http import ask

_ALGORITHM = "ACS3-HMAC-SHA256"
_VERSION = "2017-05-25"
_EMPTY_BODY = hashlib.sha256(b"").hexdigest()
#: Answers that do not change by waiting: the number, the template or its values are wrong.
_FINAL = frozenset(
    "isv.MOBILE_NUMBER_ILLEGAL isv.BLACK_KEY_CONTROL_LIMIT isv.TEMPLATE_MISSING_PARAMETERS isv.INVALID_PARAMETERS "
    "isv.SMS_TEMPLATE_ILLEGAL isv.SMS_SIGNATURE_ILLEGAL isv.PARAM_LENGTH_LIMIT isv.INVALID_JSON_PARAM".split()
)
_MOST_DETAILS = 50  # of one number on one day, as the gateway gives them at once


def canonical_query(query: Mapping[str, str]) -> str:
    """The query in the order and the encoding that are signed (RFC 3986)."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))


def authorization(
    key_id: str, key_secret: str, method: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    """The header `Authorization` of a request without a body; `headers`: all that are signed, names in lower case."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join((method, "/", canonical_query(query), lines, names, headers["x-acs-content-sha256"]))
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


class AliyunSms:
    """`templates`: the gateway's template of each text and language, e.g. `due_soon.zh`: `SMS_1234`."""

    URL = "https://dysmsapi.aliyuncs.com"
    repeatable = False

    def __init__(
        self, key_id: str, key_secret: str, signature: str, templates: Mapping[str, str], *, url: str = URL
    ) -> None:
        self._key_id = key_id
        self._key_secret = key_secret
        self._signature = signature
        self._templates = templates
        self._url = url.rstrip("/")
        self._http = requests.Session()

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """The customer's mobile number."""
        return addresses.phone

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand it to the gateway; its report names `OutId`, the message's id."""
        template = self._templates.get(outgoing.rendered.text_id)
        if template is None:
            raise Refused(f"no template for {outgoing.rendered.text_id}")
        answer = self._call(
            "SendSms",
            PhoneNumbers=_number(outgoing.address),
            SignName=self._signature,
            TemplateCode=template,
            TemplateParam=json.dumps(dict(outgoing.rendered.values), ensure_ascii=False),
            OutId=outgoing.id,
        )
        code = str(answer.get("Code", ""))
        if code == "OK":
            return Sent(str(answer.get("BizId", "")))
        raise (Refused if code in _FINAL else TryLater)(f"the gateway answered {code}")

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """Whether one of the messages that the number got that day is this one."""
        try:
            answer = self._call(
                "QuerySendDetails",
                PhoneNumber=_number(address),
                SendDate=f"{at:%Y%m%d}",
                PageSize=str(_MOST_DETAILS),
                CurrentPage="1",
            )
        except Doubtful as error:
            raise TryLater(str(error)) from None
        if answer.get("Code") != "OK":
            raise TryLater(f"the gateway answered {answer.get('Code')}")
        details = (answer.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
        return any(detail.get("OutId") == message_id for detail in details)

    def _call(self, action: str, **query: str) -> Dict[str, Any]:
        headers = {
            "host": urlsplit(self._url).netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": _EMPTY_BODY,
            "x-acs-date": f"{clock.now().astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-version": _VERSION,
        }
        signed = authorization(self._key_id, self._key_secret, "POST", query, headers)
        url = f"{self._url}/?{canonical_query(query)}"
        return ask(self._http, url, b"", {**headers, "Authorization": signed})


def _number(address: str) -> str:
    """Mainland numbers without the country's prefix, as the gateway takes them."""
    return address[3:] if address.startswith("+86") else address.lstrip("+")
