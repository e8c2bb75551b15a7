"""The console's files: one page under `/`, its modules under `/console/`, and under `/shared/` what it shares with
the customers' chat: colours, cards, and the Socket.IO client.

Anyone may load them; whatever they show comes from the API, which asks who is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from common.settings import ROOT
from common.static_files import StaticFile, answer, load

STATIC = Path(__file__).with_name("static")
SHARED = ROOT / "channels" / "static"
_SHARED_ROOMS = ("widget/", "vendor/")
# The page runs and styles nothing but our files, calls nothing but this server, and stands in nobody's frame. Files
# that an agent has chosen and not sent yet are shown from the browser's memory.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}


def files() -> Dict[str, StaticFile]:
    """Every file of the console by the path in its address."""
    shared = {name: file for name, file in load(SHARED).items() if name.startswith(_SHARED_ROOMS)}
    return {
        **{f"console/{name}": file for name, file in load(STATIC).items()},
        **{f"shared/{name}": file for name, file in shared.items()},
    }


def blueprint() -> Blueprint:
    """`GET /`, `/console/…` and `/shared/…`."""
    routes = Blueprint("console")
    known = files()

    def give(request: Request, name: str) -> HTTPResponse:
        file = known.get(name)
        if file is None:
            raise NotFound(f"no file {name}")
        policy = {"Content-Security-Policy": _POLICY} if file.is_page else {}
        return answer(request, file, {**_HEADERS, **policy})

    @routes.get("/", name="page")
    async def page(request: Request) -> HTTPResponse:
        return give(request, "console/index.html")

    @routes.get("/console/<name:path>", name="console")
    async def console(request: Request, name: str) -> HTTPResponse:
        return give(request, f"console/{name}")

    @routes.get("/shared/<name:path>", name="shared")
    async def shared(request: Request, name: str) -> HTTPResponse:
        return give(request, f"shared/{name}")

    return routes
