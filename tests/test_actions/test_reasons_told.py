"""A reason that was told once is known for the whole conversation."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest

from actions.reasons_told import reason_told

Event = Dict[str, Any]
STARTED: Event = {"event": "active_loop", "name": "deferral_form"}
ENDED: Event = {"event": "active_loop", "name": None}
STOPPED: Event = {"event": "action", "name": "action_stop"}
NEW_DAY: Event = {"event": "session_started"}


def says(reason: str, intent: str = "report_hardship") -> Event:
    entities = [{"entity": "reason", "value": reason}]
    return {"event": "user", "text": "…", "parse_data": {"intent": {"name": intent}, "entities": entities}}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], None),
        ([says("unemployment")], "unemployment"),
        ([says("unemployment"), says("illness")], "illness"),
        ([says("unemployment", "complain_collection")], None),
        ([says("no such class")], None),
        ([STARTED, says("illness", "inform"), ENDED], "illness"),  # told in a request that was filed
        ([STARTED, says("illness", "inform"), STOPPED, ENDED], None),
        ([says("unemployment"), STARTED, says("illness", "inform"), STOPPED, ENDED], "unemployment"),
        ([says("unemployment"), NEW_DAY], None),
    ],
)
def test_the_reason_that_was_told_last(events: List[Event], reason: Optional[str]) -> None:
    assert reason_told(events) == reason
