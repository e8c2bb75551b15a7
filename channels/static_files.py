"""The widget's files, served so that a bank's page of another origin may load them."""

from __future__ import annotations

from pathlib import Path
from typing import Collection, Dict

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from common import static_files
from common.static_files import StaticFile

STATIC = Path(__file__).with_name("static")

# Of our own page, which nobody may frame and which loads and calls nothing but this server.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def load(folder: Path = STATIC) -> Dict[str, StaticFile]:
    """Every file of the folder that a browser needs, by its path below the folder."""
    return static_files.load(folder)


def serve(blueprint: Blueprint, files: Dict[str, StaticFile], origins: Collection[str]) -> None:
    """Add `GET /<path>` to the blueprint. Pages of `origins` may load the files as modules."""

    @blueprint.get("/<name:path>", name="static")
    async def static(request: Request, name: str) -> HTTPResponse:
        file = files.get(name)
        if file is None:
            raise NotFound(f"no file {name}")
        headers = {"Vary": "Origin, Accept-Encoding", "Cross-Origin-Resource-Policy": "cross-origin"}
        if file.is_page:
            headers["Content-Security-Policy"] = _PAGE_POLICY
        origin = request.headers.get("origin", "")
        if origin in origins:
            headers["Access-Control-Allow-Origin"] = origin
        return static_files.answer(request, file, headers)
