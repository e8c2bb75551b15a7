"""The API of `bank/openapi.yml` under /v1: one module for each topic."""

from __future__ import annotations

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.models import Capabilities
from bank.sandbox.api import accounts, contact, papers, relief, requests, undertakings
from bank.sandbox.api.web import Api, Threads, Tokens, as_http, authorise
from bank.sandbox.service import Bank

CONTRACT = "1.1"
_TOPICS = (accounts, relief, requests, undertakings, papers, contact)


def blueprint(bank: Bank, threads: Threads, tokens: Tokens) -> Blueprint:
    """All operations. `tokens`: who may do what."""
    routes = Blueprint("api", url_prefix="/v1")

    @routes.get("/health")
    async def health(_: Request) -> HTTPResponse:
        await threads.run(bank.check_health)
        return response.json({"status": "ok"})

    @routes.on_request
    async def check_token(request: Request) -> None:
        if not request.path.rstrip("/").endswith("/v1/health"):
            authorise(request, tokens)

    api = Api(routes, threads)
    for topic in _TOPICS:
        topic.add(api, bank)
    offered = Capabilities(contract=CONTRACT, operations=[*api.operations, "capabilities"])

    @routes.get("/capabilities")
    async def capabilities(_: Request) -> HTTPResponse:
        return as_http(offered)

    return routes
