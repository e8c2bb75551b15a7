"""Everything that the simulator knows, put together."""

from __future__ import annotations

from typing import Any, Dict

from channels.simulator.accounts import OfficialConfig, ServiceConfig
from channels.simulator.chats import Chat, Chats
from channels.simulator.faults import Faults
from channels.simulator.media import Media
from channels.simulator.official import OfficialAccount
from channels.simulator.official_api import OfficialApi
from channels.simulator.postman import Postman
from channels.simulator.service import CustomerService
from channels.simulator.service_api import ServiceApi
from channels.simulator.times import Clock


class World:
    """Both platforms, their accounts, their customers."""

    def __init__(self, official: OfficialConfig, service: ServiceConfig, public_url: str) -> None:
        self.clock = Clock()
        self.chats = Chats(self.clock)
        self.media = Media(self.clock)
        self.faults = Faults()
        self.postman = Postman()
        self.official = OfficialAccount(official, self.postman, self.clock, public_url)
        self.service = CustomerService(service, self.postman, self.clock)
        self.official_api = OfficialApi(self.official, self.chats, self.media, self.clock)
        self.service_api = ServiceApi(self.service, self.chats, self.media, self.clock)

    def view(self, chat: Chat, after: int = 0) -> Dict[str, Any]:
        """A phone as JSON: entries beyond number `after`, and the account that it looks at, with its menu."""
        official = chat.platform == "wechat"
        account = self.official.config.app_id if official else self.service.config.open_kfid
        return {**chat.view(self.clock, after), "account": account, "menu": self.official.menu if official else None}
