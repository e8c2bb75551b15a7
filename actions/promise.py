"""What is said to a customer who will pay: by when it counts, and how. `promise_request` notes it at the bank."""

from __future__ import annotations

from datetime import date
from typing import Optional

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import Situation, owed, situation_of, ways_out
from actions.values import Value, day, label
from bank.models import OverdueSummary
from common import clock


class ActionPromiseToPay(CardAction):
    """`promise_to_pay`, for visitors, and for banks that note no promises here."""

    intent = "promise_to_pay"

    def name(self) -> str:
        return "action_promise_to_pay"

    def about(self, turn: Turn, focus: Focus) -> None:
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        situation = situation_of(summary)
        promised = promised_day(turn.entity("date"))
        late = is_late(summary, promised)
        can_deferral = late and ways_out(turn, focus.card).deferral
        turn.say(
            "utter_promise_nothing" if situation is Situation.CLEAR else "utter_promise",
            **focus.values(),
            **owed(summary),
            opening=opening(summary, promised),
            promised_day=day(promised),
            can_deferral=can_deferral,
        )


def promised_day(text: Optional[str]) -> Optional[date]:
    """The day that the customer named, if it is a date and not in the past."""
    try:
        named = date.fromisoformat(str(text))
    except ValueError:
        return None
    return named if named >= clock.today() else None


def is_late(summary: OverdueSummary, promised: Optional[date]) -> bool:
    """Whether paying on that day no longer counts as on time, though today it would."""
    open_still = situation_of(summary) in (Situation.DUE, Situation.IN_GRACE)
    return open_still and promised is not None and promised > summary.grace_ends_on


def opening(summary: OverdueSummary, promised: Optional[date]) -> Value:
    """The sentence that says what paying on that day, or at all, means for a card with something to pay."""
    group = situation_of(summary).group
    if is_late(summary, promised):
        return label("promise_opening", "late")
    return label("promise_opening", f"{group}_dated" if promised else group)
