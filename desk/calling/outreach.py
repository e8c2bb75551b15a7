"""Outreach as the desk reaches it: the calls to be made, taken by one agent each (`outreach.desk_calls`)."""

from __future__ import annotations

from typing import Any, Dict, List
from urllib.parse import quote

import requests

from common.problems import PREFIX
from desk.problems import Problem

_TIMEOUT = (3.0, 15.0)  # seconds; before a call outreach asks the bank several times
#: What outreach may answer instead of what was asked, with what goes on to the console.
_REFUSALS = frozenset(
    "not-found call-taken call-open call-over call-later call-not-held bank-unavailable invalid-request".split()
)
_MEMBERS = ("holder", "rule", "until")


class Outreach:
    """Outreach at `url`. Methods block; they raise `Problem`: `unavailable` if outreach does not answer."""

    def __init__(self, url: str, desk_token: str) -> None:
        self._url = f"{url.rstrip('/')}/desk/calls"
        self._headers = {"Authorization": f"Bearer {desk_token}"}

    def calls(self, agent: str) -> List[Dict[str, Any]]:
        """The calls that may be made now, the agent's own first."""
        found: List[Dict[str, Any]] = self._ask("GET", "", params={"agent": agent})["items"]
        return found

    def claim(self, task_id: str, agent: str) -> Dict[str, Any]:
        """Have a call for the agent, if it may be made now."""
        task: Dict[str, Any] = self._ask("POST", f"/{quote(task_id, safe='')}/claim", json={"agent": agent})["task"]
        return task

    def release(self, task_id: str, agent: str) -> None:
        """Leave a call to others."""
        self._ask("POST", f"/{quote(task_id, safe='')}/release", json={"agent": agent})

    def result(self, task_id: str, agent: str, **said: Any) -> None:
        """What came of an attempt: `attempt`, `outcome`, `note`, `reason`. Told twice, it counts once."""
        self._ask("POST", f"/{quote(task_id, safe='')}/result", json={"agent": agent, **said})

    def _ask(self, method: str, path: str, **options: Any) -> Dict[str, Any]:
        try:
            answer = requests.request(method, self._url + path, headers=self._headers, timeout=_TIMEOUT, **options)
            content = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise Problem("unavailable", f"outreach does not answer: {type(error).__name__}") from error
        if answer.ok:
            found: Dict[str, Any] = content
            return found
        name = str(content.get("type", "")).replace(PREFIX, "", 1)
        if name not in _REFUSALS:
            raise Problem("unavailable", f"outreach answered {answer.status_code}")
        raise Problem(name, **{member: content[member] for member in _MEMBERS if content.get(member)})
