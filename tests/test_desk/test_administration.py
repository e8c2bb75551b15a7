"""Accounts by administrators, what each role may do, and the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from common import clock
from desk.people import ROLES, Agent, signed_in
from desk.people.attempts import LIMITS
from tests.test_desk.desk_people import PASSWORD, Desk, account, desk_app, people_at
from tests.test_desk.serving import problem, served


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    people = people_at(f"sqlite:///{tmp_path / 'desk.db'}")
    for name, role in (("chief", "administrator"), ("boss", "supervisor"), ("li", "agent")):
        account(people, name, role)
    with served(desk_app(people)) as origin:
        yield Desk(people, origin)


def later(monkeypatch: pytest.MonkeyPatch, **duration: float) -> None:
    moment = datetime.now(clock.BANK_ZONE) + timedelta(**duration)
    monkeypatch.setattr(clock, "now", lambda: moment)


#: The least role that may ask.
DOORS: List[Tuple[str, str, Dict[str, Any], str]] = [
    ("GET", "/api/me", {}, "agent"),
    ("POST", "/api/me/status", {"status": "away"}, "agent"),
    ("POST", "/api/me/assignment", {"auto_assign": True}, "agent"),
    ("GET", "/api/agents", {}, "supervisor"),
    ("GET", "/api/audit", {}, "supervisor"),
    ("POST", "/api/agents", {"name": "new", "display_name": "New"}, "administrator"),
    ("PATCH", "/api/agents/3", {"capacity": 5}, "administrator"),
    ("POST", "/api/agents/3/password", {}, "administrator"),
]


@pytest.mark.parametrize(("method", "path", "body", "least"), DOORS)
def test_each_door_is_for_its_role_and_those_above(
    desk: Desk, method: str, path: str, body: Dict[str, Any], least: str
) -> None:
    assert problem(desk.browser().ask(method, path, body)) == "unauthorised"
    for role, name in (("agent", "li"), ("supervisor", "boss"), ("administrator", "chief")):
        answer = desk.browser(name).ask(method, path, body)
        if ROLES.index(role) >= ROLES.index(least):
            assert answer.ok, answer.text
        else:
            assert (answer.status_code, problem(answer)) == (403, "forbidden")


def test_an_unknown_role_is_a_mistake_in_the_program() -> None:
    with pytest.raises(ValueError, match="root"):
        signed_in("root")


def test_a_new_account_signs_in_with_the_password_that_was_shown_once(desk: Desk) -> None:
    chief = desk.browser("chief")
    body = {"name": "Zhang.San", "display_name": "小张", "languages": ["zh", "en"], "skills": ["request_instalment"]}
    made = chief.post("/api/agents", {**body, "capacity": 5, "role": "agent"})
    assert made.status_code == 201
    assert (made.json()["agent"]["name"], made.json()["agent"]["capacity"]) == ("zhang.san", 5)
    password = made.json()["one_time_password"]
    assert desk.browser().sign_in("zhang.san", password).json()["must_change_password"] is True
    assert password not in repr(desk.people.audit.read()) + chief.get("/api/agents").text
    assert problem(chief.post("/api/agents", body)) == "exists-already"
    assert desk.people.audit.read(act="account-created")[0]["who"] == "chief"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "with blank"},
        {"name": "名字"},
        {"role": "root"},
        {"languages": []},
        {"languages": ["fr"]},
        {"skills": ["Robert'); DROP TABLE"]},
        {"capacity": 0},
        {"capacity": 51},
        {"display_name": ""},
        {"password": "my own"},
    ],
)
def test_an_account_that_makes_no_sense_is_refused(desk: Desk, wrong: Dict[str, Any]) -> None:
    body = {"name": "new", "display_name": "New", **wrong}
    assert problem(desk.browser("chief").post("/api/agents", body)) == "invalid-request"


def test_an_account_for_openid_has_no_password(desk: Desk) -> None:
    made = desk.browser("chief").post("/api/agents", {"name": "sso", "display_name": "S", "oidc": True})
    assert made.json()["one_time_password"] is None
    assert made.json()["agent"]["name"] == "sso"
    assert problem(desk.browser().sign_in("sso", "")) == "invalid-request"
    assert problem(desk.browser().sign_in("sso", "x")) == "wrong-sign-in"


def test_ending_an_account_ends_its_sessions(desk: Desk) -> None:
    li, chief = desk.browser("li"), desk.browser("chief")
    assert li.get("/api/me").ok
    assert chief.patch("/api/agents/3", {"active": False}).json()["agent"]["active"] is False
    assert problem(li.get("/api/me")) == "unauthorised"
    assert problem(desk.browser().sign_in("li", PASSWORD)) == "wrong-sign-in"
    chief.patch("/api/agents/3", {"active": True})
    assert desk.browser().sign_in("li", PASSWORD).ok


def test_another_role_counts_at_once(desk: Desk) -> None:
    li, chief = desk.browser("li"), desk.browser("chief")
    assert problem(li.get("/api/agents")) == "forbidden"
    chief.patch("/api/agents/3", {"role": "supervisor"})
    assert li.get("/api/agents").ok
    entry = desk.people.audit.read(act="account-changed")[0]
    assert entry["why"] == "role: agent → supervisor"
    chief.patch("/api/agents/3", {"role": "agent"})
    assert problem(li.get("/api/agents")) == "forbidden"


@pytest.mark.parametrize("change", [{"active": False}, {"role": "agent"}, {"role": "supervisor"}])
def test_the_last_administrator_stays(desk: Desk, change: Dict[str, Any]) -> None:
    chief = desk.browser("chief")
    assert problem(chief.patch("/api/agents/1", change)) == "last-administrator"
    assert chief.get("/api/agents").ok
    account(desk.people, "second", "administrator")
    assert chief.patch("/api/agents/1", change).ok


def test_a_new_password_ends_sessions_and_lets_a_locked_name_in(desk: Desk) -> None:
    li, chief = desk.browser("li"), desk.browser("chief")
    for _ in range(LIMITS["name"]):
        desk.browser().sign_in("li", "wrong")
    assert problem(desk.browser().sign_in("li", PASSWORD)) == "rate-limited"
    password = chief.post("/api/agents/3/password").json()["one_time_password"]
    assert problem(li.get("/api/me")) == "unauthorised"
    assert desk.browser().sign_in("li", password).json()["must_change_password"] is True
    assert desk.people.audit.read(act="password-reset")[0]["what"] == "li"


def test_a_one_time_password_says_until_when_it_can_be_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    chief = desk.browser("chief")
    made = chief.post("/api/agents", {"name": "sun", "display_name": "Sun"}).json()
    until = datetime.fromisoformat(made["agent"]["password_expires_at"])
    assert timedelta(hours=71) < until - clock.now() < timedelta(hours=73)
    later(monkeypatch, hours=71)
    assert desk.browser().sign_in("sun", made["one_time_password"]).ok
    later(monkeypatch, hours=73)
    late = desk.browser().sign_in("sun", made["one_time_password"])
    assert (late.status_code, problem(late)) == (403, "password-expired")
    assert problem(desk.browser().sign_in("sun", "not the password")) == "wrong-sign-in"
    assert desk.people.audit.read(act="sign-in-failed")[1]["why"] == "the one-time password has expired"


def test_an_administrator_makes_a_new_password_where_the_first_expired(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.browser("chief").post("/api/agents", {"name": "sun", "display_name": "Sun"}).json()
    waiting = desk.browser()
    session = waiting.sign_in("sun", made["one_time_password"]).json()
    later(monkeypatch, hours=73)
    again = desk.browser("chief").post(f"/api/agents/{made['agent']['id']}/password").json()
    assert again["agent"]["password_expires_at"] > made["agent"]["password_expires_at"]
    assert problem(waiting.get("/api/me")) == "unauthorised"
    browser = desk.browser()
    browser.csrf = browser.sign_in("sun", again["one_time_password"]).json()["csrf"]
    assert session["must_change_password"] is True
    assert browser.post("/api/password", {"old": again["one_time_password"], "new": PASSWORD}).ok
    later(monkeypatch, days=365)
    assert desk.browser().sign_in("sun", PASSWORD).ok, "an own password does not expire"


def test_an_expired_password_cannot_be_changed_by_who_was_signed_in_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.browser("chief").post("/api/agents", {"name": "sun", "display_name": "Sun"}).json()
    later(monkeypatch, hours=71.9)
    browser = desk.browser()
    browser.csrf = browser.sign_in("sun", made["one_time_password"]).json()["csrf"]
    later(monkeypatch, hours=72.1)
    late = browser.post("/api/password", {"old": made["one_time_password"], "new": PASSWORD})
    assert problem(late) == "password-expired"


def test_an_agent_chooses_to_claim_by_hand(desk: Desk) -> None:
    li = desk.browser("li")
    assert li.get("/api/me").json()["me"]["auto_assign"] is True
    assert li.post("/api/me/assignment", {"auto_assign": False}).json()["me"]["auto_assign"] is False
    assert li.get("/api/me").json()["me"]["auto_assign"] is False
    assert problem(li.post("/api/me/assignment", {"auto_assign": "perhaps"})) == "invalid-request"
    assert (desk.people.audit.read()[0]["act"], desk.people.audit.read()[0]["what"]) == ("auto-assign", "off")


def test_an_account_that_there_is_not(desk: Desk) -> None:
    chief = desk.browser("chief")
    assert problem(chief.patch("/api/agents/99", {"capacity": 2})) == "not-found"
    assert problem(chief.post("/api/agents/99/password")) == "not-found"
    assert problem(chief.patch("/api/agents/x", {"capacity": 2})) == "not-found"
    assert desk.people.audit.read(act="password-reset") == []


def test_colleagues_are_told_of_a_change(desk: Desk) -> None:
    told: List[Agent] = []

    async def listener(agent: Agent) -> None:
        told.append(agent)

    desk.people.listeners.append(listener)
    li = desk.browser("li")
    li.post("/api/me/status", {"status": "available"})
    desk.browser("chief").patch("/api/agents/3", {"capacity": 7})
    li.post("/api/sign-out")
    assert [(agent.status, agent.capacity) for agent in told] == [("available", 3), ("available", 7), ("away", 7)]


def test_the_audit_log_is_read_page_by_page_and_by_what_is_looked_for(desk: Desk) -> None:
    for number in range(450):
        desk.people.audit.write(None, "desk", "test", f"thing-{number}", "why")
    boss = desk.browser("boss")
    seen: List[str] = []
    path = "/api/audit?act=test"
    while path:
        page = boss.get(path).json()
        seen += [entry["what"] for entry in page["entries"]]
        path = f"/api/audit?act=test&before={page['next']}" if page["next"] else ""
    assert seen == [f"thing-{number}" for number in reversed(range(450))]
    assert [entry["what"] for entry in boss.get("/api/audit?what=thing-7").json()["entries"]] == ["thing-7"]
    assert {entry["who"] for entry in boss.get("/api/audit?agent_id=2").json()["entries"]} == {"boss"}
    for wrong in ("agent_id=x", "before=-1", "before=" + "9" * 40):
        assert problem(boss.get(f"/api/audit?{wrong}")) == "invalid-request"


def test_what_goes_on_record_holds_no_numbers_of_customers(desk: Desk) -> None:
    desk.people.audit.write(None, "desk", "unmask", "web-1", "卡 6222021234567890123 电话 13800138000")
    kept = repr(desk.people.audit.read())
    assert "6222021234567890123" not in kept
    assert "13800138000" not in kept


def test_an_entry_and_its_act_stand_or_fall_together(desk: Desk) -> None:
    def fails_halfway() -> None:
        with desk.people.database.writing() as connection:
            desk.people.audit.write(connection, "desk", "half-done", "web-1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_halfway()
    assert desk.people.audit.read(act="half-done") == []
