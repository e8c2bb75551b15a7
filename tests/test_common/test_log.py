"""What a log line carries and what it must not."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any, Iterator

import pytest

from common import log
from common.log import LineFormatter, Masked, conversation_id, correlation_id, mask

SECRETS = [
    "6222021234567890123",
    "6222 0212 3456 7890 123",
    "6222-0212-3456-7890",
    "4111111111111111",
    "3782 822463 10005",
    "378282246310005",
    "11010119900307123X",
    "11010119900307123x",
    "110101 19900307 1234",
    "130503670401001",  # the older ID number of 15 digits
    "13812345678",
    "138 1234 5678",
    "138-1234-5678",
    "+86 13812345678",
    "008613812345678",
    "６２２２０２１２３４５６７８９０１２３",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjLTEwMDIzIn0.c2lnbmF0dXJl",
    "Bearer tok_9f8e7d6c5b",
    "bearer abc.def-ghi_123",
    "204815",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "我的号码是{}，谢谢", "value='{}';", '{{"text": "{}"}}', "a {} b", "({})"])
def test_masks_what_would_harm_a_customer(secret: str, around: str) -> None:
    masked = mask(around.format(secret))
    digits = [run for run in secret.replace("Bearer ", "").replace("bearer ", "").split() if len(run) > 3]
    assert [run for run in digits if run in masked] == []
    before, after = around.replace("{{", "{").replace("}}", "}").split("{}")
    assert masked.startswith(before)
    assert masked.endswith(after)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef123456",
        "GET /webhook?token=abcdef123456&x=1",
        "{'access_token': 'abcdef123456'}",
        '{"proof": "abcdef123456", "kind": "deferral"}',
        "bank_api_token=abcdef123456",
        "password = abcdef123456",
    ],
)
def test_masks_what_is_called_a_secret(text: str) -> None:
    masked = mask(text)
    assert "abcdef123456" not in masked
    assert "[token]" in masked


@pytest.mark.parametrize("text", ["code: 8123", "code=20481522", "验证码是2048", "验证码：204815", '{"code": "2048"}'])
def test_masks_a_code_of_any_usual_length_where_it_is_called_one(text: str) -> None:
    assert not any(digit in mask(text) for digit in "0123456789")


@pytest.mark.parametrize(
    "text",
    [
        "GET /customers/{customer_id}/cards 200 12 ms",
        "from 2026-11-21 2026-11-22 23:24:05.123456+08:00",
        "INS-20261121-0007 of web-41fd2c88",
        "amount 123456.78, total 8,220.00, rate 0.000500, 1795514700.123456",
        "6200 **** **** 0412 and 138****5678",
        "port 5055, pid 31337, status code 404 took 12 ms",
        "tokens left: ok",
    ],
)
def test_leaves_what_harms_nobody(text: str) -> None:
    assert mask(text) == text


# Ids with digits that would pass for a card, an identity, a phone number or a code.
IDS = [
    "web-b01d08c8fb372fab1d997e0eed114091",
    "web-6222021234567890123a4f0c9b7d3e11",
    "web-a13812345678bcdef0123456789abcde",
    "web-11010119900307123401010a1990030f",
    "wx-204815abcdefabcdefabcdefabcdefab",
]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("around", ["{}", "POST /conversations/{}/tracker", "told [{}]: no answer", "{{'id': '{}'}}"])
def test_a_conversation_id_stays_whole(name: str, around: str) -> None:
    assert mask(around.format(name)) == around.format(name)


@pytest.mark.parametrize("name", IDS)
def test_a_conversation_id_shields_no_number_beside_it(name: str) -> None:
    assert mask(f"{name} 6222021234567890123 {name}") == f"{name} [card number] {name}"
    assert mask(f"13812345678,{name}") == f"[phone number],{name}"
    assert mask(f"token={name}") == "token=[token]"


@pytest.mark.parametrize(
    "text",
    [
        "web-62220212345678901236222021234567",  # no letter: not made by a channel
        "web-6222021234567890123",
        "web-6222021234567890123abc",
        "my-web-6222021234567890123abcdefabcdefa6",
        "web-6222021234567890123abcdefabcdefa6-6222021234567890123",
    ],
)
def test_what_only_begins_like_a_conversation_id_is_masked(text: str) -> None:
    assert "6222021234567890123" not in mask(text)


@pytest.mark.parametrize("name", IDS)
def test_the_id_of_a_line_is_whole(root: logging.Logger, capsys: pytest.CaptureFixture[str], name: str) -> None:
    log.configure("desk")
    conversation_id.set(name)
    logging.info("taken")
    assert f"INFO desk [{name}] root: taken" in capsys.readouterr().err


@pytest.fixture(autouse=True)
def no_conversation() -> Iterator[None]:
    token = conversation_id.set("")
    yield
    conversation_id.reset(token)


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)
    logging.captureWarnings(False)


def test_a_line_says_when_which_process_which_conversation_and_what(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("actions")
    conversation_id.set("web-41fd2c88")
    logging.getLogger("actions.overdue").warning("no %s", "answer")
    line = capsys.readouterr().err
    moment, _, rest = line.partition(" ")
    assert moment.endswith("+08:00")
    assert rest == "WARNING actions [web-41fd2c88] actions.overdue: no answer\n"


def test_outside_a_conversation_a_line_says_so(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("bank")
    logging.info("started")
    assert capsys.readouterr().err.endswith("INFO bank [-] root: started\n")


def test_configured_twice_a_line_is_printed_once(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("bank")
    log.configure("bank")
    logging.info("started")
    assert capsys.readouterr().err.count("started") == 1


@pytest.mark.parametrize("secret", SECRETS)
def test_masks_messages_arguments_and_tracebacks(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    log.configure("actions")
    logging.warning("told " + secret)
    logging.warning("told %s, %r", secret, {"text": secret})
    logging.warning("told %(text)s", {"text": secret})
    try:
        raise ValueError(secret)
    except ValueError:
        logging.exception("failed")
    printed = capsys.readouterr().err
    assert "ValueError" in printed
    assert secret not in printed


def test_no_other_handler_finds_the_unmasked_record(root: logging.Logger) -> None:
    try:
        raise ValueError("6222021234567890123")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "told %s", ("13812345678",), sys.exc_info())
    assert Masked().filter(record)
    assert "6222021234567890123" not in repr(vars(record))
    assert "13812345678" not in repr(vars(record))
    assert "ValueError" in LineFormatter("x").format(record)


def test_an_argument_that_does_not_fit_its_message_loses_neither() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "told %d", ("13812345678 to c-1",), None)
    assert Masked().filter(record)
    assert record.getMessage() == "told %d ('[phone number] to c-1',)"


def test_the_conversation_travels_to_a_thread_and_does_not_leak_to_another_task() -> None:
    async def in_conversation(name: str) -> str:
        conversation_id.set(name)
        await asyncio.sleep(0)
        return await asyncio.to_thread(correlation_id)

    async def both() -> Any:
        return await asyncio.gather(in_conversation("web-1"), in_conversation("web-2"))

    assert asyncio.run(both()) == ["web-1", "web-2"]


def test_a_conversation_id_cannot_forge_a_line(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("actions")
    conversation_id.set("web-1]\n2026-01-01 ERROR forged [13812345678")
    logging.info("told")
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert "13812345678" not in printed
