"""What is true of every sentence that customers read, whoever wrote it."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, Tuple

import pytest

from tests.test_actions.talk import ROOT, domain

RESPONSES = sorted(domain().responses.items())


def _language(variation: Dict[str, Any]) -> str:
    (condition,) = variation.get("condition") or [{}]
    assert (condition.get("type"), condition.get("name")) == ("slot", "language")
    return str(condition["value"])


def _strings(value: Any, key: str = "") -> Iterator[Tuple[str, str]]:
    """Every (key, text) that reaches the customer's eyes."""
    if isinstance(value, str):
        if key not in ("payload", "action", "each", "when", "align", "expects", "url"):
            yield key, value
    elif isinstance(value, dict):
        for inner, part in value.items():
            if inner != "condition":
                yield from _strings(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, key)


def _buttons(variation: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    for button in [*(variation.get("buttons") or []), *((variation.get("custom") or {}).get("buttons") or [])]:
        yield button.get("item", button)


VARIATIONS = [(name, _language(variation), variation) for name, both in RESPONSES for variation in both]
READ = [(name, language, text) for name, language, v in VARIATIONS for _, text in _strings(v)]


def test_there_are_responses() -> None:
    assert len(RESPONSES) > 100


@pytest.mark.parametrize(
    ("name", "language", "variation"), VARIATIONS, ids=[f"{n}-{lang}" for n, lang, _ in VARIATIONS]
)
def test_buttons_are_short_and_lead_somewhere(name: str, language: str, variation: Dict[str, Any]) -> None:
    for button in _buttons(variation):
        title, payload = button["title"], button["payload"]
        shown = re.sub(r"{[a-z0-9_]*last4}", "0000", title)
        if "{" not in shown:
            assert len(shown) <= (12 if language == "zh" else 24), title
        intent = re.match(r"/([a-z_]+)", payload)
        if intent:
            assert intent.group(1) in domain().intents, payload
        else:
            assert payload.startswith("/{") or payload.startswith("{"), payload


def test_titles_of_readings_fit_on_buttons() -> None:
    for name, language, text in READ:
        if name.startswith("utter_label_intent_"):
            assert len(text) <= (12 if language == "zh" else 24), text


_SPOKEN_FROM = [
    path.read_text()
    for folder, ending in (("actions", "*.py"), ("channels", "*.py"), ("dialogue", "*.py"), ("data/rules", "*.yml"))
    for path in sorted((ROOT / folder).rglob(ending))
]
_NAMED = {name for text in _SPOKEN_FROM for name in re.findall(r"[\"' ](utter_[a-z0-9_]+)(?=[\"'\n])", text)}
_PREFIXES = tuple(
    {prefix for text in _SPOKEN_FROM for prefix in re.findall(r"f[\"'](utter_[a-z0-9_]*){", text)} - {"utter_label_"}
)
_LABELLED = {
    f"utter_label_{name}" for text in _SPOKEN_FROM for name in re.findall(r"\"label\": \"([a-z0-9_]+)\"", text)
}
_LABELS = {group for text in _SPOKEN_FROM for group in re.findall(r"\blabel\(\s*[\"']([a-z0-9_]+)[\"']", text)}


def test_every_response_that_is_named_exists() -> None:
    assert sorted(_NAMED - domain().responses.keys() - {"utter_action"}) == []  # Rasa's key of a message


def test_every_label_group_that_is_named_has_labels() -> None:
    groups = {name for name, _ in RESPONSES}
    assert [group for group in sorted(_LABELS) if not any(n.startswith(f"utter_label_{group}_") for n in groups)] == []


def test_no_response_is_left_over() -> None:
    left = []
    for name, _ in RESPONSES:
        label = name.removeprefix("utter_label_")
        grouped = label != name and any(label.startswith(f"{group}_") for group in _LABELS)
        used = grouped or name in _NAMED or name in _LABELLED
        if not used and not name.startswith(_PREFIXES):
            left.append(name)
    assert left == []
