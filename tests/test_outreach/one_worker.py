"""A process of its own that plans the day, sends what is due and tells the bank, as the settings say; tests kill it."""

from __future__ import annotations

from bank.client import bank_client
from common.settings import settings
from outreach.worker import database_from, worker_from


def main() -> None:
    values = settings()
    worker = worker_from(values, bank_client(), database_from(values))
    worker.planner.plan_today()  # also before the hour at which the process begins
    worker.send_due()
    worker.tell_bank()


if __name__ == "__main__":
    main()
