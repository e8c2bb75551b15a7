"""Two of Rasa's hot paths made cheap, with the same results.

Rasa 3.6 builds a validator for its own constant schema at each call of an action, and searches all subclasses of
`Event` for the class of each stored event. Together they were two thirds of a turn's processor time.
"""

from __future__ import annotations

import functools
from typing import Any, Dict, Optional, Type

from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event

_search = Event.resolve_by_type


def apply() -> None:
    """Put the cheap paths in place; as often as one likes."""
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(_event_class)


@functools.lru_cache(maxsize=1)
def _validator() -> Validator:
    schema = RemoteAction.action_response_format_spec()
    validator: Validator = validator_for(schema)(schema)
    return validator


def _validate_action_result(_: RemoteAction, result: Dict[str, Any]) -> bool:
    """Whether an action server's answer has the form that Rasa wants. Raises `ValidationError` if not."""
    error: Optional[ValidationError] = best_match(_validator().iter_errors(result))
    if error is not None:
        error.message += ". The action server's answer does not have the form of custom actions' answers."
        raise error
    return True


_classes: Dict[str, Type[Event]] = {}


def _event_class(type_name: str, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
    """The class of events of this type. Raises `ValueError` if there is none and no default."""
    if type_name not in _classes:
        found: Optional[Type[Event]] = _search(type_name, default)
        if found is None or found.type_name != type_name:
            return found
        _classes[type_name] = found
    return _classes[type_name]
