"""A document as an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Content:
    """Bytes with their type and a name to save them under."""

    body: bytes
    content_type: str
    file_name: str
