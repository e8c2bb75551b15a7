"""The account's menu as configuration. `python -m channels.wechat.menu` publishes it, or says what is wrong with it.

Limits: developers.weixin.qq.com/doc/service/api/custommenu/api_createcustommenu.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError, root_validator

from channels.messaging.platform import SendError
from channels.messaging.store import Store
from channels.wechat.client import OfficialAccount
from channels.wechat.messages import PLATFORM
from common.settings import settings

FILE = Path(__file__).with_name("menu.yml")

_MOST, _MOST_BELOW = 3, 5
_NAME_BYTES, _NAME_BELOW_BYTES, _KEY_BYTES, _URL_BYTES = 16, 60, 128, 1024


class MenuEntry(BaseModel):
    """An entry: it says something to the assistant, opens a page, or has others below it."""

    name: str = Field(min_length=1)
    key: str = ""
    payload: str = ""
    url: str = ""
    below: List[MenuEntry] = []

    class Config:
        extra = Extra.forbid

    @root_validator(skip_on_failure=True)
    def _does_one_thing(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        does = [bool(values["key"] or values["payload"]), bool(values["url"]), bool(values["below"])]
        if sum(does) != 1 or bool(values["key"]) != bool(values["payload"]):
            raise ValueError(f"{values['name']}: needs a key with its payload, or a url, or entries below it")
        if values["payload"] and not values["payload"].startswith("/"):
            raise ValueError(f"{values['name']}: a payload begins with /")
        for name, most in (("key", _KEY_BYTES), ("url", _URL_BYTES)):
            _check_bytes(values["name"], values[name], most)
        _check_names(values["below"], _NAME_BELOW_BYTES, _MOST_BELOW)
        if any(entry.below for entry in values["below"]):
            raise ValueError(f"{values['name']}: below it only one level is possible")
        return values

    def button(self) -> Dict[str, Any]:
        """As WeChat wants it."""
        if self.below:
            return {"name": self.name, "sub_button": [entry.button() for entry in self.below]}
        if self.url:
            return {"type": "view", "name": self.name, "url": self.url}
        return {"type": "click", "name": self.name, "key": self.key}


class _File(BaseModel):
    menu: List[MenuEntry] = Field(min_items=1)


def _check_names(entries: Sequence[MenuEntry], name_bytes: int, most: int) -> None:
    if len(entries) > most:
        raise ValueError(f"more than {most} entries beside each other")
    for entry in entries:
        _check_bytes(entry.name, entry.name, name_bytes)


def _check_bytes(name: str, text: str, most: int) -> None:
    if len(text.encode()) > most:
        raise ValueError(f"{name}: {text!r} is longer than {most} bytes")


def load(file: Path = FILE) -> List[MenuEntry]:
    """The menu. Raises `ValueError` that says what is wrong with it."""
    entries = _File.parse_obj(yaml.safe_load(file.read_text(encoding="utf-8"))).menu
    _check_names(entries, _NAME_BYTES, _MOST)
    keys = [entry.key for entry in pressed(entries)]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands there twice")
    return entries


def pressed(entries: Sequence[MenuEntry]) -> Iterator[MenuEntry]:
    """The entries that say something to the assistant."""
    for entry in entries:
        if entry.key:
            yield entry
        yield from pressed(entry.below)


async def publish(entries: Sequence[MenuEntry]) -> None:
    """Put the menu in place of the account's. Raises the classes of `SendError`, `ValueError` without settings."""
    values = settings()
    app_id, secret = (values.needed(name, PLATFORM) for name in ("wechat_app_id", "wechat_app_secret"))
    store = Store(values.store_url("messaging"))
    account = OfficialAccount(app_id, secret, values.wechat_api_url, store)
    try:
        await store.prepare()
        await account.publish_menu([entry.button() for entry in entries])
    finally:
        await account.close()
        store.close()


def main() -> int:
    """Publish `menu.yml`; returns the exit status."""
    try:
        asyncio.run(publish(load()))
    except (ValidationError, ValueError) as error:
        print(f"{FILE.name}: {error}", file=sys.stderr)
        return 1
    except SendError as error:
        print(f"WeChat did not take the menu: {error}", file=sys.stderr)
        return 1
    print("The menu is published; followers see it within minutes, or when they open the account anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
