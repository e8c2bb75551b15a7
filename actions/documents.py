"""Statement and transactions to look at here; the statement and the settlement certificate as files."""

from __future__ import annotations

import uuid
from typing import List

from actions.base import Turn
from actions.cards import CardAction, Focus
from actions.dispute import newest_first, transaction_values
from actions.situation import if_any
from actions.values import day, label, moment, money
from bank.errors import NotEligible, NotOffered
from bank.models import Card, IssuedDocumentKind, Transaction

_SHOWN = 30
_PAPERS = {kind.value for kind in IssuedDocumentKind}
_ISSUING = ("issue_document", "document_content")


class ActionDocument(CardAction):
    """`request_document`."""

    intent = "request_document"

    def name(self) -> str:
        return "action_document"

    def about(self, turn: Turn, focus: Focus) -> None:
        wanted = turn.entity("paper")
        if wanted in _PAPERS and turn.has(_ISSUING):
            _issue(turn, focus, IssuedDocumentKind(wanted))
            return
        statement = turn.bank.statement(turn.customer(), focus.card.id)
        transactions = newest_first(_transactions(turn, focus.card))
        turn.say(
            "utter_document",
            **focus.values(),
            period_from=day(statement.period_starts_on),
            period_to=day(statement.statement_date),
            bill_balance=money(statement.balance),
            bill_minimum=money(statement.minimum_due),
            bill_paid=if_any(statement.paid_since),
            bill_due_date=day(statement.due_date),
            transactions=[transaction_values(transaction) for transaction in transactions[:_SHOWN]],
            papers=label("document_papers", "here" if turn.has(_ISSUING) else "person"),
            issuing=turn.has(_ISSUING),
            not_issuing=not turn.has(_ISSUING),
        )


def _issue(turn: Turn, focus: Focus, kind: IssuedDocumentKind) -> None:
    """Have the bank make the document and give the link; it can be fetched by the signed-in customer only."""
    try:
        issued = turn.bank.issue_document(turn.customer(), focus.card.id, kind=kind, idempotency_key=str(uuid.uuid4()))
    except NotEligible:
        turn.say("utter_document_refused", **focus.values(), reason=label("document_refused", kind))
        return
    turn.say(
        "utter_document_issued",
        **focus.values(),
        paper=label("paper", issued.kind),
        document_id=issued.id,
        file_name=issued.file_name,
        issued_at=moment(issued.issued_at),
        expires_at=moment(issued.expires_at),
    )


def _transactions(turn: Turn, card: Card) -> List[Transaction]:
    """None where the bank offers bills alone: their table is left out."""
    try:
        return turn.bank.transactions(turn.customer(), card.id)
    except NotOffered:
        return []
