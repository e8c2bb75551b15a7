"""The widget when the connection breaks, when customers sign in and out, and in both languages."""

from __future__ import annotations

import re
from typing import Any, List

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.bank_page import BankPage
from tests.browser.chat import DESKTOP, PHONE, OpenPage
from tests.processes import Process

# The connection


def test_message_written_while_the_connection_is_lost_arrives_once_it_is_back(
    visit: OpenPage, scripted_assistant: Process
) -> None:
    chat = visit().open()
    chat.say("echo before")
    expect(chat.said("before")).to_be_visible()
    scripted_assistant.stop()
    try:
        expect(chat.page.get_by_text("网络断开了，正在重新连接。")).to_be_visible()
        chat.say("echo while away")
        expect(chat.page.get_by_text("正在发送…")).to_be_visible()
    finally:
        scripted_assistant.start()
    expect(chat.said("while away")).to_be_visible(timeout=60_000)
    expect(chat.page.get_by_text("网络断开了，正在重新连接。")).not_to_be_visible()
    assert chat.lines()[1:] == ["echo before", "before", "echo while away", "while away"]
    expect(chat.page.locator(".status:not([hidden])")).to_have_count(0)


@pytest.mark.parametrize(("lost", "times_sent"), [("message", 2), ("acknowledgement", 1)])
def test_message_that_the_connection_breaks_under_is_handled_once(visit: OpenPage, lost: str, times_sent: int) -> None:
    chat = visit()
    sent: List[str] = []
    breaks: List[str] = []

    def between(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def from_page(message: Any) -> None:
            is_ours = "user_uttered" in str(message)
            if is_ours:
                sent.append(str(message))
            if is_ours and breaks == ["message"]:
                breaks.clear()
                route.close()
            else:
                server.send(message)

        def from_server(message: Any) -> None:
            if breaks == ["acknowledgement"] and str(message).startswith("43"):
                breaks.clear()
                route.close()
            else:
                route.send(message)

        route.on_message(from_page)
        server.on_message(from_server)

    chat.page.route_web_socket(re.compile("socket.io"), between)
    chat.open()
    breaks.append(lost)
    chat.say("echo once")
    expect(chat.said("once")).to_be_visible(timeout=60_000)
    chat.say("echo then")
    expect(chat.said("then")).to_be_visible()
    assert breaks == []
    assert len([message for message in sent if "echo once" in message]) == times_sent
    assert chat.lines()[1:] == ["echo once", "once", "echo then", "then"]


def test_message_that_the_assistant_could_not_handle_can_be_sent_again(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("fail")
    expect(chat.page.get_by_text("助手没能处理这条消息。")).to_be_visible()
    chat.page.get_by_role("button", name="重新发送").click()
    expect(chat.page.locator(".user")).to_have_count(1)
    expect(chat.page.get_by_role("button", name="重新发送")).to_be_visible()


def test_typing_is_shown_while_an_answer_is_on_its_way(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("slow")
    expect(chat.page.locator(".typing")).to_be_visible()
    expect(chat.said("late")).to_be_visible()
    expect(chat.page.locator(".typing")).not_to_be_visible()


def test_message_that_comes_while_the_window_is_closed_is_counted(visit: OpenPage) -> None:
    chat = visit().open()
    chat.say("slow")
    expect(chat.page.locator(".user")).to_have_count(1)
    chat.page.get_by_role("button", name="关闭对话").click()
    expect(chat.launcher).to_have_accessible_name("打开还款助手, 1 条未读消息")
    chat.page.reload()
    expect(chat.page.locator(".badge")).to_have_text("1")
    chat.open()
    expect(chat.page.locator(".badge")).not_to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator(".badge")).not_to_be_visible()


# Who is signed in


def test_token_of_the_pages_server_says_who_the_customer_is(visit: OpenPage, bank_page: BankPage) -> None:
    bank_page.customer = "demo-token-url"
    chat = visit(token_url="/token").open()
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).to_contain_text('"customer_id": "demo-token-url"')


def test_signed_in_customer_finds_the_conversation_on_another_device(visit: OpenPage, bank_page: BankPage) -> None:
    bank_page.customer = "demo-two-devices"
    phone = visit(PHONE, token_url="/token").open()
    phone.say("echo from the phone")
    expect(phone.said("from the phone")).to_be_visible()
    desktop = visit(DESKTOP, token_url="/token").open()
    expect(desktop.said("from the phone")).to_be_visible()
    desktop.say("echo from the desktop")
    expect(phone.said("from the desktop")).to_be_visible()
    assert phone.lines() == desktop.lines()


def test_page_hands_over_a_token_itself_and_takes_it_back(visit: OpenPage, bank_page: BankPage) -> None:
    chat = visit().open()
    chat.page.evaluate(
        "token => { document.querySelector('overdue-assistant').token = token; }", bank_page.token("demo-by-page")
    )
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).to_contain_text('"customer_id": "demo-by-page"')
    chat.page.evaluate("document.querySelector('overdue-assistant').signOut()")
    expect(chat.page.locator(".message")).to_have_count(1)
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).not_to_contain_text("customer_id")


def test_page_is_asked_for_the_first_token_and_for_every_later_one(visit: OpenPage, bank_page: BankPage) -> None:
    bank_page.customer, bank_page.token_seconds = "demo-asked", 4.0
    chat = visit(token_from_page="")
    chat.page.evaluate(
        """() => {
          window.reasons = [];
          document.addEventListener("overdue-assistant:token-needed", async ({ target, detail }) => {
            window.reasons.push(detail.reason);
            target.token = (await (await fetch("/token")).json()).token;
          });
        }"""
    )
    chat.open()
    chat.page.wait_for_timeout(6000)
    assert chat.page.evaluate("window.reasons")[:2] == ["missing", "expiring"]
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).to_contain_text('"customer_id": "demo-asked"')
    assert chat.page.locator(".bot").count() == 2, "nobody else was greeted first"


def test_token_is_renewed_before_it_ends(visit: OpenPage, bank_page: BankPage) -> None:
    bank_page.customer, bank_page.token_seconds = "demo-renewed", 4.0
    given = len(bank_page.tokens_given)
    chat = visit(token_url="/token").open()
    chat.say("echo first")
    chat.page.wait_for_timeout(9000)
    assert len(bank_page.tokens_given) - given >= 3
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).to_contain_text('"customer_id": "demo-renewed"')
    assert chat.page.locator(".expired").is_hidden()


def test_when_the_sign_in_ends_the_conversation_is_put_away_until_the_customer_signs_in_again(
    visit: OpenPage, bank_page: BankPage
) -> None:
    bank_page.customer, bank_page.token_seconds = "demo-expired", 3.0
    chat = visit(token_url="/token").open()
    chat.say("echo my secret balance")
    expect(chat.said("my secret balance")).to_be_visible()
    bank_page.customer = None
    expect(chat.page.get_by_text("登录已到期")).to_be_visible(timeout=15_000)
    assert "my secret balance" not in chat.panel.inner_html()
    expect(chat.text).not_to_be_visible()
    chat.page.evaluate("addEventListener('overdue-assistant:sign-in', () => { window.asked = true; })")
    chat.page.get_by_role("button", name="重新登录").click()
    assert chat.page.evaluate("window.asked") is True

    bank_page.customer, bank_page.token_seconds = "demo-expired", 600.0
    chat.page.evaluate(
        "token => { document.querySelector('overdue-assistant').token = token; }", bank_page.token("demo-expired")
    )
    expect(chat.said("my secret balance")).to_be_visible()


def test_bank_that_gives_only_tokens_that_are_over_signs_nobody_in(visit: OpenPage, bank_page: BankPage) -> None:
    bank_page.customer, bank_page.token_seconds = "demo-always-over", -60.0
    given = len(bank_page.tokens_given)
    chat = visit(token_url="/token")
    chat.launcher.click()
    expect(chat.page.get_by_text("登录已到期")).to_be_visible(timeout=15_000)
    assert len(bank_page.tokens_given) - given <= 5


def test_visitor_whose_sign_in_ended_may_go_on_with_general_questions(visit: OpenPage, bank_page: BankPage) -> None:
    bank_page.customer, bank_page.token_seconds = "demo-anonymous-now", 3.0
    chat = visit(token_url="/token").open()
    bank_page.customer = None
    chat.page.get_by_role("button", name="不登录，问一般问题").click(timeout=15_000)
    expect(chat.page.locator(".message")).to_have_count(1)
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).not_to_contain_text("customer_id")


def test_token_that_is_not_believed_is_told(visit: OpenPage, bank_page: BankPage) -> None:
    chat = visit()
    forged = BankPage()
    chat.page.evaluate(
        "token => { document.querySelector('overdue-assistant').token = token; }", forged.token("demo-m2")
    )
    forged.shutdown()
    chat.open()
    expect(chat.page.get_by_text("没能确认您的登录")).to_be_visible()
    chat.say("who")
    expect(chat.page.locator(".bot .bubble").last).to_contain_text('"identity_problem": "invalid"')


def test_sign_in_button_leads_to_the_banks_page_unless_the_page_takes_over(
    visit: OpenPage, bank_page: BankPage
) -> None:
    chat = visit(sign_in_url="/sign-in").open()
    chat.press("登录")
    chat.page.evaluate(
        "document.addEventListener('overdue-assistant:sign-in', event => event.preventDefault(), {once: true})"
    )
    sign_in = chat.page.locator(".message .button.primary")
    sign_in.click()
    assert "/sign-in" not in chat.page.url.split("?")[0]
    sign_in.click()
    chat.page.wait_for_url(f"{bank_page.origin}/sign-in")


# Languages


def test_page_in_english_has_an_english_chat(visit: OpenPage) -> None:
    chat = visit(language="en").open()
    assert chat.lines()[0].startswith("Hello, I am the repayment assistant.")
    expect(chat.page.get_by_role("heading", name="Repayment assistant")).to_be_visible()


def test_language_button_changes_the_widget_and_what_the_assistant_says_next(visit: OpenPage) -> None:
    chat = visit().open()
    chat.page.evaluate(
        "addEventListener('overdue-assistant:language', event => { window.chosen = event.detail.language; })"
    )
    chat.page.get_by_role("button", name="Switch to English").click()
    expect(chat.page.get_by_role("heading", name="Repayment assistant")).to_be_visible()
    assert chat.page.evaluate("window.chosen") == "en"
    chat.say("anything")
    expect(chat.said("I did not get that. Could you say it in other words?")).to_be_visible()


def test_page_can_change_the_language(visit: OpenPage) -> None:
    chat = visit().open()
    chat.page.evaluate("document.querySelector('overdue-assistant').setAttribute('language', 'en')")
    expect(chat.page.get_by_role("button", name="Close the conversation")).to_be_visible()
