"""Questions about requests: what is signed and handed in, how long it takes, what if not, which instalment is next."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional

from actions.agreement import conditions_of
from actions.applications import ActionApplications
from actions.base import BankAction, Events, Turn, ask_to_sign_in
from actions.cards import choose_card
from actions.compare import AGREEMENT_NEEDS
from actions.conversation import all_responses
from actions.customer import identity_of
from actions.filed import on_file
from actions.form_turn import topic_of
from actions.human import ActionHuman, service_values
from actions.plans import NEEDS as PLAN_NEEDS
from actions.plans import SETTLEMENT_NEEDS, plan_values, plans_on, settlement_values, settlements
from actions.repayment import ActionRepaymentChannels
from actions.values import label
from bank.errors import BankError
from bank.models import AgreementQuote, Plan

logger = logging.getLogger(__name__)

_SIGNING, _COLLECTION, _REVIEW, _CONTACT, _WAIT = "signing", "collection", "review", "contact", "wait"
_SCHEDULE, _EARLY = "schedule", "early"
_SAME_FOR_ALL = {
    "refused": "utter_about_refusal",
    "papers": "utter_about_papers",
    "missed": "utter_about_missed_instalment",
}
_PLAN_FORMS = ("instalment_form", "agreement_form")
_AGENCY = "agency"
_PERSON_WANTED = (
    "utter_human_recorded",
    "utter_human_already",
    "utter_human_with_care",
    "utter_complaint",
    "utter_complaint_more",
)
_AGREEMENT, _INSTALMENT = "agreement", "instalment"
#: What the names of the responses about each hold; the first that fits counts.
_NAMES = {_AGREEMENT: ("_agreement",), _INSTALMENT: ("_instalment", "_term")}


class ActionAboutRequest(BankAction):
    """The entity `asked`. What a bank does not say is said in general, without the bank's conditions."""

    needs_customer = False

    def name(self) -> str:
        return "action_about_request"

    def answer(self, turn: Turn) -> Events:
        asked = turn.entity("asked") or _SIGNING
        topic = _topic(turn)
        if asked == _CONTACT:
            turn.say("utter_contact", **service_values())
            return []
        if turn.intent == "request_human" or asked == _WAIT and _waits_for_person(turn):
            return ActionHuman(turn.bank).answer(turn)
        if asked in (_REVIEW, _WAIT):
            return _tell_review(turn)
        if asked == _EARLY:
            return _tell_early_settlement(turn)
        if asked == _SCHEDULE:
            _tell_schedule(turn)
        elif asked in _SAME_FOR_ALL:
            turn.say(_SAME_FOR_ALL[asked])
        elif asked == _COLLECTION or topic == _AGREEMENT:
            _tell_agreement(turn, asked)
        elif topic == _INSTALMENT:
            turn.say("utter_about_instalment_contract")
        else:
            turn.say("utter_about_signing_in_request" if topic else "utter_about_signing")
        return []


class ActionThirdParty(BankAction):
    """The entity `party`: somebody else's card, or somebody who is paid to settle it. Neither has a place here."""

    needs_customer = False

    def name(self) -> str:
        return "action_third_party"

    def answer(self, turn: Turn) -> Events:
        turn.say("utter_about_agencies" if turn.entity("party") == _AGENCY else "utter_own_card_only")
        return []


def _waits_for_person(turn: Turn) -> bool:
    return any(response in _PERSON_WANTED for response in all_responses(turn.tracker))


def _topic(turn: Turn) -> Optional[str]:
    """The request that runs, else which of the two that are signed was spoken of last; `None` if neither was."""
    form = turn.tracker.active_loop_name
    if form:
        return topic_of(form)
    for response in reversed(all_responses(turn.tracker)):
        for topic, names in _NAMES.items():
            if any(name in response for name in names):
                return topic
    return None


def _tell_agreement(turn: Turn, asked: str) -> None:
    quote = _quote(turn)
    how = asked
    if asked == _COLLECTION:
        how = "collection_unknown" if quote is None else "paused" if quote.collection_paused else "not_paused"
    conditions: Dict[str, Any] = {} if quote is None else conditions_of(quote)
    turn.say("utter_about_agreement", opening=label("about_agreement", how), **conditions)


def _quote(turn: Turn) -> Optional[AgreementQuote]:
    """An agreement that the bank offers for the card in question; `None` if there is none or the bank is silent."""
    if turn.customer_id is None or not turn.has(AGREEMENT_NEEDS):
        return None
    try:
        requested = turn.slot("request_card")
        card_id = requested["id"] if requested else _card_id(turn, turn.customer_id)
        found = turn.bank.agreement_quotes(turn.customer_id, card_id) if card_id else []
    except BankError as error:  # the rule that such an agreement is signed needs no figures
        logger.info("the conditions of an agreement are not known: %s", type(error).__name__)
        return None
    return next(iter(found), None)


def _card_id(turn: Turn, customer_id: str) -> Optional[str]:
    cards = turn.bank.cards(customer_id)
    return choose_card(cards, named=None, remembered=turn.slot("card")).card.id if cards else None


def _tell_review(turn: Turn) -> Events:
    """The state of what is on file; else who decides, and that the day is told once it is filed."""
    filed = turn.customer_id is not None and not turn.tracker.active_loop_name and on_file(turn)
    if filed:
        return ActionApplications(turn.bank).answer(turn)
    turn.say("utter_review_time")
    return []


def _tell_schedule(turn: Turn) -> None:
    """What comes next: of the offer that is being asked for, else of the plans that run, else of one in review."""
    if turn.customer_id is None:
        ask_to_sign_in(turn.dispatcher, expired=identity_of(turn.tracker).expired)
    elif turn.tracker.active_loop_name in _PLAN_FORMS:
        offer = turn.slot("offer")
        values = offer["values"] if offer else {}
        turn.say("utter_first_instalment_due" if values else "utter_cost_follows", **values)
    elif turn.has(PLAN_NEEDS):
        _tell_plans(turn)
    else:
        ActionApplications(turn.bank).answer(turn)


def _tell_plans(turn: Turn) -> None:
    plans = _plans(turn)
    for plan in plans:
        turn.say("utter_plan", **plan_values(plan))
    if not plans:
        waiting = [each.values for each in on_file(turn) if each.withdrawable and each.values.get("terms")]
        turn.say("utter_plan_in_review" if waiting else "utter_no_plan", **(waiting[0] if waiting else {}))


def _plans(turn: Turn) -> List[Plan]:
    return plans_on(turn, [card.id for card in turn.bank.cards(turn.customer())])


def _tell_early_settlement(turn: Turn) -> Events:
    """What ending each plan that runs costs today. Without one, how the bill is paid; in a request, only in general."""
    if turn.customer_id is None or turn.tracker.active_loop_name:
        turn.say("utter_about_early_settlement")
        return []
    plans = _plans(turn) if turn.has(SETTLEMENT_NEEDS) else []
    quotes = settlements(turn, plans)
    for quote in quotes:
        turn.say("utter_early_settlement", **settlement_values(quote))
    if plans and not quotes:
        turn.say("utter_about_early_settlement")
    return [] if plans else ActionRepaymentChannels(turn.bank).answer(turn)
