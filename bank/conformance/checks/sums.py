"""What the bank sends adds up, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, Mapping

from bank.conformance.bench import Account, Bench
from bank.conformance.caller import Exchange
from bank.conformance.exact import in_a_month, off_by, total, yuan
from bank.conformance.registry import Failed, check

_ADDS_UP = "totals are sums of rounded items, so that what the customer sees adds up."
_INTEREST = ("interest", "instalment_interest")
_SCHEDULE = "The principals of `schedule` add up to `amount`, its interests to `total_interest`"


def equal(exchange: Exchange, one: Decimal, other: Decimal, equation: str) -> None:
    """Raises Failed, with the equation, unless both are the same."""
    if one != other:
        raise Failed(exchange, off_by(one, other), equation)


def not_more(exchange: Exchange, part: Decimal, whole: Decimal, relation: str) -> None:
    """Raises Failed, with the relation, if the part is more than the whole."""
    if part > whole:
        raise Failed(exchange, f"it is {part - whole:.2f} yuan more", relation)


@check(rule=_ADDS_UP, needs=["overdue"])
def what_is_owed_is_the_sum_of_its_parts(bench: Bench) -> None:
    """Principal, interest, late fee and other fees are the total."""
    for _, came, owed in bench.each("overdue"):
        parts = sum((yuan(owed[name]) for name in ("principal", "interest", "late_fee", "other_fees")), Decimal(0))
        equal(came, parts, yuan(owed["total"]), "principal + interest + late_fee + other_fees = total")


@check(rule=_ADDS_UP, needs=["overdue"])
def each_charge_is_explained_by_its_items(bench: Bench) -> None:
    """The items of each kind add up to what is charged of that kind."""
    for _, came, owed in bench.each("overdue"):
        for name, kinds in (("interest", _INTEREST), ("late_fee", ("late_fee",)), ("other_fees", ("other",))):
            items = [item for item in owed["items"] if item["kind"] in kinds]
            equation = f"the amounts of the items of kind {' or '.join(kinds)} add up to {name}"
            equal(came, total(items, "amount"), yuan(owed[name]), equation)


@check(rule=_ADDS_UP, needs=["overdue"])
def the_minimum_is_no_more_than_the_whole(bench: Bench) -> None:
    """What remains of the minimum is no more than all that is owed."""
    for _, came, owed in bench.each("overdue"):
        not_more(came, yuan(owed["remaining_minimum"]), yuan(owed["total"]), "remaining_minimum ≤ total")


@check(rule=_ADDS_UP, needs=["statement"])
def a_bill_leaves_no_more_than_it_asked_for(bench: Bench) -> None:
    """What remains of a bill is no more than the bill, and of its minimum no more than what remains."""
    for _, came, bill in bench.each("statement"):
        not_more(came, yuan(bill["minimum_due"]), max(yuan(bill["balance"]), Decimal(0)), "minimum_due ≤ balance")
        not_more(
            came, yuan(bill["remaining_balance"]), max(yuan(bill["balance"]), Decimal(0)), "remaining_balance ≤ balance"
        )
        not_more(came, yuan(bill["remaining_minimum"]), yuan(bill["minimum_due"]), "remaining_minimum ≤ minimum_due")


@check(rule="days since the due date, grace days included.", needs=["cards", "overdue"])
def the_list_of_cards_agrees_with_each_card(bench: Bench) -> None:
    """A card's state and days past due are the same in the list and in its own figures."""
    for account, came, owed in bench.each("overdue"):
        listed = bench.read("cards", account.ids())
        card = next((each for each in listed.document["items"] if each["id"] == account.card_id), None)
        if card is None:
            raise Failed(listed, "a card that answers is not in the list", "the card in the list of cards")
        for name in ("state", "days_past_due"):
            if card[name] != owed[name]:
                raise Failed(came, f"`{name}` differs between the two", f"the same `{name}` in `cards` and `overdue`")


@check(rule=_SCHEDULE, needs=["instalment_quotes"])
def a_quote_adds_up(bench: Bench) -> None:
    """The schedule of a quote repays the amount and its interest exactly."""
    for _, came, quote in bench.each_item("instalment_quotes"):
        _schedule(came, quote, quote["amount"])
        equal(
            came,
            total((item for item in quote["cost_items"] if item["certain"]), "amount"),
            yuan(quote["total_interest"]),
            "the amounts of the certain cost_items add up to total_interest",
        )


@check(rule=_SCHEDULE, needs=["agreement_quotes"])
def an_agreement_adds_up(bench: Bench) -> None:
    """The schedule of an agreement repays the balance and its interest exactly."""
    for _, came, quote in bench.each_item("agreement_quotes"):
        _schedule(came, quote, quote["balance"])


def _schedule(came: Exchange, quote: Mapping[str, Any], amount: str) -> None:
    schedule = quote["schedule"]
    if len(schedule) != quote["terms"]:
        raise Failed(came, f"{len(schedule)} instalments for {quote['terms']} terms", "one instalment for each term")
    for part in schedule:
        both = yuan(part["principal"]) + yuan(part["interest"])
        equal(came, both, yuan(part["total"]), "principal + interest = total of every instalment")
    equal(came, total(schedule, "principal"), yuan(amount), "the principals of the schedule add up to the amount")
    interest = yuan(quote["total_interest"])
    equal(came, total(schedule, "interest"), interest, "the interests of the schedule add up to total_interest")
    equal(came, yuan(amount) + interest, yuan(quote["total_cost"]), "amount + total_interest = total_cost")
    equal(came, yuan(schedule[0]["total"]), yuan(quote["per_term"]), "per_term = total of the first instalment")


@check(rule="on the day `on`.", needs=["projection"])
def what_will_be_owed_adds_up(bench: Bench) -> None:
    """A projection is the sum of its parts, and paying more leaves no more to pay."""
    on = in_a_month().isoformat()
    totals: Dict[Account, Decimal] = {}
    for pays in ("nothing", "minimum", "full"):
        for account, came, then in bench.each("projection", query=[("on", on), ("pay", pays)]):
            parts = sum((yuan(then[name]) for name in ("principal", "interest", "late_fee", "other_fees")), Decimal(0))
            equal(came, parts, yuan(then["total"]), "principal + interest + late_fee + other_fees = total")
            earlier = totals.get(account, yuan(then["total"]))
            not_more(came, yuan(then["total"]), earlier, "the more is paid today, the less is owed later")
            totals[account] = yuan(then["total"])


@check(
    rule="The principals of `schedule` add up to `amount`; those `to_come` to `remaining_principal`", needs=["plans"]
)
def what_remains_of_a_plan_is_to_come(bench: Bench) -> None:
    """What remains of a plan is the sum of its instalments to come."""
    for _, came, plan in bench.each_item("plans"):
        schedule = plan["schedule"]
        to_come = [part for part in schedule if part["status"] == "to_come"]
        equal(came, total(schedule, "principal"), yuan(plan["amount"]), "the principals of schedule add up to amount")
        remaining = yuan(plan["remaining_principal"])
        equal(came, total(to_come, "principal"), remaining, "principals to_come = remaining_principal")
        interest = yuan(plan["remaining_interest"])
        equal(came, total(to_come, "interest"), interest, "interests to_come = remaining_interest")


@check(rule="`remaining_principal` + `interest_due` + `fee` = `total`.", needs=["plans", "early_settlement"])
def settling_early_adds_up(bench: Bench) -> None:
    """What settles a plan today is what remains of it, its interest and its fee."""
    for account, _, plan in bench.each_item("plans"):
        came = bench.call("early_settlement", account.ids(reference=plan["reference"]))
        if came.good:
            offer = came.document
            parts = sum((yuan(offer[name]) for name in ("remaining_principal", "interest_due", "fee")), Decimal(0))
            equal(came, parts, yuan(offer["total"]), "remaining_principal + interest_due + fee = total")


@check(rule="The amounts of `items` add up to `amount`.", needs=["waiver_options"])
def a_waiver_is_the_sum_of_its_items(bench: Bench) -> None:
    """What would be waived is explained by the charges."""
    for _, came, option in bench.each_item("waiver_options"):
        equal(came, total(option["items"], "amount"), yuan(option["amount"]), "the amounts of items add up to amount")
