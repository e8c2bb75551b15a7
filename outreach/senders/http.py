"""Requests to gateways: what a broken connection means for the message."""

from __future__ import annotations

from typing import Any, Dict, Mapping

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from outreach.senders.base import Doubtful, TryLater

_TIMEOUT = (3.0, 15.0)  # seconds to connect, and for the answer


def post(session: requests.Session, url: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    """The gateway's answer to a POST, whatever its status; nobody is followed elsewhere.

    Raises `TryLater` if it did not get the request, `Doubtful` if it may have.
    """
    try:
        return session.post(url, data=body, headers=dict(headers), timeout=_TIMEOUT, allow_redirects=False)
    except requests.ConnectTimeout:
        raise TryLater("the gateway cannot be reached") from None
    except requests.ConnectionError as error:
        cause = error.args[0] if error.args else None
        never_left = isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
        raise (TryLater if never_left else Doubtful)("the connection to the gateway broke") from None
    except requests.RequestException as error:
        raise Doubtful(f"the gateway did not say: {type(error).__name__}") from None


def ask(session: requests.Session, url: str, body: bytes, headers: Mapping[str, str]) -> Dict[str, Any]:
    """The JSON object that the gateway answers to a POST, also with an error's status.

    Raises `TryLater` if it did not get the request, `Doubtful` if it may have.
    """
    answer = post(session, url, body, headers)
    try:
        found = answer.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    raise Doubtful(f"the gateway answered {answer.status_code} and no JSON")
