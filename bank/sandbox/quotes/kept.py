"""Quotes as they were given: kept, so that they can be filed as they were shown.

Who asks again while nothing has changed gets the same quote under the same id.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Dict, List, Sequence, Type, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import (
    AgreementQuote,
    ApplicationKind,
    DeferralOption,
    EarlySettlement,
    InstalmentQuote,
    WaiverOption,
)
from bank.sandbox import store
from bank.sandbox.accounts import CardAccount
from bank.sandbox.policy import Policy
from bank.sandbox.problems import not_found
from bank.sandbox.store import Row
from bank.strict import Model
from common import clock

Body = Dict[str, Any]  # JSON as the API gives it, and what else filing it needs

M = TypeVar("M", bound=Model)

_BINDS_AT_LEAST = timedelta(minutes=15)  # by the contract
_MODELS: Dict[ApplicationKind, Type[Model]] = {
    ApplicationKind.INSTALMENT: InstalmentQuote,
    ApplicationKind.DEFERRAL: DeferralOption,
    ApplicationKind.AGREEMENT: AgreementQuote,
    ApplicationKind.WAIVER: WaiverOption,
    ApplicationKind.EARLY_SETTLEMENT: EarlySettlement,
}
_LETTERS = {
    ApplicationKind.INSTALMENT: "q",
    ApplicationKind.DEFERRAL: "d",
    ApplicationKind.AGREEMENT: "a",
    ApplicationKind.WAIVER: "w",
    ApplicationKind.EARLY_SETTLEMENT: "s",
}


@dataclass(frozen=True)
class KeptQuote:
    """A quote as it was given to the customer."""

    id: str
    kind: ApplicationKind
    card_id: str
    body: Body
    expired: bool

    def read(self) -> Model:
        """The body as the contract has it."""
        return _MODELS[self.kind].parse_obj(self.body)


def read_quote(connection: Connection, customer_id: str, quote_id: str) -> KeptQuote:
    """A quote of this customer. Raises Problem `not-found`."""
    query = sa.select(store.quotes).where(store.quotes.c.id == quote_id, store.quotes.c.customer_id == customer_id)
    row = store.row(connection, query)
    if row is None:
        raise not_found("quote")
    expired = row["valid_until"] <= clock.now()
    return KeptQuote(quote_id, ApplicationKind(row["kind"]), row["card_id"], json.loads(row["body"]), expired)


def forget_old_quotes(connection: Connection, policy: Policy) -> None:
    """Drop quotes to which no repeat of a filing can refer any more."""
    kept_until = clock.now() - timedelta(hours=policy.idempotency.kept_hours)
    connection.execute(sa.delete(store.quotes).where(store.quotes.c.valid_until < kept_until))


def content_of(body: Body) -> Body:
    """What of a quote makes it another one."""
    return {name: value for name, value in body.items() if name not in ("id", "valid_until")}


def content(quote: Model, **more: Any) -> Body:
    """`quote`, whose id and end are not known yet, and `more` that filing it needs."""
    return content_of({**json.loads(quote.json()), **more})


def keep(connection: Connection, of: CardAccount, kind: ApplicationKind, model: Type[M], content: Body) -> M:
    """The quote with its id: one that was given before and still binds long enough, or a new one."""
    return keep_all(connection, of, kind, model, [content])[0]


def keep_all(
    connection: Connection, of: CardAccount, kind: ApplicationKind, model: Type[M], contents: Sequence[Body]
) -> List[M]:
    """Each as `keep` does it; together they take no more queries than one."""
    known = _known(connection, of, kind)
    bodies: List[Body] = []
    new: List[Row] = []
    for content in contents:
        body = next((each for each in known if content_of(each) == content), None)
        if body is None:
            quote_id = f"{_LETTERS[kind]}-{secrets.token_hex(8)}"
            valid_until = clock.now() + timedelta(minutes=of.policy.applications.quote_valid_minutes)
            body = {**content, "id": quote_id, "valid_until": valid_until.isoformat()}
            row = {"customer_id": of.customer["id"], "card_id": of.card["id"], "kind": kind.value}
            text = json.dumps(body, ensure_ascii=False)
            new.append({**row, "id": quote_id, "body": text, "valid_until": valid_until})
        bodies.append(body)
    if new:
        connection.execute(sa.insert(store.quotes), new)
    return [model.parse_obj(body) for body in bodies]


def _known(connection: Connection, of: CardAccount, kind: ApplicationKind) -> List[Body]:
    """What was given before, was not filed, and still binds long enough, the latest first."""
    quotes = store.quotes
    filed = sa.select(store.applications.c.quote_id).where(store.applications.c.card_id == of.card["id"])
    query = sa.select(quotes).where(
        quotes.c.customer_id == of.customer["id"],
        quotes.c.card_id == of.card["id"],
        quotes.c.kind == kind.value,
        quotes.c.valid_until >= clock.now() + _BINDS_AT_LEAST,
    )
    used = {row["quote_id"] for row in store.rows(connection, filed)}
    given = store.rows(connection, query.order_by(quotes.c.valid_until.desc()))
    return [json.loads(row["body"]) for row in given if row["id"] not in used]
