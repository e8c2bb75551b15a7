"""A second bank, on nobody's code but its own: the minimal set of `docs/connect-your-bank.md` and nothing more.

Two customers with a card each, in memory, over `http.server`. What it does not have answers 404 without a problem
type, as a router does. `python -m tests.tiny_bank PORT` serves until its input ends, with the token `tiny-token`.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

TOKEN = "tiny-token"
OFFERED = ["capabilities", "customer", "cards", "overdue", "repayment_channels"]
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:~-]{0,127}")
_CORRELATION_ID = re.compile(r"[A-Za-z0-9_.~:@+=%-]{1,128}")
_STATUS = {"invalid-request": 400, "unauthorised": 401, "not-found": 404}

CUSTOMERS: Dict[str, Dict[str, Any]] = {
    "tiny-li": {"id": "tiny-li", "name": "李先生", "language": "zh", "masked_phone": "139****1234"},
    "tiny-jones": {"id": "tiny-jones", "name": "Ms Jones", "language": "en", "masked_phone": "137****8888"},
}
CARDS = {"tiny-li": ("card-a", "6611", "普通信用卡"), "tiny-jones": ("card-b", "6622", "Classic card")}
CHANNELS = [
    {"kind": "mobile_bank", "posting_days": 0, "fee": "0.00", "recommended": True},
    {"kind": "counter", "posting_days": 1, "fee": "0.00", "recommended": False},
]


class Problem(Exception):
    """Answered as problem+json of this name."""


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def overdue(customer: str) -> Dict[str, Any]:
    """Mr Li is 12 days past due; Ms Jones owes a bill that is not due yet."""
    late = customer == "tiny-li"
    due = today() - timedelta(days=12) if late else today() + timedelta(days=6)
    statement = due - timedelta(days=20)
    interest = {
        "kind": "interest", "amount": "32.00", "basis": "2000.00", "rate": "0.0005", "days": 32,
        "starts_on": statement.isoformat(), "ends_on": (today() - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    late_fee = {"kind": "late_fee", "amount": "10.00", "basis": "200.00", "rate": "0.05", "floor": "10.00"}
    late_fee["posted_on"] = (due + timedelta(days=1)).isoformat()
    return {
        "card_id": CARDS[customer][0],
        "as_of": today().isoformat(),
        "state": "overdue" if late else "due",
        "statement_date": statement.isoformat(),
        "due_date": due.isoformat(),
        "grace_ends_on": due.isoformat(),  # this bank gives no grace
        "days_past_due": 12 if late else 0,
        "bucket": "M1" if late else None,
        "first_time": True,
        "principal": "2000.00" if late else "860.50",
        "interest": "32.00" if late else "0.00",
        "late_fee": "10.00" if late else "0.00",
        "other_fees": "0.00",
        "total": "2042.00" if late else "860.50",
        "minimum_due": "242.00" if late else "200.00",
        "remaining_minimum": "242.00" if late else "200.00",
        "paid_since": "0.00",
        "pending_payments": "0.00",
        "disputed": "0.00",
        "items": [interest, late_fee] if late else [],
        "daily_interest_rate": "0.0005",
        "annual_interest_rate": "0.1825",
        "late_fee_rate": "0.05",
        "late_fee_floor": "10.00",
        "late_fee_cap": None,
        "interest_basis": "unpaid_part",
        "grace_days": 0,
        "shortfall_tolerance": "0.00",
    }


def cards(customer: str) -> List[Dict[str, Any]]:
    card_id, last4, name = CARDS[customer]
    owed = overdue(customer)
    return [
        {
            "id": card_id,
            "name": name,
            "last4": last4,
            "status": "restricted" if owed["state"] == "overdue" else "active",
            "state": owed["state"],
            "days_past_due": owed["days_past_due"],
            "amount_due": owed["total"],
        }
    ]


ROUTES: List[Tuple[str, Callable[..., Any]]] = [
    (r"/v1/capabilities", lambda: {"contract": "1.1", "operations": OFFERED}),
    (r"/v1/customers/([^/]+)", lambda customer: CUSTOMERS[customer]),
    (r"/v1/customers/([^/]+)/cards", lambda customer: {"items": cards(customer)}),
    (r"/v1/customers/([^/]+)/cards/([^/]+)/overdue", lambda customer, _: overdue(customer)),
    (r"/v1/customers/([^/]+)/cards/([^/]+)/repayment-channels", lambda *_: {"items": CHANNELS}),
]


def answer(method: str, path: str, authorization: str) -> Optional[Any]:
    """The document, or `None` for what this bank does not have. Raises `Problem`."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or token.strip() != TOKEN:
        raise Problem("unauthorised")
    for pattern, make in ROUTES:
        found = re.fullmatch(pattern, path)
        if method != "GET" or not found:
            continue
        ids = [unquote(part) for part in found.groups()]
        if not all(_ID.fullmatch(each) for each in ids):
            raise Problem("invalid-request")
        # A card of somebody else is like one that does not exist.
        if (ids and ids[0] not in CUSTOMERS) or (len(ids) > 1 and ids[1] != CARDS[ids[0]][0]):
            raise Problem("not-found")
        return make(*ids)
    return None


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        authorization = self.headers.get("Authorization", "")
        try:
            document = answer(self.command, urlsplit(self.path).path, authorization)
        except Problem as problem:
            name = str(problem)
            told = {"type": f"urn:overdue-card:problem:{name}", "title": name, "status": _STATUS[name]}
            self._send(_STATUS[name], "application/problem+json", json.dumps(told))
            return
        if document is None:
            self._send(404, "text/plain", "no such page")
        else:
            self._send(200, "application/json", json.dumps(document, ensure_ascii=False))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # the names that http.server looks for

    def _send(self, status: int, content_type: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        correlation_id = self.headers.get("X-Correlation-ID", "")
        if _CORRELATION_ID.fullmatch(correlation_id):
            self.send_header("X-Correlation-ID", correlation_id)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """Serve on a free port; the API's address, with the version."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Door)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving(int(sys.argv[1])) as api_url:
        print(api_url, TOKEN, flush=True)
        sys.stdin.read()
