"""The widget's files over HTTP, as a bank's page of another origin loads them."""

from __future__ import annotations

import re
from typing import Any, Dict

import pytest
import requests

from channels.static_files import STATIC, load
from tests.test_channels.conftest import PAGE, Server


def get(server: Server, name: str, **headers: Any) -> requests.Response:
    return requests.get(f"{server.url}/webhooks/webchat/{name}", headers=headers, timeout=5)


def test_widget_is_a_module_that_the_banks_page_may_load(server: Server) -> None:
    answer = get(server, "widget.js", Origin=PAGE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "overdue-assistant" in answer.text


def test_page_of_another_origin_may_not(server: Server) -> None:
    assert "Access-Control-Allow-Origin" not in get(server, "widget.js", Origin="https://evil.example").headers


def test_file_that_did_not_change_is_not_sent_again(server: Server) -> None:
    first = get(server, "widget.js")
    again = get(server, "widget.js", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Cache-Control"] == "no-cache"


def test_file_travels_compressed_where_the_browser_can_unpack_it(server: Server) -> None:
    small = get(server, "widget/widget.css", **{"Accept-Encoding": "gzip"})
    plain = get(server, "widget/widget.css", **{"Accept-Encoding": "identity"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert small.text == plain.text
    assert int(small.headers["Content-Length"]) < len(plain.content) / 2


@pytest.mark.parametrize(
    "name", ["../webchat.py", "%2e%2e/webchat.py", "..%2fwebchat.py", "widget", "nothing.js", "//etc/passwd"]
)
def test_nothing_else_is_served(server: Server, name: str) -> None:
    request = requests.Request("GET", f"{server.url}/").prepare()
    request.url = f"{server.url}/webhooks/webchat/{name}"
    assert requests.Session().send(request, timeout=5).status_code == 404


def test_every_file_that_a_module_asks_for_is_there() -> None:
    files = load()
    asked = [
        (STATIC / name).parent / wanted
        for name, file in files.items()
        if name.endswith(".js") and not name.startswith("vendor/")
        for wanted in re.findall(r'"(\.\.?/[^"]+\.(?:js|css))"', file.content.decode())
    ]
    names = {path.resolve().relative_to(STATIC).as_posix() for path in asked}
    assert {"widget/session.js", "widget/widget.css"} < names
    assert names <= set(files)


def test_library_comes_with_its_licence_and_is_kept_by_browsers() -> None:
    files: Dict[str, Any] = load()
    (library,) = [name for name in files if name.startswith("vendor/") and name.endswith(".js")]
    assert re.search(r"-\d+\.\d+\.\d+\.", library), "its name holds the version, so it may be kept for ever"
    assert "immutable" in files[library].cache_control
    assert b"MIT" in files["vendor/socket.io-client-LICENSE.txt"].content
