"""The summary of a case, by rules, as an agent sees it first.

who           customer_id, name, masked_phone, language, verified: {how: bank_sign_in | none, at, until, holds}
bank          ok, partial (see `missing`), unavailable, or not_verified: then there are no figures
missing       what the bank did not answer
accounts      of each card: what `desk.case.figures.account` gives
reason        class, monthly_capacity, topics (the latest first), topic of the hand-over
offered       [{request, at, values}], refused [{request, …}], filed [an application]
mood          [{kind, at}]
why           trigger, reason, priority, reference, asked_at, callback
suggestions   [{id, text: {zh, en}, canned: [id], request}]
open_requests [an application, or a dispute with kind `dispute`], promises, contacts: as the bank has them
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional

from bank.models import Contact, ContactDirection, ContactOutcome
from common import clock
from desk.case.figures import Figures, account, as_json
from desk.case.suggestions import suggestions
from desk.case.told import Told

OK, PARTIAL, UNAVAILABLE, NOT_VERIFIED = "ok", "partial", "unavailable", "not_verified"
_REACHED = frozenset({ContactOutcome.SENT, ContactOutcome.DELIVERED, ContactOutcome.ANSWERED, ContactOutcome.NO_ANSWER})

Json = Dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What the desk's store has of a conversation."""

    conversation_id: str
    customer_id: Optional[str]  # whom the bank signed in
    language: str
    handover: Mapping[str, Any] = field(default_factory=dict)  # the last hand-over's row; empty if there was none

    @property
    def notes(self) -> Mapping[str, Any]:
        """What the assistant noted for whoever takes over."""
        return self.handover.get("notes") or {}


def summarise(case: Case, told: Told, figures: Optional[Figures]) -> Json:
    """The summary. `figures`: none if nobody was signed in."""
    bank = _bank(figures)
    found = figures or Figures()
    return {
        "who": _who(case, told, found),
        "bank": bank,
        "missing": found.missing,
        "accounts": [account(card, found.overdue.get(card.id)) for card in found.cards],
        "reason": {
            "class": told.reason,
            "monthly_capacity": _capacity(case, told),
            "topics": list(reversed(told.topics)),
            "topic": case.handover.get("reason"),
        },
        "offered": told.offered,
        "refused": _refused(case),
        "filed": [as_json(each) for each in found.applications if each.reference in told.filed],
        "mood": told.mood,
        "why": _why(case.handover),
        "suggestions": suggestions(facts(case, told, figures)),
        "open_requests": _open_requests(found),
        "promises": [as_json(each) for each in found.promises],
        "contacts": [as_json(each) for each in found.contacts],
    }


def facts(case: Case, told: Told, figures: Optional[Figures]) -> Json:
    """The facts that rules go by, as `suggestions.yml` explains them."""
    found = figures or Figures()
    card = found.main_card(told.card_last4)
    overdue = found.overdue.get(card.id) if card else None
    return {
        "verified": case.customer_id is not None,
        "signed_in": told.is_signed_in(),
        "bank": _bank(figures),
        "language": case.language,
        "trigger": case.handover.get("trigger"),
        "topic": case.handover.get("reason"),
        "mood": [each["kind"] for each in told.mood],
        "reason": told.reason,
        "capacity": _capacity(case, told) is not None,
        "state": card.state.value if card else None,
        "days": card.days_past_due if card else None,
        "first_time": overdue.first_time if overdue else None,
        "pending": bool(overdue and overdue.pending_payments),
        "late_fee": bool(overdue and overdue.late_fee),
        "open": _kinds_and_states(found),
        "promise": bool(found.open_promises),
        "refused": [each["request"] for each in _refused(case) if each.get("request")],
        "contacts_today": sum(_is_contact_of_today(each) for each in found.contacts),
    }


def _bank(figures: Optional[Figures]) -> str:
    if figures is None:
        return NOT_VERIFIED
    if not figures.reached:
        return UNAVAILABLE
    return PARTIAL if figures.missing else OK


def _who(case: Case, told: Told, figures: Figures) -> Json:
    customer = figures.customer
    return {
        "customer_id": case.customer_id,
        "name": customer.name if customer else None,
        "masked_phone": customer.masked_phone if customer else None,
        "language": case.language,
        "verified": {
            "how": "bank_sign_in" if case.customer_id else "none",
            "at": _iso(told.verified_at),
            "until": _iso(told.verified_until),
            "holds": told.is_signed_in(),
        },
    }


def _why(handover: Mapping[str, Any]) -> Optional[Json]:
    if not handover:
        return None
    asked = {name: handover.get(name) for name in ("trigger", "reason", "priority", "reference")}
    earliest, latest = handover.get("callback_from"), handover.get("callback_until")
    call = {"from": _iso(earliest), "until": _iso(latest)} if earliest else None
    return {**asked, "asked_at": _iso(handover.get("created_at")), "callback": call}


def _capacity(case: Case, told: Told) -> Optional[str]:
    return told.monthly_capacity or case.notes.get("monthly_capacity")


def _refused(case: Case) -> List[Json]:
    return list(case.notes.get("turned_down") or [])


def _open_requests(figures: Figures) -> List[Json]:
    disputes = [{**as_json(each), "kind": "dispute"} for each in figures.open_disputes]
    return [as_json(each) for each in figures.open_applications] + disputes


def _kinds_and_states(figures: Figures) -> List[str]:
    applications = [word for each in figures.open_applications for word in (each.kind.value, each.status.value)]
    disputes = [word for each in figures.open_disputes for word in ("dispute", each.status.value)]
    return sorted({*applications, *disputes})


def _is_contact_of_today(contact: Contact) -> bool:
    at_the_bank = contact.at.astimezone(clock.BANK_ZONE)
    return (
        contact.direction is ContactDirection.OUT
        and contact.outcome in _REACHED
        and at_the_bank.date() == clock.today()
    )


def _iso(moment: Optional[datetime]) -> Optional[str]:
    return moment.isoformat() if moment else None
