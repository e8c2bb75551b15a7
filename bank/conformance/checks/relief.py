"""Agreements, waivers and early settlement: quoted, filed as they were shown, and standing where the customer looks."""

from __future__ import annotations

from typing import Any, Mapping, Tuple

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import nobody, refused_as
from bank.conformance.checks.quotes import file_quote, take_back
from bank.conformance.checks.sums import not_more
from bank.conformance.exact import yuan
from bank.conformance.registry import Failed, Skipped, check

_TERMS = "The terms are those of the quote, to the cent."
_FILING = ("challenge", "check_challenge", "file_application")
_ARTICLE_70 = "at most 60 terms, `collection_paused` while it is kept, and its own `conditions`"
#: What an application has of its quote: its own name, and the quote's.
_OF_AGREEMENTS = {"amount": "balance", "terms": "terms", "per_term": "per_term", "annualised_rate": "annualised_rate"}


def _offered(bench: Bench, operation: str) -> Tuple[Account, Any]:
    """An account and what it is offered now; raises Skipped if nobody is offered anything."""
    for account in bench.cards:
        came = bench.call(operation, account.ids())
        if came.good:
            return account, came.document["items"]
    raise Skipped(f"`{operation}` has nothing for any known card: CUSTOMER=… for whom it has")


def _is_as_shown(filed: Exchange, quote: Any, names: Mapping[str, str]) -> None:
    for name, of_quote in names.items():
        if filed.document.get(name) != quote[of_quote]:
            raise Failed(filed, f"`{name}` is another than that of the quote", f"`{of_quote}` of the quote")


def _stands(bench: Bench, account: Account, filed: Exchange) -> None:
    """The application is in the customer's list, by its reference, in a state in which it waits or was decided."""
    if not bench.offers("applications"):
        return
    listed = bench.call("applications", {"customer_id": account.customer_id})
    found = [each for each in listed.document["items"] if each["reference"] == filed.document["reference"]]
    if [(each["kind"], each["amount"]) for each in found] != [(filed.document["kind"], filed.document["amount"])]:
        raise Failed(listed, "what was filed is not among the customer's applications", "it, once, as it was filed")


@check(rule=_ARTICLE_70, needs=["agreement_quotes"])
def an_agreement_says_what_it_asks_for(bench: Bench) -> None:
    """Agreements come with their conditions, the fewest terms first."""
    for _, came, found in bench.each("agreement_quotes"):
        terms = [quote["terms"] for quote in found["items"]]
        if terms != sorted(terms):
            raise Failed(came, "the terms are in no order", "the fewest terms first")
        if any(not quote["conditions"] for quote in found["items"]):
            raise Failed(came, "an agreement without `conditions`", "what the customer promises, to be read before")


@check(rule="`terms` and `monthly` together are `invalid-request`", needs=["agreement_quotes"])
def an_agreement_is_asked_for_in_one_way(bench: Bench) -> None:
    """A number of terms and a sum a month together are refused."""
    account, quotes = _offered(bench, "agreement_quotes")
    query = [("terms", str(quotes[0]["terms"])), ("monthly", quotes[0]["per_term"])]
    refused_as(bench.call("agreement_quotes", account.ids(), query=query), 400, "invalid-request", "both at once")


@check(rule=_TERMS, needs=["agreement_quotes", *_FILING])
def an_agreement_is_filed_as_it_was_shown(bench: Bench) -> None:
    """An agreement has the balance, the terms, the instalment and the rate of its quote, and is listed."""
    bench.need_codes()
    account, quotes = _offered(bench, "agreement_quotes")
    filed = file_quote(bench, account, quotes[0], "agreement")
    try:
        _is_as_shown(filed, quotes[0], _OF_AGREEMENTS)
        _stands(bench, account, filed)
    finally:
        take_back(bench, account, filed)


@check(rule="as is a second application while one is open on the same card", needs=["agreement_quotes", *_FILING])
def one_request_at_a_time(bench: Bench) -> None:
    """While an application is open, a second one on the same card is refused."""
    bench.need_codes()
    account, quotes = _offered(bench, "agreement_quotes")
    if len(quotes) < 2:
        raise Skipped("there is one agreement alone: the second request needs another quote")
    second = {"kind": "agreement", "card_id": account.card_id, "quote_id": quotes[1]["id"]}
    second["proof"] = bench.proof(account.customer_id, "file_application", quotes[1]["id"])
    filed = file_quote(bench, account, quotes[0], "agreement")
    try:
        came = bench.call("file_application", account.ids(), body=second, key=new_key())
        refused_as(came, 422, "not-eligible", "a second application while one is open on the card")
        if came.document["reason"] != "already_running":
            raise Failed(came, came.said(), "422 not-eligible (already_running)")
    finally:
        take_back(bench, account, filed)


@check(rule="`not-found` unless the plan runs on this card", needs=["plans", "early_settlement"])
def only_a_plan_of_the_card_is_settled(bench: Bench) -> None:
    """There is no settlement of a plan that is not there, nor of one on another card."""
    account, _, plan = next(iter(bench.each_item("plans")))
    bench.call("early_settlement", account.ids(reference=plan["reference"]))
    asked = [account.ids(reference=nobody())]
    asked += [other.ids(reference=plan["reference"]) for other in bench.cards if other != account][:1]
    for ids in asked:
        refused_as(bench.call("early_settlement", ids), 404, "not-found", "a plan that does not run on the card")


@check(rule="Without obligation; filed like a quote, by `id`.", needs=["plans", "early_settlement", *_FILING])
def a_plan_is_settled_as_it_was_shown(bench: Bench) -> None:
    """Early settlement is filed for the total that was shown, and the plan runs on until it is done."""
    bench.need_codes()
    for account, _, plan in bench.each_item("plans"):
        offer = bench.call("early_settlement", account.ids(reference=plan["reference"]))
        if not offer.good:
            continue
        filed = file_quote(bench, account, offer.document, "early_settlement")
        try:
            _is_as_shown(filed, offer.document, {"amount": "total"})
            _stands(bench, account, filed)
            if filed.document["withdrawable"]:
                after = bench.call("plans", account.ids())
                if plan["reference"] not in [each["reference"] for each in after.document["items"]]:
                    raise Failed(after, "the plan is gone", "the plan, which runs until the settlement is decided")
        finally:
            take_back(bench, account, filed)
        return
    raise Skipped("no plan of a known card may be settled early")


@check(rule="Without obligation, one option for each kind of charge.", needs=["waiver_options", "overdue"])
def there_is_one_waiver_of_each_kind(bench: Bench) -> None:
    """Of each kind of charge one waiver is offered, of no more than is charged."""
    for account, came, found in bench.each("waiver_options"):
        kinds = [option["kind"] for option in found["items"]]
        if len(set(kinds)) != len(kinds):
            raise Failed(came, "two options for one kind of charge")
        owed = bench.call("overdue", account.ids())
        for option in found["items"]:
            if owed.good:
                charged = yuan(owed.document[option["kind"]])
                not_more(came, yuan(option["amount"]), charged, f"no more than the `{option['kind']}` that is owed")


@check(rule=_TERMS, needs=["waiver_options", *_FILING])
def a_waiver_is_filed_as_it_was_shown(bench: Bench) -> None:
    """The amount of a waiver is that of its option."""
    bench.need_codes()
    account, options = _offered(bench, "waiver_options")
    filed = file_quote(bench, account, options[0], "waiver")
    try:
        _is_as_shown(filed, options[0], {"amount": "amount"})
        _stands(bench, account, filed)
    finally:
        take_back(bench, account, filed)
