"""Declaring hardship with papers, and sending papers to a request that waits, in both languages."""

from __future__ import annotations

import uuid
from typing import Any, Dict

import pytest

from actions.papers import CONSENT_TEXT
from actions.uploads import take
from bank.client import BankClient
from bank.models import ApplicationKind, ApplicationStatus, ConsentPurpose, ReasonClass, UploadedDocument
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH, EN = "demo-m2", "demo-english"


def send(bank: BankClient, customer: str, name: str = "离职证明.pdf", kind: str = "unemployment") -> UploadedDocument:
    """As the widget does, by the action server's own function."""
    content = f"%PDF-1.7\n{name}\n%%EOF".encode()
    return take(bank, customer, kind=kind, file_name=name, content=content, upload_id=uuid.uuid4().hex)


def left_over(talk: Conversation) -> Dict[str, Any]:
    apart = {"language", "card", "monthly_capacity", "misses", "session_started_metadata"}
    values = talk.tracker.current_slot_values()
    return {name: value for name, value in values.items() if value is not None and name not in apart}


def at_papers(talk: Conversation, *, zh: bool = True) -> Conversation:
    talk("/declare_hardship")
    talk("失业了" if zh else "I lost my job")
    assert talk.last.responses[-1] == "utter_first_consent"
    talk.press("我同意" if zh else "I agree")
    assert talk.last.responses == ["utter_first_papers"]
    return talk


def test_in_chinese_from_what_the_customer_says_to_the_decision(
    assistant: Assistant, bank: BankClient, phones: Phones
) -> None:
    talk = assistant.conversation(ZH)
    talk("失业了，实在还不上")
    talk.press("说明困难情况")
    assert talk.last.responses == ["utter_reason_remembered", "utter_first_consent"]
    talk("同意")
    assert talk.last.responses == ["utter_first_papers"]
    kinds = [kind["value"] for kind in talk.last.messages[-1]["upload"]["kinds"]]
    assert (kinds[0], kinds[-1]) == ("unemployment", "other")
    (consent, *_) = bank.consents(ZH)
    assert (consent.purpose, consent.given) == (ConsentPurpose.HARDSHIP_DOCUMENTS, True)
    assert (consent.text_version, consent.language) == (CONSENT_TEXT, "zh")
    sent = send(bank, ZH)
    talk.press("传好了，继续")
    assert talk.last.responses == ["utter_hardship_summary"]
    assert "离职证明.pdf" in talk.last
    assert "失业" in talk.last
    assert phones.applications(ZH) == []
    talk.press("确认提交")
    talk(phones.code(ZH))
    (filed,) = phones.applications(ZH)
    assert filed.reference in talk.last
    assert (filed.kind, filed.reason) == (ApplicationKind.HARDSHIP, ReasonClass.UNEMPLOYMENT)
    assert left_over(talk) == {}
    with pytest.raises(Exception, match="illegal-move"):
        bank.delete_document(ZH, sent.id, idempotency_key=uuid.uuid4().hex)  # it belongs to the request
    assert "困难情况说明" in talk("我的申请怎么样了")


def test_in_english_without_papers_and_withdrawn(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = at_papers(assistant.conversation(EN, language="en"), zh=False)
    talk.press("Not now")
    assert "none now, they can follow" in talk.last
    talk("yes, I confirm")
    talk(phones.code(EN))
    (filed,) = phones.applications(EN)
    assert filed.reference in talk.last
    assert bank.consents(EN)[0].language == "en"
    talk("I want to withdraw my request")
    talk.press("Yes, withdraw it")
    talk(phones.code(EN))
    assert bank.application(EN, filed.reference).status is ApplicationStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("customer", "language", "wish"),
    [
        (ZH, "zh", "还不上了，我想申报困难"),
        (ZH, "zh", "怎么申报困难"),
        (EN, "en", "I want to make a hardship declaration"),
    ],
)
def test_words_of_it_start_the_declaration(assistant: Assistant, customer: str, language: str, wish: str) -> None:
    talk = assistant.conversation(customer, language=language)
    talk(wish)
    assert talk.tracker.active_loop_name == "hardship_form"


@pytest.mark.parametrize(("customer", "language", "no"), [(ZH, "zh", "不同意"), (EN, "en", "I do not agree")])
def test_who_does_not_agree_files_nothing_and_the_no_is_recorded(
    assistant: Assistant, bank: BankClient, phones: Phones, customer: str, language: str, no: str
) -> None:
    talk = assistant.conversation(customer, language=language)
    talk("/declare_hardship")
    talk("/deny")
    talk(no)
    assert talk.last.responses == ["utter_consent_refused"]
    assert bank.consents(customer)[0].given is False
    assert phones.applications(customer) == []
    assert talk.tracker.active_loop_name is None
    assert left_over(talk) == {}


def test_a_doubtful_yes_is_no_consent(assistant: Assistant, bank: BankClient) -> None:
    before = len(bank.consents(ZH))
    talk = assistant.conversation(ZH)
    talk("/declare_hardship")
    talk("失业了")
    talk("应该可以吧")
    assert talk.tracker.get_slot("consent") is None
    talk('/affirm{"offer": "something else"}')
    assert talk.tracker.get_slot("consent") is None
    assert len(bank.consents(ZH)) == before


def test_done_before_anything_has_come_is_said_and_asked_again(assistant: Assistant, bank: BankClient) -> None:
    talk = at_papers(assistant.conversation(ZH))
    talk.press("传好了，继续")
    assert talk.last.responses == ["utter_papers_none_yet", "utter_again_papers"]
    send(bank, ZH)
    talk("好了")
    assert talk.last.responses == ["utter_hardship_summary"]


def test_papers_of_an_earlier_request_are_not_taken_again(assistant: Assistant, bank: BankClient) -> None:
    at_papers(assistant.conversation(ZH))
    send(bank, ZH, "旧的.pdf")
    talk = at_papers(assistant.conversation(ZH))
    talk.press("传好了，继续")
    assert talk.last.responses[0] == "utter_papers_none_yet"


def test_a_question_between_leaves_the_papers_where_they_are(assistant: Assistant, bank: BankClient) -> None:
    talk = at_papers(assistant.conversation(ZH))
    send(bank, ZH)
    talk("违约金怎么算的")
    assert talk.last.responses[-1] == "utter_again_papers"
    assert "upload" in talk.last.messages[-1]
    talk("为什么要材料")
    assert "utter_why_papers" in talk.last.responses
    talk.press("传好了，继续")
    assert talk.last.responses == ["utter_hardship_summary"]


def test_the_papers_can_be_changed_at_the_end(assistant: Assistant, bank: BankClient) -> None:
    talk = at_papers(assistant.conversation(ZH))
    first = send(bank, ZH)
    talk.press("传好了，继续")
    talk.press("改材料")
    assert talk.last.responses == ["utter_first_papers"]
    bank.delete_document(ZH, first.id, idempotency_key=uuid.uuid4().hex)
    send(bank, ZH, "流水.pdf", "bank_statement")
    talk.press("传好了，继续")
    assert "流水.pdf" in talk.last
    assert "离职证明.pdf" not in talk.last


def test_a_paper_taken_away_before_filing_is_noticed(assistant: Assistant, bank: BankClient, phones: Phones) -> None:
    talk = at_papers(assistant.conversation(ZH))
    sent = send(bank, ZH)
    talk.press("传好了，继续")
    talk.press("确认提交")
    bank.delete_document(ZH, sent.id, idempotency_key=uuid.uuid4().hex)
    talk(phones.code(ZH))
    assert phones.applications(ZH) == []
    assert talk.tracker.get_slot("papers") is None
    assert talk.tracker.active_loop_name == "hardship_form"


def test_a_consent_taken_back_meanwhile_is_asked_for_again(
    assistant: Assistant, bank: BankClient, phones: Phones
) -> None:
    talk = at_papers(assistant.conversation(ZH))
    talk.press("先不传")
    talk.press("确认提交")
    bank.record_consent(
        ZH,
        purpose=ConsentPurpose.HARDSHIP_DOCUMENTS,
        given=False,
        text_version=CONSENT_TEXT,
        language="zh",
        idempotency_key=uuid.uuid4().hex,
    )
    talk(phones.code(ZH))
    assert talk.last.responses == ["utter_consent_gone", "utter_first_consent"]
    assert phones.applications(ZH) == []


def test_while_a_request_is_open_no_papers_are_collected_for_another(
    assistant: Assistant, bank: BankClient, phones: Phones
) -> None:
    talk = at_papers(assistant.conversation(ZH))
    talk.press("先不传")
    talk.press("确认提交")
    talk(phones.code(ZH))
    before = len(bank.consents(ZH))
    talk("/declare_hardship")
    assert talk.last.responses == ["utter_hardship_not_eligible"]
    assert len(bank.consents(ZH)) == before


def test_while_the_bank_is_away_nothing_is_lost(assistant: Assistant, bank: BankClient, bank_down: Outage) -> None:
    talk = at_papers(assistant.conversation(ZH))
    send(bank, ZH)
    with bank_down():
        talk.press("传好了，继续")
        assert talk.last.responses == ["utter_request_kept"]
    talk("/retry")
    talk("传好了")
    assert talk.tracker.get_slot("reason") == "unemployment"
    assert talk.tracker.get_slot("consent")


class TestFilesOutsideOfARequest:
    @pytest.mark.parametrize(
        ("customer", "language", "said"),
        [(ZH, "zh", "/send_documents"), (ZH, "zh", "我想上传材料"), (EN, "en", "I want to upload a file")],
    )
    def test_are_told_what_they_can_be_used_for(
        self, assistant: Assistant, customer: str, language: str, said: str
    ) -> None:
        talk = assistant.conversation(customer, language=language)
        talk(said)
        assert talk.last.responses == ["utter_papers_use"]
        assert talk.tracker.active_loop_name is None

    def test_of_a_visitor_need_signing_in(self, assistant: Assistant) -> None:
        talk = assistant.conversation()
        assert talk("/send_documents").responses == ["utter_sign_in_needed"]
