"""The conversation as a file for its customer."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any, Optional

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rasa.shared.core.events import BotUttered, Event, UserUttered
from sanic import Blueprint, Sanic

from channels.conversations import Conversations
from channels.desk import Doors
from channels.identity import TokenVerifier
from channels.transcript_file import serve, written
from channels.transcript_pdf import printed
from tests.conftest import need_program
from tests.test_channels.conftest import AUDIENCE, ISSUER, PAGE, claims, pem
from tests.test_desk.serving import served

AT = 1795313100.0  # 2026-11-22 10:05 at the bank


async def words(response: str, **_: Any) -> str:
    return {"utter_label_transcript_user": "您", "utter_label_transcript_bot": "助手"}.get(response, "对话记录")


def text(*events: Event) -> Optional[str]:
    return asyncio.run(written(events, words))


def test_each_message_has_its_moment_and_who_said_it() -> None:
    agent = {"agent": {"id": 7, "name": "林"}, "message_id": "m"}
    found = text(
        UserUttered("你好", timestamp=AT),
        BotUttered("您好", timestamp=AT + 60),
        BotUttered("我是林", metadata=agent, timestamp=AT + 120),
    )
    assert found is not None
    assert found.startswith("\ufeff对话记录\r\n\r\n[2026-11-22 ")
    assert "] 您\r\n你好\r\n\r\n[" in found
    assert "] 助手\r\n您好\r\n" in found
    assert "] 林\r\n我是林\r\n" in found


def test_cards_are_written_out() -> None:
    card = {
        "title": "欠款",
        "figure": {"label": "一共", "value": "¥7,714.55"},
        "rows": [{"label": "本金", "value": "¥7,000.00", "note": "不含利息"}],
        "table": {"caption": "计划", "columns": [{"label": "期"}, {"label": "每期"}], "rows": [["1", "¥670.00"]]},
        "options": [{"title": "全部还清", "value": "¥7,714.55", "rows": [{"label": "利息", "value": "没有"}]}],
        "details": [{"summary": "更多", "rows": [{"label": "违约金", "value": "¥50.00"}]}],
        "note": "以银行为准",
    }
    found = text(BotUttered(None, {"custom": {"card": card}}, timestamp=AT))
    assert found is not None
    lines = found.split("\r\n")[3:-1]
    assert lines == [
        "欠款",
        "  一共: ¥7,714.55",
        "  本金: ¥7,000.00 (不含利息)",
        "计划",
        "  期 | 每期",
        "  1 | ¥670.00",
        "更多",
        "  违约金: ¥50.00",
        "  全部还清: ¥7,714.55",
        "  利息: 没有",
        "以银行为准",
    ]


def test_numbers_are_hidden_and_amounts_stay() -> None:
    found = text(UserUttered("卡 6222021234567890123 手机 138-1234-5678，欠 ¥12,345.67", timestamp=AT))
    assert found is not None
    assert "6222021234567890123" not in found
    assert "138-1234-5678" not in found
    assert "¥12,345.67" in found


def test_nothing_said_is_no_file() -> None:
    assert text() is None
    assert text(UserUttered("/greet", timestamp=AT)) is None


def test_as_pdf_everything_is_there_over_any_number_of_pages(tmp_path: Path) -> None:
    said = [UserUttered(f"第{number}句 <b>&", timestamp=AT + number) for number in range(120)]
    long = BotUttered("很长的一句。" * 400, timestamp=AT + 500)
    found = text(*said, long, BotUttered("Hello, 6222021234567890123", timestamp=AT + 600))
    assert found is not None
    shown = read(printed(found), tmp_path)
    assert shown.count("\f") > 3, "several pages"
    words = "".join(shown.split())
    assert all(f"第{number}句<b>&" in words for number in range(120))
    assert words.count("很") == 400
    assert "****0123" in words
    assert "6222021234567890123" not in words


def read(pdf: bytes, folder: Path) -> str:
    """What a person reads in it."""
    program = need_program("pdftotext", package="poppler-utils")
    (folder / "some.pdf").write_bytes(pdf)
    done = subprocess.run([program, str(folder / "some.pdf"), "-"], check=True, capture_output=True)
    return done.stdout.decode()


@pytest.mark.parametrize(("query", "kind"), [("", "text/plain; charset=utf-8"), ("?format=pdf", "application/pdf")])
def test_only_the_customer_gets_the_file_in_either_form(query: str, kind: str, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    (tmp_path / "public.pem").write_bytes(pem(key))
    conversations = Conversations("secret of tests")
    verifier = TokenVerifier(tmp_path / "public.pem", issuer=ISSUER, audience=AUDIENCE)

    async def write(conversation_id: str) -> Optional[str]:
        return "对话记录\n\n[10:05] 您\n你好" if conversation_id == conversations.of_customer("demo-m2") else None

    app, blueprint = Sanic(f"transcripts-{kind[-3:]}", configure_logging=False), Blueprint("transcripts")
    serve(blueprint, Doors(verifier, [PAGE], conversations), write)
    app.blueprint(blueprint)

    def get(token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "Origin": PAGE}
        return requests.get(f"{origin}/transcript{query}", headers=headers, timeout=30)

    with served(app) as origin:
        own = get(jwt.encode(claims("demo-m2"), key, "EdDSA"))
        assert (own.status_code, own.headers["Content-Type"]) == (200, kind)
        assert own.headers["Content-Disposition"] == "attachment"
        assert get(jwt.encode(claims("demo-m4"), key, "EdDSA")).status_code == 404
        assert get(jwt.encode(claims("demo-m2"), Ed25519PrivateKey.generate(), "EdDSA")).status_code == 401
