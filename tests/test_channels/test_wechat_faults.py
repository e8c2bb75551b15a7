"""Whatever breaks, each message of a customer is answered once and in order, in both flavours."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

import pytest

from tests.processes import Process, free_port, until
from tests.test_channels.wechat_chat import Place
from tests.wechat_phone import Phone

both = pytest.mark.parametrize("platform", ["wechat", "wecom"])

#: What visitors ask, and what only the answer to it says.
QUESTIONS = [("怎么还款", "柜台"), ("会影响征信吗", "征信"), ("转人工", "人工"), ("不用了，继续聊", "继续")]
SEND = {"wechat": "/cgi-bin/message/custom/send", "wecom": "/cgi-bin/kf/send_msg"}


@pytest.fixture(autouse=True)
def _mended(place: Place) -> Iterator[None]:
    yield
    place.simulator.mend()


def begun(place: Place, platform: str) -> Tuple[Phone, int]:
    """A visitor who was greeted, and how many entries stand on the phone."""
    phone = place.simulator.phone(platform).begin()
    phone.answer(0)
    return phone, len(phone.entries())


def check_once_and_in_order(phone: Phone, after: int, questions: List[Tuple[str, str]]) -> None:
    answers = [entry["text"] for entry in phone.answer(after, count=len(questions)).entries]
    assert len(answers) == len(questions), answers
    for (_, mark), answer in zip(questions, answers, strict=True):
        assert mark in answer


@both
def test_platform_delivers_three_times(place: Place, platform: str) -> None:
    phone, after = begun(place, platform)
    place.simulator.control("delivery", copies=3)
    for question, _ in QUESTIONS[:2]:
        phone.do("write", text=question)
    check_once_and_in_order(phone, after, QUESTIONS[:2])


@both
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "errcode", "errcode": -1},
        {"kind": "slow", "seconds": 30},
    ],
    ids=["500", "busy", "time-out"],
)
def test_api_fails_before_it_takes_the_answer(place: Place, platform: str, fault: Dict[str, Any]) -> None:
    phone, after = begun(place, platform)
    place.simulator.fault(platform, SEND[platform], **fault)
    phone.do("write", text=QUESTIONS[0][0])
    check_once_and_in_order(phone, after, QUESTIONS[:1])


def test_answer_whose_acknowledgement_is_lost_is_not_repeated_where_the_platform_can_tell(place: Place) -> None:
    """The customer service knows a message by its id; the Official Account has no such thing."""
    phone, after = begun(place, "wecom")
    place.simulator.fault("wecom", SEND["wecom"], "status", status=500, after=True)
    for question, _ in QUESTIONS[:2]:
        phone.do("write", text=question)
    check_once_and_in_order(phone, after, QUESTIONS[:2])


@both
@pytest.mark.parametrize("how", ["expire", "supersede"])
def test_access_token_ends_before_its_time_and_is_renewed_once(place: Place, platform: str, how: str) -> None:
    phones = [begun(place, platform) for _ in range(3)]
    place.simulator.control(f"tokens/{platform}/{how}")
    given = place.simulator.state()["tokens"][platform]
    for phone, _ in phones:
        phone.do("write", text=QUESTIONS[0][0])
    for phone, after in phones:
        check_once_and_in_order(phone, after, QUESTIONS[:1])
    assert place.simulator.state()["tokens"][platform] - given <= 1


@both
def test_assistant_dies_after_it_acknowledged_and_before_it_answered(place: Place, platform: str) -> None:
    phone, after = begun(place, platform)
    place.simulator.fault(platform, SEND[platform], "errcode", errcode=-1, times=1000)
    before = len(place.simulator.state()["attempts"])
    for question, _ in QUESTIONS[:3]:
        phone.do("write", text=question)
    until(lambda: len([one for one in place.simulator.state()["attempts"][before:] if one["taken"]]) == 3)
    place.system.assistant.kill()
    place.simulator.mend()
    assert phone.received(after) == []
    place.system.assistant.start()
    check_once_and_in_order(phone, after, QUESTIONS[:3])


@pytest.fixture
def second_assistant(place: Place) -> Iterator[str]:
    """Another process with the same databases; its origin."""
    port, first = free_port(), place.system.assistant
    origin = f"http://127.0.0.1:{port}"
    process = Process(
        first.command,
        f"{origin}/webhooks/webchat/health",
        {**first.env, "ASSISTANT_PORT": str(port)},
        place.system.var_dir / "second.log",
    ).start()
    yield origin
    process.stop()


def test_two_assistants_share_the_customers(place: Place, second_assistant: str) -> None:
    phones = [begun(place, platform) for platform in ("wechat", "wecom") for _ in range(3)]
    place.simulator.control("delivery", origins=[place.system.assistant_origin, second_assistant], copies=2)
    for question, _ in QUESTIONS:
        for phone, _ in phones:
            phone.do("write", text=question)
    for phone, after in phones:
        check_once_and_in_order(phone, after, QUESTIONS)
