"""The action server: rasa_sdk's executor behind one door that only the assistant can open.

`python -m actions.server` listens on `ACTION_HOST:ACTION_PORT` and demands `ACTION_TOKEN` from the caller, for
whoever may call actions may name any customer.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import zlib
from typing import Optional

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions import upload_doors
from bank.client import bank_client
from bank.errors import BankError, NotFound
from common import metrics, scrape
from common.log import configure, conversation_id
from common.settings import settings

logger = logging.getLogger(__name__)


def create_app(token: str, executor: ActionExecutor) -> Sanic:
    """The server's Sanic application; requests without `?token=` are refused with 401.

    `/webhook` runs actions; `/documents` gives the channel a document of the bank for a customer whom it has verified;
    `/uploads` takes, lists and forgets what such a customer sends.
    """
    app = Sanic("actions", configure_logging=False)
    scrape.serve(app, "actions")

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    @app.on_request
    async def check_token(request: Request) -> Optional[HTTPResponse]:
        if request.path in ("/health", scrape.PATH) or hmac.compare_digest(request.args.get("token", ""), token):
            return None
        return response.json({"error": "the action server's token is missing or wrong"}, status=401)

    @app.post("/documents")
    async def documents(request: Request) -> HTTPResponse:
        customer_id, document_id = str(request.json["customer_id"]), str(request.json["document_id"])
        try:
            content = await asyncio.to_thread(bank_client().document_content, customer_id, document_id)
        except NotFound:
            return response.empty(404)
        except BankError as error:
            logger.warning("the bank gave no document: %s: %s", type(error).__name__, error)
            return response.empty(503)
        return response.raw(content, content_type="application/pdf")

    upload_doors.serve(app, bank_client)

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        body = request.body
        if request.headers.get("Content-Encoding") == "deflate":
            body = zlib.decompress(body)
        call = json.loads(body)
        conversation_id.set(call.get("sender_id") or "-")
        name = metrics.one_of(call.get("next_action"), executor.actions)
        try:
            with metrics.timed(metrics.ACTION_SECONDS, name):
                return response.json(await executor.run(call))
        except ActionExecutionRejection as rejection:
            return response.json({"error": rejection.message, "action_name": rejection.action_name}, status=400)
        except ActionNotFoundException as missing:
            logger.error("the domain names an action that the server does not have: %s", missing.action_name)
            return response.json({"error": missing.message, "action_name": missing.action_name}, status=404)

    return app


def main() -> None:
    """Serve until stopped."""
    configure("actions")
    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(settings().secret("action_token"), executor)
    app.run(settings().action_host, settings().action_port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
