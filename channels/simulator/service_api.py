"""The customer service's API under /wecom, as its documents give it.

https://developer.work.weixin.qq.com/document/path/94677 (sending), …/95122 (on events), …/94670 (reading), …/94669
(states).
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Dict, Mapping, Set

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.simulator.api import Api, body, download, size
from channels.simulator.chats import Chat, Chats
from channels.simulator.errors import ApiError, service_answer
from channels.simulator.faults import Faults
from channels.simulator.media import Media
from channels.simulator.quota import CountUsed, WindowClosed
from channels.simulator.service import ASSISTANT, ENDED, LOG_SECONDS, NAME, NEW, PERSON, QUEUE, CustomerService
from channels.simulator.times import Clock
from channels.simulator.tokens import AccessTokens

_TEXT_BYTES = 2048
_MENU_TEXT_BYTES = 1024  # of the words above the choices, and of those below
_MENU_CHOICES = 10
_CLICK_BYTES = 128  # of a choice's title; a link's title may have 1024
_LARGEST_PAGE = 1000
_PAUSE_WITHOUT_TOKEN = 5.0  # seconds between readings without a callback's token; the documents say only «strict»
_MESSAGE_ID = re.compile(r"[0-9a-zA-Z_-]{0,32}")
_OK = {"errcode": 0, "errmsg": "ok"}
_MEDIA_TYPES = frozenset({"image", "voice", "video", "file"})
#: Which states the account may change into which.
_CHANGES = {
    NEW: {ASSISTANT, QUEUE, PERSON, ENDED},
    ASSISTANT: {QUEUE, PERSON, ENDED},
    QUEUE: {PERSON, ENDED},
    PERSON: {PERSON, ENDED},
    ENDED: set(),
}


class ServiceApi:
    """What the account's own server may call."""

    def __init__(self, service: CustomerService, chats: Chats, media: Media, clock: Clock) -> None:
        self.service = service
        self.tokens = AccessTokens(clock, superseded=40014)
        self.page_size = _LARGEST_PAGE
        self.empty_pages = 0  # how many of the next pages hold nothing although there is more, as the documents warn
        self._chats = chats
        self._media = media
        self._clock = clock
        self._message_ids: Set[str] = set()
        self._read_without_token = float("-inf")

    def blueprint(self, faults: Faults) -> Blueprint:
        """All calls."""
        routes = Blueprint("wecom_api", url_prefix="/wecom")
        api = Api(routes, NAME, self.tokens, faults, service_answer)
        api.add("GET", "/cgi-bin/gettoken", self._token, token=False)
        api.add("POST", "/cgi-bin/kf/sync_msg", self._sync)
        api.add("POST", "/cgi-bin/kf/send_msg", self._send)
        api.add("POST", "/cgi-bin/kf/send_msg_on_event", self._send_on_event)
        api.add("POST", "/cgi-bin/kf/service_state/get", self._state)
        api.add("POST", "/cgi-bin/kf/service_state/trans", self._change_state)
        api.add("POST", "/cgi-bin/media/upload", self._upload)
        api.add("GET", "/cgi-bin/media/get", self._download)
        return routes

    def _token(self, request: Request) -> Dict[str, Any]:
        if request.args.get("corpid") != self.service.config.corp_id:
            raise ApiError(40013)
        if request.args.get("corpsecret") != self.service.config.secret:
            raise ApiError(40001)
        token, seconds = self.tokens.stable()
        return {**_OK, "access_token": token, "expires_in": seconds}

    # Reading.

    def _sync(self, request: Request) -> Dict[str, Any]:
        values = body(request)
        if values.get("open_kfid", self.service.config.open_kfid) != self.service.config.open_kfid:
            raise ApiError(95000)
        self._check_reading(values.get("token"))
        begin = self._begin(values.get("cursor"))
        limit = min(int(values.get("limit") or _LARGEST_PAGE), self.page_size)
        if self.empty_pages and begin < len(self.service.log):
            self.empty_pages -= 1
            limit = 0
        page = self.service.log[begin : begin + limit]
        end = begin + len(page)
        return {
            **_OK,
            "next_cursor": f"cursor{end}",
            "has_more": int(end < len(self.service.log)),
            "msg_list": [logged.message for logged in page],
        }

    def _check_reading(self, callback_token: Any) -> None:
        if callback_token:
            if not self.service.may_read(str(callback_token)):
                raise ApiError(95007)
            return
        now = self._clock.elapsed()
        if now - self._read_without_token < _PAUSE_WITHOUT_TOKEN:
            raise ApiError(45009)
        self._read_without_token = now

    def _begin(self, cursor: Any) -> int:
        log, oldest = self.service.log, self._clock.elapsed() - LOG_SECONDS
        first = next((at for at, logged in enumerate(log) if logged.since >= oldest), len(log))
        if not cursor:
            return first
        number = str(cursor).removeprefix("cursor")
        if not number.isdigit() or int(number) > len(log):
            raise ApiError(40035)
        return max(first, int(number))

    # Sending.

    def _send(self, request: Request) -> Dict[str, Any]:
        values = body(request)
        chat = self._chat(values, "touser")
        try:
            message_id = self._message_id(values)
            shown = self._shown(values)
            self._spend(chat)
        except ApiError as error:
            chat.refusals.append(error.code)
            chat.changed()
            raise
        return self._deliver(chat, message_id, shown)

    def _deliver(self, chat: Chat, message_id: str, shown: Dict[str, Any]) -> Dict[str, Any]:
        self._message_ids.add(message_id)
        chat.last_message = self._clock.elapsed()
        if chat.rejects:
            self.service.failed(chat, message_id)
        else:
            chat.show("account", at=self._clock.now(), key=message_id, **shown)
        return {**_OK, "msgid": message_id}

    def _spend(self, chat: Chat) -> None:
        if chat.service_state not in (NEW, ASSISTANT):
            raise ApiError(95018)
        try:
            chat.quota.spend()
        except WindowClosed:
            raise ApiError(95002) from None
        except CountUsed:
            raise ApiError(95001) from None

    def _send_on_event(self, request: Request) -> Dict[str, Any]:
        """Refusals of the code have no number in the documents; they are refused as an invalid parameter."""
        values = body(request)
        code = self.service.codes.get(str(values.get("code")))
        if code is None or code.until < self._clock.elapsed():
            raise ApiError(40035, "invalid code")
        if code.state is not None and code.state != code.chat.service_state:
            raise ApiError(95018)
        message_id = self._message_id(values)
        shown = self._shown(values)
        if shown["kind"] != "text" and not (shown["kind"] == "menu" and code.menu):
            raise ApiError(40008)
        del self.service.codes[str(values["code"])]
        return self._deliver(code.chat, message_id, shown)

    def _chat(self, values: Mapping[str, Any], field: str) -> Chat:
        if values.get("open_kfid") != self.service.config.open_kfid:
            raise ApiError(95000)
        chat = self._chats.get(NAME, values.get(field))
        if chat is None:
            raise ApiError(40096)
        return chat

    def _message_id(self, values: Mapping[str, Any]) -> str:
        """The documents want it to be unique and give no number for one that is not: an invalid parameter here."""
        given = values.get("msgid", "")
        if not isinstance(given, str) or not _MESSAGE_ID.fullmatch(given):
            raise ApiError(40035, "invalid msgid")
        if given in self._message_ids:
            raise ApiError(40035, "msgid exists")
        return given or secrets.token_urlsafe(24)[:32]

    def _shown(self, values: Mapping[str, Any]) -> Dict[str, Any]:
        kind = values.get("msgtype")
        content = values.get(kind) if isinstance(kind, str) else None
        if kind not in ("text", "msgmenu", "image", "voice", "file", "link"):
            raise ApiError(40008)
        if not isinstance(content, dict):
            raise ApiError(47001)
        if kind == "text":
            return {"kind": "text", "text": _words(content.get("content"))}
        if kind == "msgmenu":
            return _menu_message(content)
        if kind == "link":
            return {"kind": "link", "text": f"{_words(content.get('title'))}\n{_words(content.get('url'))}"}
        file = self._media.get(str(content.get("media_id")))
        if file is None:
            raise ApiError(40007)
        return {"kind": kind, "media_id": content["media_id"], "text": file.name if kind == "file" else ""}

    # States.

    def _state(self, request: Request) -> Dict[str, Any]:
        chat = self._chat(body(request), "external_userid")
        return {**_OK, "service_state": chat.service_state, "servicer_userid": chat.servicer}

    def _change_state(self, request: Request) -> Dict[str, Any]:
        values = body(request)
        chat = self._chat(values, "external_userid")
        state = values.get("service_state")
        if state not in _CHANGES[chat.service_state]:
            raise ApiError(95016)
        if state == PERSON and values.get("servicer_userid") != self.service.config.servicer:
            raise ApiError(95014)
        answer: Dict[str, Any] = dict(_OK)
        if state == PERSON:
            answer["msg_code"] = self.service.code(chat, 48 * 3600, PERSON, menu=False)
            self.service.hand_to(chat, str(values["servicer_userid"]))
        elif state == ENDED:
            answer["msg_code"] = self.service.code(chat, 20, ENDED, menu=True)
            self.service.finish(chat)
        else:
            chat.service_state = state
            if state == QUEUE:
                answer["msg_code"] = self.service.code(chat, 48 * 3600, QUEUE, menu=False)
                chat.tell("queue", self._clock.now())
            chat.changed()
        return answer

    # Files.

    def _upload(self, request: Request) -> Dict[str, Any]:
        kind = request.args.get("type")
        if kind not in _MEDIA_TYPES:
            raise ApiError(40004)
        file = request.files.get("media") if request.files else None
        if file is None or not file.body:
            raise ApiError(44001)
        media_id = self._media.keep(file.body, file.type or "application/octet-stream", file.name)
        # This platform gives the moment as a string.
        return {**_OK, "type": kind, "media_id": media_id, "created_at": str(int(self._clock.now()))}

    def _download(self, request: Request) -> HTTPResponse:
        return download(request, self._media)


def _words(text: Any, most: int = _TEXT_BYTES) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ApiError(40035, "invalid content")
    if size(text) > most:
        raise ApiError(45002)
    return text


def _menu_message(content: Mapping[str, Any]) -> Dict[str, Any]:
    head, tail = str(content.get("head_content", "")), str(content.get("tail_content", ""))
    choices = content.get("list")
    if size(head) > _MENU_TEXT_BYTES or size(tail) > _MENU_TEXT_BYTES:
        raise ApiError(45002)
    if not isinstance(choices, list) or len(choices) > _MENU_CHOICES:
        raise ApiError(40035, "invalid menu list")
    shown = tuple(_menu_choice(choice) for choice in choices)
    return {"kind": "menu", "text": head, "tail": tail, "choices": shown}


def _menu_choice(choice: Any) -> Dict[str, str]:
    kind = choice.get("type") if isinstance(choice, dict) else None
    content = choice.get(kind) if isinstance(kind, str) else None
    if kind not in ("click", "view", "text") or not isinstance(content, dict):
        raise ApiError(40035, "invalid menu item")
    if kind == "click":
        if size(str(content.get("id", ""))) > 64:
            raise ApiError(40035, "invalid menu id")
        return {"id": str(content.get("id", "")), "title": _words(content.get("content"), _CLICK_BYTES)}
    if kind == "view":
        return {"url": _words(content.get("url")), "title": _words(content.get("content"), 1024)}
    return {"title": _words(content.get("content"), 256)}
