"""Parts of a worker that can be killed: before and after each commit, each hand-over to a gateway, each bank call."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Iterator, Optional

from sqlalchemy.engine import Connection

from bank.models import Contact
from common.database import Database
from outreach.senders.base import Outgoing, Sent
from tests.test_outreach.conftest import Gateway
from tests.test_outreach.generated_bank import GeneratedBank


class Killed(BaseException):
    """The process is no more. Nothing that handles errors may handle it."""


@dataclass
class Reaper:
    """Ends the process at a point; from then on nothing of it has an effect, until another one is started."""

    steps: int = 0
    dies_at: Optional[int] = None

    def pass_by(self) -> None:
        """A point at which the process may end."""
        self.steps += 1
        if self.dies_at is not None and self.steps >= self.dies_at:
            raise Killed

    def start_another(self, dies_after: Optional[int]) -> None:
        """A new process, which ends after so many points."""
        self.dies_at = None if dies_after is None else self.steps + dies_after


class MortalDatabase(Database):
    """Its process may end before a commit, and after it."""

    reaper: Reaper

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with super().writing() as connection:
            yield connection
            self.reaper.pass_by()
        self.reaper.pass_by()


@dataclass
class MortalGateway(Gateway):
    """The process that uses it may end before the gateway got the message, and after it."""

    reaper: Reaper = None  # type: ignore[assignment]

    def send(self, outgoing: Outgoing) -> Sent:
        self.reaper.pass_by()
        sent = super().send(outgoing)
        self.reaper.pass_by()
        return sent


class MortalBank(GeneratedBank):
    """The process that asks it may end before the request, and after the bank has written a line."""

    reaper: Reaper

    def log_contact(self, customer_id: str, *, idempotency_key: str, **given: Any) -> Contact:
        self.reaper.pass_by()
        line = super().log_contact(customer_id, idempotency_key=idempotency_key, **given)
        self.reaper.pass_by()
        return line
