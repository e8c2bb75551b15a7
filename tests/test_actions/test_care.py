"""Someone in distress or danger: care, a person, and nothing of money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from actions.care import ActionAnger, ActionInDistress
from actions.human import ActionHuman
from common.care import care_kinds
from desk.client import DeskClient, DeskError
from desk.store import HandoverStore
from tests.test_actions.builders import DownBank
from tests.test_actions.talk import Said, ask


def distress(store: Any, **how: Any) -> Said:
    # The bank is down in all of these: care must not need it.
    return ask(ActionInDistress(DownBank(), DeskClient(store)), intent="in_distress", **how)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> HandoverStore:
    return HandoverStore(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.mark.parametrize(("language", "care"), [("zh", "我很担心您"), ("en", "I am worried about you")])
@pytest.mark.parametrize("signed_in", [True, False])
def test_says_where_help_is_and_asks_for_a_person(
    store: HandoverStore, language: str, care: str, signed_in: bool
) -> None:
    said = distress(store, language=language, signed_in=signed_in)
    assert care in said.first
    assert "12356" in said.first
    assert "¥" not in said.first
    wish = store.open_wish("web-test")
    assert wish is not None
    assert (wish.reason, wish.trigger, wish.priority) == ("self_harm", "care", "urgent")


_LINES = {
    "self_harm": ["12356", "120"],
    "violence": ["110", "12356"],
    "fraud": ["110", "96110"],
    "illness": ["12356"],
    "minor": ["12356"],
    "despair": ["12356"],
}


def test_every_kind_is_tested_here() -> None:
    assert _LINES.keys() == care_kinds().keys()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", _LINES)
def test_each_kind_names_its_help_lines_offers_a_person_and_says_nothing_of_money(
    store: HandoverStore, kind: str, language: str
) -> None:
    said = distress(store, language=language, entities={"care": kind})
    assert said.responses == [f"utter_care_{kind}"]
    assert all(line in said.first for line in _LINES[kind])
    assert said.payloads == ["/request_human", "/wait"]
    assert "¥" not in said.text
    wish = store.open_wish("web-test")
    assert wish is not None
    assert (wish.reason, wish.priority) == (kind, "urgent")
    assert wish.trigger == ("fraud" if kind == "fraud" else "care")


def test_an_unknown_kind_is_taken_for_the_most_serious(store: HandoverStore) -> None:
    assert distress(store, entities={"care": "{hack}"}).responses == ["utter_care_self_harm"]


@pytest.mark.parametrize(("language", "calm"), [("zh", "看得出您很生气"), ("en", "I can see that you are upset")])
def test_an_insult_is_answered_calmly_with_ways_on(language: str, calm: str) -> None:
    said = ask(ActionAnger(DownBank()), intent="out_of_scope", language=language)  # type: ignore[arg-type]
    assert said.first.startswith(calm)
    assert "/request_human" in said.payloads


def test_takes_precedence_over_an_earlier_wish_for_a_person(store: HandoverStore) -> None:
    ask(ActionHuman(DownBank(), DeskClient(store)), intent="request_human")  # type: ignore[arg-type]
    distress(store)
    wish = store.open_wish("web-test")
    assert wish is not None
    assert (wish.reason, wish.priority) == ("self_harm", "urgent")


def test_says_where_help_is_even_if_the_wish_cannot_be_recorded() -> None:
    class Broken:
        def record(self, *_: Any, **__: Any) -> Any:
            raise DeskError("no disk")

    said = distress(Broken())
    assert "12356" in said.first
    assert "卡片背面的客服电话" in said.first
    assert "已经替您记下" not in said.first
