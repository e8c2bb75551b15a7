"""The first password, changing it, and who is locked out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

from desk.people import People, passwords
from desk.problems import Problem
from tests.processes import ROOT
from tests.test_desk.desk_people import PASSWORD, Desk, account, desk_app, people_at
from tests.test_desk.serving import problem, served

NEW = "another long sentence"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    people = people_at(f"sqlite:///{tmp_path / 'desk.db'}")
    with served(desk_app(people)) as origin:
        yield Desk(people, origin)


def test_the_first_start_prints_a_password_once_and_it_has_to_be_changed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.people.start("http://desk.example")
    said = capsys.readouterr().err
    given = said.partition("password: ")[2].split()[0]
    assert "http://desk.example" in said
    desk.people.start("http://desk.example")
    assert "password" not in capsys.readouterr().err

    browser = desk.browser()
    assert browser.sign_in("admin", given).json()["must_change_password"] is True
    assert problem(browser.get("/api/agents")) == "password-change-required"
    changed = browser.post("/api/password", {"old": given, "new": NEW})
    assert changed.json()["must_change_password"] is False
    browser.csrf = changed.json()["csrf"]
    assert browser.get("/api/agents").json()["agents"][0]["role"] == "administrator"
    assert problem(desk.browser().sign_in("admin", given)) == "wrong-sign-in"
    assert desk.browser().sign_in("admin", NEW).ok
    acts = [entry["act"] for entry in reversed(desk.people.audit.read())]
    assert acts[:3] == ["account-created", "sign-in", "password-changed"]
    assert given not in repr(desk.people.audit.read())


def test_with_accounts_there_no_first_administrator_is_made(tmp_path: Path) -> None:
    people = people_at(f"sqlite:///{tmp_path / 'desk.db'}")
    account(people, "li")
    assert people.prepare() is None
    assert [agent.name for agent in people.accounts.all()] == ["li"]


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        ("short", "too-short"),
        ("x" * 129, "too-long"),
        ("aaaaaaaaaaaaaaaa", "too-few-characters"),
        ("my name is LiMing 88", "holds-the-name"),
        (PASSWORD, "as-before"),
    ],
)
def test_a_weak_password_is_refused_by_its_rule(desk: Desk, new: str, rule: str) -> None:
    account(desk.people, "liming")
    answer = desk.browser("liming").post("/api/password", {"old": PASSWORD, "new": new})
    assert (problem(answer), answer.json()["rule"]) == ("weak-password", rule)
    assert desk.browser().sign_in("liming", PASSWORD).ok


def test_changing_it_ends_the_other_sessions_and_keeps_this_one(desk: Desk) -> None:
    account(desk.people, "li")
    browser, other = desk.browser("li"), desk.browser("li")
    browser.csrf = browser.post("/api/password", {"old": PASSWORD, "new": NEW}).json()["csrf"]
    assert problem(other.get("/api/me")) == "unauthorised"
    assert browser.post("/api/me/status", {"status": "available"}).ok


def test_the_old_password_cannot_be_guessed_from_an_open_session(desk: Desk) -> None:
    account(desk.people, "li")
    browser = desk.browser("li")
    for _ in range(5):
        assert problem(browser.post("/api/password", {"old": "wrong", "new": NEW})) == "wrong-sign-in"
    assert problem(browser.post("/api/password", {"old": PASSWORD, "new": NEW})) == "rate-limited"


def test_a_hash_of_weaker_parameters_is_made_anew(desk: Desk) -> None:
    from argon2 import PasswordHasher

    li = account(desk.people, "li")
    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    with desk.people.database.writing() as connection:
        desk.people.accounts.change(connection, li.id, password_hash=weak)
    assert desk.browser().sign_in("li", PASSWORD).ok
    _, known = desk.people.accounts.for_sign_in("li")
    assert known is not None
    assert not passwords.is_outdated(known)


def test_one_time_passwords_pass_the_rules_and_differ() -> None:
    made = {passwords.one_time_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert passwords.check_new(password, name="admin") == password


def test_a_hash_that_is_none_matches_nothing() -> None:
    assert not passwords.matches("plain text", "plain text")
    assert not passwords.matches(None, "")
    with pytest.raises(Problem):
        passwords.check_new(None, name="li")


def test_who_is_locked_out_gets_a_new_password_on_the_machine_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    people: People = people_at(url)
    account(people, "admin", role="administrator")

    def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "desk.people", *arguments],
            cwd=ROOT,
            env={"PATH": "", "VAR_DIR": str(tmp_path), "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )

    done = command("reset", "Admin")
    assert done.returncode == 0, done.stderr
    _, known = people.accounts.for_sign_in("admin")
    assert passwords.matches(known, done.stdout.strip())
    assert command("reset", "nobody").returncode == 1
    assert command().returncode == 2
