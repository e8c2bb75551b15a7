"""The bank's own message service in the whole of outreach: rules, retries, the next channel, and what became of it."""

from __future__ import annotations

import json
from datetime import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import sqlalchemy as sa

from bank.models import ContactChannel
from channels.conversations import Conversations
from outreach import inbound
from outreach.answers import Answers
from outreach.senders.webhook import WebhookSender
from outreach.tables import messages
from outreach.texts import load_texts
from outreach.worker import Worker
from tests.test_outreach.call_floor import TUESDAY_NOON, owing
from tests.test_outreach.conftest import Outreach, VirtualClock, outreach_of
from tests.test_outreach.test_answers import Tracker

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Service:
    """A bank's message service: takes each message once, and answers with the statuses that it is told to."""

    def __init__(self) -> None:
        self.statuses: List[int] = []  # for the next requests; 0: it takes the message and hangs up; then 202
        self.taken: Dict[str, Dict[str, Any]] = {}
        self.asked: List[str] = []
        outer = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name = self.headers["webhook-id"]
                outer.asked.append(name)
                status = outer.statuses.pop(0) if outer.statuses else 202
                if status in (0, 202):
                    outer.taken.setdefault(name, json.loads(body)["data"])
                if status == 0:
                    self.connection.close()
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/contacts"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def system(service: Service, virtual: VirtualClock, tmp_path: Path) -> Tuple[Outreach, Worker]:
    """One customer, who is to be written to by SMS, and by mail if that does not work."""
    virtual.at = TUESDAY_NOON
    life = owing(0, channels=[ContactChannel.SMS, ContactChannel.EMAIL])
    life.email = "c0@customers.example"
    made = outreach_of([life], f"sqlite:///{tmp_path / 'o.db'}", f"sqlite:///{tmp_path / 'd.db'}", virtual)
    own: Any = WebhookSender(ContactChannel.SMS, service.url, SECRET)
    made.gateways[ContactChannel.SMS] = own
    return made, made.worker()


def told(system: Outreach) -> List[Tuple[str, str]]:
    """Channel and outcome of the lines of the bank's contact log."""
    lines = sorted((line for _, line in system.bank.log.values()), key=lambda line: line.at)
    return [(line.channel.value, line.outcome.value) for line in lines if line.rule != "no-way-to-the-customer"]


def state(system: Outreach) -> str:
    with system.database.reading() as connection:
        query = sa.select(messages.c.state).where(messages.c.channel == "sms")
        return str(connection.execute(query).scalar_one())


def test_it_has_the_message_and_the_bank_is_told(system: Tuple[Outreach, Worker], service: Service) -> None:
    outreach, worker = system
    worker.tick()
    ((name, data),) = service.taken.items()
    assert (data["to"], data["step"], data["id"]) == ("+8613800000000", "due-in-2-days", name)
    assert told(outreach)[-1] == ("sms", "sent")
    assert state(outreach) == "sent"


def test_outside_the_customers_hours_it_gets_nothing(
    system: Tuple[Outreach, Worker], service: Service, virtual: VirtualClock
) -> None:
    outreach, worker = system
    life = outreach.bank.lives["c-0"]
    life.preferences = life.preferences.copy(update={"contact_from": time(14)})
    worker.tick()
    assert service.asked == []
    virtual.at = virtual.at.replace(hour=14)
    worker.tick()
    assert len(service.taken) == 1


def test_a_service_that_is_busy_gets_it_later(
    system: Tuple[Outreach, Worker], service: Service, virtual: VirtualClock
) -> None:
    outreach, worker = system
    service.statuses = [503, 429]
    for _ in range(3):
        worker.tick()
        virtual.forward(minutes=5)
    assert len(service.asked) == 3
    assert len(set(service.asked)) == 1
    assert told(outreach)[-1] == ("sms", "sent")


def test_a_lost_answer_is_asked_for_with_the_same_id(
    system: Tuple[Outreach, Worker], service: Service, virtual: VirtualClock
) -> None:
    outreach, worker = system
    service.statuses = [0]
    for _ in range(2):
        worker.tick()
        virtual.forward(minutes=5)
    assert len(service.asked) == 2
    assert len(service.taken) == 1
    assert told(outreach)[-1] == ("sms", "sent")
    assert state(outreach) == "sent"


def test_what_it_refuses_goes_by_the_next_channel(system: Tuple[Outreach, Worker], service: Service) -> None:
    outreach, worker = system
    service.statuses = [422]
    worker.tick()
    assert service.taken == {}
    assert [each.address for each in outreach.gateways[ContactChannel.EMAIL].got] == ["c0@customers.example"]
    assert told(outreach)[-2:] == [("sms", "failed"), ("email", "sent")]


def test_what_did_not_arrive_after_all_goes_by_the_next_channel(
    system: Tuple[Outreach, Worker], service: Service, virtual: VirtualClock
) -> None:
    outreach, worker = system
    worker.tick()
    answers = Answers(outreach.bank, outreach.database, load_texts(), Tracker(), Conversations("secret"), "secret")
    virtual.forward(minutes=2)
    for report in inbound.webhook_reports([{"id": name, "delivered": False} for name in service.taken]):
        assert answers.take_report(report)
    worker.tick()
    assert state(outreach) == "failed"
    assert told(outreach)[-3:] == [("sms", "sent"), ("sms", "failed"), ("email", "sent")]


def test_who_replies_there_that_it_is_to_stop_is_written_to_no_more(
    system: Tuple[Outreach, Worker], service: Service
) -> None:
    outreach, worker = system
    worker.tick()
    (name,) = service.taken
    answers = Answers(outreach.bank, outreach.database, load_texts(), Tracker(), Conversations("secret"), "secret")
    reply = {"id": "r-1", "channel": "sms", "from": "+8613800000000", "text": "退订", "answers": name}
    for each in inbound.webhook_replies([reply]):
        assert answers.take_reply(each)
    answers.work()
    assert not outreach.bank.contact_preferences("c-0").reminders
