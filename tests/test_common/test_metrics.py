"""The page for those who look after the system names what there is, all of it, and nothing else."""

from __future__ import annotations

import re
from typing import Dict

import pytest
from prometheus_client import REGISTRY

from common import metrics
from common.settings import ROOT

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def kinds() -> Dict[str, str]:
    """The type of each metric by its name as Prometheus has it."""
    known = {metric.name: metric.type for metric in REGISTRY.collect() if metric.name.startswith("assistant_")}
    known.update({level.name: "gauge" for level in metrics.levels()})
    return {name + ("_total" if kind == "counter" else ""): kind for name, kind in known.items()}


def test_the_page_lists_every_metric_and_none_that_there_is_not() -> None:
    listed = set(re.findall(r"^\| `(assistant_[a-z_]+)`", PAGE, re.MULTILINE))
    assert listed == set(kinds())


def test_the_page_lists_the_labels_of_each() -> None:
    labels = {level.name: list(level.labels) for level in metrics.levels()}
    for each in vars(metrics).values():
        if hasattr(each, "_labelnames") and hasattr(each, "_name"):
            counts = each._type == "counter"
            labels[each._name + ("_total" if counts else "")] = list(each._labelnames)
    for name, told in re.findall(r"^\| `(assistant_[a-z_]+)` \| ([a-z, ]*)\|", PAGE, re.MULTILINE):
        assert [label.strip() for label in told.split(",") if label.strip()] == labels[name], name


@pytest.mark.parametrize("value", ["demo-m2", "", None, 7, "zh-CN"])
def test_what_is_not_known_is_other(value: object) -> None:
    assert metrics.language_label(value) == metrics.channel_label(value) == "other"
