"""A bank that answers from a table: what `requests` sends is answered here, and kept to be looked at."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple, Union
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProtocolError

from tests.test_bank.contract import OPERATIONS

BASE_URL = "http://bank.test/v1"


@dataclass(frozen=True)
class Reply:
    """What the bank answers. `body`: bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = b""
    headers: Dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


def problem(status: int, name: str, headers: Optional[Dict[str, str]] = None, **members: Any) -> Reply:
    """A problem document of the contract."""
    body = {"type": f"urn:overdue-card:problem:{name}", "title": name, "status": status, **members}
    return Reply(status, body, headers or {}, "application/problem+json")


def good(name: str) -> Reply:
    """The contract's first example of a good answer of an operation."""
    status, content_type, _ = OPERATIONS[name].success()
    return Reply(status, OPERATIONS[name].example()[1], content_type=content_type or "")


Answer = Union[Reply, requests.RequestException]


def refused() -> requests.RequestException:
    """What `requests` raises when nothing listens: the bank has received nothing."""
    cause = NewConnectionError(None, "[Errno 111] Connection refused to /v1/customers/c-10023")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, "/v1/customers/c-10023", cause))  # type: ignore[arg-type]


def connect_timeout() -> requests.RequestException:
    """What `requests` raises when connecting takes too long: the bank has received nothing."""
    cause = ConnectTimeoutError("Connection to bank.test timed out for /v1/customers/c-10023")
    return requests.ConnectTimeout(MaxRetryError(None, "/v1/customers/c-10023", cause))  # type: ignore[arg-type]


def broken_off() -> requests.RequestException:
    """What `requests` raises when the connection breaks before the answer: the bank may have received the request."""
    return requests.ConnectionError(ProtocolError("Connection aborted for /v1/customers/c-10023"))


def read_timeout() -> requests.RequestException:
    """What `requests` raises when no answer comes: the bank may have received the request."""
    return requests.ReadTimeout("Read timed out for /v1/customers/c-10023")


class Transport(BaseAdapter):
    """Answers each method and path from its list, in order; the last answer of a list is given again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: List[requests.PreparedRequest] = []
        self.timeouts: List[Tuple[float, float]] = []
        self._table: Dict[str, List[Answer]] = {}

    def on(self, method_and_path: str, *answers: Answer) -> "Transport":
        """`on("GET /customers/c-1", Reply(...))`; paths without the version."""
        self._table[method_and_path] = list(answers)
        return self

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("http://bank.test", self)
        return session

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        self.requests.append(request)
        self.timeouts.append(timeout)
        path = urlsplit(str(request.url)).path
        answers = self._table[f"{request.method} {path[len('/v1') :]}"]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, requests.RequestException):
            raise answer
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update({"Content-Type": answer.content_type, **answer.headers})
        response.raw = HTTPResponse(io.BytesIO(answer.content()), preload_content=False)
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        """Nothing is open."""
