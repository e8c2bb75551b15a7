"""The search of accounts, page by page: each account once, none lost."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from bank.conformance.bench import Bench
from bank.conformance.checks.problems import refused_as
from bank.conformance.registry import Failed, Skipped, check

_ENOUGH = 60  # accounts to look at
_ONCE = "but no account comes twice and none that stays is left out."


def _walk(bench: Bench, limit: int, most: int) -> List[Tuple[str, str]]:
    """Customer and card of each account, in pages of `limit`, until there are `most`."""
    found: List[Tuple[str, str]] = []
    query = [("limit", str(limit))]
    while True:
        came = bench.call("accounts", query=query)
        if not came.good:
            raise Failed(came, came.said(), "200 and a page")
        items: List[Dict[str, Any]] = came.document["items"]
        if len(items) > limit:
            raise Failed(came, f"{len(items)} items", f"at most {limit}")
        found += [(item["customer_id"], item["card_id"]) for item in items]
        cursor = came.document.get("next_cursor")
        if cursor is None or len(found) >= most:
            return found[:most]
        if not items:
            raise Failed(came, "an empty page that is not the last", "items on every page but the last")
        query = [("limit", str(limit)), ("cursor", str(cursor))]


@check(rule=_ONCE, needs=["accounts"])
def small_pages_find_what_a_large_one_finds(bench: Bench) -> None:
    """Page by page the same accounts come in the same order as at once: none twice, none lost."""
    large = bench.call("accounts", query=[("limit", str(_ENOUGH))])
    if not large.good:
        raise Failed(large, large.said(), "200 and a page")
    whole = [(item["customer_id"], item["card_id"]) for item in large.document["items"]]
    if len(whole) < 3:
        raise Skipped("fewer than three accounts are due or overdue")
    paged = _walk(bench, max(2, len(whole) // 4), len(whole))
    if len(set(paged)) != len(paged):
        raise Failed(large, f"{len(paged) - len(set(paged))} accounts came twice", "each account once")
    missing = len(set(whole) - set(paged))
    if missing:
        raise Failed(large, f"{missing} of {len(whole)} accounts were lost between pages", "each account once")
    if paged != whole:
        raise Failed(large, "another order, page by page", "the same order, whatever the limit")


@check(rule="In the order of `due_date`, `customer_id`, `card_id`.", needs=["accounts"])
def the_order_is_by_due_date_customer_and_card(bench: Bench) -> None:
    """Accounts come ordered by due date, customer and card, so that a cursor survives changes."""
    came = bench.call("accounts", query=[("limit", str(_ENOUGH))])
    order = [(item["due_date"], item["customer_id"], item["card_id"]) for item in came.document["items"]]
    if order != sorted(order):
        raise Failed(came, "another order", "ordered by due_date, customer_id, card_id")


@check(rule="For reminders and follow-up", needs=["accounts"])
def a_state_finds_accounts_in_this_state(bench: Bench) -> None:
    """A search for a state finds nothing else."""
    for state in ("due", "in_grace", "overdue"):
        came = bench.call("accounts", query=[("state", state), ("limit", str(_ENOUGH))])
        if any(item["state"] != state for item in came.document["items"]):
            raise Failed(came, "an account in another state", f"accounts with the state {state} alone")


@check(
    rule="`invalid-request` for a cursor that is not the bank's, or was given for other filters.", needs=["accounts"]
)
def a_cursor_is_for_its_own_search(bench: Bench) -> None:
    """A cursor that the bank did not give, or gave for another search, is refused."""
    made_up = bench.call("accounts", query=[("cursor", "no-such-cursor")])
    refused_as(made_up, 400, "invalid-request", "a cursor that is not the bank's")
    first = bench.call("accounts", query=[("limit", "1")])
    cursor = first.document.get("next_cursor") if first.good else None
    if cursor is None:
        raise Skipped("fewer than two accounts are due or overdue")
    other = bench.call("accounts", query=[("state", "due"), ("limit", "1"), ("cursor", cursor)])
    refused_as(other, 400, "invalid-request", "a cursor that was given for another search")
