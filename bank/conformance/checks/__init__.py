"""Every check, by what it is about. Importing this registers them in the order in which they run."""

from importlib import import_module

from bank.conformance.registry import REGISTRY

#: `shapes` is last: it says what was found out about answers by all the others.
ROOMS = (
    "access",
    "problems",
    "sums",
    "days",
    "quotes",
    "once",
    "codes",
    "versions",
    "states",
    "paging",
    "identities",
    "documents",
    "relief",
    "hardship",
    "auto_debit",
    "addresses",
    "generated",
    "shapes",
)
for room in ROOMS:
    import_module(f"{__name__}.{room}")

__all__ = ["REGISTRY"]
