"""The platforms' flat XML."""

from __future__ import annotations

from typing import Dict, Mapping, Union

Value = Union[str, int, float]
Fields = Dict[str, Value]


def xml(fields: Mapping[str, Value]) -> str:
    """One element a field: words in CDATA sections, numbers bare."""
    return f"<xml>{''.join(f'<{name}>{_value(value)}</{name}>' for name, value in fields.items())}</xml>"


def _value(value: Value) -> str:
    if not isinstance(value, str):
        return str(value)
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
