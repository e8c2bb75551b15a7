"""The conversation itself."""

from __future__ import annotations

import pytest

from actions.smalltalk import ActionChangeLanguage, ActionRepeat, ActionStartOver, wanted_language
from tests.test_actions.talk import ask, bot, user


@pytest.mark.parametrize(
    ("text", "present", "wanted"),
    [
        ("English please", "zh", "en"),
        ("can you speak Chinese", "en", "zh"),
        ("说中文", "en", "zh"),
        ("能用英文吗", "zh", "en"),
        ("请讲普通话", "en", "zh"),
        ("I don't understand Chinese", "zh", "en"),
        ("my chinese is bad", "zh", "en"),
        ("sorry my chinese is bad, can you use english", "zh", "en"),
        ("I can't read Chinese very well, English please", "zh", "en"),
        ("我不会英文", "en", "zh"),
        ("我看不懂英文，说中文吧", "en", "zh"),
        ("别说英文了", "en", "zh"),
        ("英语我不好", "en", "zh"),
        ("不好意思能说英文吗", "zh", "en"),
        ("I don't speak Chinese can you use English", "zh", "en"),
        ("switch the language", "en", "zh"),
        ("换个语言", "zh", "en"),
        ("", "zh", "en"),
    ],
)
def test_which_language_is_wanted(text: str, present: str, wanted: str) -> None:
    assert wanted_language(text, present=present) == wanted


def test_the_language_asked_for_is_kept_until_another_is_written() -> None:
    said = ask(ActionChangeLanguage, text="能用英文吗", before=[user("你好", "greet", written="zh")])
    assert said.slot("language") == "en"


def test_says_the_last_answer_again_with_its_buttons_and_card() -> None:
    buttons = [{"title": "怎么还款", "payload": "/ask_repayment_channels"}]
    before = [
        user("你好", "greet"),
        bot("您好"),
        user("欠多少", "ask_amount_due"),
        bot("一共 ¥5.00", buttons=buttons, custom={"card": {"title": "卡"}}),
        bot("还有一句"),
    ]
    said = ask(ActionRepeat, before=before)
    assert [message["text"] for message in said.messages] == ["一共 ¥5.00", "还有一句"]
    assert said.titles == ["怎么还款"]
    assert said.card == {"title": "卡"}


def test_says_again_what_was_said_before_a_message_that_was_left_unanswered() -> None:
    said = ask(ActionRepeat, before=[user("你好", "greet"), bot("您好"), user("…", "wait")])
    assert said.first == "您好"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_to_say_again(language: str) -> None:
    assert ask(ActionRepeat, language=language).responses == ["utter_nothing_to_repeat"]


def test_starting_over_forgets_all_but_the_language() -> None:
    said = ask(ActionStartOver, before=[user("hello", "greet", written="en")], slots={"card": "1234"})
    assert [event["event"] for event in said.events] == ["active_loop", "reset_slots", "slot"]
    assert said.slot("language") == "en"
    assert said.events[0]["name"] is None
