"""Days and moments are in the order that life has them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any, Mapping

from bank.conformance.bench import Bench
from bank.conformance.caller import Exchange
from bank.conformance.exact import day, moment
from bank.conformance.registry import Failed, check
from common import clock

_TODAY = 'are days in Asia/Shanghai; "today" is the bank\'s day.'
_BUCKETS = {"M1": (1, 30), "M2": (31, 60), "M3": (61, 90), "M4": (91, 120), "M5": (121, 150), "M6": (151, 180)}
_LATER = timedelta(minutes=14)  # of the fifteen that the contract demands: the answer was on its way
_VALID = "until `valid_until`, at least 15 minutes."


def in_order(exchange: Exchange, document: Mapping[str, Any], *names: str) -> None:
    """Raises Failed unless each day is not before the one that is named before it."""
    for earlier, later in pairwise(names):
        if day(document[later]) < day(document[earlier]):
            raise Failed(exchange, f"`{later}` is before `{earlier}`", " ≤ ".join(names))


@check(rule=_TODAY, needs=["overdue"])
def the_bill_comes_before_its_due_date(bench: Bench) -> None:
    """Statement date, due date and end of grace follow each other."""
    for _, came, owed in bench.each("overdue"):
        in_order(came, owed, "statement_date", "due_date", "grace_ends_on")


@check(rule=_TODAY, needs=["statement"])
def a_bill_ends_after_it_began(bench: Bench) -> None:
    """The days of a bill follow each other."""
    for _, came, bill in bench.each("statement"):
        in_order(came, bill, "period_starts_on", "statement_date", "due_date", "grace_ends_on")


@check(rule=_TODAY, needs=["overdue"])
def figures_are_as_of_today(bench: Bench) -> None:
    """What is owed is what is owed today, in Asia/Shanghai."""
    for _, came, owed in bench.each("overdue"):
        if day(owed["as_of"]) != clock.today():
            raise Failed(came, f"as_of {owed['as_of']}", f"as_of {clock.today()}, today in Asia/Shanghai")


@check(rule="`bucket` is null", needs=["overdue"])
def state_days_and_bucket_agree(bench: Bench) -> None:
    """An overdue card has days past due and the bucket of these days; another has neither."""
    for _, came, owed in bench.each("overdue"):
        past, bucket = owed["days_past_due"], owed.get("bucket")
        if (owed["state"] == "overdue") != (past > 0) or (past > 0) != (bucket is not None):
            raise Failed(came, "state, days_past_due and bucket disagree")
        first, last = _BUCKETS.get(bucket, (181, past)) if bucket else (0, 0)
        if not first <= past <= last:
            raise Failed(came, f"bucket {bucket} for {past} days", "the bucket that holds the days past due")
        if past and past != (day(owed["as_of"]) - day(owed["due_date"])).days:
            raise Failed(came, f"{past} days past due", "the days from due_date to as_of, grace days included")


@check(rule="Newest first", needs=["transactions"])
def transactions_are_newest_first(bench: Bench) -> None:
    """Transactions come newest first."""
    for _, came, document in bench.each("transactions"):
        _descending(came, [item["posted_on"] for item in document["items"]], "posted_on")


@check(rule="Newest first", needs=["payments"])
def payments_are_newest_first(bench: Bench) -> None:
    """Payments come newest first, and are booked after they were made."""
    for _, came, document in bench.each("payments"):
        _descending(came, [item["made_on"] for item in document["items"]], "made_on")
        for item in document["items"]:
            if item.get("posts_on") and day(item["posts_on"]) < day(item["made_on"]):
                raise Failed(came, "`posts_on` is before `made_on`", "made_on ≤ posts_on")


def _descending(came: Exchange, values: list[str], name: str) -> None:
    if values != sorted(values, reverse=True):
        raise Failed(came, f"`{name}` is not in descending order")


@check(rule=_TODAY, needs=["instalment_quotes"])
def a_schedule_lies_ahead(bench: Bench) -> None:
    """Instalments follow each other, the first on the day that is named, none in the past."""
    for _, came, quote in bench.each_item("instalment_quotes"):
        schedule_ahead(came, quote)


@check(rule=_TODAY, needs=["agreement_quotes"])
def an_agreement_lies_ahead(bench: Bench) -> None:
    """Instalments of an agreement follow each other, none in the past."""
    for _, came, quote in bench.each_item("agreement_quotes"):
        schedule_ahead(came, quote)


def schedule_ahead(came: Exchange, quote: Mapping[str, Any]) -> None:
    """Raises Failed unless the schedule lies in the future, in order."""
    due = [day(part["due_on"]) for part in quote["schedule"]]
    if due != sorted(set(due)):
        raise Failed(came, "two instalments on one day, or out of order", "`due_on` rises with each instalment")
    if due[0] != day(quote["first_due_on"]):
        raise Failed(came, "another day than that of the first instalment", "first_due_on = due_on of the first")
    if due[0] <= clock.today():
        raise Failed(came, f"the first instalment is due on {due[0]}", "a first instalment after today")


@check(rule=_TODAY, needs=["deferral_options"])
def a_deferral_lies_ahead(bench: Bench) -> None:
    """The new due dates lie ahead, earliest first."""
    for _, came, document in bench.each("deferral_options"):
        days = [day(item["new_due_date"]) for item in document["items"]]
        if days != sorted(days):
            raise Failed(came, "options out of order", "Earliest first.")
        if days and days[0] <= clock.today():
            raise Failed(came, f"a new due date of {days[0]}", "a new due date after today")


@check(rule=_VALID, each=("instalment_quotes", "deferral_options", "agreement_quotes", "waiver_options"))
def an_offer_stays_good_for_a_while(bench: Bench, operation: str) -> None:
    """What is offered stays valid long enough to be read, confirmed and filed."""
    for _, came, offer in bench.each_item(operation):
        if moment(offer["valid_until"]) < clock.now() + _LATER:
            raise Failed(came, f"valid until {offer['valid_until']}", "a valid_until at least 15 minutes ahead")
