"""What our services answer instead of what was asked: problem+json (RFC 7807)."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Mapping, Optional

#: In front of every problem's name.
PREFIX = "urn:overdue-card:problem:"


class Problem(Exception):
    """The answer is a problem of this name. `detail` is for engineers and holds no data of customers.

    Each service has a class of its own, whose `statuses` are the HTTP statuses of its names.
    """

    statuses: ClassVar[Mapping[str, int]] = {}

    def __init__(self, name: str, detail: str = "", *, status: Optional[int] = None, **members: Any) -> None:
        """`members` go into the document, e.g. `attempts_left`. `status` is needed for a name without one."""
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name
        self.detail = detail
        self.status = status or self.statuses[name]
        self.members = members
        self.headers: Dict[str, str] = {}

    def body(self) -> Dict[str, Any]:
        """The problem document."""
        title = self.name.replace("-", " ").capitalize()
        document = {"type": PREFIX + self.name, "title": title, "status": self.status, **self.members}
        return {**document, "detail": self.detail} if self.detail else document
