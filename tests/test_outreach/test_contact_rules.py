"""Each rule by itself: what it stops, until when, and under which name."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, List, Optional
from zoneinfo import ZoneInfo

import pytest

from bank.models import ContactChannel, ContactDirection, ContactKind, ContactOutcome, ContactPreferences
from outreach.contact_rules import PastContact, Proposal, Rule, Terms, Verdict, decide, past_contacts
from outreach.plan import load_plan

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}
PLAN = load_plan()
TERMS = Terms(PLAN.all_channels, PLAN.limits, PLAN.holidays, lambda day: day in HOLIDAYS)
EMAIL, SMS, PHONE = ContactChannel.EMAIL, ContactChannel.SMS, ContactChannel.PHONE


def prefers(**changes: Any) -> ContactPreferences:
    usual = {
        "channels": [SMS, PHONE, EMAIL, ContactChannel.WEBCHAT],
        "reminders": True,
        "contact_from": time(9),
        "contact_until": time(21),
        "time_zone": "Asia/Shanghai",
        "night_consent": False,
        "language": "zh",
        "paused_until": None,
        "version": 1,
    }
    return ContactPreferences(**{**usual, **changes})


def proposal(
    channel: ContactChannel = SMS, at: datetime = NOON, kind: ContactKind = ContactKind.REMINDER, own: bool = True
) -> Proposal:
    return Proposal(kind, channel, at, own)


def past(
    channel: ContactChannel, *ago: timedelta, outcome: ContactOutcome = ContactOutcome.SENT, before: datetime = NOON
) -> List[PastContact]:
    return [PastContact(channel, before - each, outcome, f"{channel}-{each}") for each in ago]


def ruled(
    asked: Proposal, preferences: Optional[ContactPreferences] = None, before: Optional[List[PastContact]] = None
) -> "tuple[Verdict, Rule, Optional[datetime]]":
    made = decide(asked, preferences or prefers(), before or [], TERMS)
    return made.verdict, made.rule, made.until


def test_by_day_within_the_hours_and_limits_it_is_allowed() -> None:
    assert ruled(proposal()) == (Verdict.ALLOW, Rule.ALLOWED, None)


def test_nobody_but_the_customer_is_contacted() -> None:
    assert ruled(proposal(own=False))[:2] == (Verdict.NOT_BY_THIS, Rule.THIRD_PARTY)


@pytest.mark.parametrize(("until", "allowed"), [(NOON.date(), False), (NOON.date() - timedelta(days=1), True)])
def test_who_asked_to_stop_is_left_alone_through_the_last_day(until: date, allowed: bool) -> None:
    verdict, rule, _ = ruled(proposal(), prefers(paused_until=until))
    assert (verdict is Verdict.ALLOW) is allowed
    assert (rule is Rule.ASKED_TO_STOP) is not allowed


def test_reminders_that_are_off_stop_reminders_and_nothing_else() -> None:
    off = prefers(reminders=False)
    assert ruled(proposal(), off)[:2] == (Verdict.NEVER, Rule.REMINDERS_OFF)
    assert ruled(proposal(kind=ContactKind.SERVICE), off)[0] is Verdict.ALLOW


def test_a_channel_that_the_customer_does_not_use_is_no_way() -> None:
    assert ruled(proposal(EMAIL), prefers(channels=[SMS]))[:2] == (Verdict.NOT_BY_THIS, Rule.CHANNEL_NOT_WANTED)


@pytest.mark.parametrize(
    ("hour", "minute", "allowed"), [(21, 59, True), (22, 0, False), (7, 59, False), (8, 0, True), (0, 0, False)]
)
def test_the_night_is_quiet_without_consent(hour: int, minute: int, allowed: bool) -> None:
    at = NOON.replace(hour=hour, minute=minute)
    wide = prefers(contact_from=time(0), contact_until=time(23, 59))
    verdict, rule, until = ruled(proposal(at=at), wide)
    assert (verdict is Verdict.ALLOW) is allowed
    if not allowed:
        morning = at.replace(hour=8, minute=0) + timedelta(days=1 if hour == 22 else 0)
        assert (rule, until) == (Rule.NIGHT, morning)


def test_the_night_is_the_customers_night() -> None:
    at = datetime(2026, 11, 23, 20, 0, tzinfo=SHANGHAI)  # 07:00 in New York
    verdict, rule, until = ruled(proposal(at=at), prefers(time_zone="America/New_York"))
    assert (verdict, rule) == (Verdict.LATER, Rule.NIGHT)
    assert until == datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/New_York"))


def test_with_consent_the_night_is_as_the_customer_chose() -> None:
    late = prefers(contact_from=time(6), contact_until=time(23), night_consent=True)
    assert ruled(proposal(at=NOON.replace(hour=22, minute=30)), late)[:2] == (Verdict.ALLOW, Rule.NIGHT_CONSENT)
    assert ruled(proposal(at=NOON.replace(hour=23, minute=30)), late)[:2] == (Verdict.LATER, Rule.CUSTOMERS_HOURS)


def test_outside_the_customers_hours_it_waits_for_them() -> None:
    verdict, rule, until = ruled(proposal(at=NOON.replace(hour=21, minute=30)))
    assert (verdict, rule, until) == (
        Verdict.LATER, Rule.CUSTOMERS_HOURS, NOON.replace(hour=9) + timedelta(days=1),
    )  # fmt: skip


def test_hours_that_lie_in_the_night_alone_are_the_day_without_consent() -> None:
    night = prefers(contact_from=time(22), contact_until=time(23))
    assert ruled(proposal(), night)[0] is Verdict.ALLOW
    assert ruled(proposal(at=NOON.replace(hour=22, minute=30)), night)[:2] == (Verdict.LATER, Rule.NIGHT)


@pytest.mark.parametrize(
    ("channel", "kind", "allowed"),
    [
        (SMS, ContactKind.REMINDER, True),
        (SMS, ContactKind.FOLLOW_UP, False),
        (PHONE, ContactKind.REMINDER, False),
        (EMAIL, ContactKind.SERVICE, True),
    ],
)
def test_on_holidays_nobody_is_called_or_asked_about_what_is_past_due(
    channel: ContactChannel, kind: ContactKind, allowed: bool
) -> None:
    at = datetime(2026, 10, 3, 12, 0, tzinfo=SHANGHAI)
    verdict, rule, until = ruled(proposal(channel, at, kind))
    assert (verdict is Verdict.ALLOW) is allowed
    if not allowed:
        assert (rule, until) == (Rule.HOLIDAY, datetime(2026, 10, 8, 9, 0, tzinfo=SHANGHAI))


def test_after_three_calls_in_which_somebody_spoke_the_day_is_over() -> None:
    hours = [timedelta(hours=each) for each in (1, 2, 3)]
    spoke = [each for hour in hours for each in past(PHONE, hour, outcome=ContactOutcome.ANSWERED)]
    only_voice = Terms(
        PLAN.all_channels.copy(update={"per_day": None, "per_week": None}), PLAN.limits, PLAN.holidays, TERMS.is_holiday
    )
    made = decide(proposal(PHONE), prefers(), spoke, only_voice)
    assert (made.verdict, made.rule) == (Verdict.LATER, Rule.VOICE_EFFECTIVE)
    assert made.until == NOON.replace(hour=9) + timedelta(days=1)
    assert decide(proposal(PHONE), prefers(), spoke[:2], only_voice).verdict is Verdict.ALLOW


@pytest.mark.parametrize(("attempts", "allowed"), [(5, True), (6, False)])
def test_after_six_attempts_the_day_is_over(attempts: int, allowed: bool) -> None:
    tried = past(PHONE, *(timedelta(minutes=each) for each in range(1, attempts + 1)), outcome=ContactOutcome.NO_ANSWER)
    only_voice = Terms(
        PLAN.all_channels.copy(update={"per_day": None, "per_week": None}), PLAN.limits, PLAN.holidays, TERMS.is_holiday
    )
    made = decide(proposal(PHONE), prefers(), tried, only_voice)
    assert (made.verdict is Verdict.ALLOW) is allowed
    assert (made.rule is Rule.VOICE_ATTEMPTS) is not allowed


def test_one_sms_a_day_and_another_the_day_after() -> None:
    assert ruled(proposal(), before=past(SMS, timedelta(hours=2)))[:2] == (Verdict.LATER, Rule.CHANNEL_DAY)
    assert ruled(proposal(), before=past(SMS, timedelta(hours=13)))[0] is Verdict.ALLOW


def test_two_contacts_a_day_whatever_the_channels() -> None:
    before = past(EMAIL, timedelta(hours=1)) + past(ContactChannel.WEBCHAT, timedelta(hours=2))
    assert ruled(proposal(), before=before)[:2] == (Verdict.LATER, Rule.ALL_DAY)


def test_a_full_week_opens_when_its_first_contact_is_seven_days_old() -> None:
    before = past(SMS, *(timedelta(days=each) for each in (1, 2, 3, 6)))
    verdict, rule, until = ruled(proposal(), before=before)
    assert (verdict, rule) == (Verdict.LATER, Rule.CHANNEL_WEEK)
    assert until == NOON - timedelta(days=6) + timedelta(days=7)
    assert ruled(proposal(at=until), before=before)[0] is Verdict.ALLOW


def line(channel: ContactChannel, outcome: ContactOutcome, reference: str, hours: int, direction: str = "out") -> Any:
    at = NOON - timedelta(hours=hours)
    return ContactDirection(direction), PastContact(channel, at, outcome, reference)


def test_lines_of_one_message_are_one_contact_and_plans_failures_and_replies_are_none() -> None:
    found = past_contacts(
        [
            line(SMS, ContactOutcome.DELIVERED, "a", 4),
            line(SMS, ContactOutcome.SENT, "a", 5),
            line(SMS, ContactOutcome.STOPPED, "b", 2),
            line(EMAIL, ContactOutcome.FAILED, "c", 2),
            line(PHONE, ContactOutcome.PLANNED, "d", 2),
            line(SMS, ContactOutcome.ANSWERED, "e", 2, "in"),
        ]
    )
    assert [(each.reference, each.outcome) for each in found] == [("a", ContactOutcome.SENT)]


def test_every_attempt_to_call_counts_and_the_same_line_from_two_logs_once() -> None:
    first = line(PHONE, ContactOutcome.NO_ANSWER, "a", 5)
    second = line(PHONE, ContactOutcome.ANSWERED, "a", 3)
    assert past_contacts([second, first, first]) == [first[1], second[1]]
