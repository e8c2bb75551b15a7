"""A bank's page on an origin of its own, with a strict content security policy, that embeds the widget."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bank</title></head>
<body><h1>Bank</h1><a href="#">first link</a>
<script type="module" src="{assistant}/webhooks/webchat/widget.js"{attributes}></script></body></html>"""


class BankPage(ThreadingHTTPServer):
    """Serves `/?language=en&token-url=/token&…`, whose parameters become data attributes, and `/token`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.assistant = ""
        self.customer: Optional[str] = None  # signed in at the bank, or nobody
        self.token_seconds = 600.0
        self.tokens_given: List[str] = []
        self.violations: List[str] = []  # of the content security policy
        self._key = Ed25519PrivateKey.generate()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def public_key(self) -> bytes:
        """For the assistant."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def token(self, customer: str) -> str:
        """A token for the customer, good for `token_seconds` after the assistant's leeway for clocks is used up."""
        now = time.time()
        claims = {"iss": "demonstration-bank", "aud": "overdue-card-assistant", "sub": customer}
        # The assistant takes a token for ten more seconds.
        times = {"iat": now - 10, "exp": now + self.token_seconds - 10}
        self.tokens_given.append(customer)
        return jwt.encode({**claims, **times}, self._key, "EdDSA")

    def address(self, language: str = "zh-CN", **attributes: str) -> str:
        """Where the page is, with these data attributes (`_` for `-`)."""
        parameters = "".join(f"&{name.replace('_', '-')}={value}" for name, value in attributes.items())
        return f"{self.origin}/?language={language}{parameters}"


class _Handler(BaseHTTPRequestHandler):
    server: BankPage

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/token":
            self._token()
        elif address.path in ("/", "/sign-in"):
            self._page({name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()})
        else:
            self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.violations.append(json.dumps(report))
        self._send(204, "text/plain", b"")

    def _token(self) -> None:
        customer = self.server.customer
        if customer is None:
            self._send(401, "application/json", b"{}")
        else:
            self._send(200, "application/json", json.dumps({"token": self.server.token(customer)}).encode())

    def _page(self, parameters: Dict[str, str]) -> None:
        language = parameters.pop("language", "zh-CN")
        attributes = "".join(f' data-{name}="{value}"' for name, value in parameters.items())
        body = _PAGE.format(language=language, assistant=self.server.assistant, attributes=attributes)
        assistant = self.server.assistant
        policy = (
            f"default-src 'none'; script-src {assistant}; style-src {assistant}; base-uri 'none'; "
            f"connect-src 'self' {assistant} {assistant.replace('http', 'ws')}; report-uri /csp"
        )
        self._send(200, "text/html; charset=utf-8", body.encode(), ("Content-Security-Policy", policy))

    def _send(self, status: int, content_type: str, body: bytes, *headers: Tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", content_type), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
