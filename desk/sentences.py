"""What the desk itself says to customers: the responses `utter_desk_…` of `data/responses/desk.yml`.

They are sentences with plain values in braces: who waits is told so while the assistant is silent, so the desk says
them and not the assistant.
"""

from __future__ import annotations

import copy
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping

import yaml

from common.settings import ROOT

FILE = ROOT / "data" / "responses" / "desk.yml"
AGENT_JOINED = "utter_desk_agent_joined"  # {agent}
TRANSFERRED = "utter_desk_transferred"
AGENT_GONE = "utter_desk_agent_gone"
FILE_SENT = "utter_desk_file"  # {file}, the link's address comes on top
CLOSED = "utter_desk_closed"
HANDED_BACK = "utter_desk_handed_back"
NOBODY_NOW = "utter_desk_nobody_now"
STILL_WAITING = "utter_desk_still_waiting"  # {position}, {minutes}
#: Every response that the desk needs.
NAMES = (
    AGENT_JOINED,
    TRANSFERRED,
    AGENT_GONE,
    FILE_SENT,
    CLOSED,
    HANDED_BACK,
    NOBODY_NOW,
    STILL_WAITING,
)

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

Sentence = Dict[str, Any]


def say(name: str, language: str, **values: Any) -> Sentence:
    """The message `name` in a language, as a bot event's `text` and `data`. Raises `KeyError` for an unknown one."""
    variation = copy.deepcopy(_sentences()[name][language])
    custom = _filled(variation.get("custom") or {}, values)
    data: Dict[str, Any] = {}
    buttons = (variation.get("buttons") or []) + custom.pop("buttons", [])
    if buttons:
        data["buttons"] = _filled(buttons, values)
    if custom:
        data["custom"] = custom
    return {"text": _filled(variation.get("text") or "", values), "data": data}


@lru_cache(maxsize=1)
def _sentences(file: Path = FILE) -> Mapping[str, Mapping[str, Any]]:
    responses: Mapping[str, List[Dict[str, Any]]] = yaml.safe_load(file.read_text(encoding="utf-8"))["responses"]
    missing = set(NAMES) - set(responses)
    if missing:
        raise ValueError(f"{file.name} lacks {', '.join(sorted(missing))}")
    return {name: {_language(each): each for each in variations} for name, variations in responses.items()}


def _language(variation: Mapping[str, Any]) -> str:
    return next(str(each["value"]) for each in variation["condition"] if each["name"] == "language")


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, str):
        return _PLACEHOLDER.sub(lambda match: str(values.get(match.group(1), match.group(0))), part)
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(each, values) for each in part]
    return part
