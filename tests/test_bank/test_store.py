"""The sandbox's database, with SQLite and, where one can be started, with PostgreSQL."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Dict, List

import pytest
import sqlalchemy as sa

from bank.sandbox import store
from bank.sandbox.store import Store
from common.clock import BANK_ZONE
from common.settings import Settings
from tests.test_bank.databases import DATABASES, fresh_url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh_url(request, tmp_path)


def a_payment(id: str, amount: str = "12.30") -> Dict[str, Any]:
    day = date(2026, 11, 21)
    return {
        "card_id": "k-1",
        "id": id,
        "amount": Decimal(amount),
        "made_on": day,
        "posts_on": day,
        "channel": "counter",
    }


def amounts(database: Store) -> List[Decimal]:
    with database.reading() as connection:
        return [row["amount"] for row in store.rows(connection, sa.select(store.payments))]


def test_amounts_are_whole_cents_in_the_database_and_yuan_outside(url: str) -> None:
    database = Store(url)
    with database.writing() as connection:
        connection.execute(sa.insert(store.payments).values(**a_payment("p-1", "70000000.07")))
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT amount FROM bank_payments")).scalar() == 7_000_000_007
    [amount] = amounts(database)
    assert str(amount) == "70000000.07"
    database.close()


def test_a_fraction_of_a_cent_is_refused(url: str) -> None:
    database = Store(url)
    with pytest.raises((ValueError, sa.exc.StatementError)), database.writing() as connection:
        connection.execute(sa.insert(store.payments).values(**a_payment("p-1", "0.005")))
    assert amounts(database) == []
    database.close()


def test_a_moment_keeps_its_instant(url: str) -> None:
    database = Store(url)
    moment = datetime(2026, 11, 21, 23, 59, 58, 123456, BANK_ZONE)
    with database.writing() as connection:
        connection.execute(
            sa.insert(store.messages).values(customer_id="c", masked_phone="1", text="t", sent_at=moment)
        )
    with database.reading() as connection:
        found = store.row(connection, sa.select(store.messages))
    assert found is not None
    assert found["sent_at"] == moment
    assert found["sent_at"].utcoffset() == timedelta(hours=8)
    database.close()


def test_what_an_error_interrupts_is_undone(url: str) -> None:
    database = Store(url)

    def write_twice() -> None:
        with database.writing() as connection:
            for _ in range(2):
                connection.execute(sa.insert(store.payments).values(**a_payment("p-1")))

    with pytest.raises(sa.exc.IntegrityError):
        write_twice()
    assert amounts(database) == []
    database.close()


def test_writers_wait_for_each_other_and_none_is_lost(url: str) -> None:
    database = Store(url)
    errors: List[Exception] = []

    def write(name: int) -> None:
        try:
            for number in range(10):
                with database.writing() as connection:
                    connection.execute(sa.insert(store.payments).values(**a_payment(f"p-{name}-{number}")))
        except sa.exc.SQLAlchemyError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(amounts(database)) == 80
    database.close()


def test_a_reader_sees_one_state_from_beginning_to_end(url: str) -> None:
    database = Store(url)
    with database.reading() as connection:
        assert store.rows(connection, sa.select(store.payments)) == []
        with database.writing() as other:
            other.execute(sa.insert(store.payments).values(**a_payment("p-1")))
        assert store.rows(connection, sa.select(store.payments)) == []
    assert len(amounts(database)) == 1
    database.close()


def test_data_is_there_after_a_restart(url: str) -> None:
    first = Store(url)
    with first.writing() as connection:
        connection.execute(sa.insert(store.payments).values(**a_payment("p-1")))
    first.close()
    second = Store(url)
    assert amounts(second) == [Decimal("12.30")]
    second.close()


def test_the_sandbox_never_uses_the_assistants_database(tmp_path: Path) -> None:
    assistants = "postgresql://assistant@localhost/assistant"
    values = Settings(var_dir=tmp_path, database_url=assistants, bank_database_url=None)
    assert values.bank_store_url() == f"sqlite:///{tmp_path}/bank.db"
    assert Settings(bank_database_url="postgresql://bank@localhost/bank").bank_store_url().endswith("/bank")
