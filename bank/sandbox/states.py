"""The states of applications, promises and disputes and the moves between them, as the contract draws them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Dict, FrozenSet, Generic, Mapping, Tuple, Type, TypeVar, Union

from bank.models import ApplicationKind, ApplicationStatus, DisputeStatus, PromiseStatus
from bank.sandbox.ledger.cycle import add_months
from bank.sandbox.problems import illegal_move
from bank.sandbox.store import Row

S = TypeVar("S", bound=Enum)


@dataclass(frozen=True)
class Machine(Generic[S]):
    """States and, for each, those that may come next."""

    states: Type[S]
    moves: Mapping[S, FrozenSet[S]]

    def allows(self, status: S, to: S) -> bool:
        """Whether the table has this move."""
        return to in self.moves[status]

    def check(self, status: Union[S, str], to: S) -> None:
        """Raises Problem `illegal-move`, which names both, if the table does not have this move."""
        at = self.states(status)
        if not self.allows(at, to):
            raise illegal_move(at.value, to.value)

    def is_over(self, status: S) -> bool:
        """Whether nothing can come next."""
        return not self.moves[status]


def _machine(states: Type[S], table: Dict[S, Tuple[S, ...]]) -> Machine[S]:
    return Machine(states, {status: frozenset(table.get(status, ())) for status in states})


A = ApplicationStatus
APPLICATION = _machine(
    A,
    {
        A.SUBMITTED: (A.IN_REVIEW, A.WITHDRAWN, A.EXPIRED),
        A.IN_REVIEW: (A.APPROVED, A.DECLINED, A.NEEDS_DOCUMENTS, A.WITHDRAWN, A.EXPIRED),
        A.NEEDS_DOCUMENTS: (A.IN_REVIEW, A.WITHDRAWN, A.EXPIRED),
        # What takes effect at once and once for all (a waiver, an early settlement, the word on a hardship) is
        # completed; what runs is active first. Expired: the customer did not sign in time.
        A.APPROVED: (A.ACTIVE, A.COMPLETED, A.EXPIRED),
        A.ACTIVE: (A.COMPLETED, A.BROKEN),
    },
)

P = PromiseStatus
PROMISE = _machine(P, {P.OPEN: (P.OPEN, P.KEPT, P.BROKEN, P.WITHDRAWN)})  # open to open: another sum or day

D = DisputeStatus
DISPUTE = _machine(
    D,
    {
        D.SUBMITTED: (D.IN_REVIEW, D.WITHDRAWN),
        D.IN_REVIEW: (D.NEEDS_DOCUMENTS, D.UPHELD, D.DECLINED, D.WITHDRAWN),
        D.NEEDS_DOCUMENTS: (D.IN_REVIEW, D.DECLINED, D.WITHDRAWN),
    },
)

#: Not decided yet: one of these on a card keeps it from another application.
OPEN = (A.SUBMITTED, A.IN_REVIEW, A.NEEDS_DOCUMENTS)
#: Decided in the customer's favour and not over.
RUNNING = (A.APPROVED, A.ACTIVE)
#: Decided in the customer's favour, over or not.
GRANTED = (*RUNNING, A.COMPLETED, A.BROKEN)
#: Kinds that run for a while after they are approved; the others are completed at once.
RUNS = (ApplicationKind.INSTALMENT, ApplicationKind.DEFERRAL, ApplicationKind.AGREEMENT)


def status_on(application: Row, today: date) -> ApplicationStatus:
    """The status on `today`: what runs is over once its last day has passed, without anybody's doing."""
    status = A(application["status"])
    if status is A.ACTIVE and _last_day(application) < today:
        return A.COMPLETED
    return status


def _last_day(application: Row) -> date:
    if application["kind"] == ApplicationKind.DEFERRAL.value:
        last: date = application["new_due_date"]
        return last
    # The last term stands on the last of as many bills and is due within the month after it. The first bill is the
    # next one; that of an agreement at most two later.
    later = 3 if application["kind"] == ApplicationKind.AGREEMENT.value else 1
    return add_months(application["starts_on"], application["terms"] + later)
