"""How the kit makes each kind of write that is bound by an idempotency key, and takes it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Callable, Dict, Optional, Set

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.exact import yuan
from bank.conformance.registry import Skipped
from common import clock


@dataclass(frozen=True)
class Prepared:
    """A write that could be made now. `other`: the same with other content."""

    account: Account
    body: Dict[str, Any]
    other: Dict[str, Any]


@dataclass(frozen=True)
class Write:
    """One kind of write: how to prepare one, where it is listed and under what name, how it is taken back."""

    prepare: Callable[[Bench], Prepared]
    listed_by: Optional[str] = None
    name: str = "reference"
    undo: Optional[Callable[[Bench, Account, Exchange], None]] = None

    def listed(self, bench: Bench, account: Account) -> Optional[Set[str]]:
        """The names of all that are there now; `None` if the bank does not list them."""
        if self.listed_by is None or not bench.offers(self.listed_by):
            return None
        came = bench.call(self.listed_by, account.ids())
        return {item[self.name] for item in came.document["items"]} if came.good else None

    def take_back(self, bench: Bench, account: Account, made: Exchange) -> None:
        """Undo it, if there is a way."""
        if self.undo and made.good:
            self.undo(bench, account, made)


def _consent(bench: Bench) -> Prepared:
    body = {"purpose": "reminders", "given": True, "text_version": "conformance", "language": "zh"}
    return Prepared(bench.cards[0], body, {**body, "given": False})


def _contact(bench: Bench) -> Prepared:
    body = {
        "kind": "service",
        "channel": "webchat",
        "direction": "out",
        "at": clock.now().isoformat(timespec="seconds"),
        "outcome": "sent",
        "rule": "conformance",
    }
    return Prepared(bench.cards[0], body, {**body, "outcome": "failed"})


def _hand_over(bench: Bench) -> Prepared:
    body = {
        "conversation_id": f"conformance-{uuid.uuid4().hex[:12]}",
        "reason": "request_human",
        "priority": "normal",
        "summary": "A trial by the conformance kit.",
    }
    return Prepared(bench.cards[0], body, {**body, "priority": "high"})


def _identity(bench: Bench) -> Prepared:
    body = {"channel": "wechat", "account": "conformance", "subject": f"openid-{uuid.uuid4().hex[:12]}"}
    return Prepared(bench.cards[0], body, {**body, "subject": f"openid-{uuid.uuid4().hex[:12]}"})


def _promise(bench: Bench) -> Prepared:
    for account, _, owed in bench.each("overdue"):
        amount = owed["remaining_minimum"] if yuan(owed["remaining_minimum"]) else owed["total"]
        if yuan(amount) > 0:
            days = [(clock.today() + timedelta(days=ahead)).isoformat() for ahead in (1, 2)]
            bodies = [{"amount": amount, "pay_on": day} for day in days]
            return Prepared(account, bodies[0], bodies[1])
    raise Skipped("nobody of the known customers owes anything that could be promised")


def _dispute(bench: Bench) -> Prepared:
    found = [
        (transaction["posted_on"], account.card_id, account, transaction["id"])
        for account, _, transaction in bench.each_item("transactions")
        if transaction["kind"] == "purchase" and not transaction["disputed"]
    ]
    if not found:
        raise Skipped("no known card has a purchase that could be disputed")
    _, _, account, transaction_id = max(found, key=lambda each: each[:2])  # banks take no dispute of what is old
    body = {"transaction_id": transaction_id, "reason": "not_mine"}
    return Prepared(account, body, {**body, "reason": "other"})


def _statement(bench: Bench) -> Prepared:
    for account, _, _ in bench.each("statement"):
        return Prepared(account, {"kind": "statement"}, {"kind": "settlement_certificate"})
    raise Skipped("no known card has a bill")


def _application(bench: Bench) -> Prepared:
    bench.need("instalment_quotes", "challenge", "check_challenge")
    bench.need_codes()
    for account in reversed(bench.cards):
        came = bench.call("instalment_quotes", account.ids())
        if came.good:
            quote = came.document["items"][0]
            proof = bench.proof(account.customer_id, "file_application", quote["id"])
            body = {"kind": "instalment", "card_id": account.card_id, "quote_id": quote["id"], "proof": proof}
            return Prepared(account, body, {**body, "reason": "forgot"})
    raise Skipped("no known card gets an instalment quote: CUSTOMER=… whose card may be paid by instalments")


def _withdraw(operation: str) -> Callable[[Bench, Account, Exchange], None]:
    def undo(bench: Bench, account: Account, made: Exchange) -> None:
        if bench.offers(operation):
            bench.call(operation, account.ids(reference=made.document["reference"]), key=new_key())

    return undo


def _close(bench: Bench, account: Account, made: Exchange) -> None:
    if bench.offers("close_hand_over"):
        ids = account.ids(reference=made.document["reference"])
        bench.call("close_hand_over", ids, body={"outcome": "resolved"}, key=new_key())


def _unlink(bench: Bench, account: Account, made: Exchange) -> None:
    if bench.offers("unlink_identity"):
        bench.call("unlink_identity", account.ids(identity_id=made.document["id"]), key=new_key())


def _withdraw_application(bench: Bench, account: Account, made: Exchange) -> None:
    if made.document.get("withdrawable") and bench.offers("withdraw_application"):
        reference = made.document["reference"]
        proof = bench.proof(account.customer_id, "withdraw_application", reference)
        bench.call("withdraw_application", account.ids(reference=reference), body={"proof": proof}, key=new_key())


WRITES: Dict[str, Write] = {
    "record_consent": Write(_consent, "consents", "id"),
    "log_contact": Write(_contact, "contacts", "id"),
    "hand_over": Write(_hand_over, undo=_close),
    "link_identity": Write(_identity, "messaging_identities", "id", _unlink),
    "make_promise": Write(_promise, "promises", undo=_withdraw("withdraw_promise")),
    "file_dispute": Write(_dispute, "disputes", undo=_withdraw("withdraw_dispute")),
    "issue_document": Write(_statement),
    "file_application": Write(_application, "applications", undo=_withdraw_application),
}
