"""Signing in: what it takes, what it never tells, and when it ends."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Iterator, List

import pytest
import requests
import sqlalchemy as sa

from common import clock
from desk.people import People, attempts, passwords, sessions
from desk.people.tables import agents as agents_table
from desk.people.tables import attempts as attempts_table
from desk.people.tables import sessions as sessions_table
from tests.test_desk.desk_people import PASSWORD, Desk, account, desk_app, people_at
from tests.test_desk.serving import Browser, problem, served


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    people = people_at(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'desk.db'}")
    with served(desk_app(people)) as origin:
        yield Desk(people, origin)


@pytest.fixture
def desk(running: Desk) -> Desk:
    """Without any account, session or failed attempt."""
    with running.people.database.writing() as connection:
        for table in (agents_table, sessions_table, attempts_table):
            connection.execute(sa.delete(table))
    return running


def later(monkeypatch: pytest.MonkeyPatch, **duration: float) -> None:
    moment = datetime.now(clock.BANK_ZONE) + timedelta(**duration)
    monkeypatch.setattr(clock, "now", lambda: moment)


def acts(people: People) -> List[str]:
    return [entry["act"] for entry in reversed(people.audit.read())]


def test_the_right_password_opens_a_session(desk: Desk) -> None:
    account(desk.people, "li", languages=("zh", "en"), skills=("ask_fees",))
    browser = desk.browser()
    answer = browser.sign_in("LI", PASSWORD)
    assert answer.status_code == 200
    me = answer.json()["me"]
    assert (me["name"], me["role"], me["languages"], me["skills"], me["status"]) == (
        "li",
        "agent",
        ["zh", "en"],
        ["ask_fees"],
        "away",
    )
    assert browser.get("/api/me").json() == answer.json()
    assert acts(desk.people)[-1:] == ["sign-in"]


def test_scripts_cannot_read_the_cookie_and_other_sites_cannot_send_it(desk: Desk) -> None:
    account(desk.people, "li")
    written = desk.browser().sign_in("li", PASSWORD).headers["Set-Cookie"].lower()
    assert "httponly" in written
    assert "samesite=strict" in written
    assert "path=/" in written


def test_behind_https_the_cookie_is_secure_and_of_this_host_alone(tmp_path: Path) -> None:
    people = People(f"sqlite:///{tmp_path / 'desk.db'}", "secret", secure=True)
    people.database.prepare()
    account(people, "li")
    with served(desk_app(people)) as origin:
        written = Browser(origin).sign_in("li", PASSWORD).headers["Set-Cookie"].lower()
    assert written.startswith("__host-desk=")
    assert "secure" in written
    assert "domain" not in written


def test_the_database_holds_neither_cookie_nor_password(desk: Desk) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    cookie = browser.session.cookies["desk"]
    with desk.people.database.reading() as connection:
        kept = repr(connection.execute(sa.select(sessions_table)).all()) + repr(
            connection.execute(sa.select(agents_table)).all()
        )
    assert cookie not in kept
    assert PASSWORD not in kept
    assert "$argon2id$" in kept


def test_wrong_passwords_and_unknown_names_are_told_alike(desk: Desk) -> None:
    account(desk.people, "li")
    wrong, unknown = desk.browser().sign_in("li", "wrong"), desk.browser().sign_in("nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert problem(wrong) == "wrong-sign-in"
    assert wrong.headers.get("Set-Cookie") is unknown.headers.get("Set-Cookie") is None


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    examined: List[str] = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            examined.append(known[:10])
            return bool(hasher.verify(known, password))

    account(desk.people, "li")
    passwords.warm_up()
    monkeypatch.setattr(passwords, "_hasher", Counting())
    desk.browser().sign_in("li", "wrong")
    desk.browser().sign_in("nobody", "wrong")
    assert examined == ["$argon2id$", "$argon2id$"]


def test_what_was_typed_as_an_unknown_name_is_nowhere_kept(desk: Desk) -> None:
    desk.browser().sign_in("my secret passphrase", "x")
    with desk.people.database.reading() as connection:
        kept = repr(connection.execute(sa.select(attempts_table)).all()) + repr(desk.people.audit.read())
    assert "secret passphrase" not in kept
    assert desk.people.audit.read()[0]["who"] == "(unknown)"


def test_an_account_that_was_ended_cannot_sign_in(desk: Desk) -> None:
    gone = account(desk.people, "gone")
    with desk.people.database.writing() as connection:
        desk.people.accounts.change(connection, gone.id, active=False)
    assert problem(desk.browser().sign_in("gone", PASSWORD)) == "wrong-sign-in"


@pytest.mark.parametrize("name", ["li", "nobody"])
def test_a_name_is_locked_after_five_failures_whether_or_not_it_is_known(desk: Desk, name: str) -> None:
    account(desk.people, "li")
    for _ in range(attempts.LIMITS["name"]):
        assert problem(desk.browser().sign_in(name, "wrong")) == "wrong-sign-in"
    locked = desk.browser().sign_in(name, PASSWORD)
    assert problem(locked) == "rate-limited"
    assert 0 < int(locked.headers["Retry-After"]) <= attempts.WINDOW.total_seconds()


def test_the_lock_opens_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account(desk.people, "li")
    for _ in range(attempts.LIMITS["name"]):
        desk.browser().sign_in("li", "wrong")
    later(monkeypatch, seconds=attempts.WINDOW.total_seconds() - 30)
    assert problem(desk.browser().sign_in("li", PASSWORD)) == "rate-limited"
    later(monkeypatch, seconds=attempts.WINDOW.total_seconds() + 30)
    assert desk.browser().sign_in("li", PASSWORD).ok


def test_an_address_is_locked_after_many_names(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account(desk.people, "li")
    monkeypatch.setitem(attempts.LIMITS, "address", 4)
    for number in range(4):
        assert problem(desk.browser().sign_in(f"name{number}", "x")) == "wrong-sign-in"
    assert problem(desk.browser().sign_in("li", PASSWORD)) == "rate-limited"


def test_signing_in_forgets_the_failures_of_the_name(desk: Desk) -> None:
    account(desk.people, "li")
    for _ in range(3):
        for _ in range(attempts.LIMITS["name"] - 1):
            desk.browser().sign_in("li", "wrong")
        assert desk.browser().sign_in("li", PASSWORD).ok


def test_many_tries_at_once_are_no_more_tries(desk: Desk) -> None:
    account(desk.people, "li")
    answers: List[int] = []

    def guess() -> None:
        answers.append(desk.browser().sign_in("li", "wrong").status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(401) == attempts.LIMITS["name"]
    assert answers.count(429) == 12 - attempts.LIMITS["name"]


def test_a_restart_forgets_no_failure(desk: Desk) -> None:
    account(desk.people, "li")
    for _ in range(attempts.LIMITS["name"]):
        desk.browser().sign_in("li", "wrong")
    again = people_at(str(desk.people.database._engine.url))
    with served(desk_app(again)) as origin:
        assert problem(Browser(origin).sign_in("li", PASSWORD)) == "rate-limited"


def test_a_session_ends_when_it_is_not_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    later(monkeypatch, minutes=29)
    assert browser.get("/api/me").ok
    later(monkeypatch, minutes=58)
    assert browser.get("/api/me").ok
    later(monkeypatch, minutes=58 + 31)
    assert problem(browser.get("/api/me")) == "unauthorised"


def test_a_session_ends_however_much_it_is_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    hours = int(sessions.LONGEST.total_seconds() // 3600)
    for quarter in range(1, hours * 4):
        later(monkeypatch, minutes=quarter * 15)
        assert browser.get("/api/me").ok
    later(monkeypatch, hours=hours, minutes=1)
    assert problem(browser.get("/api/me")) == "unauthorised"


@pytest.mark.parametrize("cookie", ["", "forged", "x" * 5000, "a" * 43, "%00", '"quoted"'])
def test_a_forged_cookie_is_nobodys(desk: Desk, cookie: str) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    answer = requests.get(f"{desk.origin}/api/me", headers={"Cookie": f"desk={cookie}"}, timeout=30)
    assert problem(answer) == "unauthorised"
    assert browser.get("/api/me").ok


def test_the_hash_in_the_database_is_no_cookie(desk: Desk) -> None:
    account(desk.people, "li")
    desk.browser("li")
    with desk.people.database.reading() as connection:
        kept = connection.execute(sa.select(sessions_table.c.token_hash)).scalar_one()
    answer = requests.get(f"{desk.origin}/api/me", headers={"Cookie": f"desk={kept}"}, timeout=30)
    assert problem(answer) == "unauthorised"


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_write_without_its_sessions_token_is_refused(desk: Desk, token: str) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    headers = {} if token is None else {"X-CSRF-Token": token}
    answer = browser.post("/api/me/status", {"status": "available"}, headers=headers or {"X-Other": "1"})
    assert (answer.status_code, problem(answer)) == (403, "csrf")


def test_another_sessions_token_is_refused(desk: Desk) -> None:
    account(desk.people, "li")
    browser, other = desk.browser("li"), desk.browser("li")
    answer = browser.post("/api/me/status", {"status": "away"}, headers={"X-CSRF-Token": str(other.csrf)})
    assert problem(answer) == "csrf"


def test_a_form_of_another_site_cannot_sign_anyone_in(desk: Desk) -> None:
    account(desk.people, "li")
    form = {"name": "li", "password": PASSWORD}
    answer = requests.post(f"{desk.origin}/api/sign-in", data=form, timeout=30)
    assert problem(answer) == "invalid-request"
    assert "Set-Cookie" not in answer.headers
    plain = requests.post(
        f"{desk.origin}/api/sign-in", data='{"name": "li"}', headers={"Content-Type": "text/plain"}, timeout=30
    )
    assert problem(plain) == "invalid-request"


@pytest.mark.parametrize(
    "body",
    [[], "x", None, {"name": "li"}, {"name": 1, "password": []}, {"name": "li", "password": "x", "role": "x"}],
)
def test_a_body_that_does_not_fit_is_refused_without_its_values(desk: Desk, body: object) -> None:
    answer = requests.post(f"{desk.origin}/api/sign-in", json=body, timeout=30)
    assert problem(answer) == "invalid-request"


def test_who_signs_out_is_out_and_away(desk: Desk) -> None:
    li = account(desk.people, "li")
    browser, other = desk.browser("li"), desk.browser("li")
    browser.post("/api/me/status", {"status": "available"})
    cookie = browser.session.cookies["desk"]
    assert browser.post("/api/sign-out").status_code == 204
    stolen = requests.get(f"{desk.origin}/api/me", headers={"Cookie": f"desk={cookie}"}, timeout=30)
    assert problem(stolen) == "unauthorised"
    assert other.get("/api/me").ok
    found = desk.people.accounts.by_id(li.id)
    assert found is not None
    assert found.status == "away"
    assert acts(desk.people)[-2:] == ["status", "sign-out"]


def test_signing_in_again_ends_the_browsers_session_before(desk: Desk) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    before = browser.session.cookies["desk"]
    browser.sign_in("li", PASSWORD)
    assert desk.people.sessions.agent(before) is None
    assert browser.get("/api/me").ok


def test_a_socket_belongs_to_its_cookie(desk: Desk) -> None:
    li = account(desk.people, "li")
    cookie = desk.browser("li").session.cookies["desk"]
    people = desk.people
    assert people.socket_agent({"HTTP_COOKIE": f"a=b; desk={cookie}; c=d"}) == people.accounts.by_id(li.id)
    for environ in ({}, {"HTTP_COOKIE": ""}, {"HTTP_COOKIE": "desk=forged"}, {"HTTP_COOKIE": f"other={cookie}"}):
        assert people.socket_agent(environ) is None
    with people.database.writing() as connection:
        people.accounts.change(connection, li.id, must_change_password=True)
    assert people.socket_agent({"HTTP_COOKIE": f"desk={cookie}"}) is None
