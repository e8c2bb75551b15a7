"""Names of conversations. They are made here, from what is proven, and never taken from the browser."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, Optional

_RANDOM_BYTES = 24
_LONGEST_SESSION_ID = 200


class Conversations:
    """Makes and checks names with one secret; another secret means other conversations.

    A signed-in customer's conversation follows from the customer id, so it is the same on every device. An anonymous
    visitor's follows from the session id, a secret that we issue and that only this visitor's browser holds. Neither
    can be computed backwards, and a name gives no access to what it names. On a messaging service, a customer whom the
    bank knows there has the same conversation as on the web; anybody else's follows from the service's name for them.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def of_customer(self, customer_id: str) -> str:
        """The conversation of a verified customer."""
        return f"web-{self._digest('customer', customer_id)}"

    def of_address(self, platform: str, account: str, subject: str) -> str:
        """The conversation of somebody on a messaging service of whom the bank does not know who it is."""
        return f"wx-{self._digest('address', chr(10).join((platform, account, subject)))}"

    def new_session(self) -> str:
        """A session id that nobody can guess."""
        nonce = secrets.token_urlsafe(_RANDOM_BYTES)
        return f"{nonce}.{self._digest('session', nonce)}"

    def of_session(self, session_id: Any) -> Optional[str]:
        """The conversation of an anonymous visitor, or `None` if we did not issue this session id."""
        if not isinstance(session_id, str) or len(session_id) > _LONGEST_SESSION_ID or not session_id.isascii():
            return None
        nonce, _, tag = session_id.partition(".")
        if not nonce or not hmac.compare_digest(tag, self._digest("session", nonce)):
            return None
        return f"web-{self._digest('visitor', nonce)}"

    def fingerprint(self, conversation_id: str) -> str:
        """Tells a browser whether it is still in the same conversation, and nothing more."""
        return self._digest("fingerprint", conversation_id)[:16]

    def _digest(self, purpose: str, value: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()[:32]
