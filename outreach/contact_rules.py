"""Whether a contact is allowed now: pure functions over what is known. Nothing here reads a clock or calls anybody.

Every decision names the rule that made it, and where the rule comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple
from zoneinfo import ZoneInfo

from bank.models import ContactChannel, ContactDirection, ContactKind, ContactOutcome, ContactPreferences
from outreach.plan import HolidayRule, Limits

NIGHT_FROM, NIGHT_UNTIL = time(22), time(8)
_WEEK = timedelta(days=7)
_LONGEST_HOLIDAY = 31  # days; a longer one is a mistake in the calendar

_GUIDELINE = "banking association's guideline on collection, 2026"
_CUSTOMER = "the customer's preferences at the bank"
_PLAN = "outreach/plan.yml"


class Rule(Enum):
    """What allowed or stopped a contact: its name, as the bank's contact log has it, and its source."""

    ALLOWED = ("within-rules", _PLAN)
    NIGHT_CONSENT = ("night-with-consent", _GUIDELINE)
    THIRD_PARTY = ("customer-only", _GUIDELINE)
    ASKED_TO_STOP = ("asked-to-stop", _CUSTOMER)
    REMINDERS_OFF = ("reminders-off", _CUSTOMER)
    CHANNEL_NOT_WANTED = ("channel-not-wanted", _CUSTOMER)
    NIGHT = ("night", _GUIDELINE)
    CUSTOMERS_HOURS = ("customers-hours", _CUSTOMER)
    HOLIDAY = ("holiday", f"State Council's notice of the year; {_PLAN}")
    VOICE_EFFECTIVE = ("voice-3-a-day", "GB/T 45251-2025")
    VOICE_ATTEMPTS = ("voice-6-attempts-a-day", _GUIDELINE)
    CHANNEL_DAY = ("channel-daily-limit", _PLAN)
    CHANNEL_WEEK = ("channel-weekly-limit", _PLAN)
    ALL_DAY = ("daily-limit", _PLAN)
    ALL_WEEK = ("weekly-limit", _PLAN)

    def __init__(self, label: str, source: str) -> None:
        self.label = label
        self.source = source


class Verdict(str, Enum):
    """What a rule says."""

    ALLOW = "allow"
    LATER = "later"  # not now; from `Decision.until` on it may be asked again
    NOT_BY_THIS = "not_by_this"  # not by this channel; another one may do
    NEVER = "never"  # not at all


@dataclass(frozen=True)
class Proposal:
    """A contact that is to be made."""

    kind: ContactKind
    channel: ContactChannel
    at: datetime  # with its zone
    to_customer: bool  # whether the address is the customer's own, by the bank's record


@dataclass(frozen=True)
class PastContact:
    """A contact that was made, or tried: a line of the log."""

    channel: ContactChannel
    at: datetime
    outcome: ContactOutcome
    reference: str


@dataclass(frozen=True)
class Terms:
    """What the plan and the calendar say."""

    all_channels: Limits
    limits: Mapping[ContactChannel, Limits]
    holidays: HolidayRule
    is_holiday: Callable[[date], bool]


@dataclass(frozen=True)
class Decision:
    """What may be done, and by which rule. `until`: when to ask again, for `LATER`."""

    verdict: Verdict
    rule: Rule
    until: Optional[datetime] = None


#: Outcomes that reached for the customer. `PLANNED`, `STOPPED` and `FAILED` did not; a failed call is `NO_ANSWER`.
_REACHED = frozenset(
    {
        ContactOutcome.SENT,
        ContactOutcome.DELIVERED,
        ContactOutcome.ANSWERED,
        ContactOutcome.NO_ANSWER,
        ContactOutcome.REFUSED,
    }
)
#: Calls in which somebody spoke; one that was refused was picked up, too.
_SPOKE = frozenset({ContactOutcome.ANSWERED, ContactOutcome.REFUSED})


def decide(proposal: Proposal, preferences: ContactPreferences, past: Sequence[PastContact], terms: Terms) -> Decision:
    """Whether the contact may be made at `proposal.at`. Rules that end it come before those that delay it."""
    return (
        _ended(proposal, preferences)
        or _hours(proposal.at, preferences)
        or _holiday(proposal, preferences, terms)
        or _limits(proposal, preferences, past, terms)
        or Decision(Verdict.ALLOW, Rule.NIGHT_CONSENT if _is_night(proposal.at, preferences) else Rule.ALLOWED)
    )


def past_contacts(lines: Iterable[Tuple[ContactDirection, PastContact]]) -> List[PastContact]:
    """The contacts of a log from the bank's side, each once, the earliest line first.

    Several lines of one message (sent, delivered) are one contact; every attempt to call is one of its own.
    """
    found: Dict[Tuple[str, Optional[datetime]], PastContact] = {}
    for direction, line in sorted(lines, key=lambda pair: pair[1].at):
        if direction is ContactDirection.OUT and line.outcome in _REACHED:
            at = line.at if line.channel is ContactChannel.PHONE else None
            found.setdefault((line.reference, at), line)
    return list(found.values())


def _ended(proposal: Proposal, preferences: ContactPreferences) -> Optional[Decision]:
    today = proposal.at.astimezone(_zone(preferences)).date()
    if not proposal.to_customer:
        return Decision(Verdict.NOT_BY_THIS, Rule.THIRD_PARTY)
    if preferences.paused_until is not None and today <= preferences.paused_until:
        return Decision(Verdict.NEVER, Rule.ASKED_TO_STOP)
    if proposal.kind is ContactKind.REMINDER and not preferences.reminders:
        return Decision(Verdict.NEVER, Rule.REMINDERS_OFF)
    if proposal.channel not in preferences.channels:
        return Decision(Verdict.NOT_BY_THIS, Rule.CHANNEL_NOT_WANTED)
    return None


def _hours(at: datetime, preferences: ContactPreferences) -> Optional[Decision]:
    local = at.astimezone(_zone(preferences))
    begins, ends = _window(preferences)
    hour = local.time().replace(tzinfo=None)
    if begins <= hour < ends:
        return None
    rule = Rule.NIGHT if _is_night(at, preferences) and not preferences.night_consent else Rule.CUSTOMERS_HOURS
    day = local.date() if hour < begins else local.date() + timedelta(days=1)
    return Decision(Verdict.LATER, rule, _opening(day, preferences))


def _window(preferences: ContactPreferences) -> Tuple[time, time]:
    """From when to when the customer may be contacted: the hours chosen, without the night unless consented."""
    begins, ends = preferences.contact_from, preferences.contact_until
    if not preferences.night_consent:
        begins, ends = max(begins, NIGHT_UNTIL), min(ends, NIGHT_FROM)
    if begins >= ends:  # the customer chose hours of the night alone, and the consent is gone
        return NIGHT_UNTIL, NIGHT_FROM
    return begins, ends


def _holiday(proposal: Proposal, preferences: ContactPreferences, terms: Terms) -> Optional[Decision]:
    applies = proposal.channel in terms.holidays.channels or proposal.kind in terms.holidays.kinds
    day = proposal.at.astimezone(_zone(preferences)).date()
    if not applies or not terms.is_holiday(day):
        return None
    for ahead in range(1, _LONGEST_HOLIDAY + 1):
        if not terms.is_holiday(day + timedelta(days=ahead)):
            return Decision(Verdict.LATER, Rule.HOLIDAY, _opening(day + timedelta(days=ahead), preferences))
    return Decision(Verdict.NEVER, Rule.HOLIDAY)


def _limits(
    proposal: Proposal, preferences: ContactPreferences, past: Sequence[PastContact], terms: Terms
) -> Optional[Decision]:
    zone = _zone(preferences)
    today = proposal.at.astimezone(zone).date()
    by_this = [each for each in past if each.channel is proposal.channel]
    now_by_this = [each for each in by_this if each.at.astimezone(zone).date() == today]
    now = [each for each in past if each.at.astimezone(zone).date() == today]
    own = terms.limits[proposal.channel]
    spoke = sum(each.outcome in _SPOKE for each in now_by_this)
    tomorrow = _opening(today + timedelta(days=1), preferences)
    of_the_day = (
        (own.effective_per_day, spoke, Rule.VOICE_EFFECTIVE),
        (own.attempts_per_day, len(now_by_this), Rule.VOICE_ATTEMPTS),
        (own.per_day, len(now_by_this), Rule.CHANNEL_DAY),
        (terms.all_channels.per_day, len(now), Rule.ALL_DAY),
    )
    for limit, count, rule in of_the_day:
        if limit is not None and count >= limit:
            return Decision(Verdict.LATER, rule, tomorrow)
    of_the_week = (
        (own.per_week, by_this, Rule.CHANNEL_WEEK),
        (terms.all_channels.per_week, past, Rule.ALL_WEEK),
    )
    for limit, contacts, rule in of_the_week:
        recent = sorted(each.at for each in contacts if proposal.at - each.at < _WEEK)
        if limit is not None and len(recent) >= limit:
            return Decision(Verdict.LATER, rule, recent[len(recent) - limit] + _WEEK)
    return None


def _is_night(at: datetime, preferences: ContactPreferences) -> bool:
    hour = at.astimezone(_zone(preferences)).time().replace(tzinfo=None)
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def _opening(day: date, preferences: ContactPreferences) -> datetime:
    return datetime.combine(day, _window(preferences)[0], _zone(preferences))


def _zone(preferences: ContactPreferences) -> ZoneInfo:
    return ZoneInfo(preferences.time_zone)
