"""What can change under one's feet has a version, and a write that knows an older one is refused."""

from __future__ import annotations

from typing import Tuple

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import refused_as
from bank.conformance.registry import Failed, Skipped, check
from bank.conformance.writes import WRITES

_STALE = '"0"'
_TAG = "What can change under one's feet has a `version`, and its answers an `ETag`: the version in quotes."
_FITS = "if that is no longer the version, the answer is `changed-meanwhile`, nothing happens"


def _tagged(came: Exchange) -> str:
    """The ETag of an answer; raises Failed unless it is that of the document's version."""
    tag = came.answer_headers.get("ETag", "")
    wanted = f'"{came.document.get("version")}"'
    if tag != wanted:
        raise Failed(came, "no header ETag" if not tag else f"ETag {tag}", f"ETag {wanted}, the document's `version`")
    return tag


@check(rule=_TAG, needs=["contact_preferences"])
def preferences_have_a_version(bench: Bench) -> None:
    """Contact preferences come with the ETag of their version."""
    came = bench.call("contact_preferences", bench.cards[0].ids())
    if not came.good:
        raise Failed(came, came.said(), "200 and the preferences, those that hold if nothing was ever chosen included")
    _tagged(came)


@check(rule=_FITS, needs=["contact_preferences", "set_contact_preferences"])
def a_change_of_older_preferences_is_refused(bench: Bench) -> None:
    """Preferences that have changed since they were read are not overwritten."""
    ids = bench.cards[0].ids()
    came = bench.call("contact_preferences", ids)
    if not came.good:
        raise Skipped(f"no preferences to change: {came.said()}")
    body = {name: value for name, value in came.document.items() if name != "version"}
    stale = bench.call("set_contact_preferences", ids, body=body, if_match=_STALE, key=new_key())
    refused_as(stale, 412, "changed-meanwhile", "an If-Match of an older version")
    changed = bench.call("set_contact_preferences", ids, body=body, if_match=_tagged(came), key=new_key())
    if not changed.good:
        raise Failed(changed, changed.said(), "200 and the preferences as they were sent")
    _tagged(changed)


def _promise(bench: Bench) -> Tuple[Account, Exchange]:
    prepared = WRITES["make_promise"].prepare(bench)
    made = bench.call("make_promise", prepared.account.ids(), body=prepared.body, key=new_key())
    if not made.good:
        raise Skipped(f"the bank takes no promise: {made.said()}")
    return prepared.account, made


@check(rule=_FITS, needs=["make_promise", "change_promise", "promise"])
def a_change_of_an_older_promise_is_refused(bench: Bench) -> None:
    """A promise that has changed since it was read is not overwritten."""
    other = WRITES["make_promise"].prepare(bench).other
    account, made = _promise(bench)
    try:
        ids = account.ids(reference=made.document["reference"])
        tag = _tagged(bench.call("promise", ids))
        stale = bench.call("change_promise", ids, body=other, if_match=_STALE, key=new_key())
        refused_as(stale, 412, "changed-meanwhile", "an If-Match of an older version")
        changed = bench.call("change_promise", ids, body=other, if_match=tag, key=new_key())
        if not changed.good:
            raise Failed(changed, changed.said(), "200 and the promise, changed")
        if changed.document["version"] == made.document["version"]:
            raise Failed(changed, "the same version as before the change", "a new `version` with every change")
    finally:
        WRITES["make_promise"].take_back(bench, account, made)


@check(rule=_TAG, needs=["applications", "application"])
def an_application_has_a_version(bench: Bench) -> None:
    """An application comes with the ETag of its version."""
    for customer in dict.fromkeys(account.customer_id for account in bench.cards):
        listed = bench.call("applications", {"customer_id": customer})
        for item in listed.document["items"] if listed.good else []:
            _tagged(bench.call("application", {"customer_id": customer, "reference": item["reference"]}))
            return
    raise Skipped("no known customer has filed an application")


@check(rule=_TAG, needs=["auto_debit"])
def the_standing_order_has_a_version(bench: Bench) -> None:
    """The standing order comes with the ETag of its version."""
    for _, came, _document in bench.each("auto_debit"):
        _tagged(came)
