"""Turns a response of the domain and the values of an action into the message that a customer reads.

Beside Rasa's own `text`, `buttons` and `custom`:

- The variation is chosen by the condition `{type: slot, name: language, value: zh | en}`; the language is that
  of the customer's last written message (`dialogue.language`), whatever the slot holds.
- `{name}` stands for a value. Actions pass typed values (`{"money": "12.30"}`, `{"date": "2026-11-25"}`,
  `{"percent": "0.05"}`, `{"days": 3}`, `{"datetime": …}`), which are formatted here, by language.
  `{"label": "x"}` becomes the text of the response `utter_label_x`.
- An entry `{each: items, item: …}` of a list is repeated for every member of the value `items`; the member's
  keys come on top of the other values. An entry `{when: name, …}` is left out if the value `name` is empty, and so is
  a list of such entries of which none is left.
- `custom: {buttons: […]}` is moved to the message's buttons; there it may use `each` and `when`, which Rasa's
  schema does not allow in `buttons` themselves.
- Buttons that lead to an intent in the value `not_offered` are left out. Actions pass it with every message, as they
  know what the bank offers; responses that no action utters go by what the latest message of an action said.

An answer that would be the same for the third time in a row begins with the words of `utter_same_again`. What follows
another message in the same turn is no answer of its own (a request asks on once the question in between is answered).
"""

from __future__ import annotations

import copy
import logging
import re
from typing import Any, Dict, List, Mapping, Optional, Reversible, Sequence, Tuple

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from dialogue.formats import FORMATS
from dialogue.language import language_of

logger = logging.getLogger(__name__)

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_INTENT = re.compile(r"/([a-z_]+)")
_UNKNOWN = "—"
SAME_AGAIN = "utter_same_again"
_SAME_UNTIL_VARIED = 2  # messages in a row
_RENDERED = ("text", "buttons", "custom", "attachment", "image")


class BilingualResponses(TemplatedNaturalLanguageGenerator):
    """Named in `endpoints.yml` as Rasa's response generator."""

    def __init__(self, endpoint_config: Optional[EndpointConfig], domain: Domain) -> None:
        super().__init__(domain.responses)
        self._not_offered: Sequence[str] = ()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """The message for `utter_action`, or `None` if the domain has no such response."""
        language = language_of(tracker.events)
        self._not_offered = kwargs.get("not_offered", self._not_offered)
        values = {**tracker.current_slot_values(), "not_offered": self._not_offered, **kwargs, "language": language}
        message = self.render(utter_action, output_channel, values)
        if message is not None and said_twice(message, tracker.events):
            return self._varied(message, output_channel, values)
        return message

    def _varied(self, message: Dict[str, Any], channel: str, values: Mapping[str, Any]) -> Dict[str, Any]:
        """The message with a word that it is the same again, and a person as a way on."""
        again = self.render(SAME_AGAIN, channel, values)
        if again is None:
            return message
        buttons = message.get("buttons") or []
        there = {_intent(button) for button in buttons}
        new = [button for button in again.get("buttons") or [] if _intent(button) not in there]
        return {**message, "text": f"{again['text']}{message.get('text') or ''}", "buttons": [*buttons, *new]}

    def render(self, name: str, output_channel: str, values: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
        """Choose the variation of response `name` and fill it in."""
        variation = self._random_response_for(name, output_channel, dict(values))
        if variation is None:
            return None
        message: Dict[str, Any] = copy.deepcopy(variation)
        for key in _RENDERED:
            if key in message:
                message[key] = self._filled(message[key], values, name)
        custom = message.get("custom")
        if isinstance(custom, dict) and "buttons" in custom:
            message["buttons"] = (message.get("buttons") or []) + custom.pop("buttons")
            if not custom:
                del message["custom"]
        if message.get("buttons") and values.get("not_offered"):
            message["buttons"] = [each for each in message["buttons"] if _intent(each) not in values["not_offered"]]
        return message

    def _filled(self, part: Any, values: Mapping[str, Any], name: str) -> Any:
        if isinstance(part, str):
            return _PLACEHOLDER.sub(lambda match: self._shown(match.group(1), values, name), part)
        if isinstance(part, dict):
            filled = {key: self._filled(value, values, name) for key, value in part.items()}
            return {key: value for key, value in filled.items() if value != [] or not _all_conditional(part[key])}
        if isinstance(part, list):
            return [filled for entry in part for filled in self._entries(entry, values, name)]
        return part

    def _entries(self, entry: Any, values: Mapping[str, Any], name: str) -> List[Any]:
        if isinstance(entry, dict):
            if "when" in entry and not values.get(entry["when"]):
                return []
            if "each" in entry:
                members = values.get(entry["each"]) or []
                return [self._filled(entry["item"], {**values, **member}, name) for member in members]
            entry = {key: value for key, value in entry.items() if key != "when"}
        return [self._filled(entry, values, name)]

    def _shown(self, key: str, values: Mapping[str, Any], name: str) -> str:
        value = values.get(key)
        if isinstance(value, dict) and len(value) == 1:
            ((kind, content),) = value.items()
            if kind == "label":
                return self._label(content, values, name)
            if kind in FORMATS and content is not None:
                return FORMATS[kind](content, values["language"])
            value = None
        if value is None:
            logger.error("response %s has no value for {%s}", name, key)
            return _UNKNOWN
        return str(value)

    def _label(self, label: str, values: Mapping[str, Any], name: str) -> str:
        message = self.render(f"utter_label_{label}", "", values)
        if message is None:
            logger.error("response %s needs the label utter_label_%s, which the domain lacks", name, label)
            return _UNKNOWN
        return str(message["text"])


def said_twice(message: Mapping[str, Any], events: Reversible[Event]) -> bool:
    """Whether the assistant said just this in answer to each of the two messages before the present one.

    Never so for what follows another message in the present turn.
    """
    turns: List[List[Tuple[str, Any]]] = [[]]
    for event in reversed(events):
        if isinstance(event, UserUttered):
            if len(turns) > _SAME_UNTIL_VARIED:
                break
            turns.append([])
        elif isinstance(event, BotUttered):
            turns[-1].append((event.text or "", event.data.get("custom") or {}))
    if turns[0]:
        return False
    text, shown = message.get("text") or "", message.get("custom") or {}
    before = turns[1 : _SAME_UNTIL_VARIED + 1]
    return bool(text) and len(before) == _SAME_UNTIL_VARIED and all((text, shown) in said for said in before)


def _intent(button: Mapping[str, Any]) -> str:
    """The intent that a button sends; empty if it sends something else."""
    found = _INTENT.match(str(button.get("payload", "")))
    return found.group(1) if found else ""


def _all_conditional(entries: Any) -> bool:
    return bool(entries) and all(isinstance(entry, dict) and "when" in entry for entry in entries)
