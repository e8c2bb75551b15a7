"""Whatever is asked for twice with one key happens once, also at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bank.conformance.bench import Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import refused_as
from bank.conformance.registry import Failed, Skipped, check
from bank.conformance.writes import WRITES, Prepared

AT_ONCE = 8


def _made(bench: Bench, operation: str, prepared: Prepared, key: str) -> Exchange:
    """The first write; raises Skipped if the bank's policy is against it."""
    came = bench.call(operation, prepared.account.ids(), body=prepared.body, key=key)
    if came.problem in ("not-eligible", "illegal-move"):
        raise Skipped(f"the bank refuses it: {came.said()}. Give a customer for whom it is possible, CUSTOMER=…")
    if not came.good:
        raise Failed(came, came.said(), "the write is made: its values come from the bank's own answers")
    return came


@check(rule="with the same content, give the first answer again, unchanged", each=tuple(WRITES))
def a_repeat_gives_the_first_answer(bench: Bench, operation: str) -> None:
    """The same key with the same content gives the first answer again, and nothing happens twice."""
    write, key = WRITES[operation], new_key()
    prepared = write.prepare(bench)
    first = _made(bench, operation, prepared, key)
    try:
        again = bench.call(operation, prepared.account.ids(), body=prepared.body, key=key)
        if (again.status, again.document) != (first.status, first.document):
            told = again.said() if again.status != first.status else "another document"
            raise Failed(again, f"{told} where the first answer was {first.said()}")
        names = write.listed(bench, prepared.account)
        if names is not None and first.document[write.name] not in names:
            raise Failed(first, "what was written is not in the list", f"`{write.listed_by}` lists it")
    finally:
        write.take_back(bench, prepared.account, first)


@check(rule="with other content, another path included, answer `idempotency-conflict`", each=tuple(WRITES))
def a_key_with_other_content_is_refused(bench: Bench, operation: str) -> None:
    """The same key with other content is `idempotency-conflict`."""
    write, key = WRITES[operation], new_key()
    prepared = write.prepare(bench)
    first = _made(bench, operation, prepared, key)
    try:
        other = bench.call(operation, prepared.account.ids(), body=prepared.other, key=key)
        refused_as(other, 409, "idempotency-conflict", "the same key with another body")
    finally:
        write.take_back(bench, prepared.account, first)


@check(rule="while the first request still runs, wait for it and give its answer.", each=tuple(WRITES))
def of_many_at_once_one_counts(bench: Bench, operation: str) -> None:
    """The same write sent eight times at the same moment happens once, and all get its answer."""
    write, key = WRITES[operation], new_key()
    prepared = write.prepare(bench)
    before = write.listed(bench, prepared.account)

    def send(_: int) -> Exchange:
        return bench.call(operation, prepared.account.ids(), body=prepared.body, key=key)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        came = list(threads.map(send, range(AT_ONCE)))
    made = next((each for each in came if each.good), None)
    if made is None:
        if came[0].problem in ("not-eligible", "illegal-move"):
            raise Skipped(f"the bank refuses it: {came[0].said()}")
        raise Failed(came[0], came[0].said(), "the write is made once, and every request gets its answer")
    try:
        for each in came:
            if (each.status, each.document) != (made.status, made.document):
                told = each.said() if each.status != made.status else "another document"
                raise Failed(each, f"{told} to one of {AT_ONCE} equal requests at the same moment")
        after = write.listed(bench, prepared.account)
        if before is not None and after is not None and len(after - before) != 1:
            raise Failed(made, f"{len(after - before)} were written", f"`{write.listed_by}` lists one more than before")
    finally:
        write.take_back(bench, prepared.account, made)


@check(rule="may be repeated with the same key", needs=["file_application", "withdraw_application"])
def a_withdrawal_happens_once(bench: Bench) -> None:
    """An application is withdrawn once, however often it is asked for with one key."""
    write = WRITES["file_application"]
    prepared = write.prepare(bench)
    filed = _made(bench, "file_application", prepared, new_key())
    if not filed.document["withdrawable"]:
        raise Skipped("the bank decides at once: the application is not withdrawable")
    reference, key = filed.document["reference"], new_key()
    proof = bench.proof(prepared.account.customer_id, "withdraw_application", reference)
    ids = prepared.account.ids(reference=reference)
    answers = [bench.call("withdraw_application", ids, body={"proof": proof}, key=key) for _ in range(2)]
    if not answers[0].good or answers[0].document["status"] != "withdrawn":
        raise Failed(answers[0], answers[0].said(), "200 and the application, withdrawn")
    if (answers[1].status, answers[1].document) != (answers[0].status, answers[0].document):
        raise Failed(answers[1], answers[1].said(), "the first answer again")
