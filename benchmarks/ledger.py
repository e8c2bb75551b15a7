"""How long the ledger takes for a statement of one, three and five years of a busy card.

    python -m benchmarks.ledger [--runs N]

Prints the median milliseconds (of processor time) of replaying a history and summing it up, for a card that is paid in
full each month and for one that never is, under each of the three issuers. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from statistics import median
from time import process_time
from typing import Dict, List

from bank.sandbox.ledger.cycle import statement_dates
from bank.sandbox.ledger.position import position
from bank.sandbox.ledger.records import Entry, EntryKind, History
from bank.sandbox.ledger.replay import replay
from bank.sandbox.policy import Policy, load_policy
from common.settings import ROOT

YEARS = (1, 3, 5)
PURCHASES_A_MONTH = 25
_OPENED_ON = date(2021, 1, 8)
_STATEMENT_DAY = 7
_POLICIES = ("policy.yml", "issuers/unpaid_part.yml", "issuers/no_grace.yml")


def busy_card(years: float, *, pays_in_full: bool) -> History:
    """A card with some purchases each month and a payment after each statement: of all of it, or of a little.

    The same every time. `years` may be a fraction.
    """
    chance = random.Random(1)
    last_day = end_of(years)
    entries: List[Entry] = []
    for number, day in enumerate(takewhile(lambda each: each <= last_day, statement_dates(_OPENED_ON, _STATEMENT_DAY))):
        spent = Decimal(0)
        for purchase in range(PURCHASES_A_MONTH):
            amount = Decimal(chance.randint(500, 60_000)) / 100
            posted_on = day - timedelta(days=chance.randint(0, 27))
            entries.append(Entry(f"bought-{number}-{purchase}", EntryKind.PURCHASE, posted_on, amount))
            spent += amount
        amount = spent if pays_in_full else spent / 8
        entries.append(Entry(f"paid-{number}", EntryKind.PAYMENT, day + timedelta(days=15), round(amount, 2)))
    return History(_OPENED_ON, _STATEMENT_DAY, Decimal(1_000_000), tuple(entries))


def end_of(years: float) -> date:
    """The day after so many years of the card."""
    return _OPENED_ON + timedelta(days=round(365.25 * years))


def seconds(history: History, policy: Policy, as_of: date, runs: int) -> float:
    """The median of the processor time of one statement, which other programs on the machine do not lengthen."""
    taken = []
    for _ in range(runs):
        started = process_time()
        position(replay(history, policy, as_of))
        taken.append(process_time() - started)
    return median(taken)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=15, help="statements of which the median is taken")
    runs = parser.parse_args().runs
    figures: Dict[str, Dict[str, float]] = {}
    for name in _POLICIES:
        policy = load_policy(ROOT / "bank" / "sandbox" / name)
        for pays_in_full in (True, False):
            title = f"{name.split('/')[-1][:-4]}, {'paid in full' if pays_in_full else 'never paid in full'}"
            figures[title] = {
                f"{years} years": round(
                    1000 * seconds(busy_card(years, pays_in_full=pays_in_full), policy, end_of(years), runs), 2
                )
                for years in YEARS
            }
            print(f"{title:36}" + "".join(f"{label:>10} {took:6.2f} ms" for label, took in figures[title].items()))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
