"""Chatwoot as the desk: what reaches its agents, what comes back, and each of it once, whatever breaks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import requests
import sqlalchemy as sa
from sqlalchemy.engine import Row

from bank.client import BankClient
from common import clock
from common.settings import settings
from desk import messages as talk
from desk.chatwoot import bridge as bridge_module
from desk.chatwoot import webhook
from desk.chatwoot.bridge import Bridge
from desk.chatwoot.client import ChatwootClient, client_from
from desk.conversations import change, find, move
from desk.handover import OwnDesk, handover_desk
from desk.journal import CUSTOMER, Journal
from desk.states import Move, State
from desk.store import Recorded, Wanted
from desk.tables import handovers, messages, outbox
from tests.processes import free_port
from tests.test_desk.chatwoot_stub import ACCOUNT, BOT_TOKEN, INBOX, SECRET, ChatwootStub, chatwoot, deliver
from tests.test_desk.desk_case import CaseDesk, case_desk
from tests.test_desk.serving import problem, served


@dataclass
class Place:
    """A desk that hands over to Chatwoot."""

    desk: CaseDesk
    stub: ChatwootStub
    bridge: Bridge
    origin: str

    def ask(self, conversation_id: str = "web-1", **wanted: Any) -> Recorded:
        """The customer wants a person."""
        wish = Wanted(**{"reason": "ask_amount_due", "trigger": "asked_for", **wanted})
        return self.desk.store.record(conversation_id, customer_id=None, language="zh", wanted=wish)

    def customer_writes(self, text: str, conversation_id: str = "web-1", sender: str = talk.USER) -> None:
        with self.desk.people.database.writing() as connection:
            talk.add(Journal(connection), conversation_id, sender, text)

    def carry(self) -> None:
        self.bridge._paused.clear()
        asyncio.run(self.bridge.carry_all())

    def conversation(self, conversation_id: str = "web-1") -> Row:
        with self.desk.people.database.reading() as connection:
            found = find(connection, conversation_id)
        assert found is not None
        return found

    def sent(self) -> List[Dict[str, Any]]:
        """Every event for the assistant, oldest first."""
        with self.desk.people.database.reading() as connection:
            rows = connection.execute(sa.select(outbox.c.events).order_by(outbox.c.id)).all()
        return [event for row in rows for event in row.events]

    def said(self) -> List[str]:
        """What agents say to the customer."""
        return [each["text"] for each in self.sent() if (each.get("metadata") or {}).get("agent")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(settings(), "desk_provider", "chatwoot")
    handover_desk.cache_clear()
    desk = case_desk(tmp_path, BankClient(f"http://127.0.0.1:{free_port()}/v1", "token"), None)
    with chatwoot() as stub:
        client = ChatwootClient(stub.url, account_id=ACCOUNT, inbox=INBOX, bot_token=BOT_TOKEN)
        bridge = Bridge(desk.app.ctx.desk, desk.app.ctx.cases, client)
        desk.app.blueprint(webhook.blueprint(desk.app.ctx.desk, client, SECRET))
        with served(desk.app) as origin:
            yield Place(desk, stub, bridge, origin)
    handover_desk.cache_clear()


def test_the_setting_chooses_the_desk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not handover_desk().assigns
    monkeypatch.setattr(settings(), "desk_provider", "desk")
    handover_desk.cache_clear()
    assert isinstance(handover_desk(), OwnDesk)


def test_missing_settings_are_named() -> None:
    with pytest.raises(ValueError, match="CHATWOOT_URL, CHATWOOT_ACCOUNT_ID"):
        client_from(settings().copy(update={"chatwoot_url": None, "chatwoot_account_id": None}))


def test_a_wish_opens_a_conversation_with_transcript_and_summary(place: Place) -> None:
    recorded = place.ask(priority="high", trigger="complaint")
    assert recorded.staffed
    assert recorded.position is None
    place.customer_writes("卡号 6222021234567890123 还不上")
    place.customer_writes("好的，我在听", sender=talk.BOT)
    place.carry()
    [number] = place.stub.conversations
    assert place.stub.conversations[number]["status"] == "open"
    assert place.stub.conversations[number]["custom_attributes"] == {
        "reference": recorded.wish.reference,
        "priority": "high",
        "trigger": "complaint",
    }
    [note] = place.stub.notes(number)
    assert "complaint" in note
    assert "没有登录" in note
    assert "客户: 卡号 ****0123 还不上" in note
    assert "助手: 好的，我在听" in note
    assert "6222021234567890123" not in note
    assert place.stub.incoming(number) == []
    place.carry()
    assert len(place.stub.conversations) == len(place.stub.notes(number)) == 1


def test_what_the_customer_writes_follows_in_order_and_once(place: Place) -> None:
    place.ask()
    place.carry()
    for text in ("一", "二", "三"):
        place.customer_writes(text)
    place.carry()
    place.carry()
    assert place.stub.incoming(1) == ["一", "二", "三"]


def test_an_agents_reply_reaches_the_customer_and_takes_the_conversation(place: Place) -> None:
    place.ask()
    place.carry()
    assert deliver(place.origin, place.stub.reply(1, "您好，我是 Alice")).ok
    found = place.conversation()
    assert (found.state, found.agent_name) == (State.AGENT.value, "Alice")
    assert place.sent()[0]["event"] == "pause"
    assert place.said() == ["您好，我是 Alice"]
    deliver(place.origin, place.stub.reply(1, "还在吗"))
    assert place.said() == ["您好，我是 Alice", "还在吗"]


def test_a_webhook_that_comes_again_is_heard_once(place: Place) -> None:
    place.ask()
    place.carry()
    payload = place.stub.reply(1, "您好")
    for _ in range(3):
        assert deliver(place.origin, payload).status_code == 200
    assert place.said() == ["您好"]


@pytest.mark.parametrize(
    "change_payload",
    [
        {"private": True},
        {"message_type": "incoming"},
        {"message_type": "template"},
        {"message_type": 0},
        {"content": None},
        {"content": "  "},
        {"id": None},
        {"conversation": {"id": 99}},
        {"conversation": None},
        {"conversation": {"id": "1"}},
        {"sender": {"id": 1, "name": "bot", "type": "agent_bot"}},
        {"event": "message_updated"},
    ],
)
def test_what_is_no_reply_to_the_customer_goes_nowhere(place: Place, change_payload: Dict[str, Any]) -> None:
    place.ask()
    place.carry()
    assert deliver(place.origin, {**place.stub.reply(1, "x"), **change_payload}).status_code == 200
    assert place.said() == []
    assert place.conversation().state == State.WAITING.value


@pytest.mark.parametrize("event", ["conversation_status_changed", "conversation_resolved"])
def test_resolved_closes_it_and_the_assistant_goes_on(place: Place, event: str) -> None:
    place.ask()
    place.carry()
    deliver(place.origin, place.stub.reply(1, "好了"))
    for _ in range(2):
        assert deliver(place.origin, place.stub.status(1, "resolved", event)).ok
    assert place.conversation().state == State.WRAPPED_UP.value
    assert [each["event"] for each in place.sent()].count("resume") == 1
    with place.desk.people.database.reading() as connection:
        wish = connection.execute(sa.select(handovers)).one()
    assert (wish.outcome, wish.agent_name) == ("resolved", "Alice")
    assert wish.closed_at is not None
    place.carry()
    assert place.stub.conversations[1]["status"] == "resolved"


def test_pending_gives_it_back_to_the_assistant_and_stays_pending(place: Place) -> None:
    place.ask()
    place.carry()
    deliver(place.origin, place.stub.reply(1, "助手接着帮您"))
    assert deliver(place.origin, place.stub.status(1, "pending")).ok
    assert place.conversation().state == State.BOT.value
    assert [each["event"] for each in place.sent()].count("resume") == 1
    place.carry()
    assert place.stub.conversations[1]["status"] == "pending"


def test_a_late_word_that_it_was_pending_before_it_was_opened_ends_nothing(place: Place) -> None:
    place.ask()
    asyncio.run(_only_open(place))
    assert deliver(place.origin, place.stub.status(1, "pending")).ok
    assert place.conversation().state == State.WAITING.value


async def _only_open(place: Place) -> None:
    desk = place.desk.app.ctx.desk
    [handover_id] = await desk.read(bridge_module._to_carry)
    await place.bridge._open(await desk.run(bridge_module._link, handover_id))


def test_a_customer_who_goes_on_with_the_assistant_resolves_it(place: Place) -> None:
    place.ask()
    place.carry()
    with place.desk.people.database.writing() as connection:
        move(Journal(connection), place.conversation(), Move.BACK_TO_BOT, CUSTOMER)
    place.carry()
    assert place.stub.conversations[1]["status"] == "resolved"


def test_a_reply_after_that_is_not_delivered_and_the_agent_is_told(place: Place) -> None:
    place.ask()
    place.carry()
    with place.desk.people.database.writing() as connection:
        move(Journal(connection), place.conversation(), Move.BACK_TO_BOT, CUSTOMER)
    assert deliver(place.origin, place.stub.reply(1, "您还在吗")).ok
    assert place.said() == []
    assert "没有送到" in place.stub.notes(1)[-1]


def test_the_next_wish_is_a_new_conversation_of_the_same_contact(place: Place) -> None:
    place.ask()
    place.carry()
    deliver(place.origin, place.stub.status(1, "resolved"))
    with place.desk.people.database.writing() as connection:
        move(Journal(connection), place.conversation(), Move.CUSTOMER_WRITES, CUSTOMER)
    place.ask()
    place.carry()
    assert list(place.stub.conversations) == [1, 2]
    assert len(place.stub.contacts) == 1
    deliver(place.origin, place.stub.reply(1, "旧的"))
    assert place.said() == []
    deliver(place.origin, place.stub.reply(2, "新的"))
    assert place.said() == ["新的"]


def test_a_wish_out_of_hours_waits_at_chatwoot_and_the_assistant_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "service_closed_days", [clock.today()])
    assert not place.ask().staffed
    place.carry()
    assert place.stub.conversations[1]["status"] == "open"
    assert place.sent() == []
    deliver(place.origin, place.stub.reply(1, "早上好"))
    assert place.conversation().state == State.AGENT.value
    assert place.sent()[0]["event"] == "pause"
    assert place.said() == ["早上好"]


def test_a_chatwoot_that_was_down_misses_nothing(place: Place) -> None:
    place.stub.answers = ["down"]
    place.ask()
    place.carry()
    assert place.stub.conversations == {}
    place.carry()
    place.customer_writes("一")
    place.stub.answers = ["down"]
    place.carry()
    place.customer_writes("二")
    place.carry()
    assert place.stub.incoming(1) == ["一", "二"]


def test_an_answer_that_was_lost_doubles_nothing(place: Place) -> None:
    place.ask()
    place.carry()
    place.customer_writes("一")
    place.customer_writes("一")
    place.stub.answers = ["", "lost"]
    place.carry()
    assert place.stub.incoming(1) == ["一", "一"]
    place.carry()
    assert place.stub.incoming(1) == ["一", "一"]
    place.customer_writes("二")
    place.carry()
    assert place.stub.incoming(1) == ["一", "一", "二"]


def test_nobody_waits_for_a_chatwoot_that_does_not_answer(place: Place) -> None:
    place.ask()
    for _ in range(bridge_module._PATIENCE):
        place.stub.answers = ["down"]
        assert place.conversation().state == State.WAITING.value
        place.carry()
    assert place.conversation().state == State.LATER.value
    assert [each["event"] for each in place.sent()] == ["resume", "bot"]
    place.carry()
    assert place.stub.conversations[1]["status"] == "open"


def test_what_chatwoot_refuses_is_given_up_and_the_assistant_goes_on(place: Place) -> None:
    place.stub.answers = ["refused"]
    place.ask()
    place.carry()
    assert place.conversation().state == State.LATER.value
    place.carry()
    assert place.stub.conversations == {}


def test_after_a_failure_it_pauses(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "_FIRST_PAUSE", 3600.0)
    monkeypatch.setattr(bridge_module, "_LONGEST_PAUSE", 3600.0)
    place.stub.answers = ["down"]
    place.ask()
    asyncio.run(place.bridge.carry_all())
    asyncio.run(place.bridge.carry_all())
    assert place.stub.contacts == {}


@pytest.mark.parametrize("forged", [{"secret": "other"}, {"at": 1.0}, {"sign": False}])
def test_a_webhook_that_is_not_chatwoots_is_refused(place: Place, forged: Dict[str, Any]) -> None:
    place.ask()
    place.carry()
    answer = deliver(place.origin, place.stub.reply(1, "x"), **forged)
    assert (answer.status_code, problem(answer)) == (401, "unauthorised")
    assert place.said() == []


def test_a_signed_body_cannot_be_changed(place: Place) -> None:
    import hashlib
    import hmac
    import time

    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"{stamp}.{{}}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={signature}"}
    url = f"{place.origin}/chatwoot/webhook"
    assert requests.post(url, data=b"{}", headers=headers, timeout=30).status_code == 200
    assert requests.post(url, data=b"{ }", headers=headers, timeout=30).status_code == 401


def test_an_older_chatwoot_has_the_secret_in_the_address(place: Place) -> None:
    place.ask()
    place.carry()
    body = json.dumps(place.stub.reply(1, "您好"))
    for secret, status in (("wrong", 401), ("", 401), (SECRET, 200)):
        url = f"{place.origin}/chatwoot/webhook?secret={secret}"
        assert requests.post(url, data=body, timeout=30).status_code == status
    assert place.said() == ["您好"]


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"\xff"])
def test_a_webhook_without_sense_is_refused(place: Place, body: bytes) -> None:
    answer = requests.post(f"{place.origin}/chatwoot/webhook?secret={SECRET}", data=body, timeout=30)
    assert problem(answer) == "invalid-request"


def test_the_agents_answer_counts_for_the_waiting_time(place: Place) -> None:
    place.ask()
    place.carry()
    with place.desk.people.database.writing() as connection:
        change(Journal(connection), "web-1", unread=3)
    deliver(place.origin, place.stub.reply(1, "您好"))
    assert (place.conversation().unread, place.conversation().asked_at) == (0, None)
    with place.desk.people.database.reading() as connection:
        rows = connection.execute(sa.select(messages.c.sender, messages.c.agent_name).order_by(messages.c.id)).all()
        answered_at = connection.execute(sa.select(handovers.c.answered_at)).scalar_one()
    assert rows[-1] == ("agent", "Alice")
    assert answered_at is not None
