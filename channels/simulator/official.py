"""The Official Account: what customers do becomes messages to the webhook; what the account sends becomes entries.

Fields: https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html,
…/Receiving_event_pushes.html; quotas: …/guide/product/kf/intro.html, which says that a press on a menu message counts
as a press on the account's menu.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from channels.messaging.crypto import Seal
from channels.simulator.accounts import OfficialConfig, nonce
from channels.simulator.chats import Chat, NotPossible
from channels.simulator.postman import Letter, Postman
from channels.simulator.times import Clock
from channels.simulator.xml import Fields, Value, xml

NAME = "wechat"


@dataclass(frozen=True)
class Template:
    """A template message as the platform approved it."""

    title: str
    keywords: Mapping[str, str]  # each with what stands in front of its value


#: The account's, by id.
TEMPLATES: Mapping[str, Template] = {
    "simulated-payment-due": Template(
        "还款提醒", {"thing1": "信用卡尾号", "amount2": "应还金额", "thing3": "到期还款日"}
    ),
}


class OfficialAccount:
    """The account and its customers' acts; `official_api` has what the account itself may do."""

    def __init__(self, config: OfficialConfig, postman: Postman, clock: Clock, public_url: str) -> None:
        self.config = config
        self.menu: Optional[Dict[str, Any]] = None
        keys = [config.encoding_aes_key] if config.encoding_aes_key else []
        self._seal = Seal(config.token, config.app_id, keys)
        self._postman = postman
        self._clock = clock
        self._public_url = public_url
        self._numbers = itertools.count(24_000_000_000_000_000 + secrets.randbelow(10**12))

    # What the customer does.

    def follow(self, chat: Chat) -> None:
        """Follow the account."""
        chat.related = True
        chat.quota.after_press()
        chat.tell("followed", self._clock.now())
        self._event(chat, "subscribe", EventKey="")

    def unfollow(self, chat: Chat) -> None:
        """Stop following: nothing can be sent from now on."""
        self._need_relation(chat)
        chat.related = False
        chat.quota.close()
        chat.tell("unfollowed", self._clock.now())
        self._event(chat, "unsubscribe", EventKey="")

    def write(self, chat: Chat, text: str) -> None:
        """Send words."""
        self._say(chat, "text", text=text)
        self._message(chat, "text", Content=text)

    def press(self, chat: Chat, number: int, choice_id: str) -> None:
        """Press a choice of entry `number`: the platform sends its title, with its id beside it."""
        self._need_relation(chat)
        choice = chat.choice(number, choice_id)
        chat.quota.after_press()
        chat.show("customer", "text", self._clock.now(), text=choice["title"])
        self._message(chat, "text", Content=choice["title"], bizmsgmenuid=choice_id)

    def press_menu(self, chat: Chat, key: str) -> None:
        """Press an entry of the account's menu that has this key."""
        self._need_relation(chat)
        entry = self._menu_entry("key", key)
        chat.quota.after_press()
        chat.tell("menu_pressed", self._clock.now(), entry["name"])
        self._event(chat, "CLICK", EventKey=key)

    def open_menu_link(self, chat: Chat, url: str) -> None:
        """Press an entry of the menu that leads to a page: told to the account, but nothing may be answered."""
        self._need_relation(chat)
        self._menu_entry("url", url)
        self._event(chat, "VIEW", EventKey=url)

    def voice(self, chat: Chat, media_id: str, words: str) -> None:
        """Send a voice; `words`: what the platform recognises in it, maybe nothing."""
        self._say(chat, "voice", text=words, media_id=media_id)
        self._message(chat, "voice", MediaId=media_id, Format="amr", Recognition=words)

    def image(self, chat: Chat, media_id: str) -> None:
        """Send a picture."""
        self._say(chat, "image", media_id=media_id)
        self._message(chat, "image", PicUrl=f"{self._public_url}/media/{media_id}", MediaId=media_id)

    def location(self, chat: Chat, label: str, latitude: float, longitude: float) -> None:
        """Send a place."""
        self._say(chat, "location", text=label)
        self._message(chat, "location", Location_X=latitude, Location_Y=longitude, Scale=15, Label=label)

    def link(self, chat: Chat, title: str, url: str) -> None:
        """Pass a page on."""
        self._say(chat, "link", text=f"{title}\n{url}")
        self._message(chat, "link", Title=title, Description="", Url=url)

    def template_done(self, chat: Chat, number: int, *, arrived: bool) -> None:
        """Tell what became of a template message."""
        status = "success" if arrived else "failed:user block"
        self._deliver(chat, {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": status})

    def other(self, chat: Chat, fields: Mapping[str, Any]) -> None:
        """Deliver any other message about this customer, such as the result of a template message."""
        self._deliver(chat, dict(fields))

    def _say(self, chat: Chat, kind: str, **shown: str) -> None:
        self._need_relation(chat)
        chat.quota.after_message()
        chat.last_message = self._clock.elapsed()
        chat.show("customer", kind, self._clock.now(), **shown)

    def _need_relation(self, chat: Chat) -> None:
        if not chat.related:
            raise NotPossible("not_following")

    def _menu_entry(self, field: str, value: str) -> Dict[str, Any]:
        for button in (self.menu or {}).get("button", []):
            for entry in button.get("sub_button") or [button]:
                if entry.get(field) == value:
                    return dict(entry)
        raise NotPossible("no_such_entry")

    # How it reaches the account.

    def _message(self, chat: Chat, kind: str, **fields: Value) -> None:
        # The id stands after the content and before what came later, as in the platform's examples.
        menu_id = fields.pop("bizmsgmenuid", None)
        more: Fields = {"MsgType": kind, **fields, "MsgId": next(self._numbers)}
        self._deliver(chat, more if menu_id is None else {**more, "bizmsgmenuid": menu_id})

    def _event(self, chat: Chat, event: str, **fields: str) -> None:
        self._deliver(chat, {"MsgType": "event", "Event": event, **fields})

    def _deliver(self, chat: Chat, fields: Fields) -> None:
        begin: Fields = {
            "ToUserName": self.config.user_name,
            "FromUserName": chat.subject,
            "CreateTime": int(self._clock.now()),
        }
        self._postman.send(NAME, self.config.webhook, self._letter(chat.subject, xml({**begin, **fields})))

    def _letter(self, openid: str, message: str) -> Letter:
        def write() -> Tuple[Dict[str, str], bytes]:
            parameters = {**self._signed(), "openid": openid}
            if not self._seal.encrypts:
                return parameters, message.encode()
            encrypted = self._seal.close(message.encode())
            proof = self._seal.sign(parameters["timestamp"], parameters["nonce"], encrypted)
            parameters.update(encrypt_type="aes", msg_signature=proof)
            return parameters, xml({"ToUserName": self.config.user_name, "Encrypt": encrypted}).encode()

        return write

    def _signed(self) -> Dict[str, str]:
        stamp, number = str(int(self._clock.now())), nonce()
        return {"signature": self._seal.sign(stamp, number), "timestamp": stamp, "nonce": number}

    async def check_webhook(self) -> bool:
        """Whether the webhook proves that it knows the token, as the platform asks when its address is entered."""
        echo = nonce()
        status, answer = await self._postman.check(self.config.webhook, {**self._signed(), "echostr": echo})
        return status == 200 and answer == echo
