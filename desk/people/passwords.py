"""Passwords: argon2id hashes, what a password must be like, and one-time passwords."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Optional

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from common import clock
from common.settings import settings
from desk.problems import Problem

#: NIST SP 800-63B asks for 8 or more where there is a second factor; without one, 12.
SHORTEST, LONGEST = 12, 128
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read
_GROUPS, _GROUP = 4, 5
# The defaults of argon2-cffi: RFC 9106's second choice, argon2id with 64 MiB.
_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """What is kept of a password. Takes some 50 ms and 64 MiB on purpose."""
    return _hasher.hash(password)


def matches(known: Optional[str], password: str) -> bool:
    """Whether it is the password of the hash `known`. Takes as long if nothing is known: names cannot be guessed."""
    try:
        _hasher.verify(known or _of_nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return known is not None


def is_outdated(known: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(known)


def check_new(password: object, *, name: str, old: Optional[str] = None) -> str:
    """The password if it may be chosen. Raises `Problem` weak-password with a `rule`: a code for the console."""
    if not isinstance(password, str) or len(password) < SHORTEST:
        raise Problem("weak-password", rule="too-short", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Problem("weak-password", rule="too-long", longest=LONGEST)
    if name.casefold() in password.casefold():
        raise Problem("weak-password", rule="holds-the-name")
    if len(set(password)) < SHORTEST // 2:
        raise Problem("weak-password", rule="too-few-characters")
    if password == old:
        raise Problem("weak-password", rule="as-before")
    return password


def one_time_password() -> str:
    """A random one, to be changed at the first sign-in: over 98 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def one_time_until() -> datetime:
    """Until when a one-time password that is made now can be used."""
    return clock.now() + timedelta(hours=settings().desk_one_time_password_hours)


def check_not_expired(until: Optional[datetime]) -> None:
    """Raises `Problem` password-expired for a one-time password that was not changed in time."""
    if until is not None and until <= clock.now():
        raise Problem("password-expired")


def warm_up() -> None:
    """Make what the first wrong name would else take longer for."""
    _of_nobody()


@lru_cache(maxsize=1)
def _of_nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(24))
