"""The contract is sound in itself, equals the models and is what the client speaks."""

from __future__ import annotations

import inspect
import json
import re
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Dict, Iterator, Tuple, Type, Union, get_args, get_origin

import pytest
from jsonschema.protocols import Validator
from openapi_core import Spec, V31RequestValidator, validate_request
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import openapi_v31_spec_validator
from pydantic.fields import SHAPE_LIST, ModelField

from bank import models
from bank.calls.caller import MINIMAL
from bank.calls.capabilities import OPERATIONS as KNOWN_OPERATIONS
from bank.client import BankClient
from bank.errors import PROBLEM_NAMES, NotEligibleReason
from bank.models import (
    AgreementQuote,
    ContactPreferences,
    EarlySettlement,
    InstalmentQuote,
    Model,
    OverdueSummary,
    Plan,
    PlanPartStatus,
    Projection,
    Scope,
    WaiverOption,
)
from common.problems import PREFIX
from tests.test_bank.contract import (
    CALLS,
    CONTRACT,
    OPERATIONS,
    READS_BY_POST,
    SCHEMAS,
    SECOND_FORMS,
    UNREPEATABLE,
    Operation,
    problem_examples,
    resolved,
)
from tests.test_bank.transport import BASE_URL, Transport, good
from tests.test_bank.witness import DESERIALIZERS, Asked

MODELS: Dict[str, Type[Model]] = {
    name: kind
    for name, kind in vars(models).items()
    if isinstance(kind, type) and issubclass(kind, Model) and kind is not Model
}
ENUMS: Dict[str, Type[Enum]] = {
    name: kind
    for name, kind in [*vars(models).items(), ("NotEligibleReason", NotEligibleReason)]
    if isinstance(kind, type) and issubclass(kind, Enum) and kind.__module__.startswith("bank.")
}
# The request bodies have no model: the client's signatures are their types.
REQUEST_SCHEMAS = {
    "QuoteFiling",
    "HardshipDeclaration",
    "WithdrawalRequest",
    "ChallengeRequest",
    "ChallengeCheck",
    "AutoDebitRequest",
    "DocumentsRequest",
    "DocumentForm",
    "IssueRequest",
    "ConsentRequest",
    "PromiseRequest",
    "DisputeRequest",
    "ContactPreferencesRequest",
    "ContactRequest",
    "HandOverRequest",
    "ClosingRequest",
    "IdentityRequest",
}
JSON_TYPE = "application/json"
_CONTRACT_HERE: Dict[Any, Any] = {**CONTRACT, "servers": [{"url": BASE_URL}]}
SPEC = Spec.from_dict(_CONTRACT_HERE)


each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)


def validator_for(schema: Dict[str, Any]) -> Validator:
    """A validator of `schema`, which may refer into the contract."""
    complete: Dict[Any, Any] = {**schema, "components": CONTRACT["components"]}
    return OAS31Validator(complete, format_checker=oas31_format_checker)


def test_is_valid_openapi() -> None:
    openapi_v31_spec_validator.validate(CONTRACT)


def test_has_an_operation_for_each_method_of_the_client() -> None:
    methods = {name for name, _ in inspect.getmembers(BankClient, inspect.isfunction) if not name.startswith("_")}
    assert set(OPERATIONS) == methods - set(SECOND_FORMS) == set(CALLS) == set(KNOWN_OPERATIONS)
    assert set(SECOND_FORMS) <= methods


def test_an_operation_id_names_one_operation() -> None:
    ids = [
        path[method]["operationId"] for path in CONTRACT["paths"].values() for method in path if method != "parameters"
    ]
    assert sorted(ids) == sorted(OPERATIONS)
    assert list(OPERATIONS) == ids


def test_has_a_schema_for_each_model_and_a_model_for_each_object() -> None:
    objects = {name for name, schema in SCHEMAS.items() if "properties" in schema}
    assert set(MODELS) == objects - REQUEST_SCHEMAS - {"Problem"}


@pytest.mark.parametrize("name", MODELS)
def test_properties_are_the_models_fields(name: str) -> None:
    fields = MODELS[name].__fields__
    assert set(SCHEMAS[name]["properties"]) == set(fields)
    assert set(SCHEMAS[name]["required"]) == {field.name for field in fields.values() if field.required}


def _contract_type(field: ModelField) -> str:
    """How the contract says the type of `field`."""
    names: Dict[Any, str] = {
        models.Money: "Money",
        models.Rate: "Rate",
        models.Moment: "date-time",
        models.TimeOfDay: "TimeOfDay",
        date: "date",
        str: "string",
        int: "integer",
        bool: "boolean",
    }
    if get_origin(field.type_) is Union:
        return " or ".join(names.get(kind, kind.__name__) for kind in get_args(field.type_))
    literals = get_args(field.type_)
    name = names.get(field.type_) or (f"one of {sorted(literals)}" if literals else field.type_.__name__)
    return f"list of {name}" if field.shape == SHAPE_LIST else name


def _stated_type(schema: Dict[str, Any]) -> str:
    """The type that a property's schema states, nullability aside."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    if len(options) > 1:
        return " or ".join(map(_stated_type, options))
    [schema] = options
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name in MODELS or name in ENUMS or name in ("Rate", "TimeOfDay"):
        return name
    if name in ("Money", "PositiveMoney"):
        return "Money"
    schema = resolved(schema)
    if "enum" in schema:
        return f"one of {sorted(schema['enum'])}"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    [kind] = [kind for kind in kinds if kind != "null"]
    if kind == "array":
        return f"list of {_stated_type(schema['items'])}"
    return str(schema.get("format", kind))


@pytest.mark.parametrize("name", MODELS)
def test_properties_have_the_fields_types(name: str) -> None:
    stated = {key: _stated_type(schema) for key, schema in SCHEMAS[name]["properties"].items()}
    assert stated == {key: _contract_type(field) for key, field in MODELS[name].__fields__.items()}


@pytest.mark.parametrize("name", MODELS)
def test_exactly_the_optional_properties_may_be_null(name: str) -> None:
    for key, schema in SCHEMAS[name]["properties"].items():
        nullable = {"type": "null"} in schema.get("anyOf", []) or "null" in resolved(schema).get("type", [])
        assert nullable == (key not in SCHEMAS[name]["required"]), key


@pytest.mark.parametrize("name", ENUMS)
def test_enumerations_are_the_models(name: str) -> None:
    assert set(SCHEMAS[name]["enum"]) == {member.value for member in ENUMS[name]}


def test_names_the_problems_that_the_client_knows() -> None:
    assert {PREFIX + name for name in PROBLEM_NAMES} == set(SCHEMAS["Problem"]["properties"]["type"]["enum"])
    for name in PROBLEM_NAMES:
        assert f"| `{name}` |" in CONTRACT["info"]["description"]


def test_has_an_example_of_each_problem_with_its_status() -> None:
    examples = problem_examples()
    assert {example["type"] for example in examples} == {PREFIX + name for name in PROBLEM_NAMES}
    for example in examples:
        validator_for(SCHEMAS["Problem"]).validate(example)
        row = f"| `{example['type'][len(PREFIX) :]}` | {example['status']} |"
        assert row in CONTRACT["info"]["description"]


def _examples(operation: Operation) -> Iterator[Tuple[Dict[str, Any], Any]]:
    """Schema and value of every example of an operation: request body, parameters, good answer."""
    media = [operation.success()[1:]]
    if "requestBody" in operation.spec:
        media.append(operation.request_media())
    for content_type, one in media:
        # A form, a PDF and an answer without a body are shown by the client's tests.
        assert ("examples" in one) == (content_type == JSON_TYPE)
        for example in one.get("examples", {}).values():
            yield one["schema"], example["value"]
    for parameter in operation.parameters:
        if "example" in parameter:
            yield parameter["schema"], parameter["example"]
        else:
            assert parameter["name"] in ("monthly", "cursor")  # do not go together with the others' examples


@each_operation
def test_examples_fit_their_schemas(operation: Operation) -> None:
    for schema, value in _examples(operation):
        validator_for(schema).validate(value)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS.values() if each.success()[1] == JSON_TYPE], ids=str)
def test_examples_are_read_by_the_models_and_written_back(operation: Operation) -> None:
    _, _, media = operation.success()
    schema = media["schema"]
    listed = "items" in schema.get("properties", {})
    name = (schema["properties"]["items"]["items"] if listed else schema)["$ref"].rpartition("/")[2]
    for example in media["examples"].values():
        for value in example["value"]["items"] if listed else [example["value"]]:
            read = MODELS[name].parse_obj(value)
            assert MODELS[name].parse_raw(read.json()) == read
            assert json.loads(read.json(exclude_unset=True)) == value
            validator_for(SCHEMAS[name]).validate(json.loads(read.json()))


def test_the_example_of_what_is_owed_adds_up() -> None:
    summary = OverdueSummary.parse_obj(OPERATIONS["overdue"].example()[1])
    assert summary.principal + summary.interest + summary.late_fee + summary.other_fees == summary.total
    assert sum((item.amount for item in summary.items), Decimal(0)) == summary.total - summary.principal
    for item in summary.items:
        assert item.basis * item.rate * (item.days or 1) == item.amount


def test_the_example_of_a_quote_adds_up() -> None:
    quote = InstalmentQuote.parse_obj(OPERATIONS["instalment_quotes"].example()[1]["items"][0])
    assert sum(part.principal for part in quote.schedule) == quote.amount
    assert sum(part.interest for part in quote.schedule) == quote.total_interest
    assert quote.amount + quote.total_interest == quote.total_cost
    assert sum(item.amount or 0 for item in quote.cost_items if item.certain) == quote.total_interest


def test_the_example_of_a_projection_adds_up() -> None:
    _, _, media = OPERATIONS["projection"].success()
    for example in media["examples"].values():
        then = Projection.parse_obj(example["value"])
        assert then.principal + then.interest + then.late_fee + then.other_fees == then.total


def test_the_example_of_an_agreement_adds_up() -> None:
    quote = AgreementQuote.parse_obj(OPERATIONS["agreement_quotes"].example()[1]["items"][0])
    assert len(quote.schedule) == quote.terms
    assert sum(part.principal for part in quote.schedule) == quote.balance
    assert sum(part.interest for part in quote.schedule) == quote.total_interest
    assert quote.balance + quote.total_interest == quote.total_cost
    assert sum(item.amount or 0 for item in quote.cost_items if item.certain) == quote.total_interest
    assert quote.schedule[0].due_on == quote.first_due_on


def test_the_examples_of_a_plan_a_waiver_and_an_early_settlement_add_up() -> None:
    plan = Plan.parse_obj(OPERATIONS["plans"].example()[1]["items"][0])
    to_come = [part for part in plan.schedule if part.status is PlanPartStatus.TO_COME]
    assert sum(part.principal for part in plan.schedule) == plan.amount
    assert sum(part.principal for part in to_come) == plan.remaining_principal
    assert sum(part.interest for part in to_come) == plan.remaining_interest
    assert (plan.next_due_on, plan.next_amount) == (to_come[0].due_on, to_come[0].total)
    waiver = WaiverOption.parse_obj(OPERATIONS["waiver_options"].example()[1]["items"][0])
    assert sum(item.amount for item in waiver.items) == waiver.amount
    end = EarlySettlement.parse_obj(OPERATIONS["early_settlement"].example()[1])
    assert end.remaining_principal + end.interest_due + end.fee == end.total


@pytest.mark.parametrize("name", [*OPERATIONS, *SECOND_FORMS])
def test_the_client_sends_what_the_contract_asks_for(name: str) -> None:
    operation_id, call = SECOND_FORMS.get(name, (name, CALLS.get(name)))
    assert call is not None
    transport = Transport().on(OPERATIONS[operation_id].route, good(operation_id))
    call(BankClient(BASE_URL, "token", session=transport.session()))
    [request] = transport.requests
    validate_request(Asked(request), spec=SPEC, cls=V31RequestValidator, extra_media_type_deserializers=DESERIALIZERS)
    assert request.headers["Authorization"] == "Bearer token"


def test_what_the_client_sends_has_no_member_that_the_contract_does_not_know() -> None:
    for operation in OPERATIONS.values():
        if "requestBody" not in operation.spec or operation.request_media()[0] != JSON_TYPE:
            continue
        for call in [CALLS[operation.name], *(call for name, call in SECOND_FORMS.values() if name == operation.name)]:
            transport = Transport().on(operation.route, good(operation.name))
            call(BankClient(BASE_URL, "token", session=transport.session()))
            sent = json.loads(transport.requests[0].body or b"")
            schema = resolved(operation.request_media()[1]["schema"])
            options = [resolved(option) for option in schema.get("oneOf", [schema])]
            assert any(set(option["required"]) <= set(sent) <= set(option["properties"]) for option in options)


@each_operation
def test_says_how_any_operation_may_fail(operation: Operation) -> None:
    expected = {"401", "429", "500", "503"}
    if operation.name != "capabilities":
        expected |= {"400", "403"}
        if not operation.is_minimal:
            expected.add("501")
    if "customer_id" in operation.template or operation.name == "find_identity":
        expected.add("404")
    assert expected <= set(operation.spec["responses"])


@each_operation
def test_asks_for_an_idempotency_key_with_every_write_but_those_of_codes(operation: Operation) -> None:
    writes = operation.method != "GET" and operation.name not in (*UNREPEATABLE, *READS_BY_POST)
    assert operation.takes("Idempotency-Key") is (True if writes else None)
    assert not writes or "409" in operation.spec["responses"]


@each_operation
def test_asks_for_the_version_where_something_is_replaced(operation: Operation) -> None:
    match = operation.takes("If-Match")
    assert (match is True) == (operation.method == "PUT")
    assert (match is not None) == ("412" in operation.spec["responses"])


@each_operation
def test_gives_an_etag_exactly_with_an_answer_that_has_a_version(operation: Operation) -> None:
    status, _, media = operation.success()
    name = str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    versioned = name in MODELS and "version" in MODELS[name].__fields__
    assert versioned == ("ETag" in operation.spec["responses"][str(status)]["headers"])


@each_operation
def test_names_the_scope_that_it_needs(operation: Operation) -> None:
    [security] = operation.spec["security"]
    [scopes] = security.values()
    assert set(scopes) <= {scope.value for scope in Scope}
    assert len(scopes) == (0 if operation.name == "capabilities" else 1)
    if operation.method != "GET" and operation.name not in READS_BY_POST:
        assert scopes != [Scope.ACCOUNTS_READ.value]
    if "customer_id" not in operation.template and scopes:
        assert scopes != [Scope.ACCOUNTS_READ.value]  # which is for one named customer


def test_explains_each_scope() -> None:
    for scope in Scope:
        assert f"| `{scope.value}` |" in CONTRACT["info"]["description"]


def test_marks_the_minimal_set_as_the_client_knows_it() -> None:
    minimal = {name for name, operation in OPERATIONS.items() if operation.is_minimal}
    assert minimal == {"capabilities", "customer", "cards", "overdue", "repayment_channels"}
    templates = {f"{OPERATIONS[name].method} {OPERATIONS[name].template}" for name in minimal - {"capabilities"}}
    assert templates == MINIMAL


def test_a_change_of_preferences_has_all_of_them_but_the_version() -> None:
    asked, given = SCHEMAS["ContactPreferencesRequest"], SCHEMAS["ContactPreferences"]
    assert set(asked["properties"]) == set(ContactPreferences.__fields__) - {"version"}
    assert set(asked["required"]) == set(given["required"]) - {"version"}


@pytest.mark.parametrize("name", ["ApplicationStatus", "PromiseStatus", "DisputeStatus"])
def test_a_table_draws_the_moves_from_each_state(name: str) -> None:
    rows = [line.split("|")[1:3] for line in SCHEMAS[name]["description"].splitlines() if line.startswith("| `")]
    states = [state for row in rows for state in re.findall(r"`([a-z_]+)`", row[0])]
    reached = {state for row in rows for state in re.findall(r"`([a-z_]+)`", row[1])}
    assert sorted(states) == sorted(SCHEMAS[name]["enum"])
    assert reached | {states[0]} == set(states)
