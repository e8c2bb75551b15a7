from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message

from nlu.language import LanguageRecogniser, recognise


@pytest.mark.parametrize(
    "text",
    [
        "我的信用卡逾期了怎么办",
        "我要 cancel",
        "cancel 分期",
        "我的application状态怎么样",
        "please帮我分期",
        "利息怎麼算",
        "好",
        "還款ＡＰＰ打不开",
        "PIN 忘了",
    ],
)
def test_chinese_is_recognised_with_english_words_in_it(text: str) -> None:
    assert recognise(text) == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "I want 12 instalments",
        "What does 违约金 mean?",
        "I want to 还款",
        "hello",
        "thank you",
        "human",
        "due date?",
        "quote please",
        "yes please",
        "I can't pay",
        "I’ll pay",
        "Ｈｏｗ ｍｕｃｈ ｄｏ Ｉ ｏｗｅ",
        "LATE FEE",
    ],
)
def test_english_is_recognised_with_chinese_terms_in_it(text: str) -> None:
    assert recognise(text) == "en"


@pytest.mark.parametrize(
    "text",
    ["", " ", "12", "3500.00", "👍", "ok", "OK", "yes", "no", "hi", "VISA", "Alipay", "INS-20261121-0007", "1,200 rmb",
     "...", "wo xiang fenqi", "yqlx hk", "привет", "こんにちは", "k"],
)  # fmt: skip
def test_a_message_that_does_not_tell_is_left_undecided(text: str) -> None:
    assert recognise(text) is None


def test_a_long_word_is_read_to_its_end() -> None:
    assert recognise("zhang" * 200 + "x") == "en"


def test_the_parse_result_carries_the_language_only_where_it_is_decided() -> None:
    messages = [Message.build("我要分期"), Message.build("12"), Message.build("/affirm"), Message.build("I forgot")]

    LanguageRecogniser().process(messages)

    outputs = [message.as_dict(only_output_properties=True).get("language") for message in messages]
    assert outputs == ["zh", None, None, "en"]
