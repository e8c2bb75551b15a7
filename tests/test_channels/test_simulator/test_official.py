"""The simulated Official Account behaves as the platform's documents say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest
import requests

from channels.messaging.crypto import Seal, Stamp
from tests.test_channels.test_simulator.webhook_stub import Delivery, WebhookStub, fields_of
from tests.wechat_phone import Phone, Simulator, start_simulator


@pytest.fixture
def follower(simulator: Simulator, webhook: WebhookStub) -> Phone:
    """Follows the account; that the webhook was told of it is forgotten."""
    phone = simulator.phone("wechat").begin()
    webhook.wait(1)
    webhook.clear()
    return phone


class Account:
    """The account's server."""

    def __init__(self, simulator: Simulator) -> None:
        self.base = f"{simulator.origin}/wechat/cgi-bin"
        self.simulator = simulator
        self.token = str(self.stable_token()["access_token"])

    def stable_token(self, **more: Any) -> Dict[str, Any]:
        known = self.simulator.environment
        who = {"appid": known["WECHAT_APP_ID"], "secret": known["WECHAT_APP_SECRET"]}
        return self.call("stable_token", {"grant_type": "client_credential", **who, **more}, token="")

    def call(self, path: str, body: Optional[Any] = None, token: Optional[str] = None) -> Dict[str, Any]:
        parameters = {"access_token": self.token if token is None else token}
        address = f"{self.base}/{path}"
        if body is None:
            answer = requests.get(address, params=parameters, timeout=60)
        else:
            content = json.dumps(body, ensure_ascii=False).encode()
            answer = requests.post(address, params=parameters, data=content, timeout=60)
        result: Dict[str, Any] = answer.json()
        return result

    def text(self, phone: Phone, text: str) -> int:
        body = {"touser": phone.subject, "msgtype": "text", "text": {"content": text}}
        return int(self.call("message/custom/send", body)["errcode"])

    def menu(self, phone: Phone, head: str, *titles: str) -> int:
        choices = [{"id": f"id{number}", "content": title} for number, title in enumerate(titles)]
        menu = {"head_content": head, "list": choices, "tail_content": "还有别的吗？"}
        body = {"touser": phone.subject, "msgtype": "msgmenu", "msgmenu": menu}
        return int(self.call("message/custom/send", body)["errcode"])


@pytest.fixture
def account(simulator: Simulator) -> Account:
    return Account(simulator)


def opened(simulator: Simulator, delivery: Delivery) -> Dict[str, str]:
    """The message in a secure delivery, its proof checked as a receiver does."""
    known = simulator.environment
    seal = Seal(known["WECHAT_TOKEN"], known["WECHAT_APP_ID"], [known["WECHAT_AES_KEY"]])
    encrypted = delivery.fields()["Encrypt"]
    given = delivery.parameters
    assert given["encrypt_type"] == "aes"
    seal.check(Stamp(given["signature"], given["timestamp"], given["nonce"]))
    seal.check(Stamp(given["msg_signature"], given["timestamp"], given["nonce"]), encrypted)
    return fields_of(seal.open(encrypted).decode())


def messages(simulator: Simulator, webhook: WebhookStub, count: int) -> List[Dict[str, str]]:
    return [opened(simulator, delivery) for delivery in webhook.wait(count)]


def test_follower_is_announced_and_words_arrive_signed_and_encrypted(
    simulator: Simulator, webhook: WebhookStub
) -> None:
    phone = simulator.phone("wechat").begin()
    phone.do("write", text="怎么还款 <&]]>")
    followed, written = sorted(messages(simulator, webhook, 2), key=lambda fields: fields["MsgType"])
    assert (followed["Event"], followed["FromUserName"]) == ("subscribe", phone.subject)
    assert (written["MsgType"], written["Content"]) == ("text", "怎么还款 <&]]>")
    assert written["MsgId"].isdigit()


def test_plain_mode_sends_the_message_itself(tmp_path: Path, webhook: WebhookStub) -> None:
    webhook.clear()
    simulator = start_simulator(tmp_path, webhook.port, {"WECHAT_AES_KEY": ""})
    try:
        phone = simulator.phone("wechat").begin()
        (delivery,) = webhook.wait(1)
    finally:
        simulator.process.stop()
    assert delivery.fields()["FromUserName"] == phone.subject
    assert "msg_signature" not in delivery.parameters
    Seal(simulator.environment["WECHAT_TOKEN"], "").check(
        Stamp(delivery.parameters["signature"], delivery.parameters["timestamp"], delivery.parameters["nonce"])
    )


def test_every_kind_of_content_has_its_fields(simulator: Simulator, webhook: WebhookStub, follower: Phone) -> None:
    media_id = simulator.keep(b"\x89PNG", "image/png")
    contents: List[Tuple[str, Dict[str, Any]]] = [
        ("image", {"media_id": media_id}),
        ("voice", {"media_id": media_id, "text": "我要分期"}),
        ("location", {"text": "人民广场", "latitude": 31.23, "longitude": 121.47}),
        ("link", {"text": "一个页面", "url": "https://example.com/"}),
        ("other", {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "Status": "success"}),
    ]
    for number, (act, values) in enumerate(contents, start=1):
        follower.do(act, **values)
        webhook.wait(number)
    image, voice, place, link, template = messages(simulator, webhook, 5)
    assert requests.get(image["PicUrl"], timeout=60).content == b"\x89PNG"
    assert (voice["Recognition"], voice["MediaId"]) == ("我要分期", media_id)
    assert (place["Location_X"], place["Location_Y"], place["Label"]) == ("31.23", "121.47", "人民广场")
    assert (link["Title"], link["Url"]) == ("一个页面", "https://example.com/")
    assert template["Event"] == "TEMPLATESENDJOBFINISH"


def test_five_messages_after_words_then_45047_until_the_customer_writes_again(
    account: Account, follower: Phone
) -> None:
    follower.do("write", text="在吗")
    assert [account.text(follower, str(number)) for number in range(6)] == [0, 0, 0, 0, 0, 45047]
    assert (follower.quota["left"], follower.refusals) == (0, [45047])
    follower.do("write", text="还在吗")
    assert account.text(follower, "在") == 0
    assert [entry["text"] for entry in follower.received()] == ["0", "1", "2", "3", "4", "在"]


def test_window_closes_after_48_hours(account: Account, follower: Phone) -> None:
    follower.do("write", text="在吗")
    follower.simulator.control("skip", seconds=48 * 3600)
    account.token = account.stable_token()["access_token"]
    assert account.text(follower, "在") == 45015


def test_press_on_a_menu_allows_three_messages_within_a_minute(account: Account, simulator: Simulator) -> None:
    phone = simulator.phone("wechat").begin()
    simulator.control("skip", seconds=61)
    assert account.text(phone, "太晚了") == 45015
    button = {"type": "click", "name": "还款", "key": "pay"}
    assert account.call("menu/create", {"button": [button]})["errcode"] == 0
    phone.do("press_menu", key="pay")
    assert [account.text(phone, str(number)) for number in range(4)] == [0, 0, 0, 45047]
    phone.do("press_menu", key="pay")
    simulator.control("skip", seconds=60)
    assert account.text(phone, "晚了") == 45015


def test_choice_sends_its_title_and_id_and_counts_as_a_press(
    simulator: Simulator, account: Account, webhook: WebhookStub, follower: Phone
) -> None:
    assert account.menu(follower, "怎么还？", "微信支付", "转账") == 0
    simulator.control("skip", seconds=61)
    entry = follower.received()[0]
    follower.do("press", number=entry["number"], id="id1")
    (pressed,) = messages(simulator, webhook, 1)
    assert (pressed["MsgType"], pressed["Content"], pressed["bizmsgmenuid"]) == ("text", "转账", "id1")
    assert follower.quota["left"] == 3


def test_text_longer_than_2048_bytes_is_refused_and_costs_nothing(account: Account, follower: Phone) -> None:
    follower.do("write", text="在吗")
    before = follower.quota["left"]
    assert account.text(follower, "还" * 683) == 45002
    assert follower.quota["left"] == before
    assert account.text(follower, "还" * 682) == 0


def test_escaped_text_is_refused(account: Account, follower: Phone) -> None:
    body = json.dumps({"touser": follower.subject, "msgtype": "text", "text": {"content": "还"}})
    address = f"{account.base}/message/custom/send"
    answer = requests.post(address, params={"access_token": account.token}, data=body, timeout=60)
    assert answer.json()["errcode"] == 40033


def test_uploaded_picture_can_be_sent_and_fetched_for_three_days(account: Account, follower: Phone) -> None:
    parameters = {"access_token": account.token, "type": "image"}
    files = {"media": ("账单.png", b"\x89PNG", "image/png")}
    kept = requests.post(f"{account.base}/media/upload", params=parameters, files=files, timeout=60).json()
    picture = {"touser": follower.subject, "msgtype": "image", "image": {"media_id": kept["media_id"]}}
    assert account.call("message/custom/send", picture)["errcode"] == 0
    wish = {"access_token": account.token, "media_id": kept["media_id"]}
    assert requests.get(f"{account.base}/media/get", params=wish, timeout=60).content == b"\x89PNG"
    follower.simulator.control("skip", seconds=3 * 24 * 3600)
    wish["access_token"] = account.stable_token()["access_token"]
    assert requests.get(f"{account.base}/media/get", params=wish, timeout=60).json()["errcode"] == 40007


def template(phone: Phone, **changes: Any) -> Dict[str, Any]:
    data = {"thing1": {"value": "4417"}, "amount2": {"value": "¥12.30"}, "thing3": {"value": "11月25日"}}
    whole = {"touser": phone.subject, "template_id": "simulated-payment-due", "data": data, "client_msg_id": "k"}
    return {**whole, **changes}


def test_template_message_comes_outside_the_quota_and_its_result_is_told(
    simulator: Simulator, account: Account, follower: Phone, webhook: WebhookStub
) -> None:
    simulator.control("skip", seconds=50 * 3600)
    account.token = str(account.stable_token()["access_token"])
    answers = [account.call("message/template/send", template(follower)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert [entry["kind"] for entry in follower.received()] == ["template"]
    (told,) = messages(simulator, webhook, 1)
    assert told["Event"] == "TEMPLATESENDJOBFINISH"
    assert (told["MsgID"], told["Status"]) == (str(answers[0]["msgid"]), "success")
    follower.do("reject")
    webhook.clear()
    account.call("message/template/send", template(follower, client_msg_id="another"))
    (told,) = messages(simulator, webhook, 1)
    assert told["Status"] == "failed:user block"
    assert len(follower.received()) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "another"}, 40037),
        ({"data": {}}, 47003),
        ({"data": {"thing1": {"value": "x" * 21}, "amount2": {"value": "1"}, "thing3": {"value": "x"}}}, 47003),
        ({"data": {"thing1": {"value": "x"}, "amount2": {"value": "1,000.00"}, "thing3": {"value": "x"}}}, 47003),
    ],
)
def test_template_message_that_does_not_fit_is_refused(
    account: Account, follower: Phone, changes: Dict[str, Any], code: int
) -> None:
    assert account.call("message/template/send", template(follower, **changes))["errcode"] == code
    assert follower.received() == []


def test_who_left_gets_no_template_message(account: Account, follower: Phone) -> None:
    follower.do("unfollow")
    assert account.call("message/template/send", template(follower))["errcode"] == 43004


def test_unknown_customers_and_those_who_left_get_nothing(account: Account, follower: Phone) -> None:
    body = {"touser": "oNobody", "msgtype": "text", "text": {"content": "在"}}
    assert account.call("message/custom/send", body)["errcode"] == 40003
    follower.do("unfollow")
    assert account.text(follower, "在") == 45015


def test_stable_token_stays_the_same_and_the_forced_one_ends_it(simulator: Simulator, account: Account) -> None:
    again = account.stable_token()
    assert again["access_token"] == account.token
    assert 0 < again["expires_in"] <= 7200
    forced = account.stable_token(force_refresh=True)["access_token"]
    assert forced != account.token
    assert account.call("menu/get")["errcode"] == 40001
    assert account.stable_token(force_refresh=True)["access_token"] == forced  # too soon after the last
    account.token = forced
    simulator.control("tokens/wechat/expire")
    assert account.call("menu/get")["errcode"] == 42001
    assert account.call("menu/get", token="nonsense")["errcode"] == 40014
    assert account.call("menu/get", token="")["errcode"] == 41001
    assert account.stable_token(secret="wrong")["errcode"] == 40125


def test_old_token_works_five_minutes_beside_the_new_one(simulator: Simulator, account: Account) -> None:
    simulator.control("skip", seconds=7200)
    old = account.stable_token()["access_token"]
    simulator.control("skip", seconds=7200 - 200)
    new = account.stable_token()["access_token"]
    assert new != old
    for token in (old, new):
        assert account.call("menu/get", token=token).get("errcode", 0) in (0, 46003)


def test_typing_is_shown_once_until_a_message_comes(account: Account, follower: Phone) -> None:
    wish = {"touser": follower.subject, "command": "Typing"}
    follower.do("write", text="在吗")
    assert account.call("message/custom/typing", wish)["errcode"] == 0
    assert follower.view()["typing"] is True
    assert account.call("message/custom/typing", wish)["errcode"] == 45081
    account.text(follower, "在")
    assert follower.view()["typing"] is False
    follower.simulator.control("skip", seconds=31)
    assert account.call("message/custom/typing", wish)["errcode"] == 45080


def test_menu_that_the_platform_would_refuse_is_refused(account: Account) -> None:
    def create(*buttons: Dict[str, Any]) -> int:
        return int(account.call("menu/create", {"button": list(buttons)})["errcode"])

    entry = {"type": "click", "name": "还款", "key": "pay"}
    assert create(entry, entry, entry, entry) == 40016
    assert create({**entry, "name": "六个汉字太长"}) == 40018
    assert create({"name": "账单", "sub_button": [entry] * 6}) == 40023
    assert create({**entry, "type": "dance"}) == 40017
    assert create({"name": "账单", "sub_button": [entry]}) == 0
    assert account.call("menu/get")["menu"]["button"][0]["sub_button"][0]["key"] == "pay"
    assert account.call("menu/delete")["errcode"] == 0
    assert account.call("menu/get")["errcode"] == 46003


def test_message_that_is_not_acknowledged_is_delivered_three_times(
    simulator: Simulator, webhook: WebhookStub, follower: Phone
) -> None:
    simulator.control("delivery", answer_seconds=0.3)
    webhook.answers += [(500, ""), (200, "<xml>not what was asked</xml>"), (503, "")]
    follower.do("write", text="在吗")
    tries = messages(simulator, webhook, 3)
    assert len({fields["MsgId"] for fields in tries}) == 1
    follower.do("write", text="有人吗")
    assert messages(simulator, webhook, 4)[3]["Content"] == "有人吗"


def test_messages_are_doubled_or_held_and_turned_around_when_a_test_wishes(
    simulator: Simulator, webhook: WebhookStub, follower: Phone
) -> None:
    simulator.control("delivery", copies=2)
    follower.do("write", text="一")
    assert len({fields["MsgId"] for fields in messages(simulator, webhook, 2)}) == 1
    simulator.control("delivery", copies=1, hold=True)
    webhook.clear()
    follower.do("write", text="二")
    follower.do("write", text="三")
    assert simulator.state()["held"] == 2
    simulator.control("delivery", release="backwards")
    assert {fields["Content"] for fields in messages(simulator, webhook, 2)} == {"二", "三"}


def test_faults_meet_the_next_calls_only(simulator: Simulator, account: Account, follower: Phone) -> None:
    path = "/cgi-bin/message/custom/send"
    follower.do("write", text="在吗")
    simulator.fault("wechat", path, "errcode", errcode=-1)
    assert account.text(follower, "一") == -1
    assert account.text(follower, "二") == 0
    simulator.fault("wechat", path, "status", status=500, after=True)
    body = {"touser": follower.subject, "msgtype": "text", "text": {"content": "三"}}
    content = json.dumps(body, ensure_ascii=False).encode()
    answer = requests.post(
        f"{account.base}/message/custom/send", params={"access_token": account.token}, data=content, timeout=60
    )
    assert answer.status_code == 500
    assert [entry["text"] for entry in follower.received()] == ["二", "三"]  # the answer was lost, not the message


def test_webhook_is_checked_with_a_signed_echo(simulator: Simulator, webhook: WebhookStub) -> None:
    assert simulator.webhooks()["wechat"] is True
    original = webhook.echo
    webhook.echo = lambda _: "something else"
    assert simulator.webhooks()["wechat"] is False
    webhook.echo = original
