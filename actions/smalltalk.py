"""The conversation itself: its language, saying it again, starting over."""

from __future__ import annotations

import re
from typing import Optional

from rasa_sdk.events import ActiveLoop, AllSlotsReset, SlotSet

from actions.base import BankAction, Events, Turn
from actions.conversation import language_of, said_before

_NAMES = re.compile(
    r"(?P<en>english|英文|英语)|(?P<zh>chinese|mandarin|zhong ?wen|putonghua|中文|汉语|漢語|普通话|普通話|国语|國語)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"n't|\b(?:not|no|cannot|cant|dont|bad|poor)\b|不(?:会|懂|好(?!意思)|太|行|要|想|用说)|[看听]不|别|差",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[,，、.。;；!！?？\n]")


class ActionChangeLanguage(BankAction):
    """`change_language`: keeps the wish in the slot that responses follow."""

    needs_customer = False

    def name(self) -> str:
        return "action_change_language"

    def answer(self, turn: Turn) -> Events:
        text = turn.tracker.latest_message.get("text") or ""
        return [SlotSet("language", wanted_language(text, present=language_of(turn.tracker)))]


def wanted_language(text: str, *, present: str) -> str:
    """`zh` or `en`: the language that the text names last, or the other one if it says "not this one".

    Where none is named it is the other than `present`.
    """
    wanted: Optional[str] = None
    for clause in _CLAUSES.split(text):
        named = ["en" if match.group("en") else "zh" for match in _NAMES.finditer(clause)]
        if named:
            refused = len(set(named)) == 1 and _REFUSED.search(clause)
            wanted = _other(named[-1]) if refused else named[-1]
    return wanted or _other(present)


def _other(language: str) -> str:
    return "en" if language == "zh" else "zh"


class ActionRepeat(BankAction):
    """`repeat`: the last answer, as it was shown."""

    needs_customer = False

    def name(self) -> str:
        return "action_repeat"

    def answer(self, turn: Turn) -> Events:
        said = said_before(turn.tracker)
        if not said:
            turn.say("utter_nothing_to_repeat")
        for event in said:
            data = event.get("data") or {}
            turn.dispatcher.utter_message(
                text=event.get("text"), buttons=data.get("buttons"), json_message=data.get("custom")
            )
        return []


class ActionStartOver(BankAction):
    """`start_over`: forgets what was begun, keeps the language."""

    needs_customer = False

    def name(self) -> str:
        return "action_start_over"

    def answer(self, turn: Turn) -> Events:
        turn.say("utter_start_over")
        return [ActiveLoop(None), AllSlotsReset(), SlotSet("language", language_of(turn.tracker))]
