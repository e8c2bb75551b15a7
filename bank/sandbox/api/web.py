"""How an operation becomes a route: its scope, its ids, the thread on which it is answered, the answer as HTTP."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import hmac
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Sequence, TypeVar, Union
from urllib.parse import quote

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.models import Scope
from bank.sandbox import reading
from bank.sandbox.content import Content
from bank.sandbox.idempotency import Answer, answer_with
from bank.sandbox.problems import Problem
from bank.strict import Model

T = TypeVar("T")
CUSTOMER = "/customers/<customer_id:str>"
CARD = f"{CUSTOMER}/cards/<card_id:str>"
_THREADS = 8
# Account data: no cache on the way may keep it.
_HEADERS = {"Cache-Control": "no-store"}

#: What each service token may do.
Tokens = Mapping[str, FrozenSet[Scope]]


Result = Union[Answer, Model, Sequence[Model], Content]
Handler = Callable[..., Result]


class Threads:
    """Where the blocking work is done. Threads of its own: the pages wait for the API on the default ones."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bank")

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The result of `work`, which keeps the context (the conversation id of the log)."""
        call = functools.partial(contextvars.copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def stop(self) -> None:
        """Wait for what is being done."""
        self._threads.shutdown()


class Api:
    """Registers operations on `blueprint`. A handler is called on a thread with the request and the ids of its path,
    which are well-formed; it returns a model, models, an `Answer` or `Content`, or raises Problem."""

    def __init__(self, blueprint: Blueprint, threads: Threads) -> None:
        self._blueprint = blueprint
        self._threads = threads
        self.operations: List[str] = []

    def operation(self, method: str, path: str, scope: Scope) -> Callable[[Handler], Handler]:
        """The operation whose id is the handler's name."""

        def register(handler: Handler) -> Handler:
            async def answer(request: Request, **ids: str) -> HTTPResponse:
                return await self._answer(handler, request, ids)

            self._add(answer, method, path, scope, handler.__name__)
            return handler

        return register

    def upload(self, path: str, scope: Scope, largest: int) -> Callable[[Handler], Handler]:
        """As `operation`, with a body of up to `largest` bytes. It is read only once the token is known to be good."""

        def register(handler: Handler) -> Handler:
            async def answer(request: Request, **ids: str) -> HTTPResponse:
                request.body = await _read(request, largest)
                return await self._answer(handler, request, ids)

            self._add(answer, "POST", path, scope, handler.__name__, stream=True)
            return handler

        return register

    def _add(self, answer: Any, method: str, path: str, scope: Scope, name: str, **options: Any) -> None:
        self.operations.append(name)
        self._blueprint.add_route(answer, path, methods=[method], name=name, ctx_scope=scope, **options)

    async def _answer(self, handler: Handler, request: Request, ids: Dict[str, str]) -> HTTPResponse:
        def work() -> Result:
            known = {name: reading.identifier(name, value) for name, value in ids.items()}
            return handler(request, **known)

        return as_http(await self._threads.run(work))


def as_http(found: Result) -> HTTPResponse:
    """The answer that the contract asks for."""
    if isinstance(found, Content):
        name = f"attachment; filename*=UTF-8''{quote(found.file_name)}"
        headers = {**_HEADERS, "Content-Disposition": name}
        return response.raw(found.body, content_type=found.content_type, headers=headers)
    if isinstance(found, Model):
        return as_http(answer_with(200, found))
    if not isinstance(found, Answer):
        items = ", ".join(each.json(ensure_ascii=False) for each in found)
        return as_http(Answer(200, f'{{"items": [{items}]}}'))
    headers = {**_HEADERS, "ETag": found.etag} if found.etag else _HEADERS
    if not found.body:
        return response.empty(found.status, headers=headers)
    return response.text(found.body, status=found.status, content_type="application/json", headers=headers)


def authorise(request: Request, tokens: Tokens) -> None:
    """Raises Problem `unauthorised`, or `forbidden` if the token lacks the scope of the route."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip().encode()
    # Each is compared, so that the time tells nothing about how much of one was right.
    found = [scopes for known, scopes in tokens.items() if hmac.compare_digest(token, known.encode())]
    if scheme.lower() != "bearer" or not found:
        problem = Problem("unauthorised")
        problem.headers["WWW-Authenticate"] = "Bearer"
        raise problem
    scope = getattr(request.route.ctx, "scope", None) if request.route else None
    if scope is not None and scope not in found[0]:
        raise Problem("forbidden", "the token lacks the scope", scope=scope.value)


async def _read(request: Request, largest: int) -> bytes:
    """The body. One that is too large is read to its end, and forgotten: who does not read makes the sender stumble."""
    parts: List[bytes] = []
    size = 0
    while True:
        part = await request.stream.read() if request.stream else None
        if part is None:
            break
        size += len(part)
        if size <= largest:
            parts.append(part)
        elif size > 4 * largest:
            raise Problem("file-too-large")
    if size > largest:
        raise Problem("file-too-large")
    return b"".join(parts)
