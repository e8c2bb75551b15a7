"""How long an account is overdue, in the classes of the bank's contract."""

from __future__ import annotations

from bank.models import Bucket

NOT_OVERDUE = "not_overdue"
UNKNOWN = "unknown"  # visitors, banks that did not answer in time, contacts about something else
_DAYS = 30  # of each class, by `bank.models.Bucket`
_CLASSES = (Bucket.M1, Bucket.M2, Bucket.M3, Bucket.M4, Bucket.M5, Bucket.M6)
#: In the order in which they are shown.
BUCKETS = (NOT_OVERDUE, *(each.value for each in Bucket), UNKNOWN)


def bucket_of(days_past_due: int) -> str:
    """The class of so many days, as the bank counts them; 0 is not overdue."""
    if days_past_due <= 0:
        return NOT_OVERDUE
    number = (days_past_due - 1) // _DAYS
    return (_CLASSES[number] if number < len(_CLASSES) else Bucket.M6_PLUS).value
