"""While a request is made, customers ask what it costs in all and whether it will be approved; both are about it."""

from __future__ import annotations

import pytest

from desk.store import HandoverStore
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m2", "demo-english"


def at_confirmation(assistant: Assistant, language: str) -> Conversation:
    talk = assistant.conversation(ZH if language == "zh" else EN, language=language)
    talk("/request_instalment")
    assert talk('/inform{"term": "12"}').responses == ["utter_instalment_summary"]
    return talk


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("zh", "总共要还多少"),
        ("zh", "一共多付多少"),
        ("zh", "总利息是多少"),
        ("en", "what is the total cost"),
        ("en", "how much interest in total"),
    ],
)
def test_what_it_costs_in_all_is_shown_again(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_instalment_summary"]
    assert talk.tracker.get_slot("requested_slot") == "confirmed"


@pytest.mark.parametrize(("language", "question"), [("zh", "我现在一共欠多少"), ("en", "how much do I owe right now")])
def test_what_is_owed_is_another_question(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_amount_due", "utter_instalment_confirm"]


def test_a_term_with_the_question_is_an_answer(assistant: Assistant) -> None:
    talk = at_confirmation(assistant, "zh")
    said = talk("分6期总共要还多少")
    assert said.responses == ["utter_instalment_summary"]
    assert "分 6 期" in said


@pytest.mark.parametrize(
    ("language", "question", "words"),
    [
        ("zh", "肯定能批吗", "由银行审核决定"),
        ("zh", "会不会被拒", "由银行审核决定"),
        ("zh", "会批准吗", "由银行审核决定"),
        ("en", "will i be aproved?", "cannot promise"),
        ("en", "is that guaranteed?", "cannot promise"),
        ("en", "will it be approved?", "cannot promise"),
    ],
)
def test_nobody_promises_that_the_bank_agrees(
    assistant: Assistant, phones: Phones, language: str, question: str, words: str
) -> None:
    talk = at_confirmation(assistant, language)
    said = talk(question)
    assert said.responses == ["utter_not_assured", "utter_instalment_confirm"]
    assert words in said
    assert not phones.applications(ZH if language == "zh" else EN)


def test_without_a_request_it_is_not_promised_either(assistant: Assistant) -> None:
    assert assistant.conversation(ZH)("申请了一定会通过吗").responses == ["utter_not_assured"]


AGREEMENT_QUESTIONS = ["那个要签协议吗", "协议里写什么", "签了协议还会催收吗"]


@pytest.mark.parametrize("question", AGREEMENT_QUESTIONS)
def test_what_the_agreement_means_is_answered_and_asked_on(
    assistant: Assistant, desk: HandoverStore, question: str
) -> None:
    talk = assistant.conversation(ZH)
    talk("我想做个停息挂账")
    said = talk(question)
    assert said.responses == ["utter_about_agreement", "utter_again_agreement_term"]
    assert not desk.concerns(ZH)  # whoever asks about collection does not complain


def test_the_interest_of_an_agreement_is_shown_with_its_terms(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我想做个停息挂账")
    assert talk("利息还收吗").responses == ["utter_first_agreement_term"]


@pytest.mark.parametrize(
    ("language", "question"), [("zh", "那个要签协议吗"), ("en", "do I have to sign an agreement for that?")]
)
def test_whether_an_instalment_plan_is_signed(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_about_instalment_contract", "utter_instalment_confirm"]


@pytest.mark.parametrize(("language", "question"), [("zh", "大概多久能批"), ("en", "how long till i know")])
def test_how_long_the_review_takes(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_review_time", "utter_instalment_confirm"]


@pytest.mark.parametrize(
    ("language", "question"), [("zh", "提前还要不要手续费"), ("en", "is there a penalty if i pay it off early")]
)
def test_what_ending_it_early_costs_stands_in_the_whole_cost(
    assistant: Assistant, language: str, question: str
) -> None:
    assert at_confirmation(assistant, language)(question).responses == ["utter_instalment_summary"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "太复杂了 我听不懂"), ("en", "I don't understand all these figures")]
)
def test_who_was_told_too_much_is_not_told_it_again(assistant: Assistant, language: str, words: str) -> None:
    talk = assistant.conversation(ZH if language == "zh" else EN, language=language)
    talk("/compare_ways")
    said = talk(words)
    assert said.responses == ["utter_plainer"]
    assert said.titles


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("zh", "要是不同意呢", "utter_about_refusal"),
        ("zh", "要交哪些材料", "utter_about_papers"),
        ("en", "what happens if they say no", "utter_about_refusal"),
        ("en", "what documents do you need", "utter_about_papers"),
    ],
)
def test_what_holds_for_every_request(assistant: Assistant, language: str, question: str, answer: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == [answer, "utter_instalment_confirm"]


@pytest.mark.parametrize("question", ["最长能分多少期", "可以分几期"])
def test_a_question_about_terms_stays_with_the_agreement(assistant: Assistant, question: str) -> None:
    talk = assistant.conversation("demo-m4")
    talk("我想做个停息挂账")
    assert talk(question).responses == ["utter_again_agreement_term"]
    assert talk.tracker.active_loop_name == "agreement_form"


def test_who_asks_for_the_cost_before_it_is_known_hears_when_it_is_shown(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-two-cards")
    talk("我要分期")
    assert talk("总利息是多少").responses == ["utter_cost_follows", "utter_again_request_card"]


def test_the_cost_asked_for_outside_of_a_request_is_that_of_each_way(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("我每月能还800")
    assert talk("总共要多付多少，利率是多少").responses in (["utter_ways"], ["utter_first_term"])  # both list it


@pytest.mark.parametrize(
    ("language", "question"), [("zh", "要是有一期没还上会怎样"), ("en", "hmm what if i pay one late")]
)
def test_what_follows_if_an_instalment_is_missed(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_about_missed_instalment", "utter_instalment_confirm"]


@pytest.mark.parametrize(("language", "question"), [("zh", "首期哪天还"), ("en", "when is the first one due")])
def test_the_first_instalment_of_the_offer_is_the_offers(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_first_instalment_due", "utter_instalment_confirm"]


@pytest.mark.parametrize(
    ("language", "question"), [("zh", "以后想提前结清怎么办"), ("en", "could I pay it off early later on")]
)
def test_whether_it_can_end_early_is_told_in_general(assistant: Assistant, language: str, question: str) -> None:
    talk = at_confirmation(assistant, language)
    assert talk(question).responses == ["utter_about_early_settlement", "utter_instalment_confirm"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("我的分期还剩几期", "utter_plan"),
        ("下一期什么时候还", "utter_plan"),
        ("分期想提前还，手续费多少", "utter_early_settlement"),
        ("我不想分了，剩下的一次还清", "utter_early_settlement"),
    ],
)
def test_a_plan_that_runs_is_not_taken_for_a_new_one(assistant: Assistant, question: str, answer: str) -> None:
    talk = assistant.conversation("demo-instalment")
    assert talk(question).responses == [answer]
    assert talk.tracker.active_loop_name is None


@pytest.mark.parametrize(
    ("language", "words", "answer"),
    [
        ("zh", "3期每期有点多诶", "utter_term_declined"),
        ("en", "but 3 months is a lot each time", "utter_terms_declined"),
    ],
)
def test_a_term_that_is_too_much_is_not_chosen(assistant: Assistant, language: str, words: str, answer: str) -> None:
    talk = assistant.conversation(ZH if language == "zh" else EN, language=language)
    talk("/request_instalment")
    assert talk(words).responses == [answer]
    assert talk.tracker.get_slot("term") is None
