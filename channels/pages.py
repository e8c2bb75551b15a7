"""What the bank's pages may ask of the channel beside the socket: whose page it is, and what every answer carries."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Collection, Dict, Optional, Tuple

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.identity import TokenRejected, TokenVerifier

logger = logging.getLogger(__name__)

_ALWAYS = {
    "Cache-Control": "no-store",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Pages:
    """Pages of `origins`, which prove whose they are with the customer's identity token."""

    verifier: TokenVerifier
    origins: Collection[str]

    def customer(self, request: Request) -> Optional[str]:
        """Whom `Authorization: Bearer <identity token>` names; `None` for nobody."""
        scheme, token = proof(request)
        if scheme != "bearer":
            return None
        try:
            return self.verifier.verify(token).customer_id
        except TokenRejected as rejected:
            logger.warning("a page got nothing: %s", rejected)
            return None

    def headers(self, request: Request) -> Dict[str, str]:
        """Of every answer."""
        origin = request.headers.get("origin", "")
        return {**_ALWAYS, "Access-Control-Allow-Origin": origin} if origin in self.origins else dict(_ALWAYS)

    def preflight(self, request: Request, *, methods: str = "GET", headers: str = "Authorization") -> HTTPResponse:
        """What pages may ask with."""
        allowed = {"Access-Control-Allow-Methods": methods, "Access-Control-Allow-Headers": headers}
        return response.empty(204, {**self.headers(request), **allowed, "Access-Control-Max-Age": "600"})

    def refuse(self, request: Request) -> HTTPResponse:
        """To whoever has proven nothing."""
        return response.empty(401, {**self.headers(request), "WWW-Authenticate": "Bearer"})


def proof(request: Request) -> Tuple[str, str]:
    """The scheme, in small letters, and the secret of the `Authorization` header; both empty without one."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return scheme.lower(), secret.strip()
