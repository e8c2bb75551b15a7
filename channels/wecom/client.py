"""The customer service's API, as far as the channel uses it.

Source: developer.work.weixin.qq.com/document/path: 94670 (sync_msg), 94677 (send_msg), 95122 (send_msg_on_event), 94669
(service_state), 91039 (gettoken), 90313 (return codes).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Dict, Mapping, Optional, Sequence, Type

from channels.messaging.access_tokens import AccessTokens
from channels.messaging.api import Answer, Api, Http, Repeated, granting
from channels.messaging.platform import (
    ASSISTANT,
    PEOPLE,
    Address,
    File,
    Later,
    Limits,
    Never,
    NoPeople,
    NotNow,
    QuotaUsed,
    Sendable,
    SendError,
    WindowClosed,
)
from channels.messaging.store import Store
from channels.messaging.texts import listed
from channels.wecom import codes
from channels.wecom.codes import Code
from channels.wecom.messages import PLATFORM

logger = logging.getLogger(__name__)

_PAGE = 1000  # messages, as many as the service gives at once
_TOKEN_OVER = 95007  # the callback's token
_QUEUE_SECONDS = 48 * 3600.0  # how long the code holds that comes with the queue
_END_SECONDS = 20.0  # and that which comes with the end

_ERRORS: Mapping[int, Type[SendError]] = {
    95001: QuotaUsed,  # five
    95002: WindowClosed,  # 48 hours are over, or the customer has written nothing yet
    95013: WindowClosed,  # the conversation was ended
    95018: NotNow,  # not in this state of the conversation
    40096: Never,  # no such customer
    45009: Later,  # too many calls
    45033: Later,  # too many at once
    _TOKEN_OVER: Later,
    # What the bank's administrator can mend: the message waits for that.
    40013: Later,  # corp id
    48002: Later,  # the secret's application may not use this part of the API
    60020: Later,  # the address of this server is not on the application's list (企业可信IP)
    95000: Later,  # the account is not managed over the API
    95003: Later,  # an unverified company serves few customers
    95004: Later,  # no such account
    95017: Later,  # the API is switched off for the account
}


class State(IntEnum):
    """Who has a conversation (service_state)."""

    NEW = 0
    ASSISTANT = 1
    QUEUE = 2
    AGENT = 3  # one of WeCom's own
    ENDED = 4  # or not begun: the customer has to write


@dataclass(frozen=True)
class Page:
    """What a reading gave."""

    messages: Sequence[Mapping[str, Any]]  # oldest first
    cursor: str  # where the next one begins
    has_more: bool


class CustomerService:
    """A `Platform`. A message's key is its id at WeCom, so that one that is sent again does not come twice.

    `own_people`: WeCom's own agents (接待人员) answer who wants a person, not those of the desk.
    """

    name = PLATFORM
    passes = True
    limits = Limits(
        text_bytes=2048,
        menu_bytes=1024,
        choices=10,
        choice_bytes=96,  # of 128; with the text above them they fit a message without buttons, too
        messages=5,
        window_seconds=48 * 3600,
        menu_messages=1,  # the welcome
        menu_window_seconds=20,
        file_bytes=20 * 1024 * 1024,
    )

    def __init__(self, corp_id: str, secret: str, base_url: str, store: Store, *, own_people: bool = False) -> None:
        self.own_people = own_people
        self._store = store
        http = Http(base_url)

        async def request_token(another: bool) -> Answer:
            # There is no way to ask for another one: WeCom gives it by itself once it takes the present one no longer.
            return await http.request("GET", "/cgi-bin/gettoken", query={"corpid": corp_id, "corpsecret": secret})

        self._api = Api(http, AccessTokens(store, PLATFORM, corp_id, granting(request_token)), _ERRORS)

    async def send(self, address: Address, message: Sendable) -> None:
        """Send one message, outside the quota if there is leave for it. Raises the classes of `SendError`."""
        if message.passes == PEOPLE:
            await self._pass_to_people(address)
        elif message.passes == ASSISTANT:
            await self._pass_to_assistant(address)
        if message.file is not None and await self._send_file(address, message, message.file):
            return
        code = await self._store.read(codes.find, address, time.time())
        if code is None or not await self._send_with(code, address, message):
            await self._send(address, message)

    async def fetch(self, media_id: str, most: int) -> Optional[File]:
        """A file that a customer sent; `None` if it has more than `most` bytes. Raises the classes of `SendError`."""
        return await self._api.download("/cgi-bin/media/get", {"media_id": media_id}, most)

    async def typing(self, address: Address, typing: bool) -> None:
        """The service cannot show it."""

    async def read(self, account: str, cursor: Optional[str], token: Optional[str]) -> Page:
        """Messages after `cursor`, or of the last three days if there is none; `token` of a callback makes it fast.

        Raises the classes of `SendError`.
        """
        wanted: Dict[str, Any] = {"open_kfid": account, "limit": _PAGE}
        wanted.update({name: value for name, value in {"cursor": cursor, "token": token}.items() if value})
        try:
            answer = await self._api.call("/cgi-bin/kf/sync_msg", wanted)
        except Later as error:
            if error.code != _TOKEN_OVER or not token:
                raise
            return await self.read(account, cursor, None)
        return _page(answer, cursor)

    async def state(self, address: Address) -> State:
        """Who has the conversation. Raises the classes of `SendError`."""
        answer = await self._api.call("/cgi-bin/kf/service_state/get", _customer(address))
        try:
            return State(answer.get("service_state", -1))
        except ValueError:
            raise Later("a state of the conversation that is not known") from None

    async def transfer(self, address: Address, state: State) -> None:
        """Give the conversation to the assistant, into the queue of WeCom's agents, or end it.

        Raises the classes of `SendError`; `Never` if it cannot go from its state into that one.
        """
        answer = await self._api.call("/cgi-bin/kf/service_state/trans", {**_customer(address), "service_state": state})
        code, is_end = answer.get("msg_code"), state is State.ENDED
        if isinstance(code, str) and code:
            until = time.time() + (_END_SECONDS if is_end else _QUEUE_SECONDS)
            await self._store.write(codes.keep, address, Code(code, menus=is_end), until)

    async def close(self) -> None:
        """Close every connection."""
        await self._api.close()

    async def _pass_to_people(self, address: Address) -> None:
        state = await self.state(address)
        if not self.own_people:
            if state is State.NEW:  # or WeCom may have its own agents take it
                await self._transfer_if_possible(address, State.ASSISTANT)
            return
        if state in (State.QUEUE, State.AGENT):
            return  # by an earlier attempt
        if state is State.ENDED:
            raise WindowClosed("the conversation was ended")
        try:
            await self.transfer(address, State.QUEUE)
        except Never as refused:
            raise NoPeople(str(refused), refused.code) from None

    async def _pass_to_assistant(self, address: Address) -> None:
        """There is no way back from WeCom's queue and agents but an end; one message may follow it."""
        if await self.state(address) in (State.QUEUE, State.AGENT):
            await self._transfer_if_possible(address, State.ENDED)

    async def _transfer_if_possible(self, address: Address, state: State) -> None:
        try:
            await self.transfer(address, state)
        except Never as refused:  # it changed in between; what is sent finds out
            logger.info("a conversation stays as it is, code %s", refused.code)

    async def _send_file(self, address: Address, message: Sendable, file: File) -> bool:
        """Whether the service took the file. Raises the classes of `SendError` but `Never`."""
        try:
            kept = await self._api.upload("/cgi-bin/media/upload", {"type": "file"}, file, "application/pdf")
            content = {"msgtype": "file", "file": {"media_id": str(kept.get("media_id"))}}
            await self._send_content(address, message.key, content)
        except Never as refused:
            logger.warning("a file is sent as a link, code %s", refused.code)
            return False
        return True

    async def _send_with(self, code: Code, address: Address, message: Sendable) -> bool:
        """Whether it was sent with the code, which is worth nothing then or if it was refused. Raises `Later`."""
        content = _content(message) if code.menus else _text(listed(message))
        try:
            await self._deliver("/cgi-bin/kf/send_msg_on_event", {"code": code.code, "msgid": message.key, **content})
            used = True
        except Later:
            raise
        except SendError:
            used = False
        await self._store.write(codes.forget, address, code)
        return used

    async def _send(self, address: Address, message: Sendable) -> None:
        await self._send_content(address, message.key, _content(message))

    async def _send_content(self, address: Address, key: str, content: Mapping[str, Any]) -> None:
        to = {"touser": address.subject, "open_kfid": address.account, "msgid": key}
        try:
            await self._deliver("/cgi-bin/kf/send_msg", {**to, **content})
        except NotNow as refused:
            raise await self._reason(address, refused) from None

    async def _deliver(self, path: str, body: Mapping[str, Any]) -> None:
        try:
            await self._api.call(path, body)
        except Repeated:
            logger.info("a message of ours had arrived before")

    async def _reason(self, address: Address, refused: NotNow) -> SendError:
        """Why nothing may be sent in the conversation's state."""
        state = await self.state(address)
        if state is State.QUEUE and not self.own_people:
            await self._transfer_if_possible(address, State.ENDED)  # nobody would come: people answer at the desk
            return Later(str(refused), refused.code)
        if state in (State.QUEUE, State.AGENT):
            return refused
        if state is State.ENDED:
            return WindowClosed(str(refused), refused.code)
        return Later(str(refused), refused.code)  # it changed in between


def _page(answer: Answer, cursor: Optional[str]) -> Page:
    messages, following = answer.get("msg_list"), answer.get("next_cursor")
    found = [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []
    known = following if isinstance(following, str) and following else cursor or ""
    return Page(found, known, answer.get("has_more") == 1 and known != cursor)


def _customer(address: Address) -> Dict[str, str]:
    return {"open_kfid": address.account, "external_userid": address.subject}


def _content(message: Sendable) -> Dict[str, Any]:
    if not message.choices:
        return _text(message.text)
    choices = [{"type": "click", "click": {"id": each.id, "content": each.title}} for each in message.choices]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": message.text, "list": choices}}


def _text(text: str) -> Dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}
