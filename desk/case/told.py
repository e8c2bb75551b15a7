"""What the events of a conversation tell of its case: who, why, how the customer feels, what was offered and filed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional, Sequence

from common import clock
from common.care import ANGER_ENTITY, CARE_ENTITY

ANGER = "anger"
_FORM = "_form"
#: What leads to a person or out of a misunderstanding tells nothing of what the customer wants.
_NO_TOPIC = frozenset({"request_human", "back_to_bot", "nlu_fallback", "affirm", "deny", "inform", "greet", "thank"})

Event = Mapping[str, Any]


@dataclass
class Told:
    """What was told; empty where nothing was."""

    verified_at: Optional[datetime] = None  # when the customer wrote last with the bank's sign-in
    verified_until: Optional[datetime] = None  # when that sign-in ends, or has ended
    reason: Optional[str] = None  # of `bank.models.ReasonClass`, or `withheld`
    monthly_capacity: Optional[str] = None  # yuan a month that the customer can pay
    card_last4: Optional[str] = None  # which card was talked about
    topics: List[str] = field(default_factory=list)  # intents, the latest last, each once
    mood: List[Dict[str, str]] = field(default_factory=list)  # kind and moment, oldest first, each kind once
    offered: List[Dict[str, Any]] = field(default_factory=list)  # request, moment and the bank's figures
    filed: List[str] = field(default_factory=list)  # references

    def is_signed_in(self, at: Optional[datetime] = None) -> bool:
        """Whether the bank's sign-in still holds."""
        return self.verified_until is not None and (at or clock.now()) < self.verified_until


def told_by(events: Sequence[Event], customer_id: Optional[str]) -> Told:
    """What the events tell, oldest first. Only messages of `customer_id` count as signed in."""
    told = Told()
    form: Optional[str] = None
    for event in events:
        kind = event.get("event")
        if kind == "user":
            _user(told, event, customer_id)
        elif kind == "active_loop":
            form = event.get("name") or form
        elif kind == "slot":
            _slot(told, event, form)
    return told


def plain(values: Mapping[str, Any]) -> Dict[str, Any]:
    """Values of responses without their types: `{"money": "12.30"}` → `12.30`. Only what one line can show."""
    bare = {
        name: next(iter(value.values())) if isinstance(value, Mapping) and len(value) == 1 else value
        for name, value in values.items()
    }
    return {name: value for name, value in bare.items() if isinstance(value, (str, int)) and value != ""}


def _user(told: Told, event: Event, customer_id: Optional[str]) -> None:
    identity = (event.get("metadata") or {}).get("identity") or {}
    if customer_id is not None and identity.get("customer_id") == customer_id:
        told.verified_at = _moment(event)
        told.verified_until = _of_stamp(identity.get("expires_at"))
    parsed = event.get("parse_data") or {}
    topic = (parsed.get("intent") or {}).get("name")
    if topic and topic not in _NO_TOPIC:
        told.topics = [*(each for each in told.topics if each != topic), topic]
    for entity in parsed.get("entities") or []:
        name = ANGER if entity.get("entity") == ANGER_ENTITY else entity.get("value")
        if entity.get("entity") in (ANGER_ENTITY, CARE_ENTITY) and isinstance(name, str):
            _feels(told, name, _moment(event))


def _feels(told: Told, kind: str, at: Optional[datetime]) -> None:
    if kind not in {each["kind"] for each in told.mood}:
        told.mood.append({"kind": kind, "at": at.isoformat() if at else ""})


def _slot(told: Told, event: Event, form: Optional[str]) -> None:
    name, value = event.get("name"), event.get("value")
    if value is None:
        return  # forms forget their slots at the end; what was said stays said
    if name == "reason":
        told.reason = str(value)
    elif name == "monthly_capacity":
        told.monthly_capacity = str(value)
    elif name == "card":
        told.card_last4 = str(value)
    elif name == "receipt" and value not in told.filed:
        told.filed.append(str(value))
    elif name == "offer" and isinstance(value, Mapping) and form:
        _offer(told, value, form, _moment(event))


def _offer(told: Told, offer: Mapping[str, Any], form: str, at: Optional[datetime]) -> None:
    known = {each["id"] for each in told.offered}
    if offer.get("id") not in known:
        told.offered.append(
            {
                "id": offer.get("id"),
                "request": form.removesuffix(_FORM),
                "at": at.isoformat() if at else None,
                "values": plain(offer.get("values") or {}),
            }
        )


def _moment(event: Event) -> Optional[datetime]:
    return _of_stamp(event.get("timestamp"))


def _of_stamp(stamp: Any) -> Optional[datetime]:
    return datetime.fromtimestamp(stamp, clock.BANK_ZONE) if isinstance(stamp, (int, float)) else None
