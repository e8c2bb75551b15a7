"""Who is next and who takes it: properties that hold for any queue and any agents."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Dict, List

from hypothesis import given
from hypothesis import strategies as st

from desk.assignment import Seat, Waiting, assign, fits, in_order
from desk.wishes import PRIORITIES
from tests.test_desk.floor import MONDAY

SKILLS = ["report_hardship", "dispute_charge", "english_law"]
waiting_ones = st.builds(
    Waiting,
    conversation_id=st.uuids().map(str),
    priority=st.sampled_from(PRIORITIES),
    since=st.integers(0, 600).map(lambda minutes: MONDAY - timedelta(minutes=minutes)),
    language=st.sampled_from(["zh", "en"]),
    reason=st.sampled_from([*SKILLS, ""]),
    skill=st.sampled_from([None, None, *SKILLS]),
)
queues = st.lists(waiting_ones, max_size=20)
seats = st.lists(
    st.builds(
        Seat,
        agent_id=st.integers(1, 50),
        languages=st.sampled_from([frozenset({"zh"}), frozenset({"en"}), frozenset({"zh", "en"})]),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        capacity=st.integers(0, 4),
        load=st.integers(0, 4),
        is_given=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda seat: seat.agent_id,
)


def one(name: str = "a", **changes: object) -> Waiting:
    return Waiting(**{"conversation_id": name, "priority": "normal", "since": MONDAY, "language": "zh", **changes})  # type: ignore[arg-type]


def seat(number: int = 1, **changes: object) -> Seat:
    known = {"agent_id": number, "languages": frozenset({"zh"}), "skills": frozenset(), "capacity": 3, "load": 0}
    return Seat(**{**known, **changes})  # type: ignore[arg-type]


@given(queues)
def test_the_more_pressing_come_first_and_of_equals_who_waits_longest(queue: List[Waiting]) -> None:
    ordered = in_order(queue)
    assert sorted(ordered, key=id) == sorted(queue, key=id)
    for before, behind in zip(ordered, ordered[1:], strict=False):
        ranks = PRIORITIES.index(before.priority), PRIORITIES.index(behind.priority)
        assert ranks[0] < ranks[1] or (ranks[0] == ranks[1] and before.since <= behind.since)


@given(queues, seats)
def test_nobody_gets_more_than_there_is_room_for_or_what_does_not_fit(queue: List[Waiting], there: List[Seat]) -> None:
    by_id = {each.agent_id: each for each in there}
    by_name = {each.conversation_id: each for each in queue}
    pairs = assign(queue, there)
    given_to = Counter(agent for _, agent in pairs)
    assert len({name for name, _ in pairs}) == len(pairs)
    assert all(given_to[agent] <= by_id[agent].room for agent in given_to)
    assert all(fits(by_name[name], by_id[agent]) and by_id[agent].is_given for name, agent in pairs)


@given(queues, seats)
def test_nobody_is_left_waiting_while_a_fitting_agent_has_room(queue: List[Waiting], there: List[Seat]) -> None:
    pairs = dict(assign(queue, there))
    given_to = Counter(pairs.values())
    left = [each for each in queue if each.conversation_id not in pairs]
    idle = [agent for agent in there if agent.is_given and agent.room > given_to[agent.agent_id]]
    assert not any(fits(each, agent) for each in left for agent in idle)


@given(queues, seats)
def test_nobody_who_came_later_is_served_in_the_place_of_an_equal(queue: List[Waiting], there: List[Seat]) -> None:
    pairs = dict(assign(queue, there))
    for before, behind in _pairs(in_order(queue)):
        same = (before.language, before.skill) == (behind.language, behind.skill)
        if same and behind.conversation_id in pairs:
            assert before.conversation_id in pairs


def _pairs(ordered: List[Waiting]) -> List[tuple[Waiting, Waiting]]:
    return [(before, behind) for index, before in enumerate(ordered) for behind in ordered[index + 1 :]]


def test_who_knows_the_topic_comes_before_who_has_more_room() -> None:
    knowing, free = seat(1, skills=frozenset({"report_hardship"}), load=2), seat(2)
    assert assign([one(reason="report_hardship")], [free, knowing]) == [("a", 1)]


def test_otherwise_the_one_with_the_most_room_takes_it() -> None:
    assert assign([one("a"), one("b", since=MONDAY + timedelta(1))], [seat(1, load=1), seat(2)]) == [("a", 2), ("b", 1)]


def test_a_skill_that_is_needed_excludes_whoever_lacks_it() -> None:
    assert assign([one(skill="dispute_charge")], [seat(1)]) == []
    assert assign([one(skill="dispute_charge")], [seat(1, skills=frozenset({"dispute_charge"}))]) == [("a", 1)]


def test_one_who_nobody_can_take_holds_nobody_up() -> None:
    queue: Dict[str, Waiting] = {"en": one("en", language="en", priority="urgent"), "zh": one("zh")}
    assert assign(queue.values(), [seat(1)]) == [("zh", 1)]
