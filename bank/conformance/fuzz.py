"""Drives schemathesis over the operations that the bank offers, once a run, and keeps what it found."""

from __future__ import annotations

import copy
import json
import logging
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List
from weakref import WeakKeyDictionary

import requests
import schemathesis
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from bank.conformance.bench import TOKEN, Bench
from bank.conformance.caller import Exchange
from bank.conformance.contract import Operation
from bank.conformance.registry import Failed, Skipped

logger = logging.getLogger(__name__)

#: They expect that any well-formed amount, day or code is accepted, and an answer to methods that do not exist.
_NOT_OURS = ("positive_data_acceptance", "unsupported_method", "use_after_free", "ensure_resource_availability")
_TITLES = 3
_SHOWN = ("Content-Type", "Idempotency-Key", "If-Match")  # headers that a printed request needs
_EXPECTED = "an answer that the contract has for this request: its status, content type, headers and schema"


@dataclass
class Findings:
    """What was found of each operation."""

    asked: Dict[str, int] = field(default_factory=dict)  # operation → number of requests
    failures: Dict[str, Failed] = field(default_factory=dict)
    errors: Dict[str, str] = field(default_factory=dict)


class Fuzz:
    """One run of schemathesis for each bench."""

    def __init__(self) -> None:
        self._found: "WeakKeyDictionary[Bench, Findings]" = WeakKeyDictionary()

    def look_at(self, bench: Bench, operation: str) -> None:
        """Raises Failed with the first thing that was found of the operation; Skipped if it was not asked."""
        found = self._found.get(bench)
        if found is None:
            found = self._found[bench] = _run(bench)
        if operation in found.failures:
            raise found.failures[operation]
        if operation in found.errors:
            raise Skipped(f"schemathesis could not make requests: {found.errors[operation]}")
        if not found.asked.get(operation):
            raise Skipped("schemathesis made no request for it")


FUZZ = Fuzz()


def _run(bench: Bench) -> Findings:
    offered = [name for name in bench.contract.operations if bench.offers(name)]
    # `generated.…:overdue` alone needs no other operation.
    named = {name.partition(":")[2] for name in bench.options.only if name.startswith("generated")}
    if named and "" not in named:
        offered = [name for name in offered if name in named]
    logger.info("making up requests for %d operations: this takes some minutes", len(offered))
    schema = schemathesis.openapi.from_dict(_narrowed(bench), config=_config(bench)).include(operation_id=offered)
    by_label = {str(operation): operation for operation in bench.contract.operations.values()}
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished) and event.label in by_label:
            _note(found, bench, by_label[event.label], event.recorder)
        elif isinstance(event, events.NonFatalError) and event.label in by_label:
            _note_error(found, by_label[event.label], event.value)
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _config(bench: Bench) -> schemathesis.Config:
    return schemathesis.Config.from_dict(
        {
            "base-url": bench.caller.base_url,
            "headers": {"Authorization": f"Bearer {bench.options.token}"},
            # The same requests each time: what fails must fail again for whoever looks into it. No shrinking: it
            # takes minutes, and the first request that fails says enough.
            "generation": {
                "max-examples": bench.options.examples,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
            },
            "checks": {name: {"enabled": False} for name in _NOT_OURS},
            # Methods that the contract does not have are nothing that it speaks of.
            "phases": {"stateful": {"enabled": False}, "coverage": {"unexpected-methods": []}},
        }
    )


def _narrowed(bench: Bench) -> Dict[str, Any]:
    """The contract with the ids of one customer who exists, so that requests get past the first door."""
    document = copy.deepcopy(bench.contract.document)
    components = document["components"]
    customer = bench.accounts[0].customer_id
    cards = [account.card_id for account in bench.accounts if account.customer_id == customer]
    offers = [*_ids(bench, "instalment_quotes", customer, cards), *_ids(bench, "deferral_options", customer, cards)]
    bookings = _ids(bench, "transactions", customer, cards)
    for parameter, ids in (("CustomerId", [customer]), ("CardId", cards)):
        components["parameters"][parameter].update(schema={"enum": ids}, example=ids[0])
    for schema, name, ids in (
        ("QuoteFiling", "card_id", cards),
        ("QuoteFiling", "quote_id", offers),
        ("ChallengeRequest", "subject", offers),
        ("DisputeRequest", "transaction_id", bookings),
    ):
        if ids:
            components["schemas"][schema]["properties"][name] = {"enum": ids}
    return document


def _ids(bench: Bench, operation: str, customer: str, cards: List[str]) -> List[str]:
    """The ids of what the bank lists for the customer's first card; none if it does not."""
    try:
        found = bench.call(operation, {"customer_id": customer, "card_id": cards[0]})
    except Skipped:
        return []
    return [item["id"] for item in found.document["items"]] if found.good else []


def _note(found: Findings, bench: Bench, operation: Operation, recorder: ScenarioRecorder) -> None:
    found.asked[operation.name] = found.asked.get(operation.name, 0) + len(recorder.interactions)
    if operation.name in found.failures:
        return
    for case_id, made in recorder.checks.items():
        titles = [
            node.failure_info.failure.title
            for node in made
            if node.status is Status.FAILURE and node.failure_info is not None
        ]
        if not titles:
            continue
        exchange = _exchange(operation, recorder, case_id, bench.caller.base_url)
        came = "; ".join(dict.fromkeys(titles[:_TITLES]))
        objection = exchange.status and bench.contract.objection(
            operation, exchange.status, exchange.content_type, exchange.content, exchange.document
        )
        found.failures[operation.name] = Failed(exchange, f"{came}: {objection or exchange.said()}", _EXPECTED)
        return


def _note_error(found: Findings, operation: Operation, error: Exception) -> None:
    """A request that got no answer is the bank's affair, anything else that of the kit."""
    if isinstance(error, requests.RequestException):
        trouble = f"no answer: {type(error).__name__}"
        asked = Exchange(operation, operation.method, operation.template, {}, TOKEN, trouble=trouble)
        found.failures.setdefault(operation.name, Failed(asked, f"{trouble} to a request that was made up", _EXPECTED))
    else:
        found.errors[operation.name] = type(error).__name__


def _exchange(operation: Operation, recorder: ScenarioRecorder, case_id: str, base_url: str) -> Exchange:
    """The request and the answer as the kit reports them."""
    interaction = recorder.interactions.get(case_id)
    if interaction is None:
        return Exchange(operation, operation.method, operation.template, {}, TOKEN)
    request, response = interaction.request, interaction.response
    headers = {name.title(): values[0] for name, values in request.headers.items()}
    shown = {name: headers[name] for name in _SHOWN if name in headers}
    variable = TOKEN if "Authorization" in headers else None
    path = "/" + request.uri.removeprefix(base_url).lstrip("/")
    body = None if request.body is None else request.body.decode("utf-8", "replace")
    asked = Exchange(operation, request.method, path, shown, variable, body)
    if response is None:
        return asked
    content_type = (response.headers.get("content-type") or [""])[0].partition(";")[0].strip().lower()
    return replace(
        asked,
        status=response.status_code,
        content_type=content_type,
        content=response.content,
        document=_json(response.content) if content_type.endswith("json") else None,
    )


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
