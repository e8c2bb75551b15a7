"""Signatures and encryption of callbacks, as WeChat and WeCom do them.

Signature: SHA-1 of the token, timestamp, nonce and, in secure mode, the encrypted content, sorted and joined.
Encryption: AES-256-CBC, the initial vector being the key's first half, PKCS#7 padded to 32 bytes, of 16 random bytes,
the length (4 bytes, network order), the content, and the id of the account that it is for.
Source: the platforms' 消息加解密说明 (developers.weixin.qq.com, developer.work.weixin.qq.com/document/path/90968).

wechatpy has the same scheme, but its last stable release is of 2021, untyped and made for blocking code; it knows one
key, compares signatures in a time that depends on their difference, and does not check the padding.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: How far a callback's timestamp may be from now, seconds; an older one is somebody's recording.
REPLAY_SECONDS = 300

_BLOCK = 32  # bytes; that of the padding, not of AES
_RANDOM = 16  # bytes
_LENGTH = 4  # bytes
_KEY_CHARACTERS = 43  # of Base64, without the "=" at the end


class Forged(Exception):
    """A callback that cannot be from the platform, or comes too late. Its text holds nothing of the callback."""


@dataclass(frozen=True)
class Stamp:
    """What proves a callback, from its query."""

    signature: str
    timestamp: str  # seconds since the epoch
    nonce: str


class Seal:
    """Checks, opens and makes callbacks of one account.

    `keys` are EncodingAESKeys, the current one first; what one of them opens is taken. Raises `ValueError` for a key
    of the wrong form.
    """

    def __init__(self, token: str, account: str, keys: Sequence[str] = ()) -> None:
        self._token = token
        self._account = account.encode()
        self._keys = tuple(_key(each) for each in keys)

    @property
    def encrypts(self) -> bool:
        """Whether callbacks have to be encrypted."""
        return bool(self._keys)

    def check(self, stamp: Stamp, *signed: str, now: Optional[float] = None) -> None:
        """Raise `Forged` unless the signature fits the token and `signed`, and the timestamp is of these minutes."""
        expected = self.sign(stamp.timestamp, stamp.nonce, *signed)
        if not hmac.compare_digest(expected.encode(), stamp.signature.encode("utf-8", "replace")):
            raise Forged("the signature does not fit")
        # The calendar's clock: a demonstration's fixed date says nothing about a message's age.
        moment = time.time() if now is None else now
        if not _is_number(stamp.timestamp) or abs(moment - int(stamp.timestamp)) > REPLAY_SECONDS:
            raise Forged("the timestamp is too old, or of the future")

    def sign(self, timestamp: str, nonce: str, *signed: str) -> str:
        """The signature, as hexadecimal digits."""
        parts = sorted([self._token, timestamp, nonce, *signed])
        return hashlib.sha1("".join(parts).encode("utf-8", "replace")).hexdigest()

    def open(self, encrypted: str) -> bytes:
        """The content that was encrypted for this account. Raises `Forged`."""
        for key in self._keys:
            found = _opened(key, encrypted)
            if found is not None and hmac.compare_digest(found[1], self._account):
                return found[0]
        raise Forged("the content cannot be decrypted, or is for another account")

    def close(self, content: bytes) -> str:
        """`content`, encrypted for this account with the current key."""
        key = self._keys[0]
        plain = secrets.token_bytes(_RANDOM) + len(content).to_bytes(_LENGTH, "big") + content + self._account
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = _cipher(key).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def _key(given: str) -> bytes:
    try:
        key = base64.b64decode(given + "=")
    except ValueError:
        key = b""
    if len(given) != _KEY_CHARACTERS or len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return key


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _opened(key: bytes, encrypted: str) -> Optional[Tuple[bytes, bytes]]:
    """Content and account's id; `None` if this key did not close it."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except ValueError:
        return None
    if not sealed or len(sealed) % 16:
        return None
    decryptor = _cipher(key).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        return None
    plain = plain[_RANDOM:-pad]
    end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    return (plain[_LENGTH:end], plain[end:]) if _LENGTH <= end <= len(plain) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12
