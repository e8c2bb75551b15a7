"""One turn as few messages as a service takes: texts merged, cards as text, buttons at the end. Pure.

A customer's message may be answered only some times, so that everything said in one turn goes into one message as long
as it fits. What is longer is cut between paragraphs, then between lines, then between sentences. If it would take more
than `MOST_PARTS`, what the web chat folds away is left out; `more` then says where all of it can be read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from channels.messages import Message
from channels.messaging.cards import blocks
from channels.messaging.outbox import Offered
from channels.messaging.platform import Choice, Limits, Sendable

MOST_PARTS = 3
_BETWEEN = "\n\n"
_SENTENCE = re.compile(r"[^。！？!?；;.]*(?:[。！？!?；;]+|\.(?=\s|$)|\.)?[”」）)]*\s*")
_ELLIPSIS = "…"
_AROUND_WORDS = " \t\n.,!?。、“”\"'"  # after normalising, which makes wide marks narrow
_ID_NUMBERS = 100  # buttons that one turn may have


@dataclass(frozen=True)
class Composed:
    """What is to be sent, and the buttons that it offers."""

    sendables: Tuple[Sendable, ...]
    offered: Tuple[Offered, ...]
    shortened: bool = False  # something was left out

    def passing(self, to: str) -> Composed:
        """With the last message the conversation passes on, as of `Sendable`."""
        if not to or not self.sendables:
            return self
        *before, last = self.sendables
        return replace(self, sendables=(*before, replace(last, passes=to)))


def compose(messages: Sequence[Message], key: str, limits: Limits, *, more: str = "") -> Composed:
    """The messages of one turn, as `channels.messages.answer` makes them; links are in their texts already, and each of
    `documents` is what stands in the place of a file, and the file, which is a message of its own.

    `key` names the turn, at most 28 characters; `more`: a line for what had to be left out.
    """
    offered = _offered(messages, key, limits)
    listed = "\n".join(f"{each.mark}. {each.title}" for each in offered if each.mark)
    buttons = tuple(Choice(each.id, cut(each.title, limits.choice_bytes)) for each in offered if not each.mark)
    room = min(limits.menu_bytes, limits.text_bytes) if buttons else limits.text_bytes
    parts = fit(_paragraphs(messages, listed, details=True), room)
    shortened = len(parts) > MOST_PARTS
    if shortened:
        parts = fit([*_paragraphs(messages, "", details=False), *filter(None, (more, listed))], room)
    sendables = [
        Sendable(f"{key}-{number}", text, buttons if number == len(parts) - 1 else ())
        for number, text in enumerate(parts)
    ]
    given = tuple(offered) if sendables else ()
    for message in messages:
        for text, document in message.get("documents") or []:
            sendables.append(Sendable(f"{key}-{len(sendables)}", text, document=document))
    return Composed(tuple(sendables), given, shortened)


def _paragraphs(messages: Sequence[Message], listed: str, *, details: bool) -> List[str]:
    found: List[str] = []
    for message in messages:
        agent = (message.get("agent") or {}).get("name")
        text = str(message.get("text") or "")
        found.append(f"【{agent}】{text}" if agent else text)
        found += blocks(message.get("card") or {}, details=details)
        found += [str(line) for line in message.get("lines") or []]
        picture = ((message.get("attachment") or {}).get("payload") or {}).get("src")
        found.append(str(picture or ""))
    return [paragraph for paragraph in (*found, listed) if paragraph.strip()]


def _offered(messages: Iterable[Message], key: str, limits: Limits) -> List[Offered]:
    """The buttons of all messages, each payload once; those for which there is no room get a mark to answer with."""
    buttons: Dict[str, Mapping[str, Any]] = {}
    for message in messages:
        for button in message.get("quick_replies") or []:
            buttons.setdefault(button["payload"], button)
    shown = list(buttons.values())[:_ID_NUMBERS]
    marks = _marks(shown[limits.choices :])
    return [
        Offered(
            f"{key}-{number}",
            button["title"],
            button["payload"],
            marks[number - limits.choices] if number >= limits.choices else None,
            int(button.get("after") or 0),
        )
        for number, button in enumerate(shown)
    ]


def _marks(buttons: Sequence[Mapping[str, Any]]) -> List[str]:
    """1, 2, …; letters if a number could be meant for what a title says, as in "12 instalments"."""
    numbers = any(character.isdigit() for button in buttons for character in button["title"])
    return [chr(ord("A") + number) if numbers else str(number + 1) for number in range(len(buttons))]


def same_words(text: str) -> str:
    """What two ways of typing the same words have in common."""
    return unicodedata.normalize("NFKC", text).casefold().strip(_AROUND_WORDS)


def cut(text: str, limit: int) -> str:
    """The text within `limit` bytes, with a sign that there was more."""
    if len(text.encode()) <= limit:
        return text
    return _whole_characters(text, limit - len(_ELLIPSIS.encode())) + _ELLIPSIS


def _whole_characters(text: str, limit: int) -> str:
    return text.encode()[: max(limit, 0)].decode("utf-8", "ignore")


def fit(paragraphs: Sequence[str], limit: int) -> List[str]:
    """The paragraphs as texts of at most `limit` bytes, as few as it takes."""
    parts: List[str] = []
    for paragraph in paragraphs:
        joined = f"{parts[-1]}{_BETWEEN}{paragraph}" if parts else paragraph
        if len(joined.encode()) <= limit:
            parts[-1:] = [joined]
        elif len(paragraph.encode()) <= limit:
            parts.append(paragraph)
        else:
            parts += _pieces(paragraph, limit, parts.pop() if parts else None)
    return parts


def _pieces(paragraph: str, limit: int, begun: Optional[str]) -> List[str]:
    """A paragraph that is too long, cut; it goes on where `begun` ends."""
    pieces = [f"{begun}{_BETWEEN}"] if begun is not None and len(begun.encode()) + 2 <= limit else [begun or "", ""]
    for unit in _units(paragraph, limit):
        if len((pieces[-1] + unit).encode()) <= limit:
            pieces[-1] += unit
        else:
            pieces.append(unit)
    return [piece.strip() for piece in pieces if piece.strip()]


def _units(paragraph: str, limit: int) -> List[str]:
    """Lines, of long ones the sentences, of longer ones as many characters as fit; together they are the paragraph."""
    units: List[str] = []
    for line in paragraph.splitlines(keepends=True):
        if len(line.encode()) <= limit:
            units.append(line)
            continue
        for sentence in filter(None, _SENTENCE.findall(line)):
            while len(sentence.encode()) > limit:
                head = _whole_characters(sentence, limit)
                units.append(head)
                sentence = sentence[len(head) :]
            units.append(sentence)
    return units
