"""What counts as a plain yes."""

from __future__ import annotations

import pytest

from actions.consent import is_hedged


@pytest.mark.parametrize(
    "text",
    [
        "应该吧",
        "可能可以",
        "好，不过利息能少点吗",
        "行吗？",
        "可以？",
        "要是不收费就办",
        "随便",
        "Maybe",
        "yes, if it is free",
        "I think so",
        "ok?",
    ],
)
def test_a_yes_with_doubt_question_or_condition_is_not_plain(text: str) -> None:
    assert is_hedged(text)


@pytest.mark.parametrize(
    "text",
    [
        "好的",
        "确认提交",
        "可以，就这么办",
        "没问题",
        "行吧",
        "yes please",
        "go ahead",
        "I confirm",
        "sure thing",
        "submit it",
        '/affirm{"offer": "q-1?"}',
    ],
)
def test_a_plain_yes_is_one(text: str) -> None:
    assert not is_hedged(text)
