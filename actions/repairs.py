"""What people say about the conversation itself: stop, try again, and a yes or no when nothing was asked."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.forms import REQUESTED_SLOT

from actions.base import BankAction, Events, Turn
from actions.care import just_in_distress
from actions.form_turn import PARKED, RECEIPT, WORKING, topic_of
from actions.forms import ACTION_RETRY
from actions.values import label
from actions.wishes import ANSWERED_BY, offered_wish
from bank.models import PromiseStatus


class ActionStop(BankAction):
    """`stop`: leaves the request in progress, asks nothing and forgets all that was entered."""

    needs_customer = False

    def name(self) -> str:
        """As in the domain."""
        return "action_stop"

    def answer(self, turn: Turn) -> Events:
        """Say what became of the request: nothing was filed, unless it was sent and the bank's answer is missing."""
        form = turn.tracker.active_loop_name
        if not form:
            turn.say("utter_nothing_to_stop")
        elif turn.slot(REQUESTED_SLOT) == RECEIPT:
            turn.say("utter_stopped_unclear", request=label("request", topic_of(form)))
        else:
            turn.say("utter_stopped", request=label("request", topic_of(form)))
        forgotten = [slot for slot in (*WORKING, PARKED) if turn.slot(slot) is not None]
        return [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), *(SlotSet(slot, None) for slot in forgotten)]


class ActionRetry(BankAction):
    """`retry`: does again what failed. In a form, where nothing else failed, the form itself goes on."""

    needs_customer = False

    def name(self) -> str:
        """As in the domain."""
        return ACTION_RETRY

    def answer(self, turn: Turn) -> Events:
        """Run the action that failed last, once."""
        failed = turn.slot("failed_action")
        if failed and not str(failed).startswith("validate_"):
            return [SlotSet("failed_action", None), FollowupAction(failed)]
        if not turn.tracker.active_loop_name:
            turn.say("utter_nothing_to_retry")
        return []


class ActionLooseAffirm(BankAction):
    """`affirm` when no form asks: goes on with what was just offered, or with the request that was put aside last."""

    needs_customer = False

    def name(self) -> str:
        """As in the domain."""
        return "action_loose_affirm"

    def answer(self, turn: Turn) -> Events:
        """Start the form anew, or ask what to do."""
        if just_in_distress(turn):
            turn.say("utter_care_listening")
            return []
        wish = offered_wish(turn.tracker)
        if wish in ANSWERED_BY:
            return [FollowupAction(ANSWERED_BY[wish])]
        if turn.slot(PARKED):
            return [FollowupAction(turn.slot(PARKED)[-1]["form"])]
        turn.say("utter_loose_affirm")
        return []


class ActionLooseDeny(BankAction):
    """`deny` when nothing was asked: forgets what was put aside."""

    needs_customer = False

    def name(self) -> str:
        """As in the domain."""
        return "action_loose_deny"

    def answer(self, turn: Turn) -> Events:
        """Say that nothing was changed."""
        if just_in_distress(turn):
            turn.say("utter_care_listening")
            return []
        turn.say("utter_loose_deny")
        return [SlotSet(PARKED, None)]


class ActionLooseCorrect(BankAction):
    """`correct` when no form asks: "make it the 20th" after a promise was noted changes that promise.

    "Make it 24 months" asks for instalments.
    """

    needs_customer = False

    def name(self) -> str:
        """As in the domain."""
        return "action_loose_correct"

    def answer(self, turn: Turn) -> Events:
        """Open the request that the message fits, for a promise only if one is open; else ask what to do."""
        fits = any(turn.entity(name) for name in ("date", "amount", "share"))
        if fits and turn.customer_id and turn.can("promise_to_pay") and self._has_open_promise(turn):
            return [FollowupAction("promise_form")]
        if turn.entity("term") and not fits and turn.customer_id and turn.can("request_instalment"):
            return [FollowupAction("instalment_form")]
        turn.say("utter_loose_correct")
        return []

    @staticmethod
    def _has_open_promise(turn: Turn) -> bool:
        return any(promise.status is PromiseStatus.OPEN for promise in turn.bank.promises(turn.customer()))
