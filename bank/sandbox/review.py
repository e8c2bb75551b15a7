"""Decides by the policy's plain rules what waits for a decision, once its time has come and somebody looks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Collection, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import ApplicationKind, ApplicationStatus, DisputeReason, DisputeStatus, DocumentKind, ReasonClass
from bank.sandbox import applications, disputes, papers, store
from bank.sandbox.accounts import CardAccount, read_card
from bank.sandbox.eligibility import still_possible
from bank.sandbox.policy import Policy
from bank.sandbox.policy_review import Review
from bank.sandbox.problems import Problem
from bank.sandbox.store import Row, Store
from common import clock

A, D = ApplicationStatus, DisputeStatus


def catch_up(database: Store, policy: Policy, today: date) -> None:
    """Decide what was to be decided by now. Costs two look-ups in an index if there is nothing."""
    now = clock.now()
    with database.reading() as connection:
        if not _anything_waits(connection, now):
            return
    with database.writing() as connection:
        _decide_applications(connection, policy, today, now)
        _decide_disputes(connection, policy, today, now)


def application_verdict(
    rules: Review, application: Row, of: Optional[CardAccount], attached: Collection[DocumentKind]
) -> ApplicationStatus:
    """What the rules say: approved, declined, or that papers are needed. `of` is None if the card is gone."""
    kind = ApplicationKind(application["kind"])
    limits = rules.limits[kind]
    days_past_due = of.now.days_past_due if of is not None and of.has_bill else 0
    if of is None or application["amount"] > limits.amount or days_past_due > limits.days_past_due:
        return A.DECLINED
    if not still_possible(of, application):
        return A.DECLINED
    if kind in rules.need_papers and not set(papers_for(rules, application)) & set(attached):
        return A.NEEDS_DOCUMENTS
    return A.APPROVED


def papers_for(rules: Review, application: Row) -> Collection[DocumentKind]:
    """Any one of these goes with the reason that was given."""
    return rules.papers[ReasonClass(application["reason"] or ReasonClass.OTHER.value)]


def dispute_verdict(rules: Review, dispute: Row) -> DisputeStatus:
    """What the rules say: upheld or declined."""
    upheld = DisputeReason(dispute["reason"]) in rules.disputes.upheld and dispute["amount"] <= rules.disputes.amount
    return D.UPHELD if upheld else D.DECLINED


def _anything_waits(connection: Connection, now: datetime) -> bool:
    return any(
        connection.execute(sa.select(table.c.reference).where(table.c.decides_at <= now).limit(1)).first() is not None
        for table in (store.applications, store.disputes)
    )


def _decide_applications(connection: Connection, policy: Policy, today: date, now: datetime) -> None:
    table = store.applications
    waiting = sa.select(table).where(table.c.decides_at <= now, table.c.status == A.IN_REVIEW.value)
    for each in store.rows(connection, waiting.order_by(table.c.decides_at).with_for_update()):
        of = _card_of(connection, policy, today, each)
        attached = papers.kinds_attached(connection, each["reference"])
        verdict = application_verdict(policy.review, each, of, attached)
        if verdict is A.APPROVED:
            applications.approve(connection, each, today)
        elif verdict is A.DECLINED:
            applications.decline(connection, each, today)
        else:
            applications.ask_for_documents(connection, each, today, list(papers_for(policy.review, each)))


def _card_of(connection: Connection, policy: Policy, today: date, request: Row) -> Optional[CardAccount]:
    try:
        return read_card(connection, policy, today, request["customer_id"], request["card_id"])
    except Problem:
        return None  # told by an earlier version's stories


def _decide_disputes(connection: Connection, policy: Policy, today: date, now: datetime) -> None:
    table = store.disputes
    waiting = sa.select(table).where(table.c.decides_at <= now, table.c.status == D.IN_REVIEW.value)
    for each in store.rows(connection, waiting.order_by(table.c.decides_at).with_for_update()):
        disputes.decide(connection, each, dispute_verdict(policy.review, each), today)
