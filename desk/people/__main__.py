"""`python -m desk.people reset NAME`: for who is locked out. Prints a one-time password for the account NAME."""

from __future__ import annotations

import sys

from common.settings import settings
from desk.people import people_from
from desk.people.administration import reset
from desk.people.audit import DESK


def main() -> int:
    """0 if the account has a new one-time password, 1 if there is none of this name, 2 if it was called wrongly."""
    if len(sys.argv) != 3 or sys.argv[1] != "reset":
        print(__doc__, file=sys.stderr)
        return 2
    people = people_from(settings())
    people.start(settings().public_desk_url())
    agent = people.accounts.by_name(sys.argv[2])
    if agent is None:
        print(f"no account has the name {sys.argv[2]}", file=sys.stderr)
        return 1
    print(reset(people, DESK, agent.id))
    return 0


if __name__ == "__main__":
    sys.exit(main())
