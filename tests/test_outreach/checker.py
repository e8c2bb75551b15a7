"""Judges a bank's contact log by the rules, on no code of outreach: written from the rules' texts and from the lives.

What it knows of a customer comes from the generator, what happened from the bank's log and the gateways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Dict, List, Optional, Tuple
from zoneinfo import ZoneInfo

import chinese_calendar

from bank.models import AccountState, Contact, PromiseStatus
from tests.test_outreach.generated_bank import GRACE, Life, within

CHINA = ZoneInfo("Asia/Shanghai")
#: step: what it counts from, days after it, days it may be late, kind, first channel, others
BEFORE = {
    "due-in-7-days": (-7, 2, "email", ("webchat", "wechat", "sms")),
    "call-due-in-2-days": (-2, 0, "phone", ()),
    "due-in-2-days": (-2, 0, "sms", ("wechat", "webchat", "email")),
    "due-in-1-day": (-1, 0, "sms", ("wechat", "webchat", "email")),
    "fund-account": (-1, 0, "sms", ("wechat", "webchat", "email")),
}
OVERDUE = {
    "overdue-3": (3, 3), "overdue-10": (10, 4), "overdue-20": (20, 4), "overdue-35": (35, 4), "overdue-45": (45, 4),
    "overdue-65": (65, 4), "overdue-80": (80, 4), "overdue-100": (100, 5), "overdue-140": (140, 5),
}  # fmt: skip
PER_WEEK = {"phone": 9, "sms": 4, "email": 3, "webchat": 4, "wechat": 3}
LIMITS = frozenset({"channel-daily-limit", "channel-weekly-limit", "daily-limit", "weekly-limit"})
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Made:
    """A contact that went out, or a call that was asked for."""

    customer_id: str
    line: Contact
    step: str

    @property
    def day(self) -> date:
        return self.line.at.astimezone(CHINA).date()


@dataclass
class Findings:
    """What is wrong, in words."""

    wrong: List[str] = field(default_factory=list)
    checked: int = 0

    def expect(self, is_so: bool, what: str) -> None:
        self.checked += 1
        if not is_so:
            self.wrong.append(what)


def check_rules(life: Life, made: List[Made], findings: Findings) -> None:
    """No contact of this customer broke a rule."""
    zone = ZoneInfo(life.preferences.time_zone)
    for each in made:
        at, name = each.line.at.astimezone(zone), f"{life.id} {each.step} at {each.line.at}"
        hour = at.strftime("%H:%M")
        night = hour >= "22:00" or hour < "08:00"
        findings.expect(life.preferences.night_consent or not night, f"{name}: at night")
        opens, closes = (f"{of:%H:%M}" for of in (life.preferences.contact_from, life.preferences.contact_until))
        findings.expect(opens <= hour < closes, f"{name}: outside {opens}-{closes}")
        findings.expect(each.line.channel in life.preferences.channels, f"{name}: by {each.line.channel} unasked")
        is_reminder = each.line.kind.value == "reminder"
        findings.expect(life.preferences.reminders or not is_reminder, f"{name}: reminders are off")
        findings.expect(not within(life.paused, each.day), f"{name}: asked to stop")
        findings.expect(not within(life.complains, each.day), f"{name}: complains")
        holiday = chinese_calendar.get_holiday_detail(at.date())
        quiet = holiday[0] and holiday[1] is not None
        spoken = each.line.channel.value == "phone" or each.line.kind.value in ("follow_up", "collection")
        findings.expect(not (quiet and spoken), f"{name}: on a holiday")
        _check_state(life, each, name, findings)
    _check_numbers(life, made, zone, findings)


def _check_state(life: Life, each: Made, name: str, findings: Findings) -> None:
    state = life.state(each.day)
    if each.line.kind.value == "reminder":
        findings.expect(state is AccountState.DUE, f"{name}: nothing is due")
        findings.expect(not within(life.disputed, each.day), f"{name}: disputed")
    if each.line.kind.value in ("follow_up", "collection"):
        findings.expect(state is AccountState.OVERDUE, f"{name}: nothing is past due")
        findings.expect(life.promise_state(each.day) is not PromiseStatus.OPEN, f"{name}: promised")
        findings.expect(not life.has_agreement(each.day), f"{name}: an agreement runs")
        findings.expect(not within(life.disputed, each.day), f"{name}: disputed")


def _check_numbers(life: Life, made: List[Made], zone: ZoneInfo, findings: Findings) -> None:
    sent = sorted((each.line.at, each.line.channel.value) for each in made if each.line.outcome.value != "planned")
    days: Dict[date, List[str]] = {}
    for at, channel in sent:
        days.setdefault(at.astimezone(zone).date(), []).append(channel)
    for day, channels in days.items():
        findings.expect(len(channels) <= 2, f"{life.id}: {len(channels)} contacts on {day}")
        for channel in set(channels) - {"phone"}:
            findings.expect(channels.count(channel) == 1, f"{life.id}: {channel} more than once on {day}")
    for at, channel in sent:
        week = [(when, by) for when, by in sent if at <= when < at + _WEEK]
        findings.expect(len(week) <= 6, f"{life.id}: {len(week)} contacts in the week from {at}")
        same = sum(by == channel for _, by in week)
        findings.expect(same <= PER_WEEK[channel], f"{life.id}: {same} by {channel} in the week from {at}")


def expected(life: Life, first: date, last: date) -> Dict[Tuple[str, date], str]:
    """The contacts that have to be made, and must be, since nothing speaks against them on any day of theirs.

    By step and anchor; the value says why. Those that something may speak against are not among them.
    """
    found: Dict[Tuple[str, date], str] = {}
    ways = _ways(life)
    for due, paid in zip(life.due_dates, life.pays_on, strict=True):
        for step, (days, late, way, others) in BEFORE.items():
            wanted = {"fund-account": life.auto_debit, "due-in-1-day": not life.auto_debit,
                      "due-in-2-days": not life.auto_debit}.get(step, True)  # fmt: skip
            span = _days(due, days, late)
            usable = {way, *others} & ways
            if not (wanted and usable and life.preferences.reminders and first <= span[0] and span[-1] <= last):
                continue
            if way == "phone" and any(_is_holiday(day) for day in span):
                continue
            if all(_is_open_bill(life, due, paid, day) and not _hindered(life, day, reminder=True) for day in span):
                found[step, due] = "reminder"
        if paid is None or paid > due + timedelta(days=GRACE):
            _expect_follow_up(life, due, first, last, ways, found)
    return found


def _expect_follow_up(
    life: Life, due: date, first: date, last: date, ways: set[str], found: Dict[Tuple[str, date], str]
) -> None:
    for step, (days, late) in OVERDUE.items():
        span = _days(due, days, late)
        usable = ways & ({"phone", "webchat", "sms"} if days in (20, 45, 80) else {"webchat", "wechat", "sms", "email"})
        if not usable or span[0] < first or span[-1] > last or any(_is_holiday(day) for day in span):
            continue
        # The plan begins it as soon as the bank calls the account past due, which is after the grace days.
        begins = next((day for day in span if life.state(day) is AccountState.OVERDUE), None)
        if begins is None or any(life.unpaid_since(day) != due for day in span):
            continue
        if all(not _hindered(life, day, reminder=False) for day in span):
            found[step, due] = "follow-up"


def _days(anchor: date, days: int, late: int) -> List[date]:
    return [anchor + timedelta(days=days + each) for each in range(late + 1)]


def _ways(life: Life) -> set[str]:
    """Channels by which the customer can be reached and wants to be; there is no WeChat in this system."""
    there = {"webchat": "yes", "email": life.email, "sms": life.phone, "phone": "yes"}
    return {each.value for each in life.preferences.channels if there.get(each.value)}


def _is_open_bill(life: Life, due: date, paid: Optional[date], day: date) -> bool:
    return (paid is None or day < paid) and life.state(day) is AccountState.DUE and life.bill(day) == due


def _hindered(life: Life, day: date, *, reminder: bool) -> bool:
    hindered = within(life.paused, day) or within(life.disputed, day) or _complained(life, day)
    if reminder:
        return hindered
    return hindered or life.promise_state(day) is PromiseStatus.OPEN or life.has_agreement(day)


def _complained(life: Life, day: date) -> bool:
    """While it is open, and for thirty days after it was settled."""
    if life.complains is None:
        return False
    begins, ends = life.complains
    return begins <= day <= ends + timedelta(days=31)


def _is_holiday(day: date) -> bool:
    """Or its neighbour: elsewhere it is another day."""
    around = (day - timedelta(days=1), day, day + timedelta(days=1))
    return any(is_off and name is not None for is_off, name in map(chinese_calendar.get_holiday_detail, around))


def moment(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)
