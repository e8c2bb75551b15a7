"""A request that the bank decides with papers only: it says so, gets them, and goes on."""

from __future__ import annotations

import uuid
from typing import Dict

import pytest

from actions.uploads import take
from bank.client import BankClient
from bank.models import ApplicationStatus
from tests.dialogue.harness import Assistant
from tests.dialogue.phone import Phones


@pytest.fixture(scope="module")
def bank_settings() -> Dict[str, str]:
    return {"SANDBOX_REVIEW_SECONDS": "0"}  # it decides at once


@pytest.mark.parametrize(
    ("customer", "language", "why", "yes", "skip", "confirm", "state", "send", "done"),
    [
        ("demo-m2", "zh", "失业了", "我同意", "先不传", "确认提交", "我的申请怎么样了", "补充材料", "传好了，继续"),
        (
            "demo-english",
            "en",
            "I lost my job",
            "I agree",
            "Not now",
            "Yes, file it",
            "How is my request going?",
            "Send papers",
            "Done, go on",
        ),
    ],
)
def test_papers_follow_the_declaration(
    assistant: Assistant,
    bank: BankClient,
    phones: Phones,
    customer: str,
    language: str,
    why: str,
    yes: str,
    skip: str,
    confirm: str,
    state: str,
    send: str,
    done: str,
) -> None:
    talk = assistant.conversation(customer, language=language)
    for said in ("/declare_hardship", why):
        talk(said)
    for pressed in (yes, skip, confirm):
        talk.press(pressed)
    talk(phones.code(customer))
    (filed,) = bank.applications(customer)[:1]
    assert filed.reference in talk.last
    assert bank.application(customer, filed.reference).status is ApplicationStatus.NEEDS_DOCUMENTS
    talk(state)
    talk.press(send)
    talk.press(yes)
    content = b"%PDF-1.7\nended\n%%EOF"
    take(
        bank,
        customer,
        kind="unemployment",
        file_name="end.pdf",
        content=content,
        upload_id=uuid.uuid4().hex,
    )
    talk.press(done)
    assert talk.last.responses == ["utter_papers_summary"]
    assert "end.pdf" in talk.last
    assert filed.reference in talk.last
    talk.press("确认提交" if language == "zh" else "Yes, send them")
    assert talk.last.responses == ["utter_papers_filed"]
    assert bank.application(customer, filed.reference).status is not ApplicationStatus.NEEDS_DOCUMENTS
    assert talk.tracker.active_loop_name is None
    assert talk.tracker.get_slot("papers") is None
