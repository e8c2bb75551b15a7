"""Whatever is pressed, sent or delivered twice: the bank has it once."""

from __future__ import annotations

from typing import Any, List

import pytest

from bank.client import BankClient
from bank.errors import BankTimeout
from tests.dialogue.harness import Assistant, Conversation
from tests.dialogue.phone import Phones

ZH = "demo-grace"


def at_code(assistant: Assistant) -> Conversation:
    talk = assistant.conversation(ZH)
    talk("/request_instalment")
    talk('/inform{"term": "6"}')
    talk.press("确认提交")
    return talk


def test_the_first_button_twice(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_instalment")
    assert talk("/request_instalment").responses == ["utter_again_term"]


def test_the_term_twice(assistant: Assistant) -> None:
    talk = assistant.conversation(ZH)
    talk("/request_instalment")
    talk('/inform{"term": "6"}')
    assert talk('/inform{"term": "6"}').responses == ["utter_instalment_confirm"]


def test_the_confirmation_twice_sends_one_code(assistant: Assistant, phones: Phones) -> None:
    before = len(phones.messages(ZH))
    talk = assistant.conversation(ZH)
    talk("/request_instalment")
    talk('/inform{"term": "6"}')
    confirm = talk.last.payload("确认提交")
    talk(confirm)
    assert talk(confirm).responses == ["utter_again_proof"]
    assert len(phones.messages(ZH)) == before + 1


def test_the_code_twice_files_once(assistant: Assistant, phones: Phones) -> None:
    talk = at_code(assistant)
    code = phones.code(ZH)
    talk(code)
    talk(code)
    assert len(phones.applications(ZH)) == 1
    assert "utter_instalment_filed" not in talk.last.responses


def test_a_code_of_an_earlier_request_files_nothing(assistant: Assistant, phones: Phones) -> None:
    talk = at_code(assistant)
    old = phones.code(ZH)
    talk("/stop")
    talk("/request_instalment")
    talk('/inform{"term": "12"}')
    talk.press("确认提交")
    assert talk(old).responses == ["utter_code_wrong_counted"]
    assert phones.applications(ZH) == []


def test_an_answer_that_got_lost_is_asked_for_again_and_is_the_same(
    assistant: Assistant, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = BankClient.file_application
    keys: List[str] = []

    def lossy(self: BankClient, *args: Any, **given: Any) -> Any:
        keys.append(given["idempotency_key"])
        application = original(self, *args, **given)
        if len(keys) == 1:
            raise BankTimeout("POST …", "took too long")
        return application

    monkeypatch.setattr(BankClient, "file_application", lossy)
    talk = at_code(assistant)
    said = talk(phones.code(ZH))
    assert said.responses == ["utter_filing_unclear"]
    assert "不会重复提交" in said
    said = talk.press("再试一次")
    (filed,) = phones.applications(ZH)
    assert filed.reference in said
    assert len(set(keys)) == 1


def test_a_second_request_for_the_same_card_is_told_so(assistant: Assistant, phones: Phones) -> None:
    talk = at_code(assistant)
    talk(phones.code(ZH))
    references: List[str] = [filed.reference for filed in phones.applications(ZH)]
    said = talk("我还要分期")
    assert "已经有一份申请或计划在进行" in said
    assert "申请进度" in said.titles
    assert references[0] in talk.press("申请进度")
