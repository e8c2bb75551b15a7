"""The simulated customer service of WeCom behaves as the platform's documents say."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest
import requests

from channels.messaging.crypto import Seal, Stamp
from tests.test_channels.test_simulator.webhook_stub import Delivery, WebhookStub, fields_of
from tests.wechat_phone import Phone, Simulator

SERVICER = "servicer"


class Account:
    """The account's server, which has read everything up to now."""

    def __init__(self, simulator: Simulator, webhook: WebhookStub) -> None:
        self.simulator = simulator
        self.webhook = webhook
        self.open_kfid = ""
        self.cursor = ""
        self.token = str(self.gettoken()["access_token"])

    def gettoken(self) -> Dict[str, Any]:
        known = self.simulator.environment
        wish = {"corpid": known["WECOM_CORP_ID"], "corpsecret": known["WECOM_SECRET"]}
        answer = requests.get(f"{self.simulator.origin}/wecom/cgi-bin/gettoken", params=wish, timeout=60)
        token: Dict[str, Any] = answer.json()
        return token

    def call(self, path: str, **body: Any) -> Dict[str, Any]:
        address = f"{self.simulator.origin}/wecom/cgi-bin/kf/{path}"
        answer = requests.post(address, params={"access_token": self.token}, json=body, timeout=60)
        result: Dict[str, Any] = answer.json()
        return result

    def callback(self) -> Dict[str, str]:
        """A callback of this test, its proof checked as a receiver does."""
        return self.opened(self.webhook.wait(1)[-1])

    def opened(self, delivery: Delivery) -> Dict[str, str]:
        known = self.simulator.environment
        seal = Seal(known["WECOM_TOKEN"], known["WECOM_CORP_ID"], [known["WECOM_AES_KEY"]])
        encrypted, given = delivery.fields()["Encrypt"], delivery.parameters
        seal.check(Stamp(given["msg_signature"], given["timestamp"], given["nonce"]), encrypted)
        return fields_of(seal.open(encrypted).decode())

    def read(self, **more: Any) -> List[Dict[str, Any]]:
        """What is new, as the callback allows; remembers the cursor."""
        callback = self.callback()
        self.open_kfid = callback["OpenKfId"]
        page = self.call("sync_msg", token=callback["Token"], cursor=self.cursor, **more)
        assert page["errcode"] == 0, page
        self.cursor = page["next_cursor"]
        messages: List[Dict[str, Any]] = page["msg_list"]
        return messages

    def text(self, phone: Phone, text: str, **more: Any) -> int:
        where = {"touser": phone.subject, "open_kfid": self.open_kfid}
        return int(self.call("send_msg", **where, msgtype="text", text={"content": text}, **more)["errcode"])

    def menu(self, phone: Phone, items: List[Dict[str, Any]]) -> int:
        where = {"touser": phone.subject, "open_kfid": self.open_kfid}
        menu = {"head_content": "怎么还？", "list": items, "tail_content": ""}
        return int(self.call("send_msg", **where, msgtype="msgmenu", msgmenu=menu)["errcode"])

    def change(self, phone: Phone, state: int, servicer: Optional[str] = None) -> Dict[str, Any]:
        who = {"open_kfid": self.open_kfid, "external_userid": phone.subject}
        return self.call("service_state/trans", **who, service_state=state, servicer_userid=servicer)

    def state(self, phone: Phone) -> int:
        who = {"open_kfid": self.open_kfid, "external_userid": phone.subject}
        return int(self.call("service_state/get", **who)["service_state"])


@pytest.fixture
def account(simulator: Simulator, webhook: WebhookStub) -> Account:
    """Has read all that was before this test."""
    account = Account(simulator, webhook)
    simulator.phone("wecom").begin()
    account.read()
    webhook.clear()
    return account


@pytest.fixture
def customer(account: Account, webhook: WebhookStub) -> Phone:
    """Has entered and written, and both were read."""
    phone = account.simulator.phone("wecom").begin()
    phone.do("write", text="在吗")
    webhook.wait(2)
    account.read()
    webhook.clear()
    return phone


def click(number: int) -> Dict[str, Any]:
    return {"type": "click", "click": {"id": f"id{number}", "content": f"选项{number}"}}


def test_callback_says_that_there_is_something_and_the_log_says_what(account: Account) -> None:
    phone = account.simulator.phone("wecom").begin()
    assert account.callback()["Event"] == "kf_msg_or_event"
    (entered,) = account.read()
    assert (entered["origin"], entered["event"]["event_type"]) == (4, "enter_session")
    assert entered["event"]["external_userid"] == phone.subject
    phone.do("write", text="怎么还款")
    (written,) = account.read()
    assert (written["origin"], written["msgtype"], written["text"]) == (3, "text", {"content": "怎么还款"})
    assert written["external_userid"] == phone.subject


def test_log_is_read_in_pages_from_the_cursor_and_a_page_may_be_empty(account: Account) -> None:
    phone = account.simulator.phone("wecom").begin()
    for number in range(4):
        phone.do("write", text=str(number))
    account.simulator.control("reading", page_size=2, empty_pages=1)
    token = account.callback()["Token"]
    pages = []
    for _ in range(4):
        page = account.call("sync_msg", token=token, cursor=account.cursor, limit=1000)
        account.cursor = page["next_cursor"]
        pages.append((len(page["msg_list"]), page["has_more"]))
    assert pages == [(0, 1), (2, 1), (2, 1), (1, 0)]


def test_reading_without_a_callbacks_token_is_slow_and_with_an_old_one_refused(account: Account) -> None:
    account.simulator.control("skip", seconds=10)
    assert account.call("sync_msg", cursor=account.cursor)["errcode"] == 0
    assert account.call("sync_msg", cursor=account.cursor)["errcode"] == 45009
    account.simulator.phone("wecom").begin()
    token = account.callback()["Token"]
    account.simulator.control("skip", seconds=601)
    assert account.call("sync_msg", cursor=account.cursor, token=token)["errcode"] == 95007


def test_messages_can_be_read_for_three_days(account: Account) -> None:
    account.simulator.phone("wecom").begin()
    account.simulator.control("skip", seconds=3 * 24 * 3600 + 1)
    account.token = account.gettoken()["access_token"]
    page = account.call("sync_msg", cursor=account.cursor)
    assert (page["errcode"], page["msg_list"], page["has_more"]) == (0, [], 0)


def test_five_messages_then_95001_and_after_48_hours_95002(account: Account, customer: Phone) -> None:
    assert [account.text(customer, str(number)) for number in range(6)] == [0, 0, 0, 0, 0, 95001]
    assert customer.refusals == [95001]
    customer.do("write", text="还在吗")
    assert account.text(customer, "在") == 0
    account.simulator.control("skip", seconds=48 * 3600)
    account.token = account.gettoken()["access_token"]
    assert account.text(customer, "在") == 95002


def test_choice_comes_back_with_its_id_and_counts_as_a_message(account: Account, customer: Phone) -> None:
    view = {"type": "view", "view": {"url": "https://example.com/", "content": "看账单"}}
    assert account.menu(customer, [click(1), click(2), view, {"type": "text", "text": {"content": "或者"}}]) == 0
    entry = customer.received()[0]
    customer.do("press", number=entry["number"], id="id2")
    (pressed,) = account.read()
    assert pressed["text"] == {"content": "选项2", "menu_id": "id2"}
    assert customer.quota["left"] == 5


def test_menu_beyond_its_limits_is_refused(account: Account, customer: Phone) -> None:
    assert account.menu(customer, [click(number) for number in range(11)]) == 40035
    long = {"type": "click", "click": {"id": "long", "content": "还" * 43}}
    assert account.menu(customer, [long]) == 45002
    assert customer.received() == []


def test_message_id_is_taken_once(account: Account, customer: Phone) -> None:
    assert account.text(customer, "在", msgid="same-1") == 0
    assert account.text(customer, "在", msgid="same-1") == 40035
    assert account.text(customer, "在", msgid="not allowed!") == 40035
    assert [entry["key"] for entry in customer.received()] == ["same-1"]


def test_welcome_is_sent_once_within_20_seconds_and_costs_no_quota(account: Account, webhook: WebhookStub) -> None:
    phone = account.simulator.phone("wecom").begin()
    (entered,) = account.read()
    code = entered["event"]["welcome_code"]
    greeting = {"msgtype": "text", "text": {"content": "您好"}}
    assert account.call("send_msg_on_event", code=code, **greeting)["errcode"] == 0
    assert account.call("send_msg_on_event", code=code, **greeting)["errcode"] == 40035
    assert [entry["text"] for entry in phone.received()] == ["您好"]
    webhook.clear()
    phone.begin()
    (again,) = account.read()
    assert "welcome_code" not in again["event"]
    webhook.clear()
    account.simulator.phone("wecom").begin()
    (late,) = account.read()
    account.simulator.control("skip", seconds=21)
    assert account.call("send_msg_on_event", code=late["event"]["welcome_code"], **greeting)["errcode"] == 40035


def test_conversation_goes_to_a_person_and_ends(account: Account, customer: Phone, webhook: WebhookStub) -> None:
    assert account.state(customer) == 0
    assert account.change(customer, 1)["errcode"] == 0
    queued = account.change(customer, 2)
    assert account.text(customer, "还在排队") == 95018
    on_event = {"code": queued["msg_code"], "msgtype": "text", "text": {"content": "请稍等"}}
    assert account.call("send_msg_on_event", **on_event)["errcode"] == 0
    customer.do("accept")
    (accepted,) = account.read()
    assert accepted["event"]["change_type"] == 1
    assert accepted["event"]["new_servicer_userid"] == SERVICER
    webhook.clear()
    customer.do("agent_says", text="您好，我是小李")
    (said,) = account.read()
    assert (said["origin"], said["servicer_userid"], said["text"]["content"]) == (5, SERVICER, "您好，我是小李")
    assert account.change(customer, 1)["errcode"] == 95016
    webhook.clear()
    customer.do("end")
    (ended,) = account.read()
    assert (ended["event"]["change_type"], account.state(customer)) == (3, 4)
    assert account.text(customer, "再见") == 95018
    customer.do("write", text="又有问题")
    assert account.state(customer) == 0


def test_only_a_servicer_can_be_given_a_customer(account: Account, customer: Phone) -> None:
    assert account.change(customer, 3, "somebody")["errcode"] == 95014
    assert account.change(customer, 3, SERVICER)["errcode"] == 0
    assert account.state(customer) == 3


def test_message_that_the_customer_rejects_fails_later(account: Account, customer: Phone) -> None:
    customer.do("reject", rejects=True)
    assert account.text(customer, "在", msgid="lost-1") == 0
    (failed,) = account.read()
    event = failed["event"]
    assert (event["event_type"], event["fail_msgid"], event["fail_type"]) == ("msg_send_fail", "lost-1", 10)
    assert customer.received() == []


def test_token_is_the_same_until_it_expires(account: Account) -> None:
    assert account.gettoken()["access_token"] == account.token
    account.simulator.control("tokens/wecom/expire")
    assert account.call("sync_msg")["errcode"] == 42001
    account.token = account.gettoken()["access_token"]
    account.simulator.control("tokens/wecom/supersede")
    assert account.call("sync_msg")["errcode"] == 40014
    account.token = ""
    assert account.call("sync_msg")["errcode"] == 41001


def test_unknown_customers_and_accounts_are_refused(account: Account, customer: Phone) -> None:
    text = {"msgtype": "text", "text": {"content": "在"}}
    assert account.call("send_msg", touser="wmNobody", open_kfid=account.open_kfid, **text)["errcode"] == 40096
    assert account.call("send_msg", touser=customer.subject, open_kfid="wkOther", **text)["errcode"] == 95000


def test_webhook_is_checked_with_an_encrypted_echo(simulator: Simulator, webhook: WebhookStub) -> None:
    known = simulator.environment
    seal = Seal(known["WECOM_TOKEN"], known["WECOM_CORP_ID"], [known["WECOM_AES_KEY"]])
    original = webhook.echo
    webhook.echo = lambda parameters: (
        seal.open(parameters["echostr"]).decode() if "msg_signature" in parameters else parameters["echostr"]
    )
    assert simulator.webhooks() == {"wechat": True, "wecom": True}
    webhook.echo = original
    assert simulator.webhooks()["wecom"] is False
