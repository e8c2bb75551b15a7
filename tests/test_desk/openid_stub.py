"""A small OpenID provider: discovery, keys, and a token endpoint that checks client, code and PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Dict, Iterator, Optional
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "desk", "client-secret"


def _key() -> RSAKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return RSAKey.import_key(private, {"kid": "k1"})


@dataclass
class Provider:
    """What it answers, and how it is to cheat."""

    issuer: str = ""
    key: RSAKey = field(default_factory=_key)
    signing_key: Optional[RSAKey] = None  # another one than it publishes
    algorithm: str = "RS256"
    claims: Dict[str, Any] = field(default_factory=dict)  # more claims of the ID token; None leaves one out
    codes: Dict[str, Dict[str, str]] = field(default_factory=dict)  # what each code was given for
    metadata: Dict[str, Any] = field(default_factory=dict)
    is_down: bool = False

    def sign_in(self, address: str) -> Dict[str, str]:
        """The user signs in at `address`; the parameters with which the provider sends the browser back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, body: Dict[str, str], authorization: str) -> Any:
        """What the token endpoint answers."""
        wanted = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(body.get("code", ""), None)
        if authorization != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or challenge.decode().rstrip("=") != asked["code_challenge"]
            or body.get("redirect_uri") != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "li.ming",
            **self.claims,
        }
        given = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode(
            {"alg": self.algorithm, "kid": "k1"},
            given,
            self.signing_key or self.key,
            algorithms=[self.algorithm],
        )
        return 200, {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def document(self, path: str) -> Any:
        """Discovery and keys."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            }
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return 404, {}


@contextmanager
def provider() -> Iterator[Provider]:
    """A running one."""
    it = Provider()

    class Call(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            return

        def do_GET(self) -> None:
            self._send(*it.document(urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            given = {name: values[0] for name, values in body.items()}
            self._send(*it.token(given, self.headers.get("Authorization", "")))

        def _send(self, status: int, content: Any) -> None:
            written = json.dumps(content).encode()
            self.send_response(503 if it.is_down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
    it.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield it
    server.shutdown()
    server.server_close()
    thread.join(10)
