"""Questions about requests and payments: what is signed, how long it takes, what if not, which instalment is next."""

from __future__ import annotations

import logging
import re
from typing import Any, Callable, Dict, Optional

from actions.about_plans import tell_early_settlement, tell_schedule
from actions.agreement import conditions_of
from actions.applications import ActionApplications
from actions.base import BankAction, Events, Turn
from actions.cards import choose_card
from actions.compare import AGREEMENT_NEEDS
from actions.conversation import all_responses
from actions.filed import on_file
from actions.form_turn import topic_of
from actions.human import ActionHuman, service_values
from actions.payments import ActionPaymentMade
from actions.repayment import ActionRepaymentChannels
from actions.values import label
from bank.errors import BankError
from bank.models import AgreementQuote

logger = logging.getLogger(__name__)

_SIGNING, _COLLECTION, _CONTACT, _WAIT = "signing", "collection", "contact", "wait"
_HAS_PAID = re.compile(r"了|过|昨|刚|今早|\b(?:paid|made|sent|transferred|yesterday|just)\b", re.IGNORECASE)
_SAME_FOR_ALL = {
    "refused": "utter_about_refusal",
    "papers": "utter_about_papers",
    "missed": "utter_about_missed_instalment",
}
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
        if asked in _TOLD_BY:
            return _TOLD_BY[asked](turn)
        if asked in _SAME_FOR_ALL:
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


def _tell_posting(turn: Turn) -> Events:
    """Who has paid hears what has come in, everybody else how soon each way is booked."""
    has_paid = _HAS_PAID.search(turn.text) or all_responses(turn.tracker)[-1:] == ["utter_payments"]
    return (ActionPaymentMade if has_paid else ActionRepaymentChannels)(turn.bank).answer(turn)


#: What is asked, and who tells it.
_TOLD_BY: Dict[str, Callable[[Turn], Events]] = {
    "review": _tell_review,
    _WAIT: _tell_review,
    "schedule": tell_schedule,
    "early": tell_early_settlement,
    "posting": _tell_posting,
}
