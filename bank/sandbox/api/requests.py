"""One-time codes and applications."""

from __future__ import annotations

from sanic.request import Request

from bank.models import ApplicationKind, Scope
from bank.sandbox import bodies, reading
from bank.sandbox.api.web import CUSTOMER, Api, Result
from bank.sandbox.hardship import Declaration
from bank.sandbox.idempotency import answer_with
from bank.sandbox.problems import invalid
from bank.sandbox.service import Bank

_READ, _WRITE = Scope.ACCOUNTS_READ, Scope.REQUESTS_WRITE
_ALL = f"{CUSTOMER}/applications"
_ONE = f"{_ALL}/<reference:str>"


def add(api: Api, bank: Bank) -> None:
    """Register the operations."""

    @api.operation("POST", f"{CUSTOMER}/challenges", _WRITE)
    def challenge(request: Request, customer_id: str) -> Result:
        asked = reading.body(request, bodies.ChallengeRequest)
        return answer_with(201, bank.challenge(customer_id, asked.purpose, asked.subject))

    @api.operation("POST", f"{CUSTOMER}/challenges/<challenge_id:str>/check", _WRITE)
    def check_challenge(request: Request, customer_id: str, challenge_id: str) -> Result:
        code = reading.body(request, bodies.ChallengeCheck).code
        return bank.check_challenge(customer_id, challenge_id, code)

    @api.operation("GET", _ALL, _READ)
    def applications(request: Request, customer_id: str) -> Result:
        return bank.applications(customer_id)

    @api.operation("POST", _ALL, _WRITE)
    def file_application(request: Request, customer_id: str) -> Result:
        key = reading.idempotency_key(request)
        content = reading.json_object(request)
        if content.get("kind") == ApplicationKind.HARDSHIP.value:
            return _declare_hardship(bank, customer_id, key, reading.parsed(bodies.HardshipFiling, content))
        asked = reading.parsed(bodies.QuoteFiling, content)
        values = {name: getattr(asked, name) for name in asked.__fields__}
        return bank.file_application(customer_id, key, **values)

    @api.operation("GET", _ONE, _READ)
    def application(request: Request, customer_id: str, reference: str) -> Result:
        return bank.application(customer_id, reference)

    @api.operation("POST", f"{_ONE}/withdraw", _WRITE)
    def withdraw_application(request: Request, customer_id: str, reference: str) -> Result:
        key, if_match = reading.idempotency_key(request), reading.if_match(request)
        proof = reading.body(request, bodies.WithdrawalRequest).proof
        return bank.withdraw_application(customer_id, reference, key, proof=proof, if_match=if_match)

    @api.operation("POST", f"{_ONE}/documents", _WRITE)
    def add_documents(request: Request, customer_id: str, reference: str) -> Result:
        key = reading.idempotency_key(request)
        asked = reading.body(request, bodies.DocumentsRequest)
        return bank.add_documents(customer_id, reference, key, _each_once(asked.document_ids))


def _declare_hardship(bank: Bank, customer_id: str, key: str, asked: bodies.HardshipFiling) -> Result:
    declaration = Declaration(
        reason=asked.reason,
        statement=asked.statement,
        monthly_income=asked.monthly_income,
        affordable_per_month=asked.affordable_per_month,
        consent_id=asked.consent_id,
        document_ids=tuple(_each_once(asked.document_ids)),
    )
    return bank.declare_hardship(customer_id, key, card_id=asked.card_id, declaration=declaration, proof=asked.proof)


def _each_once(ids: "list[str]") -> "list[str]":
    if len(set(ids)) != len(ids):
        raise invalid("document_ids", "must name each document once")
    return ids
