"""Quotes: made for what was asked, filed as they were shown, refused when they are old."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, List, Tuple

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import nobody, refused_as
from bank.conformance.exact import moment, yuan
from bank.conformance.registry import Failed, Skipped, check
from common import clock

_TERMS = "The terms are those of the quote, to the cent."
_PAST = "past `valid_until`, or what it was made from has changed"


def a_quote(bench: Bench) -> Tuple[Account, Any]:
    """An account and a quote for it, of the day's; raises Skipped if nobody gets one."""
    for account in reversed(bench.cards):  # the last, as the first serve most other checks
        came = bench.call("instalment_quotes", account.ids())
        if came.good:
            return account, came.document["items"][0]
    raise Skipped("no known card gets an instalment quote: CUSTOMER=… whose card may be paid by instalments")


@check(rule="`invalid-request` if it is not offered.", needs=["instalment_quotes"])
def a_quote_is_for_the_terms_asked_for(bench: Bench) -> None:
    """Asked for one number of terms, the bank quotes that one alone; for one it does not offer, it says so."""
    account, quote = a_quote(bench)
    came = bench.call("instalment_quotes", account.ids(), query=[("terms", str(quote["terms"]))])
    if came.good and [item["terms"] for item in came.document["items"]] != [quote["terms"]]:
        raise Failed(came, "quotes for other terms", f"one quote, for {quote['terms']} terms")
    every = bench.read("instalment_quotes", account.ids()).document["items"]
    missing = next(terms for terms in range(1, 61) if terms not in [item["terms"] for item in every])
    none = bench.call("instalment_quotes", account.ids(), query=[("terms", str(missing))])
    refused_as(none, 400, "invalid-request", "a number of terms that is not offered")


@check(rule="`not-eligible` with `amount_too_small` or `amount_too_large`.", needs=["instalment_quotes"])
def a_quote_is_for_the_amount_asked_for(bench: Bench) -> None:
    """Asked for an amount, the bank quotes that one; outside its limits it says which limit."""
    account, quote = a_quote(bench)
    wish = yuan(quote["amount"]) - Decimal("0.01")
    came = bench.call("instalment_quotes", account.ids(), query=[("amount", f"{wish:.2f}")])
    if came.good and {item["amount"] for item in came.document["items"]} != {f"{wish:.2f}"}:
        raise Failed(came, "a quote for another amount", "quotes for the amount that was asked for")
    limits: List[Tuple[str, str]] = [("0.01", "amount_too_small"), ("999999999.00", "amount_too_large")]
    for amount, reason in limits:
        out = bench.call("instalment_quotes", account.ids(), query=[("amount", amount)])
        refused_as(out, 422, "not-eligible", f"amount={amount}")
        if out.document.get("reason") != reason:
            raise Failed(out, out.said(), f"422 not-eligible ({reason})")


@check(rule="`not-found` for an unknown subject", needs=["challenge"])
def an_unknown_quote_sends_no_code(bench: Bench) -> None:
    """For a quote that was never made no code is sent."""
    body = {"purpose": "file_application", "subject": nobody()}
    came = bench.call("challenge", {"customer_id": bench.cards[0].customer_id}, body=body)
    refused_as(came, 404, "not-found", "a quote that was never made")


@check(rule=_PAST, needs=["challenge"])
def an_old_quote_is_refused(bench: Bench) -> None:
    """A quote past its `valid_until` is `quote-expired`, before a code is sent for it."""
    old = bench.options.expired_quote
    if not old:
        account, quote = a_quote(bench)
        until = f"{moment(quote['valid_until']).astimezone(clock.BANK_ZONE):%H:%M}"
        hint = f"CUSTOMER={account.customer_id} EXPIRED_QUOTE={quote['id']} ONLY=quotes.an_old_quote"
        raise Skipped(f"needs an old quote. This one is old after {until}; then run again with {hint}")
    body = {"purpose": "file_application", "subject": old}
    came = bench.call("challenge", {"customer_id": bench.cards[0].customer_id}, body=body)
    refused_as(came, 409, "quote-expired", "a quote past its valid_until")


@check(rule=_TERMS, needs=["instalment_quotes", "challenge", "check_challenge", "file_application"])
def what_is_filed_is_what_was_shown(bench: Bench) -> None:
    """An application has the amount, the terms and the rate of its quote."""
    bench.need_codes()
    account, quote = a_quote(bench)
    filed = file_quote(bench, account, quote)
    for name in ("amount", "terms", "per_term", "annualised_rate"):
        if filed.document.get(name) != quote[name]:
            raise Failed(filed, f"`{name}` is another than that of the quote", f"`{name}` as in the quote")
    if bench.offers("application"):
        ids = {"customer_id": account.customer_id, "reference": filed.document["reference"]}
        again = bench.call("application", ids)
        if not again.good or again.document["amount"] != quote["amount"]:
            raise Failed(again, f"{again.said()}, or another amount", "the application as it was filed")
    take_back(bench, account, filed)


def file_quote(bench: Bench, account: Account, quote: Any, kind: str = "instalment") -> Exchange:
    """File the quote as the customer would; raises Failed if the bank refuses its own quote."""
    token = bench.proof(account.customer_id, "file_application", quote["id"])
    body = {"kind": kind, "card_id": account.card_id, "quote_id": quote["id"], "proof": token}
    filed = bench.call("file_application", account.ids(), body=body, key=new_key())
    if filed.status != 201:
        raise Failed(filed, filed.said(), "201 and the application")
    return filed


def take_back(bench: Bench, account: Account, filed: Exchange) -> None:
    """Withdraw what the kit has filed, so that the next check finds the account as it was."""
    if not filed.document.get("withdrawable") or not bench.offers("withdraw_application"):
        return
    reference = filed.document["reference"]
    token = bench.proof(account.customer_id, "withdraw_application", reference)
    ids = {"customer_id": account.customer_id, "reference": reference}
    gone = bench.call("withdraw_application", ids, body={"proof": token}, key=new_key())
    if not gone.good or gone.document["status"] != "withdrawn":
        raise Failed(gone, gone.said(), "200 and the application, withdrawn")
