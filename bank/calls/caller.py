"""What all operations share: paths, headers, bodies, and what is made of the answer."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union
from urllib.parse import quote

from pydantic import ValidationError
from urllib3 import encode_multipart_formdata

from bank.errors import BankContractBroken, NotFound, error_for
from bank.exchange import LARGEST_BODY, Answer, Exchange, Request
from bank.strict import Model
from common.log import correlation_id
from common.metrics import BANK_BREACHES

M = TypeVar("M", bound=Model)
Value = Union[str, int, bool, Decimal, date, Enum, Sequence[str], None]
Params = Mapping[str, Union[Value, Sequence[Enum]]]

CUSTOMER = "/customers/{customer_id}"
CARD = CUSTOMER + "/cards/{card_id}"

#: What every bank has (`x-minimal` in the contract, which `capabilities` may lack at one that has only version 1.0).
#: A bare 404 does not say here that the operation is not offered.
MINIMAL = frozenset(
    {
        f"GET {CUSTOMER}",
        f"GET {CUSTOMER}/cards",
        f"GET {CARD}/overdue",
        f"GET {CARD}/repayment-channels",
    }
)
# The contract's `Id`; keeps "..", "/" and the like out of paths.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:~-]{0,127}")
_PROBLEM_TYPE = "application/problem+json"
_JSON_TYPES = ("application/json", _PROBLEM_TYPE)


@dataclass(frozen=True)
class Body:
    """What is sent, once made and the same in each repeat."""

    content: bytes
    content_type: str


def as_json(**members: Value) -> Body:
    """A JSON object; members that are None are left out. Amounts as `"12.30"`, dates as the contract writes them."""
    given = {name: value for name, value in members.items() if value is not None}
    return Body(json.dumps(given, ensure_ascii=False, default=_written).encode(), "application/json")


def as_form(file_name: str, content: bytes, content_type: str, **members: str) -> Body:
    """A multipart form with one `file`."""
    # Made here rather than by `requests`: each repeat is to be the same, its boundary included.
    body, kind = encode_multipart_formdata({**members, "file": (file_name, content, content_type)})
    return Body(body, kind)


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in the contract")


class Caller:
    """Sends one operation and reads its answer. Operations are named by method and route template, without values."""

    def __init__(self, base_url: str, exchange: Exchange) -> None:
        self._base_url = base_url.rstrip("/")
        self._exchange = exchange

    def _get(self, model: Type[M], path: str, params: Optional[Params] = None, **ids: str) -> M:
        operation = f"GET {path}"
        return _parse(operation, model, _content(operation, self._call(operation, ids, params=params)))

    def _find(self, model: Type[M], path: str, body: Body) -> M:
        """Read with what is asked for in the body, where an address is no place for it."""
        operation = f"POST {path}"
        return _parse(operation, model, _content(operation, self._call(operation, {}, body=body, reads=True)))

    def _list(self, model: Type[M], path: str, params: Optional[Params] = None, **ids: str) -> List[M]:
        operation = f"GET {path}"
        found = _content(operation, self._call(operation, ids, params=params))
        items = found.get("items") if isinstance(found, dict) else None
        if not isinstance(items, list):
            raise _broken(operation, "not an object with a list of items")
        return [_parse(operation, model, item) for item in items]

    def _bytes(self, path: str, content_type: str, largest: int, **ids: str) -> bytes:
        operation = f"GET {path}"
        accepted = (content_type, _PROBLEM_TYPE)
        answer = self._call(operation, ids, accepted=accepted, largest_answer=largest)
        if answer.status != 200:
            raise _broken(operation, f"answered {answer.status}")
        if answer.content_type != content_type:
            raise _broken(operation, f"not {content_type} by its content type")
        return answer.body

    def _write(
        self,
        method: str,
        model: Type[M],
        path: str,
        body: Optional[Body],
        *,
        idempotency_key: Optional[str],
        version: Optional[int] = None,
        **ids: str,
    ) -> M:
        """`version`: what was read; the bank refuses if it is another by now. Repeated only if there is a key."""
        operation = f"{method} {path}"
        answer = self._call(operation, ids, body=body, idempotency_key=idempotency_key, version=version)
        return _parse(operation, model, _content(operation, answer))

    def _delete(self, path: str, *, idempotency_key: str, **ids: str) -> None:
        operation = f"DELETE {path}"
        answer = self._call(operation, ids, idempotency_key=idempotency_key)
        if answer.status != 204 or answer.body:
            raise _broken(operation, f"answered {answer.status} with {len(answer.body)} bytes, not 204")

    def _call(
        self,
        operation: str,
        ids: Mapping[str, str],
        *,
        params: Optional[Params] = None,
        body: Optional[Body] = None,
        idempotency_key: Optional[str] = None,
        version: Optional[int] = None,
        accepted: Tuple[str, ...] = _JSON_TYPES,
        largest_answer: int = LARGEST_BODY,
        reads: bool = False,
    ) -> Answer:
        """The good answer. `reads`: whatever its method, nothing is changed. Raises the error of a bad one."""
        method, _, path = operation.partition(" ")
        headers = {"Accept": ", ".join(accepted), "X-Correlation-ID": correlation_id() or uuid.uuid4().hex}
        if body is not None:
            headers["Content-Type"] = body.content_type
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        request = Request(
            operation=operation,
            method=method,
            url=self._base_url + path.format_map({name: _segment(operation, value) for name, value in ids.items()}),
            repeatable=method == "GET" or reads or idempotency_key is not None,
            params=list(_query(params or {})),
            headers=headers,
            body=None if body is None else body.content,
            largest_answer=largest_answer,
        )
        answer = self._exchange.send(request)
        if answer.status >= 400:
            may_be_missing = operation not in MINIMAL
            raise error_for(
                operation, answer.status, _problem(answer), answer.retry_after, may_be_missing=may_be_missing
            )
        return answer


def _query(params: Params) -> List[Tuple[str, str]]:
    """Name and text of each parameter that is given; a list is a parameter that is repeated."""
    pairs = []
    for name, value in params.items():
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if each is not None:
                pairs.append((name, _text(each)))
    return pairs


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return str(value) if isinstance(value, (str, int)) else _written(value)


def _segment(operation: str, value: str) -> str:
    """`value` as one path segment. What cannot be an id names nothing at the bank: NotFound, and no request."""
    if not _ID.fullmatch(value):
        raise NotFound(operation, "not-found", 404)
    return quote(value, safe="")


def _broken(operation: str, detail: str) -> BankContractBroken:
    BANK_BREACHES.labels(operation).inc()
    return BankContractBroken(operation, detail)


def _content(operation: str, answer: Answer) -> Any:
    """The JSON of a good answer."""
    if answer.status not in (200, 201):
        raise _broken(operation, f"answered {answer.status}")
    if answer.content_type not in _JSON_TYPES:
        raise _broken(operation, "not JSON by its content type")
    try:
        return json.loads(answer.body)
    except ValueError:  # also what is not UTF-8
        raise _broken(operation, "not JSON") from None


def _problem(answer: Answer) -> Dict[str, Any]:
    """The problem document, or nothing: a gateway before the bank may answer HTML."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _parse(operation: str, model: Type[M], value: object) -> M:
    """`value` as a `model`. The error names places and kinds, since messages could quote a customer's data."""
    try:
        return model.parse_obj(value)
    except ValidationError as error:
        places = ", ".join(f"{'.'.join(str(part) for part in e['loc'])} ({e['type']})" for e in error.errors()[:5])
    raise _broken(operation, f"{model.__name__}: {places}")
