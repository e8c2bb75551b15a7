"""The standing order: set with a proof, on an account of the customer, over nothing that changed meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Tuple

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import nobody, refused_as
from bank.conformance.registry import Failed, Skipped, check

_NEEDS = ("auto_debit", "set_auto_debit", "debit_accounts", "challenge", "check_challenge")
_PURPOSE = "set_auto_debit"
_STALE = '"0"'
_FITS = "if that is no longer the version, the answer is `changed-meanwhile`, nothing happens"


def _order(bench: Bench) -> Tuple[Account, Dict[str, Any]]:
    """A card and a standing order that could be set for it: the minimum from an account of the customer."""
    for account, _, found in bench.each("debit_accounts"):
        if found["items"] and bench.call("auto_debit", account.ids()).good:
            return account, {"enabled": True, "amount": "minimum", "account_id": found["items"][0]["id"]}
    raise Skipped("no known customer has an account from which could be debited")


def _set(bench: Bench, account: Account, order: Dict[str, Any], if_match: str) -> Exchange:
    proof = bench.proof(account.customer_id, _PURPOSE, account.card_id)
    return bench.call("set_auto_debit", account.ids(), body={**order, "proof": proof}, if_match=if_match, key=new_key())


def _version(bench: Bench, account: Account) -> str:
    return f'"{bench.call("auto_debit", account.ids()).document["version"]}"'


@contextmanager
def _restored(bench: Bench, account: Account, order: Dict[str, Any]) -> Iterator[None]:
    """Set the order afterwards as it was, as far as the contract tells how that was."""
    before = bench.call("auto_debit", account.ids()).document
    try:
        yield
    finally:
        was = {**order, "amount": before["amount"]} if before["enabled"] else {"enabled": False}
        for each in bench.read("debit_accounts", account.ids()).document["items"]:
            if before["enabled"] and each["last4"] == before["account_last4"]:
                was["account_id"] = each["id"]
        _set(bench, account, was, _version(bench, account))


@check(rule="Needs a proof for the purpose `set_auto_debit` with the card as subject.", needs=_NEEDS)
def an_order_is_changed_with_a_proof(bench: Bench) -> None:
    """Without the customer's proof the standing order stays as it is."""
    account, order = _order(bench)
    body = {**order, "proof": f"invented-{nobody()}"}
    came = bench.call("set_auto_debit", account.ids(), body=body, if_match=_version(bench, account), key=new_key())
    refused_as(came, 403, "proof-required", "a proof that is invented")


@check(rule=_FITS, needs=_NEEDS)
def a_change_of_an_older_order_is_refused(bench: Bench) -> None:
    """A standing order that has changed since it was read is not overwritten."""
    bench.need_codes()
    account, order = _order(bench)
    with _restored(bench, account, order):
        stale = _set(bench, account, order, _STALE)
        refused_as(stale, 412, "changed-meanwhile", "an If-Match of an older version")


@check(rule="`amount` says how much of each bill is debited", needs=_NEEDS)
def an_order_is_as_it_was_set(bench: Bench) -> None:
    """What was set is what is read afterwards, with another version after each change; switched off it is off."""
    bench.need_codes()
    account, order = _order(bench)
    versions = [_version(bench, account)]
    with _restored(bench, account, order):
        for wanted in ({**order, "amount": "minimum"}, {**order, "amount": "full"}, {"enabled": False}):
            came = _set(bench, account, wanted, versions[-1])
            if not came.good:
                raise Failed(came, came.said(), "200 and the standing order as it is now")
            now = bench.call("auto_debit", account.ids())
            if now.document["enabled"] != wanted["enabled"] or now.document != came.document:
                raise Failed(now, "it is not what was set", "the answer to the change, unchanged")
            if wanted["enabled"] and now.document["amount"] != wanted["amount"]:
                raise Failed(now, "`amount` is not what was set", f"amount {wanted['amount']}")
            versions.append(f'"{now.document["version"]}"')
    if len(set(versions[1:])) != len(versions[1:]):
        raise Failed(now, "a version that was there before", "a new `version` with every change")


@check(rule="from which of the accounts of `debit_accounts` (`not-found` for another)", needs=_NEEDS)
def only_the_customers_own_accounts_are_debited(bench: Bench) -> None:
    """An account that is not the customer's is debited by no order."""
    bench.need_codes()
    account, order = _order(bench)
    with _restored(bench, account, order):
        came = _set(bench, account, {**order, "account_id": nobody()}, _version(bench, account))
        refused_as(came, 404, "not-found", "an account that is not among the customer's")
