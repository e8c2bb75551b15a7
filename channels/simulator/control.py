"""What tests do to the platforms: faults, time, tokens, deliveries, and what they count."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.simulator.world import World


def blueprint(world: World) -> Blueprint:
    """`/control…`."""
    routes = Blueprint("control", url_prefix="/control")
    tokens = {"wechat": world.official_api.stable_tokens, "wecom": world.service_api.tokens}

    @routes.get("/")
    async def state(_: Request) -> HTTPResponse:
        """What was delivered, what is broken, and how many access tokens there were."""
        return response.json(
            {
                **world.postman.view(),
                "faults": world.faults.view(),
                "tokens": {platform: given.given for platform, given in tokens.items()},
            }
        )

    @routes.post("/faults")
    async def break_something(request: Request) -> HTTPResponse:
        """The fields of `Fault`."""
        try:
            world.faults.add(_values(request))
        except (TypeError, ValueError) as error:
            raise InvalidUsage(str(error)) from None
        return response.empty()

    @routes.delete("/faults")
    async def mend(_: Request) -> HTTPResponse:
        world.faults.clear()
        return response.empty()

    @routes.post("/skip")
    async def skip(request: Request) -> HTTPResponse:
        """`seconds` pass: windows close, tokens and files expire."""
        world.clock.skip(float(_values(request)["seconds"]))
        for platform in tokens:
            for chat in world.chats.of(platform):
                chat.changed()
        return response.empty()

    @routes.post("/tokens/<platform>/<act>")
    async def spoil_token(_: Request, platform: str, act: str) -> HTTPResponse:
        """`expire` or `supersede` the present access token."""
        if platform not in tokens or act not in ("expire", "supersede"):
            raise InvalidUsage(act)
        getattr(tokens[platform], act)()
        return response.empty()

    @routes.post("/delivery")
    async def delivery(request: Request) -> HTTPResponse:
        """`copies` of each message, `answer_seconds` to wait, `origins` of assistants that take turns; `hold` messages
        back, or `release` them `forwards` or `backwards`.
        """
        _set_delivery(world, _values(request))
        return response.empty()

    @routes.post("/reading")
    async def reading(request: Request) -> HTTPResponse:
        """`page_size` of sync_msg at most, and how many of the next pages are `empty_pages`."""
        values = _values(request)
        world.service_api.page_size = int(values.get("page_size", world.service_api.page_size))
        world.service_api.empty_pages = int(values.get("empty_pages", 0))
        return response.empty()

    @routes.post("/servicer")
    async def servicer(request: Request) -> HTTPResponse:
        """WeCom's agent is `available` or not."""
        world.service.servicer_status(bool(_values(request).get("available", True)))
        return response.empty()

    @routes.get("/webhooks")
    async def webhooks(_: Request) -> HTTPResponse:
        """Whether each webhook passes the check that platforms make when its address is entered."""
        checks: Dict[str, bool] = {
            "wechat": await world.official.check_webhook(),
            "wecom": await world.service.check_webhook(),
        }
        return response.json(checks)

    return routes


def _set_delivery(world: World, values: Mapping[str, Any]) -> None:
    post = world.postman
    post.copies = int(values.get("copies", post.copies))
    post.answer_seconds = float(values.get("answer_seconds", post.answer_seconds))
    post.origins = [str(origin) for origin in values.get("origins", post.origins)]
    if values.get("hold"):
        post.hold()
    if "release" in values:
        post.release(backwards=values["release"] == "backwards")


def _values(request: Request) -> Mapping[str, Any]:
    values = request.json if request.body else {}
    if not isinstance(values, dict):
        raise InvalidUsage("not an object")
    return values
