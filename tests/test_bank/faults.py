"""Banks with one fault each, and the check of the conformance kit that finds it."""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Callable, Dict, List, Set

from common import clock
from tests.test_bank.between import Answered, Asked, Fault, Forward

CUSTOMERS = ["demo-m1-first", "demo-two-cards", "demo-due-soon", "demo-m2", "demo-disputed", "demo-instalment"]
TOKEN = "test-bank-token"
READER = "a-token-that-may-only-read"


def changing(route: str, change: Callable[[Any], None]) -> Fault:
    """A bank whose good answers at the end of this route are changed on the way back."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if came.status >= 300 or not re.search(route, asked.route):
            return came
        document = came.document
        change(document)
        return came.saying(document)

    return Fault(answer)


def forgets_keys() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        fresh = asked.with_header("Idempotency-Key", uuid.uuid4().hex) if asked.header("Idempotency-Key") else asked
        return forward(fresh)

    return Fault(answer)


def is_a_cent_off() -> Fault:
    def change(owed: Dict[str, Any]) -> None:
        owed["interest"] = str(Decimal(owed["interest"]) + Decimal("0.01"))

    return changing(r"/overdue$", change)


def sends_numbers() -> Fault:
    def change(owed: Dict[str, Any]) -> None:
        owed["total"] = float(owed["total"])

    return changing(r"/overdue$", change)


def shows_html_when_it_fails() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.route.endswith("/statement") and asked.header("Authorization").endswith(TOKEN):
            return Answered(500, {"Content-Type": "text/html"}, b"<h1>Internal Server Error</h1> near c-10023")
        return forward(asked)

    return Fault(answer)


def shows_the_cards_of_others() -> Fault:
    """The owner in the path is not looked at: whoever's card it is, it is shown."""
    owners: Dict[str, str] = {}

    def answer(asked: Asked, forward: Forward) -> Answered:
        if not owners:
            for customer in CUSTOMERS:
                listed = forward(Asked("GET", f"/customers/{customer}/cards", asked.headers, b""))
                owners.update(
                    {card["id"]: customer for card in listed.document["items"]} if listed.status < 300 else {}
                )
        card = re.search(r"/cards/([^/]+)", asked.route)
        owner = owners.get(card.group(1)) if card else None
        path = re.sub(r"^/customers/[^/]+", f"/customers/{owner}", asked.path) if owner else asked.path
        return forward(Asked(asked.method, path, asked.headers, asked.body))

    return Fault(answer)


def tells_that_a_card_exists() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if came.status == 404 and "nobody-" not in asked.route:
            return came.saying({**came.document, "detail": "belongs to another customer"})
        return came

    return Fault(answer)


def lets_readers_write() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        known = asked.header("Authorization").endswith(READER)
        return forward(asked.with_header("Authorization", f"Bearer {TOKEN}") if known else asked)

    return Fault(answer)


def loses_the_correlation_id() -> Fault:
    return Fault(lambda asked, forward: forward(asked.without_header("X-Correlation-ID")))


def files_something_else() -> Fault:
    def change(filed: Dict[str, Any]) -> None:
        if "reference" in filed:
            filed["per_term"] = str(Decimal(filed["per_term"]) + 1)

    return changing(r"/applications$", change)


def counts_no_attempts() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        return came.saying({**came.document, "attempts_left": 5}) if b"attempts_left" in came.body else came

    return Fault(answer)


def offers_for_a_minute() -> Fault:
    def change(quotes: Dict[str, Any]) -> None:
        for quote in quotes["items"]:
            quote["valid_until"] = (clock.now() + timedelta(minutes=1)).isoformat()

    return changing(r"/instalment-quotes$", change)


def collects_yesterday() -> Fault:
    def change(quotes: Dict[str, Any]) -> None:
        for quote in quotes["items"]:
            yesterday = (clock.today() - timedelta(days=1)).isoformat()
            quote["schedule"][0]["due_on"] = quote["first_due_on"] = yesterday

    return changing(r"/instalment-quotes$", change)


def loses_the_last_of_a_page() -> Fault:
    def change(page: Dict[str, Any]) -> None:
        if page.get("next_cursor"):
            page["items"] = page["items"][:-1]

    return changing(r"/accounts$", change)


def heeds_no_version() -> Fault:
    """What changed meanwhile is overwritten: the change is made to whatever is there now."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.method != "PUT" or not asked.header("If-Match"):
            return forward(asked)
        now = forward(Asked("GET", asked.path, asked.without_header("If-Match").headers, b""))
        return forward(asked.with_header("If-Match", now.headers["ETag"]))

    return Fault(answer)


def refuses_what_is_still_running() -> Fault:
    running: Set[str] = set()

    def answer(asked: Asked, forward: Forward) -> Answered:
        key = asked.header("Idempotency-Key")
        if key and key in running:
            told = {"type": "urn:overdue-card:problem:idempotency-conflict", "title": "Running", "status": 409}
            return Answered(409, {"Content-Type": "application/problem+json"}, json.dumps(told).encode())
        running.add(key)
        time.sleep(0.3)  # so that the others come meanwhile
        came = forward(asked)
        running.discard(key)
        return came

    return Fault(answer)


def takes_any_file() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        picture = b"\x89PNG\r\n\x1a\n"
        script = asked.route.endswith("/documents") and b"#!/bin/sh" in asked.body
        return forward(replace(asked, body=asked.body.replace(b"#!/bin/sh", picture)) if script else asked)

    return Fault(answer)


def offers_what_nobody_knows() -> Fault:
    return changing(r"/capabilities$", lambda document: document["operations"].append("make_coffee"))


def names_the_wrong_state() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        return came.saying({**came.document, "from": "open"}) if b"illegal-move" in came.body else came

    return Fault(answer)


def hangs_up() -> Fault:
    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.route.endswith("/statement"):
            raise ConnectionAbortedError
        return forward(asked)

    return Fault(answer)


def agrees_to_other_terms() -> Fault:
    def change(filed: Dict[str, Any]) -> None:
        if filed.get("kind") == "agreement":
            filed["terms"] += 1

    return changing(r"/applications$", change)


def forgets_what_is_agreed() -> Fault:
    """What was filed is answered, and is in no list."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if asked.method != "GET" or not re.search(r"/applications$", asked.route) or came.status != 200:
            return came
        others = [item for item in came.document["items"] if item["kind"] != "agreement"]
        return came.saying({**came.document, "items": others})

    return Fault(answer)


def takes_a_second_request() -> Fault:
    """A second application on a card is answered as the first one was."""
    filed: Dict[str, Answered] = {}

    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.method != "POST" or not re.search(r"/applications$", asked.route):
            return forward(asked)
        came = forward(asked)
        if came.status == 201:
            filed[asked.route] = came
        return filed[asked.route] if b"already_running" in came.body else came

    return Fault(answer)


def settles_for_less() -> Fault:
    def change(filed: Dict[str, Any]) -> None:
        if filed.get("kind") == "early_settlement":
            filed["amount"] = "0.01"

    return changing(r"/applications$", change)


def settles_any_plan() -> Fault:
    """For a plan that is not there, the figures of another one."""
    known: Dict[str, Answered] = {}

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if not asked.route.endswith("/early-settlement"):
            return came
        if came.status == 200:
            known["last"] = came
        return known.get("last", came) if came.status == 404 else came

    return Fault(answer)


def waives_twice() -> Fault:
    return changing(r"/waiver-options$", lambda found: found["items"].append(found["items"][0]))


def waives_more_than_is_charged() -> Fault:
    def change(found: Dict[str, Any]) -> None:
        for option in found["items"]:
            option["amount"] = option["items"][0]["amount"] = "9999.00"

    return changing(r"/waiver-options$", change)


def asks_nobody_for_consent() -> Fault:
    """Hardship is declared under whatever consent there is, instead of the one that is named."""
    consents: Dict[str, str] = {}

    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.route.endswith("/consents") and asked.method == "POST":
            came = forward(asked)
            consents["last"] = came.document["id"] if came.status == 201 else consents.get("last", "")
            return came
        if asked.method == "POST" and asked.route.endswith("/applications") and b'"hardship"' in asked.body:
            body = {**json.loads(asked.body), "consent_id": consents["last"]}
            return forward(replace(asked, body=json.dumps(body).encode()))
        return forward(asked)

    return Fault(answer)


def loses_papers() -> Fault:
    """Papers that are handed in with a declaration are not kept with it, and can be deleted."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.method == "POST" and asked.route.endswith("/applications") and b'"hardship"' in asked.body:
            body = {**json.loads(asked.body), "document_ids": []}
            return forward(replace(asked, body=json.dumps(body).encode()))
        return forward(asked)

    return Fault(answer)


def debits_without_a_proof() -> Fault:
    """The change is answered as if it had been made, whatever the proof."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if asked.method == "PUT" and asked.route.endswith("/auto-debit") and b"proof-required" in came.body:
            return forward(Asked("GET", asked.path, asked.without_header("Idempotency-Key").headers, b""))
        return came

    return Fault(answer)


def keeps_the_old_order() -> Fault:
    """A change of the standing order is acknowledged and not made."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.method != "PUT" or not asked.route.endswith("/auto-debit") or b'"full"' not in asked.body:
            return forward(asked)
        came = forward(replace(asked, body=asked.body.replace(b'"full"', b'"minimum"')))
        return came.saying({**came.document, "amount": "full"}) if came.status == 200 else came

    return Fault(answer)


def debits_whoever_is_named() -> Fault:
    """An account that is not the customer's is taken for one that is."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if asked.method != "PUT" or not asked.route.endswith("/auto-debit") or came.status != 404:
            return came
        path = asked.route.replace("/auto-debit", "/debit-accounts")
        accounts = forward(Asked("GET", path, asked.without_header("Idempotency-Key").headers, b"")).document["items"]
        return _again(asked, forward, account_id=accounts[0]["id"])

    return Fault(answer)


def takes_papers_that_are_not_there() -> Fault:
    return _taking_papers_after(404)


def lends_papers_on() -> Fault:
    """Papers of an application that was withdrawn are taken with another one."""
    return _taking_papers_after(409)


def _taking_papers_after(refused: int) -> Fault:
    """A declaration of hardship that is refused with this status because of its papers is taken all the same."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        declared = asked.method == "POST" and asked.route.endswith("/applications") and b'"hardship"' in asked.body
        return _again(asked, forward, document_ids=[]) if declared and came.status == refused else came

    return Fault(answer)


def _again(asked: Asked, forward: Forward, **changes: Any) -> Answered:
    """What was refused, with other content and so with another key."""
    body = json.dumps({**json.loads(asked.body), **changes}).encode()
    return forward(replace(asked.with_header("Idempotency-Key", uuid.uuid4().hex), body=body))


def shows_the_longest_agreement_first() -> Fault:
    return changing(r"/agreement-quotes$", lambda found: found["items"].reverse())


def agrees_without_conditions() -> Fault:
    def change(found: Dict[str, Any]) -> None:
        for quote in found["items"]:
            quote["conditions"] = []

    return changing(r"/agreement-quotes$", change)


def asks_for_terms_alone() -> Fault:
    """Of a number of terms and a sum a month the second is not looked at."""

    def answer(asked: Asked, forward: Forward) -> Answered:
        if asked.route.endswith("/agreement-quotes") and "terms=" in asked.path:
            return forward(replace(asked, path=re.sub(r"&?monthly=[^&]*", "", asked.path)))
        return forward(asked)

    return Fault(answer)


def waives_less_than_it_showed() -> Fault:
    def change(filed: Dict[str, Any]) -> None:
        if filed.get("kind") == "waiver":
            filed["amount"] = "0.01"

    return changing(r"/applications$", change)


def writes_to_others() -> Fault:
    return changing(r"/contact-addresses$", lambda found: found.update(phone="+8613900000000"))


def has_empty_addresses() -> Fault:
    return changing(r"/contact-addresses$", lambda found: found.update(email=""))


def remembers_nobody() -> Fault:
    """Whoever was linked last is found for every subject."""
    last: Dict[str, Answered] = {}

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if asked.method == "POST" and asked.route.endswith("/messaging-identities") and came.status == 201:
            last["link"] = replace(came, status=200)
        return last.get("link", came) if asked.route.endswith("/messaging-identities/find") else came

    return Fault(answer)


def keeps_the_first_link() -> Fault:
    """A subject that is linked stays with its first customer."""
    first: Dict[str, Answered] = {}

    def answer(asked: Asked, forward: Forward) -> Answered:
        came = forward(asked)
        if asked.method == "POST" and asked.route.endswith("/messaging-identities") and came.status == 201:
            first.setdefault("link", replace(came, status=200))
        finds = asked.route.endswith("/messaging-identities/find") and came.status == 200
        return first["link"] if finds else came

    return Fault(answer)


def adds_up_to_less(route: str, name: str) -> Callable[[], Fault]:
    """Offers of this route whose `name` is a cent less than what it is made of."""

    def change(found: Dict[str, Any]) -> None:
        for offer in found.get("items", [found]):
            offer[name] = str(Decimal(offer[name]) - Decimal("0.01"))

    def is_a_cent_short() -> Fault:
        return changing(route, change)

    return is_a_cent_short


def agrees_for_yesterday() -> Fault:
    def change(quotes: Dict[str, Any]) -> None:
        for quote in quotes["items"]:
            yesterday = (clock.today() - timedelta(days=1)).isoformat()
            quote["schedule"][0]["due_on"] = quote["first_due_on"] = yesterday

    return changing(r"/agreement-quotes$", change)


@dataclass(frozen=True)
class Case:
    """A fault, the check that must find it, and what that must say."""

    fault: Callable[[], Fault]
    found_by: str
    says: List[str]


_CARD = "problems.another_customers_card_is_like_none:overdue"
_READER = "access.a_token_that_may_only_read_does_nothing_else:file_application"
_REPEAT = "once.a_repeat_gives_the_first_answer:file_application"
_QUOTES = "days.an_offer_stays_good_for_a_while:instalment_quotes"
CASES = [
    Case(forgets_keys, _REPEAT, ["403", "where the first answer was 201"]),
    Case(is_a_cent_off, "sums.what_is_owed_is_the_sum_of_its_parts", ["differ by 0.01 yuan", "= total"]),
    Case(sends_numbers, "shapes.answers_fit:overdue", ["`total`", 'not of type "string"', "a number"]),
    Case(shows_html_when_it_fails, "shapes.answers_fit:statement", ["500 with text/html and no problem document"]),
    Case(shows_the_cards_of_others, _CARD, ["the card of another customer was shown"]),
    Case(tells_that_a_card_exists, _CARD, ["tell that the card exists"]),
    Case(lets_readers_write, _READER, ["403", "`forbidden`"]),
    Case(loses_the_correlation_id, "problems.the_correlation_id_comes_back", ["without the header X-Correlation-ID"]),
    Case(files_something_else, "quotes.what_is_filed_is_what_was_shown", ["`per_term` is another"]),
    Case(counts_no_attempts, "codes.attempts_count_down_and_end", ["attempts_left 5", "attempts_left 4"]),
    Case(offers_for_a_minute, _QUOTES, ["at least 15 minutes ahead"]),
    Case(forgets_keys, "once.a_repeat_gives_the_first_answer:log_contact", ["another document"]),
    Case(forgets_keys, "once.a_key_with_other_content_is_refused:record_consent", ["201", "idempotency-conflict"]),
    Case(refuses_what_is_still_running, "once.of_many_at_once_one_counts:make_promise", ["409 idempotency-conflict"]),
    Case(loses_the_last_of_a_page, "paging.small_pages_find_what_a_large_one_finds", ["were lost between pages"]),
    Case(heeds_no_version, "versions.a_change_of_older_preferences_is_refused", ["200", "changed-meanwhile"]),
    Case(takes_any_file, "documents.a_file_of_another_type_is_refused", ["201", "file-type"]),
    Case(offers_what_nobody_knows, "shapes.what_is_offered_is_known", ["make_coffee"]),
    Case(names_the_wrong_state, "states.a_promise_is_withdrawn_once", ["`from`: withdrawn"]),
    Case(hangs_up, "shapes.answers_fit:statement", ["no answer: ConnectionError"]),
    Case(agrees_to_other_terms, "relief.an_agreement_is_filed_as_it_was_shown", ["`terms` is another"]),
    Case(forgets_what_is_agreed, "relief.an_agreement_is_filed_as_it_was_shown", ["is not among the customer's"]),
    Case(takes_a_second_request, "relief.one_request_at_a_time", ["201", "not-eligible"]),
    Case(shows_the_longest_agreement_first, "relief.an_agreement_says_what_it_asks_for", ["fewest terms first"]),
    Case(agrees_without_conditions, "relief.an_agreement_says_what_it_asks_for", ["without `conditions`"]),
    Case(asks_for_terms_alone, "relief.an_agreement_is_asked_for_in_one_way", ["200", "invalid-request"]),
    Case(waives_less_than_it_showed, "relief.a_waiver_is_filed_as_it_was_shown", ["`amount` is another"]),
    Case(settles_for_less, "relief.a_plan_is_settled_as_it_was_shown", ["`amount` is another"]),
    Case(settles_any_plan, "relief.only_a_plan_of_the_card_is_settled", ["200", "not-found"]),
    Case(waives_twice, "relief.there_is_one_waiver_of_each_kind", ["two options for one kind"]),
    Case(waives_more_than_is_charged, "relief.there_is_one_waiver_of_each_kind", ["yuan more"]),
    Case(asks_nobody_for_consent, "hardship.hardship_is_declared_under_a_consent", ["201", "consent-required"]),
    Case(loses_papers, "hardship.papers_stay_with_their_declaration", ["204", "illegal-move"]),
    Case(takes_papers_that_are_not_there, "hardship.papers_are_handed_in_first", ["201", "not-found"]),
    Case(lends_papers_on, "hardship.a_paper_belongs_to_one_application", ["201", "illegal-move"]),
    Case(debits_whoever_is_named, "auto_debit.only_the_customers_own_accounts_are_debited", ["200", "not-found"]),
    Case(debits_without_a_proof, "auto_debit.an_order_is_changed_with_a_proof", ["200", "proof-required"]),
    Case(heeds_no_version, "auto_debit.a_change_of_an_older_order_is_refused", ["200", "changed-meanwhile"]),
    Case(keeps_the_old_order, "auto_debit.an_order_is_as_it_was_set", ["not what was set"]),
    Case(writes_to_others, "addresses.the_number_is_the_customers_own", ["another number"]),
    Case(has_empty_addresses, "addresses.what_is_not_known_is_absent", ["an empty `email`"]),
    Case(remembers_nobody, "identities.a_link_is_found_until_it_is_undone", ["200", "not-found"]),
    Case(keeps_the_first_link, "identities.a_new_link_replaces_the_earlier", ["the earlier customer"]),
    Case(adds_up_to_less(r"/agreement-quotes$", "total_cost"), "sums.an_agreement_adds_up", ["differ by 0.01 yuan"]),
    Case(adds_up_to_less(r"/early-settlement$", "total"), "sums.settling_early_adds_up", ["differ by 0.01 yuan"]),
    Case(adds_up_to_less(r"/waiver-options$", "amount"), "sums.a_waiver_is_the_sum_of_its_items", ["0.01 yuan"]),
    Case(agrees_for_yesterday, "days.an_agreement_lies_ahead", ["first instalment is due on 2026-11-23"]),
    Case(collects_yesterday, "days.a_schedule_lies_ahead", ["first instalment is due on 2026-11-23"]),
]
