"""Every question, asked in words or by a button, gets its own answer: in the customer's language, signed in or not."""

from __future__ import annotations

from typing import List, Tuple

import pytest

from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant

#: intent, what is written in Chinese and English, beginning of the response for a customer, response for a visitor
QUESTIONS: List[Tuple[str, str, str, str, str]] = [
    (
        "overdue_help",
        "我的信用卡逾期了，该怎么办",
        "My card is overdue, what should I do?",
        "utter_overdue_",
        "utter_general_overdue",
    ),
    ("ask_amount_due", "我现在一共欠多少钱", "How much do I owe right now?", "utter_amount_", "utter_sign_in_needed"),
    ("ask_late_fee", "违约金和利息是怎么算的", "How is the late fee calculated?", "utter_fees", "utter_general_fees"),
    (
        "ask_credit_impact",
        "会影响我的征信吗",
        "Will this affect my credit report?",
        "utter_credit",
        "utter_general_credit",
    ),
    ("ask_due_date", "最后还款日是哪一天", "When is my due date?", "utter_due_date", "utter_sign_in_needed"),
    ("ask_grace_period", "信用卡有没有宽限期", "Is there a grace period?", "utter_grace", "utter_general_grace"),
    (
        "ask_minimum_payment",
        "只还最低还款额可以吗",
        "Can I pay just the minimum?",
        "utter_minimum",
        "utter_general_minimum",
    ),
    (
        "ask_repayment_channels",
        "可以用什么方式还款",
        "Which ways can I use to pay?",
        "utter_repayment",
        "utter_general_repayment",
    ),
    (
        "ask_autopay",
        "我的自动还款开着吗",
        "Is my automatic payment on?",
        "utter_autopay_",
        "utter_general_autopay",
    ),
    ("report_payment_made", "我昨天已经还款了", "I already paid yesterday", "utter_payments", "utter_general_payments"),
    (
        "ask_card_status",
        "我的卡为什么被冻结了",
        "Why is my card blocked?",
        "utter_card_status",
        "utter_general_card_status",
    ),
    (
        "ask_legal_consequence",
        "一直不还银行会起诉我吗",
        "Will the bank sue me if I never pay?",
        "utter_legal",
        "utter_general_legal",
    ),
    ("report_hardship", "我失业了还不上钱", "I lost my job and cannot pay", "utter_hardship", "utter_general_hardship"),
    (
        "complain_collection",
        "我要投诉催收天天打电话",
        "I want to complain about the collection calls",
        "utter_complaint",
        "utter_complaint",
    ),
    (
        "manage_reminders",
        "你们会提醒我还款吗",
        "Will you remind me before the due date?",
        "utter_reminders",
        "utter_general_reminders",
    ),
    (
        "request_document",
        "我要看账单明细",
        "I need my statement",
        "utter_document",
        "utter_sign_in_needed",
    ),
    ("request_human", "转人工客服", "Let me talk to a human", "utter_human_recorded", "utter_human_recorded"),
    ("greet", "你好", "hello", "utter_greet", "utter_greet"),
    ("goodbye", "再见", "goodbye", "utter_goodbye", "utter_goodbye"),
    ("thank", "谢谢你", "thank you", "utter_thank", "utter_thank"),
    ("ask_help", "你能帮我做什么", "what can you do", "utter_help", "utter_help"),
    ("bot_challenge", "你是机器人吗", "are you a robot", "utter_bot_challenge", "utter_bot_challenge"),
    ("out_of_scope", "今天天气怎么样", "what is the weather like today", "utter_out_of_scope", "utter_out_of_scope"),
]
NEED_NO_BANK = {
    "complain_collection",
    "request_human",
    "greet",
    "goodbye",
    "thank",
    "ask_help",
    "bot_challenge",
    "out_of_scope",
}
every = pytest.mark.parametrize(
    ("intent", "zh", "en", "answer", "general"), QUESTIONS, ids=[question[0] for question in QUESTIONS]
)


@every
def test_asked_in_chinese(assistant: Assistant, intent: str, zh: str, en: str, answer: str, general: str) -> None:
    talk = assistant.conversation("demo-m1-first")
    (response,) = talk(zh).responses
    assert response.startswith(answer)


@every
def test_asked_in_english(assistant: Assistant, intent: str, zh: str, en: str, answer: str, general: str) -> None:
    talk = assistant.conversation("demo-english")  # the widget says Chinese, the message says English
    (response,) = talk(en).responses
    assert response.startswith(answer)
    assert "。" not in talk.last


@every
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pressed(assistant: Assistant, intent: str, zh: str, en: str, answer: str, general: str, language: str) -> None:
    talk = assistant.conversation("demo-m2", language)
    (response,) = talk(f"/{intent}").responses
    assert response.startswith(answer)
    assert ("。" in talk.last) == (language == "zh")


@every
@pytest.mark.parametrize("language", ["zh", "en"])
def test_asked_by_a_visitor(
    assistant: Assistant, intent: str, zh: str, en: str, answer: str, general: str, language: str
) -> None:
    talk = assistant.conversation(None, language)
    assert talk(f"/{intent}").responses == [general]
    assert "¥" not in talk.last


@every
@pytest.mark.parametrize("language", ["zh", "en"])
def test_asked_while_the_bank_is_down_and_again_when_it_is_back(
    assistant: Assistant,
    bank_down: Outage,
    intent: str,
    zh: str,
    en: str,
    answer: str,
    general: str,
    language: str,
) -> None:
    talk = assistant.conversation("demo-m1-partial", language)
    with bank_down():
        talk(f"/{intent}")
        if intent in NEED_NO_BANK:
            assert talk.last.responses[0].startswith(answer)
            return
        assert talk.last.responses == ["utter_bank_unavailable"]
    (response,) = talk.press("再试一次" if language == "zh" else "Try again").responses
    assert response.startswith(answer)


@every
def test_every_button_of_the_answer_leads_to_an_answer(
    assistant: Assistant, intent: str, zh: str, en: str, answer: str, general: str
) -> None:
    talk = assistant.conversation("demo-two-cards")
    for title in talk(f"/{intent}").titles:
        again = assistant.conversation("demo-two-cards")
        again(f"/{intent}")
        assert again.press(title).messages, title
