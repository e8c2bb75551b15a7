"""What agents, customers and the desk do with a conversation: states, who is told what, and what is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk import acts, rules, sentences, views, writing
from desk.conversations import find
from desk.people.model import Agent
from desk.people.tables import agents
from desk.problems import Problem
from desk.states import State
from desk.store import HandoverStore
from tests.test_desk.floor import MONDAY, WEB, Floor


@pytest.fixture
def lin(floor: Floor) -> Agent:
    return floor.agent("lin")


@pytest.fixture
def boss(floor: Floor) -> Agent:
    return floor.agent("boss", role="supervisor")


def taken(floor: Floor, agent: Agent) -> None:
    floor.ask()
    floor.do(acts.claim, agent, WEB)


def problem_of(floor: Floor, *what: Any, **how: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        floor.do(*what, **how)
    return caught.value


def last_sentence(floor: Floor, name: str, **values: Any) -> bool:
    return bool(floor.said()[-1] == ("system", sentences.say(name, "zh", **values)["text"]))


# Asking for a person


def test_with_an_agent_there_the_customer_waits_and_knows_the_place(floor: Floor, lin: Agent) -> None:
    recorded = floor.ask()
    assert (recorded.staffed, recorded.position, recorded.expected_minutes) == (True, 1, 1)
    assert floor.state() is State.WAITING


def test_the_place_follows_priority_and_age(floor: Floor, lin: Agent) -> None:
    for name in ("a", "b"):
        floor.ask(name)
        floor.forward(seconds=1)
    assert floor.ask("urgent", priority="urgent").position == 1
    assert floor.ask("c").position == 4


@pytest.mark.parametrize(
    ("there", "changes"),
    [(False, {}), (True, {"status": "away"}), (True, {"active": False})],
)
def test_without_an_agent_the_wish_is_for_later(floor: Floor, there: bool, changes: Any) -> None:
    floor.agent(there=there, **changes)
    recorded = floor.ask()
    assert (recorded.staffed, recorded.position) == (False, None)
    assert floor.state() is State.LATER


def test_an_agent_who_was_last_heard_of_over_a_minute_ago_is_not_there(floor: Floor, lin: Agent) -> None:
    floor.forward(seconds=61)
    assert not floor.ask().staffed


def test_outside_service_hours_the_wish_is_for_later(floor: Floor, lin: Agent) -> None:
    floor.now = MONDAY.replace(hour=22)
    floor.heartbeat(lin)
    assert not floor.ask().staffed


def test_who_wishes_to_be_called_does_not_wait(floor: Floor, lin: Agent) -> None:
    assert not floor.ask(at_once=False).staffed
    assert floor.state() is State.LATER


def test_asking_again_while_it_waits_changes_nothing_but_says_the_place(floor: Floor, lin: Agent) -> None:
    floor.ask()
    again = floor.ask()
    assert (again.is_new, again.staffed, again.position) == (False, True, 1)
    assert floor.moves() == [("request", "customer")]


def test_asking_again_once_somebody_is_there_puts_a_wish_for_later_into_the_queue(floor: Floor) -> None:
    floor.ask()
    floor.agent()
    assert floor.ask().staffed
    assert floor.moves() == [("request_later", "customer"), ("request", "customer")]


# Taking it


def test_a_claim_silences_the_assistant_and_tells_the_customer_who_is_there(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    assert floor.state() is State.AGENT
    assert floor.sent() == [["pause", "bot"]]
    assert last_sentence(floor, sentences.AGENT_JOINED, agent="Lin")
    assert floor.moves()[-1] == ("claim", "Lin")


def test_claiming_twice_is_claiming_once(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.do(acts.claim, lin, WEB)
    assert floor.moves() == [("request", "customer"), ("claim", "Lin")]


def test_what_another_has_cannot_be_claimed(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    problem = problem_of(floor, acts.claim, floor.agent("wang"), WEB)
    assert (problem.name, problem.members) == ("already-claimed", {"holder": "Lin"})


def test_what_nobody_asked_for_cannot_be_claimed(floor: Floor, lin: Agent) -> None:
    floor.says("hello")
    assert problem_of(floor, acts.claim, lin, WEB).name == "illegal-move"
    assert problem_of(floor, acts.claim, lin, "nowhere").name == "not-found"


def test_a_supervisor_assigns_to_whoever_is_there(floor: Floor, lin: Agent, boss: Agent) -> None:
    floor.ask()
    floor.do(acts.assign, boss, WEB, lin.id)
    assert floor.brief()["agent"] == {"id": lin.id, "name": "Lin"}
    assert floor.moves()[-1] == ("assign", "Boss")
    gone = floor.agent("gone", there=False)
    assert problem_of(floor, acts.assign, boss, WEB, gone.id).name == "agent-away"


def test_a_supervisor_takes_over(floor: Floor, lin: Agent, boss: Agent) -> None:
    taken(floor, lin)
    floor.do(acts.take_over, boss, WEB)
    assert floor.brief()["agent"]["name"] == "Boss"
    assert floor.moves()[-1] == ("take_over", "Boss")
    assert problem_of(floor, writing.reply, lin, WEB, "m", "hello").name == "not-yours"


# Writing


def test_a_reply_goes_to_the_assistant_with_its_number_and_the_agent(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.do(writing.reply, lin, WEB, "reply-1", "  您好\x00  ")
    event = floor.events()[-1]
    assert event["text"] == "您好"
    assert event["metadata"] == {"message_id": "reply-1", "agent": {"id": lin.id, "name": "Lin"}}
    assert floor.page()[-1]["delivery"] == "sending"


def test_the_same_reply_again_is_the_same(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    first = floor.do(writing.reply, lin, WEB, "reply-1", "您好")
    assert floor.do(writing.reply, lin, WEB, "reply-1", "您好") == first
    assert floor.said().count(("agent", "您好")) == 1
    assert [event["text"] for event in floor.events() if event["event"] == "bot"].count("您好") == 1


def test_a_number_that_is_anothers_is_refused(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    customer = floor.says("hello")
    problem = problem_of(floor, writing.reply, lin, WEB, customer["message_id"], "您好")
    assert problem.name == "exists-already"


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 4001, None, 5])
def test_text_that_is_none_is_refused(floor: Floor, lin: Agent, text: Any) -> None:
    taken(floor, lin)
    assert problem_of(floor, writing.reply, lin, WEB, "reply-1", text).name == "invalid-request"


def test_only_who_has_the_conversation_writes_to_the_customer(floor: Floor, lin: Agent, boss: Agent) -> None:
    floor.ask()
    assert problem_of(floor, writing.reply, lin, WEB, "m", "hello").name == "not-yours"
    floor.do(acts.claim, lin, WEB)
    assert problem_of(floor, writing.reply, floor.agent("wang"), WEB, "m", "hello").members == {"holder": "Lin"}
    assert problem_of(floor, writing.reply, boss, WEB, "m", "hello").name == "not-yours"


def test_a_script_in_a_message_stays_text(floor: Floor, lin: Agent) -> None:
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    taken(floor, lin)
    floor.says(script)
    floor.do(writing.reply, lin, WEB, "reply-1", script)
    assert floor.said()[-2:] == [("user", script), ("agent", script)]


def test_notes_and_whispers_never_reach_the_customer(floor: Floor, lin: Agent, boss: Agent) -> None:
    taken(floor, lin)
    sent = floor.sent()
    last = floor.brief()["last_text"]
    floor.do(writing.note, lin, WEB, "difficult")
    floor.do(writing.whisper, boss, WEB, "offer twelve terms")
    assert floor.said()[-2:] == [("note", "difficult"), ("whisper", "offer twelve terms")]
    assert (floor.sent(), floor.brief()["last_text"]) == (sent, last)


def test_the_customer_waits_until_the_agent_answers(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.forward(seconds=50)
    assert (floor.brief()["waited_seconds"], floor.brief()["service_level"]) == (50, "soon")
    floor.forward(seconds=11)
    assert floor.brief()["service_level"] == "late"
    floor.do(writing.reply, lin, WEB, "reply-1", "您好")
    assert (floor.brief()["waited_seconds"], floor.brief()["service_level"]) == (0, "ok")
    floor.says("and?")
    floor.forward(seconds=61)
    assert floor.brief()["service_level"] == "late"


# Passing it on


def test_a_transfer_to_a_colleague_keeps_the_customer_with_a_person(floor: Floor, lin: Agent) -> None:
    wang = floor.agent("wang")
    taken(floor, lin)
    floor.do(acts.transfer, lin, WEB, agent_id=wang.id, note="knows instalments")
    assert floor.brief()["agent"]["name"] == "Wang"
    assert ("note", "knows instalments") in floor.said()
    assert last_sentence(floor, sentences.AGENT_JOINED, agent="Wang")
    assert "resume" not in [event["event"] for event in floor.events()]


def test_a_transfer_to_a_skill_waits_for_whoever_has_it(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.do(acts.transfer, lin, WEB, skill="dispute_charge")
    assert floor.state() is State.WAITING
    assert not floor.rule().is_something
    law = floor.agent("law", skills=["dispute_charge"])
    assert floor.rule().assigned == [(WEB, law.id)]
    assert floor.brief()["agent"]["id"] == law.id


def test_who_comes_back_into_the_queue_stands_before_who_came_later(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.forward(minutes=1)
    floor.heartbeat(lin)
    floor.ask("later")
    floor.do(acts.transfer, lin, WEB)
    assert floor.queue(lin)["waiting"] == [WEB, "later"]


def test_only_who_has_it_or_a_supervisor_passes_it_on(floor: Floor, lin: Agent, boss: Agent) -> None:
    wang = floor.agent("wang")
    taken(floor, lin)
    assert problem_of(floor, acts.transfer, wang, WEB, agent_id=wang.id).name == "not-yours"
    floor.do(acts.transfer, boss, WEB, agent_id=wang.id)
    assert floor.brief()["agent"]["name"] == "Wang"


# Ending it


def test_handing_back_wakes_the_assistant_and_closes_the_wish(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.do(acts.hand_back, lin, WEB)
    assert floor.state() is State.BOT
    assert floor.sent()[-1] == ["resume", "bot"]
    assert last_sentence(floor, sentences.HANDED_BACK)
    assert HandoverStore(floor.url).open_wish(WEB) is None


def test_closing_keeps_outcome_reason_and_agent(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.do(acts.close, lin, WEB, outcome="promise", reason="pays on Friday")
    assert floor.state() is State.WRAPPED_UP
    assert floor.sent()[-1] == ["resume", "bot"]
    with floor.database.reading() as connection:
        found = find(connection, WEB)
        assert found is not None
        (ended,) = views.earlier(connection, found)
    assert (ended["outcome"], ended["closing_reason"], ended["agent"]["name"]) == ("promise", "pays on Friday", "Lin")


def test_closing_a_wish_for_later_says_nothing_to_a_customer_who_talks_to_the_assistant(floor: Floor) -> None:
    floor.ask()
    lin = floor.agent()
    floor.do(acts.close, lin, WEB, outcome="callback", reason="called")
    assert (floor.state(), floor.sent()) == (State.WRAPPED_UP, [])


def test_a_customer_goes_on_with_the_assistant(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    assert HandoverStore(floor.url).back_to_bot(WEB)
    assert floor.state() is State.BOT
    assert floor.moves()[-1] == ("back_to_bot", "customer")
    assert problem_of(floor, writing.reply, lin, WEB, "m", "hello").name == "not-yours"


# What the desk does by itself


def test_waiting_conversations_go_to_agents_with_room(floor: Floor, lin: Agent) -> None:
    for number in range(5):
        floor.ask(f"web-{number}")
        floor.forward(seconds=1)
    assert len(floor.rule().assigned) == 3
    assert floor.queue(lin) == {
        "waiting": ["web-3", "web-4"],
        "later": [],
        "mine": ["web-0", "web-1", "web-2"],
        "live": [],
        "calls": [],
    }


def test_who_was_given_a_conversation_is_called_and_who_took_it_is_not(floor: Floor, lin: Agent) -> None:
    wang = floor.agent("wang", capacity=0)
    floor.ask()
    floor.rule()
    assert (floor.brief()["agent"]["name"], floor.brief()["unread"]) == ("Lin", 1)
    floor.do(writing.seen, lin, WEB)
    floor.do(acts.transfer, lin, WEB, agent_id=wang.id, note="knows it better")
    assert (floor.brief()["agent"]["name"], floor.brief()["unread"]) == ("Wang", 1)
    floor.ask("web-2")
    floor.do(acts.claim, wang, "web-2")
    assert floor.brief("web-2")["unread"] == 0


def test_an_agent_who_claims_by_hand_is_given_nothing_but_customers_wait_for_her(floor: Floor) -> None:
    wang = floor.agent("wang", auto_assign=False)
    assert floor.ask().staffed
    floor.rule()
    assert floor.state() is State.WAITING
    floor.do(acts.claim, wang, WEB)
    floor.ask("web-2")
    lin = floor.agent("lin")
    floor.rule()
    assert floor.brief("web-2")["agent"]["id"] == lin.id


def test_who_switches_it_off_at_the_last_moment_is_given_nothing(floor: Floor, lin: Agent) -> None:
    floor.ask()
    found = floor.look(rules.due, heard_since=floor.now - timedelta(days=1), auto_assign=True)
    assert found.assigned == [(WEB, lin.id)]
    with floor.database.writing() as connection:
        connection.execute(sa.update(agents).values(auto_assign=False))
    floor.do(rules.apply, found)
    assert floor.state() is State.WAITING


def test_conversations_of_an_agent_who_is_gone_go_back_into_the_queue(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    started = floor.now
    floor.forward(minutes=3, seconds=1)
    floor.agent("wang")
    assert floor.rule(heard_since=started, auto_assign=False).gone == [(WEB, "Lin")]
    assert floor.state() is State.WAITING
    assert floor.moves()[-1] == ("agent_gone", "desk")
    assert last_sentence(floor, sentences.AGENT_GONE)


def test_nobody_is_gone_because_the_desk_was_down(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    floor.forward(hours=1)
    assert not floor.rule(heard_since=floor.now - timedelta(seconds=30)).is_something
    assert floor.rule(heard_since=floor.now - timedelta(minutes=4)).is_something


def test_when_the_last_agent_leaves_who_waits_goes_on_with_the_assistant(floor: Floor, lin: Agent) -> None:
    started = floor.now
    floor.ask()
    floor.forward(seconds=61)
    assert not floor.rule(heard_since=floor.now - timedelta(seconds=59)).is_something
    assert floor.rule(heard_since=started).released == [WEB]
    assert floor.state() is State.LATER
    assert floor.sent() == [["resume", "bot"]]
    assert last_sentence(floor, sentences.NOBODY_NOW)
    assert HandoverStore(floor.url).open_wish(WEB) is not None


def test_at_closing_time_nobody_waits_any_longer(floor: Floor, lin: Agent) -> None:
    floor.ask()
    floor.now = MONDAY.replace(hour=21)
    floor.heartbeat(lin)
    assert floor.rule(heard_since=floor.now).released == [WEB]


def test_who_waits_long_hears_the_place_every_few_minutes(floor: Floor, lin: Agent) -> None:
    floor.ask()
    floor.forward(minutes=2)
    floor.heartbeat(lin)
    assert not floor.rule(auto_assign=False).is_something
    floor.forward(minutes=2)
    floor.heartbeat(lin)
    assert len(floor.rule(auto_assign=False).comforted) == 1
    assert last_sentence(floor, sentences.STILL_WAITING, position=1, minutes=1)
    assert not floor.rule(auto_assign=False).is_something


def test_what_was_due_is_not_done_to_what_changed_meanwhile(floor: Floor, lin: Agent) -> None:
    wang = floor.agent("wang", capacity=1)
    floor.ask()
    found = floor.look(rules.due, heard_since=floor.now, auto_assign=True)
    floor.do(acts.claim, wang, WEB)
    floor.do(rules.apply, found)
    assert floor.moves()[-1] == ("claim", "Wang")


# Tags and calls


def test_tags_replace_each_other(floor: Floor, lin: Agent) -> None:
    floor.ask()
    floor.do(writing.set_tags, WEB, ["hardship", "vip", "vip "])
    floor.do(writing.set_tags, WEB, ["hardship"])
    assert floor.brief()["tags"] == ["hardship"]
    assert problem_of(floor, writing.set_tags, WEB, ["x" * 33]).name == "invalid-request"


def test_a_call_stays_in_sight_after_the_conversation_until_it_was_made(floor: Floor, lin: Agent) -> None:
    taken(floor, lin)
    earliest = MONDAY + timedelta(days=1)
    floor.do(writing.schedule_call, lin, WEB, earliest, earliest + timedelta(hours=2), "about the plan")
    floor.do(acts.close, lin, WEB, outcome="callback", reason="")
    assert floor.queue(lin)["calls"] == [WEB]
    assert floor.brief()["callback"]["note"] == "about the plan"
    floor.do(writing.call_made, WEB)
    assert floor.queue(lin)["calls"] == []
    assert "callback" not in floor.brief()


@pytest.mark.parametrize(
    ("hour", "hours", "problem"),
    [(7, 2, "call-hours"), (21, 2, "call-hours"), (22, 1, "call-hours"), (14, -1, "call-time")],
)
def test_nobody_is_called_at_night_or_before_it_begins(
    floor: Floor, lin: Agent, hour: int, hours: int, problem: str
) -> None:
    taken(floor, lin)
    earliest = (MONDAY + timedelta(days=1)).replace(hour=hour)
    latest = earliest + timedelta(hours=hours)
    assert problem_of(floor, writing.schedule_call, lin, WEB, earliest, latest, "").name == problem


# Who may read it


def test_an_agent_reads_what_waits_the_own_and_what_was_the_own(floor: Floor, lin: Agent, boss: Agent) -> None:
    wang = floor.agent("wang")

    def readers() -> set[str]:
        with floor.database.reading() as connection:
            found = find(connection, WEB)
            assert found is not None
            return {agent.name for agent in (lin, wang, boss) if views.may_see(connection, agent, found)}

    floor.says("hello")
    assert readers() == {"boss"}
    floor.ask()
    assert readers() == {"lin", "wang", "boss"}
    floor.do(acts.claim, lin, WEB)
    assert readers() == {"lin", "boss"}
    floor.do(acts.close, lin, WEB, outcome="solved", reason="")
    assert readers() == {"lin", "boss"}
