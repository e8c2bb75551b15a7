"""Which tokens are believed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from channels.identity import LEEWAY_SECONDS, TokenExpired, TokenRejected, TokenVerifier
from tests.test_channels.conftest import AUDIENCE, ISSUER, claims, pem

KEYS = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "bank.pem"
    file.write_bytes(pem(KEYS["EdDSA"]))
    return file


@pytest.fixture
def verifier(key_file: Path) -> TokenVerifier:
    return TokenVerifier(key_file, issuer=ISSUER, audience=AUDIENCE)


def token(algorithm: str = "EdDSA", **changes: Any) -> str:
    return jwt.encode(claims(**changes), KEYS[algorithm], algorithm)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", KEYS)
def test_token_signed_with_the_banks_key_names_the_customer(algorithm: str, key_file: Path) -> None:
    key_file.write_bytes(pem(KEYS[algorithm]))
    verifier = TokenVerifier(key_file, issuer=ISSUER, audience=AUDIENCE)
    ends = int(time.time()) + 300
    identity = verifier.verify(token(algorithm, customer="demo-m2", exp=ends))
    assert (identity.customer_id, identity.expires_at) == ("demo-m2", ends + LEEWAY_SECONDS)


def test_token_whose_time_is_over_is_expired(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenExpired):
        verifier.verify(token(exp=int(time.time()) - LEEWAY_SECONDS - 1))


def test_clocks_may_differ_a_little_and_the_identity_then_lasts_as_long(verifier: TokenVerifier) -> None:
    identity = verifier.verify(token(exp=int(time.time()) - LEEWAY_SECONDS + 3))
    assert time.time() < identity.expires_at < time.time() + LEEWAY_SECONDS


def test_forged_token_is_invalid_even_if_it_is_expired_too(verifier: TokenVerifier) -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    forged = jwt.encode(claims(exp=int(time.time()) - 100), other, "EdDSA")
    with pytest.raises(TokenRejected) as rejected:
        verifier.verify(forged)
    assert rejected.value.problem == "invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-service"},
        {"iss": "another-bank"},
        {"customer": ""},
        {"customer": "   "},
        {"customer": "x" * 129},
        {"customer": 7},
        *({missing: None} for missing in ("iss", "aud", "sub", "iat", "exp")),
    ],
    ids=str,
)
def test_token_with_a_wrong_or_missing_claim_is_invalid(verifier: TokenVerifier, changes: Dict[str, Any]) -> None:
    with pytest.raises(TokenRejected) as rejected:
        verifier.verify(token(**changes))
    assert rejected.value.problem == "invalid"


def test_token_that_was_issued_in_the_future_is_invalid(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenRejected) as rejected:
        verifier.verify(token(iat=int(time.time()) + 3600))
    assert rejected.value.problem == "invalid"


def test_unsigned_token_is_invalid(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenRejected):
        verifier.verify(jwt.encode(claims(), "", "none"))


def test_token_signed_with_the_public_key_as_a_password_is_invalid(verifier: TokenVerifier, key_file: Path) -> None:
    header, body, _ = token().split(".")
    import base64
    import hashlib
    import hmac

    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    signature = hmac.new(key_file.read_bytes(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    forged = f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(TokenRejected):
        verifier.verify(forged)


@pytest.mark.parametrize("nonsense", ["", "a.b.c", "x" * 9000, 5, {"a": 1}, ["x"], "é.é.é"], ids=str)
def test_what_is_no_token_is_invalid(verifier: TokenVerifier, nonsense: Any) -> None:
    with pytest.raises(TokenRejected):
        verifier.verify(nonsense)


def test_key_may_be_made_after_the_assistant_started(tmp_path: Path) -> None:
    file = tmp_path / "later.pem"
    verifier = TokenVerifier(file, issuer=ISSUER, audience=AUDIENCE)
    with pytest.raises(TokenRejected):
        verifier.verify(token())
    file.write_bytes(pem(KEYS["EdDSA"]))
    assert verifier.verify(token()).customer_id == "demo-m2"


def test_new_key_takes_the_place_of_the_old_one(verifier: TokenVerifier, key_file: Path) -> None:
    verifier.verify(token())
    key_file.write_bytes(pem(KEYS["RS256"]))
    assert verifier.verify(token("RS256")).customer_id == "demo-m2"
    with pytest.raises(TokenRejected):
        verifier.verify(token("EdDSA"))


@pytest.mark.parametrize("weak", [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP384R1())])
def test_weak_or_unknown_kind_of_key_signs_nobody_in(weak: Any, key_file: Path) -> None:
    key_file.write_bytes(pem(weak))
    algorithm = "RS256" if isinstance(weak, rsa.RSAPrivateKey) else "ES384"
    with pytest.raises(TokenRejected):
        TokenVerifier(key_file, issuer=ISSUER, audience=AUDIENCE).verify(jwt.encode(claims(), weak, algorithm))


def test_broken_key_file_is_logged_and_signs_nobody_in(
    verifier: TokenVerifier, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key_file.write_text("not a key")
    with pytest.raises(TokenRejected):
        verifier.verify(token())
    assert str(key_file) in caplog.text
