"""The agents' desk over HTTP and Socket.IO: `python -m desk.app` listens on `DESK_HOST:DESK_PORT`.

One process serves one desk: the open consoles are known to it alone.
"""

from __future__ import annotations

import logging
import time
from typing import Any, List, Optional

from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, json

from bank.client import BankClient, bank_client
from common import scrape
from common.database import Database
from common.feed import EventFeed
from common.log import configure
from common.settings import Settings, settings
from desk import levels, pages
from desk.api import conversations, export, internal, queue, search, writing
from desk.assistant import Assistant
from desk.background import Background
from desk.calling import routes as calling_routes
from desk.calling.outreach import Outreach
from desk.case import acting, undertaking
from desk.case import routes as case_routes
from desk.case.at_bank import AtBank
from desk.case.bank_record import BankRecord
from desk.case.names import Names
from desk.case.service import Cases
from desk.chatwoot import webhook
from desk.chatwoot.bridge import Bridge
from desk.chatwoot.client import client_from
from desk.delivery import Delivery
from desk.insights import routes as insights_routes
from desk.insights.keeper import Keeper
from desk.live import Live
from desk.people import People, administration, openid_routes, people_from, routes
from desk.people.openid import openid_from
from desk.problems import answer_error
from desk.service import Desk
from outreach.plan import plan_from
from outreach.tables import metadata as outreach_tables

logger = logging.getLogger("desk.app")  # not __main__, which it is when it is run

_SLOW = 1.0  # seconds; what takes longer is worth a line


def create_app(
    values: Settings,
    people: People,
    feed: EventFeed,
    assistant: Assistant,
    bank: Optional[BankClient] = None,
    name: str = "desk",
) -> Sanic:
    """The desk's application. `bank`: another client than that of the settings."""
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = writing.LARGEST_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"
    desk = Desk(people.database)
    live = Live(desk, people, _origins(values), lambda *told: background.tell_typing(*told))
    background = Background(desk, feed, assistant, live, Delivery(assistant, desk))
    people.listeners.append(live.tell_agent)
    app.ctx.people, app.ctx.desk, app.ctx.live = people, desk, live
    app.ctx.assistant = assistant
    app.ctx.openid = openid_from(values)
    app.ctx.cases = Cases(bank or bank_client(), feed)
    app.ctx.at_bank = AtBank(bank or bank_client(), None if values.bank_api_url else values.bank_origin())
    app.ctx.outreach = Outreach(values.local_outreach_url(), values.secret("desk_token"))
    background.also(Names(desk, bank or bank_client()).run)
    background.also(BankRecord(desk, app.ctx.cases, bank or bank_client()).run)
    outreach_store = Database(values.store_url("outreach"), outreach_tables)
    keeper = app.ctx.insights = Keeper(desk, feed, outreach_store, plan_from(), bank or bank_client())
    background.also(keeper.read)
    background.also(keeper.ask)
    scrape.serve(app, "desk", lambda: levels.of(people.database, feed))
    live.attach(app)
    for blueprint in _blueprints(values):
        app.blueprint(blueprint)
    if values.desk_provider == "chatwoot":
        client = client_from(values)
        background.also(Bridge(desk, app.ctx.cases, client).run)
        app.blueprint(webhook.blueprint(desk, client, str(values.chatwoot_webhook_secret)))
    app.error_handler.add(Exception, answer_error)
    app.register_middleware(_start, "request")
    app.register_middleware(_finish, "response")

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        await desk.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
        return json({"status": "ok"})

    @app.before_server_start
    async def begin(*_: Any) -> None:
        await desk.thread(people.start, values.public_desk_url())
        await assistant.open()
        await background.start()

    @app.before_server_stop
    async def end(*_: Any) -> None:
        await background.stop()
        await live.stop()
        await assistant.close()
        desk.stop()
        outreach_store.close()

    return app


def _blueprints(values: Settings) -> List[Any]:
    return [
        routes.routes,
        administration.routes,
        openid_routes.routes,
        case_routes.routes,
        acting.routes,
        undertaking.routes,
        calling_routes.routes,
        queue.routes,
        conversations.routes,
        writing.routes,
        search.routes,
        export.routes,
        insights_routes.routes,
        internal.blueprint(values.secret("desk_token")),
        pages.blueprint(),
    ]


def _origins(values: Settings) -> List[str]:
    """Where pages come from that may open sockets: the desk's own."""
    hosts = {values.desk_host, "127.0.0.1", "localhost"}
    return [values.public_desk_url(), *(f"http://{host}:{values.desk_port}" for host in hosts)]


async def _start(request: Request) -> None:
    request.ctx.started = time.monotonic()


async def _finish(request: Request, answer: BaseHTTPResponse) -> None:
    started: Optional[float] = getattr(request.ctx, "started", None)
    if started is None or request.path.startswith("/socket.io"):  # polls are long and many
        return
    took = time.monotonic() - started
    # The route, not the address: that may hold what somebody looked for.
    route = f"/{request.route.path}" if request.route else "(no route)"
    level = logging.INFO if request.method != "GET" or answer.status >= 400 or took > _SLOW else logging.DEBUG
    logger.log(level, "%s %s %s %s ms", request.method, route, answer.status, round(took * 1000))


def main() -> None:
    """Serve until stopped."""
    configure("desk")
    values = settings()
    assistant = Assistant(
        values.local_assistant_url(),
        api_token=values.secret("assistant_api_token"),
        desk_token=values.secret("desk_token"),
    )
    app = create_app(values, people_from(values), EventFeed(values.store_url("events")), assistant)
    app.run(values.desk_host, values.desk_port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
