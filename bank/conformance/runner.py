"""Runs the checks, one after the other, and says what became of each."""

from __future__ import annotations

import logging
from typing import Callable, List, Sequence

from bank.conformance import checks
from bank.conformance.bench import Bench
from bank.conformance.contract import words
from bank.conformance.registry import Check, Failed, NotOffered, Outcome, Result, Skipped

logger = logging.getLogger(__name__)

#: The checks of shapes, one for each operation.
ANSWERS_FIT = "shapes.answers_fit"


def chosen(only: Sequence[str]) -> List[Check]:
    """The checks whose names begin with one of `only`; all if it is empty."""
    everything = checks.REGISTRY.checks
    return [check for check in everything if not only or check.name.startswith(tuple(only))]


def run(bench: Bench, wanted: Sequence[Check], tell: Callable[[Result], None]) -> List[Result]:
    """Run the checks in order; `tell` hears of each as soon as it has ended.

    An answer outside the contract is reported by the check of shapes, which joins the wanted ones if need be: it must
    not pass unseen because it came to a check that was about something else.
    """
    results = []
    for check in wanted:
        results.append(_result(bench, check))
        tell(results[-1])
    ran = {check.name for check in wanted}
    for check in chosen([f"{ANSWERS_FIT}:"]):
        if check.name not in ran and check.needs[0] in bench.violations:
            results.append(_result(bench, check))
            tell(results[-1])
    return results


def _result(bench: Bench, check: Check) -> Result:
    try:
        bench.need_offered(*check.needs) if check.of_shapes else bench.need(*check.needs)
        check.run(bench)
    except Skipped as reason:
        return Result(check, Outcome.SKIPPED, why=str(reason), offered=not isinstance(reason, NotOffered))
    except Failed as failure:
        return Result(
            check,
            Outcome.FAIL,
            operation=str(failure.exchange.operation),
            expected=failure.expected or words(check.rule),
            came=failure.came,
            repeat=failure.exchange.curl(),
        )
    except Exception as error:  # one check that fails must not take the others with it
        logger.exception("%s", check.name)
        return Result(check, Outcome.STUMBLED, why=f"the kit could not read an answer ({type(error).__name__})")
    return Result(check, Outcome.PASS)
