"""Signing in by name and password, and changing the password. Blocking, and slow on purpose: run it on `hashing`."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Tuple, TypeVar

from desk.people import passwords
from desk.people.model import Agent
from desk.people.service import People
from desk.people.sessions import NewSession
from desk.problems import Problem, rate_limited

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Each hash takes 64 MiB: many sign-ins at once wait for one another rather than fill the memory.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
_UNKNOWN = "(unknown)"  # people type passwords into the field of the name


async def hashing(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run what hashes passwords beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(call, *args, **kwargs))


def sign_in(people: People, name: str, password: str, address: str) -> Tuple[Agent, NewSession]:
    """A session for the right password.

    Raises `Problem` wrong-sign-in, after the same work whether or not there is such an account; rate-limited after too
    many failures of the name or from the address, then whether or not the password is right; password-expired for the
    right one-time password after its time.
    """
    wait = people.attempts.take(name, address)
    if wait:
        logger.warning("a sign-in was refused: too many failures")
        raise rate_limited(wait)
    agent, known = people.accounts.for_sign_in(name)
    if not passwords.matches(known, password) or agent is None or known is None:
        people.audit.write(None, agent or _UNKNOWN, "sign-in-failed", agent.name if agent else _UNKNOWN)
        raise Problem("wrong-sign-in")
    people.attempts.succeeded(name, address)
    _check_in_time(people, agent)
    with people.database.writing() as connection:
        if passwords.is_outdated(known):
            people.accounts.change(connection, agent.id, password_hash=passwords.hash_of(password))
        people.audit.write(connection, agent, "sign-in", agent.name)
        return agent, people.sessions.open(connection, agent.id)


def change_password(people: People, agent: Agent, old: str, new: str, address: str) -> NewSession:
    """Change it and end every session of the agent; a new one is returned.

    Raises `Problem` wrong-sign-in, rate-limited, password-expired, weak-password.
    """
    wait = people.attempts.take(agent.name, address)
    if wait:
        raise rate_limited(wait)
    _, known = people.accounts.for_sign_in(agent.name)
    if not passwords.matches(known, old):
        people.audit.write(None, agent, "password-change-failed", agent.name)
        raise Problem("wrong-sign-in")
    people.attempts.succeeded(agent.name, address)
    _check_in_time(people, agent)
    passwords.check_new(new, name=agent.name, old=old)
    with people.database.writing() as connection:
        people.accounts.set_password(connection, agent.id, new, must_change=False)
        people.audit.write(connection, agent, "password-changed", agent.name)
        return people.sessions.open(connection, agent.id)


def _check_in_time(people: People, agent: Agent) -> None:
    """Only after the password was right: nobody else learns that there is an account that waits for its owner."""
    try:
        passwords.check_not_expired(agent.password_expires_at)
    except Problem:
        people.audit.write(None, agent, "sign-in-failed", agent.name, "the one-time password has expired")
        raise
