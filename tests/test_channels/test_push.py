"""Messages that answer no question: a reminder, a reply of a person, what another part of the product says."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, AsyncIterator, Tuple

import aiohttp
import pytest
import socketio
from sanic import Sanic

from channels import webchat
from channels.webchat import WebChat
from common.settings import Settings
from tests.browser import assistant_script
from tests.test_channels.conftest import Browser


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tuple[WebChat, str]]:
    """The channel in a server of this process, and its address."""
    own = Settings(var_dir=tmp_path)
    monkeypatch.setattr(webchat, "settings", lambda: own)
    monkeypatch.setattr(assistant_script, "settings", lambda: own)
    app = Sanic("push", configure_logging=False)
    app.ctx.agent = assistant_script.ScriptedAgent()
    channel = WebChat()

    async def unused(_: object) -> None:
        raise AssertionError

    app.blueprint(channel.blueprint(unused), url_prefix="/webhooks/webchat")
    server: Any = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True)
    await server.startup()
    await server.start_serving()
    host, port = server.server.sockets[0].getsockname()[:2]
    yield channel, f"http://{host}:{port}"
    await server.close()


async def connect(url: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr(aiohttp, "ClientWSTimeout", lambda ws_close: ws_close, raising=False)
    client = socketio.AsyncClient(reconnection=False)
    page = Browser(client)
    client.on("*", lambda event, *data: page.received.append((event, data[0] if data else None)))
    await client.connect(url, transports=["websocket"])
    return page


def heard_all(page: Browser) -> bool:
    return "And one more thing." in page.texts()


async def test_message_reaches_every_open_window_of_the_conversation_and_no_other(
    served: Tuple[WebChat, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, url = served
    window, tab, stranger = [await connect(url, monkeypatch) for _ in range(3)]
    session_id = (await window.greeted(language="en"))["session_id"]
    await tab.start(session_id=session_id)
    await stranger.greeted(language="en")
    conversation_id = channel._conversations.of_session(session_id)
    assert conversation_id is not None

    output = channel.get_output_channel()
    await output.send_response(conversation_id, {"text": "Your request is approved.", "buttons": [{"title": "Thanks"}]})
    await output.send_text_message(conversation_id, "And one more thing.")

    for page in (window, tab):
        await page.until(partial(heard_all, page))
        assert page.texts()[-2:] == ["Your request is approved.", "And one more thing."]
    assert len(stranger.texts()) == 1
    for page in (window, tab, stranger):
        await page.socket.eio.disconnect(abort=True)
