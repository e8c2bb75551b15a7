"""A message that was not understood."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from actions.conversation import WANTS
from actions.fallback import ActionFallback, ActionOutOfScope
from tests.test_actions.talk import Said, ask, user

RANKING: List[Dict[str, Any]] = [
    {"name": name, "confidence": 0.3}
    for name in ("nlu_fallback", "affirm", "ask_late_fee", "request_fee_waiver", "ask_grace_period")
]


def fallback(text: str, **how: Any) -> Said:
    return ask(ActionFallback, text=text, intent="nlu_fallback", **{"ranking": RANKING, **how})


def test_offers_the_two_likeliest_readings_and_neither() -> None:
    said = fallback("那个钱怎么弄的")
    assert list(zip(said.titles, said.payloads, strict=True)) == [
        ("利息和违约金", "/ask_late_fee"),
        ("能不能减免", "/request_fee_waiver"),
        ("都不是", "/nlu_fallback"),
    ]


def test_in_english_too() -> None:
    assert fallback("that money thing", language="en").titles == [
        "Interest and late fee",
        "Can fees be reduced?",
        "None of these",
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("want", WANTS)
def test_every_want_has_a_title(want: str, language: str) -> None:
    said = fallback("…那个", ranking=[{"name": want}], language=language)
    assert said.payloads == [f"/{want}", "/nlu_fallback"]


def test_neither_leads_to_a_person() -> None:
    said = fallback("/nlu_fallback", ranking=[{"name": "nlu_fallback"}], before=[user("那个", "nlu_fallback")])
    assert said.responses == ["utter_fallback_human"]
    assert said.payloads[0] == "/request_human"


def test_twice_in_a_row_leads_to_a_person() -> None:
    assert fallback("那个", before=[user("啥", "nlu_fallback")]).responses == ["utter_fallback_human"]


def test_not_twice_in_a_row_does_not() -> None:
    before = [user("啥", "nlu_fallback"), user("欠多少", "ask_amount_due")]
    assert fallback("那个", before=before).responses == ["utter_fallback"]


@pytest.mark.parametrize("text", ["😭😭😭", "？？？", "……", "_"])
def test_a_message_without_words_is_answered_kindly(text: str) -> None:
    assert fallback(text).responses == ["utter_fallback_no_words"]


@pytest.mark.parametrize("text", ["x", "喂", "7"])
def test_a_single_character_is_still_words(text: str) -> None:
    assert fallback(text).responses == ["utter_fallback"]


def test_a_very_long_message_is_answered_kindly() -> None:
    assert "内容比较多" in fallback("我这个卡的事情说来话长" * 40).first


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_any_reading_it_asks_again(language: str) -> None:
    said = fallback("那个", ranking=[{"name": "greet"}], language=language)
    assert said.responses == ["utter_fallback_no_reading"]


@pytest.mark.parametrize("action", [ActionFallback, ActionOutOfScope])
@pytest.mark.parametrize(
    ("text", "followed"),
    [("支付宝可以吗", True), ("what about alipay?", True), ("支付宝里的余额怎么转到别人那里去", False), ("", False)],
)
def test_a_way_to_pay_by_its_mere_name_is_a_question_about_paying(action: Any, text: str, followed: bool) -> None:
    said = ask(action, text=text, entities={"channel": "alipay"})
    assert ("action_repayment_channels" in [event.get("name") for event in said.events]) == followed
