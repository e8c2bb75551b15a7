"""What the action server counts: how long actions run, and which of them told customers of a failure."""

from __future__ import annotations

from typing import Any, List

import pytest
import requests
from rasa_sdk.executor import ActionExecutor

from actions.amounts import ActionAmountDue
from actions.server import create_app
from bank.errors import BankTimeout, NotOffered
from tests.counted import Counted
from tests.test_actions.builders import DownBank
from tests.test_actions.talk import ask
from tests.test_desk.serving import served


class FailingBank:
    """A bank of which every call raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BankTimeout("GET /customers/{customer_id}", "no answer"), "bank"),
        (NotOffered("GET /customers/{customer_id}", "not-offered", 404), "not_offered"),
        (ValueError("a mistake of ours"), "fault"),
    ],
)
def test_a_failure_that_the_customer_is_told_of_counts_by_its_cause(error: Exception, reason: str) -> None:
    with Counted("assistant_action_failures_total") as counted:
        ask(ActionAmountDue(FailingBank(error)))  # type: ignore[arg-type]
    assert counted.by("action", "reason") == {("action_amount_due", reason): 1}


def test_runs_count_by_action_and_what_there_is_not_counts_together() -> None:
    executor = ActionExecutor()
    executor.register_action(ActionAmountDue(DownBank()))  # type: ignore[arg-type]
    tracker = {"sender_id": "web-1", "slots": {}, "latest_message": {}, "events": [], "paused": False}
    statuses: List[Any] = []
    with served(create_app("token", executor)) as url:
        with Counted("assistant_action_seconds_count") as counted:
            for name in ("action_amount_due", "action_amount_due", "action_of_c-10023"):
                call = {"next_action": name, "sender_id": "web-1", "tracker": tracker, "domain": {}}
                answer = requests.post(f"{url}/webhook", params={"token": "token"}, json=call, timeout=30)
                statuses.append(answer.status_code)
        told = requests.get(f"{url}/metrics", timeout=10)
    assert statuses == [200, 200, 404]
    assert counted.by("action") == {("action_amount_due",): 2, ("other",): 1}
    assert told.status_code == 200  # without the token of the actions: that opens more than counts
    assert 'assistant_build_info{process="actions"' in told.text
