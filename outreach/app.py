"""Outreach as a process: `python -m outreach.app` works by schedule and listens on `OUTREACH_HOST:OUTREACH_PORT`.

`--dry-run` prints what would go out now, sends nothing, and ends. Any number of processes may share one database.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import logging
import sys
from typing import Any, Callable, List, Optional, Sequence, Tuple, TypeVar

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from prometheus_client.core import Metric
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bank.client import bank_client
from bank.errors import BankError
from channels.conversations import Conversations
from common import metrics, scrape
from common.checked_yaml import FileError
from common.clock import BANK_ZONE
from common.log import configure
from common.settings import Settings, settings
from outreach import desk_calls, levels, pages, webhooks
from outreach.answers import Answers
from outreach.calls import Calls
from outreach.dry_run import dry_run
from outreach.fates import Fates
from outreach.report import Report
from outreach.senders import messaging_sender
from outreach.senders.conversation import ConversationSender
from outreach.texts import texts_from
from outreach.worker import Worker, database_from, worker_from

logger = logging.getLogger("outreach.app")  # not __main__, which it is when it is run

_PLAN_EVERY, _END_EVERY, _SEND_EVERY, _TELL_EVERY, _ANSWER_EVERY = 300, 60, 10, 10, 5  # seconds
_LARGEST_BODY = 2_000_000  # bytes; mails that quote others are long

T = TypeVar("T")


def create_app(
    values: Settings, worker: Worker, answers: Answers, fates: Optional[Fates] = None, name: str = "outreach"
) -> Sanic:
    """The application: schedule, health, pages, the addresses that gateways call, and what the desk asks."""
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"
    scheduler = schedule(worker, answers, fates)

    def look() -> List[Metric]:
        return [*levels.of(worker.database), metrics.SCHEDULE_RUNS.of(bool(scheduler.running))]

    scrape.serve(app, "outreach", look)

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        await in_thread(_look, worker)
        return json({"status": "ok" if scheduler.running else "stopped"}, 200 if scheduler.running else 503)

    @app.before_server_start
    async def begin(*_: Any) -> None:
        scheduler.start()

    @app.before_server_stop
    async def end(*_: Any) -> None:
        await in_thread(scheduler.shutdown)

    app.blueprint(webhooks.blueprint(answers, values.secret("outreach_inbound_secret")))
    calls = Calls(worker.database, worker.plan, worker.dispatcher, worker.chooser)
    app.blueprint(pages.blueprint(values, worker.database, Report(worker.database), calls))
    conversations = Conversations(values.secret("webchat_secret"))
    app.blueprint(desk_calls.blueprint(calls, conversations, values.secret("desk_token")))
    return app


def schedule(worker: Worker, answers: Answers, fates: Optional[Fates] = None) -> BackgroundScheduler:
    """What is done how often. A job that still runs is not started again; planning is done once a day in the end."""
    scheduler = BackgroundScheduler(
        timezone=BANK_ZONE.key, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    jobs: List[Tuple[Callable[..., Any], Any, int]] = [
        (_plan, worker, _PLAN_EVERY),
        (Worker.send_due, worker, _SEND_EVERY),
        (Worker.end_calls, worker, _END_EVERY),
        (Worker.tell_bank, worker, _TELL_EVERY),
        (Answers.work, answers, _ANSWER_EVERY),
        *([(Fates.work, fates, _ANSWER_EVERY)] if fates else []),
    ]
    for work, subject, seconds in jobs:
        scheduler.add_job(work, "interval", args=[subject], seconds=seconds, id=work.__qualname__)
    scheduler.add_job(_plan, args=[worker], id="at once")
    return scheduler


def answers_from(values: Settings, worker: Worker) -> Answers:
    """What is done about replies, as the settings say."""
    conversations = Conversations(values.secret("webchat_secret"))
    return Answers(
        worker.bank,
        worker.database,
        texts_from(),
        ConversationSender(values.local_assistant_url(), values.secret("assistant_api_token"), conversations),
        conversations,
        values.secret("outreach_address_secret"),
    )


def fates_from(values: Settings, worker: Worker, answers: Answers) -> Optional[Fates]:
    """What asks after messages in WeChat, where that is set up."""
    sender = messaging_sender(values)
    return Fates(worker.database, sender, Conversations(values.secret("webchat_secret")), answers) if sender else None


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    """The result of blocking work."""
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(work, *args))


def _plan(worker: Worker) -> None:
    try:
        worker.plan_day()
    except BankError as error:
        logger.warning("planning goes on later: %s", error)


def _look(worker: Worker) -> None:
    with worker.database.reading() as connection:
        connection.execute(sa.text("SELECT 1"))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serve until stopped, or print the dry run; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="print what would go out now, and end")
    asked = parser.parse_args(arguments)
    configure("outreach")
    logging.getLogger("apscheduler.executors.default").setLevel(logging.WARNING)  # a line for each job otherwise
    values = settings()
    try:
        worker = worker_from(values, bank_client(), database_from(values))
    except (FileError, ValueError) as error:  # plan or texts; settings that no sender can be made of
        print(error, file=sys.stderr)
        return 1
    if asked.dry_run:
        for line in dry_run(worker):
            print(line)
        return 0
    answers = answers_from(values, worker)
    app = create_app(values, worker, answers, fates_from(values, worker, answers))
    app.run(values.outreach_host, values.outreach_port, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
