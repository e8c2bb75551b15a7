"""A desk that learns of a made-up past, bit by bit, as it happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, Iterator, List, Optional

import sqlalchemy as sa

from common.database import Database
from common.feed import EventFeed
from desk.insights import at_bank
from desk.insights.figures import TABLES, Selection, table_of
from desk.insights.keeper import Keeper
from desk.service import Desk
from desk.tables import assistant_ratings, handovers, ratings, transitions
from outreach.plan import load_plan
from outreach.tables import call_tasks, contacts, events, messages
from outreach.tables import metadata as outreach_tables
from tests.test_desk.floor import Floor
from tests.test_desk.insights_history import Bank, History

_STEP = timedelta(hours=6)


class Place:
    """A desk, outreach's store and a bank. `floor.now` is the time."""

    def __init__(self, floor: Floor, history: History, outreach_url: str = "", feed_url: str = "") -> None:
        self.floor = floor
        self.history = history
        self.bank = Bank(history)
        self.feed = EventFeed(feed_url or floor.url)
        self.outreach = Database(outreach_url or floor.url, outreach_tables)
        self.outreach.prepare()
        self.desk = Desk(floor.database)
        self.keeper = self.new_keeper()

    def new_keeper(self) -> Keeper:
        """As after a restart of the desk."""
        return Keeper(self.desk, self.feed, self.outreach, load_plan(), self.bank)  # type: ignore[arg-type]

    def close(self) -> None:
        self.desk.stop()
        self.feed.close()
        self.outreach.close()

    def steps(self) -> Iterator[datetime]:
        """Let time go by until everything has happened; after each step everything of it has been written."""
        said = [event["timestamp"] for _, event in self.history.fed]
        begin, end = (datetime.fromtimestamp(each(said), self.floor.now.tzinfo) for each in (min, max))
        lines = [line["at"] for line in self.history.lines]
        before = min([begin, *lines]) - _STEP
        while before < max([end, *lines]):
            now = before + (_STEP if before < end else timedelta(days=1))
            self.floor.now = now
            self._write(before, now)
            yield now
            before = now

    async def live_through(self) -> None:
        """Everything happens, and the figures are kept up to date meanwhile."""
        for _ in self.steps():
            await self.keeper.read_once()
            await self.keeper.ask_once()
        for _ in range(34):  # by then the bank was asked once more of everything, and of payments for the last time
            self.floor.now += timedelta(days=1)
            await self.keeper.ask_once()
        while self.floor.look(at_bank.requests_due):
            await self.keeper.ask_once()

    def tables(self, selection: Selection) -> Dict[str, List[Dict[str, Any]]]:
        """Every table of the page."""
        return {name: self.floor.look(table_of, name, selection) for name in TABLES}

    def _write(self, after: datetime, until: datetime) -> None:
        for name, event in self.history.fed:
            if after.timestamp() < event["timestamp"] <= until.timestamp():
                self.feed.append(name, event)
        with self.floor.database.writing() as connection:
            for row in self.history.handovers:
                if after < row["created_at"] <= until:
                    _hand_over(connection, row, self._rating(row["id"]))
            for row in self.history.assistant_ratings:
                if after < row["asked_at"] <= until:
                    connection.execute(sa.insert(assistant_ratings).values(**row))
        with self.outreach.writing() as connection:
            for line in self.history.lines:
                if after < line["at"] <= until:
                    self._line(connection, line)

    def _rating(self, number: int) -> Optional[Dict[str, Any]]:
        return next((each for each in self.history.ratings if each["handover_id"] == number), None)

    def _line(self, connection: Any, line: Dict[str, Any]) -> None:
        contact = next(each for each in self.history.contacts if each["id"] == line["contact_id"])
        known = sa.select(sa.func.count()).select_from(events).where(events.c.contact_id == contact["id"])
        number = connection.execute(known).scalar_one()
        if number == 0:
            state = {"state": "planned", "next_at": line["at"], "planned_at": line["at"], "tried": []}
            connection.execute(sa.insert(contacts).values(**contact, **state))
        call = next((each for each in self.history.calls if each["contact_id"] == contact["id"]), None)
        language = self.history.languages[contact["id"]]
        if call is not None and line["outcome"] == "planned":
            connection.execute(sa.insert(call_tasks).values(**_task(contact, language, line["at"])))
        if call is not None and line["outcome"] == "answered":
            done = sa.update(call_tasks).where(call_tasks.c.contact_id == contact["id"])
            connection.execute(done.values(reason=call["reason"]))
        if line["outcome"] == "sent":
            connection.execute(sa.insert(messages).values(**_message(contact, language, line)))
        values = {"customer_id": contact["customer_id"], "card_id": contact["card_id"], "step": contact["step"]}
        more = {"number": number, "kind": "reminder", "source": "a test", "told": True}
        connection.execute(sa.insert(events).values(**line, **values, **more))


def _hand_over(connection: Any, row: Dict[str, Any], rating: Optional[Dict[str, Any]]) -> None:
    values = {name: value for name, value in row.items() if name != "move"}
    connection.execute(sa.insert(handovers).values(**values))
    move = {"move": row["move"], "before": "bot", "after": "waiting", "who": "customer", "at": row["created_at"]}
    connection.execute(sa.insert(transitions).values(conversation_id=row["conversation_id"], **move))
    if rating:
        connection.execute(sa.insert(ratings).values(**rating))


def _task(contact: Dict[str, Any], language: str, at: datetime) -> Dict[str, Any]:
    return {
        "id": f"task-{contact['id']}",
        "contact_id": contact["id"],
        "customer_id": contact["customer_id"],
        "card_id": contact["card_id"],
        "language": language,
        "script": "…",
        "kind": "reminder",
        "preferences": "{}",
        "call_until": at,
        "created_at": at,
    }


def _message(contact: Dict[str, Any], language: str, line: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "id": f"{contact['id']}-{line['channel']}",
        "contact_id": contact["id"],
        "customer_id": contact["customer_id"],
        "card_id": contact["card_id"],
        "channel": line["channel"],
        "state": "sent",
        "text_id": "due_soon",
        "language": language,
        "subject": "",
        "text": "…",
        "shown_to": "",
        "at": line["at"],
    }
