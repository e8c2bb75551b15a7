"""Files that customers sent and that accounts uploaded."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Dict, Optional

from channels.simulator.times import Clock

LIFETIME = 3 * 24 * 3600  # seconds


@dataclass(frozen=True)
class File:
    """A file's bytes and what a browser must know of it."""

    content: bytes
    content_type: str
    name: str
    until: float


class Media:
    """Kept for three days, as the platforms keep temporary media."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: Dict[str, File] = {}

    def keep(self, content: bytes, content_type: str, name: str) -> str:
        """The file's media id."""
        media_id = secrets.token_urlsafe(48)
        self._files[media_id] = File(content, content_type, name, self._clock.elapsed() + LIFETIME)
        return media_id

    def get(self, media_id: str) -> Optional[File]:
        """The file, unless it is unknown or too old."""
        file = self._files.get(media_id)
        return file if file is not None and file.until > self._clock.elapsed() else None
