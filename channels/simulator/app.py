"""The simulator over HTTP: `python -m channels.simulator.app` listens on `SIMULATOR_HOST:SIMULATOR_PORT`.

/wechat/cgi-bin/…, /wecom/cgi-bin/…   the platforms' APIs
/                                     a phone for everybody
/phones…, /media…, /control…          what the phone's page and tests use
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import Sanic, response
from sanic.exceptions import NotFound, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.simulator import control, phones
from channels.simulator.accounts import official_from, service_from
from channels.simulator.world import World
from common import scrape
from common.log import configure
from common.settings import settings
from common.static_files import answer, load

_STATIC = Path(__file__).with_name("static")
_LARGEST_BODY = 12 * 1024 * 1024  # bytes; the platforms take pictures of ten
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(world: World, name: str = "simulator") -> Sanic:
    """The application for these accounts."""
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"
    scrape.serve(app, "simulator")
    app.blueprint(world.official_api.blueprint(world.faults))
    app.blueprint(world.service_api.blueprint(world.faults))
    app.blueprint(phones.blueprint(world))
    app.blueprint(control.blueprint(world))
    app.error_handler.add(SanicException, _refuse)
    files = load(_STATIC)

    def give(request: Request, path: str) -> HTTPResponse:
        file = files.get(path)
        if file is None:
            raise NotFound(path)
        return answer(request, file, {"Content-Security-Policy": _POLICY} if file.is_page else {})

    @app.get("/", name="page")
    async def page(request: Request) -> HTTPResponse:
        return give(request, "index.html")

    @app.get("/static/<path:path>", name="static_files")
    async def static(request: Request, path: str) -> HTTPResponse:
        return give(request, path)

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    @app.after_server_stop
    async def stop(*_: Any) -> None:
        await world.postman.close()

    return app


async def _refuse(_: Request, error: SanicException) -> HTTPResponse:
    return response.json({"error": str(error)}, status=error.status_code)


def main() -> None:
    """Serve until stopped."""
    configure("simulator")
    values = settings()
    try:
        world = World(official_from(values), service_from(values), values.simulator_url())
    except ValueError as error:
        raise SystemExit(str(error)) from None
    create_app(world).run(values.simulator_host, values.simulator_port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
