"""The whole product as real processes, with a customer's page and an agent's console that speak its protocols."""

from __future__ import annotations

import logging
from typing import Callable, Iterator, List

import pytest

from desk.people import People
from tests.processes import System, start_system
from tests.test_live.colleague import Colleague, hire
from tests.test_live.page import Page


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Everything that `make run` starts; people are at work at any hour, and take conversations by hand."""
    running = start_system(tmp_path_factory.mktemp("live"), DESK_AUTO_ASSIGN="false")
    people = People(f"sqlite:///{running.var_dir / 'desk.db'}", "unused", secure=False)
    hire(people, "lin", "林")
    yield running
    running.stop()


@pytest.fixture
def lin(live: System) -> Iterator[Colleague]:
    """An agent who is there."""
    colleague = Colleague(live.desk_origin, "lin")
    yield colleague
    colleague.leave()


OpenPage = Callable[..., Page]

logging.getLogger("engineio.client").setLevel(logging.CRITICAL)  # each page that was left says so, some seconds later


@pytest.fixture
def customer(live: System) -> Iterator[OpenPage]:
    """Opens pages of customers; a customer's page can be opened again."""
    pages: List[Page] = []

    def open_page(name: str, language: str = "zh") -> Page:
        page = Page(live, name, language)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
