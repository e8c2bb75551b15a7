"""Declarations of hardship: under the customer's consent, with papers that stay with them."""

from __future__ import annotations

from typing import Any, Dict, List

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.documents import NEEDS, consent, png, upload
from bank.conformance.checks.problems import nobody, refused_as
from bank.conformance.checks.quotes import take_back
from bank.conformance.registry import Failed, Skipped, check

_NEEDS = (*NEEDS, "challenge", "check_challenge", "file_application")


def _declare(bench: Bench, consent_id: str, document_ids: List[str]) -> Exchange:
    account = bench.cards[0]  # whose papers they are
    body: Dict[str, Any] = {"kind": "hardship", "card_id": account.card_id, "reason": "unemployment"}
    body.update(statement="A trial by the conformance kit.", consent_id=consent_id, document_ids=document_ids)
    body["proof"] = bench.proof(account.customer_id, "file_application", account.card_id)
    return bench.call("file_application", account.ids(), body=body, key=new_key())


def _filed(bench: Bench, consent_id: str, document_ids: List[str]) -> Exchange:
    came = _declare(bench, consent_id, document_ids)
    if came.problem == "not-eligible":
        raise Skipped(f"the bank takes no declaration for this card: {came.said()}")
    if came.status != 201:
        raise Failed(came, came.said(), "201 and the application")
    return came


def _paper(bench: Bench, consent_id: str) -> str:
    came = upload(bench, png(), consent_id)
    if came.status != 201:
        raise Failed(came, came.said(), "201 and the document")
    return str(came.document["id"])


def _forget(bench: Bench, account: Account, document_id: str) -> None:
    if bench.offers("delete_document"):
        bench.call("delete_document", account.ids(document_id=document_id), key=new_key())


@check(rule="`consent_id` names the consent to `hardship_documents` that holds, else `consent-required`.", needs=_NEEDS)
def hardship_is_declared_under_a_consent(bench: Bench) -> None:
    """Without a recorded consent nothing is declared; with it, the application is one of hardship on the card."""
    bench.need_codes()
    given = consent(bench)
    invented = _declare(bench, nobody(), [])
    if invented.good:
        take_back(bench, bench.cards[0], invented)
    refused_as(invented, 422, "consent-required", "a consent that was never recorded")
    filed = _filed(bench, given, [])
    take_back(bench, bench.cards[0], filed)
    if (filed.document["kind"], filed.document["card_id"]) != ("hardship", bench.cards[0].card_id):
        raise Failed(filed, "another kind or card", "kind `hardship` on the card that was named")


@check(
    rule="Only while no application refers to it: else `illegal-move` from `attached` to `deleted`.",
    needs=(*_NEEDS, "delete_document"),
)
def papers_stay_with_their_declaration(bench: Bench) -> None:
    """A paper that was handed in with a declaration cannot be deleted while that refers to it."""
    bench.need_codes()
    given = consent(bench)
    paper, account = _paper(bench, given), bench.cards[0]
    filed = _filed(bench, given, [paper])
    try:
        gone = bench.call("delete_document", account.ids(document_id=paper), key=new_key())
        refused_as(gone, 409, "illegal-move", "deleting a paper that an application refers to")
    finally:
        take_back(bench, account, filed)


@check(rule="Documents are handed in first; `not-found` for one that is not there", needs=_NEEDS)
def papers_are_handed_in_first(bench: Bench) -> None:
    """A declaration with a paper that was never handed in is refused."""
    bench.need_codes()
    given = consent(bench)
    came = _declare(bench, given, [nobody()])
    if came.good:
        take_back(bench, bench.cards[0], came)
    refused_as(came, 404, "not-found", "a paper that was never handed in")


@check(rule="`illegal-move` for one that is attached to another application.", needs=_NEEDS)
def a_paper_belongs_to_one_application(bench: Bench) -> None:
    """A paper of one application is not taken with another one, after that was withdrawn either."""
    bench.need_codes()
    given = consent(bench)
    paper, account = _paper(bench, given), bench.cards[0]
    first = _filed(bench, given, [paper])
    take_back(bench, account, first)
    if not first.document["withdrawable"] or not bench.offers("withdraw_application"):
        raise Skipped("the first declaration cannot be withdrawn, and a card has one open application")
    second = _declare(bench, given, [paper])
    if second.good:
        take_back(bench, account, second)
    refused_as(second, 409, "illegal-move", "a paper of an earlier application")
    _forget(bench, account, paper)
