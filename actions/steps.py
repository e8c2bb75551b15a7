"""Steps that several requests have: which card, for what reason, the confirmation, and sending it to the bank."""

from __future__ import annotations

import logging
import re
import uuid
from abc import abstractmethod
from typing import Any, ClassVar, Dict, List, Optional

from actions.card_names import card_named, card_with_digits, other_card_meant, says_only_other_card, speaks_of_card
from actions.cards import last_four, most_urgent_first
from actions.consent import is_hedged
from actions.conversation import declined_before
from actions.filed import application_values
from actions.form_turn import RECEIPT, FormTurn, Manner, Moment, Step
from actions.ordinals import nth
from actions.reading import begun, seconds_left
from actions.reasons_told import reason_told
from actions.values import label, money
from bank.errors import (
    ChangedMeanwhile,
    IdempotencyConflict,
    IllegalMove,
    NotEligible,
    NotEligibleReason,
    NotFound,
    NotWithdrawable,
    ProofRequired,
    QuoteExpired,
)
from bank.models import Application, ApplicationKind, Card, ReasonClass

logger = logging.getLogger(__name__)

#: Below this a "yes" may be a misreading, and nothing is filed on a guess. Buttons are 1.0.
CERTAIN = 0.5
WITHHELD = "withheld"
_HOW_MUCH = ("amount", "share")
#: So many offers turned down, and a person is offered instead of more of the same.
OFFERS_DECLINED = 2
_QUESTION = re.compile(
    r"[?？]|吗|[么呢]$|几点|几号|哪[里儿个些家]|怎么(?!办)|怎样|如何|多少|什么时候|啥时候|多久|是不是|能不能|可不可以|有没有|咋(?!办)"
    r"|^\s*(?:what|when|where|which|who|how|do|does|can|could|is|are|will|would)\b",
    re.IGNORECASE,
)
#: The card that the conversation has been about.
_SPOKEN_OF = re.compile(
    r"(?:上面|前面|刚才|刚刚|之前|方才)(?:说|提|讲|问|看|聊)?(?:过|到)?|同一张|还是(?:这|那)张"
    r"|\b(?:same|above|mentioned|we (?:were )?(?:just )?talk(?:ed|ing) about|from before|just now)\b",
    re.IGNORECASE,
)


class CardStep(Step):
    """For which card. Slot: `{"id", "name", "last4"}`. Not asked if only one card has something to pay."""

    slot = "request_card"
    entity = "card"

    def fits(self, talk: FormTurn, value: Any) -> bool:
        return any(card.last4 == last_four(value) for card in self._cards(talk))

    def read(self, talk: FormTurn) -> bool:
        named = [digits for digits in map(last_four, talk.entities("card")) if digits]
        if not named:
            return self._read_words(talk)
        chosen = next((card for card in self._cards(talk) if card.last4 in named), None)
        if chosen:
            talk.enter(self.slot, _card_value(chosen))
        else:
            talk.say("utter_request_card_unknown")
        return True

    def _read_words(self, talk: FormTurn) -> bool:
        text = talk.turn.text
        if talk.pending != self.slot and not speaks_of_card(text):
            return False  # the bank is asked for the cards only if it matters
        cards = self._cards(talk)
        current = (talk[self.slot] or {}).get("last4") or last_four(talk.turn.slot("card"))
        chosen = card_with_digits(cards, text) or card_named(cards, text)
        if chosen is None and talk.pending == self.slot:
            chosen = nth(cards, text)
        if chosen is None and talk.pending == self.slot and _SPOKEN_OF.search(text):
            chosen = next((card for card in cards if card.last4 == current), None)
        if chosen is None and says_only_other_card(text):
            chosen = other_card_meant(cards, text, current)
        if chosen:
            talk.enter(self.slot, _card_value(chosen))
        return chosen is not None

    def settle(self, talk: FormTurn) -> bool:
        cards = self._cards(talk)
        if not cards:
            talk.say("utter_request_nothing_due")
            talk.end()
        elif len(cards) == 1:
            talk.enter(self.slot, _card_value(cards[0]))
        return len(cards) <= 1

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        cards = [{**_card_value(card), "due": money(card.amount_due)} for card in self._cards(talk)]
        return {"cards": cards, "request": label("request", talk.topic)}

    def _cards(self, talk: FormTurn) -> List[Card]:
        """Those with something to pay."""
        if "cards" not in talk.memo:
            talk.memo["cards"] = talk.turn.bank.cards(talk.turn.customer())
        return [card for card in talk.memo["cards"] if card.amount_due > 0]


def _card_value(card: Card) -> Dict[str, Any]:
    return {"id": card.id, "name": card.name, "last4": card.last4}


def card_of(talk: FormTurn) -> Card:
    """The card of the request as the bank has it now. Raises `NotFound` if it is gone."""
    if "cards" not in talk.memo:
        talk.memo["cards"] = talk.turn.bank.cards(talk.turn.customer())
    cards: List[Card] = talk.memo["cards"]
    found = next((card for card in cards if card.id == talk["request_card"]["id"]), None)
    if found is None:
        raise NotFound("GET /customers/{customer_id}/cards", "not-found", 404)
    return found


class AnyCardStep(CardStep):
    """For which of all cards, whether it has something to pay or not."""

    def settle(self, talk: FormTurn) -> bool:
        if not self._cards(talk):
            talk.say("utter_no_card")
            talk.end()
            return True
        return super().settle(talk)

    def _cards(self, talk: FormTurn) -> List[Card]:
        super()._cards(talk)
        return most_urgent_first(talk.memo["cards"])


class ReasonStep(Step):
    """Why the customer fell behind: asked once, never required. Slot: a `ReasonClass` value, or `withheld`."""

    slot = "reason"
    entity = "reason"
    _BY_INTENT: ClassVar[Dict[str, ReasonClass]] = {"manage_reminders": ReasonClass.NO_REMINDER}
    # Wordings that tell a reason which fits no class; a question or a figure tells none.
    _TOLD: ClassVar[List[str]] = [
        "report_hardship",
        "overdue_help",
        "out_of_scope",
        "nlu_fallback",
        "promise_to_pay",
        "report_payment_made",
    ]

    def settle(self, talk: FormTurn) -> bool:
        asked = talk.pending == self.slot or self.slot in talk.entities("field")
        known = None if asked else reason_told(talk.turn.tracker.events)
        if known is None:
            return False
        talk[self.slot] = known
        talk.say("utter_reason_remembered", reason=label("reason", known))
        return True

    def read(self, talk: FormTurn) -> bool:
        classes = {reason.value for reason in ReasonClass}
        named = [str(value) for value in talk.entities("reason") if value in classes]
        if not named and talk.pending == self.slot and self._asks_something_else(talk):
            talk.say("utter_out_of_scope_in_request")
            return True
        reason = named[-1] if named else self._told(talk)
        if reason is None:
            return False
        talk[self.slot] = reason
        if talk.pending == self.slot and (named or talk.intent == "report_hardship"):
            talk.say("utter_reason_noted")
        return True

    @staticmethod
    def _asks_something_else(talk: FormTurn) -> bool:
        """A question tells no reason, whatever it is about."""
        return talk.intent in ("out_of_scope", "nlu_fallback") and bool(_QUESTION.search(talk.text))

    def _told(self, talk: FormTurn) -> Optional[str]:
        """The class of a reason that no entity names, if this message answers the question for it."""
        if talk.pending != self.slot:
            return None
        if talk.intent == "deny":
            return WITHHELD
        if talk.intent in self._BY_INTENT:
            return self._BY_INTENT[talk.intent].value
        if talk.intent == "promise_to_pay" and any(each["entity"] in _HOW_MUCH for each in talk.named):
            return None  # "half of it first" is a wish
        bare = talk.intent == "inform" and not talk.named
        return ReasonClass.OTHER.value if bare or talk.intent in self._TOLD else None

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return {"last4": (talk["request_card"] or {}).get("last4"), "request": label("request", talk.topic)}

    @staticmethod
    def told(talk: FormTurn) -> Optional[ReasonClass]:
        """The reason as the bank records it; `None` if it was not given."""
        value = talk["reason"]
        return None if value in (None, WITHHELD) else ReasonClass(value)


class Confirmation(Step):
    """The customer's plain yes to the offer that was shown. From here on the request has its idempotency key."""

    slot = "confirmed"
    shows_cost = True

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        """The values of `utter_<topic>_summary`, which shows the whole offer."""
        return {}

    def reading_seconds(self, talk: FormTurn) -> int:
        """How long the summary is to be read before a yes counts; the bank says it with what it offers."""
        return 0

    def read(self, talk: FormTurn) -> bool:
        if talk.pending != self.slot or talk["offer"] is None:
            return False
        if talk.intent == "affirm":
            self._affirmed(talk)
            return True
        declined = talk.intent in ("deny", "correct") and not talk.entities("field")
        if declined:
            often = declined_before(talk.turn.tracker) >= OFFERS_DECLINED - 1
            talk.reply("utter_negotiation_failed" if often else f"utter_{talk.topic}_declined", **self.values(talk))
        return declined

    def _affirmed(self, talk: FormTurn) -> None:
        shown = talk.entities("offer")
        if shown and talk["offer"]["id"] not in shown:
            return  # a button of an offer that is no longer the one in question
        if talk.confidence < CERTAIN or is_hedged(talk.text):
            talk.reply("utter_confirm_plainly", **self.values(talk))
            return
        if seconds_left(talk["offer"]):
            talk.reply("utter_read_first", **self.values(talk))
            return
        talk[self.slot] = True
        talk["idempotency_key"] = str(uuid.uuid4())

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        offer = talk["offer"]
        return {
            "offer_id": offer["id"],
            "request": label("request", talk.topic),
            "confirm": label("confirm", talk.topic),
            "decline": label("decline", talk.topic),
            "reading_left": seconds_left(offer),
            **offer["values"],
        }

    def ask(self, talk: FormTurn) -> None:
        if talk.manner is Manner.FIRST:
            talk["offer"] = begun(talk["offer"], self.reading_seconds(talk))
            talk.say(f"utter_{talk.topic}_summary", **{**self.values(talk), **self.summary(talk)})
        elif talk.manner is Manner.AGAIN:
            talk.say(f"utter_{talk.topic}_confirm", **self.values(talk))
        else:
            talk.question(self.slot, **self.values(talk))


class Sending(Step):
    """Sends the confirmed and proved request. Stays open while it is not known whether the bank has received it."""

    slot = RECEIPT

    @abstractmethod
    def send(self, talk: FormTurn) -> Any:
        """The one write at the bank, with the request's idempotency key.

        Raises `BankError`.
        """

    def settle(self, talk: FormTurn) -> bool:
        if talk.pending == RECEIPT and (talk.moment is Moment.INTERRUPTED or talk.intent == "deny"):
            return False
        try:
            filed = self.send(talk)
        except (QuoteExpired, NotFound):
            offer_expired(talk)
        except IdempotencyConflict:
            logger.error("the idempotency key of a request was used for another one")
            offer_expired(talk)
        except ProofRequired:
            talk.say("utter_proof_expired")
            talk["challenge"] = talk["proof"] = None
        except NotEligible as error:
            self.refused(talk, error)
        except NotWithdrawable:
            not_withdrawable(talk)
        except (ChangedMeanwhile, IllegalMove):
            talk.say("utter_changed_meanwhile")
            talk.void()
        else:
            talk[RECEIPT] = self.receipt(filed)
            self.tell(talk, filed)
        return True

    def receipt(self, filed: Any) -> str:
        """What shows that the bank has it."""
        return str(filed.reference)

    def refused(self, talk: FormTurn, error: NotEligible) -> None:
        """The bank does not allow it. Ends the request, unless the customer can enter something else."""
        not_eligible(talk, error)

    @abstractmethod
    def tell(self, talk: FormTurn, filed: Any) -> None:
        """Tell the customer that it is done."""

    def ask(self, talk: FormTurn) -> None:
        talk.say("utter_filing_unclear", request=label("request", talk.topic))


class Filing(Sending):
    """Files an application for the offer."""

    def __init__(self, kind: ApplicationKind) -> None:
        self._kind = kind

    def send(self, talk: FormTurn) -> Application:
        return talk.turn.bank.file_application(
            talk.turn.customer(),
            kind=self._kind,
            card_id=talk["request_card"]["id"],
            quote_id=talk["offer"]["id"],
            reason=ReasonStep.told(talk),
            proof=talk["proof"],
            idempotency_key=talk["idempotency_key"],
        )

    def tell(self, talk: FormTurn, filed: Application) -> None:
        talk.say(f"utter_{talk.topic}_filed", **application_values(filed))


def offer_expired(talk: FormTurn) -> None:
    """Say that the figures are no longer good; the next step fetches new ones, to be confirmed again."""
    talk.say("utter_offer_expired")
    talk.void()


def not_eligible(talk: FormTurn, error: NotEligible) -> None:
    """Say why the bank does not allow it and which other ways there are. Ends the request."""
    others = [card for card in talk.memo.get("cards", []) if card.amount_due > 0]
    talk.say(
        f"utter_{talk.topic}_not_eligible",
        reason=label("not_eligible", error.reason),
        last4=talk["request_card"]["last4"],
        other_cards=len(others) > 1,
        running=error.reason is NotEligibleReason.ALREADY_RUNNING,
        too_long=error.reason is NotEligibleReason.TOO_LONG_OVERDUE,
        not_long=error.reason is not NotEligibleReason.TOO_LONG_OVERDUE,
    )
    talk.end()


def not_withdrawable(talk: FormTurn) -> None:
    """Say that it cannot be withdrawn any more. Ends the request."""
    talk.say("utter_not_withdrawable", reference=talk["withdrawal"])
    talk.end()
