"""A customer in distress or danger: care first, and a person; nothing of money."""

from __future__ import annotations

import logging
from typing import Optional

from rasa_sdk.events import SlotSet

from actions.base import BankAction, Events, Turn
from actions.conversation import intents_before
from actions.handover import care_trigger
from actions.human import WAITING_WITH_CARE, ActionHuman, wait_for_person
from actions.parked import put_aside
from actions.session import RETURNED
from actions.values import label
from actions.wishes import SECOND_WISH
from common.care import CARE_ENTITY, CARE_INTENT, care_kinds
from desk.client import DeskError, Recorded

logger = logging.getLogger(__name__)

#: What the intent means when no wording told the kind.
_DEFAULT = "self_harm"


class ActionInDistress(ActionHuman):
    """Says where help is at once and asks for a person, whoever speaks and whatever else fails.

    Answers every message that holds a sign of `data/responses/care.yml`, and the intent `in_distress`. A request in
    progress is put aside and not mentioned; the customer may take it up again by asking for it.
    """

    def name(self) -> str:
        return "action_in_distress"

    def answer(self, turn: Turn) -> Events:
        kind = care_kinds().get(turn.entity(CARE_ENTITY) or "") or care_kinds()[_DEFAULT]
        recorded: Optional[Recorded] = None
        try:
            recorded = self.record(turn, kind.name, care_trigger(kind))
        except DeskError:
            logger.exception("the wish for a person could not be recorded")
        turn.say(f"utter_care_{kind.name}", person=label("care_recorded", "yes" if recorded else "no"))
        if recorded and recorded.staffed:
            return wait_for_person(turn, recorded, WAITING_WITH_CARE)
        # Nothing of money follows by itself.
        return [*put_aside(turn), SlotSet(SECOND_WISH, None), SlotSet(RETURNED, None)]


class ActionAnger(BankAction):
    """A message that insults and asks nothing: answered calmly, with ways on."""

    needs_customer = False

    def name(self) -> str:
        return "action_anger"

    def answer(self, turn: Turn) -> Events:
        turn.say("utter_anger_calm")
        return []


def just_in_distress(turn: Turn) -> bool:
    """Whether the answer before this message was one of care: nothing of money follows by itself."""
    return intents_before(turn.tracker)[:1] == [CARE_INTENT]
