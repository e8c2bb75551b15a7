"""One worker: plans the day, makes the contacts whose time has come, tells the bank. Several may run in parallel."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import List

from bank.client import BankClient
from bank.errors import BankError
from bank.models import ContactChannel
from common import clock
from common.database import Database
from common.settings import Settings
from desk.store import HandoverStore
from outreach import store
from outreach.choosing import Chooser
from outreach.dispatch import Dispatcher
from outreach.facts import Concerns, FactFinder
from outreach.plan import Plan, plan_from
from outreach.planner import Planned, Planner
from outreach.senders import senders_from
from outreach.senders.base import Senders
from outreach.store import Contact
from outreach.tables import metadata
from outreach.telling import tell_bank
from outreach.texts import Texts, texts_from
from outreach.unmade import end_unmade

logger = logging.getLogger(__name__)

_AT_ONCE = 200  # contacts that are claimed together
_THREADS = 8


class Worker:
    """Methods block and may be called at any time, each by one thread; what another worker has is left to it."""

    def __init__(
        self,
        bank: BankClient,
        database: Database,
        concerns: HandoverStore,
        plan: Plan,
        texts: Texts,
        senders: Senders,
        *,
        link: str,
        address_secret: str,
        threads: int = _THREADS,
    ) -> None:
        texts.check(plan)
        self.owner = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.plan = plan
        self.database = database
        self.bank = bank
        self.facts = FactFinder(bank, Concerns(concerns, plan.quiet_days_after), texts, link)
        self.chooser = Chooser(bank, database, plan, senders)
        self.dispatcher = Dispatcher(database, plan, texts, self.facts, self.chooser, address_secret)
        self.planner = Planner(bank, database, plan, self.owner)
        self._threads = threads

    def plan_day(self) -> Planned:
        """Plan the bank's day, once its hour has come. Raises BankError."""
        if clock.now().hour < self.plan.plan_from_hour:
            return Planned(0, 0, False)
        planned = self.planner.plan_today()
        logger.info("%s: %s accounts read, %s contacts planned", clock.today(), planned.accounts, planned.contacts)
        return planned

    def send_due(self) -> int:
        """Make every contact whose time has come; how many were looked at."""
        count = 0
        with ThreadPoolExecutor(self._threads, thread_name_prefix="outreach") as threads:
            while True:
                with self.database.writing() as connection:
                    claimed = store.claim(connection, self.owner, clock.now(), _AT_ONCE)
                if not claimed:
                    return count
                count += sum(len(contacts) for contacts in claimed)
                for _ in threads.map(self._make, claimed):
                    pass

    def end_calls(self) -> int:
        """End the calls that nobody made in their time; how many."""
        return end_unmade(self.database)

    def tell_bank(self) -> int:
        """Tell the bank what it has not been told; how many lines."""
        return tell_bank(self.bank, self.database)

    def tick(self) -> None:
        """Everything, once. A bank that does not answer is asked again the next time."""
        try:
            self.plan_day()
        except BankError as error:
            logger.warning("planning goes on later: %s", error)
        self.send_due()
        self.end_calls()
        self.tell_bank()

    def _make(self, contacts: List[Contact]) -> None:
        try:
            self.dispatcher.make(contacts)
        except Exception:
            # One customer's trouble must not keep the others waiting. The lease keeps it from being tried at once.
            logger.exception("contacts %s failed", ", ".join(each.id for each in contacts))


def database_from(values: Settings) -> Database:
    """The database of outreach, with its tables."""
    database = Database(values.store_url("outreach"), metadata)
    database.prepare()
    return database


def worker_from(values: Settings, bank: BankClient, database: Database) -> Worker:
    """The worker that the settings describe. Raises `PlanError`, `TextsError`."""
    for text_id, template in values.outreach_wechat_templates.items():
        texts_from().check_values(text_id, ContactChannel.WECHAT, template.values.values())
    return Worker(
        bank,
        database,
        HandoverStore(values.store_url("desk")),
        plan_from(),
        texts_from(),
        senders_from(values, database),
        link=values.outreach_link or values.bank_origin(),
        address_secret=values.secret("outreach_address_secret"),
    )
