"""How the bank's answers are read: money exact, nothing bent into another type, nothing changed afterwards."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Literal, Pattern, Tuple, Type, get_args, get_origin

from pydantic import BaseModel, Extra, validator
from pydantic.datetime_parse import parse_datetime
from pydantic.fields import SHAPE_SINGLETON, ModelField

_CENT = Decimal("0.01")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

if TYPE_CHECKING:
    Money = Decimal
    Rate = Decimal
    Moment = datetime
    TimeOfDay = time
else:

    class _Decimal(Decimal):
        """A decimal number that JSON carries as a string, as a float cannot hold it."""

        pattern: Pattern[str]

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[..., Any]]:
            yield cls.read

        @classmethod
        def read(cls, value: object) -> Decimal:
            """The number; ValueError or TypeError if it is not written as the contract says."""
            if isinstance(value, str) and not cls.pattern.fullmatch(value):
                raise ValueError("malformed")
            if not isinstance(value, (str, Decimal)):
                raise TypeError("must be a string")
            number = Decimal(value)
            if not number.is_finite():
                raise ValueError("must be finite")
            return number

    class Money(_Decimal):
        """Yuan, with exactly two decimals."""

        pattern = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")

        @classmethod
        def read(cls, value: object) -> Decimal:
            """The amount, with two decimals even if it was given with fewer."""
            amount = super().read(value)
            if amount != amount.quantize(_CENT):
                raise ValueError("must have at most two decimals")
            return amount.quantize(_CENT)

    class Rate(_Decimal):
        """A fraction: 0.0005 is 0.05 %."""

        pattern = re.compile(r"[0-9]{1,4}(\.[0-9]{1,10})?")

    class Moment(datetime):
        """A moment with its offset, so that it can be compared."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[..., Any]]:
            yield parse_datetime
            yield cls.with_offset

        @classmethod
        def with_offset(cls, value: datetime) -> datetime:
            """The moment; ValueError if it has no offset."""
            if value.tzinfo is None:
                raise ValueError("must have an offset")
            return value

    class TimeOfDay(time):
        """An hour and minute of the day, in JSON `HH:MM`."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[..., Any]]:
            yield cls.read

        @classmethod
        def read(cls, value: object) -> time:
            """The time; ValueError or TypeError if it is not written as the contract says."""
            if isinstance(value, str):
                if not _TIME_OF_DAY.fullmatch(value):
                    raise ValueError("malformed")
                return time.fromisoformat(value)
            if not isinstance(value, time):
                raise TypeError("must be a string")
            if value != value.replace(second=0, microsecond=0, tzinfo=None):
                raise ValueError("must be an hour and a minute")
            return value


#: What JSON (or our own code) may give for a field. Without it pydantic reads the number 20261121 as a day of 1970,
#: and makes the string "42" of a card's last four digits 0042 that came as a number.
_GIVEN_AS: Dict[Type[Any], Tuple[Type[Any], ...]] = {
    str: (str,),
    int: (int,),
    bool: (bool,),
    date: (str, date),
    Moment: (str, datetime),
}


class Model(BaseModel):
    """Base of all: immutable, strict in types, and tolerant of fields that a newer bank adds."""

    class Config:
        frozen = True
        extra = Extra.ignore
        json_encoders = {Decimal: lambda number: f"{number:f}", time: lambda of_day: f"{of_day:%H:%M}"}

    @validator("*", pre=True)
    def _is_given_as(cls, value: Any, field: ModelField) -> Any:
        if value is None:
            return value  # whether it may be None, pydantic checks
        if field.shape == SHAPE_SINGLETON:
            _check_given_as(value, _allowed(field.type_))
        else:
            _check_given_as(value, (list,))
            for item in value:
                _check_given_as(item, _allowed(field.type_))
        return value


@lru_cache(maxsize=None)
def _allowed(kind: Any) -> Tuple[Type[Any], ...]:
    if get_origin(kind) is Literal:
        return tuple({type(value) for value in get_args(kind)})
    return _GIVEN_AS.get(kind, (object,))  # models, enumerations and amounts check for themselves


def _check_given_as(value: object, allowed: Tuple[Type[Any], ...]) -> None:
    bent = isinstance(value, bool) and bool not in allowed and object not in allowed
    if bent or not isinstance(value, allowed):
        raise TypeError(f"must be given as {' or '.join(kind.__name__ for kind in allowed)}")
