"""“How and where can I pay?”"""

from __future__ import annotations

import pytest

from actions.repayment import ActionRepaymentChannels
from bank.models import RepaymentChannelKind
from tests.test_actions.builders import StubBank, channel
from tests.test_actions.talk import ask


def test_the_recommended_way_is_named_and_the_banks_order_kept() -> None:
    ways = [
        channel(RepaymentChannelKind.TRANSFER, posting_days=1, account="6222 **** 0001"),
        channel(RepaymentChannelKind.ALIPAY, recommended=True, single_limit="5000.00"),
    ]
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=ways))
    assert "推荐用支付宝还，马上入账" in said.first
    labels = list(said.rows)
    assert labels.index("银行转账") < labels.index("支付宝")


def test_a_recommended_way_that_takes_time_says_so() -> None:
    ways = [channel(RepaymentChannelKind.COUNTER, posting_days=2, recommended=True)]
    assert "推荐用银行柜台还，约2天入账" in ask(ActionRepaymentChannels, StubBank(repayment_channels=ways)).first


@pytest.mark.parametrize("kind", list(RepaymentChannelKind))
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fee", ["0.00", "2.00"])
@pytest.mark.parametrize("limit", [None, "5000.00"])
@pytest.mark.parametrize("account", [None, "6222 **** 0001"])
def test_every_way_says_its_terms(
    kind: RepaymentChannelKind, language: str, fee: str, limit: object, account: object
) -> None:
    ways = [channel(kind, fee=fee, single_limit=limit, account=account)]
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=ways), language=language)
    assert ("¥2.00" in said) == (fee == "2.00")
    assert ("¥5,000.00" in said) == (limit is not None)
    assert ("6222 **** 0001" in said) == (account is not None)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_any_way_it_offers_a_person(language: str) -> None:
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=[]), language=language)
    assert said.responses == ["utter_repayment_unknown"]
    assert "/request_human" in said.payloads


def test_says_how_much_and_by_when() -> None:
    assert ask(ActionRepaymentChannels, StubBank("in_grace")).first.startswith(
        "最晚 11月23日 周一 还上 ¥320.00，就算按时"
    )


_WAYS = [
    channel(RepaymentChannelKind.MOBILE_BANK, recommended=True),
    channel(RepaymentChannelKind.COUNTER, posting_days=1),
]


def test_the_way_that_the_customer_names_comes_first() -> None:
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=_WAYS), entities={"channel": "counter"})
    assert said.first.startswith("可以用银行柜台还，约1天入账")
    assert "推荐" not in said
    labels = list(said.rows)
    assert labels.index("银行柜台") < labels.index("手机银行App")


def test_a_way_that_the_bank_does_not_have_is_not_said_to_work() -> None:
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=_WAYS), entities={"channel": "alipay"})
    assert said.responses == ["utter_repayment"]


@pytest.mark.parametrize(
    "text",
    [
        "我儿子能替我还吗",
        "让我老公帮我还行不行",
        "家人可以代还吗",
        "can my daughter pay for me?",
        "could somebody else pay it",
    ],
)
def test_whether_somebody_else_may_pay_is_not_made_up(text: str) -> None:
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=_WAYS), text=text)
    assert said.responses == ["utter_paid_by_another", "utter_repayment"]
    assert "/request_human" in said.payloads


@pytest.mark.parametrize("text", ["怎么还款", "能帮我看看怎么还吗", "how can I pay?", "can I pay for this by phone"])
def test_who_pays_is_no_matter_where_nobody_asks(text: str) -> None:
    said = ask(ActionRepaymentChannels, StubBank(repayment_channels=_WAYS), text=text)
    assert said.responses == ["utter_repayment"]
