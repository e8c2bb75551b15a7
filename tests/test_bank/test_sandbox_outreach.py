"""The search for accounts that are due or overdue: in order, in pages, each once, whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, List, Optional, Tuple

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from bank.models import AccountState, DueAccount
from bank.sandbox import store
from bank.sandbox.listing import Filter
from bank.sandbox.service import Bank
from bank.sandbox.store import Store
from tests.test_bank.databases import DATABASES, fresh_url
from tests.test_bank.ledger_cases import DEMONSTRATION
from tests.test_bank.visitor import SECRET, TODAY, Clock, Visitor, open_bank, problem, visitor

ALL = Filter()


def key(account: DueAccount) -> Tuple[Any, ...]:
    return account.due_date, account.customer_id, account.card_id


def pages(bank: Bank, asked: Filter = ALL, limit: int = 3) -> List[List[DueAccount]]:
    found, cursor = [], None
    while True:
        page = bank.accounts(asked, cursor, limit)
        found.append(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


def listed(bank: Bank, asked: Filter = ALL) -> List[DueAccount]:
    return bank.accounts(asked, None, 1000).items


def of_card(bank: Bank, card: str) -> Optional[DueAccount]:
    return next((each for each in listed(bank) if each.card_id == card), None)


class TestOrderAndPages:
    def test_they_come_by_due_date_customer_and_card(self, bank: Bank) -> None:
        found = listed(bank)
        assert len(found) >= 11
        assert found == sorted(found, key=key)

    @pytest.mark.parametrize("limit", [1, 2, 5, 1000])
    def test_pages_of_any_length_give_the_same_accounts(self, bank: Bank, limit: int) -> None:
        found = pages(bank, limit=limit)
        assert [each for page in found for each in page] == listed(bank)
        assert all(len(page) == limit for page in found[:-1])
        assert 0 < len(found[-1]) <= limit

    def test_who_owes_nothing_is_not_listed(self, bank: Bank) -> None:
        assert "demo-clear" not in {each.customer_id for each in listed(bank)}

    @pytest.mark.parametrize("text", ["", "x", "bm9uc2Vuc2U=", "WzEsICIyMDI2LTExLTI0Il0=", "é"])
    def test_what_is_no_cursor(self, bank: Bank, text: str) -> None:
        assert problem(lambda: bank.accounts(ALL, text, 10)).name == "invalid-request"


class TestFilters:
    def test_by_state(self, bank: Bank) -> None:
        for state in (AccountState.DUE, AccountState.IN_GRACE, AccountState.OVERDUE):
            found = listed(bank, Filter((state,)))
            assert found
            assert {each.state for each in found} == {state}
        both = listed(bank, Filter((AccountState.DUE, AccountState.IN_GRACE)))
        assert {each.state for each in both} == {AccountState.DUE, AccountState.IN_GRACE}

    def test_by_due_date_both_days_included(self, bank: Bank) -> None:
        day = TODAY + timedelta(days=2)
        [account] = listed(bank, Filter(due_from=day, due_to=day))
        assert account.customer_id == "demo-due-soon"
        assert listed(bank, Filter(due_from=day + timedelta(days=30))) == []

    def test_pages_of_a_filter(self, bank: Bank) -> None:
        asked = Filter((AccountState.OVERDUE,))
        assert [each for page in pages(bank, asked, 2) for each in page] == listed(bank, asked)


class TestWhatAnAccountShows:
    def test_it_is_what_the_account_itself_says(self, bank: Bank) -> None:
        for each in listed(bank):
            of = bank.card(each.customer_id, each.card_id)
            assert (each.state, each.due_date, each.days_past_due) == (
                of.now.state,
                of.now.due_date,
                of.now.days_past_due,
            )
            assert (each.bucket, each.remaining_minimum) == (of.now.bucket, of.now.remaining_minimum)
            assert (each.first_time, each.card_last4) == (of.now.first_time, of.card["last4"])

    def test_a_promise_a_dispute_and_a_payment_show_at_once(self, bank: Bank, chen: Visitor) -> None:
        before = of_card(bank, chen.card)
        assert before is not None
        assert (before.promise_on, before.disputed) == (None, False)
        chen.promise(days=4)
        chen.dispute()
        after = of_card(bank, chen.card)
        assert after is not None
        assert (after.promise_on, after.disputed) == (TODAY + timedelta(days=4), True)
        bank.book_payment(chen.customer, chen.card, Decimal("1000.00"))
        paid = of_card(bank, chen.card)
        assert paid is None or paid.amount_due == after.amount_due - Decimal("1000.00")

    def test_who_pays_all_is_gone(self, bank: Bank, chen: Visitor) -> None:
        bank.book_payment(chen.customer, chen.card, chen.overdue().total)
        assert of_card(bank, chen.card) is None

    def test_another_day_is_another_list(self, bank: Bank, time: Clock) -> None:
        before = listed(bank)
        time.forward(days=1)
        after = listed(bank)
        assert [each.customer_id for each in after] == [each.customer_id for each in before]
        assert all(b.due_date > a.due_date for a, b in zip(before, after, strict=True))


class TestMeanwhile:
    def rest(self, bank: Bank, cursor: Optional[str], limit: int = 2) -> List[DueAccount]:
        found = []
        while cursor is not None:
            page = bank.accounts(ALL, cursor, limit)
            found += page.items
            cursor = page.next_cursor
        return found

    @pytest.mark.parametrize("customer", ["demo-m4", "demo-m2", "demo-english", "demo-m1-first"])
    @pytest.mark.parametrize("first", [1, 4, 8])
    def test_an_account_that_moves_is_given_once(self, bank: Bank, customer: str, first: int) -> None:
        """A later due date moves it forward in the order: not a second time to who has had it, nor past who has not."""
        expected = [each.card_id for each in listed(bank)]
        page = bank.accounts(ALL, None, first)
        mover = visitor(bank, customer)
        if customer == "demo-m4":  # too long overdue for a deferral: the next bill is what is due then
            bank.book_payment(mover.customer, mover.card, mover.overdue().remaining_minimum)
        else:
            bank.decide(mover.filed_deferral().reference, True, None)
        found = [each.card_id for each in [*page.items, *self.rest(bank, page.next_cursor)]]
        assert len(set(found)) == len(found)
        assert set(found) == set(expected)
        anew = listed(bank)
        assert anew == sorted(anew, key=key)

    def test_midnight_neither_repeats_nor_leaves_out(self, bank: Bank, time: Clock) -> None:
        expected = [each.card_id for each in listed(bank)]
        page = bank.accounts(ALL, None, 4)
        time.forward(days=1)
        found = [each.card_id for each in [*page.items, *self.rest(bank, page.next_cursor)]]
        assert found == expected


def test_a_page_costs_the_same_however_many_accounts_there_are(tmp_path: Path, time: Clock) -> None:
    """No statement is computed for a page, and the number of queries does not grow."""
    database = Store(f"sqlite:///{tmp_path / 'bank.db'}")
    bank = Bank(database, DEMONSTRATION, SECRET)
    listed(bank)
    with database.writing() as connection:
        told = store.rows(connection, sa.select(store.due_accounts))
        for copy in range(300):
            for row in told:
                again = {**row, "card_id": f"{row['card_id']}-{copy}", "customer_id": f"{row['customer_id']}-{copy}"}
                connection.execute(sa.insert(store.due_accounts).values(**again))
                place = {name: again[name] for name in ("due_date", "customer_id", "card_id")}
                connection.execute(sa.insert(store.positions).values(made_on=TODAY, **place))
    statements: List[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    first = bank.accounts(ALL, None, 100)
    counted = len(statements)
    bank.accounts(ALL, first.next_cursor, 100)
    assert len(statements) == 2 * counted - 1  # the first also asks where the list ends
    assert not any("bank_entries" in each for each in statements)
    found = [each for page in pages(bank, limit=1000) for each in page]
    assert len(found) == len({each.card_id for each in found}) == 301 * len(listed_once(told))


def listed_once(told: List[Any]) -> List[Any]:
    """Those of the states that are listed."""
    return [row for row in told if row["state"] != AccountState.CURRENT.value]


@pytest.mark.parametrize("kind_of_database", DATABASES)
def test_both_databases_compare_places_alike(
    request: pytest.FixtureRequest, tmp_path: Path, time: Clock, kind_of_database: str
) -> None:
    request.param = kind_of_database
    bank = open_bank(fresh_url(request, tmp_path), DEMONSTRATION)
    assert [each for page in pages(bank, limit=2) for each in page] == listed(bank)
