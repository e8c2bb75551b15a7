"""What would go out now, and what a rule would stop: nothing is sent, and nothing is written anywhere."""

from __future__ import annotations

from typing import Iterator, Optional, Tuple

import sqlalchemy as sa

from bank.errors import BankError
from common import clock
from common.masking import mask_numbers
from outreach import store
from outreach.choosing import NoWay, Wait
from outreach.planner import due_of
from outreach.store import Contact, Wanted
from outreach.tables import contacts
from outreach.worker import Worker

_PAGE = 100  # watches


def dry_run(worker: Worker) -> Iterator[str]:
    """A line for each contact of today that is not made yet, then their number. Raises BankError."""
    count = 0
    for wanted in _wanted(worker):
        state = _state(worker, wanted)
        if state in (None, store.State.PLANNED.value):
            count += 1
            yield f"{wanted.customer_id} {wanted.card_id} {wanted.step}: {_outlook(worker, wanted)}"
    yield f"{count} contacts on {clock.today()}"


def _wanted(worker: Worker) -> Iterator[Wanted]:
    today = clock.today()
    for account in worker.bank.all_accounts():
        yield from due_of(account, worker.plan, today)
    after: Optional[Tuple[str, str, str]] = None
    while True:
        with worker.database.reading() as connection:
            found = store.watched_after(connection, after, today, _PAGE)
        for which in found:
            yield from worker.planner.watched(which, today)[0]
        if not found:
            return
        after = (found[-1].customer_id, found[-1].card_id, found[-1].what.value)


def _state(worker: Worker, wanted: Wanted) -> Optional[str]:
    with worker.database.reading() as connection:
        state: Optional[str] = connection.execute(
            sa.select(contacts.c.state).where(contacts.c.id == wanted.id)
        ).scalar()
        return state


def _outlook(worker: Worker, wanted: Wanted) -> str:
    step = worker.plan.step(wanted.step)
    assert step is not None  # it was found in the plan just now
    contact = Contact(wanted.id, wanted.customer_id, wanted.card_id, wanted.step, wanted.anchor, 0, (), "")
    try:
        ready = worker.dispatcher.ready(contact, step)
        chosen = ready if isinstance(ready, NoWay) else worker.dispatcher.reason_to_stop(ready)
        if isinstance(ready, NoWay) or isinstance(chosen, NoWay):
            return f"stopped, {chosen.rule}" if chosen else "stopped"
        way = worker.chooser.choose(ready)
    except BankError as error:
        return f"not known: {error}"
    if isinstance(way, NoWay):
        return f"stopped, {way.rule} ({way.source})"
    if isinstance(way, Wait):
        return f"later, from {way.until:%Y-%m-%d %H:%M}, {way.rule.label} ({way.rule.source})"
    text = worker.dispatcher.outgoing(ready, way).rendered.text
    return f"{way.channel.value}, {way.rule.label}: {mask_numbers(' '.join(text.split()))}"
