"""The page's tables, counted by hand from a made-up past: from raw events and rows, and nothing of `desk.insights`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Callable, Dict, List, Optional, Tuple

from common.clock import BANK_ZONE
from tests.test_desk.insights_history import History

Rows = List[Dict[str, Any]]
_REASONS = {"unemployment", "illness", "forgot", "other_debts"}
_NOT_UNDERSTOOD = {
    "utter_fallback": (2, "two_readings"),
    "utter_fallback_no_reading": (1, "fallback"),
    "utter_fallback_human": (1, "fallback"),
    "utter_out_of_scope": (3, "out_of_scope"),
    "utter_out_of_scope_in_request": (3, "out_of_scope"),
}
_FILED = "instalment deferral agreement waiver hardship promise dispute".split()


@dataclass
class Visit:
    """What a customer wrote without a pause of more than two hours."""

    name: str
    events: List[Dict[str, Any]]  # from its first message to the next visit's
    writes: List[Dict[str, Any]]
    language_before: str
    customer: Optional[str] = None
    language: str = ""
    handovers: List[Dict[str, Any]] = field(default_factory=list)

    @property
    def day(self) -> str:
        return _at(self.writes[0]).date().isoformat()

    @property
    def channel(self) -> str:
        return str(self.writes[0]["input_channel"])


def tables_by_hand(
    history: History, *, by: str, first: date, last: date, fits: Callable[[Dict[str, str]], bool]
) -> Dict[str, Rows]:
    """Every table of the page. `fits`: of channel, language and bucket."""
    visits = [
        visit
        for visit in _visits(history)
        if first.isoformat() <= visit.day <= last.isoformat() and fits(_traits(history, visit))
    ]

    def group(visit: Visit) -> str:
        if by == "all":
            return "all"
        return visit.day if by == "day" else _traits(history, visit)[by]

    groups: Dict[str, List[Visit]] = {}
    for visit in visits:
        groups.setdefault(group(visit), []).append(visit)
    ordered = sorted(groups.items())
    reminded = [
        each for each in _reminders(history) if first.isoformat() <= each["day"] <= last.isoformat() and fits(each)
    ]
    handed = [one for visit in visits for one in visit.handovers]
    return {
        "conversations": [_contained(name, of) for name, of in ordered],
        "handovers": _shares("trigger", "handovers", [one["trigger"] for one in handed]),
        "topics": _shares("topic", "handovers", [one["reason"] for one in handed]),
        "understanding": [row for name, of in ordered for row in _understood(name, of)],
        "reasons": _shares(
            "reason",
            "conversations",
            [told for told in [*map(_reason, visits), *(each["reason"] for each in reminded)] if told],
        ),
        "requests": _requests(history, visits),
        "promises": [row for name, of in ordered for row in _promises(history, name, of)],
        "reminders": _reminded(reminded),
        "waiting": [row for name, of in ordered for row in _waiting(name, of)],
        "ratings": [row for name, of in ordered for row in _ratings(history, name, of)],
        "ratings_assistant": [row for name, of in ordered for row in _ratings_assistant(history, name, of)],
    }


def sentences_by_hand(history: History) -> Counter:
    """How often each kind of not understood was met."""
    return Counter(kind for visit in _visits(history) for _, kind in _messages(visit) if kind != "understood")


def _visits(history: History) -> List[Visit]:
    found: List[Visit] = []
    for name in sorted({name for name, _ in history.fed}):
        events = [event for each, event in history.fed if each == name]
        current: Optional[Visit] = None
        for event in events:
            if _is_write(event):
                if current is None or event["timestamp"] - current.writes[-1]["timestamp"] > 7200:
                    current = Visit(name, [], [], current.language if current else "zh")
                    found.append(current)
                current.writes.append(event)
                current.customer = _customer(event) or current.customer
                current.language = event["parse_data"].get("language") or current.language or current.language_before
            elif current is not None and event["event"] == "slot" and event["name"] == "language":
                current.language = event["value"]
            if current is not None:
                current.events.append(event)
    for row in history.handovers:
        of_it = [
            visit
            for visit in found
            if visit.name == row["conversation_id"] and _at(visit.writes[0]) <= row["created_at"]
        ]
        of_it[-1].handovers.append(row)
    return found


def _is_write(event: Dict[str, Any]) -> bool:
    metadata = event.get("metadata", {})
    return event["event"] == "user" and not metadata.get("is_external") and metadata.get("shown_as") != ""


def _customer(event: Dict[str, Any]) -> Optional[str]:
    found: Optional[str] = event["metadata"].get("identity", {}).get("customer_id")
    return found


def _traits(history: History, visit: Visit) -> Dict[str, str]:
    bucket = "unknown"
    if visit.customer in history.days_past_due:
        bucket = _bucket(max(history.days_past_due[str(visit.customer)]))
    return {"channel": visit.channel, "language": visit.language, "bucket": bucket}


def _bucket(days: int) -> str:
    for name, longest in [
        ("not_overdue", 0),
        ("M1", 30),
        ("M2", 60),
        ("M3", 90),
        ("M4", 120),
        ("M5", 150),
        ("M6", 180),
    ]:
        if days <= longest:
            return name
    return "M6+"


def _contained(name: str, visits: List[Visit]) -> Dict[str, Any]:
    alone = sum(not visit.handovers for visit in visits)
    return {
        "group": name,
        "conversations": len(visits),
        "contained": alone,
        "handed_over": len(visits) - alone,
        "contained_share": round(alone / len(visits), 4),
    }


def _messages(visit: Visit) -> List[Tuple[str, str]]:
    """What was written to the assistant, and whether it was understood."""
    found = []
    paused = _is_paused_before(visit)
    for index, event in enumerate(visit.events):
        paused = _paused_after(event, paused)
        written = _is_write(event) and event["parse_data"].get("intent") and "shown_as" not in event["metadata"]
        if not written or paused:
            continue
        worst = (0, "understood")
        misses = _misses_before(visit, index)
        for after in visit.events[index + 1 :]:
            if _is_write(after):
                break
            if after["event"] == "bot":
                worst = max(worst, _NOT_UNDERSTOOD.get(after["metadata"].get("utter_action", ""), worst))
            if after["event"] == "slot" and after["name"] == "misses":
                value = after["value"] or 0
                worst = max(worst, (1, "fallback")) if value > misses else worst
                misses = value
        found.append((event["text"], worst[1]))
    return found


def _is_paused_before(visit: Visit) -> bool:
    return False  # people always gave it back before the next pause of two hours


def _paused_after(event: Dict[str, Any], paused: bool) -> bool:
    if event["event"] == "pause":
        return True
    return False if event["event"] in ("resume", "session_started", "restart") else paused


def _misses_before(visit: Visit, index: int) -> int:
    values = [
        event["value"] for event in visit.events[:index] if event["event"] == "slot" and event["name"] == "misses"
    ]
    return (values[-1] if values else 0) or 0


def _understood(name: str, visits: List[Visit]) -> Rows:
    kinds = Counter(kind for visit in visits for _, kind in _messages(visit))
    total = sum(kinds.values())
    if not total:
        return []
    names = ("understood", "two_readings", "fallback", "out_of_scope")
    share = round(kinds["understood"] / total, 4)
    return [{"group": name, "messages": total, **{each: kinds[each] for each in names}, "understood_share": share}]


def _reason(visit: Visit) -> Optional[str]:
    told = None
    for event in visit.events:
        if event["event"] == "slot" and event["name"] == "reason" and event["value"] in {*_REASONS, "withheld"}:
            told = event["value"]
        if _is_write(event):
            named = [each["value"] for each in event["parse_data"].get("entities", []) if each["value"] in _REASONS]
            told = named[-1] if named else told
    return told


def _shares(name: str, count: str, values: List[str]) -> Rows:
    ordered = sorted(Counter(values).items(), key=lambda each: (-each[1], each[0]))
    return [{name: value, count: number, "share": round(number / len(values), 4)} for value, number in ordered]


def _filed(visit: Visit) -> List[Tuple[str, str]]:
    """Kind and reference."""
    found, form = [], None
    for event in visit.events:
        if event["event"] == "active_loop":
            form = event["name"]
        if event["event"] == "slot" and event["name"] == "receipt" and event["value"] and form and visit.customer:
            kind = form.replace("_form", "")
            if kind in _FILED and _customer_then(visit, event):
                found.append((kind, event["value"]))
    return found


def _customer_then(visit: Visit, event: Dict[str, Any]) -> bool:
    """Whether the customer had shown who it is by then."""
    return any(_customer(write) for write in visit.writes if write["timestamp"] <= event["timestamp"])


def _status(history: History, visit: Visit, reference: str) -> str:
    return history.statuses.get(str(visit.customer), {}).get(reference, ("", "not_asked"))[1]


def _requests(history: History, visits: List[Visit]) -> Rows:
    counted = Counter(
        (kind, _status(history, visit, reference)) for visit in visits for kind, reference in _filed(visit)
    )
    return [{"kind": kind, "outcome": status, "requests": n} for (kind, status), n in sorted(counted.items())]


def _promises(history: History, name: str, visits: List[Visit]) -> Rows:
    made = [_status(history, visit, each) for visit in visits for kind, each in _filed(visit) if kind == "promise"]
    if not made:
        return []
    counts = {status: made.count(status) for status in ("kept", "broken", "open", "withdrawn")}
    ended = counts["kept"] + counts["broken"]
    share = round(counts["kept"] / ended, 4) if ended else None
    return [{"group": name, "made": len(made), **counts, "kept_share": share}]


def _waiting(name: str, visits: List[Visit]) -> Rows:
    handed = [one for visit in visits for one in visit.handovers]
    if not handed:
        return []
    asked = [one for one in handed if one["move"] == "request"]
    later = [one for one in handed if one["move"] != "request"]
    waits = sorted(int((one["answered_at"] - one["created_at"]).total_seconds()) for one in asked if one["answered_at"])
    return [
        {
            "group": name,
            "asked": len(asked),
            "answered": len(waits),
            "median": _percentile(waits, 50),
            "p90": _percentile(waits, 90),
            "left_for_later": len(later),
            "later_answered": sum(one["answered_at"] is not None for one in later),
        }
    ]


def _percentile(values: List[int], percent: int) -> Optional[int]:
    """The smallest that is not exceeded by at least so many per cent of all."""
    return next((each for each in values if sum(v <= each for v in values) * 100 >= percent * len(values)), None)


def _ratings(history: History, name: str, visits: List[Visit]) -> Rows:
    ids = {one["id"] for visit in visits for one in visit.handovers}
    return _stars(name, [each["stars"] for each in history.ratings if each["handover_id"] in ids])


def _ratings_assistant(history: History, name: str, visits: List[Visit]) -> Rows:
    """Each belongs to the visit in which it was asked: the last that had begun."""
    begins = sorted((visit.name, _at(visit.writes[0])) for visit in _visits(history))
    chosen = {(visit.name, _at(visit.writes[0])) for visit in visits}
    stars = []
    for each in history.assistant_ratings:
        before = [begun for begun in begins if begun[0] == each["conversation_id"] and begun[1] <= each["asked_at"]]
        if before and before[-1] in chosen:
            stars.append(each["stars"])
    return _stars(name, stars)


def _stars(name: str, stars: List[int]) -> Rows:
    if not stars:
        return []
    mean = round(sum(stars) / len(stars), 2)
    return [{"group": name, "ratings": len(stars), "mean": mean, **{f"stars_{n}": stars.count(n) for n in range(1, 6)}}]


def _reminders(history: History) -> Rows:
    """Contacts that reached somebody, and whether the customer paid within 30 days."""
    found = []
    for contact in history.contacts:
        lines = [each for each in history.lines if each["contact_id"] == contact["id"] and each["direction"] == "out"]
        reached = [each for each in lines if each["outcome"] in ("sent", "delivered", "answered")]
        if not reached or contact["step"] == "how-was-it":
            continue
        by = reached[-1]["channel"]
        if any(each["outcome"] == "failed" and each["channel"] == by for each in lines):
            continue
        at = next(each["at"] for each in reached if each["channel"] == by)
        day = at.astimezone(BANK_ZONE).date()
        overdue = (day - contact["anchor"]).days if contact["step"].startswith("overdue") else 0
        calls = [each["reason"] for each in history.calls if each["contact_id"] == contact["id"] and by == "phone"]
        found.append(
            {
                "day": day.isoformat(),
                "step": contact["step"],
                "channel": by,
                "language": history.languages[contact["id"]],
                "bucket": _bucket(max(overdue, 0)),
                "reason": calls[0] if calls else None,
                "paid": _paid(history, contact["customer_id"], day),
            }
        )
    return found


def _paid(history: History, customer: str, sent: date) -> bool:
    """Whether nothing was owed any more on some day, and the last payment by then was made in the 30 days since."""
    if customer not in history.days_past_due:
        return False  # the bank does not know who that is
    made = [day for day, status in history.payments.get(customer, []) if status != "failed"]
    for day in (sent + timedelta(days=number) for number in range(32)):
        last = max((each for each in made if each <= day), default=None)
        owes_nothing = any(begin <= day <= end for begin, end in history.settled.get(customer, []))
        if owes_nothing and last is not None and sent <= last <= sent + timedelta(days=30):
            return True
    return False


def _reminded(reminded: Rows) -> Rows:
    rows = []
    for step, channel in sorted({(each["step"], each["channel"]) for each in reminded}):
        of_it = [each["paid"] for each in reminded if (each["step"], each["channel"]) == (step, channel)]
        paid = sum(of_it)
        share = round(paid / len(of_it), 4)
        rows.append({"step": step, "channel": channel, "reminded": len(of_it), "paid": paid, "paid_share": share})
    return rows


def _at(event: Dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["timestamp"], BANK_ZONE)
