"""Several questions to the bank at once: an answer then takes as long as the slowest of them, not as all together.

The client serves any number of threads. Each question carries the conversation's id along, for the bank and the log.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Callable, TypeVar, cast

T = TypeVar("T")

# As many as the client keeps connections; an action's own thread is none of these, so none waits for another.
_threads = ThreadPoolExecutor(32, thread_name_prefix="bank")


def ask(call: Callable[..., T], *arguments: Any, **named: Any) -> Future[T]:
    """Begin the call; `result()` waits for what it returns, or raises what it raised."""
    return cast("Future[T]", _threads.submit(copy_context().run, call, *arguments, **named))
