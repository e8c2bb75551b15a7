"""Bodies of requests: read strictly, so that a misspelt name is an error and not nothing."""

from __future__ import annotations

from typing import Type, TypeVar

from pydantic import BaseModel, Extra, ValidationError
from sanic.exceptions import InvalidUsage
from sanic.request import Request

from desk.problems import Problem


class Body(BaseModel):
    """What a request may bring, and nothing else."""

    class Config:
        extra = Extra.forbid
        anystr_strip_whitespace = True


B = TypeVar("B", bound=Body)


def read_body(request: Request, model: Type[B]) -> B:
    """The JSON body as a `model`. Raises `Problem` invalid-request, naming places and never values."""
    if not (request.content_type or "").startswith("application/json"):
        raise Problem("invalid-request", "not application/json")  # what a form of another site cannot send
    try:
        return model.parse_obj(request.json)
    except InvalidUsage:
        raise Problem("invalid-request", "not JSON") from None
    except ValidationError as error:
        places = ", ".join(f"{'.'.join(str(part) for part in each['loc'])} ({each['type']})" for each in error.errors())
        raise Problem("invalid-request", places) from None
