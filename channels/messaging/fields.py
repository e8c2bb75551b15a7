"""The fields of a callback: one flat XML document, or one JSON object. Pure."""

from __future__ import annotations

import json
from typing import Mapping, Union
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

#: The longest callback that is read, bytes. The longest text message has 2,048 bytes; encryption adds half as much.
LONGEST = 64 * 1024

Fields = Mapping[str, str]


class Garbage(Exception):
    """Not what a platform sends. Its text holds nothing of the content."""


def read(content: bytes) -> Fields:
    """The fields directly below the root, as text; what is nested deeper is left out. Raises `Garbage`.

    A document type is refused, and so are all entities that it could define.
    """
    if len(content) > LONGEST:
        raise Garbage("longer than any message")
    return _json(content) if content.lstrip()[:1] == b"{" else _xml(content)


def _xml(content: bytes) -> Fields:
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Garbage(f"not the XML of a message: {type(error).__name__}") from None
    return {child.tag: child.text or "" for child in root if not len(child)}


def _json(content: bytes) -> Fields:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Garbage(f"not the JSON of a message: {type(error).__name__}") from None
    return {name: word(value) for name, value in given.items() if isinstance(value, (str, int, float))}


def word(value: Union[str, int, float]) -> str:
    """A value of JSON as text, without what JSON can say and no database stores: NUL, and halves of surrogate pairs."""
    return str(value).replace("\0", "").encode("utf-8", "ignore").decode()
