"""The address that the platforms call, over HTTP, as they call it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Dict, List, Optional

import aiohttp
import pytest
from sanic import Blueprint, Sanic
from sqlalchemy.exc import OperationalError

from channels.messaging.callbacks import serve
from channels.messaging.crypto import Seal
from channels.messaging.fields import Fields
from tests.test_channels.platform_stub import free_socket

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WORDS = "我的卡号是 6222021234567890"
MESSAGE = f"<xml><FromUserName>o-secret</FromUserName><Content>{WORDS}</Content></xml>"


@dataclass
class Served:
    url: str
    taken: List[Fields] = field(default_factory=list)
    failure: Optional[Exception] = None


@dataclass
class Caller:
    """A platform's server that calls one of the addresses."""

    served: Served
    seal: Seal
    session: aiohttp.ClientSession

    def query(self, name: str, *signed: str, age: float = 0) -> Dict[str, str]:
        at = str(int(time.time() - age))
        return {name: self.seal.sign(at, "n-1", *signed), "timestamp": at, "nonce": "n-1"}

    async def post(self, body: str, query: Dict[str, str]) -> "tuple[int, str]":
        async with self.session.post(self.served.url, params=query, data=body.encode()) as answer:
            return answer.status, await answer.text()

    async def get(self, query: Dict[str, str]) -> "tuple[int, str]":
        async with self.session.get(self.served.url, params=query) as answer:
            return answer.status, await answer.text()

    async def send(self, message: str, age: float = 0) -> "tuple[int, str]":
        encrypted = self.seal.close(message.encode())
        return await self.post(envelope(encrypted), self.query("msg_signature", encrypted, age=age))


def envelope(encrypted: str) -> str:
    return f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"


@pytest.fixture
async def server() -> AsyncIterator[Dict[str, Served]]:
    """Addresses of an Official Account in plain and in secure mode, and of a customer service."""
    app = Sanic("callbacks", configure_logging=False)
    seals = {"plain": Seal("token", "wx1"), "secure": Seal("token", "wx1", [KEY]), "wecom": Seal("token", "ww1", [KEY])}
    found = {name: Served("") for name in seals}
    for name, seal in seals.items():
        blueprint = Blueprint(name, url_prefix=f"/{name}")

        async def take(fields: Fields, served: Served = found[name]) -> None:
            if served.failure:
                raise served.failure
            served.taken.append(fields)

        serve(blueprint, seal, take, sealed_echo=name == "wecom")
        app.blueprint(blueprint)
    running: Any = await app.create_server(sock=free_socket(), return_asyncio_server=True)
    await running.startup()
    await running.start_serving()
    port = running.server.sockets[0].getsockname()[1]
    for name, served in found.items():
        served.url = f"http://127.0.0.1:{port}/{name}/callback"
    yield found
    await running.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as found:
        yield found


@pytest.fixture
def plain(server: Dict[str, Served], session: aiohttp.ClientSession) -> Caller:
    return Caller(server["plain"], Seal("token", "wx1"), session)


@pytest.fixture
def secure(server: Dict[str, Served], session: aiohttp.ClientSession) -> Caller:
    return Caller(server["secure"], Seal("token", "wx1", [KEY]), session)


@pytest.fixture
def wecom(server: Dict[str, Served], session: aiohttp.ClientSession) -> Caller:
    return Caller(server["wecom"], Seal("token", "ww1", [KEY]), session)


async def test_address_of_an_official_account_proves_itself(plain: Caller, secure: Caller) -> None:
    for caller in (plain, secure):
        assert await caller.get({**caller.query("signature"), "echostr": "4375120948"}) == (200, "4375120948")
        assert await caller.get({**caller.query("signature", "forged"), "echostr": "4375120948"}) == (403, "")


async def test_address_of_a_customer_service_proves_itself(wecom: Caller) -> None:
    echo = wecom.seal.close(b"1616140317555161061")
    query = wecom.query("msg_signature", echo)
    assert await wecom.get({**query, "echostr": echo}) == (200, "1616140317555161061")
    assert (await wecom.get({**query, "echostr": wecom.seal.close(b"other")}))[0] == 403
    assert (await wecom.get({**wecom.query("signature"), "echostr": "1"}))[0] == 403


async def test_plain_message_is_taken(plain: Caller) -> None:
    assert await plain.post(MESSAGE, plain.query("signature")) == (200, "success")
    assert plain.served.taken == [{"FromUserName": "o-secret", "Content": WORDS}]


async def test_encrypted_message_is_taken(secure: Caller, wecom: Caller) -> None:
    for caller in (secure, wecom):
        assert await caller.send(MESSAGE) == (200, "success")
        assert caller.served.taken == [{"FromUserName": "o-secret", "Content": WORDS}]


async def test_encrypted_json_is_taken(secure: Caller) -> None:
    encrypted = secure.seal.close(b'{"FromUserName": "o-secret", "CreateTime": 1714112445}')
    body = f'{{"ToUserName": "gh_1", "Encrypt": "{encrypted}"}}'
    assert await secure.post(body, secure.query("msg_signature", encrypted)) == (200, "success")
    assert secure.served.taken == [{"FromUserName": "o-secret", "CreateTime": "1714112445"}]


async def test_in_secure_mode_a_plain_message_is_refused_even_if_it_is_signed(secure: Caller) -> None:
    assert (await secure.post(MESSAGE, secure.query("signature")))[0] == 403
    assert (await secure.post(MESSAGE, {**secure.query("signature"), **secure.query("msg_signature")}))[0] == 403
    assert secure.served.taken == []


async def test_forged_replayed_and_foreign_messages_are_refused(secure: Caller, plain: Caller) -> None:
    encrypted = secure.seal.close(MESSAGE.encode())
    assert (await secure.post(envelope(encrypted), {}))[0] == 403
    assert (await secure.post(envelope(encrypted), secure.query("signature")))[0] == 403
    assert (await secure.send(MESSAGE, age=301))[0] == 403
    foreign = Seal("token", "wx2", [KEY]).close(MESSAGE.encode())
    assert (await secure.post(envelope(foreign), secure.query("msg_signature", foreign)))[0] == 403
    assert (await plain.post(MESSAGE, plain.query("signature", age=301)))[0] == 403
    assert secure.served.taken == plain.served.taken == []


@pytest.mark.parametrize(
    "body", ["", "garbage", "<xml>", '<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', '{"Encrypt":']
)
async def test_garbage_is_refused(secure: Caller, plain: Caller, body: str) -> None:
    assert (await secure.post(body, secure.query("msg_signature", "")))[0] == 400
    assert (await plain.post(body, plain.query("signature")))[0] == 400
    assert (await secure.send(body))[0] == 400


async def test_message_that_could_not_be_kept_is_not_acknowledged(secure: Caller) -> None:
    secure.served.failure = OperationalError("insert", {"text": WORDS}, Exception("disk full"))
    assert await secure.send(MESSAGE) == (503, "")
    secure.served.failure = None
    assert await secure.send(MESSAGE) == (200, "success")


async def test_log_holds_nothing_of_what_was_refused(secure: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    encrypted = secure.seal.close(MESSAGE.encode())
    await secure.post(envelope(encrypted), {"msg_signature": "forged-signature", "openid": "o-secret"})
    await secure.send(f"<xml><Content>{WORDS}")
    secure.served.failure = OperationalError("insert", {"text": WORDS}, Exception("o-secret"))
    await secure.send(MESSAGE)
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("channels"))
    assert len(told.splitlines()) == 3
    for secret in (WORDS, "6222", "o-secret", "forged-signature", encrypted, KEY):
        assert secret not in caplog.text
