"""Parts of requests, checked. What cannot be used is Problem `invalid-request`; its detail never quotes the value."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, List, Optional, Tuple, Type, TypeVar, Union

from pydantic import ValidationError
from sanic.request import Request

from bank.models import ProjectedPayment
from bank.sandbox.bodies import AMOUNT, DAY, ID, Body
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.problems import invalid

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TERMS = re.compile(r"[0-9]{1,2}")
_MOST_TERMS = 60  # monthly
_LIMIT = re.compile(r"[0-9]{1,4}")
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_CURSOR = re.compile(r"[A-Za-z0-9_=-]{1,512}")
_TEXT = re.compile(r"[\x21-\x7e]{1,128}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")

B = TypeVar("B", bound=Body)
E = TypeVar("E", bound=Enum)


def body(request: Request, kind: Type[B]) -> B:
    """The JSON object of the request."""
    content = json_object(request)
    return parsed(kind, content)


def json_object(request: Request) -> Any:
    """The JSON object of the request, its properties not checked yet."""
    try:
        content: Any = json.loads(request.body)
    except (ValueError, RecursionError):  # also what is not UTF-8, or nested without end
        raise invalid("body", "not JSON") from None
    if not isinstance(content, dict):
        raise invalid("body", "not an object")
    return content


def parsed(kind: Type[B], content: Any) -> B:
    """`content` as a body of this kind."""
    try:
        return kind.parse_obj(content)
    except ValidationError as error:
        places = [f"{'.'.join(str(part) for part in each['loc'])} ({each['type']})" for each in error.errors()]
    raise invalid("body", ", ".join(places))


def identifier(name: str, value: str) -> str:
    """An id in the path."""
    if not ID.fullmatch(value):
        raise invalid(name, "malformed")
    return value


def idempotency_key(request: Request) -> str:
    """The `Idempotency-Key` header."""
    key: str = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise invalid("Idempotency-Key", "must be 8 to 64 letters, digits, _ or -")
    return key


def if_match(request: Request, *, required: bool = False) -> IfMatch:
    """The `If-Match` header: `*`, or one ETag or several."""
    given = request.headers.get("If-Match")
    if given is None:
        if required:
            raise invalid("If-Match", "required")
        return IfMatch(None)
    if given.strip() == "*":
        return IfMatch(None)
    tags = [tag.strip() for tag in given.split(",")]
    if not all(_ETAG.fullmatch(tag) for tag in tags):
        raise invalid("If-Match", "malformed")
    return IfMatch(tuple(tags))


def amount(request: Request, name: str = "amount") -> Optional[Decimal]:
    """A sum in the query, yuan."""
    text = _once(request, name, AMOUNT)
    return None if text is None else Decimal(text)


def terms(request: Request) -> Optional[int]:
    """The query's `terms`."""
    text = _once(request, "terms", _TERMS)
    if text is None:
        return None
    if not 1 <= int(text) <= _MOST_TERMS:
        raise invalid("terms", f"must be 1 to {_MOST_TERMS}")
    return int(text)


def limit(request: Request, *, largest: int) -> int:
    """The query's `limit`; the largest if there is none."""
    text = _once(request, "limit", _LIMIT)
    if text is None:
        return largest
    if not 1 <= int(text) <= largest:
        raise invalid("limit", f"must be 1 to {largest}")
    return int(text)


def day(request: Request, name: str) -> Optional[date]:
    """A day in the query."""
    text = _once(request, name, DAY)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise invalid(name, "not a day") from None


def needed_day(request: Request, name: str) -> date:
    """A day in the query that must be there."""
    found = day(request, name)
    if found is None:
        raise invalid(name, "required")
    return found


def moment(request: Request, name: str) -> Optional[datetime]:
    """A moment with its offset in the query. A `+` may have arrived as the space for which it stands there."""
    given = [text.replace(" ", "+") for text in _all(request, name)]
    if not given:
        return None
    try:
        if len(given) > 1 or not _MOMENT.fullmatch(given[0]):
            raise ValueError
        found = datetime.fromisoformat(given[0].replace("Z", "+00:00"))
        found.astimezone()  # also raises where the calendar ends
    except (ValueError, OverflowError):
        raise invalid(name, "malformed") from None
    return found


def cursor(request: Request) -> Optional[str]:
    """The query's `cursor`."""
    return _once(request, "cursor", _CURSOR)


def text(request: Request, name: str) -> str:
    """A printable word in the query that must be there."""
    found = _once(request, name, _TEXT)
    if found is None:
        raise invalid(name, "required")
    return found


def value(request: Request, name: str, kind: Type[E]) -> E:
    """A value of an enumeration in the query that must be there."""
    found = values(request, name, kind)
    if len(found) != 1:
        raise invalid(name, "required once")
    return found[0]


def values(request: Request, name: str, kind: Type[E]) -> Tuple[E, ...]:
    """Any number of values of an enumeration in the query."""
    try:
        return tuple(kind(each) for each in _all(request, name))
    except ValueError:
        raise invalid(name, f"must be one of {', '.join(str(each.value) for each in kind)}") from None


def payment(request: Request) -> Union[ProjectedPayment, Decimal]:
    """The query's `pay`: nothing, minimum, full, or a sum in yuan."""
    given = _all(request, "pay")
    if len(given) == 1 and given[0] in {each.value for each in ProjectedPayment}:
        return ProjectedPayment(given[0])
    found = amount(request, "pay")
    if found is None:
        raise invalid("pay", "required")
    return found


def _once(request: Request, name: str, pattern: "re.Pattern[str]") -> Optional[str]:
    given = _all(request, name)
    if not given:
        return None
    if len(given) > 1 or not pattern.fullmatch(given[0]):
        raise invalid(name, "malformed")
    return given[0]


def _all(request: Request, name: str) -> List[str]:
    given: List[str] = request.get_args(keep_blank_values=True).getlist(name) or []
    return given
