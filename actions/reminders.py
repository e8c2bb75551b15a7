"""Reminders and notices: how the customer is contacted, and the date to keep in mind."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.situation import owed, situation_of
from actions.values import day, label
from bank.models import ContactChannel, ContactPreferences

#: The bank's operations without which it cannot be set here.
SETTING = ("contact_preferences", "set_contact_preferences")


class ActionReminders(CardAction):
    """`manage_reminders`, unless the words say how to be contacted: then it is `actions.reminders_request`."""

    intent = "manage_reminders"
    general = "utter_general_reminders"

    def name(self) -> str:
        return "action_reminders"

    def about(self, turn: Turn, focus: Focus) -> None:
        customer = turn.bank.customer(turn.customer())
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        can_set = turn.has(SETTING)
        known = preference_values(turn.bank.contact_preferences(turn.customer())) if can_set else {}
        turn.say(
            "utter_reminders",
            **focus.values(),
            **owed(summary),
            **known,
            masked_phone=customer.masked_phone,
            standing=label("reminders_standing", situation_of(summary).group),
            how=label("reminders_how", "here" if can_set else "elsewhere"),
            can_set=can_set,
        )


def preference_values(preferences: ContactPreferences, also: Sequence[ContactChannel] = ()) -> Dict[str, Any]:
    """How the customer is contacted; `also` are channels to show as not used."""
    shown = [*preferences.channels, *(each for each in also if each not in preferences.channels)]
    used = set(preferences.channels)
    return {
        "ways": [
            {"way": label("contact_channel", each), "used": label("contact_used", "yes" if each in used else "no")}
            for each in shown
        ],
        "reminders_state": label("reminders_state", "on" if preferences.reminders else "off"),
        "contact_from": f"{preferences.contact_from:%H:%M}",
        "contact_until": f"{preferences.contact_until:%H:%M}",
        "paused_until": day(preferences.paused_until),
    }
