"""Tickets: a signed-in customer's leave to send files from another device, for a few minutes and for nothing else."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any, Tuple

import jwt

from channels.identity import TokenExpired, TokenRejected

#: How long a ticket can be used, seconds.
LIFETIME_SECONDS = 15 * 60

_AUDIENCE = "overdue-card-assistant:uploads"
_LONGEST = 2048  # characters


class Tickets:
    """Makes and checks tickets with one secret. A ticket shows nobody's data and reaches no conversation."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.new(secret.encode(), b"upload tickets", hashlib.sha256).digest()

    def issue(self, customer_id: str) -> Tuple[str, float]:
        """A ticket and its end, seconds since the epoch."""
        ends_at = time.time() + LIFETIME_SECONDS
        claims = {"aud": _AUDIENCE, "sub": customer_id, "exp": int(ends_at)}
        return jwt.encode(claims, self._key, "HS256"), ends_at

    def customer(self, ticket: Any) -> str:
        """Who may send files with it. Raises `TokenExpired`, `TokenRejected`."""
        if not isinstance(ticket, str) or len(ticket) > _LONGEST:
            raise TokenRejected("not a ticket")
        try:
            claims = jwt.decode(
                ticket, self._key, algorithms=["HS256"], audience=_AUDIENCE, options={"require": ["aud", "sub", "exp"]}
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired(str(error)) from error
        except jwt.PyJWTError as error:
            raise TokenRejected(f"{type(error).__name__}: {error}") from error
        return str(claims["sub"])
