"""The Official Account's API under /wechat, as its documents give it.

https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage.html and its neighbours.
"""

from __future__ import annotations

import itertools
import re
import secrets
from typing import Any, Dict, List, Mapping, Optional, Tuple

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.simulator.api import Api, body, download, size
from channels.simulator.chats import Chat, Chats
from channels.simulator.errors import ApiError, official_answer
from channels.simulator.faults import Faults
from channels.simulator.media import Media
from channels.simulator.official import NAME, TEMPLATES, OfficialAccount
from channels.simulator.quota import CountUsed, WindowClosed
from channels.simulator.times import Clock
from channels.simulator.tokens import AccessTokens

_TEXT_BYTES = 2048
_ONCE_SECONDS = 600  # how long a template message's key holds
_LONGEST_THING = 20  # characters
_AMOUNT = re.compile(r"[^\d\s]?\d{1,10}(\.\d+)?元?")
_TYPING_SECONDS = 15
_TYPING_AFTER_SECONDS = 30  # how recent a message either way must be
_OK = {"errcode": 0, "errmsg": "ok"}
_MEDIA_TYPES = frozenset({"image", "voice", "video", "thumb"})


class OfficialApi:
    """What the account's own server may call."""

    def __init__(self, account: OfficialAccount, chats: Chats, media: Media, clock: Clock) -> None:
        self.account = account
        self.stable_tokens = AccessTokens(clock, superseded=40001)
        self._chats = chats
        self._media = media
        self._clock = clock
        self._numbers = itertools.count(3_000_000_000 + secrets.randbelow(10**8))
        self._sent: Dict[Tuple[str, str], Tuple[float, int]] = {}  # template messages, by follower and key

    def blueprint(self, faults: Faults) -> Blueprint:
        """All calls."""
        routes = Blueprint("wechat_api", url_prefix="/wechat")
        api = Api(routes, NAME, self.stable_tokens, faults, official_answer)
        api.add("GET", "/cgi-bin/token", self._token, token=False)
        api.add("POST", "/cgi-bin/stable_token", self._stable_token, token=False)
        api.add("POST", "/cgi-bin/message/custom/send", self._send)
        api.add("POST", "/cgi-bin/message/custom/typing", self._typing)
        api.add("POST", "/cgi-bin/message/template/send", self._send_template)
        api.add("POST", "/cgi-bin/media/upload", self._upload)
        api.add("GET", "/cgi-bin/media/get", self._download)
        api.add("POST", "/cgi-bin/menu/create", self._create_menu)
        api.add("GET", "/cgi-bin/menu/get", self._get_menu)
        api.add("GET", "/cgi-bin/menu/delete", self._delete_menu)
        return routes

    # Tokens.

    def _token(self, request: Request) -> Dict[str, Any]:
        self._check_account(request.args.get("grant_type"), request.args.get("appid"), request.args.get("secret"))
        token, seconds = self.stable_tokens.fresh()
        return {"access_token": token, "expires_in": seconds}

    def _stable_token(self, request: Request) -> Dict[str, Any]:
        values = body(request)
        self._check_account(values.get("grant_type"), values.get("appid"), values.get("secret"))
        token, seconds = self.stable_tokens.stable(force=values.get("force_refresh") is True)
        return {"access_token": token, "expires_in": seconds}

    def _check_account(self, grant_type: Any, app_id: Any, secret: Any) -> None:
        if grant_type != "client_credential":
            raise ApiError(40002)
        if app_id != self.account.config.app_id:
            raise ApiError(40013)
        if secret != self.account.config.app_secret:
            raise ApiError(40125)

    # Messages.

    def _send(self, request: Request) -> Dict[str, Any]:
        _refuse_escapes(request)
        values = body(request)
        chat = self._chat(values)
        try:
            shown = self._shown(values)
            self._spend(chat)
        except ApiError as error:
            chat.refusals.append(error.code)
            chat.changed()
            raise
        chat.typing_until = 0.0
        chat.last_message = self._clock.elapsed()
        chat.show("account", at=self._clock.now(), **shown)
        return _OK

    def _chat(self, values: Mapping[str, Any]) -> Chat:
        chat = self._chats.get(NAME, values.get("touser"))
        if chat is None:
            raise ApiError(40003)
        return chat

    def _spend(self, chat: Chat) -> None:
        try:
            chat.quota.spend()
        except WindowClosed:
            raise ApiError(45015) from None
        except CountUsed:
            raise ApiError(45047) from None

    def _shown(self, values: Mapping[str, Any]) -> Dict[str, Any]:
        kind = values.get("msgtype")
        content = values.get(kind) if isinstance(kind, str) else None
        if kind not in ("text", "msgmenu", "image", "voice"):
            raise ApiError(40008)
        if not isinstance(content, dict):
            raise ApiError(47001)
        if kind == "text":
            return {"kind": "text", "text": _words(content.get("content"))}
        if kind == "msgmenu":
            return _menu_message(content)
        if self._media.get(str(content.get("media_id"))) is None:
            raise ApiError(40007)
        return {"kind": kind, "media_id": content["media_id"]}

    def _typing(self, request: Request) -> Dict[str, Any]:
        values = body(request)
        chat = self._chat(values)
        now = self._clock.elapsed()
        command = values.get("command")
        if command == "CancelTyping":
            chat.typing_until = 0.0
        elif command != "Typing":
            raise ApiError(45072)
        elif not chat.quota.is_open() or now - chat.last_message > _TYPING_AFTER_SECONDS:
            raise ApiError(45080)
        elif chat.typing_until > now:
            raise ApiError(45081)
        else:
            chat.typing_until = now + _TYPING_SECONDS
        chat.changed()
        return _OK

    def _send_template(self, request: Request) -> Dict[str, Any]:
        """Whenever the account wants, to who follows; what became of it is told by an event."""
        _refuse_escapes(request)
        values = body(request)
        chat = self._chat(values)
        try:
            text = _template_text(values)
            if not chat.related:
                raise ApiError(43004)
        except ApiError as error:
            chat.refusals.append(error.code)
            chat.changed()
            raise
        key, now = str(values.get("client_msg_id") or secrets.token_hex(8)), self._clock.elapsed()
        sent_at, number = self._sent.get((chat.subject, key), (float("-inf"), 0))
        if now - sent_at >= _ONCE_SECONDS:
            number = next(self._numbers)
            self._sent[chat.subject, key] = now, number
            if not chat.rejects:
                links = ({"url": str(values["url"]), "title": "详情"},) if values.get("url") else ()
                chat.show("account", "template", self._clock.now(), text=text, choices=links)
            self.account.template_done(chat, number, arrived=not chat.rejects)
        return {**_OK, "msgid": number}

    # Files.

    def _upload(self, request: Request) -> Dict[str, Any]:
        kind = request.args.get("type")
        if kind not in _MEDIA_TYPES:
            raise ApiError(40004)
        file = request.files.get("media") if request.files else None
        if file is None or not file.body:
            raise ApiError(41005)
        media_id = self._media.keep(file.body, file.type or "application/octet-stream", file.name)
        return {"type": kind, "media_id": media_id, "created_at": int(self._clock.now())}

    def _download(self, request: Request) -> HTTPResponse:
        return download(request, self._media)

    # The menu.

    def _create_menu(self, request: Request) -> Dict[str, Any]:
        _refuse_escapes(request)
        buttons = body(request).get("button")
        _check_menu(buttons)
        self.account.menu = {"button": buttons}
        for chat in self._chats.of(NAME):
            chat.changed()
        return _OK

    def _get_menu(self, _: Request) -> Dict[str, Any]:
        if self.account.menu is None:
            raise ApiError(46003)
        return {"menu": self.account.menu}

    def _delete_menu(self, _: Request) -> Dict[str, Any]:
        self.account.menu = None
        for chat in self._chats.of(NAME):
            chat.changed()
        return _OK


def _template_text(values: Mapping[str, Any]) -> str:
    template = TEMPLATES.get(str(values.get("template_id")))
    if template is None:
        raise ApiError(40037)
    data = values.get("data")
    lines = [template.title]
    for keyword, label in template.keywords.items():
        given = data.get(keyword) if isinstance(data, dict) else None
        value = given.get("value") if isinstance(given, dict) else None
        if not isinstance(value, str) or not value.strip() or not _fits(keyword, value):
            raise ApiError(47003, f"argument invalid! data.{keyword}.value is wrong")
        lines.append(f"{label}：{value}")
    return "\n".join(lines)


def _fits(keyword: str, value: str) -> bool:
    """参数值限制: https://developers.weixin.qq.com/doc/service/guide/product/template_message/…"""
    if keyword.startswith("thing"):
        return len(value) <= _LONGEST_THING
    return _AMOUNT.fullmatch(value) is not None if keyword.startswith("amount") else True


def _refuse_escapes(request: Request) -> None:
    """The platform shows `\\uxxxx` as it stands, or refuses it; here it is always refused, so that it is noticed."""
    if b"\\u" in request.body:
        raise ApiError(40033)


def _words(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ApiError(44004)
    if size(text) > _TEXT_BYTES:
        raise ApiError(45002)
    return text


def _menu_message(content: Mapping[str, Any]) -> Dict[str, Any]:
    """The documents give a menu message no limit; it is held to that of a text, as the strictest reading."""
    head, tail = str(content.get("head_content", "")), str(content.get("tail_content", ""))
    choices = content.get("list")
    if not isinstance(choices, list) or not choices:
        raise ApiError(47001)
    for choice in choices:
        if not isinstance(choice, dict) or not str(choice.get("id", "")) or not str(choice.get("content", "")).strip():
            raise ApiError(47001)
    if size(head) + size(tail) + sum(size(str(choice["content"])) for choice in choices) > _TEXT_BYTES:
        raise ApiError(45002)
    shown = tuple({"id": str(choice["id"]), "title": str(choice["content"])} for choice in choices)
    return {"kind": "menu", "text": head, "tail": tail, "choices": shown}


def _check_menu(buttons: Optional[Any]) -> None:
    """https://developers.weixin.qq.com/doc/service/api/custommenu/api_createcustommenu"""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016)
    for button in buttons:
        inner: Optional[List[Any]] = button.get("sub_button")
        if size(str(button.get("name", ""))) not in range(1, 17):
            raise ApiError(40018)
        if not inner:
            _check_entry(button)
        elif len(inner) > 5:
            raise ApiError(40023)
        for entry in inner or []:
            if size(str(entry.get("name", ""))) not in range(1, 61):
                raise ApiError(40025)
            _check_entry(entry)


def _check_entry(entry: Mapping[str, Any]) -> None:
    kind = entry.get("type")
    if kind == "click" and size(str(entry.get("key", ""))) not in range(1, 129):
        raise ApiError(40019)
    if kind == "view" and size(str(entry.get("url", ""))) not in range(1, 1025):
        raise ApiError(40020)
    if kind not in ("click", "view"):
        raise ApiError(40017)
