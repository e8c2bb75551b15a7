"""The web chat's journeys on WeChat, in both flavours: every process is real, the platforms are simulated.

Every answer is held against what the bank's API gives (`WeChatTalk`), and the platform may refuse nothing, so that no
journey takes more messages than the quota.
"""

from __future__ import annotations

from typing import Iterator

import pytest
import requests

from bank.models import ApplicationKind, ApplicationStatus, FeeKind
from tests.processes import until
from tests.test_channels.wechat_chat import Place
from tests.test_live.colleague import Colleague

both = pytest.mark.parametrize("platform", ["wechat", "wecom"])


def customers(wechat: str, wecom: str) -> pytest.MarkDecorator:
    """Both flavours, each with a customer of its own: a customer has one conversation, wherever it is held."""
    return pytest.mark.parametrize(("platform", "customer"), [("wechat", wechat), ("wecom", wecom)])


@pytest.fixture(autouse=True)
def _requests_are_refused_afterwards(place: Place) -> Iterator[None]:
    yield
    place.refuse_all_requests()


@both
def test_visitor_is_greeted_and_gets_general_answers_with_a_way_to_sign_in(place: Place, platform: str) -> None:
    phone = place.simulator.phone(platform).begin()
    greeting = phone.answer(0)
    assert "还款助手" in greeting
    assert "逾期了怎么办" in greeting.choices
    answer = phone.press("逾期了怎么办")
    assert "¥" not in answer.text
    assert f"/webhooks/{platform}/link/" in answer.text
    assert phone.refusals == []


@both
def test_pictures_and_voices_lead_on(place: Place, platform: str) -> None:
    phone = place.simulator.phone(platform).begin()
    phone.answer(0)
    assert "提交材料" in phone.image(b"\x89PNG").choices
    voice = phone.voice("怎么还款")
    # The Official Account recognises voices, the customer service does not.
    assert ("支付宝" in voice) if platform == "wechat" else ("找人工" in voice.choices)


def test_menu_of_the_account_leads_into_the_conversation(place: Place) -> None:
    phone = place.simulator.phone("wechat").begin()
    phone.answer(0)
    menu = place.publish_menu()
    keys = [entry["key"] for button in menu["button"] for entry in button.get("sub_button") or [button]]
    assert "repayment" in keys
    assert "支付宝" in phone.press_menu("repayment")
    assert phone.refusals == []


@customers("demo-clear", "demo-two-cards")
def test_visitor_signs_in_by_a_link_that_works_once_and_gets_the_answer(
    place: Place, platform: str, customer: str
) -> None:
    phone = place.simulator.phone(platform).begin()
    phone.answer(0)
    asked = phone.ask("现在要还多少")
    after = len(phone.entries())
    link = place.link_in(asked)
    assert place.sign_in_by(link, customer) == 200
    answer = phone.answer(after)
    assert "登录" not in answer.text
    assert any(place.bank.cards(customer)[0].last4 in entry["text"] for entry in answer.entries)
    assert place.sign_in_by(link, customer) == 410
    assert phone.refusals == []


@customers("demo-m1-first", "demo-m2")
def test_questions_are_answered_from_the_account(place: Place, platform: str, customer: str) -> None:
    talk = place.customer(platform, customer)
    owed = talk.overdue
    overview = talk(zh="刚翻手机才看到信用卡过了还款日没还，心里有点慌，接下来该做什么呀")
    for amount in (owed.remaining_minimum, owed.total, owed.late_fee):
        assert talk.yuan(amount) in overview
    assert talk.on(owed.due_date) in overview

    fees = talk(zh="利息和违约金分别收了我多少啊，是怎么得出来的")
    for item in owed.items:
        assert talk.yuan(item.amount) in fees
        if item.kind is FeeKind.INTEREST:
            assert talk.on(item.starts_on) in fees
    assert talk.rate(owed.annual_interest_rate) in fees

    credit = talk.bank.credit_report(talk.customer, talk.card)
    assert str(credit.retention_years) in talk(zh="这次没按时还，会不会在征信上留个记录")
    assert talk.days(owed.days_past_due) in talk(zh="我本来应该哪天还的，到今天晚了几天")
    assert "支付宝" in talk(zh="怎么还款")


@customers("demo-m1-partial", "demo-disputed")
def test_instalments_from_the_wish_to_the_reference(place: Place, platform: str, customer: str) -> None:
    talk = place.customer(platform, customer)
    offered = talk.bank.instalment_quotes(customer, talk.card)
    compared = talk(zh="一下子拿不出这么多，想分几个月慢慢还")
    for quote in offered:
        assert talk.yuan(quote.per_term) in compared
        assert talk.rate(quote.annualised_rate) in compared

    cost = talk.press(zh="12期")
    chosen = next(quote for quote in offered if quote.terms == 12)
    for instalment in chosen.schedule:
        assert talk.yuan(instalment.total) in cost
    assert talk.yuan(chosen.total_cost) in cost
    assert "综合融资成本明示表" in cost

    asked = talk.read_and_press(zh="确认提交")
    assert talk.bank.customer(customer).masked_phone in asked
    assert talk.open_requests == []
    filed = talk.enter_code()
    (request,) = talk.open_requests
    assert request.reference in filed
    assert (request.kind, request.terms) == (ApplicationKind.INSTALMENT, 12)


@customers("demo-grace", "demo-instalment")
def test_more_time_then_its_state_and_its_withdrawal(place: Place, platform: str, customer: str) -> None:
    talk = place.customer(platform, customer)
    talk(zh="这笔钱能往后推一阵子再还吗")
    options = talk.bank.deferral_options(customer, talk.card)
    dates = talk(zh="前阵子一直住院")
    for option in options:
        assert talk.on(option.new_due_date) in dates
    whole = talk.press(zh=talk.on(options[0].new_due_date))
    assert talk.yuan(options[0].amount_due_then) in whole
    talk.read_and_press(zh="确认提交")
    filed = talk.enter_code()
    (request,) = talk.open_requests
    assert request.reference in filed
    assert request.kind is ApplicationKind.DEFERRAL

    assert request.reference in talk(zh="刚才递的那个申请批下来没有")
    assert request.reference in talk(zh="算了，那个申请我想撤掉")
    talk.press(zh="确认撤回")
    assert talk.open_requests == [request]
    talk.enter_code()
    assert talk.bank.application(customer, request.reference).status is ApplicationStatus.WITHDRAWN


@customers("demo-clear", "demo-clear")
def test_certificate_comes_as_a_file_where_the_service_takes_files(place: Place, platform: str, customer: str) -> None:
    phone = place.customer(platform, customer).phone
    before = len(phone.entries())
    phone.do("write", text="给我开一份结清证明")
    answer = phone.answer(before, 2 if platform == "wecom" else 1)
    files = [entry for entry in answer.entries if entry["kind"] == "file"]
    if platform == "wechat":  # its customer service API has no file message
        assert files == []
        assert "下载文件" in answer
        return
    assert [entry["text"].endswith(".pdf") for entry in files] == [True]
    content = requests.get(f"{place.simulator.origin}/media/{files[0]['media_id']}", timeout=30).content
    assert content.startswith(b"%PDF-")
    assert "下载文件" not in answer
    assert phone.refusals == []


@customers("demo-clear", "demo-two-cards")
def test_help_shows_how_the_link_is_ended_and_ends_it(place: Place, platform: str, customer: str) -> None:
    talk = place.customer(platform, customer)
    assert "解除关联" in talk.phone.ask("你能做什么").choices
    assert "没有关联银行账户" in talk.phone.press("解除关联")
    assert "解除关联" not in talk.phone.ask("你能做什么").choices
    assert talk.phone.refusals == []


@both
def test_conversation_in_english(place: Place, platform: str) -> None:
    talk = place.customer(platform, "demo-english", "en")
    owed = talk.overdue
    answer = talk(zh="", en="just opened my bank app and saw the card payment is late, what should I do now")
    assert talk.yuan(owed.total) in answer
    assert talk.on(owed.due_date) in answer


@customers("demo-m4", "demo-pending")
def test_person_takes_over_answers_in_the_chat_and_hands_back(place: Place, platform: str, customer: str) -> None:
    talk = place.customer(platform, customer)
    chat = place.conversation_of(customer)
    lin = Colleague(place.system.desk_origin, "lin")
    try:
        assert "人工" in talk(zh="转人工")
        until(lambda: lin.state(chat) == "waiting")
        after = len(talk.phone.entries())
        talk.phone.do("write", text="我的违约金是不是算错了")
        lin.act(chat, "claim")
        until(lambda: "我的违约金是不是算错了" in lin.reads(chat))
        lin.say(chat, "您好，我看一下。")
        until(lambda: any("您好，我看一下。" in entry["text"] for entry in talk.phone.received(after)))
        lin.act(chat, "hand_back")
        until(lambda: any("接下来由我继续" in entry["text"] for entry in talk.phone.received(after)))
        assert talk.yuan(talk.overdue.total) in talk(zh="现在要还多少")
    finally:
        lin.leave()


@customers("demo-due-soon", "demo-agreement")
def test_conversation_of_the_web_goes_on_with_its_customer(place: Place, platform: str, customer: str) -> None:
    page = place.web_page(customer)
    try:
        before = len(page.texts("user"))
        page.ask("怎么还款")
        answer = place.customer(platform, customer)(zh="现在要还多少")
        until(lambda: page.texts("user")[before:] == ["怎么还款", "现在要还多少"])  # in the page that is open
        assert page.texts("bot")[-1] in answer
        page = page.reload()
        assert page.texts("user")[before:] == ["怎么还款", "现在要还多少"]
    finally:
        page.close()


@customers("demo-m1-first", "demo-m2")
def test_agent_sees_one_customer_and_answers_where_the_customer_wrote_last(
    place: Place, platform: str, customer: str
) -> None:
    page, chat = place.web_page(customer), place.conversation_of(customer)
    lin = Colleague(place.system.desk_origin, "lin")
    try:
        page.ask("怎么还款")
        talk = place.customer(platform, customer)
        talk(zh="转人工")
        lin.act(chat, "claim")
        until(lambda: lin.conversation(chat)["brief"]["channel"] == platform)
        assert lin.reads(chat)[-2:] == ["怎么还款", "转人工"]
        assert [one["id"] for one in lin.queue()["mine"]] == [chat]
        after = len(talk.phone.entries())
        lin.say(chat, "您好，我看一下。")
        until(lambda: any("您好，我看一下。" in entry["text"] for entry in talk.phone.received(after)))
        until(lambda: "您好，我看一下。" in page.texts("agent"))
        lin.act(chat, "hand_back")
        until(lambda: lin.state(chat) == "bot")
    finally:
        lin.leave()
        page.close()
