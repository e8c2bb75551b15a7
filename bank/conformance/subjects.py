"""Whom the run asks about: the customers that were given, or those that the bank's own search finds."""

from __future__ import annotations

from typing import Any, Dict, List

from bank.conformance.bench import Account, Bench, CannotRun
from bank.conformance.registry import Skipped

MOST_CUSTOMERS = 12
_LOOKED_AT = 500  # accounts of the search


def find_accounts(bench: Bench) -> None:
    """Fill `bench.accounts`: the cards of each customer, each customer's first card before all second ones.

    Raises `CannotRun`.
    """
    customers = bench.options.customers or _searched(bench)
    if not customers:
        raise CannotRun(
            "No customer to ask about: the bank does not offer `accounts`, or it found nobody. Give one or two test "
            "customers, CUSTOMER=first,second, whose cards are overdue, and if need be the card, CARD=…"
        )
    cards = {customer: _cards(bench, customer) for customer in customers}
    most = max((len(each) for each in cards.values()), default=0)
    ranks = [[each[rank] for each in cards.values() if len(each) > rank] for rank in range(most)]
    bench.accounts = [account for rank in ranks for account in rank]
    if not bench.accounts:
        raise CannotRun(
            f"`cards` named no card of {', '.join(customers)} ({_told(bench, customers[0])}). Give a test customer who "
            "has one, CUSTOMER=…"
        )


def _cards(bench: Bench, customer_id: str) -> List[Account]:
    if bench.options.card and customer_id == bench.options.customers[0]:
        return [Account(customer_id, bench.options.card)]
    try:
        listed = bench.read("cards", {"customer_id": customer_id})
    except Skipped:  # outside the contract: shapes.answers_fit:cards will say so
        return []
    return [Account(customer_id, card["id"]) for card in listed.document["items"]] if listed.good else []


def _told(bench: Bench, customer_id: str) -> str:
    """What the bank answered when it was asked for the cards."""
    if "cards" in bench.violations:
        return bench.violations["cards"].came
    return bench.read("cards", {"customer_id": customer_id}).said()


def _searched(bench: Bench) -> List[str]:
    """Customers who are due or overdue, as different from each other as the search has them."""
    try:
        found = bench.call("accounts", query=[("limit", str(_LOOKED_AT))])
    except Skipped:
        return []
    if not found.good:
        return []
    groups: Dict[Any, List[str]] = {}
    for item in found.document["items"]:
        standing = (item.get("state"), item.get("bucket"), item.get("disputed"), item.get("agreement"))
        groups.setdefault(standing, []).append(item["customer_id"])
    # One of each standing, then the second of each, and so on.
    longest = max((len(each) for each in groups.values()), default=0)
    mixed = [each[rank] for rank in range(longest) for each in groups.values() if rank < len(each)]
    return list(dict.fromkeys(mixed))[:MOST_CUSTOMERS]
