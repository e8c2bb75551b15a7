"""The demonstration bank's word for who a customer is: short-lived tokens, signed with a key that only it holds.

A real bank does the same on its own pages; the assistant knows the public key alone.
"""

from __future__ import annotations

import os
import secrets
import threading
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Tuple

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common.settings import settings

_lock = threading.Lock()


def issue_token(customer_id: str) -> Tuple[str, int]:
    """A token for the customer and when it ends (seconds since the epoch). Makes the key pair on first use."""
    known = settings()
    issued = datetime.now(timezone.utc)
    expires = issued + timedelta(seconds=known.identity_token_seconds)
    claims = {
        "iss": known.identity_issuer,
        "aud": known.identity_audience,
        "sub": customer_id,
        "iat": issued,
        "exp": expires,
        "jti": uuid.uuid4().hex,
    }
    return jwt.encode(claims, ensure_keys(), algorithm="EdDSA"), int(expires.timestamp())


def ensure_keys() -> Ed25519PrivateKey:
    """The private key; makes it, and publishes the public one beside it, if they are not there yet."""
    folder = settings().var_dir
    private_path = folder / "identity-private.pem"
    with _lock:
        folder.mkdir(parents=True, exist_ok=True)
        if not private_path.exists():
            private = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            _write_once(private_path, private, 0o600)
        key = serialization.load_pem_private_key(private_path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{private_path} does not hold an Ed25519 key")
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        public_path = folder / "identity-public.pem"
        if not public_path.exists() or public_path.read_bytes() != public:
            _replace(public_path, public, 0o644)
        return key


def _write_once(path: Path, content: bytes, mode: int) -> None:
    """Write the file unless another process was first; nobody ever sees half of it."""
    draft = _draft(path, content, mode)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _replace(path: Path, content: bytes, mode: int) -> None:
    os.replace(_draft(path, content, mode), path)


def _draft(path: Path, content: bytes, mode: int) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    return draft
