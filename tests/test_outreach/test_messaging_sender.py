"""WeChat: only through an open window, once, and another way when it does not get through."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, Optional, Type

import pytest
import sqlalchemy as sa
from aiohttp import web

from bank.models import ContactChannel
from channels.conversations import Conversations
from common import clock
from common.settings import WechatTemplate
from outreach.answers import Answers
from outreach.fates import Fates
from outreach.senders.base import NotThisWay, Refused, SendingFailed, TryLater
from outreach.senders.messaging import MessagingSender, platforms_of
from outreach.tables import messages
from outreach.texts import TextsError, load_texts
from tests.processes import free_port
from tests.test_desk.fake_assistant import DROPS_ANSWER, FakeAssistant
from tests.test_outreach.call_floor import TUESDAY_NOON, owing
from tests.test_outreach.conftest import Outreach, VirtualClock, outreach_of
from tests.test_outreach.test_senders import outgoing

CONVERSATIONS = Conversations("secret")
OPEN = {"open_until": 1000.0, "left": 3, "waiting": 0, "held": None, "undelivered": 0}
TEMPLATE = WechatTemplate(id="TM1", values={"thing1": "last4", "amount2": "amount"})
TEMPLATES = {f"{text}.{language}": TEMPLATE for text in ("due_soon", "due_in_a_week") for language in ("zh", "en")}
CHAT = CONVERSATIONS.of_customer("c-0")


@dataclass
class Platforms(FakeAssistant):
    """An assistant with messaging channels, each with the windows and fates that it is told."""

    windows: Dict[str, Dict[str, Any]] = field(default_factory=dict)  # by service
    state: Optional[str] = "sent"  # of every message
    shown: List[str] = field(default_factory=list)  # by which service each went
    withdrawn: List[str] = field(default_factory=list)
    takes_template: int = 202  # status
    notices: List[Dict[str, Any]] = field(default_factory=list)  # template messages

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/webhooks/{platform}/desk/windows/{id}", self._window)
        app.router.add_post("/webhooks/wechat/desk/templates/{id}/{message}", self._template)
        app.router.add_route("*", "/webhooks/{platform}/desk/messages/{id}/{message}", self._fate)

    async def _append(self, request: web.Request) -> web.StreamResponse:
        self.shown.append(request.query["output_channel"])
        return await super()._append(request)

    async def _window(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer desk-token"
        found = self.windows.get(request.match_info["platform"])
        return web.json_response(found) if found else web.Response(status=404)

    async def _template(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer desk-token"
        self.notices.append(await request.json())
        return web.Response(status=self.takes_template)

    async def _fate(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer desk-token"
        if request.method == "DELETE" and self.state in ("waiting", "held"):
            self.withdrawn.append(request.match_info["message"])
            self.state = "dropped"
        return web.json_response({"state": self.state}) if self.state else web.Response(status=404)


@pytest.fixture
async def assistant() -> AsyncIterator[Platforms]:
    running = Platforms(windows={"wechat": OPEN})
    await running.start()
    yield running
    await running.stop()


def sender_at(assistant: Platforms, *platforms: str) -> MessagingSender:
    known = platforms or ("wechat", "wecom")
    return MessagingSender(assistant.url, "api-token", "desk-token", CONVERSATIONS, known)


def with_templates(assistant: Platforms, *platforms: str) -> MessagingSender:
    known, link = platforms or ("wechat",), "https://bank.example/help"
    names = (CONVERSATIONS, known)
    return MessagingSender(assistant.url, "api-token", "desk-token", *names, templates=TEMPLATES, link=link)


class TestSending:
    async def test_it_goes_once_by_the_service_whose_window_is_open_longest(self, assistant: Platforms) -> None:
        assistant.windows["wecom"] = {**OPEN, "open_until": 2000.0}
        message = outgoing(ContactChannel.WECHAT, CHAT)
        for _ in range(2):
            await asyncio.to_thread(sender_at(assistant).send, message)
        assert assistant.shown == ["wecom"]
        assert assistant.texts(CHAT) == [message.rendered.text]
        assert all(event["metadata"]["only_now"] for event in assistant.trackers[CHAT])

    @pytest.mark.parametrize(
        "windows",
        [{}, {"wechat": {**OPEN, "left": 0}}, {"wechat": {**OPEN, "held": "quota"}}, {"wecom": OPEN}],
    )
    async def test_without_an_open_window_nothing_is_tried(
        self, assistant: Platforms, windows: Dict[str, Dict[str, Any]]
    ) -> None:
        assistant.windows = windows
        with pytest.raises(NotThisWay):
            await asyncio.to_thread(sender_at(assistant, "wechat").send, outgoing(ContactChannel.WECHAT, CHAT))
        assert assistant.shown == []

    async def test_after_an_answer_that_was_lost_it_is_found_and_not_sent_again(self, assistant: Platforms) -> None:
        assistant.faults.append(DROPS_ANSWER)
        sender, message = sender_at(assistant), outgoing(ContactChannel.WECHAT, CHAT)
        with pytest.raises(Exception, match="did not say"):
            await asyncio.to_thread(sender.send, message)
        assert await asyncio.to_thread(sender.find, message.id, CHAT, message.at) is True
        await asyncio.to_thread(sender.send, message)
        assert len(assistant.texts(CHAT)) == 1

    async def test_an_assistant_that_is_down_is_asked_again(self) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        sender = MessagingSender(url, "api-token", "desk-token", CONVERSATIONS, ["wechat"])
        with pytest.raises(TryLater):
            await asyncio.to_thread(sender.send, outgoing(ContactChannel.WECHAT, CHAT))

    def test_only_services_that_are_set_up_and_may_show_amounts_are_used(self) -> None:
        assert platforms_of(["wechat", "wecom"], True, False) == ["wechat"]
        assert platforms_of(["wecom"], True, True) == ["wecom"]
        assert platforms_of([], True, True) == []


class TestTemplates:
    async def test_without_a_window_the_text_goes_as_its_template_and_stands_in_the_conversation_once(
        self, assistant: Platforms
    ) -> None:
        assistant.windows = {}
        message = outgoing(ContactChannel.WECHAT, CHAT)
        for _ in range(2):
            sent = await asyncio.to_thread(with_templates(assistant).send, message)
        assert sent.outcome.value == "sent"
        values = message.rendered.values
        fields = {"thing1": values["last4"], "amount2": values["amount"]}
        assert assistant.notices == [{"template": "TM1", "fields": fields, "url": "https://bank.example/help"}]
        assert assistant.texts(CHAT) == [message.rendered.text]

    async def test_an_open_window_is_used_first(self, assistant: Platforms) -> None:
        await asyncio.to_thread(with_templates(assistant).send, outgoing(ContactChannel.WECHAT, CHAT))
        assert (assistant.shown, assistant.notices) == (["wechat"], [])

    async def test_where_the_account_may_not_show_amounts_there_is_no_template(self, assistant: Platforms) -> None:
        assistant.windows = {}
        with pytest.raises(NotThisWay):
            await asyncio.to_thread(with_templates(assistant, "wecom").send, outgoing(ContactChannel.WECHAT, CHAT))
        assert assistant.notices == []

    @pytest.mark.parametrize(("status", "means"), [(404, NotThisWay), (409, Refused), (503, TryLater), (500, TryLater)])
    async def test_what_the_account_does_not_take_is_not_in_the_conversation(
        self, assistant: Platforms, status: int, means: Type[SendingFailed]
    ) -> None:
        assistant.windows, assistant.takes_template = {}, status
        with pytest.raises(means):
            await asyncio.to_thread(with_templates(assistant).send, outgoing(ContactChannel.WECHAT, CHAT))
        assert assistant.texts(CHAT) == []

    def test_a_template_that_asks_for_what_the_text_does_not_have_stops_the_start(self) -> None:
        texts = load_texts()
        texts.check_values("due_soon.zh", ContactChannel.WECHAT, ["last4", "amount"])
        for text_id, names in (("due_soon.zh", ["promised"]), ("due_soon.fr", ["last4"]), ("nothing.zh", [])):
            with pytest.raises(TextsError):
                texts.check_values(text_id, ContactChannel.WECHAT, names)


@dataclass
class Reminded:
    """A customer who prefers WeChat and takes an SMS, on the day of a reminder."""

    system: Outreach
    assistant: Platforms
    fates: Fates

    async def tick(self) -> None:
        await asyncio.to_thread(self.system.worker().tick)
        await asyncio.to_thread(self.fates.work)
        await asyncio.to_thread(self.system.worker().tick)

    def went(self) -> Dict[str, str]:
        """Channel and state of what was sent."""
        with self.system.database.reading() as connection:
            return {row.channel: row.state for row in connection.execute(sa.select(messages))}

    def lines(self) -> List[str]:
        told = sorted((line for _, line in self.system.bank.log.values()), key=lambda line: line.at)
        return [f"{line.channel.value} {line.outcome.value}" for line in told]


@pytest.fixture
async def reminded(assistant: Platforms, virtual: VirtualClock, tmp_path: Path) -> Reminded:
    virtual.at = TUESDAY_NOON - timedelta(days=5)  # a week before it is due, by whatever way
    life = owing(0, channels=[ContactChannel.WECHAT, ContactChannel.SMS])
    system = outreach_of([life], f"sqlite:///{tmp_path / 'o.db'}", f"sqlite:///{tmp_path / 'd.db'}", virtual)
    sender = sender_at(assistant)
    system.gateways[ContactChannel.WECHAT] = sender  # type: ignore[assignment]
    answers = Answers(system.bank, system.database, load_texts(), sender, CONVERSATIONS, "secret")
    return Reminded(system, assistant, Fates(system.database, sender, CONVERSATIONS, answers))


class TestFallback:
    async def test_what_arrives_is_noted_as_delivered(self, reminded: Reminded) -> None:
        await reminded.tick()
        assert reminded.went() == {"wechat": "delivered"}
        assert reminded.lines() == ["wechat sent", "wechat delivered"]

    async def test_without_a_window_it_is_an_sms_and_no_failure(self, reminded: Reminded) -> None:
        reminded.assistant.windows = {}
        await reminded.tick()
        assert reminded.went() == {"sms": "sent"}
        assert reminded.lines() == ["sms sent"]

    async def test_what_the_service_refuses_goes_by_sms(self, reminded: Reminded) -> None:
        reminded.assistant.state = "dropped"
        await reminded.tick()
        assert reminded.went()["wechat"] == "failed"
        assert reminded.lines()[:2] == ["wechat sent", "wechat failed"]
        assert reminded.went().get("sms") == "sent"

    @pytest.mark.parametrize(
        ("taken", "state", "went"),
        [
            (202, "sent", {"wechat": "delivered"}),
            (202, "dropped", {"wechat": "failed", "sms": "sent"}),  # by the result that WeChat told
            (409, "sent", {"wechat": "failed", "sms": "sent"}),
        ],
    )
    async def test_template_counts_by_its_result_and_one_that_is_refused_goes_by_sms(
        self, reminded: Reminded, taken: int, state: str, went: Dict[str, str]
    ) -> None:
        assistant = reminded.assistant
        assistant.windows, assistant.takes_template, assistant.state = {}, taken, state
        reminded.system.gateways[ContactChannel.WECHAT] = with_templates(assistant)  # type: ignore[assignment]
        await reminded.tick()
        assert reminded.went() == went
        assert len(assistant.notices) == 1

    async def test_what_is_stuck_is_taken_back_and_goes_by_sms(self, reminded: Reminded, virtual: VirtualClock) -> None:
        reminded.assistant.state = "waiting"
        await reminded.tick()
        assert (reminded.went(), reminded.assistant.withdrawn) == ({"wechat": "sent"}, [])
        virtual.at += timedelta(minutes=6)
        await reminded.tick()
        assert len(reminded.assistant.withdrawn) == 1
        assert reminded.went() == {"wechat": "failed", "sms": "sent"}

    async def test_what_the_service_never_got_goes_by_sms(self, reminded: Reminded, virtual: VirtualClock) -> None:
        reminded.assistant.state = None
        await reminded.tick()
        assert reminded.went() == {"wechat": "sent"}
        virtual.at += timedelta(minutes=6)
        await reminded.tick()
        assert reminded.went() == {"wechat": "failed", "sms": "sent"}
        assert clock.now() == virtual.at
