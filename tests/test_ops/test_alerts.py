"""The rules of `ops/alerts.yml`: Prometheus takes them, they fire when they should, and count what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Set

import yaml

from common import metrics
from common.settings import ROOT
from tests.conftest import need_program

RULES = ROOT / "ops" / "alerts.yml"
CASES = Path(__file__).with_name("alerts.yml")


def rules() -> List[Dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return list(group["rules"])


def promtool(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = need_program("promtool", package="prometheus")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_prometheus_takes_the_rules() -> None:
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


def test_each_rule_fires_when_it_should_and_not_otherwise() -> None:
    done = promtool("test", "rules", str(CASES))
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_case_in_which_each_rule_fires_and_one_in_which_it_does_not() -> None:
    asked = [each for case in yaml.safe_load(CASES.read_text("utf-8"))["tests"] for each in case["alert_rule_test"]]
    names = {rule["alert"] for rule in rules()}
    assert {each["alertname"] for each in asked if each.get("exp_alerts")} == names
    quiet = {each["alertname"] for each in asked if not each.get("exp_alerts")}
    assert names - quiet == {"RequestsFail", "NoModel"}  # of these one case holds both: a series that is left alone


def counted() -> Dict[str, Set[str]]:
    """The labels of everything that a process counts, by the name under which Prometheus has it."""
    ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    found = {level.name: set(level.labels) for level in metrics.levels()}
    for each in vars(metrics).values():
        if hasattr(each, "_labelnames") and hasattr(each, "_name"):
            found.update({each._name + end: set(each._labelnames) for end in ends.get(each._type, [""])})
    return found


def test_rules_ask_for_nothing_that_no_process_counts() -> None:
    known = counted()
    for rule in rules():
        assert set(re.findall(r"\bassistant_\w+", rule["expr"])) <= set(known), rule["alert"]
        for name, selector in re.findall(r"\b(assistant_\w+)\{([^}]*)\}", rule["expr"]):
            assert set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", selector)) <= known[name], rule["alert"]
