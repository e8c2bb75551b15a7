"""One-time codes and the proofs that they give."""

from __future__ import annotations

from typing import Dict, Tuple

from bank.conformance.bench import Account, Bench, new_key
from bank.conformance.caller import Exchange
from bank.conformance.checks.problems import nobody, refused_as
from bank.conformance.checks.quotes import a_quote
from bank.conformance.registry import Failed, check

_NEEDS = ("instalment_quotes", "challenge", "check_challenge")


def _challenge(bench: Bench) -> Tuple[Account, Exchange, Dict[str, str]]:
    """An account, the challenge for a quote of it, and the ids to check it."""
    account, quote = a_quote(bench)
    sent = bench.challenge(account.customer_id, "file_application", quote["id"])
    return account, sent, account.ids(challenge_id=sent.document["id"])


@check(rule="It authorises one `purpose` on one `subject`.", needs=_NEEDS)
def a_challenge_names_what_it_is_for(bench: Bench) -> None:
    """A challenge repeats its purpose and subject."""
    _, sent, _ = _challenge(bench)
    for name in ("purpose", "subject"):
        if sent.document[name] != sent.body[name]:
            raise Failed(sent, f"another `{name}` than was asked for", f"the `{name}` of the request")


@check(rule="A wrong code costs an attempt and answers `wrong-code` with the attempts left", needs=_NEEDS)
def attempts_count_down_and_end(bench: Bench) -> None:
    """Each wrong code costs an attempt; the last one locks the challenge, for the right code as well."""
    _, sent, ids = _challenge(bench)
    left = sent.document["attempts_left"]
    # Were one of these right by chance, the check would fail once in some hundred thousand runs.
    for attempt in range(1, left + 2):
        came = bench.call("check_challenge", ids, body={"code": f"{attempt:06d}"})
        if attempt >= left:
            refused_as(came, 409, "too-many-attempts", f"wrong code number {attempt} of {left}")
            continue
        refused_as(came, 422, "wrong-code", f"wrong code number {attempt} of {left}")
        if came.document["attempts_left"] != left - attempt:
            raise Failed(came, f"attempts_left {came.document['attempts_left']}", f"attempts_left {left - attempt}")


@check(rule="What is not six digits is `invalid-request` and costs nothing.", needs=_NEEDS)
def what_is_no_code_costs_nothing(bench: Bench) -> None:
    """What is not six digits is refused and leaves the attempts as they were."""
    _, sent, ids = _challenge(bench)
    for nonsense in ("12345", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", ""):
        came = bench.call("check_challenge", ids, body={"code": nonsense})
        refused_as(came, 400, "invalid-request", "what is not six digits")
    wrong = bench.call("check_challenge", ids, body={"code": "000001"})
    left = sent.document["attempts_left"] - 1
    if wrong.problem == "wrong-code" and wrong.document["attempts_left"] != left:
        raise Failed(wrong, f"attempts_left {wrong.document['attempts_left']}", f"attempts_left {left}")


@check(rule="The challenge is used up.", needs=_NEEDS)
def a_right_code_proves_once(bench: Bench) -> None:
    """A right code gives a proof, once; for another customer it gives none."""
    bench.need_codes()
    account, quote = a_quote(bench)
    before = bench.codes_sent(account.customer_id)
    sent = bench.challenge(account.customer_id, "file_application", quote["id"])
    code = bench.code_after(account.customer_id, before)
    ids = account.ids(challenge_id=sent.document["id"])
    other = next((each for each in bench.cards if each.customer_id != account.customer_id), None)
    if other is not None:
        stolen = bench.call("check_challenge", {**ids, "customer_id": other.customer_id}, body={"code": code})
        refused_as(stolen, 404, "not-found", "the challenge of another customer")
    right = bench.call("check_challenge", ids, body={"code": code})
    if not right.good:
        raise Failed(right, right.said(), "200 and a proof for the code that was sent")
    again = bench.call("check_challenge", ids, body={"code": code})
    refused_as(again, 409, "code-expired", "a code that was used")


@check(rule="A new challenge for the same purpose and subject ends the earlier one.", needs=_NEEDS)
def a_new_code_ends_the_earlier_one(bench: Bench) -> None:
    """After a new code for the same thing the earlier one is worth nothing."""
    bench.need_codes()
    account, quote = a_quote(bench)
    before = bench.codes_sent(account.customer_id)
    first = bench.challenge(account.customer_id, "file_application", quote["id"])
    code = bench.code_after(account.customer_id, before)
    bench.challenge(account.customer_id, "file_application", quote["id"])
    came = bench.call("check_challenge", account.ids(challenge_id=first.document["id"]), body={"code": code})
    refused_as(came, 409, "code-expired", "a code that was replaced by a newer one")


@check(
    rule="the proof is missing, spent, expired, or for another purpose or subject",
    needs=[*_NEEDS, "file_application"],
)
def a_proof_is_for_one_thing(bench: Bench) -> None:
    """An invented proof, or one for another quote, files nothing."""
    bench.need_codes()
    account, quote = a_quote(bench)
    every = bench.call("instalment_quotes", account.ids()).document["items"]
    proofs = [f"invented-{nobody()}"]
    if len(every) > 1:
        proofs.append(bench.proof(account.customer_id, "file_application", every[1]["id"]))
        quote = every[0]
    for proof in proofs:
        body = {"kind": "instalment", "card_id": account.card_id, "quote_id": quote["id"], "proof": proof}
        came = bench.call("file_application", account.ids(), body=body, key=new_key())
        refused_as(came, 403, "proof-required", "a proof that is invented, or for another quote")
