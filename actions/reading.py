"""The time that a customer has to read an offer before a yes to it counts.

金规〔2026〕2号 asks for it where the whole cost of a loan is shown (综合融资成本明示表); the bank says how long it is.
"""

from __future__ import annotations

import math
from typing import Any, Dict

from common import clock

_READABLE_AT = "readable_at"


def begun(offer: Dict[str, Any], seconds: int) -> Dict[str, Any]:
    """The offer, shown now: a yes to it counts after so many seconds."""
    return {**offer, _READABLE_AT: clock.now().timestamp() + seconds}


def seconds_left(offer: Dict[str, Any]) -> int:
    """For how many seconds, rounded up, a yes to the offer does not count yet; 0 if it does."""
    readable_at = float(offer.get(_READABLE_AT) or 0.0)
    return max(0, math.ceil(readable_at - clock.now().timestamp()))
