"""`GET /metrics` of a process, and the count of its HTTP requests.

With `METRICS_TOKEN` set, who asks must present it as a bearer token, wherever from. Without it only this machine is
answered; a proxy on this machine has to keep the address back.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from typing import Any, Callable, Iterable, List, Optional, Tuple

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, raw, text
from sqlalchemy.exc import SQLAlchemyError

from common import metrics
from common.hosts import is_this_machine
from common.settings import settings

logger = logging.getLogger(__name__)

PATH = "/metrics"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_SOCKETS = "/socket.io"  # polls are long, and say nothing of how fast answers are

#: Reads levels at the moment in which it is called. Blocks; may raise `SQLAlchemyError`.
Look = Callable[[], Iterable[Metric]]


def serve(app: Sanic, process: str, *looks: Look) -> None:
    """Count the requests of `app`, and answer `/metrics` with what the process counts and what `looks` see."""
    for look in looks:
        also(app, look)
    metrics.BUILD.labels(process, metrics.version()).set(1)
    app.register_middleware(_start, "request")
    app.register_middleware(_count, "response")

    @app.get(PATH, name="metrics")
    async def answer(request: Request) -> HTTPResponse:
        refusal = _refusal(request)
        if refusal is not None:
            return refusal
        content = await asyncio.to_thread(_written, process, list(_looks(app)))
        return raw(content, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def also(app: Sanic, look: Look) -> None:
    """Have `/metrics` of `app` tell what this one sees, too; before or after `serve`."""
    _looks(app).append(look)


def _looks(app: Sanic) -> List[Look]:
    if not hasattr(app.ctx, "metrics_looks"):
        app.ctx.metrics_looks = []
    looks: List[Look] = app.ctx.metrics_looks
    return looks


def _refusal(request: Request) -> Optional[HTTPResponse]:
    token = settings().metrics_token
    if token:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
            return None
        return text("The token of METRICS_TOKEN is needed.", 401, {"WWW-Authenticate": "Bearer"})
    # A proxy on this machine is local, and who asks it need not be.
    if is_this_machine(request.ip) and not any(name in request.headers for name in _FORWARDED):
        return None
    return text("Only this machine is answered, as long as METRICS_TOKEN is not set.", 403)


def _written(process: str, looks: List[Look]) -> bytes:
    seen = [metric for look in looks for metric in _seen(process, look)]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Seen(seen))
    return generate_latest(REGISTRY) + generate_latest(registry)


def _seen(process: str, look: Look) -> List[Metric]:
    try:
        return list(look())
    except SQLAlchemyError as error:
        logger.warning("levels could not be read: %s", type(error).__name__)
        metrics.SCRAPE_FAILURES.labels(process).inc()
        return []


class _Seen:
    """A collector of what was seen already."""

    def __init__(self, seen: List[Metric]) -> None:
        self._seen = seen

    def collect(self) -> Iterable[Metric]:
        """Called by the registry."""
        return self._seen


async def _start(request: Request) -> None:
    request.ctx.metrics_started = time.monotonic()


async def _count(request: Request, answer: BaseHTTPResponse) -> None:
    if request.path.startswith(_SOCKETS):
        return
    method, route = _named(request)
    # Rasa's server gives members of `HTTPStatus`, which `str` would write by name.
    metrics.HTTP_REQUESTS.labels(method, route, str(int(answer.status))).inc()
    started: Any = getattr(request.ctx, "metrics_started", None)
    if started is not None:
        metrics.HTTP_SECONDS.labels(method, route).observe(time.monotonic() - started)


def _named(request: Request) -> Tuple[str, str]:
    # The route, not the address: that holds ids.
    route = f"/{request.route.path}" if request.route else "(no route)"
    return metrics.one_of(request.method, _METHODS), route
