"""Each way out: what it sends, what it makes of every answer, and that it cannot send a message twice."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import time as time_module
from dataclasses import replace
from datetime import datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from bank.models import ContactAddresses, ContactChannel, ContactKind, ContactOutcome, ContactPreferences
from channels.conversations import Conversations
from common import clock
from common.database import Database
from common.rating import BY_ASSISTANT, asks_for_rating, rating_of
from common.settings import Settings
from outreach.senders import aliyun, senders_from, tencent
from outreach.senders.aliyun import AliyunSms
from outreach.senders.base import Doubtful, Outgoing, Refused, Sent, TryLater, masked
from outreach.senders.call_task import CallTaskSender
from outreach.senders.conversation import ConversationSender, events_of
from outreach.senders.outbox import OutboxSender
from outreach.senders.smtp import SmtpSender
from outreach.senders.tencent import TencentSms
from outreach.senders.webhook import WebhookSender, key_of, signature
from outreach.tables import call_tasks, metadata
from outreach.texts import load_texts
from tests.processes import free_port
from tests.test_desk.fake_assistant import DROPS_ANSWER, FAILS_BEFORE, NOT_READY, REFUSES, FakeAssistant
from tests.test_outreach.conftest import VirtualClock

VALUES = {
    "name": "王先生", "last4": "4417", "amount": "¥1,260.40", "minimum": "¥126.04", "due_date": "11月25日 周三",
    "days": "3天", "ways": "手机银行", "link": "https://www.bank.example/help",
}  # fmt: skip

PREFERENCES = ContactPreferences(
    channels=[*ContactChannel],
    reminders=True,
    contact_from=time(9),
    contact_until=time(21),
    time_zone="Asia/Shanghai",
    night_consent=False,
    language="zh",
    paused_until=None,
    version=1,
)


def outgoing(channel: ContactChannel, address: str) -> Outgoing:
    now = clock.now()
    return Outgoing(
        id=f"c-1.{channel.value}",
        contact_id="c-1",
        customer_id="customer-1",
        card_id="k-1",
        last4="4417",
        step="due-in-2-days",
        address=address,
        rendered=load_texts().render("due_soon", channel, "zh", VALUES),
        at=now,
        kind=ContactKind.REMINDER,
        preferences=PREFERENCES,
        call_until=now + timedelta(hours=3),
    )


class Mailbox:
    """What an SMTP server got; answers as it is told to."""

    def __init__(self) -> None:
        self.got: List[Envelope] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.to_data == "hangs up":
            self.got.append(envelope)
            session.loop.call_soon(server.transport.abort)
            await asyncio.sleep(1)
        if self.to_data.startswith("250"):
            self.got.append(envelope)
        return self.to_data


@pytest.fixture
def mailbox() -> Iterator[Tuple[Mailbox, SmtpSender]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    sender = SmtpSender("127.0.0.1", controller.port, sender="Card service <service@bank.example>", security="none")
    yield box, sender
    controller.stop()


class TestMail:
    def test_it_arrives_whole_and_marked_as_automatic(self, mailbox: Tuple[Mailbox, SmtpSender]) -> None:
        box, sender = mailbox
        sent = sender.send(outgoing(ContactChannel.EMAIL, "wang@customers.example"))
        (envelope,) = box.got
        assert envelope.rcpt_tos == ["wang@customers.example"]
        assert envelope.mail_from == "service@bank.example"
        message = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
        assert message["Message-ID"] == sent.gateway_id == "<c-1.email@bank.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["List-Unsubscribe"] == "<mailto:service@bank.example?subject=STOP>"
        body = message.get_content()
        assert "¥1,260.40" in body
        assert "退订" in body

    @pytest.mark.parametrize(
        ("recipient", "data", "kind"),
        [
            ("550 no such mailbox", "250 OK", Refused),
            ("450 mailbox busy", "250 OK", TryLater),
            ("250 OK", "554 looks like spam", Refused),
            ("250 OK", "451 try again", TryLater),
            ("250 OK", "hangs up", Doubtful),
        ],
    )
    def test_what_the_server_answers_decides(
        self, mailbox: Tuple[Mailbox, SmtpSender], recipient: str, data: str, kind: type
    ) -> None:
        box, sender = mailbox
        box.to_recipient, box.to_data = recipient, data
        with pytest.raises(kind) as caught:
            sender.send(outgoing(ContactChannel.EMAIL, "wang@customers.example"))
        assert "wang" not in str(caught.value)

    def test_a_server_that_is_down_is_asked_again(self) -> None:
        sender = SmtpSender("127.0.0.1", free_port(), sender="service@bank.example", security="none")
        with pytest.raises(TryLater):
            sender.send(outgoing(ContactChannel.EMAIL, "wang@customers.example"))

    def test_a_second_attempt_has_the_same_message_id(self, mailbox: Tuple[Mailbox, SmtpSender]) -> None:
        _, sender = mailbox
        first = sender.send(outgoing(ContactChannel.EMAIL, "wang@customers.example"))
        assert sender.send(outgoing(ContactChannel.EMAIL, "wang@customers.example")) == first
        assert sender.repeatable


class TestSignatures:
    def test_aliyuns_documented_example(self) -> None:
        query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
        headers = {
            "host": "ecs.cn-shanghai.aliyuncs.com",
            "x-acs-action": "RunInstances",
            "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "x-acs-date": "2023-10-26T10:22:32Z",
            "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
            "x-acs-version": "2014-05-26",
        }
        signed = aliyun.authorization("YourAccessKeyId", "YourAccessKeySecret", "POST", query, headers)
        assert signed == (
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
            "x-acs-date;x-acs-signature-nonce;x-acs-version,"
            "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        )

    def test_tencents_documented_example(self) -> None:
        body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
        signed = tencent.authorization(
            "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            "cvm",
            "cvm.tencentcloudapi.com",
            body,
            1551113065,
        )
        assert signed == (
            "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
            "SignedHeaders=content-type;host, "
            "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        )


class Counter:
    """An SMS gateway: keeps requests, answers what it is told to."""

    def __init__(self) -> None:
        self.requests: List[Tuple[str, Dict[str, str], bytes]] = []
        self.answer: Any = {}
        self.status = 200
        self.drops = False
        outer = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                if outer.drops:
                    self.connection.close()
                    return
                content = outer.answer if isinstance(outer.answer, bytes) else json.dumps(outer.answer).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway() -> Iterator[Counter]:
    made = Counter()
    yield made
    made.server.shutdown()
    made.server.server_close()


BY_SERVICE = (ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.WECHAT)
TEMPLATES = {"due_soon.zh": "SMS_1"}
PHONE = "+8613800002046"


def aliyun_at(gateway: Counter) -> AliyunSms:
    return AliyunSms("id", "secret", "Bank", TEMPLATES, url=gateway.url)


def tencent_at(gateway: Counter) -> TencentSms:
    return TencentSms("id", "secret", "Bank", TEMPLATES, app_id="140", url=gateway.url)


class TestAliyun:
    def test_the_request_holds_the_template_its_values_and_our_id(self, gateway: Counter) -> None:
        gateway.answer = {"Code": "OK", "BizId": "biz-1"}
        assert aliyun_at(gateway).send(outgoing(ContactChannel.SMS, PHONE)) == Sent("biz-1")
        path, headers, _ = gateway.requests[0]
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        assert (query["PhoneNumbers"], query["TemplateCode"], query["SignName"]) == ("13800002046", "SMS_1", "Bank")
        assert query["OutId"] == "c-1.sms"
        assert json.loads(query["TemplateParam"])["amount"] == "¥1,260.40"
        names = "x-acs-content-sha256 x-acs-date x-acs-signature-nonce x-acs-version x-acs-action host".split()
        signed = {name: headers[name] for name in names}
        assert headers["authorization"] == aliyun.authorization("id", "secret", "POST", query, signed)

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("isv.MOBILE_NUMBER_ILLEGAL", Refused),
            ("isv.BUSINESS_LIMIT_CONTROL", TryLater),
            ("isp.SYSTEM_ERROR", TryLater),
        ],
    )
    def test_what_it_answers_decides(self, gateway: Counter, code: str, kind: type) -> None:
        gateway.answer = {"Code": code, "Message": f"for {PHONE}"}
        with pytest.raises(kind) as caught:
            aliyun_at(gateway).send(outgoing(ContactChannel.SMS, PHONE))
        assert "138" not in str(caught.value)

    def test_an_answer_that_is_lost_leaves_doubt_and_can_be_asked_about(self, gateway: Counter) -> None:
        gateway.drops = True
        with pytest.raises(Doubtful):
            aliyun_at(gateway).send(outgoing(ContactChannel.SMS, PHONE))
        gateway.drops = False
        gateway.answer = {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "c-1.sms"}]}}
        assert aliyun_at(gateway).find("c-1.sms", PHONE, clock.now()) is True
        assert aliyun_at(gateway).find("c-2.sms", PHONE, clock.now()) is False

    def test_nothing_listening_is_no_doubt(self) -> None:
        sender = AliyunSms("id", "secret", "Bank", TEMPLATES, url=f"http://127.0.0.1:{free_port()}")
        with pytest.raises(TryLater):
            sender.send(outgoing(ContactChannel.SMS, PHONE))

    def test_a_text_without_a_template_is_refused_before_anything_is_sent(self, gateway: Counter) -> None:
        sender = AliyunSms("id", "secret", "Bank", {}, url=gateway.url)
        with pytest.raises(Refused, match="due_soon.zh"):
            sender.send(outgoing(ContactChannel.SMS, PHONE))
        assert gateway.requests == []


class TestTencent:
    def test_the_request_holds_the_template_its_values_and_our_id(self, gateway: Counter) -> None:
        gateway.answer = {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "s-1"}]}}
        assert tencent_at(gateway).send(outgoing(ContactChannel.SMS, PHONE)) == Sent("s-1")
        _, headers, body = gateway.requests[0]
        asked = json.loads(body)
        assert asked["PhoneNumberSet"] == [PHONE]
        assert asked["SessionContext"] == "c-1.sms"
        assert asked["TemplateParamSet"] == [
            VALUES[name] for name in sorted("amount due_date last4 minimum name ways".split())
        ]
        assert headers["x-tc-action"] == "SendSms"
        at = int(headers["x-tc-timestamp"])
        assert headers["authorization"] == tencent.authorization("id", "secret", "sms", headers["host"], body, at)

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ({"Response": {"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}}, Refused),
            ({"Response": {"Error": {"Code": "InternalError"}}}, TryLater),
            ({"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}}, TryLater),
            (b"<html>", Doubtful),
        ],
    )
    def test_what_it_answers_decides(self, gateway: Counter, answer: Any, kind: type) -> None:
        gateway.answer = answer
        with pytest.raises(kind):
            tencent_at(gateway).send(outgoing(ContactChannel.SMS, PHONE))

    def test_it_can_neither_be_asked_nor_repeated(self, gateway: Counter) -> None:
        assert tencent_at(gateway).find("c-1.sms", PHONE, clock.now()) is None
        assert not TencentSms.repeatable


SPECIFIED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification's own example


def service_at(gateway: Counter, channel: ContactChannel = ContactChannel.SMS) -> WebhookSender:
    return WebhookSender(channel, f"{gateway.url}/contacts", SPECIFIED)


class TestBanksOwnService:
    def test_it_is_signed_as_the_specification_says(self) -> None:
        signed = signature(key_of(SPECIFIED), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_it_gets_the_text_what_it_was_made_of_and_an_id_that_stays(self, gateway: Counter) -> None:
        sent = [service_at(gateway).send(outgoing(ContactChannel.SMS, PHONE)) for _ in range(2)]
        assert sent == [Sent("c-1.sms")] * 2
        for path, headers, body in gateway.requests:
            assert (path, headers["webhook-id"], headers["content-type"]) == (
                "/contacts",
                "c-1.sms",
                "application/json",
            )
            at = int(headers["webhook-timestamp"])
            assert abs(at - time_module.time()) < 60
            assert headers["webhook-signature"] == signature(key_of(SPECIFIED), "c-1.sms", at, body)
            told = json.loads(body)
            assert told["type"] == "contact.message"
            data = told["data"]
            assert (data["channel"], data["to"], data["text_id"]) == ("sms", PHONE, "due_soon.zh")
            assert "¥1,260.40" in data["text"]
            assert data["values"]["amount"] == "¥1,260.40"

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, Refused),
            (410, Refused),
            (422, Refused),
            (301, TryLater),
            (401, TryLater),
            (404, TryLater),
            (429, TryLater),
            (500, TryLater),
            (503, TryLater),
        ],
    )
    def test_its_status_decides(self, gateway: Counter, status: int, kind: type) -> None:
        gateway.status = status
        with pytest.raises(kind) as caught:
            service_at(gateway).send(outgoing(ContactChannel.SMS, PHONE))
        assert type(caught.value) is kind
        assert str(status) in str(caught.value)
        assert "138" not in str(caught.value)
        assert len(gateway.requests) == 1

    @pytest.mark.parametrize("status", [200, 202, 204])
    def test_any_good_status_takes_it_whatever_it_says(self, gateway: Counter, status: int) -> None:
        gateway.status, gateway.answer = status, b""
        assert service_at(gateway).send(outgoing(ContactChannel.SMS, PHONE)) == Sent("c-1.sms")

    def test_a_lost_answer_leaves_doubt_and_the_same_may_be_sent_again(self, gateway: Counter) -> None:
        gateway.drops = True
        with pytest.raises(Doubtful):
            service_at(gateway).send(outgoing(ContactChannel.SMS, PHONE))
        assert WebhookSender.repeatable
        assert service_at(gateway).find("c-1.sms", PHONE, clock.now()) is None

    def test_nothing_listening_is_no_doubt(self) -> None:
        sender = WebhookSender(ContactChannel.SMS, f"http://127.0.0.1:{free_port()}", SPECIFIED)
        with pytest.raises(TryLater):
            sender.send(outgoing(ContactChannel.SMS, PHONE))

    def test_each_channel_has_the_address_that_the_bank_gave(self, gateway: Counter) -> None:
        known = ContactAddresses(email="wang@customers.example", phone=None)
        found = [service_at(gateway, each).address("customer-1", known) for each in BY_SERVICE]
        assert found == [None, "wang@customers.example", "customer-1"]

    @pytest.mark.parametrize(
        ("url", "secret"),
        [
            ("http://messages.bank.example/", SPECIFIED),
            ("ftp://127.0.0.1/", SPECIFIED),
            ("https://messages.bank.example/", ""),
            ("https://messages.bank.example/", "whsec_c2hvcnQ="),
            ("https://messages.bank.example/", "whsec_not base64"),
        ],
    )
    def test_it_is_not_set_up_without_tls_and_a_key(self, url: str, secret: str) -> None:
        with pytest.raises(ValueError, match="webhook") as caught:
            WebhookSender(ContactChannel.SMS, url, secret)
        assert not secret or secret not in str(caught.value)

    def test_it_takes_the_channels_that_are_given_to_it_from_all_others(self, gateway: Counter, tmp_path: Path) -> None:
        values = Settings(
            var_dir=tmp_path,
            outreach_webhook_url=gateway.url,
            outreach_webhook_secret=SPECIFIED,
            outreach_webhook_channels=["email", "wechat"],
            outreach_smtp_host="127.0.0.1",
            messaging_figures=["wechat"],
            wechat_app_id="wx1",
        )
        found = senders_from(values, Database(f"sqlite:///{tmp_path / 'o.db'}", metadata))
        kinds = {channel.value: type(sender).__name__ for channel, sender in found.items()}
        assert kinds == {
            "phone": "CallTaskSender",
            "webchat": "ConversationSender",
            "email": "WebhookSender",
            "sms": "OutboxSender",
            "wechat": "WebhookSender",
        }


class TestConversation:
    async def test_the_assistant_opens_once_with_its_buttons_and_the_card(self) -> None:
        assistant = await FakeAssistant().start()
        conversations = Conversations("secret")
        sender = ConversationSender(assistant.url, "api-token", conversations)
        name = sender.address("customer-1", ContactAddresses(email=None, phone=None)) or ""
        assert name == conversations.of_customer("customer-1")
        message = outgoing(ContactChannel.WEBCHAT, name)
        for _ in range(2):
            await asyncio.to_thread(sender.send, message)
        slot, bot = assistant.trackers[name]
        assert (slot["name"], slot["value"]) == ("card", "4417")
        assert "¥1,260.40" in bot["text"]
        assert bot["data"]["buttons"][0] == {"title": "怎么还款", "payload": "/ask_repayment_channels"}
        assert bot["metadata"]["message_id"] == "c-1.webchat"
        assert await asyncio.to_thread(sender.find, "c-1.webchat", name, message.at) is True
        assert await asyncio.to_thread(sender.find, "c-2.webchat", name, message.at) is False
        await assistant.stop()

    def test_after_everything_was_paid_the_chat_asks_for_stars(self) -> None:
        rendered = load_texts().render("how_was_it", ContactChannel.WEBCHAT, "zh", VALUES)
        _, bot = events_of(replace(outgoing(ContactChannel.WEBCHAT, "web-1"), rendered=rendered))
        assert rating_of(bot) == BY_ASSISTANT
        _, reminder = events_of(outgoing(ContactChannel.WEBCHAT, "web-1"))
        assert not asks_for_rating(reminder)

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [(DROPS_ANSWER, Doubtful), (FAILS_BEFORE, Doubtful), (NOT_READY, TryLater), (REFUSES, Refused)],
    )
    async def test_what_the_assistant_answers_decides(self, fault: str, kind: type) -> None:
        assistant = await FakeAssistant().start()
        assistant.faults.append(fault)
        sender = ConversationSender(assistant.url, "api-token", Conversations("secret"))
        with pytest.raises(kind):
            await asyncio.to_thread(sender.send, outgoing(ContactChannel.WEBCHAT, "web-1"))
        await asyncio.to_thread(sender.send, outgoing(ContactChannel.WEBCHAT, "web-1"))
        assert len(assistant.texts("web-1")) == 1
        await assistant.stop()

    async def test_an_assistant_that_is_down_is_asked_again(self) -> None:
        sender = ConversationSender(f"http://127.0.0.1:{free_port()}", "api-token", Conversations("secret"))
        with pytest.raises(TryLater):
            await asyncio.to_thread(sender.send, outgoing(ContactChannel.WEBCHAT, "web-1"))


class TestOthers:
    def test_a_call_becomes_one_task_without_a_number(self, tmp_path: Path, virtual: VirtualClock) -> None:
        virtual.at = datetime(2026, 11, 23, 12, 0, tzinfo=clock.BANK_ZONE)
        database = Database(f"sqlite:///{tmp_path / 'o.db'}", metadata)
        database.prepare()
        sender = CallTaskSender(database)
        address: Optional[str] = sender.address("customer-1", ContactAddresses(email=None, phone=PHONE))
        message = replace(outgoing(ContactChannel.PHONE, address or ""), call_until=virtual.at + timedelta(days=2))
        for _ in range(2):
            assert sender.send(message) == Sent(outcome=ContactOutcome.PLANNED)
        assert sender.find(message.id, "", message.at) is True
        with database.reading() as connection:
            (task,) = connection.execute(sa.select(call_tasks)).all()
        assert task.script == message.rendered.text
        assert PHONE not in str(task)

    def test_the_outbox_takes_everything_to_the_customers_own_address(self) -> None:
        known = ContactAddresses(email="wang@customers.example", phone=None)
        assert OutboxSender(ContactChannel.EMAIL).address("customer-1", known) == "wang@customers.example"
        assert OutboxSender(ContactChannel.SMS).address("customer-1", known) is None

    def test_addresses_are_shown_masked(self) -> None:
        assert (masked("wang@customers.example"), masked(PHONE)) == ("w***@customers.example", "****2046")
