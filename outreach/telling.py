"""Tells the bank's contact log what became of contacts: each line once, by its key, until the bank has it."""

from __future__ import annotations

import logging

from bank.client import BankClient
from bank.errors import BankError, BankRejected, BankUnavailable, NotAuthorised, NotOffered, RateLimited
from common.database import Database
from outreach import journal
from outreach.journal import Event

logger = logging.getLogger(__name__)

_AT_ONCE = 200  # lines


def tell_bank(bank: BankClient, database: Database) -> int:
    """Tell all that is untold, oldest first; how many lines the bank took. Stops where the bank does not answer."""
    count, after = 0, 0
    while True:
        with database.reading() as connection:
            waiting = journal.untold(connection, _AT_ONCE, after)
        if not waiting:
            return count
        for event_id, event in waiting:
            after = event_id
            try:
                _tell(bank, event)
            except (BankUnavailable, RateLimited, NotAuthorised) as error:
                logger.warning("the bank's contact log waits: %s", error)
                return count
            except NotOffered:
                logger.info("this bank keeps no contact log")
            except BankRejected as error:  # it will never take it
                logger.error("the bank refuses line %s of its contact log: %s", event_id, error)
            except BankError as error:
                logger.error("line %s of the bank's contact log waits: %s", event_id, error)
                continue
            with database.writing() as connection:
                journal.told(connection, event_id)
            count += 1


def _tell(bank: BankClient, event: Event) -> None:
    bank.log_contact(
        event.customer_id,
        kind=event.kind,
        channel=event.channel,
        direction=event.direction,
        at=event.at,
        outcome=event.outcome,
        rule=event.rule,
        card_id=event.card_id,
        text_id=event.text_id,
        reference=event.contact_id,
        idempotency_key=event.idempotency_key,
    )
