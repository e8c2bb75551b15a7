"""One call to the bank under test, and a record of it that can be shown and repeated."""

from __future__ import annotations

import json
import shlex
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, List, Mapping, Optional, Tuple
from urllib.parse import quote, urlencode

import requests

from bank.conformance.contract import PROBLEM_PREFIX, Contract, Operation
from bank.exchange import Bearer, pooled_session

TIMEOUT = (5.0, 10.0)  # seconds to connect, to answer: after ten the assistant has given up altogether
_TRIES = 3
_LONGEST_PAUSE = 30  # seconds: what the bank may ask for with Retry-After before the kit gives up
#: What stands in a printed request instead of a secret.
_HIDDEN = {"proof": "$PROOF", "code": "$CODE"}
Query = List[Tuple[str, str]]


@dataclass(frozen=True)
class Exchange:
    """What was asked and what came."""

    operation: Operation
    method: str
    path: str  # after the base URL, with ids and query
    headers: Mapping[str, str]  # without the token
    token_variable: Optional[str]  # the environment variable that holds the token; none sent without
    body: Any = None
    correlation_id: str = ""
    status: int = 0  # 0: no answer, and `trouble` says why
    trouble: str = ""
    content_type: str = ""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    document: Any = None

    @property
    def problem(self) -> Optional[str]:
        """The name of the problem, if it is one of the contract's form."""
        kind = self.document.get("type") if isinstance(self.document, dict) else None
        known = isinstance(kind, str) and kind.startswith(PROBLEM_PREFIX) and self.status >= 400
        return str(kind)[len(PROBLEM_PREFIX) :] if known else None

    @property
    def good(self) -> bool:
        """Whether the bank did what was asked."""
        return 200 <= self.status < 300

    def said(self) -> str:
        """The answer in short, without a customer's data: `404 not-found`."""
        if not self.status:
            return self.trouble
        reason = self.document.get("reason") if self.problem == "not-eligible" else None
        name = self.problem or ("" if self.good else f"({self.content_type or 'no content type'}, no problem type)")
        return " ".join(part for part in (str(self.status), name, f"({reason})" if reason else "") if part)

    def curl(self) -> str:
        """A command that repeats the request; the token is named, never shown."""
        parts = ["curl", "-i"]
        if self.method != "GET":
            parts += ["-X", self.method]
        words = [*parts, f'"$BANK_API_URL{_in_double_quotes(self.path)}"']
        if self.token_variable:
            words += ["-H", f'"Authorization: Bearer ${self.token_variable}"']
        for name, value in self.headers.items():
            words += ["-H", shlex.quote(f"{name}: {value}")]
        if isinstance(self.body, (dict, list)):
            words += ["-d", shlex.quote(json.dumps(_without_secrets(self.body), ensure_ascii=False))]
        elif isinstance(self.body, str):
            words += ["--data-raw", shlex.quote(self.body)]
        return " ".join(words)


def _in_double_quotes(text: str) -> str:
    return "".join(f"\\{letter}" if letter in '"\\$`' else letter for letter in text)


def _without_secrets(body: Any) -> Any:
    return {key: _HIDDEN.get(key, value) for key, value in body.items()} if isinstance(body, dict) else body


class Caller:
    """Calls one bank as the assistant does: bearer token, correlation id, no redirects. Any number of threads."""

    def __init__(self, base_url: str, contract: Contract) -> None:
        self.base_url = base_url.rstrip("/")
        self._contract = contract
        self._session = pooled_session(base_url)

    def call(
        self,
        operation: Operation,
        ids: Mapping[str, str],
        *,
        token: Optional[Tuple[str, str]],
        query: Optional[Query] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Any = None,
        files: Optional[Mapping[str, Any]] = None,
    ) -> Exchange:
        """Ask once, or again if the bank says "too often".

        `token`: the environment variable that names it in reports, and the token. `body`: JSON, or a string that is
        sent as it is.
        """
        for attempt in range(1, _TRIES + 1):
            exchange = self._once(operation, ids, token, query or [], headers or {}, body, files)
            pause = exchange.answer_headers.get("Retry-After", "")
            if exchange.status != 429 or attempt == _TRIES or not pause.isdecimal() or int(pause) > _LONGEST_PAUSE:
                break
            time.sleep(int(pause))
        return exchange

    def _once(
        self,
        operation: Operation,
        ids: Mapping[str, str],
        token: Optional[Tuple[str, str]],
        query: Query,
        headers: Mapping[str, str],
        body: Any,
        files: Optional[Mapping[str, Any]],
    ) -> Exchange:
        path = operation.template.format_map({name: quote(value, safe="") for name, value in ids.items()})
        path += f"?{urlencode(query)}" if query else ""
        shown = dict(headers)
        if body is not None and not files:
            shown["Content-Type"] = "application/json"
        sent = {"X-Correlation-ID": f"conformance-{uuid.uuid4().hex[:12]}", **shown}
        variable = token[0] if token else None
        asked = Exchange(operation, operation.method, path, shown, variable, body, sent["X-Correlation-ID"])
        data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
        try:
            answer = self._session.request(
                operation.method,
                self.base_url + path,
                headers=sent,
                data=body if files else data,
                files=files,
                auth=Bearer(token[1]) if token else _no_token,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.ReadTimeout:
            return replace(asked, trouble=f"no answer within {TIMEOUT[1]:.0f} seconds")
        except requests.RequestException as error:
            # Its text may hold the address and so a customer's id: only its kind goes on.
            return replace(asked, trouble=f"no answer: {type(error).__name__}")
        return _answered(asked, answer)


def _no_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As an `auth`, since `requests` would else take a token from a .netrc file."""
    return request


def _answered(asked: Exchange, answer: requests.Response) -> Exchange:
    content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    document = None
    if content_type.endswith("json"):
        try:
            document = json.loads(answer.content)
        except ValueError:
            document = None
    return replace(
        asked,
        status=answer.status_code,
        content_type=content_type,
        answer_headers=answer.headers,
        content=answer.content,
        document=document,
    )
