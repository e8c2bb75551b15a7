"""Files for browsers, held in memory: compressed once, with a fingerprint, so that nothing is sent twice."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Mapping

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain",
}
# Files are asked for again each time and answered with 304, so that a page never mixes two versions of our code.
_FRESH = "no-cache"
_VERSIONED = "public, max-age=31536000, immutable"  # under vendor/, where the name holds the version


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent."""

    content: bytes
    compressed: bytes
    content_type: str
    etag: str
    cache_control: str

    @property
    def is_page(self) -> bool:
        """Whether a browser shows it as a document of its own."""
        return self.content_type.startswith("text/html")


def load(folder: Path) -> Dict[str, StaticFile]:
    """Every file of the folder that a browser needs, by its path below the folder."""
    files: Dict[str, StaticFile] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            files[name] = StaticFile(
                content,
                gzip.compress(content, mtime=0),
                _TYPES[path.suffix],
                f'"{hashlib.sha256(content).hexdigest()[:20]}"',
                _VERSIONED if name.startswith("vendor/") else _FRESH,
            )
    return files


def answer(request: Request, file: StaticFile, more_headers: Mapping[str, str]) -> HTTPResponse:
    """The file, compressed where the browser can unpack it, or 304 where the browser has it already."""
    headers = {
        "ETag": file.etag,
        "Cache-Control": file.cache_control,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **more_headers,
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return response.empty(304, headers)
    body = file.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = file.compressed
    return response.raw(body, headers=headers, content_type=file.content_type)
