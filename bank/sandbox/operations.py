"""What a real bank has no door for: the customers' phones and the reviewer's desk, without a token.

Only where nobody else can reach it.
"""

from __future__ import annotations

from typing import Callable
from urllib.parse import urlsplit

from sanic import Blueprint, response
from sanic.blueprint_group import BlueprintGroup
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.sandbox import bodies, reading
from bank.sandbox.api.web import Result, Threads, as_http
from bank.sandbox.pages import page
from bank.sandbox.problems import Problem, not_found
from bank.sandbox.service import Bank

Act = Callable[..., Result]


def blueprint(bank: Bank, threads: Threads, show: bool) -> BlueprintGroup:
    """The doors, shut unless `show`."""
    return Blueprint.group(_doors(bank, threads, show), _page_of_the_desk(show))


def _page_of_the_desk(show: bool) -> Blueprint:
    routes = Blueprint("operations")

    @routes.get("/operations")
    async def operations_page(_: Request) -> HTTPResponse:
        if not show:
            raise not_found("page")
        return page("operations")

    return routes


def _doors(bank: Bank, threads: Threads, show: bool) -> Blueprint:
    routes = Blueprint("demonstration", url_prefix="/sandbox")

    @routes.on_request
    async def guard(request: Request) -> None:
        if not show:
            raise not_found("page")
        if request.method == "POST" and not _same_site(request):
            raise Problem("invalid-request", "not from another site", status=403)

    @routes.get("/sms")
    async def messages(_: Request) -> HTTPResponse:
        return response.json(await threads.run(bank.messages), headers={"Cache-Control": "no-store"})

    @routes.get("/desk")
    async def desk(_: Request) -> HTTPResponse:
        return response.json(await threads.run(bank.desk), headers={"Cache-Control": "no-store"})

    def door(path: str) -> Callable[[Act], Act]:
        """A decision: `act` is called with the request and the checked ids of the path."""

        def register(act: Act) -> Act:
            async def answer(request: Request, **ids: str) -> HTTPResponse:
                known = {name: reading.identifier(name, value) for name, value in ids.items()}
                return as_http(await threads.run(act, request, **known))

            routes.add_route(answer, path, methods=["POST"], name=act.__name__)
            return act

        return register

    @door("/applications/<reference:str>/decide")
    def decide(request: Request, reference: str) -> Result:
        decision = reading.body(request, bodies.Decision)
        return bank.decide(reference, decision.approve, decision.note)

    @door("/applications/<reference:str>/ask")
    def ask(request: Request, reference: str) -> Result:
        return bank.ask_for_documents(reference, reading.body(request, bodies.Asking).documents)

    @door("/disputes/<reference:str>/decide")
    def decide_dispute(request: Request, reference: str) -> Result:
        decision = reading.body(request, bodies.Decision)
        return bank.decide_dispute(reference, decision.approve, decision.note)

    @door("/disputes/<reference:str>/ask")
    def ask_on_dispute(request: Request, reference: str) -> Result:
        return bank.ask_on_dispute(reference)

    @door("/disputes/<reference:str>/resume")
    def resume_dispute(request: Request, reference: str) -> Result:
        return bank.resume_dispute(reference)

    @door("/customers/<customer_id:str>/cards/<card_id:str>/payments")
    def book_payment(request: Request, customer_id: str, card_id: str) -> Result:
        return bank.book_payment(customer_id, card_id, reading.body(request, bodies.Booking).amount)

    return routes


def _same_site(request: Request) -> bool:
    """Whether a page of ours sent it, or no page at all: another site's could make this browser decide."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
