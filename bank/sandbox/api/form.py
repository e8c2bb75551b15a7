"""The form with which a document comes (multipart/form-data, RFC 7578)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Optional

from sanic.request import Request, parse_multipart_form

from bank.models import DocumentKind
from bank.sandbox import bodies, reading
from bank.sandbox.papers import File
from bank.sandbox.problems import invalid

_FORM = re.compile(r'multipart/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_LONGEST_NAME = 255


@dataclass(frozen=True)
class DocumentForm:
    """What it says."""

    kind: DocumentKind
    consent_id: str
    file: File
    sent_as: str  # the type that the sender gave it


def document_form(request: Request) -> DocumentForm:
    """Raises Problem `invalid-request` for what is not this form, or has a part twice or not at all."""
    found = _FORM.match(request.headers.get("Content-Type", ""))
    if found is None:
        raise invalid("Content-Type", "must be multipart/form-data")
    boundary = (found.group(1) or found.group(2)).encode()
    try:
        fields, files = parse_multipart_form(request.body, boundary)
    except (ValueError, LookupError, IndexError):  # malformed headers, or not the characters that they name
        raise invalid("body", "malformed form") from None
    asked = reading.parsed(
        bodies.DocumentForm, {name: _only(name, fields.getlist(name)) for name in ("kind", "consent_id")}
    )
    sent: Any = _only("file", files.getlist("file"))
    if not sent.name or len(sent.name) > _LONGEST_NAME:
        raise invalid("file", "must have a name of at most 255 characters")
    return DocumentForm(asked.kind, asked.consent_id, File(sent.name, sent.body), sent.type)


def _only(name: str, values: Optional[List[object]]) -> object:
    if not values or len(values) != 1:
        raise invalid(name, "required once")
    return values[0]
