"""The contract as the kit reads it: its operations, and whether an answer is one that it allows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import jsonschema_rs
import yaml

CONTRACT_FILE = Path(__file__).resolve().parent.parent / "openapi.yml"
PROBLEM_PREFIX = "urn:overdue-card:problem:"
PROBLEM_TYPE = "application/problem+json"
_METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation: its `operationId`, its method in capitals, its path with the names of ids in braces."""

    name: str
    method: str
    template: str
    spec: Mapping[str, Any]
    parameters: List[Mapping[str, Any]]

    @property
    def has_body(self) -> bool:
        """Whether its method is one that may have a body."""
        return self.method != "GET"

    @property
    def minimal(self) -> bool:
        """Whether the assistant cannot help anybody without it."""
        return bool(self.spec.get("x-minimal"))

    @property
    def scope(self) -> Optional[str]:
        """What a token needs for it; `None` if any valid token may."""
        scopes = [scope for scheme in self.spec.get("security", []) for each in scheme.values() for scope in each]
        return scopes[0] if scopes else None

    @property
    def id_names(self) -> List[str]:
        """The ids in its path, in their order."""
        return re.findall(r"\{([a-z_]+)\}", self.template)

    @property
    def needs_key(self) -> bool:
        """Whether it demands an `Idempotency-Key`."""
        return any(parameter["name"] == "Idempotency-Key" and parameter["required"] for parameter in self.parameters)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


class Contract:
    """`bank/openapi.yml`."""

    def __init__(self, document: Dict[str, Any]) -> None:
        self.document = document
        self.version = str(document["info"]["version"])
        self.operations: Dict[str, Operation] = {}
        for template, path in document["paths"].items():
            for method in _METHODS:
                if method in path:
                    self._add(template, method, path)
        self._validators: Dict[int, jsonschema_rs.Draft202012Validator] = {}

    def _add(self, template: str, method: str, path: Mapping[str, Any]) -> None:
        spec = path[method]
        parameters = [self.resolved(each) for each in [*path.get("parameters", []), *spec.get("parameters", [])]]
        operation = Operation(spec["operationId"], method.upper(), template, spec, parameters)
        self.operations[operation.name] = operation

    def resolved(self, value: Any) -> Any:
        """The value itself, or what its `$ref` into the contract points to."""
        while isinstance(value, dict) and "$ref" in value:
            found: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = found
        return value

    def example_ids(self, operation: Operation) -> Dict[str, str]:
        """The contract's own example for each id in the path."""
        examples = {each["name"]: str(each.get("example", "x-1")) for each in operation.parameters}
        return {name: examples.get(name, "x-1") for name in operation.id_names}

    def objection(
        self, operation: Operation, status: int, content_type: str, body: bytes, document: Any
    ) -> Optional[str]:
        """Why this answer is none that the contract allows, or `None`. Names places, never values."""
        if status >= 500 and content_type != PROBLEM_TYPE:
            return f"{status} with {content_type or 'no content type'} and no problem document"
        answers = operation.spec["responses"]
        if str(status) not in answers:
            return f"{status}, which the contract does not have for this operation"
        content = self.resolved(answers[str(status)]).get("content")
        if not content:
            return f"{status} with a body, where the contract has none" if body else None
        if content_type not in content:
            return f"{status} with {content_type or 'no content type'} where the contract has {' or '.join(content)}"
        schema = content[content_type].get("schema")
        if schema is None or not content_type.endswith("json"):
            return None
        if document is None:
            return f"{status} with a body that is not JSON"
        return self._misfit(schema, status, document)

    def _misfit(self, schema: Mapping[str, Any], status: int, document: Any) -> Optional[str]:
        validator = self._validators.get(id(schema))
        if validator is None:
            # One document with the components beside the schema, so that its references are found.
            whole = {**schema, "components": self.document["components"]}
            validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True, mask="the value")
            self._validators[id(schema)] = validator
        error = next(iter(validator.iter_errors(document)), None)
        if error is None:
            if document.get("status", status) != status and "type" in document:
                return f"{status} with a problem document whose `status` is another one"
            return None
        place = ".".join(str(part) for part in error.instance_path) or "the whole body"
        return f"{status}, but at `{place}`: {error.message} (it is {_kind(document, error.instance_path)})"

    def rules(self) -> str:
        """All prose and names of the contract as one line of words, to look a quotation up."""
        return words(json.dumps(self.document, ensure_ascii=False).replace("\\n", " ").replace('\\"', '"'))


def words(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def _kind(document: Any, path: List[Any]) -> str:
    """What stands at the place, as a kind of JSON value."""
    for part in path:
        document = document[part]
    if isinstance(document, str):
        return "a string"
    if isinstance(document, bool) or document is None:
        return json.dumps(document)
    if isinstance(document, (int, float)):
        return "a number"
    return "a list" if isinstance(document, list) else "an object"


@lru_cache(maxsize=None)
def contract() -> Contract:
    """The contract that stands beside the kit."""
    return Contract(yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8")))
