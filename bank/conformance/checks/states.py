"""Promises, disputes and hand-overs move by their tables and no other way."""

from __future__ import annotations

from typing import Any, Dict, Optional

from bank.conformance.bench import Bench, new_key
from bank.conformance.checks.problems import refused_as
from bank.conformance.registry import Failed, Skipped, check
from bank.conformance.writes import WRITES

_ILLEGAL = "A move that is not in the table is refused with `illegal-move`, which names both states"


def _ends_once(
    bench: Bench, make: str, end: str, state: str, *, read: Optional[str] = None, body: Optional[Dict[str, Any]] = None
) -> None:
    """Make one, read it, end it, and try to end it again with a new key."""
    prepared = WRITES[make].prepare(bench)
    made = bench.call(make, prepared.account.ids(), body=prepared.body, key=new_key())
    if not made.good:
        raise Skipped(f"the bank refuses it: {made.said()}")
    ids = prepared.account.ids(reference=made.document["reference"])
    if read and bench.offers(read):
        found = bench.call(read, ids)
        if found.document != made.document:
            raise Failed(found, f"{found.said()}, and not what was made", "what was made, unchanged")
    ended = bench.call(end, ids, body=body, key=new_key())
    if not ended.good or ended.document["status"] != state:
        raise Failed(ended, ended.said(), f"200 and the status {state}")
    again = bench.call(end, ids, body=body, key=new_key())
    refused_as(again, 409, "illegal-move", "a second end, with another key")
    if again.document.get("from") != state or not again.document.get("to"):
        raise Failed(again, "409 illegal-move that does not name both states", f"`from`: {state}, and `to`")


@check(rule=_ILLEGAL, needs=["make_promise", "withdraw_promise"])
def a_promise_is_withdrawn_once(bench: Bench) -> None:
    """A promise that is withdrawn cannot be withdrawn again."""
    _ends_once(bench, "make_promise", "withdraw_promise", "withdrawn", read="promise")


@check(rule=_ILLEGAL, needs=["file_dispute", "withdraw_dispute"])
def a_dispute_is_withdrawn_once(bench: Bench) -> None:
    """A dispute that is withdrawn cannot be withdrawn again."""
    _ends_once(bench, "file_dispute", "withdraw_dispute", "withdrawn", read="dispute")


@check(rule="`illegal-move` once it is closed.", needs=["hand_over", "close_hand_over"])
def a_hand_over_is_closed_once(bench: Bench) -> None:
    """A hand-over that is closed cannot be closed again."""
    _ends_once(bench, "hand_over", "close_hand_over", "closed", body={"outcome": "resolved"})


@check(rule="Its sum is set aside at once", needs=["file_dispute", "withdraw_dispute", "overdue"])
def what_is_disputed_is_set_aside_at_once(bench: Bench) -> None:
    """A disputed sum is no part of what is owed while it is examined, and is again when the dispute is withdrawn."""
    prepared = WRITES["file_dispute"].prepare(bench)
    before = bench.call("overdue", prepared.account.ids())
    made = bench.call("file_dispute", prepared.account.ids(), body=prepared.body, key=new_key())
    if not made.good or not before.good:
        raise Skipped(f"the bank refuses it: {made.said()}")
    during = bench.call("overdue", prepared.account.ids())
    WRITES["file_dispute"].take_back(bench, prepared.account, made)
    after = bench.call("overdue", prepared.account.ids())
    if during.document["disputed"] == before.document["disputed"]:
        raise Failed(during, "`disputed` as before", "`disputed` with the sum of the dispute")
    if after.document["total"] != before.document["total"]:
        raise Failed(after, "another `total` after the dispute was withdrawn", "the `total` from before the dispute")
