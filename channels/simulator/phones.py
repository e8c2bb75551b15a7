"""The customers' phones over HTTP: what the page and the tests' driver use."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Callable, Dict, Mapping

from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage, NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.simulator.chats import Chat, NoSuchChat, NotPossible
from channels.simulator.world import World

_PLATFORMS = ("wechat", "wecom")
_LONGEST_TEXT = 4000  # characters
_LONGEST_WAIT = 30.0  # seconds
_LONGEST_NAME = 20  # characters

Act = Callable[[Chat, Mapping[str, Any]], None]


def blueprint(world: World) -> Blueprint:
    """`/phones…` and `/media…`."""
    routes = Blueprint("phones")
    acts = {"wechat": _official_acts(world), "wecom": _service_acts(world)}

    def chat_of(platform: str, subject: str) -> Chat:
        try:
            return world.chats.find(platform, subject)
        except NoSuchChat:
            raise NotFound("no such customer") from None

    @routes.get("/phones")
    async def every_phone(_: Request) -> HTTPResponse:
        phones = [chat for platform in _PLATFORMS for chat in world.chats.of(platform)]
        return response.json(
            [{"platform": chat.platform, "subject": chat.subject, "name": chat.name} for chat in phones]
        )

    @routes.post("/phones")
    async def new_phone(request: Request) -> HTTPResponse:
        values = _values(request)
        platform, name = values.get("platform"), str(values.get("name") or "").strip()
        if platform not in _PLATFORMS:
            raise InvalidUsage("platform")
        number = len(world.chats.of(platform)) + 1
        chat = world.chats.open(platform, name[:_LONGEST_NAME] or str(number))
        return response.json(world.view(chat), status=HTTPStatus.CREATED)

    @routes.get("/phones/<platform>/<subject>")
    async def phone(request: Request, platform: str, subject: str) -> HTTPResponse:
        """The phone; with `version`, once it shows more than that, or after `seconds`."""
        chat = chat_of(platform, subject)
        if "version" in request.args:
            seconds = min(float(request.args.get("seconds", _LONGEST_WAIT)), _LONGEST_WAIT)
            await chat.wait(int(request.args.get("version")), seconds)
        after = int(request.args.get("after", 0))
        return response.json(world.view(chat, after), headers={"Cache-Control": "no-store"})

    @routes.post("/phones/<platform>/<subject>/<act>")
    async def do(request: Request, platform: str, subject: str, act: str) -> HTTPResponse:
        chat, values = chat_of(platform, subject), _values(request)
        if act not in acts[platform]:
            raise NotFound(act)
        try:
            acts[platform][act](chat, values)
        except NotPossible as reason:
            return response.json({"error": str(reason)}, status=HTTPStatus.CONFLICT)
        return response.json({"version": chat.version}, status=HTTPStatus.ACCEPTED)

    @routes.post("/media")
    async def keep(request: Request) -> HTTPResponse:
        kind = request.headers.get("content-type", "application/octet-stream")
        media_id = world.media.keep(request.body, kind, request.args.get("name", "file"))
        return response.json({"media_id": media_id}, status=HTTPStatus.CREATED)

    @routes.get("/media/<media_id>")
    async def media(_: Request, media_id: str) -> HTTPResponse:
        file = world.media.get(media_id)
        if file is None:
            raise NotFound("no such file, or too old")
        # Whatever somebody gave: a browser shows it as what it says it is, or not at all, and runs nothing in it.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
        return response.raw(file.content, content_type=file.content_type, headers=headers)

    return routes


def _official_acts(world: World) -> Dict[str, Act]:
    account = world.official
    return {
        "follow": lambda chat, _: account.follow(chat),
        "unfollow": lambda chat, _: account.unfollow(chat),
        "reject": lambda chat, values: _reject(chat, bool(values.get("rejects", True))),
        "press_menu": lambda chat, values: account.press_menu(chat, _text(values, "key")),
        "open_menu_link": lambda chat, values: account.open_menu_link(chat, _text(values, "url")),
        **_shared_acts(account),
    }


def _service_acts(world: World) -> Dict[str, Act]:
    service = world.service
    return {
        "enter": lambda chat, _: service.enter(chat),
        "accept": lambda chat, _: service.accept(chat),
        "agent_says": lambda chat, values: service.agent_says(chat, _text(values, "text")),
        "end": lambda chat, _: service.end(chat),
        "take_up": lambda chat, _: service.take_up(chat),
        "reject": lambda chat, values: _reject(chat, bool(values.get("rejects", True))),
        **_shared_acts(service),
    }


def _shared_acts(account: Any) -> Dict[str, Act]:
    return {
        "write": lambda chat, values: account.write(chat, _text(values, "text")),
        "press": lambda chat, values: account.press(chat, int(values.get("number", 0)), str(values.get("id", ""))),
        "voice": lambda chat, values: account.voice(chat, str(values.get("media_id", "")), str(values.get("text", ""))),
        "image": lambda chat, values: account.image(chat, _text(values, "media_id")),
        "location": lambda chat, values: account.location(
            chat, _text(values, "text"), float(values.get("latitude", 0)), float(values.get("longitude", 0))
        ),
        "link": lambda chat, values: account.link(chat, _text(values, "text"), _text(values, "url")),
        "other": lambda chat, values: account.other(chat, values),
    }


def _reject(chat: Chat, rejects: bool) -> None:
    chat.rejects = rejects
    chat.changed()


def _values(request: Request) -> Mapping[str, Any]:
    values = request.json if request.body else {}
    if not isinstance(values, dict):
        raise InvalidUsage("not an object")
    return values


def _text(values: Mapping[str, Any], field: str) -> str:
    text = values.get(field)
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_TEXT:
        raise InvalidUsage(field)
    return text
