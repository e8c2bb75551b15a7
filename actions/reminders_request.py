"""How, when and whether to be contacted: what the customer names changes, all else stays; a plain yes, and it holds.

It binds the customer to nothing, so it needs no code. What the law requires the bank to tell is sent all the same.
"""

from __future__ import annotations

import json
import re
from datetime import date, time, timedelta
from typing import Any, Dict, List, Optional

from actions.base import Events
from actions.conversation import language_of
from actions.form_turn import FormTurn, Moment, Step
from actions.forms import RequestForm
from actions.human import ActionComplaint
from actions.promise import promised_day
from actions.reminders import SETTING, ActionReminders, preference_values
from actions.steps import Confirmation, Sending
from actions.values import label
from bank.models import ConsentPurpose, ContactChannel, ContactPreferences
from common import clock

STOP = "stop"
_REMINDERS = {"reminders_on": True, "reminders_off": False}
_CHANNEL = re.compile(rf"(?:no_|only_)?(?:{'|'.join(each.value for each in ContactChannel)})")
_HOURS = re.compile(r"(?:\d\d:\d\d)?-(?:\d\d:\d\d)?")
_PAUSE = timedelta(days=30)  # unless the customer names a day
_LONGEST_PAUSE = timedelta(days=366)
#: From 22:00 to 08:00 nobody is contacted without a consent of its own (banking association's guideline, 2026).
_DAY_BEGINS, _DAY_ENDS = time(8), time(22)
#: The wording of `utter_reminders_summary` to which the customer says yes; a change of it is another version.
CONSENT_TEXT = "reminders-2026-11"


class WishStep(Step):
    """What is wished. Slot: values of the entity `contact` in the order of saying; `stop` with its last day."""

    slot = "contact"
    entity = "contact"

    def read(self, talk: FormTurn) -> bool:
        named = [str(value) for value in talk.entities("contact")]
        new = [value for value in named if value in (*_REMINDERS, STOP) or _CHANNEL.fullmatch(value)]
        hours = [value for value in named if _HOURS.fullmatch(value) and len(value) > 1]
        if any(_night_only(each) for each in hours):
            talk.say("utter_contact_night")
        wishes = [_with_day(talk, each) for each in [*new, *(each for each in hours if not _night_only(each))]]
        if wishes:
            talk.enter(self.slot, [*(each for each in talk[self.slot] or [] if each not in wishes), *wishes])
        return bool(wishes or hours)

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return preference_values(preferences_of(talk), list(ContactChannel))


class PreferencesOffer(Step):
    """What will hold. Slot `offer`: its id, the whole preferences, the version that they change."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        now = preferences_of(talk)
        wanted = changed_by(talk["contact"], now)
        values = preference_values(wanted, now.channels)
        if wanted == now:
            talk.say("utter_contact_as_before", **values)
            talk.end()
            return True
        content = json.loads(wanted.json())
        talk[self.slot] = {
            "id": f"{now.version} {' '.join(talk['contact'])}",
            "wanted": content,
            "consents": wanted.reminders != now.reminders,
            "values": values,
        }
        return True


class PreferencesConfirmation(Confirmation):
    """Shows how it will be, and what is sent all the same."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        wishes = talk["contact"]
        quiet = _stops(wishes) or "reminders_off" in wishes
        return {"note": label("contact_note", "quiet" if quiet else "any")}


class SettingPreferences(Sending):
    """Sets them at the bank, if they still are what the customer saw, and records the consent to reminders."""

    def send(self, talk: FormTurn) -> ContactPreferences:
        talk.memo.pop("preferences", None)
        bank, customer, key = talk.turn.bank, talk.turn.customer(), talk["idempotency_key"]
        wanted = ContactPreferences.parse_obj(talk["offer"]["wanted"])
        done = bank.set_contact_preferences(customer, wanted, idempotency_key=key)
        if talk["offer"]["consents"] and talk.turn.has(("record_consent",)):
            bank.record_consent(
                customer,
                purpose=ConsentPurpose.REMINDERS,
                given=wanted.reminders,
                text_version=CONSENT_TEXT,
                language="en" if language_of(talk.turn.tracker) == "en" else "zh",
                idempotency_key=f"{key}-consent",
            )
        return done

    def receipt(self, filed: ContactPreferences) -> str:
        return f"version {filed.version}"

    def tell(self, talk: FormTurn, filed: ContactPreferences) -> None:
        upset = _stops(talk["contact"]) or "no_phone" in talk["contact"]
        talk.say("utter_contact_set", **preference_values(filed), upset=upset)


class RemindersRequest(RequestForm):
    """`reminders_form`. Started by the entity `contact` (`demands` of the policy)."""

    topic = "reminders"
    needs = SETTING
    instead = ActionReminders
    steps = (WishStep(), PreferencesOffer(), PreferencesConfirmation(), SettingPreferences())

    def _without_customer(self, talk: FormTurn) -> Events:
        """A visitor may be somebody whom the bank calls by mistake: that is a complaint, and needs no account."""
        if talk.moment is Moment.STARTED and talk.intent == "complain_collection":
            ActionComplaint(talk.turn.bank).answer(talk.turn)
            talk.end()
            return talk.events()
        return super()._without_customer(talk)


def preferences_of(talk: FormTurn) -> ContactPreferences:
    """Those that hold now."""
    if "preferences" not in talk.memo:
        talk.memo["preferences"] = talk.turn.bank.contact_preferences(talk.turn.customer())
    found: ContactPreferences = talk.memo["preferences"]
    return found


def changed_by(wishes: List[str], now: ContactPreferences) -> ContactPreferences:
    """The preferences after the wishes, the later ones counting. One channel stays: the chat, if none is left."""
    channels = list(now.channels)
    changes: Dict[str, Any] = {}
    for wish in wishes:
        if _CHANNEL.fullmatch(wish):
            channels = _channels_after(wish, channels)
        elif wish in _REMINDERS:
            changes["reminders"] = _REMINDERS[wish]
        elif wish.startswith(STOP):
            changes["paused_until"] = date.fromisoformat(wish.partition(":")[2])
        else:
            changes["contact_from"], changes["contact_until"] = _hours_after(wish, now)
    return now.copy(update={**changes, "channels": channels or [ContactChannel.WEBCHAT]})


def _channels_after(wish: str, channels: List[ContactChannel]) -> List[ContactChannel]:
    channel = ContactChannel(wish.removeprefix("no_").removeprefix("only_"))
    if wish.startswith("only_"):
        return [channel]
    others = [each for each in channels if each is not channel]
    if wish.startswith("no_"):
        return others
    return channels if channel in channels else [channel, *others]


def _hours_after(wish: str, now: ContactPreferences) -> "tuple[time, time]":
    """Within the day; where a named hour leaves nothing of the present hours, until or from the day's end."""
    since, until = (_hour(each) for each in wish.split("-"))
    begins = max(since or now.contact_from, _DAY_BEGINS)
    ends = min(until or now.contact_until, _DAY_ENDS)
    if begins >= ends:
        begins, ends = (begins, _DAY_ENDS) if since else (_DAY_BEGINS, ends)
    return begins, ends


def _night_only(hours: str) -> bool:
    since, until = (_hour(each) for each in hours.split("-"))
    return (since is not None and since >= _DAY_ENDS) or (until is not None and until <= _DAY_BEGINS)


def _hour(written: str) -> Optional[time]:
    return time.fromisoformat(written) if written else None


def _with_day(talk: FormTurn, wish: str) -> str:
    """`stop` with the last day that the customer named, or the usual one."""
    if wish != STOP:
        return wish
    today = clock.today()
    named = [found for found in map(promised_day, talk.entities("date")) if found]
    last = next((each for each in named if today < each <= today + _LONGEST_PAUSE), today + _PAUSE)
    return f"{STOP}:{last.isoformat()}"


def _stops(wishes: List[str]) -> bool:
    return any(wish.startswith(STOP) for wish in wishes)
