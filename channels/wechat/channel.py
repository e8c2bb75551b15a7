"""The Official Account as a channel of Rasa."""

from __future__ import annotations

from typing import Optional

from sanic import Blueprint

from channels.messaging import callbacks
from channels.messaging.channel import MessagingChannel
from channels.messaging.crypto import Seal
from channels.messaging.fields import Fields
from channels.messaging.inbox import Inbox
from channels.messaging.reading import Entry
from channels.messaging.store import Store
from channels.messaging.templates import Notices
from channels.wechat import menu
from channels.wechat.client import OfficialAccount
from channels.wechat.messages import PLATFORM, received
from common.settings import settings


class WeChat(MessagingChannel):
    """Named in `credentials.yml`; does nothing unless `WECHAT_APP_ID` is set."""

    def __init__(self) -> None:
        """Raises `ValueError` if some of its settings are set and others are missing."""
        values = settings()
        if values.wechat_app_id is None:
            super().__init__(None)
            return
        self._app_id = values.wechat_app_id
        keys = [key for key in (values.wechat_aes_key, values.wechat_previous_aes_key) if key]
        self._seal = Seal(values.needed("wechat_token", PLATFORM), self._app_id, keys)
        self._entries = {entry.key: entry for entry in menu.pressed(menu.load())}
        store = Store(values.store_url("messaging"))
        secret = values.needed("wechat_app_secret", PLATFORM)
        self._account = OfficialAccount(self._app_id, secret, values.wechat_api_url, store)
        super().__init__(self._account, store)

    @classmethod
    def name(cls) -> str:
        """Its address is `/webhooks/<name>`."""
        return PLATFORM

    def serve(self, blueprint: Blueprint, inbox: Inbox) -> None:
        """The address that WeChat calls."""

        async def take(fields: Fields) -> None:
            found = received(fields, self._app_id)
            if found is not None:
                await inbox.take([found])

        callbacks.serve(blueprint, self._seal, take, sealed_echo=False)

    def notices(self) -> Optional[Notices]:
        """The account has template messages, once the bank has had some approved."""
        return self._account

    def entry(self, key: str) -> Optional[Entry]:
        """What pressing an entry of `menu.yml` says."""
        found = self._entries.get(key)
        return None if found is None else Entry(found.payload, found.name)
