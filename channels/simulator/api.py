"""What the two platforms' APIs have in common: bodies, tokens, faults, and answers that are refusals."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Union
from urllib.parse import quote

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.simulator.errors import ApiError
from channels.simulator.faults import Broken, Faults
from channels.simulator.media import Media
from channels.simulator.tokens import AccessTokens

Call = Callable[[Request], Union[Dict[str, Any], HTTPResponse]]
Refusal = Callable[[ApiError], Dict[str, Any]]


class Api:
    """Adds calls to a platform's blueprint."""

    def __init__(
        self, blueprint: Blueprint, platform: str, tokens: AccessTokens, faults: Faults, refusal: Refusal
    ) -> None:
        self._blueprint = blueprint
        self._platform = platform
        self._tokens = tokens
        self._faults = faults
        self._refusal = refusal

    def add(self, method: str, path: str, call: Call, *, token: bool = True) -> None:
        """Serve `call` under `path`, for those who have an access token if `token`."""

        async def handle(request: Request) -> HTTPResponse:
            try:
                await self._faults.meet(self._platform, path, after=False)
                if token:
                    self._tokens.check(request.args.get("access_token"))
                answer = call(request)
                await self._faults.meet(self._platform, path, after=True)
            except ApiError as error:
                answer = self._refusal(error)
            except Broken as broken:
                return response.text("", status=broken.status)
            # The platforms answer refusals with status 200, too, and name no charset.
            return answer if isinstance(answer, HTTPResponse) else response.json(answer, ensure_ascii=False)

        name = f"{method}_{path.strip('/').replace('/', '_')}"
        self._blueprint.add_route(handle, path, methods=[method], name=name)


def body(request: Request) -> Dict[str, Any]:
    """The request's JSON object. Raises `ApiError`."""
    try:
        values = json.loads(request.body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError):
        raise ApiError(47001) from None
    if not isinstance(values, dict):
        raise ApiError(47001)
    return values


def size(text: str) -> int:
    """Bytes of it as UTF-8, as the platforms count."""
    return len(text.encode())


def download(request: Request, media: Media) -> HTTPResponse:
    """The file that the request names. Raises `ApiError`."""
    file = media.get(str(request.args.get("media_id")))
    if file is None:
        raise ApiError(40007)
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
    return response.raw(file.content, content_type=file.content_type, headers=disposition)
