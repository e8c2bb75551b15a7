"""Responses filled in: values, lists, conditions, labels, languages."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.nlg import BilingualResponses, said_twice


def both(chinese: Dict[str, Any], english: Dict[str, Any]) -> List[Dict[str, Any]]:
    condition = [{"type": "slot", "name": "language"}]
    return [
        {"condition": [{**condition[0], "value": "zh"}], **chinese},
        {"condition": [{**condition[0], "value": "en"}], **english},
    ]


DOMAIN = Domain.from_dict(
    {
        "intents": ["greet"],
        "slots": {
            "language": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]},
            "place": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]},
        },
        "responses": {
            "utter_owed": both({"text": "要还 {owed}"}, {"text": "You owe {owed}"}),
            "utter_where": both({"text": "在{place}"}, {"text": "In {place}"}),
            "utter_state": both({"text": "状态：{state}"}, {"text": "State: {state}"}),
            "utter_label_state_open": both({"text": "处理中，到 {until}"}, {"text": "open until {until}"}),
            "utter_braces": both({"text": '{"a": 1} {Name} {owed'}, {"text": "-"}),
            "utter_card": both(
                {
                    "text": "看看",
                    "buttons": [{"title": "总是", "payload": "/always"}],
                    "custom": {
                        "card": {
                            "rows": [
                                {"when": "fee", "label": "费用", "value": "{fee}"},
                                {"label": "合计", "value": "{total}"},
                                {"each": "items", "item": {"label": "{name}", "value": "{cost}", "note": "{total}"}},
                            ],
                            "table": {"rows": [{"each": "items", "item": ["{name}", "{cost}"]}]},
                        },
                        "buttons": [
                            {"each": "items", "item": {"title": "{name}", "payload": '/pick{"name": "{name}"}'}},
                            {"when": "fee", "title": "减免", "payload": "/waive"},
                        ],
                    },
                },
                {"text": "Look"},
            ),
            "utter_perhaps": both(
                {
                    "text": "-",
                    "custom": {
                        "card": {
                            "rows": [{"when": "fee", "label": "费用", "value": "{fee}"}],
                            "table": {"columns": [], "rows": [{"each": "items", "item": ["{name}"]}]},
                        }
                    },
                },
                {"text": "-"},
            ),
            "utter_only_buttons": both({"custom": {"buttons": [{"title": "好", "payload": "/y"}]}}, {"text": "-"}),
        },
    }
)


@pytest.fixture
def responses() -> BilingualResponses:
    return BilingualResponses(None, DOMAIN)


def rendered(responses: BilingualResponses, name: str, language: str = "zh", **values: Any) -> Dict[str, Any]:
    message = responses.render(name, "", {**values, "language": language})
    assert message is not None
    return message


def test_a_typed_value_is_formatted_by_language(responses: BilingualResponses) -> None:
    owed = {"money": "1234.5"}
    assert rendered(responses, "utter_owed", owed=owed)["text"] == "要还 ¥1,234.50"
    assert rendered(responses, "utter_owed", "en", owed=owed)["text"] == "You owe ¥1,234.50"


def test_a_plain_value_is_shown_as_it_is_even_with_braces(responses: BilingualResponses) -> None:
    assert rendered(responses, "utter_owed", owed="{total}", total="9")["text"] == "要还 {total}"


def test_a_label_is_the_customers_word_and_may_hold_values(responses: BilingualResponses) -> None:
    values: Dict[str, Any] = {"state": {"label": "state_open"}, "until": "8"}
    assert rendered(responses, "utter_state", **values)["text"] == "状态：处理中，到 8"
    assert rendered(responses, "utter_state", "en", **values)["text"] == "State: open until 8"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("utter_owed", {}),
        ("utter_owed", {"owed": None}),
        ("utter_owed", {"owed": {"money": None}}),
        ("utter_owed", {"owed": {"unknown": "1"}}),
        ("utter_state", {"state": {"label": "state_lost"}}),
    ],
)
def test_a_value_that_is_missing_shows_a_dash_and_is_logged(
    responses: BilingualResponses, name: str, values: Dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert rendered(responses, name, **values)["text"].endswith("—")
    assert caplog.records


def test_braces_that_are_no_values_stay(responses: BilingualResponses) -> None:
    assert rendered(responses, "utter_braces", owed="1")["text"] == '{"a": 1} {Name} {owed'


def test_lists_repeat_for_each_member_and_leave_out_what_is_empty(responses: BilingualResponses) -> None:
    items = [{"name": "甲", "cost": {"money": "1"}}, {"name": "乙", "cost": {"money": "2"}}]
    message = rendered(responses, "utter_card", items=items, total="3", fee=None)
    assert message["custom"]["card"]["rows"] == [
        {"label": "合计", "value": "3"},
        {"label": "甲", "value": "¥1.00", "note": "3"},
        {"label": "乙", "value": "¥2.00", "note": "3"},
    ]
    assert message["custom"]["card"]["table"]["rows"] == [["甲", "¥1.00"], ["乙", "¥2.00"]]


def test_a_list_of_which_nothing_is_left_is_left_out_but_a_table_keeps_its_shape(
    responses: BilingualResponses,
) -> None:
    card = rendered(responses, "utter_perhaps", fee=None, items=[])["custom"]["card"]
    assert card == {"table": {"columns": [], "rows": []}}
    assert rendered(responses, "utter_perhaps", fee="1", items=[])["custom"]["card"]["rows"]


def test_dynamic_buttons_follow_the_fixed_ones(responses: BilingualResponses) -> None:
    message = rendered(responses, "utter_card", items=[{"name": "甲", "cost": "1"}], total="1", fee="2")
    assert message["buttons"] == [
        {"title": "总是", "payload": "/always"},
        {"title": "甲", "payload": '/pick{"name": "甲"}'},
        {"title": "减免", "payload": "/waive"},
    ]
    assert "buttons" not in message["custom"]


def test_a_message_of_buttons_alone_has_no_empty_rest(responses: BilingualResponses) -> None:
    assert "custom" not in rendered(responses, "utter_only_buttons")


def test_rendering_leaves_the_domain_as_it_was(responses: BilingualResponses) -> None:
    values: Dict[str, Any] = {"items": [{"name": "甲", "cost": "1"}], "total": "1", "fee": None}
    assert rendered(responses, "utter_card", **values) == rendered(responses, "utter_card", **values)


def test_an_unknown_response_is_none(responses: BilingualResponses) -> None:
    assert responses.render("utter_lost", "", {"language": "zh"}) is None


@pytest.mark.parametrize(("written", "text"), [("zh", "在家"), ("en", "In 家"), (None, "在家")])
async def test_the_customers_language_and_slots_are_used(
    responses: BilingualResponses, written: Optional[str], text: str
) -> None:
    tracker = DialogueStateTracker("x", DOMAIN.slots)
    tracker.slots["place"].value = "家"
    # The slot says Chinese; what the customer wrote last counts.
    tracker.slots["language"].value = "zh"
    tracker.update(UserUttered("…", parse_data={"language": written} if written else {}))
    message = await responses.generate("utter_where", tracker, "webchat")
    assert message is not None
    assert message["text"] == text


async def test_what_the_action_says_comes_before_the_slot(responses: BilingualResponses) -> None:
    tracker = DialogueStateTracker("x", DOMAIN.slots)
    tracker.slots["place"].value = "家"
    message = await responses.generate("utter_where", tracker, "webchat", place="银行")
    assert message is not None
    assert message["text"] == "在银行"


def payloads(message: Dict[str, Any]) -> List[str]:
    return [button["payload"] for button in message["buttons"]]


ITEMS = [{"name": "甲", "cost": "1"}]


def test_buttons_for_what_the_bank_does_not_offer_are_left_out(responses: BilingualResponses) -> None:
    values = {"fee": "9", "total": "9", "items": ITEMS, "language": "zh"}
    everything = responses.render("utter_card", "", values)
    some = responses.render("utter_card", "", {**values, "not_offered": ["pick", "nothing_of_ours"]})
    assert everything
    assert some
    assert payloads(everything) == ["/always", '/pick{"name": "甲"}', "/waive"]
    assert payloads(some) == ["/always", "/waive"]


async def test_responses_without_an_action_go_by_what_the_latest_action_knew(responses: BilingualResponses) -> None:
    tracker = DialogueStateTracker("c", DOMAIN.slots)
    values: Dict[str, Any] = {"fee": "9", "total": "9", "items": ITEMS}

    async def shown(**more: Any) -> List[str]:
        message = await responses.generate("utter_card", tracker, "", **{**values, **more})
        assert message
        return payloads(message)

    assert "/waive" in await shown()
    assert "/waive" not in await shown(not_offered=["waive"])
    assert "/waive" not in await shown()
    assert "/waive" in await shown(not_offered=[])
    assert "/waive" in await shown()


def turn(*answers: str) -> List[Event]:
    return [UserUttered("…"), *map(BotUttered, answers)]


def test_the_third_answer_in_a_row_that_is_the_same_is_noticed() -> None:
    question = {"text": "分几期？"}
    assert said_twice(question, [*turn("分几期？"), *turn("分几期？"), UserUttered("…")])
    assert not said_twice(question, [*turn("分几期？"), *turn("别的"), UserUttered("…")])


def test_a_request_that_asks_on_after_another_answer_does_not_repeat_itself() -> None:
    before = [*turn("征信是…", "分几期？"), *turn("利息是…", "分几期？")]
    assert not said_twice({"text": "分几期？"}, [*before, *turn("宽限是…")])
