"""Who is next, and who takes it. Pure.

The most pressing first, of equals who waits longest. An agent fits who speaks the language, has the skill that was
asked for, has room, and did not switch off being given conversations; of those, one who knows the topic, then the one
with the most room left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple

from desk.wishes import PRIORITIES


@dataclass(frozen=True)
class Waiting:
    """A conversation that waits for somebody."""

    conversation_id: str
    priority: str
    since: datetime
    language: str
    reason: str = ""  # what it is about: a skill that helps
    skill: Optional[str] = None  # which is needed


@dataclass(frozen=True)
class Seat:
    """An agent who is there, with the conversations that the agent has."""

    agent_id: int
    languages: FrozenSet[str]
    skills: FrozenSet[str]
    capacity: int
    load: int
    is_given: bool = True  # conversations by the desk; else the agent claims them

    @property
    def room(self) -> int:
        """Conversations that the agent can take now."""
        return max(self.capacity - self.load, 0)


def in_order(waiting: Iterable[Waiting]) -> List[Waiting]:
    """The queue."""
    return sorted(waiting, key=lambda one: (PRIORITIES.index(one.priority), one.since, one.conversation_id))


def fits(one: Waiting, seat: Seat) -> bool:
    """Whether the agent could take it, room apart."""
    return one.language in seat.languages and (one.skill is None or one.skill in seat.skills)


def assign(waiting: Iterable[Waiting], seats: Iterable[Seat]) -> List[Tuple[str, int]]:
    """Conversation and agent id of every conversation that somebody can take now, in the order of the queue."""
    loads: Dict[int, int] = {}
    there = list(seats)
    pairs: List[Tuple[str, int]] = []
    for one in in_order(waiting):
        seat = _best(one, there, loads)
        if seat is not None:
            loads[seat.agent_id] = loads.get(seat.agent_id, 0) + 1
            pairs.append((one.conversation_id, seat.agent_id))
    return pairs


def _best(one: Waiting, seats: Sequence[Seat], loads: Dict[int, int]) -> Optional[Seat]:
    def room(seat: Seat) -> int:
        return seat.room - loads.get(seat.agent_id, 0)

    able = [seat for seat in seats if seat.is_given and fits(one, seat) and room(seat) > 0]
    return max(able, key=lambda seat: (one.reason in seat.skills, room(seat), -seat.agent_id), default=None)
