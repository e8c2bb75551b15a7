"""The Official Account's API, as far as the channel uses it.

Source: developers.weixin.qq.com/doc/service: api_sendcustommessage, api_sendtemplatemessage, api_typing,
api_getstableaccesstoken, custom menus, and the list of return codes.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Dict, List, Mapping, Optional, Type

from channels.messaging.access_tokens import AccessTokens
from channels.messaging.api import Answer, Api, Http, granting
from channels.messaging.platform import (
    Address,
    File,
    Later,
    Limits,
    Never,
    QuotaUsed,
    Sendable,
    SendError,
    WindowClosed,
)
from channels.messaging.store import Store
from channels.messaging.texts import listed
from channels.wechat.messages import PLATFORM

logger = logging.getLogger(__name__)

_NO_MENUS = 40200  # this kind of account shows no menus in messages, e.g. a test account

_LONGEST_THING = 20  # characters of a template's keyword

_ERRORS: Mapping[int, Type[SendError]] = {
    45015: WindowClosed,  # 48 hours are over, or the customer does not follow any longer
    45047: QuotaUsed,  # five, or three within a minute
    40003: Never,  # no such follower
    43004: Never,  # does not follow
    43101: Never,  # takes no messages of this kind
    43019: Never,  # on the account's own black list
    45002: Never,  # too long
    48002: Never,  # the customer takes no messages
    45009: Later,  # as many calls today as the account may make
    45011: Later,  # too many calls in this minute
    # What the bank's administrator can mend: the message waits for that.
    40013: Later,  # app id
    40125: Later,  # app secret
    40164: Later,  # the address of this server is not on the account's list (IP白名单)
    48001: Later,  # the account has not got this part of the API
    50002: Later,  # the account is restricted
}


class OfficialAccount:
    """A `Platform`. WeChat takes no id with a message: one sent again after a doubtful failure may come twice."""

    name = PLATFORM
    passes = own_people = False
    limits = Limits(
        text_bytes=2048,
        menu_bytes=1024,
        choices=10,
        choice_bytes=96,
        messages=5,
        window_seconds=48 * 3600,
        menu_messages=3,
        menu_window_seconds=60,
    )

    def __init__(self, app_id: str, secret: str, base_url: str, store: Store) -> None:
        http = Http(base_url)

        async def request_token(another: bool) -> Answer:
            wanted = {"grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": another}
            return await http.request("POST", "/cgi-bin/stable_token", body=wanted)

        self._typing: Dict[str, "asyncio.Task[None]"] = {}  # by follower, what is on its way
        self._api = Api(http, AccessTokens(store, PLATFORM, app_id, granting(request_token)), _ERRORS)

    async def send(self, address: Address, message: Sendable) -> None:
        """Send one message. Raises the classes of `SendError`."""
        if not message.choices:
            return await self._send(address, _text(message.text))
        try:
            await self._send(address, _menu(message))
        except Never as refused:
            if refused.code != _NO_MENUS:
                raise
            await self._send(address, _text(listed(message)))

    async def fetch(self, media_id: str, most: int) -> Optional[File]:
        """A file that a customer sent; `None` if it has more than `most` bytes. Raises the classes of `SendError`."""
        return await self._api.download("/cgi-bin/media/get", {"media_id": media_id}, most)

    async def typing(self, address: Address, typing: bool) -> None:
        """Show that an answer is on its way: for 15 seconds, or until something is sent. Never raises, never waits."""
        command = {"touser": address.subject, "command": "Typing" if typing else "CancelTyping"}
        before = self._typing.get(address.subject)
        task = asyncio.get_running_loop().create_task(self._show_typing(before, command))
        self._typing[address.subject] = task
        task.add_done_callback(lambda done: self._forget_typing(address.subject, done))

    async def send_template(
        self, address: Address, template: str, fields: Mapping[str, str], url: str, key: str
    ) -> str:
        """Send a template message; its number at WeChat, which its result will name.

        WeChat takes the same `key` for one follower once within ten minutes. Raises the classes of `SendError`.
        """
        data = {name: {"value": _fitting(name, value)} for name, value in fields.items()}
        wanted = {"touser": address.subject, "template_id": template, "data": data, "client_msg_id": key}
        answer = await self._api.call("/cgi-bin/message/template/send", {**wanted, **({"url": url} if url else {})})
        return str(answer.get("msgid", ""))

    async def publish_menu(self, buttons: List[Dict[str, Any]]) -> None:
        """Put the account's menu in place of the one that is there. Raises the classes of `SendError`."""
        await self._api.call("/cgi-bin/menu/create", {"button": buttons})

    async def close(self) -> None:
        """Close every connection."""
        for task in list(self._typing.values()):
            task.cancel()
        await asyncio.gather(*self._typing.values(), return_exceptions=True)
        await self._api.close()

    async def _show_typing(self, before: "Optional[asyncio.Task[None]]", command: Mapping[str, str]) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            await self._api.call("/cgi-bin/message/custom/typing", command)
        except SendError as error:
            logger.debug("typing was not shown: %s", error)

    def _forget_typing(self, subject: str, done: "asyncio.Task[None]") -> None:
        if self._typing.get(subject) is done:
            del self._typing[subject]

    async def _send(self, address: Address, content: Mapping[str, Any]) -> None:
        await self._api.call("/cgi-bin/message/custom/send", {"touser": address.subject, **content})


def _fitting(keyword: str, value: str) -> str:
    """A value as WeChat takes it for keywords of this kind (参数值限制)."""
    if keyword.startswith("amount"):
        return value.replace(",", "")
    if keyword.startswith("thing") and len(value) > _LONGEST_THING:
        return value[: _LONGEST_THING - 1] + "…"
    return value


def _text(text: str) -> Dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}


def _menu(message: Sendable) -> Dict[str, Any]:
    choices = [{"id": choice.id, "content": choice.title} for choice in message.choices]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": message.text, "list": choices, "tail_content": ""}}
