"""Requests that nobody thought of: made from the contract by schemathesis, good and bad ones, held against it.

Here about customers who do not exist; the conformance kit makes the like about one who does (`test_conformance.py`).
"""

from __future__ import annotations

import copy
from typing import Any

import schemathesis
from hypothesis import Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.processes import Sandbox
from tests.test_bank.contract import CONTRACT

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# No shrinking: it takes minutes, and the first request that fails says enough.
few = settings(max_examples=15, phases=[Phase.explicit, Phase.generate])


def send(case: Any, sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    case.call_and_validate(base_url=sandbox.api_url, headers=headers, checks=CHECKS, timeout=120)


anything = schemathesis.openapi.from_dict(copy.deepcopy(CONTRACT), config=schemathesis.Config())


@anything.parametrize()
@few
def test_whatever_comes_is_answered_as_the_contract_says(case: Any, own_sandbox: Sandbox) -> None:
    send(case, own_sandbox)
