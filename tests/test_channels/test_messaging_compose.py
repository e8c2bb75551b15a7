"""One turn as few messages as a service takes, and none of it lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages import Message, answer
from channels.messaging.cards import blocks
from channels.messaging.compose import MOST_PARTS, Composed, compose, cut, fit
from channels.messaging.inbox import Kept
from channels.messaging.reading import TOO_EARLY, Entry, Pressable, Reading, read
from tests.browser import script
from tests.test_channels.messaging import LIMITS


def message(text: str = "", **parts: Any) -> Message:
    shaped = answer({"text": text, "timestamp": 1.0, **parts})
    assert shaped is not None
    return shaped


def button(title: str, payload: str = "", **more: Any) -> Dict[str, Any]:
    return {"title": title, "payload": payload or f"/{title}", **more}


def texts(composed: Composed) -> List[str]:
    return [sendable.text for sendable in composed.sendables]


def test_everything_said_in_a_turn_is_one_message_with_its_buttons_at_the_end() -> None:
    said = [message("一。", buttons=[button("A"), button("B")]), message("二。", buttons=[button("C"), button("A")])]
    composed = compose(said, "key", LIMITS)
    (sendable,) = composed.sendables
    assert sendable.text == "一。\n\n二。"
    assert [choice.title for choice in sendable.choices] == ["A", "B", "C"]
    assert [each.payload for each in composed.offered] == ["/A", "/B", "/C"]
    assert len({choice.id for choice in sendable.choices}) == 3


def test_turn_without_a_word_is_no_message() -> None:
    assert compose([], "key", LIMITS) == Composed((), ())


def test_card_is_text_that_says_what_the_card_shows() -> None:
    card = {
        "title": "全部费用",
        "subtitle": "尾号 1234",
        "figure": {"label": "每期", "value": "¥1,040.77", "note": "首期 12月15日"},
        "rows": [{"label": "总利息", "value": "¥12.00"}, {"label": "Rate", "value": "6 %", "note": "a year"}],
        "table": {"caption": "费用", "columns": [{"label": "项目"}, {"label": "金额"}], "rows": [["手续费", "¥1.00"]]},
        "options": [
            {"title": "分期", "value": "最多 24 期", "badge": "推荐", "rows": [{"label": "每期", "value": "¥2"}]}
        ],
        "details": [{"summary": "还款计划", "rows": [{"label": "第1期", "value": "¥3"}]}],
        "note": "到今天有效。",
    }
    (text,) = texts(compose([message("请看。", custom={"card": card})], "key", LIMITS))
    assert text == (
        "请看。\n\n【全部费用】\n尾号 1234\n每期：¥1,040.77（首期 12月15日）\n\n总利息：¥12.00\nRate: 6 % (a year)\n\n"
        "▪ 费用\n项目 | 金额\n手续费 | ¥1.00\n\n"
        "▪ 分期：最多 24 期 [推荐]\n每期：¥2\n\n▪ 还款计划\n第1期：¥3\n\n到今天有效。"
    )


def test_every_answer_of_the_web_chat_has_its_figures_here_too() -> None:
    for language in ("zh", "en"):
        says = script._ENGLISH if language == "en" else script._CHINESE
        for said in says.values():
            shaped = [answer({"timestamp": 1.0, **each}) for each in said]
            composed = compose([each for each in shaped if each], "key", LIMITS)
            assert all(len(text.encode()) <= LIMITS.text_bytes for text in texts(composed))
            whole = "\n".join(texts(composed))
            for each in said:
                for row in ((each.get("custom") or {}).get("card") or {}).get("rows") or []:
                    assert str(row["value"]) in whole


def test_agents_name_stands_before_what_they_wrote() -> None:
    assert texts(compose([message("您好", agent={"id": 7, "name": "林"})], "key", LIMITS)) == ["【林】您好"]


def test_long_text_is_cut_after_a_sentence_and_buttons_come_with_the_last_part() -> None:
    limits = replace(LIMITS, text_bytes=60, menu_bytes=60)
    sentence = "这是一个完整的句子。"  # 30 bytes
    composed = compose([message(sentence * 5, buttons=[button("A")])], "key", limits)
    assert texts(composed) == [sentence * 2, sentence * 2, sentence]
    assert [len(sendable.choices) for sendable in composed.sendables] == [0, 0, 1]
    assert len({sendable.key for sendable in composed.sendables}) == 3


def test_what_would_take_too_many_messages_leaves_out_what_the_web_folds_away_and_says_where_it_is() -> None:
    schedule = [[f"{n}", "12月15日", "¥1,033.33", "¥1,040.77"] for n in range(1, 400)]
    card = {
        "title": "全部费用",
        "rows": [{"label": "总利息", "value": "¥12.00"}],
        "details": [{"summary": "计划", "table": {"columns": [], "rows": schedule}}],
    }
    composed = compose([message("请看。", custom={"card": card})], "key", LIMITS, more="在这里看全部")
    assert composed.shortened
    assert texts(composed) == ["请看。\n\n【全部费用】\n\n总利息：¥12.00\n\n在这里看全部"]


@given(
    st.lists(st.text(alphabet="还款ab 。.！\n12", min_size=1, max_size=300), max_size=6),
    st.integers(min_value=12, max_value=400),
)
def test_parts_fit_and_hold_all_that_was_said(paragraphs: List[str], limit: int) -> None:
    parts = fit(paragraphs, limit)
    assert all(0 < len(part.encode()) <= limit or not part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join("".join(paragraphs).split())


def test_few_short_parts_are_not_scattered_over_many_messages() -> None:
    assert len(fit(["一二三四五。"] * 30, 200)) <= 4
    assert LIMITS.messages > MOST_PARTS


def test_buttons_for_which_there_is_no_room_are_listed_with_a_number_to_answer_with() -> None:
    limits = replace(LIMITS, choices=2)
    composed = compose([message("选？", buttons=[button(title) for title in "甲乙丙丁"])], "key", limits)
    (sendable,) = composed.sendables
    assert [choice.title for choice in sendable.choices] == ["甲", "乙"]
    assert sendable.text == "选？\n\n1. 丙\n2. 丁"
    assert [each.mark for each in composed.offered] == [None, None, "1", "2"]


def test_listed_buttons_that_name_numbers_have_letters() -> None:
    composed = compose([message("几期？", buttons=[button("3期"), button("6期")])], "key", replace(LIMITS, choices=0))
    assert texts(composed) == ["几期？\n\nA. 3期\nB. 6期"]


@pytest.mark.parametrize(("text", "limit", "short"), [("分期还款", 12, "分期还款"), ("分期还款", 11, "分期…")])
def test_title_is_cut_between_characters(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


def kept(text: str, kind: str = "text", at: float = 100.0) -> Kept:
    return Kept(1, "m1", kind, text, None, {}, at, None, 0)


PRESSABLES = [
    Pressable("k2-0", "k2", "申请分期", "/request_instalment", None, 0.0),
    Pressable("k2-1", "k2", "确认", '/affirm{"offer": "1"}', "1", 110.0),
    Pressable("k1-0", "k1", "旧按钮", "/old", None, 0.0),
]


def meant(message: Kept) -> Reading:
    found = read(message, PRESSABLES, {"BILL": Entry("/ask_amount_due", "我的账单")}.get)
    assert found is not None
    return found


@pytest.mark.parametrize("typed", ["申请分期", " 申请分期。", "“申请分期”"])
def test_typed_title_of_a_button_presses_it(typed: str) -> None:
    incoming = meant(kept(typed)).incoming
    assert (incoming.text, incoming.title) == ("/request_instalment", "申请分期")


@pytest.mark.parametrize("typed", ["1", "1.", "１"])
def test_typed_mark_of_a_listed_button_presses_it(typed: str) -> None:
    assert meant(kept(typed, at=120.0)).incoming.title == "确认"


@pytest.mark.parametrize("typed", ["2", "旧按钮", "/request_instalment", "我想申请分期"])
def test_anything_else_that_is_typed_is_a_sentence(typed: str) -> None:
    assert meant(kept(typed)).incoming.title is None
    assert meant(kept(typed)).incoming.text == typed


def test_pressed_button_is_found_by_its_id_however_old() -> None:
    assert meant(kept("k1-0", "choice")).incoming.text == "/old"
    assert meant(kept("k9-0", "choice")).response == "utter_messaging_unreadable"


def test_button_that_has_to_be_read_first_says_so_if_it_is_pressed_before() -> None:
    assert meant(kept("k2-1", "choice", at=109.0)).response == TOO_EARLY
    assert meant(kept("确认", at=109.0)).response == TOO_EARLY
    assert meant(kept("k2-1", "choice", at=110.0)).response is None


def test_entry_of_the_menu_says_what_is_behind_it() -> None:
    assert meant(kept("BILL", "menu")).incoming.text == "/ask_amount_due"
    assert meant(kept("GONE", "menu")).response == "utter_messaging_unreadable"


@pytest.mark.parametrize("kind", ["voice", "image", "video", "file", "location", "link", "unknown"])
def test_what_cannot_be_read_has_an_answer_of_its_own_and_a_word_for_the_transcript(kind: str) -> None:
    found = meant(kept("", kind))
    assert found.response
    assert found.response.startswith("utter_messaging_")
    assert found.label == f"utter_label_messaging_{kind}"


def test_what_tells_of_our_own_messages_is_not_answered() -> None:
    assert [read(kept("x", kind), [], lambda _: None) for kind in ("delivered", "failed", "left")] == [None] * 3


def test_link_that_a_customer_sends_is_read_as_words_only_if_it_has_some() -> None:
    assert meant(kept("看看这个", "voice")).incoming.text == "看看这个"


def test_row_of_a_table_that_is_wider_than_a_phone_goes_on_in_the_next_line() -> None:
    columns = [{"label": label} for label in ("期数", "日期", "本金", "利息", "合计")]
    table = {"columns": columns, "rows": [["12", "2027年11月18日", "¥625.00", "¥45.00", "¥670.00"]]}
    (block,) = blocks({"table": table})
    assert block.splitlines() == [
        "期数 | 日期 | 本金 | 利息",
        "\u3000合计",
        "12 | 2027年11月18日",
        "\u3000¥625.00 | ¥45.00 | ¥670.00",
    ]
