"""Signing in at the bank's own identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636), by authlib.

Between leaving and coming back, state, nonce and PKCE verifier travel in a signed cookie of the browser that began.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Dict, Mapping, Optional, Tuple, cast
from urllib.parse import urlsplit

import jwt
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt as signed
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from common.settings import Settings

#: Seconds from leaving for the provider to coming back.
JOURNEY_SECONDS = 600
_TIMEOUT_SECONDS = 10
_LEEWAY_SECONDS = 60
_SCOPE = "openid profile email"
# None with a shared secret, and never "none".
_ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512", "EdDSA"]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_AUDIENCE = "desk:openid"


class OpenIDRefused(Exception):
    """The provider, or what came back in its name, gives no reason to believe that someone signed in."""


class OpenIDUnavailable(Exception):
    """The provider does not answer as OpenID Connect Discovery says."""


@dataclass(frozen=True)
class Subject:
    """Who signed in at the provider."""

    subject: str  # what never changes
    names: Tuple[str, ...]  # user name, and e-mail if the provider has verified it


class OpenID:
    """The provider of the settings, as one client of it. Methods block on the network."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: Optional[str], *, callback: str, cookie_secret: str
    ) -> None:
        """`callback`: the address of this desk to which the provider sends browsers back."""
        if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in _LOOPBACK:
            raise ValueError("DESK_OIDC_ISSUER has to be an https address")
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._callback = callback
        self._key = hmac.new(cookie_secret.encode(), _AUDIENCE.encode(), sha256).digest()

    def leave(self) -> Tuple[str, str]:
        """The provider's address to send the browser to, and the cookie that it keeps meanwhile."""
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._metadata()["authorization_endpoint"],
                state=kept["state"],
                nonce=kept["nonce"],
                code_verifier=kept["verifier"],
            )
        claims = {**kept, "aud": _AUDIENCE, "exp": int(time.time()) + JOURNEY_SECONDS}
        return str(address), jwt.encode(claims, self._key, "HS256")

    def come_back(self, cookie: Optional[str], answer: Mapping[str, Optional[str]]) -> Subject:
        """Who signed in, by the parameters of the provider's redirect.

        Raises `OpenIDRefused`, `OpenIDUnavailable`.
        """
        kept = self._kept(cookie)
        given = answer.get("state") or ""
        if not hmac.compare_digest(given.encode(), str(kept["state"]).encode()):
            raise OpenIDRefused("another state")
        if answer.get("iss") not in (None, self._issuer):  # RFC 9207
            raise OpenIDRefused("another issuer")
        code = answer.get("code")
        if not code:
            raise OpenIDRefused("no code")
        return self._subject(self._tokens(code, str(kept["verifier"])), str(kept["nonce"]))

    def _kept(self, cookie: Optional[str]) -> Dict[str, Any]:
        try:
            kept: Dict[str, Any] = jwt.decode(
                cookie or "", self._key, algorithms=["HS256"], audience=_AUDIENCE, options={"require": ["exp", "aud"]}
            )
        except jwt.PyJWTError as error:
            raise OpenIDRefused(f"the browser did not begin here: {type(error).__name__}") from None
        return kept

    def _tokens(self, code: str, verifier: str) -> Mapping[str, Any]:
        with self._session() as session:
            try:
                tokens: Mapping[str, Any] = session.fetch_token(
                    self._metadata()["token_endpoint"], code=code, code_verifier=verifier, allow_redirects=False
                )
            except OAuthError as error:
                raise OpenIDRefused(f"no token: {error.error}") from None
            except (requests.RequestException, ValueError) as error:
                raise OpenIDUnavailable(type(error).__name__) from None
        return tokens

    def _subject(self, tokens: Mapping[str, Any], nonce: str) -> Subject:
        try:
            decoded = signed.decode(
                str(tokens.get("id_token", "")),
                KeySet.import_key_set(cast(Any, self._json(self._metadata()["jwks_uri"]))),
                registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False),
            )
            options = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
            }
            params = {"nonce": nonce, "client_id": self._client_id, "access_token": tokens.get("access_token")}
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:  # a key set that is none is a ValueError
            raise OpenIDRefused(f"not a good ID token: {type(error).__name__}") from None
        return _subject_of(claims)

    def _metadata(self) -> Dict[str, Any]:
        found = self._json(get_well_known_url(self._issuer, external=True))
        needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
        if found.get("issuer") != self._issuer or not needed <= found.keys():
            raise OpenIDUnavailable("not the metadata of this issuer")
        return found

    def _json(self, url: str) -> Dict[str, Any]:
        try:
            answer = requests.get(url, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise OpenIDUnavailable(type(error).__name__) from None
        if not isinstance(found, dict):
            raise OpenIDUnavailable("not a JSON object")
        return found

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            scope=_SCOPE,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            default_timeout=_TIMEOUT_SECONDS,
        )


def openid_from(known: Settings) -> Optional[OpenID]:
    """The provider of the settings; none if they name none. Raises `ValueError` if they are incomplete."""
    if known.desk_oidc_issuer is None:
        return None
    if known.desk_oidc_client_id is None:
        raise ValueError("DESK_OIDC_CLIENT_ID is missing")
    return OpenID(
        known.desk_oidc_issuer,
        known.desk_oidc_client_id,
        known.desk_oidc_client_secret,
        callback=f"{known.public_desk_url()}/sign-in/oidc/callback",
        cookie_secret=known.secret("desk_session_secret"),
    )


def _subject_of(claims: Mapping[str, Any]) -> Subject:
    names = [claims.get("preferred_username")]
    if claims.get("email_verified") is True:
        names.append(claims.get("email"))
    return Subject(str(claims["sub"]), tuple(name for name in names if isinstance(name, str) and name))
