"""The action server's doors for customers' files: the channel comes here with a customer whom it has verified.

    POST /uploads          the file; headers X-Customer-Id, X-Document-Kind, X-File-Name (percent-encoded), X-Upload-Id
    POST /uploads/list     {customer_id}: what has come since the consent that holds
    POST /uploads/delete   {customer_id, document_id}

Nothing is logged but kinds of errors, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, Callable, Dict
from urllib.parse import unquote

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions.uploads import Refused, sent_since_consent, take
from bank.client import BankClient
from bank.errors import BankError, IllegalMove, NotFound
from bank.models import UploadedDocument

logger = logging.getLogger(__name__)

#: HTTP status of each reason to refuse a file.
STATUS = {
    "empty": 400,
    "name": 400,
    "kind": 400,
    "cut": 400,
    "too_large": 413,
    "type": 415,
    "consent": 403,
    "too_many": 409,
}


def serve(app: Sanic, bank: Callable[[], BankClient]) -> None:
    """Add the routes. The application checks the caller's token before."""

    @app.post("/uploads")
    async def upload(request: Request) -> HTTPResponse:
        headers = request.headers
        try:
            taken = await asyncio.to_thread(
                take,
                bank(),
                unquote(headers["x-customer-id"]),
                kind=headers.get("x-document-kind", ""),
                file_name=unquote(headers.get("x-file-name", "")),
                content=request.body,
                upload_id=headers.get("x-upload-id", ""),
            )
        except Refused as refused:
            return response.json({"problem": refused.problem}, status=STATUS[refused.problem])
        except BankError as error:
            return _not_now(error)
        return response.json(_shown(taken), status=201)

    @app.post("/uploads/list")
    async def uploads(request: Request) -> HTTPResponse:
        try:
            found = await asyncio.to_thread(sent_since_consent, bank(), str(request.json["customer_id"]))
        except BankError as error:
            return _not_now(error)
        return response.json({"items": [_shown(each) for each in found]})

    @app.post("/uploads/delete")
    async def delete(request: Request) -> HTTPResponse:
        customer_id, document_id = str(request.json["customer_id"]), str(request.json["document_id"])
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"delete {customer_id} {document_id}").hex
        try:
            await asyncio.to_thread(bank().delete_document, customer_id, document_id, idempotency_key=key)
        except NotFound:
            return response.json({"problem": "gone"}, status=404)
        except IllegalMove:
            return response.json({"problem": "in_use"}, status=409)
        except BankError as error:
            return _not_now(error)
        return response.empty(204)


def _shown(document: UploadedDocument) -> Dict[str, Any]:
    """What the customer sees of a file."""
    return {"id": document.id, "name": document.file_name, "kind": document.kind.value, "size": document.size}


def _not_now(error: BankError) -> HTTPResponse:
    logger.warning("the bank did not take or show a customer's file: %s: %s", type(error).__name__, error)
    return response.json({"problem": "later"}, status=503)
