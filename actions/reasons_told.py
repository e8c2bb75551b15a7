"""Why the customer fell behind, told earlier in this conversation: nobody is asked twice."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence

from bank.models import ReasonClass

_CLASSES = {reason.value for reason in ReasonClass}
#: Messages that speak of the customer's own situation; in others the same words are about something else.
_OF_SITUATION = {
    "inform",
    "overdue_help",
    "promise_to_pay",
    "report_hardship",
    "request_deferral",
    "request_fee_waiver",
    "request_instalment",
}


def reason_told(events: Sequence[Mapping[str, Any]]) -> Optional[str]:
    """The class of the reason that was told last in this session, or `None`.

    What was entered in a request that the customer stopped is forgotten.
    """
    told: List[str] = []
    before_request: List[str] = []
    for event in events:
        kind = event.get("event")
        if kind == "session_started":
            told, before_request = [], []
        elif kind == "active_loop" and event.get("name"):
            before_request = [*told]
        elif kind == "user":
            told += _named(event)
        elif kind == "action" and event.get("name") == "action_stop":
            told = [*before_request]
    return told[-1] if told else None


def _named(event: Mapping[str, Any]) -> List[str]:
    parsed = event.get("parse_data") or {}
    if (parsed.get("intent") or {}).get("name") not in _OF_SITUATION:
        return []
    named = [entity.get("value") for entity in parsed.get("entities") or [] if entity.get("entity") == "reason"]
    return [str(value) for value in named if value in _CLASSES]
