"""Who a web customer is: from the signed token that the bank's page hands over, and from nothing else.

TokenRejected          not to be believed: forged, malformed, for someone else, no key to check it with
└── TokenExpired       genuine, but its time is over
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Tuple, Union

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

logger = logging.getLogger(__name__)

#: How far the bank's clock and ours may be apart, seconds.
LEEWAY_SECONDS = 10

_REQUIRED = ["iss", "aud", "sub", "iat", "exp"]
_LONGEST_TOKEN = 8192  # characters
_LONGEST_CUSTOMER_ID = 128
_SHORTEST_RSA_KEY = 2048  # bits

PublicKey = Union[Ed25519PublicKey, EllipticCurvePublicKey, RSAPublicKey]


@dataclass(frozen=True)
class Identity:
    """A customer whom the bank vouches for, until `expires_at` (seconds since the epoch, leeway included)."""

    customer_id: str
    expires_at: float


class TokenRejected(Exception):
    """The token proves nothing. `problem` is what the page is told."""

    problem = "invalid"


class TokenExpired(TokenRejected):
    """The token is genuine and its time is over: the page may have a new one."""

    problem = "expired"


class TokenVerifier:
    """Checks tokens with the bank's public key: EdDSA (Ed25519), ES256 or RS256, whichever the key is for.

    The key file is read again when it changes, so the bank may change its key, or make it after the assistant started.
    """

    def __init__(self, key_file: Path, *, issuer: str, audience: str) -> None:
        self._key_file = key_file
        self._issuer = issuer
        self._audience = audience
        self._read_at: Optional[Tuple[int, int]] = None  # modification time (ns) and size of what was read
        self._key: Optional[Tuple[PublicKey, str]] = None

    def verify(self, token: Any) -> Identity:
        """The customer whom the token names; raises `TokenExpired` or `TokenRejected`."""
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            raise TokenRejected("not a token")
        key, algorithm = self._current_key()
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired(str(error)) from error
        except jwt.PyJWTError as error:
            raise TokenRejected(f"{type(error).__name__}: {error}") from error
        return Identity(_customer_id(claims["sub"]), float(claims["exp"]) + LEEWAY_SECONDS)

    def _current_key(self) -> Tuple[PublicKey, str]:
        try:
            status = self._key_file.stat()
            if self._key is None or self._read_at != (status.st_mtime_ns, status.st_size):
                key = load_pem_public_key(self._key_file.read_bytes())
                self._key = _with_algorithm(key)
                self._read_at = (status.st_mtime_ns, status.st_size)
        except (OSError, ValueError, UnsupportedAlgorithm) as error:
            logger.error("no customer can sign in: the bank's public key %s: %s", self._key_file, error)
            raise TokenRejected("no key to check tokens with") from error
        return self._key


def _with_algorithm(key: Any) -> Tuple[PublicKey, str]:
    """The key and the one algorithm for which it is taken; `ValueError` for a key of another kind or too weak."""
    if isinstance(key, Ed25519PublicKey):
        return key, "EdDSA"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key, "ES256"
    if isinstance(key, RSAPublicKey) and key.key_size >= _SHORTEST_RSA_KEY:
        return key, "RS256"
    raise ValueError("has to be Ed25519, P-256 or RSA of at least 2048 bits")


def _customer_id(subject: Any) -> str:
    if not isinstance(subject, str) or not subject.strip() or len(subject) > _LONGEST_CUSTOMER_ID:
        raise TokenRejected("names no customer")
    return subject
