"""Calls at the desk: one agent has each, the number is shown on record, and who calls may act for the customer."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import sqlalchemy as sa
from sanic import Sanic

from bank.models import Promise, PromiseStatus
from channels.conversations import Conversations
from common import clock
from desk.calling import routes as calling
from desk.calling.outreach import Outreach as DeskOutreach
from desk.people.tables import audit_log
from desk.tables import calls as desk_calls_table
from outreach import desk_calls
from tests.processes import free_port
from tests.test_desk.desk_case import CaseDesk, case_desk
from tests.test_desk.desk_people import PASSWORD, account
from tests.test_desk.serving import Browser, problem, served
from tests.test_outreach.call_floor import TUESDAY_NOON, Floor, owing
from tests.test_outreach.conftest import VirtualClock, outreach_of

TOKEN = "desk-and-outreach"
_numbers = itertools.count()


class Place:
    """Outreach and a desk, each served, with agents at the desk."""

    def __init__(self, floor: Floor, desk: CaseDesk, origin: str) -> None:
        self.floor, self.desk, self.origin = floor, desk, origin
        self.agents = {name: account(desk.people, name) for name in ("lin", "wang")}

    def browser(self, name: str) -> Browser:
        browser = Browser(self.origin)
        assert browser.sign_in(name, PASSWORD).ok
        return browser

    def acts(self) -> List[str]:
        with self.desk.people.database.reading() as connection:
            rows = connection.execute(sa.select(audit_log).order_by(audit_log.c.id))
            return [f"{row.who} {row.act}" for row in rows if row.act.startswith(("call", "number", "promise"))]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    virtual = VirtualClock(TUESDAY_NOON)
    monkeypatch.setattr(clock, "now", virtual)
    lives = [owing(number) for number in range(3)]
    floor = Floor(outreach_of(lives, f"sqlite:///{tmp_path / 'o.db'}", f"sqlite:///{tmp_path / 'w.db'}", virtual))
    app = Sanic(f"outreach-{next(_numbers)}", configure_logging=False)
    app.blueprint(desk_calls.blueprint(floor.calls, Conversations("secret"), TOKEN))
    with served(app) as where:
        desk = case_desk(tmp_path, floor.system.bank, None)
        desk.app.ctx.outreach = DeskOutreach(where, TOKEN)
        desk.app.blueprint(calling.routes)
        with served(desk.app) as origin:
            yield Place(floor, desk, origin)


def listed(browser: Browser) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = browser.get("/api/calls").json()["calls"]
    return found


def claimed(browser: Browser, number: int = 0) -> Dict[str, Any]:
    task = next(each for each in listed(browser) if each["customer_id"] == f"c-{number}")
    answer = browser.post(f"/api/calls/{task['id']}/claim")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["call"])


class TestTaking:
    def test_everybody_sees_what_is_to_be_done_and_nobody_a_script_of_others(self, place: Place) -> None:
        lin, wang = place.browser("lin"), place.browser("wang")
        mine = claimed(lin)
        assert "Say why you call" in mine["script"]
        assert [each["mine"] for each in listed(lin)] == [True, False, False]
        seen = next(each for each in listed(wang) if each["id"] == mine["id"])
        assert (seen["holder"], seen["mine"], "script" in seen) == ("lin", False, False)

    def test_the_second_agent_is_told_who_has_it(self, place: Place) -> None:
        task = claimed(place.browser("lin"))
        answer = place.browser("wang").post(f"/api/calls/{task['id']}/claim")
        assert (problem(answer), answer.json()["holder"]) == ("call-taken", "lin")
        assert place.acts() == ["lin call-claimed"]

    def test_why_a_call_is_not_made_is_said(self, place: Place) -> None:
        lin = place.browser("lin")
        task = listed(lin)[0]
        life = place.floor.system.bank.lives[task["customer_id"]]
        life.paused = (clock.today(), clock.today())
        answer = lin.post(f"/api/calls/{task['id']}/claim")
        assert (problem(answer), answer.json()["rule"]) == ("call-over", "asked-to-stop")
        assert task["id"] not in {each["id"] for each in listed(lin)}

    def test_what_is_given_back_is_free_at_once(self, place: Place) -> None:
        lin, wang = place.browser("lin"), place.browser("wang")
        task = claimed(lin)
        assert lin.post(f"/api/calls/{task['id']}/release").ok
        assert claimed(wang)["id"] == task["id"]
        assert problem(lin.post(f"/api/calls/{task['id']}/release")) == "call-not-held"
        assert place.acts() == ["lin call-claimed", "lin call-released", "wang call-claimed"]

    def test_without_outreach_the_desk_says_so(self, place: Place) -> None:
        place.desk.app.ctx.outreach = DeskOutreach(f"http://127.0.0.1:{free_port()}", TOKEN)
        answer = place.browser("lin").get("/api/calls")
        assert (answer.status_code, problem(answer)) == (503, "unavailable")

    def test_another_token_opens_nothing(self, place: Place) -> None:
        place.desk.app.ctx.outreach._headers["Authorization"] = "Bearer guess"
        assert problem(place.browser("lin").get("/api/calls")) == "unavailable"


class TestNumber:
    def test_it_is_shown_to_who_has_the_call_and_that_is_on_record(self, place: Place) -> None:
        lin, wang = place.browser("lin"), place.browser("wang")
        task = claimed(lin)
        life = place.floor.system.bank.lives["c-0"]
        assert lin.post(f"/api/calls/{task['id']}/number").json() == {"number": life.phone}
        assert problem(wang.post(f"/api/calls/{task['id']}/number")) == "call-not-held"
        assert place.acts() == ["lin call-claimed", "lin number-shown"]
        assert life.phone
        assert life.phone not in str(listed(lin))
        with place.desk.people.database.reading() as connection:
            assert life.phone not in str(connection.execute(sa.select(audit_log)).all())

    def test_a_customer_without_a_number_is_one(self, place: Place) -> None:
        lin = place.browser("lin")
        task = claimed(lin)
        place.floor.system.bank.lives["c-0"].phone = None
        assert problem(lin.post(f"/api/calls/{task['id']}/number")) == "no-number"
        assert "lin number-shown" not in place.acts()

    def test_not_after_the_call(self, place: Place) -> None:
        lin = place.browser("lin")
        task = claimed(lin)
        assert lin.post(f"/api/calls/{task['id']}/result", {"attempt": 0, "outcome": "no_answer"}).ok
        assert problem(lin.post(f"/api/calls/{task['id']}/number")) == "call-not-held"


class TestActing:
    def test_who_calls_may_read_the_case_and_act_for_the_customer_meanwhile(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: List[Dict[str, Any]] = []

        def promise(customer_id: str, card_id: str, **given: Any) -> Promise:
            made.append({"customer_id": customer_id, **given})
            return Promise(
                reference="P-1", card_id=card_id, card_last4="0000", amount=given["amount"], pay_on=given["pay_on"],
                status=PromiseStatus.OPEN, paid=given["amount"] * 0, created_at=clock.now(), updated_at=clock.now(),
                version=1, changeable=True,
            )  # fmt: skip

        bank = place.floor.system.bank
        monkeypatch.setattr(bank, "make_promise", promise)
        for asked in ("applications", "disputes"):
            monkeypatch.setattr(bank, asked, lambda customer_id: [])
        lin, wang = place.browser("lin"), place.browser("wang")
        task = claimed(lin)
        said = {
            "card_id": "k-0000", "amount": "50.00", "idempotency_key": "0123456789abcdef",
            "pay_on": (clock.today() + timedelta(days=3)).isoformat(),
        }  # fmt: skip
        case = f"/api/conversations/{task['conversation_id']}"
        assert lin.get(f"{case}/summary").json()["who"]["customer_id"] == "c-0"
        assert problem(wang.get(f"{case}/summary")) == "forbidden"
        assert problem(wang.post(f"{case}/promises", said)) == "forbidden"
        assert lin.post(f"{case}/promises", said).status_code == 201
        assert [each["customer_id"] for each in made] == ["c-0"]
        assert lin.post(f"/api/calls/{task['id']}/result", {"attempt": 0, "outcome": "answered"}).ok
        assert problem(lin.post(f"{case}/promises", said)) == "forbidden"
        assert place.acts() == ["lin call-claimed", "lin promise-made", "lin call-made"]

    def test_the_conversation_stays_the_assistants(self, place: Place) -> None:
        task = claimed(place.browser("lin"))
        brief = place.browser("lin").get(f"/api/conversations/{task['conversation_id']}").json()["brief"]
        assert brief["state"] == "bot"


class TestResult:
    def test_it_is_outreachs_and_the_call_is_over(self, place: Place) -> None:
        lin = place.browser("lin")
        task = claimed(lin)
        said = {"attempt": 0, "outcome": "answered", "note": "pays on Friday", "reason": "forgot"}
        assert lin.post(f"/api/calls/{task['id']}/result", said).ok
        assert place.floor.lines() == ["planned", "answered"]
        assert task["id"] not in {each["id"] for each in listed(lin)}
        with place.desk.people.database.reading() as connection:
            assert connection.execute(sa.select(desk_calls_table)).all() == []

    def test_told_once_more_it_counts_once(self, place: Place) -> None:
        lin = place.browser("lin")
        task = claimed(lin)
        for _ in range(2):
            assert lin.post(f"/api/calls/{task['id']}/result", {"attempt": 0, "outcome": "no_answer"}).ok
        assert place.floor.lines() == ["planned", "no_answer"]
        assert next(each for each in listed(lin) if each["id"] == task["id"])["attempts"] == 1

    @pytest.mark.parametrize("wrong", [{"outcome": "planned"}, {"attempt": -1}, {"reason": "lazy"}, {"x": 1}])
    def test_what_is_no_result_is_refused(self, place: Place, wrong: Dict[str, Any]) -> None:
        lin = place.browser("lin")
        task = claimed(lin)
        answer = lin.post(f"/api/calls/{task['id']}/result", {"attempt": 0, "outcome": "answered", **wrong})
        assert problem(answer) == "invalid-request"
        assert place.floor.lines() == ["planned"]
