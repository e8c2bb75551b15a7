"""Random cards for the ledger's properties: whatever can happen on one, for each of the issuers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, List, Tuple

from hypothesis import settings
from hypothesis import strategies as st

from bank.sandbox.ledger.agreement import agreement_offers, agreement_plan
from bank.sandbox.ledger.instalment import split
from bank.sandbox.ledger.position import position
from bank.sandbox.ledger.records import Account, Deferral, Entry, EntryKind, History, Plan, Settlement
from bank.sandbox.ledger.replay import replay
from bank.sandbox.ledger.waiver import waivable, waiver_entries
from bank.sandbox.policy import Policy
from tests.test_bank.ledger_cases import ISSUERS

ZERO = Decimal("0.00")
FIRST_DAY = date(2027, 11, 20)  # the histories cross a year's end and a leap day
DAYS = 220
AS_OF = FIRST_DAY + timedelta(days=DAYS + 40)
SPENT = (EntryKind.PURCHASE, EntryKind.CASH_ADVANCE, EntryKind.FEE)

days = st.integers(0, DAYS).map(lambda number: FIRST_DAY + timedelta(days=number))
amounts = st.one_of(st.integers(1, 2_000), st.integers(1, 2_000_000)).map(lambda cents: Decimal(cents) / 100)
policies = st.sampled_from(sorted(ISSUERS)).map(ISSUERS.__getitem__)
spending = st.sampled_from([EntryKind.PURCHASE] * 4 + [EntryKind.CASH_ADVANCE, EntryKind.FEE])

thorough = settings(max_examples=40)


@st.composite
def entries(draw: Any) -> Tuple[Entry, ...]:
    """Spend, payments of any size, refunds, reversals and disputes of what was spent before."""
    spent = [
        Entry(f"spent-{number}", draw(spending), draw(days), draw(amounts)) for number in range(draw(st.integers(1, 8)))
    ]
    paid = [
        Entry(f"paid-{number}", EntryKind.PAYMENT, draw(days), draw(amounts))
        for number in range(draw(st.integers(0, 6)))
    ]
    return (*spent, *paid, *draw(corrections(spent, paid)))


@st.composite
def corrections(draw: Any, spent: List[Entry], paid: List[Entry]) -> List[Entry]:
    found: List[Entry] = []
    for number, about in enumerate(draw(st.lists(st.sampled_from([*spent, *paid]), max_size=3, unique_by=id))):
        later = about.posted_on + timedelta(days=draw(st.integers(0, 60)))
        if about.kind is EntryKind.PAYMENT:
            found.append(Entry(f"back-{number}", EntryKind.REVERSAL, later, ZERO, about.id))
        elif about.kind is EntryKind.PURCHASE and draw(st.booleans()):
            share = Decimal(draw(st.integers(1, 100))) / 100
            found.append(Entry(f"refund-{number}", EntryKind.REFUND, later, to_cents(about.amount * share), about.id))
            if draw(st.booleans()):
                after = later + timedelta(days=draw(st.integers(0, 20)))
                found += draw(disputes(f"dispute-{number}", about.id, after))
        else:
            found += draw(disputes(f"dispute-{number}", about.id, later))
    return found


@st.composite
def disputes(draw: Any, id: str, about: str, opened_on: date) -> List[Entry]:
    """Opened, perhaps declined and opened again, perhaps decided: each also on the day of the one before."""
    made = [Entry(f"{id}-opened", EntryKind.DISPUTE_OPENED, opened_on, ZERO, about)]
    end = draw(st.sampled_from([None, EntryKind.DISPUTE_UPHELD, EntryKind.DISPUTE_REJECTED]))
    if end is not None:
        closed_on = opened_on + timedelta(days=draw(st.integers(0, 40)))
        made.append(Entry(f"{id}-closed", end, closed_on, ZERO, about))
        if end is EntryKind.DISPUTE_REJECTED and draw(st.booleans()):
            again_on = closed_on + timedelta(days=draw(st.integers(0, 20)))
            made.append(Entry(f"{id}-again", EntryKind.DISPUTE_OPENED, again_on, ZERO, about))
    return made


@st.composite
def histories(draw: Any) -> History:
    plans = draw(st.lists(instalment_plans(), max_size=1).map(tuple))
    settled = [Settlement(each.id, each.started_on + timedelta(days=draw(st.integers(0, 90)))) for each in plans]
    return History(
        opened_on=FIRST_DAY,
        statement_day=draw(st.integers(1, 31)),
        credit_limit=Decimal(draw(st.sampled_from([5_000, 1_000_000]))),
        entries=draw(entries()),
        plans=plans,
        settlements=tuple(each for each in settled if draw(st.booleans())),
        deferrals=draw(st.lists(deferrals(), max_size=1).map(tuple)),
    )


@st.composite
def instalment_plans(draw: Any) -> Plan:
    amount = Decimal(draw(st.integers(10_000, 500_000))) / 100
    terms, rate = draw(st.integers(2, 12)), Decimal(draw(st.integers(0, 200))) / 10_000
    return Plan("plan", draw(days), amount, rate, split(amount, terms, rate))


@st.composite
def deferrals(draw: Any) -> Deferral:
    starts_on = draw(days)
    until = starts_on + timedelta(days=draw(st.integers(1, 90)))
    return Deferral("deferral", starts_on, until, draw(st.booleans()), draw(st.booleans()))


@st.composite
def helped(draw: Any) -> Tuple[History, Policy]:
    """A card whose bank also gave charges back, or agreed on a plan for all of the debt, which may be settled."""
    history, policy = draw(histories()), draw(policies)
    if draw(st.booleans()):
        history = draw(with_agreement(history, policy))
    for day in sorted(draw(st.sets(days, max_size=2))):
        history = draw(with_waivers(history, policy, day))
    return history, policy


@st.composite
def with_waivers(draw: Any, history: History, policy: Policy, day: date) -> History:
    shares = [share for each in waivable(replay(history, policy, day), policy, day) for share in each.shares]
    chosen = draw(st.lists(st.sampled_from(shares), max_size=3, unique=True)) if shares else []
    return replace(history, entries=(*history.entries, *waiver_entries(f"waiver-{day}", chosen, day)))


@st.composite
def with_agreement(draw: Any, history: History, policy: Policy) -> History:
    """Offered on one day, begun on that or a later one; the first instalment perhaps a bill later."""
    day = draw(days)
    account = replay(history, policy, day)
    if not account.bills or position(account).total < Decimal("0.60"):
        return history
    wish = draw(st.sampled_from([None, day + timedelta(days=30)]))
    terms = draw(st.integers(policy.agreement.terms[0], 20))
    [offer] = agreement_offers(history, policy, day, terms=terms, first_due_on=wish)
    starts_on = day + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 9, 40])))
    figures = (offer.balance, offer.terms, offer.rate_per_term, offer.first_due_on, policy.billing)
    plan = agreement_plan("agreed", starts_on, *figures)
    settled = (
        [Settlement("agreed", starts_on + timedelta(days=draw(st.integers(0, 60))))] if draw(st.booleans()) else []
    )
    return replace(history, plans=(*history.plans, plan), settlements=(*history.settlements, *settled))


def plainly(history: History) -> History:
    """Spend and payments only: where "more paid" and "paid earlier" have a plain meaning."""
    kinds = (*SPENT, EntryKind.PAYMENT)
    kept = tuple(each for each in history.entries if each.kind in kinds)
    return replace(history, entries=kept, plans=(), settlements=(), deferrals=())


plain_histories = histories().map(plainly)


def to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(ZERO)


def net_debt(account: Account) -> Decimal:
    """All that the customer owes, billed or not, less what the bank holds for the customer."""
    accrued = sum((segment.amount for segment in account.accrued), ZERO)
    return sum((debt.remaining for debt in account.debts), ZERO) + accrued - account.prepaid_interest - account.credit


def until(history: History, day: date) -> History:
    """What was known at the end of `day`."""
    return replace(
        history,
        entries=tuple(each for each in history.entries if each.posted_on <= day),
        plans=tuple(each for each in history.plans if each.started_on <= day),
        settlements=tuple(each for each in history.settlements if each.settled_on <= day),
        deferrals=tuple(each for each in history.deferrals if each.starts_on <= day),
    )
