"""YAML files that people keep: numbers exact, keys once, and each mistake reported with the file's line and the key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple, Type, TypeVar, Union

import yaml
from pydantic import BaseModel, Extra, ValidationError, validator
from pydantic.fields import SHAPE_SINGLETON, ModelField
from yaml.constructor import ConstructorError

_GIVEN_AS: Dict[Type[Any], Tuple[Type[Any], ...]] = {bool: (bool,), int: (int,), Decimal: (int, Decimal)}
_PLAIN_NAMES = {bool: "true or false", int: "a whole number", Decimal: "a number"}


class Section(BaseModel):
    """One section of a file: frozen, with no keys but its own."""

    class Config:
        frozen = True
        extra = Extra.forbid

    @validator("*", pre=True)
    def _is_written_as_meant(cls, value: Any, field: ModelField) -> Any:
        """Refuses what pydantic would convert: `true` for a number, "3" for 3."""
        kind = next(
            (each for each in _GIVEN_AS if isinstance(field.type_, type) and issubclass(field.type_, each)), None
        )
        if value is None or kind is None or field.shape != SHAPE_SINGLETON:
            return value
        if not isinstance(value, _GIVEN_AS[kind]) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"must be {_PLAIN_NAMES[kind]}")
        return value


M = TypeVar("M", bound=BaseModel)
_Key = Union[str, int]
_Path = Tuple[_Key, ...]


class FileError(ValueError):
    """The file cannot be used. The text names each place as `file:line: key: what is wrong`."""


def load_checked(path: Path, model: Type[M], error_kind: Type[FileError] = FileError) -> M:
    """The file's content as a `model`. Raises `error_kind` that names every line and key that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise error_kind(f"{path}: cannot be read: {error.strerror}") from error
    try:
        content = yaml.load(text, Loader=ExactLoader)
        node = yaml.compose(text, Loader=ExactLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise error_kind(f"{path}:{mark.line + 1 if mark else 1}: {error.problem}") from error
    if node is None or not isinstance(content, dict):
        raise error_kind(f"{path}:1: must be a mapping of sections")
    try:
        return model.parse_obj(content)
    except ValidationError as error:
        lines = dict(_lines(node, ()))
        raise error_kind("\n".join(_complaints(path, error, lines))) from error


def _complaints(path: Path, error: ValidationError, lines: Dict[_Path, int]) -> List[str]:
    complaints = []
    for item in error.errors():
        place: _Path = tuple(item["loc"])
        known = place
        while known not in lines:  # a missing key has no line; its section has
            known = known[:-1]
        complaints.append((lines[known], f"{path}:{lines[known]}: {'.'.join(map(str, place))}: {item['msg']}"))
    return [text for _, text in sorted(complaints)]


def _lines(node: yaml.Node, path: _Path) -> Iterator[Tuple[_Path, int]]:
    """The line of each value, by its path; that of a mapping or list is where its key stands."""
    if not path:
        yield (), 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name: _Key = int(key.value) if key.tag.endswith(":int") else key.value
            yield (*path, name), key.start_mark.line + 1
            yield from _lines(value, (*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*path, number), value.start_mark.line + 1
            yield from _lines(value, (*path, number))


class ExactLoader(yaml.SafeLoader):
    """Reads 0.05 as `Decimal("0.05")`, never through a float, and refuses a key that is given twice."""


def _decimal(loader: ExactLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        return Decimal(str(loader.construct_scalar(node)).replace("_", ""))
    except ArithmeticError:  # .inf, .nan, 1:30.5
        raise ConstructorError(None, None, f"{node.value} is not a decimal number", node.start_mark) from None


def _mapping(loader: ExactLoader, node: yaml.MappingNode) -> Dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        if key.value in seen:
            raise ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
ExactLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
