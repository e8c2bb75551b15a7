"""The demonstration bank's pages: who is signed in, and what the page vouches for."""

from __future__ import annotations

import time

import jwt
import pytest
import requests

from channels.identity import TokenVerifier
from tests.processes import Sandbox

EVERYONE = 13


@pytest.fixture
def visitor(sandbox: Sandbox) -> requests.Session:
    """A browser with cookies, at the bank."""
    return requests.Session()


def sign_in(visitor: requests.Session, sandbox: Sandbox, customer: str) -> requests.Response:
    return visitor.post(f"{sandbox.origin}/sign-in", data={"customer": customer}, allow_redirects=False, timeout=5)


def test_everyone_who_can_sign_in_is_a_customer_of_the_bank(visitor: requests.Session, sandbox: Sandbox) -> None:
    people = visitor.get(f"{sandbox.origin}/customers.json", timeout=5).json()
    assert len(people) == EVERYONE
    for person in people:
        assert sign_in(visitor, sandbox, person["id"]).headers["Location"] == "/home"
        account = visitor.get(f"{sandbox.origin}/account.json", timeout=10).json()
        assert account["id"] == person["id"]
        assert account["language"] == person["language"]
        assert account["cards"]


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: requests.Session, sandbox: Sandbox) -> None:
    cookie = sign_in(visitor, sandbox, "demo-m2").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_token_names_the_signed_in_customer_and_the_assistant_believes_it(
    visitor: requests.Session, sandbox: Sandbox
) -> None:
    sign_in(visitor, sandbox, "demo-m2")
    answer = visitor.get(f"{sandbox.origin}/identity-token?customer=demo-m4", timeout=5)
    key = sandbox.var_dir / "identity-public.pem"
    verifier = TokenVerifier(key, issuer="demonstration-bank", audience="overdue-card-assistant")
    assert verifier.verify(answer.json()["token"]).customer_id == "demo-m2"
    assert 0 < answer.json()["expires_at"] - time.time() <= 600
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/identity-token", "/account.json"])
def test_visitor_without_a_session_gets_no_token_and_no_account(
    visitor: requests.Session, sandbox: Sandbox, path: str
) -> None:
    assert visitor.get(sandbox.origin + path, timeout=5).status_code == 401


@pytest.mark.parametrize("secret", ["", "guess", "x" * 64])
def test_cookie_that_the_bank_did_not_make_signs_nobody_in(
    visitor: requests.Session, sandbox: Sandbox, secret: str
) -> None:
    claims = {"sub": "demo-m2", "exp": int(time.time()) + 600}
    forged = jwt.encode(claims, secret or None, algorithm="HS256" if secret else "none")  # type: ignore[arg-type]
    visitor.cookies.set("demonstration_bank", forged)
    assert visitor.get(f"{sandbox.origin}/identity-token", timeout=5).status_code == 401


def test_signing_out_ends_the_session(visitor: requests.Session, sandbox: Sandbox) -> None:
    sign_in(visitor, sandbox, "demo-m2")
    visitor.post(f"{sandbox.origin}/sign-out", timeout=5)
    assert visitor.get(f"{sandbox.origin}/identity-token", timeout=5).status_code == 401


def test_nobody_else_can_be_signed_in(visitor: requests.Session, sandbox: Sandbox) -> None:
    assert sign_in(visitor, sandbox, "someone").headers["Location"] == "/sign-in"
    assert not visitor.cookies


def test_home_is_for_customers_and_the_public_page_for_visitors(visitor: requests.Session, sandbox: Sandbox) -> None:
    assert visitor.get(f"{sandbox.origin}/home", allow_redirects=False, timeout=5).headers["Location"] == "/sign-in"
    assert visitor.get(f"{sandbox.origin}/", allow_redirects=False, timeout=5).status_code == 200
    sign_in(visitor, sandbox, "demo-m2")
    assert visitor.get(f"{sandbox.origin}/", allow_redirects=False, timeout=5).headers["Location"] == "/home"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sms"])
def test_page_runs_its_own_files_and_the_assistants_and_nothing_else(
    visitor: requests.Session, sandbox: Sandbox, path: str
) -> None:
    policy = visitor.get(sandbox.origin + path, timeout=5).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' http://127.0.0.1:5005;" in policy
    assert "unsafe" not in policy
