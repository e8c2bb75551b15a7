"""The note with which agents at Chatwoot get a conversation: summary and transcript, numbers masked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

import yaml

from common.masking import mask_numbers

FILE = Path(__file__).with_name("note.yml")
_LONGEST = 20_000  # characters; the oldest lines of a longer transcript are left out
_FOR_CUSTOMERS = ("user", "bot", "agent", "system")

Words = Mapping[str, str]


@lru_cache(maxsize=1)
def _all_words() -> Dict[str, Dict[str, str]]:
    content: Dict[str, Dict[str, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def words(language: str) -> Words:
    """The words of the note."""
    return _all_words()[language]


def note(summary: Mapping[str, Any], transcript: Sequence[Mapping[str, Any]], language: str) -> str:
    """The note's text. `summary`: of `desk.case.summary`; `transcript`: `sender` and `text`, oldest first."""
    said = words(language)
    head = [*_case(summary, said), *_next(summary, said, language), "", said["transcript"]]
    lines = [
        f"{said[each['sender']]}: {each['text']}"
        for each in transcript
        if each["sender"] in _FOR_CUSTOMERS and each["text"]
    ]
    room = _LONGEST - sum(len(line) + 1 for line in head)
    kept: List[str] = []
    for line in reversed(lines):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return mask_numbers("\n".join([*head, *reversed(kept)]))


def case_note(summary: Mapping[str, Any], language: str) -> str:
    """The note without suggestions and transcript."""
    return mask_numbers("\n".join(_case(summary, words(language))))


def _case(summary: Mapping[str, Any], said: Words) -> List[str]:
    return [*_head(summary, said), *_account(summary, said)]


def _head(summary: Mapping[str, Any], said: Words) -> List[str]:
    why, who = summary["why"] or {}, summary["who"]
    verified = said["verified"] if who["customer_id"] else said["not_verified"]
    return [
        said["title"].format(reference=why.get("reference") or "-"),
        said["customer"].format(name=who["name"] or "-", verified=verified),
        said["why"].format_map({name: why.get(name) or "-" for name in ("trigger", "reason", "priority")}),
    ]


def _account(summary: Mapping[str, Any], said: Words) -> List[str]:
    if summary["bank"] == "unavailable":
        return [said["no_figures"]]
    cards = [said["card"].format_map(each) for each in summary["accounts"] if "total" in each]
    capacity = summary["reason"]["monthly_capacity"]
    told = [said["capacity"].format(amount=capacity)] if capacity else []
    return [*cards, *told, *(said["request"].format_map(each) for each in summary["open_requests"])]


def _next(summary: Mapping[str, Any], said: Words, language: str) -> List[str]:
    return [said["suggestion"].format(text=each["text"][language]) for each in summary["suggestions"]]
