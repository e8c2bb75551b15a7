"""The bank's own record of hand-overs: that a person is to take over, and how it ended. Told in order, each once.

A bank that does not offer it is not asked again until the desk starts anew; one that does not answer is asked later.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Any, Dict, List

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bank import errors
from bank.client import BankClient
from bank.models import HandOver, HandOverOutcome, HandOverPriority
from common import log
from common.events import wait_at_most
from desk.case.service import Cases
from desk.case.summary import Case, summarise
from desk.chatwoot.note import case_note
from desk.journal import Journal
from desk.service import Desk, News
from desk.tables import handovers

logger = logging.getLogger(__name__)

_AGAIN = 30.0  # seconds; wishes are made by another process, which tells nobody
_AT_ONCE = 50
_LONGEST_SUMMARY = 2000  # characters, by the bank's contract
_REFUSALS = (errors.InvalidRequest, errors.NotFound, errors.IdempotencyConflict, errors.IllegalMove)

#: Outcomes of this desk, those of other desks and the moves that end a hand-over; the bank knows four.
OUTCOMES: Dict[str, HandOverOutcome] = {
    "solved": HandOverOutcome.RESOLVED,
    "request_filed": HandOverOutcome.RESOLVED,
    "promise": HandOverOutcome.RESOLVED,
    "resolved": HandOverOutcome.RESOLVED,
    "callback": HandOverOutcome.PASSED_ON,
    "hand_back": HandOverOutcome.PASSED_ON,
    "back_to_bot": HandOverOutcome.PASSED_ON,
    "no_answer": HandOverOutcome.NOT_REACHED,
    "not_solved": HandOverOutcome.UNRESOLVED,
    "other": HandOverOutcome.UNRESOLVED,
}


class BankRecord:
    """Tells the bank what is due; `run` until cancelled."""

    def __init__(self, desk: Desk, cases: Cases, bank: BankClient) -> None:
        self._desk = desk
        self._cases = cases
        self._bank = bank
        self._due = asyncio.Event()
        desk.listen(self._heard)

    async def run(self) -> None:
        """Tell the bank of hand-overs that begin and end, as long as it wants to know."""
        while True:
            self._due.clear()
            try:
                for row in await self._desk.read(_untold):
                    await self._tell(row)
            except errors.NotOffered:
                logger.info("the bank keeps no record of hand-overs")
                await asyncio.Event().wait()
            except errors.BankError as error:
                logger.warning("the bank has not been told of a hand-over yet: %s", type(error).__name__)
                await asyncio.sleep(_AGAIN)
            await wait_at_most(self._due, _AGAIN)

    async def _heard(self, news: News) -> None:
        if any(brief["customer_id"] for brief in news.briefs):
            self._due.set()

    async def _tell(self, row: Row) -> None:
        log.conversation_id.set(row.conversation_id)
        try:
            told = await (self._open(row) if row.at_bank == "due" else self._close(row))
        except _REFUSALS as refusal:
            logger.error("the bank refuses the hand-over %s: %s", row.reference, type(refusal).__name__)
            told = {"at_bank": "refused"}
        await self._desk.run(_note, row.id, told)

    async def _open(self, row: Row) -> Dict[str, Any]:
        words = row.bank_told
        if words is None:
            # Kept before it is sent: should the answer be lost, the same words are sent again under the same key.
            words = await self._desk.thread(self._words, row)
            await self._desk.run(_note, row.id, {"bank_told": words})
        opened = await self._desk.thread(self._hand_over, row, words)
        return {"at_bank": "open", "bank_reference": opened.reference}

    def _words(self, row: Row) -> Dict[str, str]:
        case = Case(row.conversation_id, row.customer_id, row.language, dict(row._mapping))
        summary = summarise(case, self._cases.told(case), self._cases.figures(case))
        text = case_note(summary, row.language)[:_LONGEST_SUMMARY]
        return {"reason": row.reason, "priority": row.priority, "summary": text}

    def _hand_over(self, row: Row, words: Dict[str, str]) -> HandOver:
        return self._bank.hand_over(
            row.customer_id,
            conversation_id=row.conversation_id,
            reason=words["reason"],
            priority=HandOverPriority(words["priority"]),
            summary=words["summary"],
            idempotency_key=_key("open", row),
        )

    async def _close(self, row: Row) -> Dict[str, Any]:
        await self._desk.thread(self._closed, row)
        return {"at_bank": "closed"}

    def _closed(self, row: Row) -> None:
        self._bank.close_hand_over(
            row.customer_id,
            row.bank_reference,
            outcome=OUTCOMES.get(row.outcome or "", HandOverOutcome.UNRESOLVED),
            idempotency_key=_key("close", row),
        )


def _key(act: str, row: Row) -> str:
    """The same at each attempt, also after a restart."""
    return hashlib.sha256(f"{act} {row.id} {row.reference} {row.created_at.isoformat()}".encode()).hexdigest()[:32]


def _untold(connection: Connection) -> List[Row]:
    """Hand-overs of known customers of whose beginning, or end, the bank does not know, the oldest first."""
    ended = sa.and_(handovers.c.at_bank == "open", handovers.c.closed_at.is_not(None))
    due = sa.and_(handovers.c.at_bank == "due", handovers.c.customer_id.is_not(None))
    wanted = sa.select(handovers).where(sa.or_(due, ended)).order_by(handovers.c.id).limit(_AT_ONCE)
    return list(connection.execute(wanted))


def _note(journal: Journal, handover_id: int, told: Dict[str, Any]) -> None:
    journal.connection.execute(sa.update(handovers).where(handovers.c.id == handover_id).values(**told))
