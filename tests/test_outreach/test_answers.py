"""Replies land in the customer's conversation, words that ask to stop change the preferences, reports are acted on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, List

import pytest
import sqlalchemy as sa

from bank.models import ContactChannel, ContactDirection
from channels.conversations import Conversations
from outreach import inbound
from outreach.answers import Answers
from outreach.inbound import Malformed, Reply, Report
from outreach.senders.base import Outgoing, TryLater
from outreach.tables import contacts, messages, replies
from outreach.texts import load_texts
from tests.test_outreach.conftest import Outreach, VirtualClock, outreach_of
from tests.test_outreach.generated_bank import GeneratedBank, generate

CONVERSATIONS = Conversations("secret")


@dataclass
class Tracker:
    """What conversations hold."""

    said: Dict[str, List[Dict[str, Any]]] = field(default_factory=dict)
    is_down: bool = False

    def say(self, conversation_id: str, message_id: str, events: List[Dict[str, Any]]) -> None:
        if self.is_down:
            raise TryLater("down")
        known = self.said.setdefault(conversation_id, [])
        if all(event["metadata"]["message_id"] != message_id for event in known):
            known.extend(events)


@dataclass
class Sending:
    """A system that has sent an SMS and a mail, and what takes the answers."""

    system: Outreach
    tracker: Tracker
    answers: Answers

    def first(self, channel: ContactChannel) -> Outgoing:
        return self.system.gateways[channel].got[0]


@pytest.fixture
def sending(virtual: VirtualClock, tmp_path: Path) -> Sending:
    lives = generate(60, virtual.at.date(), 30)
    system = outreach_of(lives, f"sqlite:///{tmp_path / 'o.db'}", f"sqlite:///{tmp_path / 'd.db'}", virtual)
    virtual.forward(hours=12)
    while not (system.gateways[ContactChannel.SMS].got and system.gateways[ContactChannel.EMAIL].got):
        system.worker().tick()
        virtual.forward(days=1)
    tracker = Tracker()
    answers = Answers(system.bank, system.database, load_texts(), tracker, CONVERSATIONS, "secret")
    return Sending(system, tracker, answers)


def reply_to(message: Outgoing, text: str, number: str = "1", channel: ContactChannel = ContactChannel.SMS) -> Reply:
    return Reply(f"reply-{number}", channel, message.address, text)


class TestReplies:
    def test_a_reply_lands_in_the_conversation_of_who_was_written_to(self, sending: Sending) -> None:
        message = sending.first(ContactChannel.SMS)
        for _ in range(2):  # the gateway brings it twice
            assert sending.answers.take_reply(reply_to(message, "下周发工资，能晚几天吗"))
            sending.answers.work()
        user, bot = sending.tracker.said[CONVERSATIONS.of_customer(message.customer_id)]
        assert (user["event"], user["text"]) == ("user", "下周发工资，能晚几天吗")
        assert user["metadata"]["outreach"]["contact_id"] == message.contact_id
        assert bot["event"] == "bot"

    def test_the_text_is_kept_no_longer_than_it_takes(self, sending: Sending) -> None:
        sending.answers.take_reply(reply_to(sending.first(ContactChannel.SMS), "hello"))
        sending.answers.work()
        with sending.system.database.reading() as connection:
            assert [row.text for row in connection.execute(sa.select(replies))] == [""]

    def test_a_reply_of_a_stranger_is_nobodys(self, sending: Sending) -> None:
        assert not sending.answers.take_reply(Reply("reply-1", ContactChannel.SMS, "+8613900000000", "hello"))
        assert sending.answers.work() == 0

    def test_while_the_assistant_is_down_it_waits(self, sending: Sending, virtual: VirtualClock) -> None:
        sending.answers.take_reply(reply_to(sending.first(ContactChannel.SMS), "hello"))
        sending.tracker.is_down = True
        assert sending.answers.work() == 0
        sending.tracker.is_down = False
        assert sending.answers.work() == 0  # not at once
        virtual.forward(minutes=11)
        assert sending.answers.work() == 1
        assert len(sending.tracker.said) == 1

    def test_the_bank_is_told_that_the_customer_wrote(self, sending: Sending) -> None:
        message = sending.first(ContactChannel.SMS)
        sending.answers.take_reply(reply_to(message, "hello"))
        sending.answers.work()
        sending.system.worker().tell_bank()
        (line,) = [line for _, line in sending.system.bank.log.values() if line.direction is ContactDirection.IN]
        assert (line.reference, line.outcome.value, line.channel.value) == (message.contact_id, "answered", "sms")


class TestStopping:
    @pytest.mark.parametrize("channel", [ContactChannel.SMS, ContactChannel.EMAIL])
    @pytest.mark.parametrize("words", ["STOP", "退订"])
    def test_it_ends_reminders_and_that_channel_at_the_bank(
        self, sending: Sending, words: str, channel: ContactChannel
    ) -> None:
        message = sending.first(channel)
        before = sending.system.bank.contact_preferences(message.customer_id)
        sending.answers.take_reply(reply_to(message, words, channel=channel))
        sending.answers.work()
        after = sending.system.bank.changed[message.customer_id]
        assert not after.reminders
        assert after.channels == [each for each in before.channels if each is not channel]
        assert after.version == before.version + 1

    def test_nothing_goes_out_that_way_afterwards(self, sending: Sending, virtual: VirtualClock) -> None:
        message = sending.first(ContactChannel.SMS)
        sending.answers.take_reply(reply_to(message, "退订"))
        sending.answers.work()
        gateway = sending.system.gateways[ContactChannel.SMS]
        got = sum(each.customer_id == message.customer_id for each in gateway.got)
        for _ in range(30):
            virtual.forward(days=1)
            sending.system.worker().tick()
        assert sum(each.customer_id == message.customer_id for each in gateway.got) == got

    def test_a_bank_that_is_down_is_asked_again(self, sending: Sending, virtual: VirtualClock) -> None:
        message = sending.first(ContactChannel.SMS)
        sending.answers.take_reply(reply_to(message, "STOP"))
        sending.system.bank.before = GeneratedBank.fail
        assert sending.answers.work() == 0
        sending.system.bank.before = lambda operation: None
        virtual.forward(minutes=11)
        assert sending.answers.work() == 1
        assert not sending.system.bank.changed[message.customer_id].reminders


class TestReports:
    def test_what_did_not_arrive_goes_another_way(self, sending: Sending) -> None:
        email = sending.system.gateways[ContactChannel.EMAIL]
        lives = sending.system.bank.lives
        bounced = next(
            each for each in email.got
            if {ContactChannel.SMS, ContactChannel.WEBCHAT} & set(lives[each.customer_id].preferences.channels)
            and each.step == "due-in-7-days"
        )  # fmt: skip
        sending.system.time.at = bounced.at + timedelta(minutes=5)
        assert sending.answers.take_report(Report(bounced.id, None, delivered=False))
        with sending.system.database.reading() as connection:
            row = connection.execute(sa.select(contacts).where(contacts.c.id == bounced.contact_id)).one()
            assert (row.state, row.tried) == ("planned", ["email"])
        sending.system.worker().send_due()
        others = [
            gateway for channel, gateway in sending.system.gateways.items() if channel is not ContactChannel.EMAIL
        ]
        again = [each for gateway in others for each in gateway.got if each.contact_id == bounced.contact_id]
        assert len(again) <= 1
        with sending.system.database.reading() as connection:
            state = connection.execute(sa.select(contacts.c.state).where(contacts.c.id == bounced.contact_id)).scalar()
        assert again or state == "planned"  # by another way, now or as soon as a limit allows

    def test_a_delivery_is_noted_once_however_often_it_is_reported(self, sending: Sending) -> None:
        message = sending.first(ContactChannel.SMS)
        for _ in range(2):
            assert sending.answers.take_report(Report(None, f"gw-{message.id}", delivered=True))
        sending.system.worker().tell_bank()
        lines = [line for _, line in sending.system.bank.log.values() if line.reference == message.contact_id]
        assert [line.outcome.value for line in lines] == ["sent", "delivered"]
        with sending.system.database.reading() as connection:
            row = connection.execute(sa.select(messages).where(messages.c.id == message.id)).one()
        assert row.state == "delivered"

    def test_a_report_on_no_message_of_ours_is_none(self, sending: Sending) -> None:
        assert not sending.answers.take_report(Report("another", None, delivered=False))
        assert not sending.answers.take_report(Report(None, None, delivered=False))


BOUNCE = b"""From: mailer-daemon@bank.example
To: service@bank.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bank.example

Final-Recipient: rfc822; wang@customers.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <c-1.email@bank.example>
Subject: x

--b--
"""


class TestFormats:
    def test_aliyun(self) -> None:
        told = [{"phone_number": "13800002046", "success": True, "biz_id": "b", "out_id": "c-1.sms"}]
        assert inbound.aliyun_reports(told) == [Report("c-1.sms", "b", True)]
        reply = {"phone_number": "13800002046", "content": "TD", "sequence_id": 7, "send_time": "2026-11-22 10:00:00"}
        (first,), (again,) = inbound.aliyun_replies([reply]), inbound.aliyun_replies([reply])
        assert (first.address, first.text) == ("+8613800002046", "TD")
        assert first.id == again.id
        assert inbound.aliyun_replies([{**reply, "sequence_id": 8}])[0].id != first.id

    def test_tencent(self) -> None:
        told = [{"mobile": "13800002046", "nationcode": "86", "report_status": "FAIL", "sid": "s", "ext": "c-1.sms"}]
        assert inbound.tencent_reports(told) == [Report("c-1.sms", "s", False)]
        (reply,) = inbound.tencent_replies({"mobile": "13800002046", "nationcode": "86", "text": "hi", "time": 1})
        assert (reply.address, reply.text) == ("+8613800002046", "hi")

    def test_the_banks_own_service(self) -> None:
        told = [{"id": "c-1.sms", "delivered": False}, {"id": "c-2.wechat", "delivered": True}]
        assert inbound.webhook_reports(told) == [Report("c-1.sms", None, False), Report("c-2.wechat", None, True)]
        said = {"id": "7", "channel": "wechat", "from": "customer-1", "text": "退订", "answers": "c-2.wechat"}
        (reply,) = inbound.webhook_replies([said])
        assert (reply.channel, reply.address, reply.text) == (ContactChannel.WECHAT, "customer-1", "退订")
        assert reply.answers == "c-2.wechat"
        assert inbound.webhook_replies([said]) == [reply]
        assert inbound.webhook_replies([{**said, "id": "8", "answers": None}])[0].id != reply.id

    @pytest.mark.parametrize(
        "content",
        [
            {"id": "c-1.sms", "delivered": True},
            [{"id": "c-1.sms"}],
            [{"id": "c-1.sms", "delivered": "no"}],
            [{"delivered": True}],
        ],
    )
    def test_a_report_that_says_nothing_certain_is_refused(self, content: Any) -> None:
        with pytest.raises(Malformed):
            inbound.webhook_reports(content)

    @pytest.mark.parametrize("missing", ["id", "channel", "from", "text"])
    def test_a_reply_by_nobody_or_of_nothing_is_refused(self, missing: str) -> None:
        said = {"id": "7", "channel": "sms", "from": "+8613800002046", "text": "hi"}
        assert inbound.webhook_replies([said])
        for wrong in ({**said, missing: ""}, {name: value for name, value in said.items() if name != missing}):
            with pytest.raises(Malformed):
                inbound.webhook_replies([wrong])

    @pytest.mark.parametrize("content", [None, {}, "x", [1], [{"phone_number": "1"}]])
    def test_what_no_gateway_sends_is_refused(self, content: Any) -> None:
        with pytest.raises(Malformed):
            inbound.aliyun_replies(content)

    def test_a_bounce_names_the_message(self) -> None:
        assert inbound.mail(BOUNCE) == Report("c-1.email", None, False)
        assert inbound.mail(BOUNCE.replace(b"Action: failed", b"Action: delayed")) is None

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("STOP\n\nOn Mon, the bank wrote:\n> Dear Ms Smith", "STOP"),
            ("退订\n\n在 2026年11月22日，银行写道：\n> 您好", "退订"),
            ("I will pay on Friday.\n> quoted", "I will pay on Friday."),
        ],
    )
    def test_a_mail_is_what_the_customer_wrote_without_what_is_quoted(self, body: str, words: str) -> None:
        raw = f"From: Wang <wang@customers.example>\nIn-Reply-To: <c-1.email@bank.example>\nMessage-ID: <x@y>\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"  # noqa: E501
        found = inbound.mail(raw.encode())
        assert isinstance(found, Reply)
        assert (found.address, found.text, found.answers) == ("wang@customers.example", words, "c-1.email")

    def test_the_unsubscribe_button_of_a_mail_program_stops(self) -> None:
        found = inbound.mail(b"From: wang@customers.example\nSubject: STOP\nMessage-ID: <x@y>\n\n\n")
        assert isinstance(found, Reply)
        assert load_texts().asks_to_stop(found.text)

    def test_an_automatic_answer_is_no_reply(self) -> None:
        assert inbound.mail(b"From: a@b.example\nAuto-Submitted: auto-replied\n\nI am away") is None
