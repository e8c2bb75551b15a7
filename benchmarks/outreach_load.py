"""How long planning a night's contacts takes: `python -m benchmarks.outreach_load [--accounts 1000000]`.

A generated bank in a process of its own gives its accounts over HTTP, a thousand a page: due dates are spread over a
month, one account in six is past due by up to 180 days, some have promised or have an agreement. The planner of a real
worker reads them all with the real client into an empty SQLite database, as on the first night. One line of JSON: the
time, the accounts a second, the contacts that were planned, and the most memory the planner's process had.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Sequence
from urllib.parse import parse_qs, urlsplit

from bank.client import BankClient
from common import clock
from common.database import Database
from outreach.plan import load_plan
from outreach.planner import Planner
from outreach.tables import metadata

_MEGABYTE = 1024  # of the kilobytes in which Linux counts memory


def account(number: int, count: int, today: date) -> Dict[str, Any]:
    """The account of that number, in the order of the list: by due date."""
    past_due = number < count // 6
    days = 180 - number * 180 // (count // 6) if past_due else 0
    due = today - timedelta(days=days) if past_due else today + timedelta(days=(number - count // 6) * 30 // count)
    return {
        "customer_id": f"c-{number:08}",
        "card_id": f"k-{number:08}",
        "card_last4": f"{number % 10_000:04}",
        "language": "zh" if number % 5 else "en",
        "state": "overdue" if past_due else "due",
        "due_date": due.isoformat(),
        "days_past_due": days,
        "bucket": "M1" if past_due else None,
        "amount_due": f"{number % 50_000}.00",
        "remaining_minimum": f"{number % 5_000}.00",
        "auto_debit": number % 4 == 0,
        "disputed": number % 200 == 0,
        "promise_on": (today + timedelta(days=number % 9)).isoformat() if past_due and number % 12 == 0 else None,
        "agreement": past_due and number % 40 == 0,
        "first_time": number % 2 == 0,
    }


def _serve(count: int, today: date, pipe: Any) -> None:
    """The bank's process: its list, and no plan or promise for who asks further."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body: Dict[str, Any] = {"items": []}
            if parts.path.endswith("/accounts"):
                asked = parse_qs(parts.query)
                begin, limit = int(asked.get("cursor", ["0"])[0]), int(asked["limit"][0])
                end = min(begin + limit, count)
                items = [account(number, count, today) for number in range(begin, end)]
                body = {"items": items, "next_cursor": str(end) if end < count else None}
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    pipe.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def bank(count: int, today: date) -> Iterator[str]:
    """The address of a bank with so many accounts."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(count, today, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def measure(count: int, folder: Path) -> Dict[str, Any]:
    """Plan one night."""
    database = Database(f"sqlite:///{folder / 'outreach.db'}", metadata)
    database.prepare()
    with bank(count, clock.today()) as url:
        planner = Planner(BankClient(url, "token", read_timeout=60.0), database, load_plan(), "benchmark")
        before, began, worked = _memory(), time.perf_counter(), time.process_time()
        planned = planner.plan_today()
        took = time.perf_counter() - began
        worked = time.process_time() - worked
    assert planned.finished
    return {
        "accounts": planned.accounts,
        "contacts": planned.contacts,
        "seconds": round(took, 1),
        "cpu_seconds": round(worked, 1),  # of the planner; says more where the machine does much else
        "accounts_per_second": round(planned.accounts / took),
        "memory_before_mb": before // _MEGABYTE,
        "memory_peak_mb": _memory() // _MEGABYTE,
    }


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(asked.accounts, Path(folder))))


if __name__ == "__main__":
    main()
