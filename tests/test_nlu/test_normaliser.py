from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.folding import fold
from nlu.normaliser import Normaliser, normalise
from nlu.tokeniser import MixedTokeniser

ANY_WRITING = st.text(
    st.sampled_from("我的信用卡逾期愈怎麼還歀款，。！？ ***１２３123,.!?aAbBＫㅋ😀\n'一二十号期ßİﬁ㎏")
    | st.characters(),
    max_size=40,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("利息怎麼算", "利息怎么算"),
        ("ＡＰＰ１２期", "app12期"),
        ("我愈期了", "我逾期了"),
        ("還歀", "还款"),
        ("￥１，２００", "¥1，200"),
        ("这个违约今怎么算", "这个违约金怎么算"),
    ],
)
def test_variants_of_writing_are_made_the_same(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    "right", ["可以还宽限几天", "了解东西", "活动结束了", "剩余期数", "验证信息", "由于期限", "部分其他", "贷款限制"]
)
def test_right_words_that_hold_a_homophone_stay(right: str) -> None:
    assert fold(right) == right


@given(ANY_WRITING)
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("我这个 逾期后还完了 最低还款 后 能分期吗", "我这个逾期后还完了最低还款后能分期吗"),
        ("信用卡分期最高***期免息", "信用卡分期最高0期免息"),
        ("能分十二期吗？？？", "能分0期吗?"),
        ("还1,200.50元！！", "还0元!"),
        ("好好好好的", "好好的"),
        ("I   OWE 3500 yuan...", "i owe 0 yuan."),
        ("  \n ", ""),
        ("一点都没有", "一点都没有"),
    ],
)
def test_what_says_the_same_is_normalised_to_the_same(written: str, normalised: str) -> None:
    assert normalise(written).text == normalised


@given(ANY_WRITING)
def test_normalised_characters_know_where_they_stood(text: str) -> None:
    normalised = normalise(text)

    assert len(normalised.text) == len(normalised.starts) == len(normalised.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(normalised.starts, normalised.ends, strict=True))
    assert list(normalised.starts) == sorted(normalised.starts)
    assert list(normalised.ends) == sorted(normalised.ends)


def test_the_message_keeps_what_the_customer_wrote() -> None:
    message = Message.build("我愈期了！！！")

    Normaliser().process([message])

    assert message.get(TEXT) == "我愈期了！！！"
    assert message.get("normalised").text == "我逾期了!"


@pytest.mark.parametrize(
    ("emoji", "read_as"),
    [("👍", "ok"), ("👌🏽👌🏽", "ok"), (" 🙏 ", "谢谢"), ("👋", "hi"), ("👎", "no"), ("好的👍🏻", "好的👍")],
)
def test_an_emoji_alone_is_the_word_it_stands_for_and_one_beside_words_is_itself(emoji: str, read_as: str) -> None:
    assert normalise(emoji).text == read_as


def _tokens(text: str) -> list[tuple[str, str]]:
    message = Message.build(text)
    Normaliser().process([message])
    tokens = MixedTokeniser(MixedTokeniser.get_default_config()).tokenize(message, TEXT)
    return [(token.text, text[token.start : token.end]) for token in tokens]


def test_tokens_are_chinese_characters_english_words_and_numbers_of_the_original() -> None:
    assert _tokens("我想 Cancel　１２期！！") == [
        ("我", "我"),
        ("想", "想"),
        ("cancel", "Cancel"),
        ("0", "１２"),
        ("期", "期"),
        ("!", "！！"),
    ]


def test_an_english_contraction_is_one_token() -> None:
    assert _tokens("I can't pay") == [("i", "I"), ("can't", "can't"), ("pay", "pay")]


@given(ANY_WRITING)
def test_tokens_stand_in_the_original_in_order_and_hold_all_that_is_written(text: str) -> None:
    message = Message.build(text)
    Normaliser().process([message])
    tokens = MixedTokeniser(MixedTokeniser.get_default_config()).tokenize(message, TEXT)

    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    written = {character for character in normalize("NFKC", text) if character.isalnum()}
    assert bool(tokens) or not written
