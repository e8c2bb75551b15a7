"""WeCom's customer service: what customers and WeCom's own agents do becomes a log that the account reads.

Fields and events: https://developer.work.weixin.qq.com/document/path/94670; states: …/94669.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from channels.messaging.crypto import Seal
from channels.simulator.accounts import ServiceConfig, nonce
from channels.simulator.chats import Chat, NotPossible
from channels.simulator.postman import Letter, Postman
from channels.simulator.times import Clock
from channels.simulator.xml import Fields, xml

NAME = "wecom"
NEW, ASSISTANT, QUEUE, PERSON, ENDED = range(5)
LOG_SECONDS = 3 * 24 * 3600  # how long messages can be read
_CALLBACK_SECONDS = 600  # how long a callback's token allows to read at full speed
_WELCOME_SECONDS = 20
_GREETED_SECONDS = 48 * 3600
_CUSTOMER, _SYSTEM, _SERVICER = 3, 4, 5  # origins
_REJECTED = 10  # why a message did not arrive: the customer refuses messages


@dataclass(frozen=True)
class Logged:
    """A message as it stands in the log, and since when."""

    message: Dict[str, Any]
    since: float


@dataclass(frozen=True)
class Code:
    """Allows one message outside the quota: until when, and in which state of the conversation it must be sent."""

    chat: Chat
    until: float
    state: Optional[int]  # `None`: any
    menu: bool  # whether it may have choices


class CustomerService:
    """The account, its customers' acts and its agents'; `service_api` has what the account's server may do."""

    def __init__(self, config: ServiceConfig, postman: Postman, clock: Clock) -> None:
        self.config = config
        self.log: List[Logged] = []
        self._seal = Seal(config.token, config.corp_id, [config.encoding_aes_key])
        self.codes: Dict[str, Code] = {}
        self._callbacks: Dict[str, float] = {}  # tokens of callbacks, and until when they hold
        self._greeted: Dict[str, float] = {}
        self._postman = postman
        self._clock = clock

    # What the customer does.

    def enter(self, chat: Chat) -> None:
        """Open the customer service; a welcome may be sent if there has been nothing for 48 hours."""
        now = self._clock.elapsed()
        chat.related = True
        chat.tell("entered", self._clock.now())
        event = {"event_type": "enter_session", "scene": "simulator", "scene_param": ""}
        quiet = now - max(chat.last_message, self._greeted.get(chat.subject, float("-inf"))) > _GREETED_SECONDS
        if quiet:
            self._greeted[chat.subject] = now
            event["welcome_code"] = self.code(chat, _WELCOME_SECONDS, None, menu=True)
        self._tell(chat, event)

    def write(self, chat: Chat, text: str) -> None:
        """Send words."""
        self._say(chat, "text", {"content": text}, text=text)

    def press(self, chat: Chat, number: int, choice_id: str) -> None:
        """Press a choice of entry `number`: its title is sent, with its id beside it."""
        choice = chat.choice(number, choice_id)
        self._say(chat, "text", {"content": choice["title"], "menu_id": choice_id}, text=choice["title"])

    def voice(self, chat: Chat, media_id: str, words: str) -> None:
        """Send a voice; the customer service recognises none, so `words` stand on the phone only."""
        self._say(chat, "voice", {"media_id": media_id}, text=words, media_id=media_id)

    def image(self, chat: Chat, media_id: str) -> None:
        """Send a picture."""
        self._say(chat, "image", {"media_id": media_id}, media_id=media_id)

    def location(self, chat: Chat, label: str, latitude: float, longitude: float) -> None:
        """Send a place."""
        place = {"latitude": latitude, "longitude": longitude, "name": label, "address": label}
        self._say(chat, "location", place, text=label)

    def link(self, chat: Chat, title: str, url: str) -> None:
        """Pass a page on."""
        self._say(chat, "link", {"title": title, "desc": "", "url": url, "pic_url": ""}, text=f"{title}\n{url}")

    def other(self, chat: Chat, fields: Mapping[str, Any]) -> None:
        """Log any other message of this customer."""
        self._log(chat, _CUSTOMER, dict(fields))

    def _say(self, chat: Chat, kind: str, content: Dict[str, Any], **shown: str) -> None:
        if not chat.related:
            raise NotPossible("not_entered")
        chat.quota.after_message()
        chat.last_message = self._clock.elapsed()
        if chat.service_state == ENDED:
            chat.service_state = NEW
        chat.show("customer", kind, self._clock.now(), **shown)
        self._log(chat, _CUSTOMER, {"msgtype": kind, kind: content})

    # What WeCom's own agents do.

    def accept(self, chat: Chat) -> None:
        """An agent takes the customer from the queue."""
        if chat.service_state != QUEUE:
            raise NotPossible("not_in_queue")
        self.hand_to(chat, self.config.servicer)
        change = {"change_type": 1, "new_servicer_userid": self.config.servicer}
        self._tell(chat, {"event_type": "session_status_change", **change, "msg_code": self._pool_code(chat)})

    def agent_says(self, chat: Chat, text: str) -> None:
        """The agent writes; the quota is the assistant's, not theirs."""
        if chat.service_state != PERSON:
            raise NotPossible("no_person")
        chat.show("agent", "text", self._clock.now(), text=text)
        self._log(chat, _SERVICER, {"msgtype": "text", "text": {"content": text}, "servicer_userid": chat.servicer})

    def end(self, chat: Chat) -> None:
        """The agent ends the conversation."""
        if chat.service_state != PERSON:
            raise NotPossible("no_person")
        change = {"change_type": 3, "old_servicer_userid": chat.servicer}
        code = self.code(chat, _WELCOME_SECONDS, ENDED, menu=True)
        self.finish(chat)
        self._tell(chat, {"event_type": "session_status_change", **change, "msg_code": code})

    def take_up(self, chat: Chat) -> None:
        """An agent takes up a conversation that had ended."""
        if chat.service_state != ENDED:
            raise NotPossible("not_ended")
        self.hand_to(chat, self.config.servicer)
        change = {"change_type": 4, "new_servicer_userid": self.config.servicer}
        self._tell(chat, {"event_type": "session_status_change", **change})

    def hand_to(self, chat: Chat, servicer: str) -> None:
        """From now on a person has the conversation."""
        chat.service_state, chat.servicer = PERSON, servicer
        chat.tell("person", self._clock.now())

    def finish(self, chat: Chat) -> None:
        """The conversation is over; the customer's next message begins another."""
        chat.service_state, chat.servicer = ENDED, ""
        chat.tell("ended", self._clock.now())

    def _pool_code(self, chat: Chat) -> str:
        return self.code(chat, 48 * 3600, PERSON, menu=False)

    def code(self, chat: Chat, seconds: float, state: Optional[int], menu: bool) -> str:
        """A code for one message outside the quota."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(chat, self._clock.elapsed() + seconds, state, menu)
        return code

    # How it reaches the account.

    def failed(self, chat: Chat, message_id: str) -> None:
        """A message that was taken did not arrive, because the customer rejects messages."""
        self._tell(chat, {"event_type": "msg_send_fail", "fail_msgid": message_id, "fail_type": _REJECTED})

    def servicer_status(self, available: bool) -> None:
        """WeCom's agent begins or stops to receive customers."""
        status = 1 if available else 2
        event = {"event_type": "servicer_status_change", "servicer_userid": self.config.servicer, "status": status}
        self._append({"msgtype": "event", "event": {**event, "open_kfid": self.config.open_kfid}}, _SYSTEM)

    def _tell(self, chat: Chat, event: Dict[str, Any]) -> None:
        where = {"open_kfid": self.config.open_kfid, "external_userid": chat.subject}
        self._append({"msgtype": "event", "event": {**event, **where}}, _SYSTEM)

    def _log(self, chat: Chat, origin: int, message: Dict[str, Any]) -> None:
        where = {"open_kfid": self.config.open_kfid, "external_userid": chat.subject}
        self._append({**where, **message}, origin)

    def _append(self, message: Dict[str, Any], origin: int) -> None:
        begin = {"msgid": secrets.token_urlsafe(24)[:32], "send_time": int(self._clock.now()), "origin": origin}
        self.log.append(Logged({**begin, **message}, self._clock.elapsed()))
        self._postman.send(NAME, self.config.webhook, self._letter())

    def _letter(self) -> Letter:
        token = f"ENC{secrets.token_urlsafe(33)[:44]}"
        self._callbacks[token] = self._clock.elapsed() + _CALLBACK_SECONDS
        event: Fields = {
            "ToUserName": self.config.corp_id,
            "CreateTime": int(self._clock.now()),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": token,
            "OpenKfId": self.config.open_kfid,
        }

        def write() -> Tuple[Dict[str, str], bytes]:
            encrypted = self._seal.close(xml(event).encode())
            outer: Fields = {"ToUserName": self.config.corp_id, "AgentID": "", "Encrypt": encrypted}
            return self._signed(encrypted), xml(outer).encode()

        return write

    def _signed(self, encrypted: str) -> Dict[str, str]:
        stamp, number = str(int(self._clock.now())), nonce()
        return {"msg_signature": self._seal.sign(stamp, number, encrypted), "timestamp": stamp, "nonce": number}

    def may_read(self, callback_token: str) -> bool:
        """Whether a callback's token still holds."""
        return self._callbacks.get(callback_token, float("-inf")) > self._clock.elapsed()

    async def check_webhook(self) -> bool:
        """Whether the webhook can decrypt and answer, as the platform asks when its address is entered."""
        plain = nonce()
        echo = self._seal.close(plain.encode())
        status, answer = await self._postman.check(self.config.webhook, {**self._signed(echo), "echostr": echo})
        return status == 200 and answer == plain
