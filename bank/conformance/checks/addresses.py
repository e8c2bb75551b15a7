"""Where reminders go: to the customer, and nowhere else."""

from __future__ import annotations

import re

from bank.conformance.bench import Bench
from bank.conformance.registry import Failed, Skipped, check

_OWN = "Only the customer's own addresses, by the bank's record; never another person's."
_CHINA = "+86"


@check(rule=_OWN, needs=["contact_addresses", "customer"])
def the_number_is_the_customers_own(bench: Bench) -> None:
    """The number for reminders is the one whose masked form the customer is shown."""
    seen = False
    for account, came, addresses in bench.each("contact_addresses"):
        known = bench.read("customer", {"customer_id": account.customer_id})
        if not addresses.get("phone") or not known.good:
            continue
        seen = True
        visible = re.fullmatch(r"(\+?[\d ]*)\D+(\d+)", known.document["masked_phone"])
        if visible is None:
            continue
        number = addresses["phone"].removeprefix(_CHINA)
        head, tail = visible.group(1).replace(" ", "").removeprefix(_CHINA), visible.group(2)
        if not number.startswith(head) or not number.endswith(tail):
            raise Failed(came, "another number than the one of `masked_phone`", "the number that the customer knows")
    if not seen:
        raise Skipped("the bank has no number of any known customer")


@check(rule="An address that the bank does not have, or that the customer has not confirmed, is absent.",
       needs=["contact_addresses"])  # fmt: skip
def what_is_not_known_is_absent(bench: Bench) -> None:
    """An address is one, or it is not there."""
    for _, came, addresses in bench.each("contact_addresses"):
        for name, address in addresses.items():
            if address is not None and not str(address).strip():
                raise Failed(came, f"an empty `{name}`", "an address, or none")
        if "email" in addresses and addresses["email"] is not None and "@" not in addresses["email"]:
            raise Failed(came, "an `email` without @", "an address, or none")
