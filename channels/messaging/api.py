"""Calls of a platform's HTTP API: JSON both ways, an access token in the query, `errcode` in the answer.

Nothing that is raised or logged here holds an address with its query, for the query holds the token.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Awaitable, Callable, Mapping, Optional, Type, Union

import aiohttp

from channels.messaging.access_tokens import AccessTokens, Granted
from channels.messaging.platform import File, Later, Never, SendError
from common import metrics

Answer = Mapping[str, Any]

_PATIENCE = aiohttp.ClientTimeout(total=10.0, connect=3.0)  # seconds
_FILES = aiohttp.ClientTimeout(total=60.0, connect=3.0)  # seconds
_BUSY = -1

#: Codes of an access token that is invalid, has ended or is missing. Both platforms use the same.
_TOKEN_REFUSED = frozenset({40001, 40014, 41001, 42001})


class Repeated(Never):
    """Refused because a message with this id was taken before."""


class Http:
    """An API without its access token. Connections are opened when they are needed first."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session: Optional[aiohttp.ClientSession] = None

    async def request(
        self, method: str, path: str, *, query: Optional[Mapping[str, str]] = None, body: Optional[Answer] = None
    ) -> Answer:
        """The answer, whatever its `errcode`. Raises `Later` if none came that can be read."""
        # As UTF-8: the platforms show \\u escapes as they are, or refuse them.
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {} if data is None else {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self._connections.request(
                method, self._base_url + path, params=query, data=data, headers=headers
            ) as answer:
                content = await answer.read()
                if answer.status != 200:
                    raise Later(f"{path} answered with status {answer.status}")
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Later(f"{path} did not answer: {type(error).__name__}") from None
        return _json(path, content)

    async def upload(self, path: str, query: Mapping[str, str], file: File, content_type: str) -> Answer:
        """The answer to a form with one file, whatever its `errcode`. Raises `Later` if none came that can be read."""
        form = aiohttp.FormData(quote_fields=False)  # the platforms take names in UTF-8 as they are
        form.add_field("media", file.content, filename=_plain(file.name), content_type=content_type)
        try:
            async with self._connections.post(self._base_url + path, params=query, data=form, timeout=_FILES) as answer:
                content = await answer.read()
                if answer.status != 200:
                    raise Later(f"{path} answered with status {answer.status}")
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Later(f"{path} did not answer: {type(error).__name__}") from None
        return _json(path, content)

    async def download(self, path: str, query: Mapping[str, str], most: int) -> Union[Answer, Optional[File]]:
        """A file; `None` if it has more than `most` bytes; or the answer that there is none. Raises `Later`."""
        try:
            async with self._connections.get(self._base_url + path, params=query, timeout=_FILES) as answer:
                if answer.status != 200:
                    raise Later(f"{path} answered with status {answer.status}")
                content = b""
                async for chunk in answer.content.iter_chunked(64 * 1024):
                    content += chunk
                    if len(content) > most:
                        return None
                disposition = answer.content_disposition
                if disposition is None and answer.content_type in ("application/json", "text/plain"):
                    return _json(path, content)
                name = (disposition.filename if disposition else None) or f"file.{answer.content_type.split('/')[-1]}"
                return File(content, name)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Later(f"{path} did not answer: {type(error).__name__}") from None

    @property
    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Servers of banks often reach the internet through a proxy only: HTTPS_PROXY, NO_PROXY.
            self._session = aiohttp.ClientSession(timeout=_PATIENCE, trust_env=True)
        return self._session

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class Api:
    """An API with its access token. `errors` says what its codes mean for a message that was to be sent."""

    def __init__(self, http: Http, tokens: AccessTokens, errors: Mapping[int, Type[SendError]]) -> None:
        self._http = http
        self._tokens = tokens
        self._errors = errors
        self._known = {code: str(code) for code in (*errors, *_TOKEN_REFUSED, _BUSY)}

    async def call(self, path: str, body: Answer) -> Answer:
        """The answer to a POST; a token that is refused is renewed once. Raises the classes of `SendError`."""
        return await self._counted(
            path, lambda token: self._http.request("POST", path, query={"access_token": token}, body=body)
        )

    async def upload(self, path: str, query: Mapping[str, str], file: File, content_type: str) -> Answer:
        """As `call`, of a form with one file."""
        return await self._counted(
            path, lambda token: self._http.upload(path, {"access_token": token, **query}, file, content_type)
        )

    async def _counted(self, path: str, ask: Callable[[str], Awaitable[Answer]]) -> Answer:
        try:
            answer = await self._call(path, ask)
        except SendError as error:
            self._count("no_answer" if error.code is None else self._known.get(error.code, metrics.OTHER))
            raise
        self._count("0")
        return answer

    def _count(self, code: str) -> None:
        metrics.PLATFORM_CALLS.labels(self._tokens.platform, code).inc()

    async def _call(self, path: str, ask: Callable[[str], Awaitable[Answer]]) -> Answer:
        token = await self._tokens.current()
        answer = await ask(token)
        if code_of(answer) in _TOKEN_REFUSED:
            answer = await ask(await self._tokens.other_than(token))
        if code_of(answer) == 0:
            return answer
        raise self._refusal(path, answer)

    async def download(self, path: str, query: Mapping[str, str], most: int) -> Optional[File]:
        """A file, or `None` if it has more than `most` bytes; as `call` otherwise."""
        token = await self._tokens.current()
        found = await self._http.download(path, {"access_token": token, **query}, most)
        if isinstance(found, Mapping) and code_of(found) in _TOKEN_REFUSED:
            token = await self._tokens.other_than(token)
            found = await self._http.download(path, {"access_token": token, **query}, most)
        if isinstance(found, Mapping):
            raise self._refusal(path, found)
        return found

    def _refusal(self, path: str, answer: Answer) -> SendError:
        code = code_of(answer)
        if code in _TOKEN_REFUSED or code == _BUSY:
            return Later(f"{path} answered with {code}", code)
        return self._meaning(code, str(answer.get("errmsg")))(f"{path} answered with {code}", code)

    def _meaning(self, code: int, wording: str) -> Type[SendError]:
        # WeCom refuses an id that it knows, but its documents give no code for that. Ours are well formed.
        unnamed = Repeated if "msgid" in wording else Never
        return self._errors.get(code, unnamed)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()


def _plain(name: str) -> str:
    """A file's name without what would end a header's field."""
    return "".join(letter for letter in name if letter.isprintable() and letter not in '"\\/') or "file"


def _json(path: str, content: bytes) -> Answer:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Later(f"{path} did not answer with JSON")
    return found


def code_of(answer: Answer) -> int:
    """`errcode`; 0 if there is none or it is no number."""
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else 0


def granting(request: Callable[[bool], Awaitable[Answer]]) -> Callable[[bool], Awaitable[Granted]]:
    """What asks for a token by `request`. It raises `Later` if none is given: who runs the service can mend that."""

    async def ask(another: bool) -> Granted:
        answer = await request(another)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, (int, float)):
            raise Later(f"no access token is given: {code_of(answer)}", code_of(answer))
        return Granted(token, float(seconds))

    return ask
