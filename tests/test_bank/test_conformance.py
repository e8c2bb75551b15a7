"""The conformance kit: the sandbox passes it, a bank with a fault does not, and whoever reads why can act on it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

from bank.client import BankClient
from bank.conformance.__main__ import main
from bank.conformance.contract import contract, words
from bank.conformance.runner import chosen
from common import clock
from tests import tiny_bank
from tests.processes import Sandbox, free_port, start_sandbox
from tests.test_bank.between import Answered, Asked, Fault, Forward, standing_between
from tests.test_bank.conftest import TODAY
from tests.test_bank.faults import CASES, CUSTOMERS, READER, Case, is_a_cent_off, sends_numbers


@pytest.fixture(scope="module")
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A bank with a second token, in which it is always the same day."""
    running = start_sandbox(
        tmp_path_factory.mktemp("sandbox"), TODAY=TODAY, SANDBOX_TOKENS=json.dumps({READER: "accounts.read"})
    )
    yield running
    running.process.stop()


@pytest.fixture(autouse=True)
def the_banks_day() -> Iterator[None]:
    clock.set_today(date.fromisoformat(TODAY))
    yield
    clock.set_today(None)


@dataclass
class Run:
    """How a run of the kit ended."""

    code: int
    printed: str
    report: Dict[str, Any]

    def named(self, outcome: str) -> List[str]:
        return [check["name"] for check in self.report["checks"] if check["outcome"] == outcome]

    def failure(self, name: str) -> Dict[str, Any]:
        [found] = [check for check in self.report["checks"] if check["name"] == name]
        assert found["outcome"] == "FAIL", self.printed
        return dict(found)


Kit = Callable[..., Run]


@pytest.fixture
def kit(
    own_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Kit:
    """`kit(url, only="sums", …)`: run the kit with the sandbox's token and phones."""
    monkeypatch.setenv("BANK_API_TOKEN", own_sandbox.token)
    monkeypatch.setenv("READ_TOKEN", READER)

    def run(url: str, *, only: str = "", examples: int = 0, **options: str) -> Run:
        given = {
            "customer": ",".join(CUSTOMERS),
            "codes-url": f"{own_sandbox.origin}/sandbox/sms",
            "report": str(tmp_path / "report.json"),
            **options,
        }
        arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
        capsys.readouterr()
        code = main(["--url", url, "--only", only, "--examples", str(examples), *arguments])
        return Run(code, capsys.readouterr().out, json.loads((tmp_path / "report.json").read_text(encoding="utf-8")))

    return run


def test_the_sandbox_passes_every_check_that_can_be_made(own_sandbox: Sandbox, kit: Kit) -> None:
    run = kit(own_sandbox.api_url, examples=2)
    assert run.code == 0, run.printed
    assert run.named("FAIL") == []
    assert "nothing contradicts the contract" in run.printed
    # With everything given, only what time alone makes possible is left out.
    assert run.named("SKIPPED") == ["quotes.an_old_quote_is_refused"], run.printed


@pytest.mark.parametrize("check", chosen([]), ids=lambda check: check.name)
def test_every_rule_that_is_quoted_stands_in_the_contract(check: Any) -> None:
    assert words(check.rule) in contract().rules()


def test_every_operation_of_the_contract_is_looked_at() -> None:
    rooms = (
        "shapes.answers_fit",
        "generated.whatever_comes_is_answered_as_the_contract_says",
        "access.without_a_token",
    )
    for room in rooms:
        looked_at = {check.name.partition(":")[2] for check in chosen([room])}
        assert looked_at == set(contract().operations)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.fault.__name__}-{case.found_by.partition(':')[2]}")
def test_a_bank_with_a_fault_fails_and_its_engineer_reads_why(own_sandbox: Sandbox, kit: Kit, case: Case) -> None:
    # Shapes are those of the answers to other checks.
    only = f"{case.found_by},sums." if case.found_by.startswith("shapes.") else case.found_by
    with standing_between(own_sandbox, case.fault()) as api_url:
        run = kit(api_url, only=only)
    assert run.code == 1
    failure = run.failure(case.found_by)
    told = f"{failure['came']} / {failure['expected']}"
    for words_said in case.says:
        assert words_said in told
    assert failure["operation"].partition(" ")[0] in ("GET", "POST", "PUT", "DELETE")
    assert failure["rule"] in contract().rules()
    assert failure["repeat"].startswith("curl -i")
    assert failure["repeat"] in run.printed
    # Nothing that may not stand in a ticket.
    everything = json.dumps(run.report) + run.printed
    assert own_sandbox.token not in everything
    assert READER not in everything
    assert "c-10023" not in failure["came"]


def test_what_is_broken_is_said_once_and_what_hangs_on_it_is_skipped(own_sandbox: Sandbox, kit: Kit) -> None:
    with standing_between(own_sandbox, sends_numbers()) as api_url:
        run = kit(api_url, only="sums,shapes.answers_fit:overdue")
    assert run.named("FAIL") == ["shapes.answers_fit:overdue"]
    [skipped] = [c for c in run.report["checks"] if c["name"] == "sums.what_is_owed_is_the_sum_of_its_parts"]
    assert skipped["why"].endswith("see shapes.answers_fit:overdue")


def test_generated_requests_find_what_no_scenario_asks_for(own_sandbox: Sandbox, kit: Kit) -> None:
    def answer(asked: Asked, forward: Forward) -> Answered:
        if "amount=" in asked.path and asked.header("Authorization").endswith(own_sandbox.token):
            return Answered(500, {"Content-Type": "text/plain"}, b"boom")
        return forward(asked)

    name = "generated.whatever_comes_is_answered_as_the_contract_says:instalment_quotes"
    with standing_between(own_sandbox, Fault(answer)) as api_url:
        run = kit(api_url, only=name, examples=2)
    failure = run.failure(name)
    assert "500 with text/plain and no problem document" in failure["came"]
    assert "$BANK_API_URL/customers/demo-" in failure["repeat"]
    assert own_sandbox.token not in failure["repeat"]


# --- what the kit says when it cannot run ---


def test_an_address_where_nobody_listens_is_no_failure_of_the_bank(
    kit: Kit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--url", f"http://127.0.0.1:{free_port()}/v1", "--customer", "c-1"]) == 2
    assert "could not run" in capsys.readouterr().out


def test_the_kit_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("BANK_API_TOKEN", raising=False)
    assert main(["--url", "http://127.0.0.1:1/v1"]) == 2
    assert "BANK_API_TOKEN" in capsys.readouterr().out


def test_without_codes_the_checks_that_need_them_say_so(own_sandbox: Sandbox, kit: Kit) -> None:
    run = kit(own_sandbox.api_url, only="codes", **{"codes-url": ""})
    skipped = {check["name"]: check["why"] for check in run.report["checks"] if check["outcome"] == "SKIPPED"}
    assert "codes.a_right_code_proves_once" in skipped
    assert all("CODES_URL or CODE_COMMAND" in why for why in skipped.values())
    assert "codes.attempts_count_down_and_end" in run.named("PASS")


def test_codes_may_come_from_a_command(own_sandbox: Sandbox, kit: Kit, tmp_path: Path) -> None:
    script = tmp_path / "codes.py"
    script.write_text(
        "import requests, sys\n"
        f"for message in requests.get('{own_sandbox.origin}/sandbox/sms').json():\n"
        "    if message['customer_id'] == sys.argv[1]:\n"
        "        print(message['text'])\n"
    )
    command = f"{sys.executable} {script}"
    run = kit(own_sandbox.api_url, only="codes.a_right_code", **{"codes-url": "", "code-command": command})
    assert run.named("PASS") == ["codes.a_right_code_proves_once"], run.printed


@pytest.mark.parametrize("ending", ["html", "md"])
def test_reports_for_people_name_every_check(
    own_sandbox: Sandbox, kit: Kit, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"report.{ending}"
    with standing_between(own_sandbox, is_a_cent_off()) as api_url:
        assert main(["--url", api_url, "--customer", CUSTOMERS[0], "--only", "sums", "--report", str(path)]) == 1
    written = path.read_text(encoding="utf-8")
    for check in chosen(["sums"]):
        assert check.name in written
    assert "differ by 0.01 yuan" in written
    assert "curl -i" in written


def test_two_customers_of_one_name_are_still_asked_for(own_sandbox: Sandbox, kit: Kit) -> None:
    run = kit(own_sandbox.api_url, only="problems.another_customers_card", customer="demo-m2")
    [why] = {check["why"] for check in run.report["checks"]}
    assert "CUSTOMER=first,second" in why


def test_a_card_that_is_given_is_the_one_that_is_asked_about(own_sandbox: Sandbox, kit: Kit) -> None:
    card = BankClient(own_sandbox.api_url, own_sandbox.token).cards("demo-two-cards")[1].id
    asked: List[str] = []

    def answer(request: Asked, forward: Forward) -> Answered:
        asked.append(request.route)
        return forward(request)

    with standing_between(own_sandbox, Fault(answer)) as api_url:
        kit(api_url, only="sums.what_is_owed", customer="demo-two-cards", card=card)
    assert asked[-1] == f"/customers/demo-two-cards/cards/{card}/overdue"


def test_a_bank_with_the_minimal_set_alone_passes(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another bank's code: what it lacks is skipped, and nothing of what it has is."""
    monkeypatch.setenv("BANK_API_TOKEN", tiny_bank.TOKEN)
    monkeypatch.delenv("READ_TOKEN")
    clock.set_today(None)
    with tiny_bank.serving() as api_url:
        run = kit(api_url, examples=3, customer=",".join(tiny_bank.CUSTOMERS), **{"codes-url": ""})
    assert run.code == 0, run.printed
    passed = run.named("PASS")
    for operation in tiny_bank.OFFERED:
        assert f"shapes.answers_fit:{operation}" in passed
        assert f"generated.whatever_comes_is_answered_as_the_contract_says:{operation}" in passed
    for name in ("sums.what_is_owed_is_the_sum_of_its_parts", "problems.another_customers_card_is_like_none:overdue"):
        assert name in passed
    assert set(run.report["not_offered"]) == set(contract().operations) - set(tiny_bank.OFFERED)


def test_a_fault_of_the_kit_is_not_taken_for_one_of_the_bank(
    own_sandbox: Sandbox, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: Any) -> None:
        raise KeyError("something of a customer")

    monkeypatch.setattr("bank.conformance.checks.sums.equal", stumble)
    run = kit(own_sandbox.api_url, only="sums.what_is_owed,sums.the_minimum")
    assert run.code == 2
    assert run.named("STUMBLED") == ["sums.what_is_owed_is_the_sum_of_its_parts"]
    assert run.named("PASS") == ["sums.the_minimum_is_no_more_than_the_whole"]
    assert "something of a customer" not in run.printed
