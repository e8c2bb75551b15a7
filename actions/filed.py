"""What is on file at the bank, applications, promises and disputes alike, and each as response values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Dict, List, Optional, Sequence, TypeVar

from actions.base import Turn
from actions.situation import if_any
from actions.values import day, label, moment, money, percent
from bank.errors import NotOffered
from bank.models import Application, ApplicationKind, ApplicationStatus, Dispute, Promise, PromiseStatus

_PLANS = (ApplicationKind.INSTALMENT, ApplicationKind.AGREEMENT)


def application_values(application: Application) -> Dict[str, Any]:
    """Everything that the bank says of it; what does not apply is `None`, and its row is left out."""
    return {
        "reference": application.reference,
        "kind": label("application_kind", application.kind),
        "status": label("application_status", application.status),
        "last4": application.card_last4,
        "amount": money(application.amount),
        "amount_means": label("application_amount", application.kind),
        "filed_at": moment(application.filed_at),
        "answer_by": day(application.answer_by),
        "terms": application.terms,
        "per_term": money(application.per_term),
        "annualised_rate": percent(application.annualised_rate),
        "new_due_date": day(application.new_due_date),
        "note": application.note,
        "documents_needed": [{"document": label("document", kind)} for kind in application.documents_needed],
        "one_document": len(application.documents_needed) == 1,
        "any_document": len(application.documents_needed) > 1,
        "collection_paused": application.collection_paused,
        "withdrawable": application.withdrawable,
    }


def promise_values(promise: Promise) -> Dict[str, Any]:
    """A promise, in the same shape as an application."""
    return {
        "reference": promise.reference,
        "kind": label("application_kind", "promise"),
        "status": label("promise_status", promise.status),
        "last4": promise.card_last4,
        "amount": money(promise.amount),
        "amount_means": label("application_amount", "promise"),
        "filed_at": moment(promise.created_at),
        "pay_on": day(promise.pay_on),
        "paid_so_far": if_any(promise.paid),
        "withdrawable": promise.status is PromiseStatus.OPEN,
    }


def dispute_values(dispute: Dispute) -> Dict[str, Any]:
    """A dispute, in the same shape as an application."""
    return {
        "reference": dispute.reference,
        "kind": label("application_kind", "dispute"),
        "status": label("dispute_status", dispute.status),
        "last4": dispute.card_last4,
        "amount": money(dispute.amount),
        "amount_means": label("application_amount", "dispute"),
        "wrong": label("dispute_reason", dispute.reason),
        "filed_at": moment(dispute.filed_at),
        "answer_by": day(dispute.answer_by),
        "note": dispute.note,
        "withdrawable": dispute.withdrawable,
    }


@dataclass(frozen=True)
class Filed:
    """One thing on file. `family` says how it is withdrawn: `application`, `promise` or `dispute`."""

    family: str
    reference: str
    filed_at: datetime
    withdrawable: bool
    version: int
    values: Dict[str, Any]
    runs_on: Optional[str] = None  # the card that an active plan runs on


def on_file(turn: Turn) -> List[Filed]:
    """All that the customer has filed, newest first; what this bank does not offer is left out."""
    bank, customer = turn.bank, turn.customer()
    found = [
        _filed("application", each, each.filed_at, application_values(each), _runs_on(each))
        for each in bank.applications(customer)
    ]
    found += [
        _filed("promise", each, each.created_at, promise_values(each))
        for each in _if_offered(turn, "promises", bank.promises, customer)
    ]
    found += [
        _filed("dispute", each, each.filed_at, dispute_values(each))
        for each in _if_offered(turn, "disputes", bank.disputes, customer)
    ]
    return sorted(found, key=lambda each: each.filed_at, reverse=True)


def _filed(family: str, of: Any, filed_at: datetime, values: Dict[str, Any], runs_on: Optional[str] = None) -> Filed:
    return Filed(family, of.reference, filed_at, values["withdrawable"], of.version, values, runs_on)


def _runs_on(application: Application) -> Optional[str]:
    runs = application.kind in _PLANS and application.status is ApplicationStatus.ACTIVE
    return application.card_id if runs else None


_Item = TypeVar("_Item")


def _if_offered(turn: Turn, operation: str, read: Callable[[str], List[_Item]], customer: str) -> Sequence[_Item]:
    try:
        return read(customer) if turn.has((operation,)) else []
    except NotOffered:
        return []
