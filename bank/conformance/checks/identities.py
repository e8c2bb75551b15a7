"""Accounts of messaging services, linked to customers."""

from __future__ import annotations

from bank.conformance.bench import Bench, new_key
from bank.conformance.checks.problems import refused_as
from bank.conformance.registry import Failed, check
from bank.conformance.writes import WRITES

_NEEDS = ("link_identity", "find_identity", "unlink_identity")


@check(rule="`not-found` if it is not linked, or its link has expired.", needs=_NEEDS)
def a_link_is_found_until_it_is_undone(bench: Bench) -> None:
    """A linked account of a messaging service leads to its customer, an unlinked one to nobody."""
    prepared = WRITES["link_identity"].prepare(bench)
    refused_as(bench.call("find_identity", body=prepared.body), 404, "not-found", "an account that nobody has linked")
    made = bench.call("link_identity", prepared.account.ids(), body=prepared.body, key=new_key())
    if not made.good:
        raise Failed(made, made.said(), "201 and the link")
    found = bench.call("find_identity", body=prepared.body)
    if not found.good or found.document["customer_id"] != prepared.account.customer_id:
        raise Failed(found, f"{found.said()}, or another customer", "the customer who was linked")
    WRITES["link_identity"].take_back(bench, prepared.account, made)
    refused_as(bench.call("find_identity", body=prepared.body), 404, "not-found", "an account whose link was undone")


@check(rule="a link to this customer replaces one to another, which ends at once.", needs=_NEEDS)
def a_new_link_replaces_the_earlier(bench: Bench) -> None:
    """An account that another customer links belongs to that one from then on."""
    first, second = bench.second()
    prepared = WRITES["link_identity"].prepare(bench)
    bench.call("link_identity", first.ids(), body=prepared.body, key=new_key())
    made = bench.call("link_identity", second.ids(), body=prepared.body, key=new_key())
    found = bench.call("find_identity", body=prepared.body)
    WRITES["link_identity"].take_back(bench, second, made)
    if not found.good or found.document["customer_id"] != second.customer_id:
        raise Failed(found, f"{found.said()}, or the earlier customer", "the customer who linked it last")
