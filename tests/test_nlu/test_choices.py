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
        ("多久能查清", "review"),
        ("How long till I know?", "review"),
        ("万一不批呢", "refused"),
        ("And if they say no?", "refused"),
        ("要准备哪些材料", "papers"),
        ("哪期没还会怎样", "missed"),
        ("what if I miss a payment", "missed"),
        ("what paperwork is there", "papers"),
        ("还要等多久啊", "wait"),
        ("你们电话多少", "contact"),
        ("what's your hotline number", "contact"),
        ("人工几点下班", "contact"),
        ("How long is the wait?", "wait"),
        ("我的分期还剩几期啊", "schedule"),
        ("第一期啥时候还", "schedule"),
        ("When's the first instalment due?", "schedule"),
        ("how many installments are left", "schedule"),
        ("分期可以提前还吗", "early"),
        ("想提前还清", "early"),
        ("分期付款的能提前还款不", "early"),
        ("can I pay off my plan now", "early"),
        ("一般多久到账啊", "posting"),
        ("how long does a transfer take to arrive", "posting"),
    ],
)
def test_what_is_asked_about_a_request(text: str, asked: str) -> None:
    assert values("asked", text) == [asked]


@pytest.mark.parametrize(
    "text",
    [
        "我昨天签收了快递",
        "把协议发给我",
        "my signature dish",
        "怎么批评你们",
        "催收天天打电话",
        "办卡需要什么材料",
        "等我一下",
        "我有三期没还了",
        "房贷提前还清了",
        "一次性还清能不能减免点",
        "提前结清能减免吗",
        "我上周就提前还款了呀",
        "已经提前还清，怎么还催我",
    ],
)
def test_other_sentences_ask_nothing_of_the_kind(text: str) -> None:
    assert values("asked", text) == []


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("我想问问我妹妹的卡", "other_person"),
        ("帮我老公看看欠多少", "other_person"),
        ("it is my brother's card", "other_person"),
        ("中介说能停息", "agency"),
        ("is credit repair worth it", "agency"),
    ],
)
def test_somebody_else_has_to_do_with_it(text: str, party: str) -> None:
    assert values("party", text) == [party]


@pytest.mark.parametrize("text", ["你们打给我老公了", "别给我妈打电话", "you called my wife", "我朋友也逾期了"])
def test_other_people_are_spoken_of(text: str) -> None:
    assert values("party", text) == []


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
