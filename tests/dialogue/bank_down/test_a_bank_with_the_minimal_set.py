"""A bank that has only just begun (`tests/tiny_bank.py`): the assistant helps with what there is, and says the rest."""

from __future__ import annotations

import re
from typing import Iterator, Set

import pytest

from actions.offers import NEEDS
from bank import client
from common.settings import settings
from tests.dialogue.harness import Assistant, Conversation
from tests.tiny_bank import TOKEN, serving

ZH, EN = "tiny-li", "tiny-jones"
MISSING = sorted(NEEDS)  # the minimal set has nothing of what any of these needs


@pytest.fixture(scope="module")
def at_the_tiny_bank(assistant: Assistant) -> Iterator[Assistant]:
    """The same assistant, connected to another bank by settings alone."""
    before = settings().bank_api_url, settings().bank_api_token
    with serving() as api_url:
        settings().bank_api_url, settings().bank_api_token = api_url, TOKEN
        client.bank_client.cache_clear()
        yield assistant
    settings().bank_api_url, settings().bank_api_token = before
    client.bank_client.cache_clear()
    assistant.conversation()("/ask_amount_due")  # from here on the sandbox's offers count again


def talk_with(assistant: Assistant, customer: str) -> Conversation:
    return assistant.conversation(customer, "zh" if customer == ZH else "en")


def intents(talk: Conversation) -> Set[str]:
    """Where the buttons of the last answer lead."""
    buttons = [button for message in talk.last.messages for button in message.get("buttons", [])]
    found = [re.match(r"/([a-z_]+)", button["payload"]) for button in buttons]
    return {match.group(1) for match in found if match}


def test_the_overview_has_the_banks_figures_and_a_person(at_the_tiny_bank: Assistant) -> None:
    talk = talk_with(at_the_tiny_bank, ZH)
    said = talk("我的卡逾期了怎么办")
    for figure in ("¥242.00", "¥2,042.00", "¥32.00", "¥10.00", "12天", "6611"):
        assert figure in said
    assert "征信" not in said
    assert intents(talk) == {"ask_repayment_channels", "compare_ways", "request_human"}


def test_the_overview_in_english(at_the_tiny_bank: Assistant) -> None:
    talk = talk_with(at_the_tiny_bank, EN)
    said = talk("my card is overdue what now")
    assert "¥860.50" in said
    assert "6622" in said
    assert "Credit report" not in said
    assert intents(talk).isdisjoint(MISSING)


@pytest.mark.parametrize(
    ("question", "response", "figure"),
    [
        ("/ask_amount_due", "utter_amount_due", "¥2,042.00"),
        ("/ask_late_fee", "utter_fees", "¥10.00"),
        ("/ask_minimum_payment", "utter_minimum", "¥242.00"),
        ("/ask_due_date", "utter_due_date", "12天"),
        ("/ask_repayment_channels", "utter_repayment", "手机银行"),
    ],
)
def test_what_the_minimal_set_holds_is_answered(
    at_the_tiny_bank: Assistant, question: str, response: str, figure: str
) -> None:
    talk = talk_with(at_the_tiny_bank, ZH)
    said = talk(question)
    assert said.responses == [response]
    assert figure in said
    assert intents(talk).isdisjoint(MISSING)


@pytest.mark.parametrize("customer", [ZH, EN])
@pytest.mark.parametrize("intent", MISSING)
def test_what_it_lacks_is_said_plainly_with_a_next_step(
    at_the_tiny_bank: Assistant, intent: str, customer: str
) -> None:
    talk = talk_with(at_the_tiny_bank, customer)
    assert talk(f"/{intent}").responses == ["utter_not_offered"]
    assert intents(talk) == {"ask_amount_due", "ask_repayment_channels", "request_human"}
    assert talk.tracker.active_loop_name is None
    assert ("银行还没有开放" in talk.last) == (customer == ZH)
    for title in list(talk.last.titles):
        talk(f"/{intent}")
        assert talk.press(title).responses[0] not in ("utter_not_offered", "utter_bank_unavailable")


@pytest.mark.parametrize("sentence", ["我要分期", "我想延期还款", "会影响征信吗", "我的申请进度"])
def test_written_in_words_as_well(at_the_tiny_bank: Assistant, sentence: str) -> None:
    assert talk_with(at_the_tiny_bank, ZH)(sentence).responses == ["utter_not_offered"]


@pytest.mark.parametrize("customer", [ZH, EN])
def test_no_button_leads_to_what_the_bank_lacks(at_the_tiny_bank: Assistant, customer: str) -> None:
    """Two presses deep, from everything that customers want."""
    known = talk_with(at_the_tiny_bank, customer)
    known("/ask_amount_due")
    seen: Set[str] = set()
    waiting = ["/overdue_help", "/ask_amount_due", "/ask_late_fee", "/ask_minimum_payment", "/ask_due_date"]
    waiting += ["/ask_grace_period", "/ask_repayment_channels", "/ask_card_status", "/ask_legal_consequence"]
    waiting += ["/report_hardship", "/promise_to_pay", "/request_fee_waiver", "/manage_reminders"]
    waiting += ["/complain_collection", "/greet", "/ask_help", "/thank", "/out_of_scope", "/wait", "/change_language"]
    while waiting:
        payload = waiting.pop()
        seen.add(payload)
        known(payload)
        assert known.last.messages, payload
        assert not {"utter_not_offered", "utter_bank_unavailable"} & set(known.last.responses), payload
        buttons = [button for message in known.last.messages for button in message.get("buttons", [])]
        for each in [button["payload"] for button in buttons]:
            found = re.match(r"/([a-z_]+)", each)
            assert not found or found.group(1) not in MISSING, (payload, each)
            if each not in seen and each not in waiting and found and found.group(1) != "request_human":
                waiting.append(each)


def test_a_visitor_is_shown_no_such_button_either(at_the_tiny_bank: Assistant) -> None:
    talk = at_the_tiny_bank.conversation(None)
    assert talk("我的卡逾期了怎么办").responses == ["utter_general_overdue"]
    assert intents(talk).isdisjoint(MISSING)


def test_a_greeting_goes_by_what_was_learnt(at_the_tiny_bank: Assistant) -> None:
    talk_with(at_the_tiny_bank, ZH)("/ask_amount_due")
    talk = talk_with(at_the_tiny_bank, ZH)
    assert talk("你好").responses == ["utter_greet"]
    assert intents(talk) == {"overdue_help", "ask_amount_due", "request_human"}


def test_a_person_is_reached(at_the_tiny_bank: Assistant) -> None:
    assert talk_with(at_the_tiny_bank, ZH)("转人工").responses == ["utter_human_recorded"]
