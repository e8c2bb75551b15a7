"""Who has a conversation, and what can become of that: the table, and nothing else. Pure.

While a conversation waits or is with people the assistant is paused, see `SILENT`; where its events tell otherwise, it
is put right (`desk.ingestion`).

    move            from                     to          who makes it
    request         bot, later, wrapped_up   waiting     the customer, when somebody is there to take it
    request_later   bot, wrapped_up          later       the customer, when nobody is there
    claim           waiting, later           agent       an agent who takes it
    assign          waiting, later           agent       the desk by its rules, or a supervisor
    nobody_left     waiting                  later       the desk: the last agent left, or it is closing time
    back_to_bot     all but bot, wrapped_up  bot         the customer, who goes on with the assistant
    transfer        agent                    agent       the agent, or a supervisor who assigns it to another
    take_over       agent                    agent       a supervisor
    requeue         agent                    waiting     the agent, for whoever is next
    agent_gone      agent                    waiting     the desk: the agent's console has been away
    hand_back       agent, elsewhere         bot         the agent, or who had it elsewhere
    close           agent, later, waiting    wrapped_up  an agent
    customer_writes wrapped_up               bot         the customer
    go_elsewhere    bot, later, wrapped_up   elsewhere   the customer, where people of the channel's own answer
    come_here       elsewhere                waiting     the desk: those people cannot be had
"""

from __future__ import annotations

from enum import Enum
from typing import Dict, FrozenSet, Mapping, Optional, Tuple


class State(str, Enum):
    """Who has the conversation."""

    BOT = "bot"
    LATER = "later"  # a person is wanted, nobody was there: the assistant goes on until somebody takes it
    WAITING = "waiting"
    AGENT = "agent"
    ELSEWHERE = "elsewhere"  # people of the messaging service's own have it, or are on the way
    WRAPPED_UP = "wrapped_up"


class Move(str, Enum):
    """What happens to a conversation."""

    REQUEST = "request"
    REQUEST_LATER = "request_later"
    CLAIM = "claim"
    ASSIGN = "assign"
    NOBODY_LEFT = "nobody_left"
    BACK_TO_BOT = "back_to_bot"
    TRANSFER = "transfer"
    TAKE_OVER = "take_over"
    REQUEUE = "requeue"
    AGENT_GONE = "agent_gone"
    HAND_BACK = "hand_back"
    CLOSE = "close"
    CUSTOMER_WRITES = "customer_writes"
    GO_ELSEWHERE = "go_elsewhere"
    COME_HERE = "come_here"


_ROWS: Mapping[Move, Tuple[Tuple[State, ...], State]] = {
    Move.REQUEST: ((State.BOT, State.LATER, State.WRAPPED_UP), State.WAITING),
    Move.REQUEST_LATER: ((State.BOT, State.WRAPPED_UP), State.LATER),
    Move.CLAIM: ((State.WAITING, State.LATER), State.AGENT),
    Move.ASSIGN: ((State.WAITING, State.LATER), State.AGENT),
    Move.NOBODY_LEFT: ((State.WAITING,), State.LATER),
    Move.BACK_TO_BOT: ((State.WAITING, State.AGENT, State.LATER, State.ELSEWHERE), State.BOT),
    Move.TRANSFER: ((State.AGENT,), State.AGENT),
    Move.TAKE_OVER: ((State.AGENT,), State.AGENT),
    Move.REQUEUE: ((State.AGENT,), State.WAITING),
    Move.AGENT_GONE: ((State.AGENT,), State.WAITING),
    Move.HAND_BACK: ((State.AGENT, State.ELSEWHERE), State.BOT),
    Move.CLOSE: ((State.AGENT, State.LATER, State.WAITING), State.WRAPPED_UP),
    Move.CUSTOMER_WRITES: ((State.WRAPPED_UP,), State.BOT),
    Move.GO_ELSEWHERE: ((State.BOT, State.LATER, State.WRAPPED_UP), State.ELSEWHERE),
    Move.COME_HERE: ((State.ELSEWHERE,), State.WAITING),
}

#: What becomes of a conversation in a state by a move; what is not here cannot happen.
TRANSITIONS: Mapping[Tuple[State, Move], State] = {
    (before, move): after for move, (befores, after) in _ROWS.items() for before in befores
}

#: In these the assistant is paused: nobody but an agent speaks to the customer.
SILENT: FrozenSet[State] = frozenset({State.WAITING, State.AGENT, State.ELSEWHERE})
#: In these a person of the desk is wanted or there.
AT_DESK: FrozenSet[State] = frozenset({State.LATER, State.WAITING, State.AGENT})
#: In these a person is wanted or there: the hand-over is open.
WITH_PEOPLE: FrozenSet[State] = AT_DESK | {State.ELSEWHERE}


class IllegalMove(Exception):
    """A move that a conversation in this state cannot make."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f"no {move.value} from {state.value}")
        self.state = state
        self.move = move


def after(state: State, move: Move) -> State:
    """The state that follows; raises `IllegalMove`."""
    try:
        return TRANSITIONS[state, move]
    except KeyError:
        raise IllegalMove(state, move) from None


def request_of(state: State, *, staffed: bool, elsewhere: bool = False) -> Optional[Move]:
    """What a customer's wish for a person does: nothing if it is known already and nothing more can be done now.

    `elsewhere`: people of the messaging service's own answer.
    """
    there = Move.GO_ELSEWHERE if elsewhere else Move.REQUEST
    move = there if staffed else Move.REQUEST_LATER
    return move if (state, move) in TRANSITIONS else None


def allowed(state: State) -> Dict[Move, State]:
    """Every move that a conversation in this state can make, with what follows."""
    return {move: becomes for (before, move), becomes in TRANSITIONS.items() if before is state}
