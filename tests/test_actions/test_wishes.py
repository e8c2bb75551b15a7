"""What a second wish leads to is what its rule says, and the pipeline knows the same wishes."""

from __future__ import annotations

from typing import Dict

import yaml

from actions.wishes import ANSWERED_BY
from common.settings import ROOT


def first_actions() -> Dict[str, str]:
    """By intent, the action that its rule begins with."""
    found: Dict[str, str] = {}
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            steps = rule["steps"]
            if "intent" in steps[0]:
                found[steps[0]["intent"]] = steps[1]["action"]
    return found


def test_a_yes_to_the_offer_does_what_asking_for_it_does() -> None:
    rules = first_actions()
    assert {intent: rules[intent] for intent in ANSWERED_BY} == ANSWERED_BY


def test_the_pipeline_remembers_the_wishes_that_can_be_offered() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (component,) = [each for each in pipeline if each["name"].endswith("SecondWish")]
    assert sorted(component["wishes"]) == sorted(ANSWERED_BY)
