"""Rules decide; while a form asks for something, whatever else the customer says is answered first.

Rasa's `RulePolicy` hands every message to the active form and lets rules see only what the form rejects. A question
that happens to carry an amount or a date would then be taken for an answer. Here it is the other way round: while a
form is active, a message that has a rule of its own is answered by that rule, then the form asks again where it was.
To the form go the messages that are answers:

- those whose intent is listed in `answers`;
- those whose rule starts this same form (asked for instalments, "by instalments, then: twelve");
- those with an entity that the form takes (`entities_of_form`), if the intent is listed in `answers_with_entity`
  ("I'll pay on the 15th" to a form with a date), or for this form in `answers_with_entity_to`;
- those with an entity that the form takes and that is listed in `answering_entities` ("what does it cost in all?");
- those that are nothing but such an entity ("12", "204 815"), whatever their intent seems to be;
- those with an entity that the form takes and that demands an action elsewhere ("that is too much a month");
- those whose intent is listed in `answers_by_slot` for the slot that the form asks for;
- those that have no rule.

A pressed button whose rule starts another form is not an answer, whatever it carries.

A rule that starts another form leaves the active one; what happens to its slots is the actions' concern. After a
message whose intent is listed in `quiet` the form waits instead of asking again.

Before all this, some entities demand an action whatever the message is for (`demands`): a customer in distress is
answered with care although the sentence may ask for an instalment, too. With `intents`, only if the message has one of
these: an insult that came with a question does not keep the question from its answer. What is demanded may be a form;
what demands the form that is active is an answer to it, and so is what the active form takes. With `yields_to`, not if
the active form takes that entity of the same message.

Where no rule says what follows an action, the assistant waits for the customer. Nothing is ever reverted. Before it
waits, it runs what a slot asks for (`afterwards`: the slot's name, then the action, which empties the slot), unless a
form is active, the message was `quiet` or demanded an action of its own.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Text, Tuple

import numpy as np
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import DEFAULT_ACTION_MAPPINGS, LOOP_RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue import rasa_speed

Source = Tuple[Optional[Text], Optional[Text]]  # an action and what says so
Prediction = Tuple[PolicyPrediction, Optional[Text]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class InterruptibleForms(RulePolicy):
    """`RulePolicy` whose forms can be interrupted by any message that has a rule of its own."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`RulePolicy`'s, and what counts as an answer to a form (see the module's docstring)."""
        return {
            **RulePolicy.get_default_config(),
            "answers": [],
            "answers_with_entity": [],
            "answers_with_entity_to": {},
            "answering_entities": [],
            "entities_of_form": {},
            "answers_by_slot": {},
            "quiet": [],
            "demands": {},
            "afterwards": {},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        rasa_speed.apply()  # here, because every process that answers customers makes its policy first
        super().__init__(*args, **kwargs)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The next action; after an action that no rule continues: the form asks again, or the customer speaks."""
        prediction = super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
        if tracker.latest_action_name == ACTION_LISTEN_NAME:
            return prediction
        form = tracker.active_loop_name
        predicted = chosen = domain.action_names_or_texts[int(np.argmax(prediction.probabilities))]
        if prediction.probabilities == self._default_predictions(domain):
            chosen = form if form and tracker.latest_action_name != form else ACTION_LISTEN_NAME
        if chosen == form and _intent(tracker) in self.config["quiet"]:
            chosen = ACTION_LISTEN_NAME
        if chosen == ACTION_LISTEN_NAME:
            chosen = self._afterwards(tracker) or chosen
        if chosen == predicted:
            return prediction
        return self._rule_prediction(self._prediction_result(chosen, tracker, domain), "")

    def _predict(self, tracker: DialogueStateTracker, domain: Domain) -> Prediction:
        demanded = self._demanded(tracker) if tracker.latest_action_name == ACTION_LISTEN_NAME else None
        if demanded == tracker.active_loop_name:
            demanded = None
        interruption = (demanded, demanded) if demanded else self._interruption(tracker, domain)
        if interruption is None:
            as_usual: Prediction = super()._predict(tracker, domain)
            return as_usual
        action, source = interruption
        prediction = self._rule_prediction(self._prediction_result(action, tracker, domain), source)
        if not tracker.active_loop_name:
            return prediction, source
        # With this event Rasa's own handling of unhappy paths takes over: the rule runs to its end, then the form.
        prediction.events.append(ActionExecutionRejected(tracker.active_loop_name, policy=self.__class__.__name__))
        return prediction, source

    def _find_action_from_loop_happy_path(self, tracker: DialogueStateTracker) -> Source:
        """As in `RulePolicy`, but a rejection ends with the message that it was about.

        Rasa forgets it when the form runs again, which it need not do after a message that is `quiet`.
        """
        form = tracker.active_loop_name
        if form and tracker.latest_action_name == ACTION_LISTEN_NAME and not _rejected_now(tracker):
            return form, LOOP_RULES + form
        as_usual: Source = super()._find_action_from_loop_happy_path(tracker)
        return as_usual

    def _demanded(self, tracker: DialogueStateTracker) -> Optional[Text]:
        """The action that an entity of the latest message demands."""
        taken = {entity["entity"] for entity in _entities(tracker) if self._is_taken(entity, tracker)}
        named = {entity["entity"] for entity in _entities(tracker)} - taken
        for entity, demand in self.config["demands"].items():  # the first that is listed comes first
            is_meant = entity in named and demand.get("yields_to") not in taken
            if is_meant and _intent(tracker) in demand.get("intents", [_intent(tracker)]):
                return str(demand["action"])
        return None

    def _afterwards(self, tracker: DialogueStateTracker) -> Optional[Text]:
        """The action that a slot asks for once the customer's message is answered."""
        if tracker.active_loop_name or _intent(tracker) in self.config["quiet"] or self._demanded(tracker):
            return None
        wanted = (action for slot, action in self.config["afterwards"].items() if tracker.get_slot(slot))
        return next((action for action in wanted if action != tracker.latest_action_name), None)

    def _is_taken(self, entity: Dict[Text, Any], tracker: DialogueStateTracker) -> bool:
        """Whether the active form takes this entity."""
        return entity["entity"] in self.config["entities_of_form"].get(tracker.active_loop_name, [])

    def _interruption(self, tracker: DialogueStateTracker, domain: Domain) -> Optional[Tuple[Text, Text]]:
        """The action that answers a message which is not for the active form, and the rule that says so."""
        form = tracker.active_loop_name
        if not form or tracker.latest_action_name != ACTION_LISTEN_NAME:
            return None
        answers = self._is_answer(tracker)
        if answers and not _is_pressed(tracker):
            return None
        action, rule, _ = self._find_action_from_rules(tracker, domain, use_text_for_last_user_input=False)
        if not action or action == form:
            return None
        if answers and action not in domain.form_names:  # a button that starts another request is for that one alone
            return None
        return action, rule or ""

    def _is_answer(self, tracker: DialogueStateTracker) -> bool:
        """Whether the latest message is for the form, judged without the rules."""
        intent = _intent(tracker)
        if intent in DEFAULT_ACTION_MAPPINGS:
            return True  # Rasa's own commands, which RulePolicy handles before forms
        asked = tracker.get_slot(REQUESTED_SLOT)
        answers_by_slot: Mapping[Text, List[Text]] = self.config["answers_by_slot"]
        if intent in self.config["answers"] or intent in answers_by_slot.get(asked, []):
            return True
        given = [entity for entity in _entities(tracker) if self._is_taken(entity, tracker)]
        form = tracker.active_loop_name
        welcome = [*self.config["answers_with_entity"], *self.config["answers_with_entity_to"].get(form, [])]
        anyhow = {*self.config["demands"], *self.config["answering_entities"]}
        return any(intent in welcome or entity["entity"] in anyhow or _is_all(entity, tracker) for entity in given)


def _intent(tracker: DialogueStateTracker) -> Optional[Text]:
    message = tracker.latest_message
    return message.intent.get("name") if isinstance(message, UserUttered) else None


def _entities(tracker: DialogueStateTracker) -> List[Dict[Text, Any]]:
    message = tracker.latest_message
    return list(message.entities) if isinstance(message, UserUttered) else []


def _is_pressed(tracker: DialogueStateTracker) -> bool:
    """Whether the message is a button's payload."""
    text = (tracker.latest_message.text if tracker.latest_message else None) or ""
    return text.startswith(INTENT_MESSAGE_PREFIX)


def _is_all(entity: Dict[Text, Any], tracker: DialogueStateTracker) -> bool:
    """Whether the message says nothing beside the entity."""
    text = (tracker.latest_message.text if tracker.latest_message else None) or ""
    rest = text[: entity.get("start", 0)] + text[entity.get("end", 0) :]
    return not any(character.isalnum() for character in rest)


def _rejected_now(tracker: DialogueStateTracker) -> bool:
    """Whether a form has rejected the latest message."""
    for event in reversed(tracker.events):
        if isinstance(event, (ActionExecutionRejected, UserUttered)):
            return isinstance(event, ActionExecutionRejected)
    return False
