"""What customers ask about a request, that an answer was too much, and the way to pay that they name."""

from __future__ import annotations

from datetime import date
from typing import List

import pytest

from nlu.entities.extraction import extract
from nlu.folding import fold


def values(entity: str, text: str) -> List[str]:
    return [found.value for found in extract(fold(text), None, date(2026, 11, 18)) if found.name == entity]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("那个要签协议吗", "signing"),
        ("办这个需要签字吧", "signing"),
        ("Do I have to sign an agreement for that?", "signing"),
        ("is there anything to sign", "signing"),
        ("协议里写什么", "content"),
        ("What's in the agreement?", "content"),
        ("签了协议还会催收吗", "collection"),
        ("do the calls stop once I sign", "collection"),
        ("大概多久能批", "review"),
        ("How long till I know?", "review"),
    ],
)
def test_what_is_asked_about_a_request(text: str, asked: str) -> None:
    assert values("asked", text) == [asked]


@pytest.mark.parametrize(
    "text", ["我昨天签收了快递", "把协议发给我", "my signature dish", "怎么批评你们", "催收天天打电话"]
)
def test_other_sentences_ask_nothing_of_the_kind(text: str) -> None:
    assert values("asked", text) == []


@pytest.mark.parametrize("text", ["太复杂了", "我听不懂", "I don't understand these figures", "please explain simply"])
def test_an_answer_was_too_much(text: str) -> None:
    assert values("plainer", text)


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("能不能去柜台还", "counter"),
        ("我不会用手机银行", "counter"),
        ("用支付宝行吗", "alipay"),
        ("微信能还不", "wechat_pay"),
        ("Can I pay at a branch?", "counter"),
        ("what about online banking", "web_bank"),
    ],
)
def test_the_way_to_pay(text: str, channel: str) -> None:
    assert values("channel", text) == [channel]


@pytest.mark.parametrize("text", ["转账失败了怎么办", "不要转账", "支付宝还不了"])
def test_what_failed_or_is_not_wanted_is_no_way_to_pay(text: str) -> None:
    assert values("channel", text) == []


@pytest.mark.parametrize("text", ["will i be aproved?", "会批准吗", "能批下来吗", "will the bank approve it"])
def test_whether_the_bank_will_agree(text: str) -> None:
    assert values("assured", text) == ["wanted"]
