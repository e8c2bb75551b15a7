"""The customer service of WeCom as a channel of Rasa."""

from __future__ import annotations

from typing import Optional

from sanic import Blueprint

from channels.messaging import callbacks
from channels.messaging.channel import MessagingChannel
from channels.messaging.crypto import Seal
from channels.messaging.fields import Fields
from channels.messaging.inbox import Inbox
from channels.messaging.store import Store
from channels.wecom.client import CustomerService
from channels.wecom.messages import PLATFORM
from channels.wecom.reading import Reader
from common.settings import settings

_NEWS = "kf_msg_or_event"


class WeCom(MessagingChannel):
    """Named in `credentials.yml`; does nothing unless `WECOM_CORP_ID` is set."""

    def __init__(self) -> None:
        """Raises `ValueError` if some of its settings are set and others are missing."""
        values = settings()
        self._reader: Optional[Reader] = None
        if values.wecom_corp_id is None:
            super().__init__(None)
            return
        keys = [values.needed("wecom_aes_key", PLATFORM), values.wecom_previous_aes_key]
        self._seal = Seal(values.needed("wecom_token", PLATFORM), values.wecom_corp_id, [key for key in keys if key])
        self._database = Store(values.store_url("messaging"))
        secret = values.needed("wecom_secret", PLATFORM)
        own_people = values.has_own_people(PLATFORM)
        self._customers = CustomerService(
            values.wecom_corp_id, secret, values.wecom_api_url, self._database, own_people=own_people
        )
        super().__init__(self._customers, self._database)

    @classmethod
    def name(cls) -> str:
        """Its address is `/webhooks/<name>`."""
        return PLATFORM

    def serve(self, blueprint: Blueprint, inbox: Inbox) -> None:
        """The address that WeCom calls."""
        reader = self._reader = Reader(self._customers, self._database, inbox)

        async def take(fields: Fields) -> None:
            if fields.get("Event") == _NEWS and fields.get("OpenKfId"):
                await reader.news(fields["OpenKfId"], fields.get("Token", ""))

        callbacks.serve(blueprint, self._seal, take, sealed_echo=True)

    async def start(self) -> None:
        """Read what customers sent, also what no callback told."""
        if self._reader is not None:
            self._reader.start()

    async def stop(self) -> None:
        """Read no longer."""
        if self._reader is not None:
            await self._reader.stop()
