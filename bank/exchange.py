"""One HTTP exchange with the bank: pooled connections, time limits, repeats where repeating is safe.

The repeats are our own because urllib3's `Retry` knows neither a limit on the whole time that a customer waits nor,
for one request, the difference between "refused, so never received" and "broken off, so perhaps received".
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, ReadTimeoutError

from bank.errors import BankContractBroken, BankError, BankTimeout, BankUnavailable
from common import metrics
from common.hosts import is_this_machine

logger = logging.getLogger("bank.client")

TRIES = 3
PATIENCE = 10.0  # seconds: the longest that one call keeps a customer waiting, all tries and pauses included
FIRST_PAUSE = 0.2  # seconds; doubles, plus up to half of it at random so that many clients do not return at once
LARGEST_BODY = 4 * 1024 * 1024  # bytes
_SHORTEST_TRY = 0.1  # seconds
_PASSING = frozenset({429, 502, 503, 504})
_POOL_SIZE = 32
_CHUNK = 64 * 1024  # bytes


class Bearer(AuthBase):
    """Sends the access token. As an `auth` object, since `requests` lets a .netrc file replace a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by `requests` for each request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def pooled_session(base_url: str) -> requests.Session:
    """A session that any number of threads may share: kept connections, no cookies, no repeats of its own."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=_POOL_SIZE, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # A cookie of one customer's call must not travel with the next customer's.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = not is_this_machine(urlsplit(base_url).hostname or "")  # no proxy reaches this machine
    return session


@dataclass(frozen=True)
class Request:
    """What is asked. `operation` names it in logs and errors: method and route template, no values."""

    operation: str
    method: str
    url: str
    repeatable: bool  # repeating it after the bank may have received it does no harm
    params: Sequence[Tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Optional[bytes] = None  # bytes, so that each repeat sends the same
    largest_answer: int = LARGEST_BODY  # bytes


@dataclass(frozen=True)
class Answer:
    """What the bank answered, whatever its status."""

    status: int
    content_type: str
    body: bytes
    retry_after: Optional[int]  # seconds


@dataclass(frozen=True)
class _Failure:
    error: BankError
    received: bool  # the bank may have received the request


class Exchange:
    """Sends requests over one session. Thread-safe as `pooled_session` is."""

    def __init__(self, session: requests.Session, auth: AuthBase, connect_timeout: float, read_timeout: float) -> None:
        """Timeouts in seconds, for each try."""
        self._session = session
        self._auth = auth
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout

    def send(self, request: Request) -> Answer:
        """The bank's answer after at most `TRIES` tries and about `PATIENCE` seconds.

        Raises: BankTimeout, BankUnavailable (no answer), BankContractBroken (too large to be an answer).
        """
        started = time.monotonic()
        deadline = started + PATIENCE
        tries = 1
        while True:
            result = self._try(request, deadline)
            pause = _pause(result, tries)
            last = tries == TRIES or time.monotonic() + pause + _SHORTEST_TRY > deadline
            if last or not _worth_repeating(request, result):
                break
            time.sleep(pause)
            tries += 1
        _note(request, result, tries, seconds=time.monotonic() - started)
        if isinstance(result, _Failure):
            raise result.error
        return result

    def _try(self, request: Request, deadline: float) -> Union[Answer, _Failure]:
        left = max(deadline - time.monotonic(), _SHORTEST_TRY)
        try:
            with self._session.request(
                request.method,
                request.url,
                params=request.params,
                data=request.body,
                headers=request.headers,
                auth=self._auth,
                timeout=(min(self._connect_timeout, left), min(self._read_timeout, left)),
                allow_redirects=False,  # the contract has none, and the token must not follow one
                stream=True,
            ) as response:
                return Answer(
                    status=response.status_code,
                    content_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                    body=_read(request, response, deadline),
                    retry_after=_seconds(response.headers.get("Retry-After")),
                )
        except BankError as error:
            return _Failure(error, received=True)
        except (requests.RequestException, HTTPError) as error:
            # Its text holds the address and so the customer's id: only its kind goes on.
            return _failure(request.operation, error)


def _read(request: Request, response: requests.Response, deadline: float) -> bytes:
    """The whole body. The read timeout limits each wait for bytes; this limits their sum and their number."""
    body = bytearray()
    # Not `iter_content`: it waits until a chunk is full, however slowly the bytes come.
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > request.largest_answer:
            raise BankContractBroken(request.operation, f"answer larger than {request.largest_answer} bytes")
        if time.monotonic() > deadline:
            raise BankTimeout(request.operation, "the answer took too long to read")
    return bytes(body)


def _failure(operation: str, error: Union[requests.RequestException, HTTPError]) -> _Failure:
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        received = not isinstance(error, requests.ConnectTimeout)
        return _Failure(BankTimeout(operation, f"no answer in time ({type(error).__name__})"), received)
    cause = error.args[0] if error.args else error  # urllib3's error inside that of requests says more
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    received = not isinstance(reason, NewConnectionError)
    kind = type(reason if isinstance(reason, Exception) else error)
    return _Failure(BankUnavailable(operation, f"no answer ({kind.__name__})"), received)


def _worth_repeating(request: Request, result: Union[Answer, _Failure]) -> bool:
    if isinstance(result, Answer):
        return request.repeatable and result.status in _PASSING
    return isinstance(result.error, BankUnavailable) and (request.repeatable or not result.received)


def _pause(result: Union[Answer, _Failure], tries: int) -> float:
    """Seconds to wait after try number `tries`: what the bank asks for, at least our own growing pause."""
    own = FIRST_PAUSE * 2.0 ** (tries - 1) * random.uniform(1.0, 1.5)
    asked = result.retry_after if isinstance(result, Answer) else None
    return max(own, float(asked or 0))


def _seconds(retry_after: Optional[str]) -> Optional[int]:
    """A Retry-After header, which is a number of seconds or an HTTP date (RFC 9110, 10.2.3), in seconds from now."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return int(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0, round((moment - datetime.now(timezone.utc)).total_seconds()))


def _note(request: Request, result: Union[Answer, _Failure], tries: int, seconds: float) -> None:
    metrics.BANK_CALLS.labels(request.operation, _result(result)).inc()
    metrics.BANK_SECONDS.labels(request.operation).observe(seconds)
    if tries > 1:
        metrics.BANK_RETRIES.labels(request.operation).inc(tries - 1)
    outcome = str(result.status) if isinstance(result, Answer) else type(result.error).__name__
    repeated = f" ({tries} tries)" if tries > 1 else ""
    logger.info("%s %s %d ms%s", request.operation, outcome, round(seconds * 1000), repeated)


def _result(result: Union[Answer, _Failure]) -> str:
    """The class of a result: `done`, `rejected`, `failed`; without an answer `timeout`, `unreachable`, `broken`."""
    if isinstance(result, Answer):
        return "done" if result.status < 400 else "rejected" if result.status < 500 else "failed"
    if isinstance(result.error, BankTimeout):
        return "timeout"
    return "unreachable" if isinstance(result.error, BankUnavailable) else "broken"
