"""Watches what the client and a bank really say to each other, and holds each word against the contract."""

from __future__ import annotations

import io
import json
from email.parser import HeaderParser
from functools import lru_cache
from typing import Any, Dict, Optional, cast

import requests
from openapi_core import Spec, V31RequestValidator, V31ResponseValidator, validate_request, validate_response
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.protocols import Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from bank.exchange import pooled_session
from tests.test_bank.contract import CONTRACT


class Asked(RequestsOpenAPIRequest):
    """A request of the client. `openapi_core` wants text: a form, which may have any bytes, is read as Latin-1."""

    @property
    def body(self) -> Optional[str]:
        content = self.request.body
        if isinstance(content, bytes) and self.mimetype == "multipart/form-data":
            return content.decode("latin-1")
        return super().body


class Answered(RequestsOpenAPIResponse):
    """An answer of the bank. `openapi_core` wants text: a document is read as Latin-1, byte for byte."""

    @property
    def data(self) -> str:
        is_text = "json" in self.mimetype
        return str(super().data) if is_text else self.response.content.decode("latin-1")


def form_fields(form: str) -> Dict[str, str]:
    """The members of a multipart form, its file's content among them."""
    boundary = form.partition("\r\n")[0]
    parts = [part.partition("\r\n\r\n") for part in form.split(boundary)[1:-1]]
    return {_name(headers): content.removesuffix("\r\n") for headers, _, content in parts}


def _name(headers: str) -> str:
    return str(HeaderParser().parsestr(headers.lstrip()).get_param("name", header="Content-Disposition"))


#: How the bodies are read that are not plain JSON.
DESERIALIZERS: Dict[str, Any] = {
    "application/problem+json": json.loads,
    "multipart/form-data": form_fields,
    "application/pdf": lambda content: content,
}


@lru_cache(maxsize=None)
def _contract_at(api_url: str) -> Spec:
    contract_here: Dict[Any, Any] = {**CONTRACT, "servers": [{"url": api_url}]}
    return Spec.from_dict(contract_here)


class Witness(HTTPAdapter):
    """Sends as usual; raises `openapi_core` errors for a request or an answer that the contract does not allow."""

    def __init__(self, api_url: str) -> None:
        super().__init__()
        self._spec = _contract_at(api_url)
        self.last_answer = requests.Response()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, *args, **kwargs)
        content = response.content
        asked = Asked(request)
        validate_request(asked, spec=self._spec, cls=V31RequestValidator, extra_media_type_deserializers=DESERIALIZERS)
        answered = cast(Response, Answered(response))
        validate_response(
            asked,
            answered,
            spec=self._spec,
            cls=V31ResponseValidator,
            extra_media_type_deserializers=DESERIALIZERS,
        )
        self.last_answer = response
        # Read once already: the client finds it again.
        response.raw = HTTPResponse(io.BytesIO(content), preload_content=False)
        return response


def watched_session(api_url: str, witness: Witness) -> requests.Session:
    """The client's own session, with the witness on its connections to `api_url`."""
    session = pooled_session(api_url)
    session.mount(api_url, witness)
    return session
