"""Which callbacks are believed, and what cannot be read without a trace of it."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messaging.crypto import REPLAY_SECONDS, Forged, Seal, Stamp
from channels.messaging.fields import LONGEST, Garbage, read
from common.settings import ROOT
from tests.conftest import unavailable

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = KEY[::-1]
NOW = 1_790_000_000


@pytest.fixture
def samples() -> Dict[str, Any]:
    """The platforms' own samples."""
    path = ROOT.parent / "shared" / "vectors" / "wechat.json"
    if not path.exists():
        unavailable("needs the platforms' samples, which are not part of the product")
    found: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def stamp(seal: Seal, *signed: str, at: int = NOW) -> Stamp:
    return Stamp(seal.sign(str(at), "nonce", *signed), str(at), "nonce")


def test_official_sample_of_the_address_check_is_believed(samples: Dict[str, Any]) -> None:
    sample = samples["url_check"]
    given_stamp = Stamp(sample["signature"], sample["timestamp"], sample["nonce"])
    Seal(sample["token"], "any").check(given_stamp, now=float(sample["timestamp"]))


def test_official_sample_of_an_encrypted_message_is_opened(samples: Dict[str, Any]) -> None:
    sample = samples["secure_message"]
    seal = Seal(sample["token"], sample["app_id"], [sample["encoding_aes_key"]])
    given_stamp = Stamp(sample["msg_signature"], sample["timestamp"], sample["nonce"])
    seal.check(given_stamp, sample["encrypt"], now=float(sample["timestamp"]))
    assert seal.open(sample["encrypt"]).decode() == sample["plain"]


def test_official_sample_of_wecoms_address_check_is_opened(samples: Dict[str, Any]) -> None:
    sample = samples["wecom_url_check"]
    seal = Seal(sample["token"], sample["corp_id"], [sample["encoding_aes_key"]])
    given_stamp = Stamp(sample["msg_signature"], sample["timestamp"], sample["nonce"])
    seal.check(given_stamp, sample["echostr"], now=float(sample["timestamp"]))
    assert seal.open(sample["echostr"]).decode() == sample["plain"]


def test_message_for_another_account_is_refused(samples: Dict[str, Any]) -> None:
    sample = samples["secure_message"]
    with pytest.raises(Forged):
        Seal(sample["token"], "wx0000000000000000", [sample["encoding_aes_key"]]).open(sample["encrypt"])


@given(content=st.binary(max_size=300), account=st.text(min_size=1, max_size=40))
def test_what_was_closed_for_an_account_is_opened_for_it(content: bytes, account: str) -> None:
    seal = Seal("token", account, [KEY])
    assert seal.open(seal.close(content)) == content


def test_previous_key_opens_while_the_key_changes() -> None:
    before, changing, after = (Seal("token", "wx1", keys) for keys in ([KEY], [OTHER_KEY, KEY], [OTHER_KEY]))
    assert changing.open(before.close(b"old")) == b"old"
    assert changing.open(after.close(b"new")) == b"new"
    assert after.open(changing.close(b"ours")) == b"ours"
    with pytest.raises(Forged):
        after.open(before.close(b"old"))


@pytest.mark.parametrize("encrypted", ["", "AAAA", "not base64 ä", "A" * 64, "=" * 8])
def test_what_nobody_encrypted_is_refused(encrypted: str) -> None:
    with pytest.raises(Forged) as refused:
        Seal("token", "wx1", [KEY]).open(encrypted)
    assert not encrypted or encrypted not in str(refused.value)


@given(place=st.integers(min_value=0, max_value=10_000), change=st.integers(min_value=1, max_value=255))
def test_account_in_a_changed_ciphertext_is_never_the_own_by_chance(place: int, change: int) -> None:
    seal = Seal("token", "wx1234567890abcdef", [KEY])
    sealed = bytearray(base64.b64decode(seal.close(b"<xml>" + b"x" * 200 + b"</xml>")))
    # The last three blocks: what follows the content.
    sealed[-1 - place % 16] ^= change
    with pytest.raises(Forged):
        seal.open(base64.b64encode(bytes(sealed)).decode())


@pytest.mark.parametrize("forged", ["", "0" * 40, "ä", "F464b24fc39322e44b38aa78f5edd27bd1441696"])
def test_wrong_signature_is_refused(forged: str) -> None:
    with pytest.raises(Forged):
        Seal("token", "wx1").check(Stamp(forged, str(NOW), "nonce"), now=NOW)


def test_signature_covers_the_encrypted_content() -> None:
    seal = Seal("token", "wx1", [KEY])
    mine, other = seal.close(b"mine"), seal.close(b"other")
    seal.check(stamp(seal, mine), mine, now=NOW)
    with pytest.raises(Forged):
        seal.check(stamp(seal, mine), other, now=NOW)


@pytest.mark.parametrize("age", [REPLAY_SECONDS + 1, -REPLAY_SECONDS - 1, NOW])
def test_recording_older_than_five_minutes_is_refused(age: int) -> None:
    seal = Seal("token", "wx1")
    with pytest.raises(Forged):
        seal.check(stamp(seal, at=NOW - age), now=NOW)
    seal.check(stamp(seal, at=NOW - REPLAY_SECONDS), now=NOW)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "９９", "9" * 400])
def test_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    seal = Seal("token", "wx1")
    with pytest.raises(Forged):
        seal.check(Stamp(seal.sign(timestamp, "n"), timestamp, "n"), now=NOW)


@pytest.mark.parametrize("key", ["", "short", KEY + "A", "ä" * 43, "=" * 43])
def test_key_of_the_wrong_form_is_told_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Seal("token", "wx1", [key])


def test_fields_of_a_document_are_its_texts() -> None:
    content = "<xml><Content><![CDATA[你好 <b>]]></Content><MsgId>12</MsgId><List><Item>x</Item></List></xml>".encode()
    assert read(content) == {"Content": "你好 <b>", "MsgId": "12"}
    assert read(b'{"MsgId": 12, "Content": "hi", "List": [1], "None": null}') == {"MsgId": "12", "Content": "hi"}


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<xml><Content>&lol2;</Content></xml>"""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"<xml><Content>secret",
        b"\xff\xfe\x00secret",
        BOMB,
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml><Content>secret</Content></xml>',
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
        b'{"Content": "secret"',
        b'{"a":' * 20_000,
        b"<xml><Content>" + b"x" * LONGEST + b"</Content></xml>",
    ],
)
def test_garbage_is_refused_and_not_repeated(content: bytes) -> None:
    with pytest.raises(Garbage) as refused:
        read(content)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
