"""`python -m bank.conformance --help`.

Exit code 0: nothing contradicts the contract; 1: something does; 2: the kit could not run.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import List, Optional

from bank.conformance import report as reports
from bank.conformance.bench import Bench, CannotRun, Options
from bank.conformance.contract import contract
from bank.conformance.registry import Outcome, Result
from bank.conformance.report import Report
from bank.conformance.runner import chosen, run
from bank.conformance.subjects import find_accounts
from common import clock
from common.log import configure

_ABOUT = "Hold a bank's API against bank/openapi.yml. Use a test system: the kit files, asks for codes and withdraws."


def main(arguments: Optional[List[str]] = None) -> int:
    """Run the kit; returns the exit code."""
    given = _parser().parse_args(arguments)
    options = _options(given)
    if not options.url or not options.token:
        print("BANK_API_URL (with the version, as https://api.bank.example/v1) and BANK_API_TOKEN are needed.")
        return 2
    if given.report and given.report.suffix not in reports.WRITERS:
        print(f"REPORT must end in {', '.join(reports.WRITERS)}.")
        return 2
    wanted = [check for check in chosen(options.only) if options.examples or check.room != "generated"]
    if not wanted:
        print(f"No check begins with {' or '.join(options.only)}. There are:")
        print("\n".join(sorted({check.room for check in chosen([])})))
        return 2
    bench = Bench(options, contract())
    try:
        bench.learn_what_is_offered()
        find_accounts(bench)
        results = run(bench, wanted, _tell)
    except CannotRun as problem:
        print(f"The kit could not run. {problem}")
        return 2
    customers = list(dict.fromkeys(account.customer_id for account in bench.accounts))
    found = Report(options.url, bench.contract.version, clock.now(), customers, bench.absent, results)
    if bench.absent:
        print(f"\nNot offered, so not looked at: {', '.join(sorted(bench.absent))}.")
    print(f"\n{found.verdict[0].upper()}{found.verdict[1:]}.")
    if given.report:
        reports.write(found, given.report)
        print(f"Report: {given.report}")
    if found.count(Outcome.FAIL):
        return 1
    return 2 if found.count(Outcome.STUMBLED) else 0


def _tell(result: Result) -> None:
    """On the terminal; what is not offered is named once, at the end."""
    if result.offered:
        print(reports.text(result), flush=True)


def _options(given: argparse.Namespace) -> Options:
    return Options(
        url=given.url,
        token=os.environ.get("BANK_API_TOKEN", ""),  # not an argument: those can be seen by other users
        customers=_list(given.customer),
        card=given.card or None,
        read_token=os.environ.get("READ_TOKEN") or None,
        codes_url=given.codes_url or None,
        code_command=given.code_command or None,
        expired_quote=given.expired_quote or None,
        only=_list(given.only),
        examples=given.examples,
    )


def _list(text: str) -> List[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bank.conformance", description=_ABOUT, epilog=_EPILOG)

    def option(name: str, variable: str, about: str) -> None:
        parser.add_argument(name, default=os.environ.get(variable, ""), metavar=variable, help=about)

    option("--url", "BANK_API_URL", "the API with its version, as https://api.bank.example/v1")
    option("--customer", "CUSTOMER", "test customers: first,second,…; else the bank's search finds them")
    option("--card", "CARD", "the first customer's card; else the bank's list names it")
    option("--codes-url", "CODES_URL", "answers [{customer_id, text}, …]: messages to test phones, newest first")
    option("--code-command", "CODE_COMMAND", "prints the codes sent to the customer named by its last argument")
    option("--expired-quote", "EXPIRED_QUOTE", "id of a quote of the first customer that is past its valid_until")
    option("--only", "ONLY", "beginnings of names of checks: sums,once.a_repeat")
    examples = int(os.environ.get("EXAMPLES") or 10)
    parser.add_argument("--examples", type=int, default=examples, help="generated requests an operation; 0: none")
    report = os.environ.get("REPORT")
    parser.add_argument("--report", type=Path, default=Path(report) if report else None, help=".html, .md or .json")
    return parser


_EPILOG = "Tokens come from the environment alone: BANK_API_TOKEN, and READ_TOKEN with the scope accounts.read only."


if __name__ == "__main__":
    configure("conformance")
    sys.exit(main())
