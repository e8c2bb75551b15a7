"""The desk's API and its sockets, over a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import pytest
import requests
import socketio
import sqlalchemy as sa

from common.database import Database
from desk.tables import assistant_ratings, metadata
from tests.browser.desk_place import DeskPlace
from tests.processes import until
from tests.test_desk.consoles import Console, console
from tests.test_desk.serving import Browser, problem

PDF = b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"
INTERNAL = {"Authorization": "Bearer test-token"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPlace]:
    running = DeskPlace(tmp_path_factory.mktemp("desk"))
    for name in ("lin", "wang"):
        running.agent(name, name.capitalize())
    running.agent("boss", "Boss", "supervisor")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def lin(place: DeskPlace) -> Iterator[Console]:
    with console(place, "lin") as opened:
        yield opened


@pytest.fixture(scope="module")
def wang(place: DeskPlace) -> Iterator[Console]:
    with console(place, "wang") as opened:
        yield opened


@pytest.fixture(scope="module")
def boss(place: DeskPlace) -> Iterator[Console]:
    with console(place, "boss") as opened:
        yield opened


@pytest.fixture
def chat(place: DeskPlace, lin: Console) -> str:
    """A conversation that Lin has."""
    conversation_id = place.waiting("Chen")
    assert lin.act(conversation_id, "claim").ok
    return conversation_id


def internal(place: DeskPlace, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{place.origin}/internal{path}", headers=INTERNAL, timeout=30, **options)


# Who may come in

CONVERSATION_ROUTES = ["claim", "transfer", "hand_back", "close", "messages", "files", "notes", "tags", "callback"]


@pytest.mark.parametrize("path", ["/api/queue", "/api/search", "/api/presence", "/api/export", "/api/conversations/x"])
def test_without_a_session_nothing_is_read(place: DeskPlace, path: str) -> None:
    assert problem(Browser(place.origin).get(path)) == "unauthorised"


@pytest.mark.parametrize("route", [*CONVERSATION_ROUTES, "assign", "take_over", "whisper"])
def test_without_a_session_or_its_token_nothing_is_written(place: DeskPlace, lin: Console, route: str) -> None:
    path = f"/api/conversations/x/{route}"
    assert problem(Browser(place.origin).post(path)) == "unauthorised"
    assert problem(lin.post(path, headers={"X-CSRF-Token": "forged"})) == "csrf"


def test_a_forged_cookie_opens_nothing(place: DeskPlace) -> None:
    forged = Browser(place.origin)
    forged.session.cookies.set("desk", "x" * 43)
    assert problem(forged.get("/api/queue")) == "unauthorised"
    stranger = socketio.Client(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError, match="One or more namespaces failed"):
        stranger.connect(place.origin, headers={"Cookie": "desk=" + "x" * 43}, transports=["polling"])


@pytest.mark.parametrize("path", ["/api/presence", "/api/export"])
def test_supervisors_pages_are_not_agents(lin: Console, path: str) -> None:
    assert problem(lin.get(path)) == "forbidden"


@pytest.mark.parametrize("act", ["assign", "take_over", "whisper"])
def test_supervisors_acts_are_not_agents(lin: Console, chat: str, act: str) -> None:
    assert problem(lin.act(chat, act, agent_id=1, text="x")) == "forbidden"


def test_another_agents_chat_is_closed(place: DeskPlace, lin: Console, wang: Console, chat: str) -> None:
    assert problem(wang.get(f"/api/conversations/{chat}")) == "forbidden"
    assert problem(wang.act(chat, "messages", message_id="m", text="hello")) == "not-yours"
    assert problem(wang.act(chat, "claim")) == "already-claimed"
    assert problem(wang.act(chat, "notes", text="x")) == "forbidden"
    assert problem(wang.act(chat, "tags", tags=[])) == "forbidden"
    assert problem(wang.act(chat, "callback", done=True)) == "forbidden"
    assert problem(wang.act(chat, "close", outcome="solved")) == "not-yours"
    assert problem(wang.act(chat, "hand_back")) == "not-yours"
    assert problem(wang.act(chat, "transfer")) == "not-yours"
    assert wang.tell("open", conversation_id=chat) == {"accepted": False, "problem": "forbidden"}
    assert chat not in [each["brief"]["id"] for each in wang.get("/api/search?q=找人工").json()["results"]]


# A conversation


def test_from_waiting_to_the_end(place: DeskPlace, lin: Console) -> None:
    conversation_id = place.waiting("Chen", text="我想分期")
    lin.hears("queue", lambda told: any(brief["id"] == conversation_id for brief in told["changed"]))
    assert lin.act(conversation_id, "claim").json()["brief"]["agent"]["name"] == "Lin"
    assert lin.tell("open", conversation_id=conversation_id) == {"accepted": True}
    sent = lin.act(conversation_id, "messages", message_id="first", text="您好")
    assert (sent.status_code, sent.json()["message"]["text"]) == (201, "您好")
    lin.hears(
        "message", lambda told: told["message"].get("message_id") == "first" and told["message"]["delivery"] == "sent"
    )
    place.says(conversation_id, "谢谢")
    lin.hears("message", lambda told: told["message"]["text"] == "谢谢")
    assert lin.texts(conversation_id) == ["我想分期", "您好", "谢谢"]
    closed = lin.act(conversation_id, "close", outcome="solved", reason="分期 6 期").json()["brief"]
    assert (closed["state"], closed["outcome"]) == ("wrapped_up", "solved")
    until(lambda: len(place.assistant.told(conversation_id)) == 3)
    kinds = [event["event"] for event in place.assistant.events[conversation_id]]
    assert kinds.index("pause") < kinds.index("resume")
    assert lin.look(conversation_id)["earlier"][0]["closing_reason"] == "分期 6 期"


def test_a_script_in_a_message_comes_out_as_text(place: DeskPlace, lin: Console, chat: str) -> None:
    script = "<script>alert('x')</script>"
    place.says(chat, script)
    until(lambda: script in lin.texts(chat))
    answer = lin.get(f"/api/conversations/{chat}")
    assert answer.headers["Content-Type"] == "application/json"


def test_numbers_are_masked_in_everything_that_a_console_gets(place: DeskPlace, lin: Console, chat: str) -> None:
    lin.tell("open", conversation_id=chat)
    place.says(chat, "卡号 6222021234567890123")
    told = lin.hears("message", lambda told: "卡号" in told["message"]["text"])
    assert "****0123" in told["message"]["text"]
    for path in (f"/api/conversations/{chat}", "/api/queue", "/api/search?q=卡号"):
        text = lin.get(path).text
        assert "6222021234567890123" not in text


def test_older_messages_come_page_by_page(place: DeskPlace, lin: Console, chat: str) -> None:
    for number in range(130):
        place.says(chat, f"line {number}")
    until(lambda: lin.look(chat)["messages"][-1]["text"] == "line 129")
    last = lin.look(chat)
    assert (len(last["messages"]), last["has_older"]) == (100, True)
    older = lin.get(f"/api/conversations/{chat}?before={last['messages'][0]['id']}").json()
    assert not older["has_older"]
    lines = [each["text"] for each in older["messages"] + last["messages"] if each["text"].startswith("line")]
    assert lines == [f"line {number}" for number in range(130)]


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("messages", {"text": "no number"}),
        ("messages", {"message_id": "x y", "text": "bad number"}),
        ("messages", {"message_id": "m", "text": "x" * 4001}),
        ("close", {"outcome": "Not A Code"}),
        ("close", {}),
        ("tags", {"tags": "hardship"}),
        ("callback", {"from": "tomorrow", "until": "later"}),
        ("transfer", {"note": "x", "colour": "red"}),
    ],
)
def test_what_is_not_well_formed_is_refused(lin: Console, chat: str, act: str, body: Dict[str, Any]) -> None:
    answer = lin.act(chat, act, **body)
    assert (answer.status_code, problem(answer)) == (400, "invalid-request")


def test_a_call_in_the_past_is_refused(lin: Console, chat: str) -> None:
    answer = lin.act(chat, "callback", **{"from": "2026-01-01T10:00:00", "until": "2026-01-01T12:00:00"})
    assert (answer.status_code, problem(answer)) == (422, "call-time")


def test_an_illegal_move_says_in_which_state_it_is(lin: Console, chat: str) -> None:
    assert lin.act(chat, "close", outcome="solved").ok
    answer = lin.act(chat, "close", outcome="solved")
    assert (problem(answer), answer.json()["state"]) == ("illegal-move", "wrapped_up")


# Files


def test_a_file_reaches_its_conversation_and_no_other(place: DeskPlace, lin: Console, chat: str) -> None:
    def send() -> requests.Response:
        return lin.session.post(
            f"{lin.origin}/api/conversations/{chat}/files",
            data={"message_id": "file-1"},
            files={"file": ("../计划.PDF", PDF, "text/html")},
            headers={"X-CSRF-Token": str(lin.csrf)},
            timeout=30,
        )

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["message"]["id"] == again.json()["message"]["id"]
    link = first.json()["message"]["link"]
    assert "计划.pdf" in first.json()["message"]["text"]
    file_id = link["url"].rpartition("/")[2]
    got = internal(place, "GET", f"/conversations/{chat}/files/{file_id}")
    assert (got.content, got.headers["Content-Type"]) == (PDF, "application/pdf")
    assert got.headers["Content-Disposition"].startswith("attachment")
    other = place.waiting("Other")
    assert internal(place, "GET", f"/conversations/{other}/files/{file_id}").status_code == 404
    again = lin.get(f"/api/conversations/{chat}/files/{file_id}")
    assert (again.content, again.headers["Content-Type"]) == (PDF, "application/pdf")
    assert again.headers["Content-Disposition"].startswith("attachment")
    assert problem(lin.get(f"/api/conversations/{other}/files/{file_id}")) == "not-found"
    assert problem(Browser(place.origin).get(f"/api/conversations/{chat}/files/{file_id}")) == "unauthorised"
    assert requests.get(got.url, timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"%PDF-1.4" + b"x" * (10 * 1024 * 1024) + b"%%EOF", "file-too-large"),
        (b"%PDF-1.4" + b"x" * (11 * 1024 * 1024), "file-too-large"),
        (b"<html><script>alert(1)</script></html>", "file-type"),
        (b"MZ\x90\x00", "file-type"),
        (b"%PDF-1.4 cut", "invalid-request"),
        (b"", "invalid-request"),
    ],
    ids=["a byte too large", "far too large", "a page", "a program", "cut", "empty"],
)
def test_a_file_that_is_too_large_or_no_document_is_refused(
    lin: Console, chat: str, content: bytes, refusal: str
) -> None:
    answer = lin.session.post(
        f"{lin.origin}/api/conversations/{chat}/files",
        data={"message_id": "file-2"},
        files={"file": ("a.pdf", content, "application/pdf")},
        headers={"X-CSRF-Token": str(lin.csrf)},
        timeout=60,
    )
    assert problem(answer) == refusal
    assert "link" not in str(lin.look(chat)["messages"])


# Live


def test_viewers_see_each_other_and_typing(place: DeskPlace, lin: Console, boss: Console, chat: str) -> None:
    lin.tell("open", conversation_id=chat)
    boss.tell("open", conversation_id=chat)
    lin.hears("viewers", lambda told: told == {"conversation_id": chat, "agents": ["Boss", "Lin"]})
    boss.tell("typing", conversation_id=chat, typing=True)
    lin.hears("typing", lambda told: told == {"conversation_id": chat, "who": "Boss", "typing": True})
    lin.tell("typing", conversation_id=chat, typing=True)
    until(lambda: {"conversation_id": chat, "typing": {"name": "Lin"}} in place.assistant.signals)
    assert not any(each.get("typing") == {"name": "Boss"} for each in place.assistant.signals)
    assert internal(place, "POST", "/signals", json={"conversation_id": chat, "typing": True}).ok
    for viewer in (lin, boss):
        viewer.hears("typing", lambda told: told == {"conversation_id": chat, "who": "customer", "typing": True})
    boss.tell("close_view")
    lin.hears("viewers", lambda told: told == {"conversation_id": chat, "agents": ["Lin"]})


def test_who_loses_a_conversation_to_another_hears_nothing_more_of_it(
    place: DeskPlace, lin: Console, wang: Console
) -> None:
    conversation_id = place.waiting("Zhao")
    assert wang.tell("open", conversation_id=conversation_id)["accepted"]
    assert lin.act(conversation_id, "claim").ok
    told = wang.hears("conversation", lambda told: told["brief"]["id"] == conversation_id and "agent" in told["brief"])
    assert "last_text" not in told["brief"]
    wang.hears("queue", lambda told: conversation_id in told["removed"])
    place.says(conversation_id, "a secret")
    until(lambda: "a secret" in lin.texts(conversation_id))
    lin.hears("message", lambda told: told["message"]["text"] == "a secret")
    assert "a secret" not in str(wang.heard)


def test_the_agent_hears_of_an_own_conversation_that_is_not_open(place: DeskPlace, lin: Console, chat: str) -> None:
    lin.tell("close_view")
    place.says(chat, "are you there")
    lin.hears("message", lambda told: told["message"]["text"] == "are you there")
    assert lin.look(chat)["brief"]["unread"] >= 1
    lin.tell("open", conversation_id=chat)
    assert lin.look(chat)["brief"]["unread"] == 0


def test_the_customer_is_shown_the_place_and_then_the_agent(place: DeskPlace, lin: Console) -> None:
    conversation_id = place.waiting("Sun")

    def shown(**state: Any) -> bool:
        return any(
            each.get("state", {}).items() >= state.items()
            for each in place.assistant.signals
            if each["conversation_id"] == conversation_id and "state" in each
        )

    until(lambda: shown(state="waiting"))
    assert internal(place, "GET", f"/conversations/{conversation_id}").json()["position"] >= 1
    lin.act(conversation_id, "claim")
    until(lambda: shown(state="agent", agent={"name": "Lin"}))
    state = internal(place, "GET", f"/conversations/{conversation_id}").json()
    assert state == {"state": "agent", "agent": {"name": "Lin"}}
    assert internal(place, "GET", "/conversations/nobody").json() == {"state": "bot"}


def test_a_socket_ends_with_its_session(place: DeskPlace) -> None:
    place.agent("zhou", "Zhou")
    with console(place, "zhou") as zhou:
        zhou.socket.reconnection = False
        with place.people.database.writing() as connection:
            place.people.accounts.change(connection, zhou.me["id"], active=False)
        until(lambda: not zhou.socket.connected)


# Supervisors


def test_presence_shows_who_is_there_with_what(boss: Console, lin: Console, chat: str) -> None:
    lin.tell("open", conversation_id=chat)
    there = {each["display_name"]: each for each in boss.get("/api/presence").json()["agents"]}
    assert there["Lin"]["online"]
    assert chat in there["Lin"]["looks_at"]
    assert there["Lin"]["load"] >= 1


def test_a_whisper_reaches_the_agent_and_not_the_customer(
    place: DeskPlace, lin: Console, boss: Console, chat: str
) -> None:
    assert boss.act(chat, "whisper", text="offer 12 terms").ok
    lin.hears("message", lambda told: told["message"]["text"] == "offer 12 terms")
    assert "offer 12 terms" not in str(place.assistant.events[chat])


def test_a_conversation_that_was_taken_over_is_the_supervisors_and_audited(
    boss: Console, lin: Console, chat: str
) -> None:
    assert boss.act(chat, "take_over").json()["brief"]["agent"]["name"] == "Boss"
    assert problem(lin.act(chat, "messages", message_id="m", text="x")) == "not-yours"
    entries = boss.get("/api/audit").json()
    assert any(each["act"] == "take-over" and each["what"] == chat for each in next(iter(entries.values())))


def test_search_by_text_customer_outcome_and_day(place: DeskPlace, boss: Console, lin: Console) -> None:
    conversation_id = place.waiting("Qian Duoduo", text="100% 的违约金_太高了")
    lin.act(conversation_id, "claim")
    lin.act(conversation_id, "close", outcome="promise", reason="")

    def found(**query: str) -> bool:
        results = boss.session.get(f"{boss.origin}/api/search", params=query, timeout=30).json()["results"]
        return conversation_id in [each["brief"]["id"] for each in results]

    assert until(lambda: found(q="违约金_太"))
    assert found(q="100%", customer="duoduo", outcome="promise", agent=str(lin.me["id"]))
    assert not found(q="违约金x太")
    assert not found(q="违约金", outcome="solved")
    assert not found(q="违约金", to="2020-01-01")
    assert found(q="违约金", **{"from": "2020-01-01"})


def test_search_goes_on_page_by_page(place: DeskPlace, boss: Console) -> None:
    names = [f"web-page-{number}" for number in range(35)]
    for name in names:
        place.says(name, "a needle in each")
    until(lambda: "a needle" in str(boss.get("/api/search?q=needle&customer=web-page-34").json()))
    seen, cursor = [], ""
    while True:
        page = boss.session.get(
            f"{boss.origin}/api/search", params={"q": "needle", "cursor": cursor}, timeout=30
        ).json()
        seen += [each["brief"]["id"] for each in page["results"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert sorted(seen) == sorted(names)
    assert problem(boss.get("/api/search?cursor=x")) == "invalid-request"


def test_the_audit_keeps_conversation_ids_whole(place: DeskPlace, boss: Console, lin: Console) -> None:
    conversation_id = "web-1d157af25992448486280eb82bc7fa0f"  # it holds what looks like a card's number
    place.says(conversation_id, "hello")
    until(lambda: boss.get(f"/api/export?conversation={conversation_id}").ok)
    assert conversation_id in str(boss.get("/api/audit").json())


def test_an_export_is_a_table_without_formulas_and_is_audited(place: DeskPlace, boss: Console, lin: Console) -> None:
    conversation_id = place.waiting("Li")
    lin.act(conversation_id, "claim")
    lin.act(conversation_id, "close", outcome="other", reason='=HYPERLINK("http://x")')
    answer = boss.get("/api/export")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK" in answer.content.decode("utf-8-sig")
    assert conversation_id in answer.text
    transcript = boss.get(f"/api/export?conversation={conversation_id}")
    assert transcript.content.decode("utf-8-sig").startswith("at,sender,agent,text")
    acts = str(boss.get("/api/audit").json())
    assert "export-hand-overs" in acts
    assert conversation_id in acts


# The channel


def test_the_channels_doors_are_closed_to_others(place: DeskPlace, lin: Console) -> None:
    for path in ("/internal/conversations/x", "/internal/conversations/x/files/y"):
        assert problem(lin.get(path)) == "unauthorised"
    assert problem(lin.post("/internal/signals", {"conversation_id": "x", "typing": True})) == "unauthorised"


def test_a_rating_is_kept_with_the_hand_over_and_can_be_changed(place: DeskPlace, lin: Console, chat: str) -> None:
    rating = f"/conversations/{chat}/rating"
    assert internal(place, "POST", rating, json={"stars": 5}).status_code == 404
    lin.act(chat, "close", outcome="solved")
    assert internal(place, "POST", rating, json={"stars": 2, "comment": "慢"}).status_code == 204
    assert internal(place, "POST", rating, json={"stars": 4, "comment": "好"}).status_code == 204
    (ended,) = [each for each in lin.look(chat)["earlier"] if each["conversation_id"] == chat]
    assert (ended["stars"], ended["comment"]) == (4, "好")
    assert internal(place, "POST", rating, json={"stars": 6}).status_code == 400


def test_a_rating_of_the_assistant_is_kept_by_its_question_and_can_be_changed(place: DeskPlace, chat: str) -> None:
    rating = f"/conversations/{chat}/rating"
    first, second = 1795334400.123456, 1795334999.5
    for asked_at, stars in ((first, 2), (first, 5), (second, 3)):
        body = {"stars": stars, "comment": "好", "asked_at": asked_at}
        assert internal(place, "POST", rating, json=body).status_code == 204
    database = Database(f"sqlite:///{place.var_dir / 'desk.db'}", metadata)
    with database.reading() as connection:
        mine = sa.select(assistant_ratings).where(assistant_ratings.c.conversation_id == chat)
        rows = connection.execute(mine.order_by(assistant_ratings.c.asked_at)).all()
    assert [(row.asked, row.stars) for row in rows] == [("1795334400.123456", 5), ("1795334999.500000", 3)]
    assert [row.asked_at.timestamp() for row in rows] == [first, second]
    assert internal(place, "POST", rating, json={"stars": 5, "asked_at": "yesterday"}).status_code == 400


def test_health_says_that_the_store_can_be_read(place: DeskPlace) -> None:
    assert requests.get(f"{place.origin}/health", timeout=30).json() == {"status": "ok"}


def test_the_log_holds_no_numbers_and_no_text(place: DeskPlace, tmp_path: Path) -> None:
    text = (place.var_dir / "desk.log").read_text()
    assert "6222021234567890123" not in text
    assert "a secret" not in text


# How long a messaging service lets answers through


def test_who_sees_a_conversation_of_a_messaging_service_is_told_what_may_still_be_sent(
    place: DeskPlace, lin: Console, wang: Console, chat: str
) -> None:
    window = {"open_until": 1_800_000_000.0, "left": 3, "waiting": 0, "held": None, "undelivered": 0}
    place.assistant.windows[chat] = window
    path = f"/api/conversations/{chat}/window"
    assert lin.get(path).json() == {"channel": "webchat", "window": None}  # the web chat has no such limit
    place.says(chat, "在吗", channel="wecom")
    until(lambda: lin.get(path).json()["channel"] == "wecom")
    assert lin.get(path).json() == {"channel": "wecom", "window": window}
    assert problem(wang.get(path)) == "forbidden"
    assert problem(lin.get("/api/conversations/unknown/window")) == "not-found"
    del place.assistant.windows[chat]
    assert lin.get(path).json() == {"channel": "wecom", "window": None}
