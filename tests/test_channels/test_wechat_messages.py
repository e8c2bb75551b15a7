"""What a follower sent, out of what WeChat's servers post."""

from __future__ import annotations

from typing import Dict

import pytest

from channels.messaging.fields import Garbage, read
from channels.messaging.platform import KINDS, Address, Received
from channels.wechat.messages import received

APP_ID = "wx1234567890abcdef"
OPENID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
HEAD: Dict[str, str] = {"ToUserName": "gh_97417a04a28d", "FromUserName": OPENID, "CreateTime": "1790000000"}
NUMBER = {"MsgId": "22876340532172986"}


def parsed(**fields: str) -> Received:
    found = received({**HEAD, **fields}, APP_ID)
    assert found is not None
    assert found.kind in KINDS
    assert len(found.key) <= 128
    return found


def message(**fields: str) -> Received:
    return parsed(**{**NUMBER, **fields})


def test_words_are_told_with_who_wrote_them_and_when() -> None:
    found = message(MsgType="text", Content="我逾期了怎么办")
    assert found.address == Address("wechat", APP_ID, OPENID)
    assert (found.key, found.sent_at, found.kind, found.text) == (
        NUMBER["MsgId"],
        1790000000.0,
        "text",
        "我逾期了怎么办",
    )


def test_xml_as_wechat_posts_it_is_read() -> None:
    posted = f"""<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>
    <CreateTime>1790000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[这期还多少 <急>]]></Content>
    <MsgId>1234567890123456</MsgId></xml>"""
    found = received(read(posted.encode()), APP_ID)
    assert found is not None
    assert (found.text, found.key) == ("这期还多少 <急>", "1234567890123456")


def test_recognised_voice_is_words_and_others_stay_a_voice() -> None:
    heard = message(MsgType="voice", MediaId="m1", Format="amr", Recognition="我想分期")
    assert (heard.kind, heard.text, heard.media_id) == ("text", "我想分期", "m1")
    unheard = message(MsgType="voice", MediaId="m1", Format="amr")
    assert (unheard.kind, unheard.text, unheard.media_id) == ("voice", "", "m1")


def test_pressed_button_is_told_by_its_id() -> None:
    found = message(MsgType="text", Content="满意", bizmsgmenuid="101")
    assert (found.kind, found.text, found.extra) == ("choice", "101", {"title": "满意"})


def test_press_on_a_button_opens_the_short_window_only_and_words_the_long_one() -> None:
    assert message(MsgType="text", Content="满意", bizmsgmenuid="101").brief
    assert not message(MsgType="text", Content="满意").brief


@pytest.mark.parametrize(
    ("kind", "fields", "extra"),
    [
        ("image", {"MediaId": "m", "PicUrl": "http://p"}, {"url": "http://p"}),
        ("video", {"MediaId": "m", "ThumbMediaId": "t"}, {}),
        ("shortvideo", {"MediaId": "m", "ThumbMediaId": "t"}, {}),
        (
            "location",
            {"Location_X": "23.1", "Location_Y": "113.3", "Scale": "20", "Label": "广州"},
            {"label": "广州", "latitude": "23.1", "longitude": "113.3"},
        ),
        ("link", {"Title": "账单", "Description": "", "Url": "http://u"}, {"title": "账单", "url": "http://u"}),
    ],
)
def test_content_that_is_no_words_keeps_what_it_says(kind: str, fields: Dict[str, str], extra: Dict[str, str]) -> None:
    found = message(MsgType=kind, **fields)
    assert found.kind == ("video" if "video" in kind else kind)
    assert found.extra == extra
    assert found.media_id == fields.get("MediaId")


def test_message_of_a_type_to_come_is_unknown_and_no_error() -> None:
    assert message(MsgType="hologram", Light="on").kind == "unknown"


@pytest.mark.parametrize(
    ("event", "key", "kind", "text", "extra"),
    [
        ("subscribe", "", "followed", "", {}),
        ("subscribe", "qrscene_branch", "followed", "", {"scene": "branch"}),
        ("unsubscribe", "", "left", "", {}),
        ("SCAN", "branch", "entered", "", {"scene": "branch"}),
        ("CLICK", "我这期账单要还多少", "menu", "我这期账单要还多少", {}),
    ],
)
def test_events_that_matter(event: str, key: str, kind: str, text: str, extra: Dict[str, str]) -> None:
    found = parsed(MsgType="event", Event=event, EventKey=key)
    assert (found.kind, found.text, found.extra) == (kind, text, extra)


@pytest.mark.parametrize(
    ("status", "kind"), [("success", "delivered"), ("failed:user block", "failed"), ("failed: system failed", "failed")]
)
def test_result_of_a_template_message(status: str, kind: str) -> None:
    found = parsed(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="200163836", Status=status)
    assert (found.kind, found.text, found.extra) == (kind, "200163836", {"status": status})


@pytest.mark.parametrize(
    "event",
    ["VIEW", "LOCATION", "kf_create_session", "kf_close_session", "kf_switch_session", "debug_demo", "new_event", ""],
)
def test_events_that_ask_for_nothing_are_left(event: str) -> None:
    assert received({**HEAD, "MsgType": "event", "Event": event}, APP_ID) is None


def test_same_event_again_has_the_same_key_and_another_has_not() -> None:
    pressed = {"MsgType": "event", "Event": "CLICK", "EventKey": "a"}
    keys = [parsed(**{**pressed, **change}).key for change in ({}, {}, {"EventKey": "b"}, {"CreateTime": "1790000001"})]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_message_without_a_number_is_told_apart_by_what_it_says() -> None:
    keys = [parsed(MsgType="text", Content=words).key for words in ("a", "a", "b")]
    assert keys[0] == keys[1] != keys[2]


def test_json_that_no_database_stores_is_left_out_of_the_words() -> None:
    posted = b'{"FromUserName":"o1","CreateTime":1,"MsgType":"text","MsgId":1,"Content":"a\\u0000b\\ud800c"}'
    found = received(read(posted), APP_ID)
    assert found is not None
    assert found.text == "abc"


@pytest.mark.parametrize("missing", ["FromUserName", "MsgType", "CreateTime"])
def test_what_is_nobodys_message_is_refused(missing: str) -> None:
    fields = {**HEAD, **NUMBER, "MsgType": "text", "Content": "secret"}
    with pytest.raises(Garbage) as refused:
        received({name: value for name, value in fields.items() if name != missing}, APP_ID)
    assert "secret" not in str(refused.value)
