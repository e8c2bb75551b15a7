"""What the bank answers when it does not do what was asked."""

from __future__ import annotations

import uuid
from typing import Dict, List, Tuple

from bank.conformance.bench import Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.contract import contract
from bank.conformance.registry import Failed, Skipped, check

_CONTRACT = contract()
_OF_A_CUSTOMER = tuple(
    name for name, each in _CONTRACT.operations.items() if each.method == "GET" and each.id_names == ["customer_id"]
)
_OF_A_CARD = tuple(
    name
    for name, each in _CONTRACT.operations.items()
    if each.method == "GET" and each.id_names == ["customer_id", "card_id"]
)
_WITH_BODIES = tuple(
    name
    for name, each in _CONTRACT.operations.items()
    if "application/json" in each.spec.get("requestBody", {}).get("content", {})
)
_KEYED = tuple(name for name, each in _CONTRACT.operations.items() if each.needs_key)
#: Queries that some operations demand.
_QUERIES: Dict[str, List[Tuple[str, str]]] = {
    "projection": [("on", "2099-01-01"), ("pay", "nothing")],
}
_NO_IDS = ("-x", "x" * 129, "x y", "x\u00e9")
_NO_QUERIES = {
    "instalment_quotes": [("amount", "12"), ("amount", "0.00"), ("amount", "1.234"), ("terms", "0"), ("terms", "x")],
    "deferral_options": [("until", "2026-02-30"), ("until", "tomorrow")],
    "accounts": [("limit", "0"), ("limit", "x"), ("cursor", "no-such-cursor"), ("state", "x")],
    "contacts": [("since", "yesterday")],
    "projection": [("pay", "some"), ("pay", "1.234"), ("on", "2026-02-30"), ("on", "2000-01-01")],
    "agreement_quotes": [("terms", "0"), ("terms", "61"), ("monthly", "12"), ("first_due_on", "soon")],
}
_ONE_CALL = "Log it and return it, so that both sides can find a call."
_ALIKE = "is answered like one that does not exist: `not-found`."


def nobody() -> str:
    """An id that nobody has."""
    return f"nobody-{uuid.uuid4().hex[:12]}"


def refused_as(exchange: Exchange, status: int, problem: str, when: str) -> None:
    """Raises Failed unless the answer is this problem."""
    if (exchange.status, exchange.problem) != (status, problem):
        raise Failed(exchange, f"{exchange.said()} for {when}", f"{status} with the problem `{problem}` for {when}")


@check(rule="no such thing, or not this customer's", each=_OF_A_CUSTOMER)
def a_stranger_is_not_found(bench: Bench, operation: str) -> None:
    """A customer who does not exist is `not-found`."""
    came = bench.call(operation, {"customer_id": nobody()})
    refused_as(came, 404, "not-found", "a customer who does not exist")


@check(rule=_ALIKE, each=_OF_A_CARD)
def another_customers_card_is_like_none(bench: Bench, operation: str) -> None:
    """Another customer's card is answered like one that does not exist."""
    first, other = bench.second()
    query = _QUERIES.get(operation)
    theirs = bench.call(operation, {"customer_id": first.customer_id, "card_id": other.card_id}, query=query)
    if theirs.good:
        raise Failed(theirs, f"{theirs.said()}: the card of another customer was shown", f"404 `not-found`: {_ALIKE}")
    refused_as(theirs, 404, "not-found", "another customer's card")
    none = bench.call(operation, {"customer_id": first.customer_id, "card_id": nobody()}, query=query)
    refused_as(none, 404, "not-found", "a card that does not exist")
    if theirs.document != none.document:
        raise Failed(theirs, "two bodies that differ: they tell that the card exists", "the same body for both")


@check(rule=_ALIKE, needs=["challenge", "instalment_quotes"])
def another_customers_quote_sends_no_code(bench: Bench) -> None:
    """A code for another customer's quote is `not-found`."""
    for account, _, quote in bench.each_item("instalment_quotes"):
        other = next((each for each in bench.cards if each.customer_id != account.customer_id), None)
        if other is None:
            raise Skipped("needs a second customer: CUSTOMER=first,second")
        body = {"purpose": "file_application", "subject": quote["id"]}
        came = bench.call("challenge", {"customer_id": other.customer_id}, body=body)
        refused_as(came, 404, "not-found", "a quote that was made for another customer")
        return


@check(rule=_ALIKE, needs=["application", "applications"])
def another_customers_application_is_like_none(bench: Bench) -> None:
    """Another customer's application is answered like one that does not exist."""
    customers = list(dict.fromkeys(account.customer_id for account in bench.cards))
    for customer in customers:
        listed = bench.call("applications", {"customer_id": customer})
        other = next((each for each in customers if each != customer), None)
        if not listed.good or not listed.document["items"] or other is None:
            continue
        reference = listed.document["items"][0]["reference"]
        theirs = bench.call("application", {"customer_id": other, "reference": reference})
        if theirs.good:
            raise Failed(theirs, f"{theirs.said()}: the application of another customer was shown")
        none = bench.call("application", {"customer_id": other, "reference": nobody()})
        refused_as(theirs, 404, "not-found", "another customer's application")
        if theirs.document != none.document:
            raise Failed(theirs, "two bodies that differ: they tell that the application exists", "the same body")
        return
    raise Skipped("needs two customers, one of whom has filed an application")


@check(rule="a value is malformed, or not one that is offered", each=("customer", "cards", "overdue"))
def a_malformed_id_is_refused(bench: Bench, operation: str) -> None:
    """What cannot be an id is `invalid-request`, or names nothing."""
    account = bench.cards[0]
    for value in _NO_IDS:
        ids = {"customer_id": value} if operation != "overdue" else {**account.ids(), "card_id": value}
        came = bench.call(operation, ids)
        if (came.status, came.problem) not in ((400, "invalid-request"), (404, "not-found")):
            raise Failed(came, came.said(), "400 `invalid-request` for an id that does not fit the pattern of `Id`")


@check(rule="a value is malformed, or not one that is offered", each=tuple(_NO_QUERIES))
def a_malformed_query_is_refused(bench: Bench, operation: str) -> None:
    """A parameter outside its schema is `invalid-request`."""
    for parameter in _NO_QUERIES[operation]:
        came = bench.call(operation, bench.cards[0].ids(), query=[parameter])
        refused_as(came, 400, "invalid-request", f"{parameter[0]}={parameter[1]}")


@check(rule="a value is malformed, or not one that is offered", each=_WITH_BODIES)
def a_body_that_is_no_object_is_refused(bench: Bench, operation: str) -> None:
    """A body that is not JSON, or not an object, is `invalid-request`."""
    ids = {**bench.contract.example_ids(contract().operations[operation]), **bench.cards[0].ids()}
    key = new_key() if contract().operations[operation].needs_key else None
    for body in ('{"cut off', "[]", "null"):
        came = bench.call(operation, ids, body=body, key=key)
        refused_as(came, 400, "invalid-request", f"the body {body}")


@check(rule="Made by the assistant once for each thing that the customer confirms", each=_KEYED)
def a_write_without_a_key_is_refused(bench: Bench, operation: str) -> None:
    """Without an `Idempotency-Key` the write is `invalid-request`."""
    ids = {**bench.contract.example_ids(contract().operations[operation]), **bench.cards[0].ids()}
    has_body = contract().operations[operation].spec.get("requestBody")
    came = bench.call(operation, ids, body={} if has_body else None)
    refused_as(came, 400, "invalid-request", "a write without the header Idempotency-Key")


@check(rule=_ONE_CALL, needs=["cards"])
def the_correlation_id_comes_back(bench: Bench) -> None:
    """`X-Correlation-ID` comes back as it was sent, with good answers and with problems."""
    for customer in (bench.cards[0].customer_id, nobody()):
        came = bench.call("cards", {"customer_id": customer})
        back = came.answer_headers.get("X-Correlation-ID")
        if back != came.correlation_id:
            told = "without the header X-Correlation-ID" if back is None else "with another X-Correlation-ID"
            raise Failed(came, f"{came.said()} {told}", "the X-Correlation-ID of the request, unchanged")


@check(rule="`title` and `detail` are for engineers and never shown to customers; they hold no customer data.")
def a_problem_holds_no_ids(bench: Bench) -> None:
    """A problem document does not repeat the ids that were asked for."""
    account = bench.cards[0]
    stranger = nobody()
    came = bench.call("overdue", {"customer_id": account.customer_id, "card_id": stranger})
    told = came.content.decode("utf-8", "replace")
    if came.problem and (stranger in told or account.customer_id in told):
        raise Failed(came, "a problem document with the id that was asked for")
