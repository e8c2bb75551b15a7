"""The bank sandbox over HTTP: the API of `bank/openapi.yml` under /v1, and the demonstration bank's pages.

`python -m bank.sandbox.app` listens on `BANK_HOST:BANK_PORT`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
import time
from http import HTTPStatus
from typing import Iterator, Optional, Tuple

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from bank.models import Scope
from bank.sandbox import api, operations, pages
from bank.sandbox.api.web import Threads, Tokens
from bank.sandbox.identity import ensure_keys
from bank.sandbox.policy import Policy, PolicyError, policy_from
from bank.sandbox.problems import Problem, of_the_framework
from bank.sandbox.service import Bank
from bank.sandbox.store import Store
from common import scrape
from common.hosts import is_this_machine
from common.log import configure, conversation_id
from common.settings import Settings, settings

logger = logging.getLogger("bank.sandbox.app")  # not __main__, which it is when it is run

_LARGEST_BODY = 64 * 1024  # bytes; of uploads the policy says how many
_CORRELATION_ID = re.compile(r"[A-Za-z0-9_.~:@+=%-]{1,128}")


def create_app(bank: Bank, tokens: Tokens, *, show_demonstration: bool, name: str = "bank") -> Sanic:
    """The application. `tokens`: what services must present, and what they may do then.

    `show_demonstration`: give anyone the customers' text messages, and let anyone decide on requests.
    """
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_BODY
    threads = Threads()
    app.blueprint(api.blueprint(bank, threads, tokens))
    app.blueprint(operations.blueprint(bank, threads, show_demonstration))
    scrape.serve(app, "bank")
    app.blueprint(pages.blueprint)
    app.error_handler.add(Exception, _answer_error)
    app.register_middleware(_start, "request")
    app.register_middleware(_finish, "response")

    @app.before_server_start
    async def prepare(_: Sanic, __: asyncio.AbstractEventLoop) -> None:
        await threads.run(ensure_keys)
        await threads.run(bank.check_health)

    @app.after_server_stop
    async def stop(_: Sanic, __: asyncio.AbstractEventLoop) -> None:
        threads.stop()

    return app


async def _start(request: Request) -> None:
    request.ctx.started = time.monotonic()
    given = request.headers.get("X-Correlation-ID", "")
    request.ctx.correlation_id = given if _CORRELATION_ID.fullmatch(given) else ""
    conversation_id.set(request.ctx.correlation_id)


async def _finish(request: Request, answer: BaseHTTPResponse) -> None:
    given: Optional[str] = getattr(request.ctx, "correlation_id", None)
    if given:
        answer.headers["X-Correlation-ID"] = given
    started = getattr(request.ctx, "started", None)
    if started is not None:
        # The route, not the address: that holds the customer's id.
        route = f"/{request.route.path}" if request.route else "(no route)"
        milliseconds = round((time.monotonic() - started) * 1000)
        logger.info("%s %s %s %s ms", request.method, route, answer.status, milliseconds)


class _ProblemAnswer(HTTPResponse):
    """Sanic takes the length off an answer 412, as if it could have no content; the reader would wait for its end."""

    @property
    def processed_headers(self) -> Iterator[Tuple[bytes, bytes]]:
        length = self.headers.get("content-length")
        headers = super().processed_headers
        if self.status != HTTPStatus.PRECONDITION_FAILED or length is None:
            return headers
        return itertools.chain(headers, [(b"content-length", str(length).encode())])


async def _answer_error(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, Problem):
        problem = error
    elif isinstance(error, SanicException):
        problem = of_the_framework(error.status_code)
        problem.headers.update(getattr(error, "headers", None) or {})
    else:
        logger.error("a fault of the sandbox itself", exc_info=error)
        problem = Problem("internal")
    return _ProblemAnswer(
        json.dumps(problem.body(), ensure_ascii=False),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def _shows_demonstration(values: Settings) -> bool:
    return values.sandbox_sms_inbox or is_this_machine(values.bank_host)


def _tokens(values: Settings) -> Tokens:
    """The assistant's token may do everything; the others what the settings say."""
    others = {token: frozenset(Scope(word) for word in words.split()) for token, words in values.sandbox_tokens.items()}
    return {**others, values.secret("bank_api_token"): frozenset(Scope)}


def _policy(values: Settings) -> Policy:
    """The file's, with another delay of reviews if the settings name one."""
    policy = policy_from(values.bank_policy_file)
    if values.sandbox_review_seconds is None:
        return policy
    review = policy.review.copy(update={"delay_seconds": values.sandbox_review_seconds})
    return policy.copy(update={"review": review})


def main() -> None:
    """Serve until stopped."""
    configure("bank")
    values = settings()
    try:
        policy, tokens = _policy(values), _tokens(values)
    except (PolicyError, ValueError) as error:
        raise SystemExit(str(error)) from None
    bank = Bank(Store(values.bank_store_url()), policy, values.secret("bank_code_secret"))
    app = create_app(bank, tokens, show_demonstration=_shows_demonstration(values))
    app.run(values.bank_host, values.bank_port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
