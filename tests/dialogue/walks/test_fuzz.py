"""Random walks through conversations: nothing may break, mislead or get lost, whatever a customer does.

Each seed is a test of its own, so that its number is in the report; `FUZZ_SEEDS=17,18` walks others as well.
"""

from __future__ import annotations

import os
import time
from typing import Any, List

import pytest

from bank.exchange import Answer, Exchange, Request
from common.log import conversation_id
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant, Reply
from tests.dialogue.phone import Phones
from tests.dialogue.walks.fuzz import BankLog, Fuzzer, leads_on
from tests.test_actions.talk import domain

TURNS = 140  # of one seed
SEEDS = [*range(1, 16), *map(int, filter(None, os.environ.get("FUZZ_SEEDS", "").split(",")))]
#: Rasa's own; `session_start` and `restart` begin anew, `back` takes a turn away.
_NOT_SAID = {"restart", "back", "session_start"}


@pytest.fixture
def bank_log(monkeypatch: pytest.MonkeyPatch) -> BankLog:
    """Everything that goes over the wire between the actions and the bank."""
    log = BankLog()
    send = Exchange.send

    def noting(exchange: Exchange, request: Request) -> Answer:
        answer = send(exchange, request)
        log.note(conversation_id.get(), request, answer)
        return answer

    monkeypatch.setattr(Exchange, "send", noting)
    return log


@pytest.fixture(scope="module")
def intents() -> List[str]:
    return sorted({*domain().intents, "nlu_fallback"} - _NOT_SAID)


@pytest.fixture
def fuzzer(
    request: pytest.FixtureRequest,
    assistant: Assistant,
    bank_log: BankLog,
    phones: Phones,
    bank_down: Outage,
    intents: List[str],
) -> Fuzzer:
    return Fuzzer(request.param, assistant, bank_log, phones, bank_down, intents)


def test_there_are_two_thousand_turns() -> None:
    assert TURNS * len(SEEDS) >= 2000


@pytest.mark.parametrize("fuzzer", SEEDS, indirect=True, ids=[f"seed-{seed}" for seed in SEEDS])
def test_whatever_a_customer_does_the_conversation_holds(fuzzer: Fuzzer) -> None:
    started = time.monotonic()
    fuzzer.run(TURNS)
    seconds = time.monotonic() - started
    print(f"{dict(fuzzer.done)}: {TURNS / seconds:.0f} turns a second, {fuzzer.amounts_shown} with amounts")
    assert {"press", "command", "sentence"} <= fuzzer.done.keys()
    assert fuzzer.amounts_shown > TURNS / 20  # else the bank was not there and nothing was tried


@pytest.mark.parametrize(
    ("message", "leads"),
    [
        ({"text": "好的。"}, False),
        ({"text": "哪一张卡？"}, True),
        ({"text": "好的。", "buttons": [{"title": "x", "payload": "/x"}]}, True),
        ({"text": "请输入", "expects": "code"}, True),
        ({"text": "请登录", "link": {"title": "x", "action": "sign_in"}}, True),
    ],
)
def test_what_counts_as_a_next_step(message: Any, leads: bool) -> None:
    assert leads_on(Reply([message])) is leads
