"""Signing in at the bank's identity provider, and everything that must not sign anyone in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from common.settings import Settings, settings
from desk.people import People, openid_routes
from desk.people.openid import OpenID, openid_from
from tests.test_desk.desk_people import account, desk_app, people_at
from tests.test_desk.openid_stub import CLIENT, CLIENT_SECRET, Provider, _key, provider
from tests.test_desk.serving import Browser, served

HOME = "https://desk.bank.example"


class Desk:
    """A desk that knows the provider."""

    def __init__(self, people: People, origin: str, it: Provider) -> None:
        self.people, self.origin, self.provider = people, origin, it

    def begin(self, browser: Browser) -> str:
        answer = browser.get("/sign-in/oidc")
        assert answer.status_code == 302
        return answer.headers["Location"]

    def come_back(self, browser: Browser, **given: str) -> requests.Response:
        return browser.session.get(
            f"{self.origin}/sign-in/oidc/callback", params=given, allow_redirects=False, timeout=30
        )

    def sign_in(self, browser: Browser, **changes: str) -> requests.Response:
        given = self.provider.sign_in(self.begin(browser))
        return self.come_back(browser, **{**given, **changes})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    people = people_at(f"sqlite:///{tmp_path / 'desk.db'}")
    with provider() as it:
        known = OpenID(
            it.issuer,
            CLIENT,
            CLIENT_SECRET,
            callback=f"{HOME}/sign-in/oidc/callback",
            cookie_secret="secret",
        )
        app = desk_app(people, known)
        app.blueprint(openid_routes.routes)
        with served(app) as origin:
            yield Desk(people, origin, it)


def linked(people: People, subject: str = "subject-1", name: str = "li") -> None:
    with people.database.writing() as connection:
        people.accounts.create(connection, name=name, display_name="Li", oidc_subject=subject)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/api/me").ok


def test_who_signs_in_at_the_provider_is_signed_in(desk: Desk) -> None:
    linked(desk.people)
    browser = Browser(desk.origin)
    answer = desk.sign_in(browser)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert browser.get("/api/me").json()["me"]["name"] == "li"
    assert browser.get("/api/me").json()["must_change_password"] is False
    assert desk.people.audit.read()[0]["act"] == "sign-in"
    assert desk.people.audit.read()[0]["why"] == "OpenID"


def test_the_browser_leaves_with_pkce_state_and_nonce_and_gets_them_anew_each_time(desk: Desk) -> None:
    first, second = (parse_qs(urlsplit(desk.begin(Browser(desk.origin))).query) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 32
        assert first[name] != second[name]
    assert first["redirect_uri"] == [f"{HOME}/sign-in/oidc/callback"]


def test_an_account_made_for_it_is_linked_at_the_first_sign_in_and_kept_by_its_subject(desk: Desk) -> None:
    with desk.people.database.writing() as connection:
        desk.people.accounts.create(connection, name="li.ming", display_name="Li")
    browser = Browser(desk.origin)
    desk.sign_in(browser)
    assert is_signed_in(browser)
    desk.provider.claims = {"preferred_username": "renamed"}
    again = Browser(desk.origin)
    desk.sign_in(again)
    assert is_signed_in(again)
    desk.provider.claims = {"sub": "subject-2"}
    thief = Browser(desk.origin)
    desk.sign_in(thief)
    assert not is_signed_in(thief)


@pytest.mark.parametrize(("verified", "signs_in"), [(True, True), (False, False), ("true", False), (None, False)])
def test_only_an_e_mail_that_the_provider_has_verified_links(desk: Desk, verified: Any, signs_in: bool) -> None:
    with desk.people.database.writing() as connection:
        desk.people.accounts.create(connection, name="li@bank.example", display_name="Li")
    desk.provider.claims = {"email": "Li@bank.example", "email_verified": verified}
    browser = Browser(desk.origin)
    desk.sign_in(browser)
    assert is_signed_in(browser) is signs_in


def test_an_account_with_a_password_is_never_linked(desk: Desk) -> None:
    account(desk.people, "li.ming", "administrator")
    browser = Browser(desk.origin)
    assert desk.sign_in(browser).headers["Location"] == "/?sign_in=refused"
    assert not is_signed_in(browser)


def test_nobody_without_an_account_signs_in(desk: Desk) -> None:
    browser = Browser(desk.origin)
    assert desk.sign_in(browser).headers["Location"] == "/?sign_in=refused"
    assert desk.people.audit.read()[0]["act"] == "sign-in-failed"


def test_an_account_that_was_ended_does_not_sign_in(desk: Desk) -> None:
    linked(desk.people)
    with desk.people.database.writing() as connection:
        desk.people.accounts.change(connection, 1, active=False)
    browser = Browser(desk.origin)
    desk.sign_in(browser)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("changes", [{"state": "forged"}, {"state": ""}, {"code": "code-99"}, {"iss": "https://evil"}])
def test_a_forged_way_back_signs_nobody_in(desk: Desk, changes: Dict[str, str]) -> None:
    linked(desk.people)
    browser = Browser(desk.origin)
    assert desk.sign_in(browser, **changes).headers["Location"] == "/?sign_in=refused"
    assert not is_signed_in(browser)


def test_a_code_for_another_browser_signs_nobody_in(desk: Desk) -> None:
    linked(desk.people)
    attacker, victim = Browser(desk.origin), Browser(desk.origin)
    given = desk.provider.sign_in(desk.begin(attacker))
    desk.begin(victim)
    assert desk.come_back(victim, **given).headers["Location"] == "/?sign_in=refused"
    assert not is_signed_in(victim)
    assert desk.come_back(Browser(desk.origin), **given).headers["Location"] == "/?sign_in=refused"


def test_a_code_cannot_be_used_twice(desk: Desk) -> None:
    linked(desk.people)
    browser = Browser(desk.origin)
    address = desk.begin(browser)
    kept = browser.session.cookies["desk_openid"]
    given = desk.provider.sign_in(address)
    desk.come_back(browser, **given)
    assert "desk_openid" not in browser.session.cookies
    again = Browser(desk.origin)
    again.session.cookies.set("desk_openid", kept)
    desk.come_back(again, **given)
    assert not is_signed_in(again)


WRONG: Dict[str, Dict[str, Any]] = {
    "issuer": {"iss": "https://evil.example"},
    "audience": {"aud": "another-client"},
    "several audiences": {"aud": [CLIENT, "another"], "azp": "another"},
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1000},
    "no end": {"exp": None},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("what", WRONG)
def test_an_id_token_with_a_wrong_claim_signs_nobody_in(desk: Desk, what: str) -> None:
    linked(desk.people)
    desk.provider.claims = WRONG[what]
    browser = Browser(desk.origin)
    assert desk.sign_in(browser).headers["Location"] == "/?sign_in=refused"
    assert not is_signed_in(browser)


def test_an_id_token_signed_by_another_key_signs_nobody_in(desk: Desk) -> None:
    linked(desk.people)
    desk.provider.signing_key = _key()
    browser = Browser(desk.origin)
    desk.sign_in(browser)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("metadata", [{"issuer": "https://evil.example"}, {"token_endpoint": 5, "issuer": None}])
def test_metadata_of_another_issuer_is_not_used(desk: Desk, metadata: Dict[str, Any]) -> None:
    desk.provider.metadata = metadata
    assert desk.begin(Browser(desk.origin)) == "/?sign_in=unavailable"


def test_a_provider_that_is_down_is_told_as_that(desk: Desk) -> None:
    linked(desk.people)
    browser = Browser(desk.origin)
    given = desk.provider.sign_in(desk.begin(browser))
    desk.provider.is_down = True
    assert desk.come_back(browser, **given).headers["Location"] == "/?sign_in=unavailable"
    assert desk.begin(Browser(desk.origin)) == "/?sign_in=unavailable"


def test_without_the_setting_there_is_no_such_way(tmp_path: Path) -> None:
    app = desk_app(people_at(f"sqlite:///{tmp_path / 'desk.db'}"))
    app.blueprint(openid_routes.routes)
    with served(app) as origin:
        assert Browser(origin).get("/sign-in/oidc").status_code == 404
        assert Browser(origin).get("/sign-in/oidc/callback?code=x&state=y").status_code == 404
        assert Browser(origin).get("/api/sign-in").json()["oidc"] is False


def test_settings_that_do_not_fit_together_are_told_at_the_start(tmp_path: Path) -> None:
    def known(**values: Any) -> Settings:
        nothing = {"desk_oidc_issuer": None, "desk_oidc_client_id": None, "var_dir": tmp_path}
        return settings().copy(update={**nothing, **values})

    assert openid_from(known()) is None
    with pytest.raises(ValueError, match="DESK_OIDC_CLIENT_ID"):
        openid_from(known(desk_oidc_issuer="https://login.bank.example"))
    with pytest.raises(ValueError, match="https"):
        openid_from(known(desk_oidc_issuer="http://login.bank.example", desk_oidc_client_id="desk"))
