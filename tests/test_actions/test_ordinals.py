"""One of a list by its place."""

from __future__ import annotations

from typing import Optional

import pytest

from actions.ordinals import nth


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("第一笔", "a"),
        ("就是第2笔", "b"),
        ("第三", "c"),
        ("最后一笔", "c"),
        ("最后那个", "c"),
        ("the first one", "a"),
        ("The second charge please", "b"),
        ("the last one", "c"),
        ("第四笔", None),
        ("the fourth", None),
        ("第一次逾期", None),
        ("the first time", None),
        ("一笔", None),
        ("", None),
    ],
)
def test_the_item_in_that_place(text: str, item: Optional[str]) -> None:
    assert nth(["a", "b", "c"], text) == item


def test_of_nothing_nothing() -> None:
    assert nth([], "第一笔") is None
