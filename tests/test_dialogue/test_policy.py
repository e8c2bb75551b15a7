"""What comes next while a form asks: who gets the message, and when the form comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph

from dialogue.policy import InterruptibleForms

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask_fee, ask_two, start, start_other, answer, promise, wait, stop, tell, unknown]
entities: [date, card, danger, insult, order, sum]
slots:
  date: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  which: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  came_back: {type: bool, influence_conversation: false, mappings: [{type: custom}]}
actions:
- action_fee
- action_second
- action_stop
- action_lost
- action_elsewhere
- action_help
- action_calm
- action_remind
forms:
  a_form: {required_slots: [which, date]}
  b_form: {required_slots: [date]}
responses:
  utter_wait: [{text: wait}]
  utter_promise: [{text: promise}]
  utter_tell: [{text: tell}]
  utter_nothing: [{text: nothing}]
"""
)
RULES = """
version: "3.1"
rules:
- rule: fee
  steps: [{intent: ask_fee}, {action: action_fee}]
- rule: two
  steps: [{intent: ask_two}, {action: action_fee}, {action: action_second}]
- rule: start
  steps: [{intent: start}, {action: a_form}, {active_loop: a_form}]
- rule: start other
  steps: [{intent: start_other}, {action: b_form}, {active_loop: b_form}]
- rule: answer
  steps: [{intent: answer}, {action: utter_nothing}]
- rule: promise
  steps: [{intent: promise}, {action: utter_promise}]
- rule: tell
  steps: [{intent: tell}, {action: utter_tell}]
- rule: wait
  steps: [{intent: wait}, {action: utter_wait}]
- rule: stop
  steps: [{intent: stop}, {action: action_stop}]
"""
CONFIG = {
    "core_fallback_action_name": "action_lost",
    "answers": ["answer"],
    "answers_with_entity": ["promise"],
    "entities_of_form": {"a_form": ["card", "date", "sum"], "b_form": ["date", "order"]},
    "answers_with_entity_to": {"b_form": ["ask_fee"]},
    "answers_by_slot": {"date": ["tell"]},
    "quiet": ["wait"],
    "afterwards": {"came_back": "action_remind"},
    "demands": {
        "danger": {"action": "action_help"},
        "insult": {"action": "action_calm", "intents": ["unknown"], "yields_to": "sum"},
        "order": {"action": "b_form", "intents": ["ask_fee"]},
        "sum": {"action": "action_elsewhere"},
    },
}


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> InterruptibleForms:
    made = InterruptibleForms.create(
        {**InterruptibleForms.get_default_config(), **CONFIG},
        LocalModelStorage(Path(tmp_path_factory.mktemp("model"))),
        Resource("policy"),
        ExecutionContext(GraphSchema({})),
    )
    assert isinstance(made, InterruptibleForms)
    steps = YAMLStoryReader().read_from_string(RULES)
    made.train(TrainingDataGenerator(StoryGraph(steps), DOMAIN).generate(), DOMAIN)
    return made


class Talk:
    """A conversation that runs what the policy decides, without the actions themselves."""

    def __init__(self, policy: InterruptibleForms) -> None:
        self._policy = policy
        self.tracker = DialogueStateTracker("x", DOMAIN.slots)
        self.tracker.update(ActionExecuted("action_listen"), DOMAIN)
        self.effects: Dict[str, List[Event]] = {"action_stop": [ActiveLoop(None)]}

    def __call__(self, intent: str, *entities: str, text: str = "some words 15") -> List[str]:
        """The actions that follow a message; its entities stand where its digits do."""
        start, end = text.find("15"), text.find("15") + 2
        found = [{"entity": name, "value": "x", "start": start, "end": end} for name in entities]
        self.tracker.update(UserUttered(text, {"name": intent, "confidence": 1.0}, found), DOMAIN)
        taken: List[str] = []
        while not taken or taken[-1] != "action_listen":
            assert len(taken) < 6, taken
            taken.append(self._step())
        return taken[:-1]

    def asked(self, slot: str) -> Talk:
        self.tracker.update(SlotSet("requested_slot", slot), DOMAIN)
        return self

    def _step(self) -> str:
        prediction = self._policy.predict_action_probabilities(self.tracker, DOMAIN)
        action: str = DOMAIN.action_names_or_texts[int(np.argmax(prediction.probabilities))]
        self.tracker.update_with_events(prediction.events, DOMAIN)
        self.tracker.update(ActionExecuted(action), DOMAIN)
        if action in DOMAIN.form_names and self.tracker.active_loop_name != action:
            self.tracker.update(ActiveLoop(action), DOMAIN)
        self.tracker.update_with_events(self.effects.get(action, []), DOMAIN)
        return action


@pytest.fixture
def talk(policy: InterruptibleForms) -> Talk:
    return Talk(policy)


@pytest.fixture
def in_form(talk: Talk) -> Talk:
    assert talk("start") == ["a_form"]
    return talk.asked("date")


def test_outside_a_form_rules_decide(talk: Talk) -> None:
    assert talk("ask_fee") == ["action_fee"]
    assert talk("answer") == ["utter_nothing"]


def test_an_answer_goes_to_the_form(in_form: Talk) -> None:
    assert in_form("answer") == ["a_form"]


def test_a_question_is_answered_then_the_form_asks_again(in_form: Talk) -> None:
    assert in_form("ask_fee") == ["action_fee", "a_form"]
    assert in_form("answer") == ["a_form"]


def test_a_question_is_answered_even_if_it_names_what_was_asked_for(in_form: Talk) -> None:
    assert in_form("ask_fee", "date") == ["action_fee", "a_form"]


def test_a_rule_of_several_actions_runs_to_its_end_first(in_form: Talk) -> None:
    assert in_form("ask_two") == ["action_fee", "action_second", "a_form"]


def test_questions_can_follow_each_other(in_form: Talk) -> None:
    for _ in range(3):
        assert in_form("ask_fee") == ["action_fee", "a_form"]


@pytest.mark.parametrize(
    ("asked", "entities", "taken"),
    [
        ("date", ["date"], ["a_form"]),
        ("date", [], ["utter_promise", "a_form"]),
        ("date", ["term"], ["utter_promise", "a_form"]),
        ("date", ["card"], ["a_form"]),
        ("which", ["date"], ["a_form"]),
        ("which", ["which"], ["utter_promise", "a_form"]),
    ],
)
def test_a_statement_is_an_answer_if_it_names_what_the_form_needs(
    in_form: Talk, asked: str, entities: List[str], taken: List[str]
) -> None:
    assert in_form.asked(asked)("promise", *entities) == taken


def test_a_bare_value_that_the_form_needs_is_an_answer_whatever_it_seems(in_form: Talk) -> None:
    assert in_form("ask_fee", "date", text="15!") == ["a_form"]
    assert in_form("ask_fee", "term", text="15!") == ["action_fee", "a_form"]
    assert in_form("ask_fee", "date", text="what on 15") == ["action_fee", "a_form"]


@pytest.mark.parametrize(("asked", "taken"), [("date", ["a_form"]), ("which", ["utter_tell", "a_form"])])
def test_some_statements_answer_some_questions(in_form: Talk, asked: str, taken: List[str]) -> None:
    assert in_form.asked(asked)("tell") == taken


def test_what_starts_the_form_is_an_answer_to_it(in_form: Talk) -> None:
    assert in_form("start") == ["a_form"]


def test_what_starts_another_form_leaves_this_one(in_form: Talk) -> None:
    assert in_form("start_other") == ["b_form"]
    assert in_form.tracker.active_loop_name == "b_form"
    assert in_form("answer") == ["b_form"]


def test_a_rule_that_ends_the_form_is_not_followed_by_it(in_form: Talk) -> None:
    assert in_form("stop") == ["action_stop"]
    assert in_form.tracker.active_loop_name is None
    assert in_form("answer") == ["utter_nothing"]


def test_a_message_without_a_rule_goes_to_the_form(in_form: Talk) -> None:
    assert in_form("unknown") == ["a_form"]


def test_after_a_quiet_message_the_form_waits_and_still_gets_the_answer(in_form: Talk) -> None:
    assert in_form("wait") == ["utter_wait"]
    assert in_form("answer") == ["a_form"]
    assert in_form("wait") == ["utter_wait"]
    assert in_form("ask_fee") == ["action_fee", "a_form"]


def test_a_form_that_ends_is_followed_by_the_customer(in_form: Talk) -> None:
    in_form.effects["a_form"] = [ActiveLoop(None)]
    assert in_form("answer") == ["a_form"]
    assert in_form.tracker.active_loop_name is None


def test_a_form_that_ends_as_it_starts_is_followed_by_the_customer(talk: Talk) -> None:
    talk.effects["a_form"] = [ActiveLoop(None)]
    assert talk("start") == ["a_form"]


def test_a_message_without_a_rule_is_not_understood_and_nothing_is_reverted(talk: Talk) -> None:
    assert talk("unknown") == ["action_lost"]
    assert talk("unknown") == ["action_lost"]


def test_an_action_that_no_rule_continues_is_followed_by_the_customer_or_the_form(
    policy: InterruptibleForms, talk: Talk
) -> None:
    def after_elsewhere(form: Optional[str]) -> str:
        talk = Talk(policy)
        events: List[Any] = [
            UserUttered("…", {"name": "ask_fee", "confidence": 1.0}),
            ActionExecuted("action_elsewhere"),
        ]
        talk.tracker.update_with_events([ActiveLoop(form), *events], DOMAIN)
        return talk._step()

    assert after_elsewhere(None) == "action_listen"
    assert after_elsewhere("a_form") == "a_form"


def test_an_entity_may_demand_an_action_whatever_the_message_is_for(talk: Talk) -> None:
    assert talk("ask_fee", "danger") == ["action_help"]
    assert talk("unknown", "card", "danger") == ["action_help"]
    assert talk("ask_fee") == ["action_fee"]


def test_what_demands_an_action_elsewhere_is_an_answer_to_the_form_that_takes_it(in_form: Talk) -> None:
    assert in_form("ask_fee", "sum") == ["a_form"]
    assert in_form("start_other", "sum") == ["a_form"]


def test_what_the_form_does_not_take_demands_its_action(talk: Talk) -> None:
    assert talk("ask_fee", "sum") == ["action_elsewhere"]
    talk("start_other")
    assert talk("answer", "sum") == ["action_elsewhere", "b_form"]


def test_a_demand_comes_before_the_form_and_before_what_starts_one(in_form: Talk) -> None:
    in_form.effects["action_help"] = [ActiveLoop(None)]
    assert in_form("answer", "date", "danger") == ["action_help"]
    assert in_form.tracker.active_loop_name is None
    assert in_form("start", "danger") == ["action_help"]
    assert in_form.tracker.active_loop_name is None


def test_a_demand_that_leaves_the_form_is_followed_by_it(in_form: Talk) -> None:
    assert in_form("answer", "danger") == ["action_help", "a_form"]
    assert in_form("answer") == ["a_form"]


def test_a_demand_may_hold_for_some_intents_only(talk: Talk) -> None:
    assert talk("unknown", "insult") == ["action_calm"]
    assert talk("ask_fee", "insult") == ["action_fee"]


def test_a_demand_may_yield_to_what_the_form_takes(in_form: Talk) -> None:
    assert in_form("unknown", "insult") == ["action_calm", "a_form"]
    assert in_form("unknown", "insult", "sum") == ["a_form"]


def test_without_the_form_nothing_is_yielded_to(talk: Talk) -> None:
    assert talk("unknown", "insult", "sum") == ["action_calm"]


def test_a_form_may_be_demanded_and_then_keeps_the_talk(talk: Talk) -> None:
    assert talk("ask_fee", "order") == ["b_form"]
    assert talk.tracker.active_loop_name == "b_form"
    assert talk("answer") == ["b_form"]


def test_a_demanded_form_leaves_the_other_one(in_form: Talk) -> None:
    assert in_form("ask_fee", "order") == ["b_form"]
    assert in_form.tracker.active_loop_name == "b_form"


def test_what_demands_the_active_form_is_an_answer_to_it(talk: Talk) -> None:
    talk("ask_fee", "order")
    assert talk("ask_fee", "order") == ["b_form"]


def test_the_demand_that_is_listed_first_comes_first_wherever_its_words_stand(talk: Talk) -> None:
    assert talk("ask_fee", "order", "danger") == ["action_help"]


def test_an_intent_may_be_an_answer_to_one_form_alone(policy: InterruptibleForms) -> None:
    in_b, in_a = Talk(policy), Talk(policy)
    in_b("start_other")
    in_a("start")
    assert in_b("ask_fee", "date") == ["b_form"]
    assert in_b("ask_fee") == ["action_fee", "b_form"]
    assert in_a("ask_fee", "date") == ["action_fee", "a_form"]


@pytest.fixture
def came_back(talk: Talk) -> Talk:
    talk.tracker.update(SlotSet("came_back", True), DOMAIN)
    talk.effects["action_remind"] = [SlotSet("came_back", None)]
    return talk


def test_what_a_slot_asks_for_comes_once_after_the_answer(came_back: Talk) -> None:
    assert came_back("ask_two") == ["action_fee", "action_second", "action_remind"]
    assert came_back("ask_two") == ["action_fee", "action_second"]


def test_what_a_slot_asks_for_waits_for_the_end_of_the_form_and_of_a_demand(came_back: Talk) -> None:
    assert came_back("ask_fee", "danger") == ["action_help"]
    assert came_back("wait") == ["utter_wait"]
    assert came_back("start") == ["a_form"]
    assert came_back("stop") == ["action_stop", "action_remind"]


def test_an_action_that_failed_to_empty_the_slot_is_not_run_for_ever(came_back: Talk) -> None:
    came_back.effects.clear()
    assert came_back("ask_fee") == ["action_fee", "action_remind"]
