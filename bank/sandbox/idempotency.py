"""Writes that happen once, however often and however concurrently they are asked for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Callable, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bank.models import Model
from bank.sandbox import store
from bank.sandbox.policy import Idempotency
from bank.sandbox.problems import Problem
from bank.sandbox.store import Store
from common import clock

_TRIES = 12  # as many may want the next number of a day at the same time as there are customers


@dataclass(frozen=True)
class Once:
    """Who asks for what under which key. `content` is what must be the same when the key returns."""

    customer_id: str
    key: str
    content: Mapping[str, object]

    def content_hash(self) -> str:
        """The same for the same content, whatever the order of its properties."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """Status, JSON text (empty where there is nothing to say) and ETag (empty if it has none), as given first."""

    status: int
    body: str = ""
    etag: str = ""


def answer_with(status: int, model: Optional[Model]) -> Answer:
    """`model` as an answer, with its version as the ETag if it has one."""
    if model is None:
        return Answer(status)
    version = getattr(model, "version", None)
    return Answer(status, model.json(), "" if version is None else f'"{version}"')


Act = Callable[[Connection], Optional[Model]]


def once(
    database: Store,
    policy: Idempotency,
    asked: Once,
    status: int,
    act: Act,
    exists: Callable[[Connection], object],
) -> Answer:
    """The answer of `act`, or the one that was given for this key before. A Problem leaves the key unused.

    `exists` comes first and raises Problem `not-found` if there is nothing to act on. The key is claimed by an insert:
    where two requests race, the second waits in the database for the first to end and then finds its answer. Raises
    Problem `idempotency-conflict`, and whatever `exists` and `act` raise.
    """
    for _ in range(_TRIES):
        try:
            with database.writing() as connection:
                exists(connection)
                known = _known(connection, asked)
                return known if known is not None else _do(connection, policy, asked, status, act)
        except IntegrityError:
            continue  # another process was first, with this key or with this number of a reference
    raise Problem("unavailable", "too many requests at the same time")


def _known(connection: Connection, asked: Once) -> Optional[Answer]:
    answers = store.answers
    query = sa.select(answers).where(answers.c.customer_id == asked.customer_id, answers.c.key == asked.key)
    row = store.row(connection, query)
    if row is None:
        return None
    if row["content_hash"] != asked.content_hash():
        raise Problem("idempotency-conflict", "the key was used with other content")
    return Answer(row["status"], row["body"], row["etag"])


def _do(connection: Connection, policy: Idempotency, asked: Once, status: int, act: Act) -> Answer:
    answers = store.answers
    now = clock.now()
    connection.execute(sa.delete(answers).where(answers.c.created_at < now - timedelta(hours=policy.kept_hours)))
    connection.execute(
        sa.insert(answers).values(
            customer_id=asked.customer_id,
            key=asked.key,
            content_hash=asked.content_hash(),
            status=status,
            body="",
            created_at=now,
        )
    )
    answer = answer_with(status, act(connection))
    this_one = (answers.c.customer_id == asked.customer_id, answers.c.key == asked.key)
    connection.execute(sa.update(answers).where(*this_one).values(body=answer.body, etag=answer.etag))
    return answer
