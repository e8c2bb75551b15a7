"""What this process has counted, as a scrape would see it."""

from __future__ import annotations

from types import TracebackType
from typing import Dict, Iterable, List, Optional, Tuple, Type

from prometheus_client import REGISTRY
from prometheus_client.core import Metric

Sample = Tuple[str, Tuple[Tuple[str, str], ...]]


class Counted:
    """What is counted in its block: `with Counted("assistant_turns_total") as counted: …`.

    `counted.by("channel")` has the increase for each value of the label, or tuple of values; nothing that stayed as it
    was.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: Dict[Sample, float] = {}
        self._grown: Dict[Sample, float] = {}

    def __enter__(self) -> "Counted":
        self._before = self._now()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        now = self._now()
        self._grown = {sample: value - self._before.get(sample, 0.0) for sample, value in now.items()}

    def by(self, *labels: str) -> Dict[Tuple[str, ...], float]:
        """The increase for each combination of these labels."""
        found: Dict[Tuple[str, ...], float] = {}
        for (_, pairs), value in self._grown.items():
            values = tuple(dict(pairs)[label] for label in labels)
            if value:
                found[values] = found.get(values, 0.0) + value
        return found

    def _now(self) -> Dict[Sample, float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for metric in REGISTRY.collect()
            for sample in metric.samples
            if sample.name == self._name
        }


def levels(seen: Iterable[Metric]) -> Dict[str, Dict[Tuple[str, ...], float]]:
    """Values of levels by name and labels; `()` where there is none."""
    found: Dict[str, Dict[Tuple[str, ...], float]] = {}
    for metric in seen:
        samples: List[Tuple[Tuple[str, ...], float]] = [
            (tuple(sample.labels.values()), sample.value) for sample in metric.samples
        ]
        found[metric.name] = dict(samples)
    return found
