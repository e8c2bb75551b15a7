"""SMS by Tencent Cloud (sms 2021-01-11), requests signed by its method v3 (TC3-HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional
from urllib.parse import urlsplit

import requests

from bank.models import ContactAddresses
from common import clock
from outreach.senders.base import Outgoing, Refused, Sent, TryLater
from outreach.senders.http import ask

_ALGORITHM = "TC3-HMAC-SHA256"
_SERVICE, _VERSION, _REGION = "sms", "2021-01-11", "ap-guangzhou"
_JSON = "application/json; charset=utf-8"
#: Answers that do not change by waiting.
_FINAL = (
    "InvalidParameterValue",
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.TemplateIncorrectOrUnapproved",
    "FailedOperation.SignatureIncorrectOrUnapproved",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
    "UnsupportedOperation",
)


def authorization(key_id: str, key_secret: str, service: str, host: str, body: bytes, at: int) -> str:
    """The header `Authorization` of a JSON request at `at`, seconds since 1970."""
    headers = f"content-type:{_JSON}\nhost:{host}\n"
    names = "content-type;host"
    request = "\n".join(("POST", "/", "", headers, names, hashlib.sha256(body).hexdigest()))
    day = f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    to_sign = "\n".join((_ALGORITHM, str(at), scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"TC3{key_secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


class TencentSms:
    """`templates`: the gateway's template of each text and language; its values come in alphabetical order."""

    URL = "https://sms.tencentcloudapi.com"
    repeatable = False

    def __init__(
        self,
        key_id: str,
        key_secret: str,
        signature: str,
        templates: Mapping[str, str],
        *,
        app_id: str,
        url: str = URL,
    ) -> None:
        self._key_id = key_id
        self._key_secret = key_secret
        self._signature = signature
        self._templates = templates
        self._app_id = app_id
        self._url = url.rstrip("/")
        self._http = requests.Session()

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """The customer's mobile number."""
        return addresses.phone

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand it to the gateway; its report names `SerialNo`, and the session context: the message's id."""
        template = self._templates.get(outgoing.rendered.text_id)
        if template is None:
            raise Refused(f"no template for {outgoing.rendered.text_id}")
        values = outgoing.rendered.values
        answer = self._call(
            "SendSms",
            {
                "PhoneNumberSet": [outgoing.address],
                "SmsSdkAppId": self._app_id,
                "SignName": self._signature,
                "TemplateId": template,
                "TemplateParamSet": [values[name] for name in sorted(values)],
                "SessionContext": outgoing.id,
            },
        )
        told = answer.get("Response") or {}
        status = (told.get("SendStatusSet") or [{}])[0]
        code = str((told.get("Error") or status).get("Code", ""))
        if code == "Ok":
            return Sent(str(status.get("SerialNo", "")))
        raise (Refused if code.startswith(_FINAL) else TryLater)(f"the gateway answered {code}")

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """The gateway's records do not name our message."""
        return None

    def _call(self, action: str, content: Mapping[str, Any]) -> Dict[str, Any]:
        body = json.dumps(content, ensure_ascii=False).encode()
        host, at = urlsplit(self._url).netloc, int(clock.now().timestamp())
        headers = {
            "Authorization": authorization(self._key_id, self._key_secret, _SERVICE, host, body, at),
            "Content-Type": _JSON,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Timestamp": str(at),
            "X-TC-Version": _VERSION,
            "X-TC-Region": _REGION,
        }
        return ask(self._http, self._url, body, headers)
