"""Cards as customers call them: by a word of the name (白金卡那张, the travel card), by digits, or as the other one."""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence, Tuple

from bank.models import Card

# Wordings of one thing: 金卡 must not be found in 白金卡, and a card with a Chinese name is named in English, too.
_ALIKE: Tuple[str, ...] = (
    r"白金|\bplatinum\b",
    r"黑金|\bblack(?= (?:card|one)\b)",
    r"钛金|\btitanium\b",
    r"钻石|\bdiamond\b",
    r"(?<![现资基奖酬])金(?=卡|的|那|这)|\bgold(?:en)?\b",
    r"银(?=卡$)|\bsilver\b",
    r"标准|普卡|普通卡|\bstandard\b|\bclassic\b",
    r"旅行|商旅|\btravel\b",
    r"联名|\bco-?brand(?:ed)?\b",
)
_FIRST_SIGN = 0xE000  # Unicode's area for private use: no customer writes these
_SIGNS: Dict[str, str] = {pattern: chr(_FIRST_SIGN + number) for number, pattern in enumerate(_ALIKE)}
_SIGN = re.compile(f"[{chr(_FIRST_SIGN)}-{chr(_FIRST_SIGN + len(_ALIKE) - 1)}]")
_EVERY_CARD = re.compile(r"信用卡|贷记卡|银行卡|卡|\bcredit\b|\bcard\b|\bbank\b|\bthe\b|\bmy\b", re.IGNORECASE)
_POINTS_AT_CARD = re.compile(
    r"^\s*(?:信用|贷记)?(?:卡|的?那[张个]|的?这[张个]|的?呢|credit card\b|card\b|one\b|$)", re.IGNORECASE
)
_SHORTEST = {True: 4, False: 2}  # letters of a Latin word, and other characters, that tell a card
_SPEAKS_OF_CARD = re.compile(r"卡|[那这]一?张|另外?的?那?一?[张个]|\b(?:card|one)\b", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:另外?|别的?|其[他它])(?:的)?(?:那)?一?[张个]卡?|另外?的?那?卡|换成?一?张卡"
    r"|\b(?:the|my) other (?:credit )?(?:card|one)\b|\b(?:another|a different) card\b",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"(?<![\d.,¥￥$])\d{4}(?![.,]?\d|年| ?(?:元|块|万|yuan\b|rmb\b|cny\b|kuai\b))", re.IGNORECASE)

_CORRECTING = re.compile(
    r"不对|不是|错了|弄错|[这那][个张]|我(?:说的|要的|指的|要|是说)?|是|请?换成?|吧|啊|呀|哦|的|\b(?:no|not|sorry|that|this|one|i|mean|meant|it'?s|please|"
    r"for|on|with|it|is|was|wait|oh|wrong|actually|use|take)\b|[\s\W]",
    re.IGNORECASE,
)


def card_in_words(cards: Sequence[Card], text: str, current: Optional[str]) -> Optional[Card]:
    """The card that `text` names, or the one that is not `current` (last four digits); `None` if neither is clear."""
    return card_with_digits(cards, text) or card_named(cards, text) or other_card_meant(cards, text, current)


def card_with_digits(cards: Sequence[Card], text: str) -> Optional[Card]:
    """The one card whose last four digits stand in `text`; a sum of money is none."""
    written = set(_FOUR_DIGITS.findall(text))
    found = [card for card in cards if card.last4 in written]
    return found[0] if len(found) == 1 else None


def card_named(cards: Sequence[Card], text: str) -> Optional[Card]:
    """The one card whose name `text` uses, or `None` if it uses none, or fits several equally well."""
    if len(cards) < 2:
        return None
    written = _folded(text)
    fits = sorted(((_longest_shared(_own_part(card.name), written), card.id) for card in cards), reverse=True)
    (best, chosen), (second, _) = fits[0], fits[1]
    return next(card for card in cards if card.id == chosen) if best > second else None


def other_card_meant(cards: Sequence[Card], text: str, current: Optional[str]) -> Optional[Card]:
    """The card that is not `current` (last four digits), if `text` asks for the other one and there is just one."""
    others: List[Card] = [card for card in cards if card.last4 != current]
    return others[0] if len(others) == 1 and len(cards) == 2 and _OTHER.search(text) else None


def speaks_of_card(text: str) -> bool:
    """Whether `text` may name a card, so that it is worth looking at the customer's cards."""
    return bool(_SPEAKS_OF_CARD.search(text) or _FOUR_DIGITS.search(text))


def says_only_other_card(text: str) -> bool:
    """Whether "the other one" is all that `text` says: "I have another card to pay" tells something else."""
    return bool(_OTHER.search(text)) and not _CORRECTING.sub("", _OTHER.sub("", text))


def _folded(text: str) -> str:
    for pattern, sign in _SIGNS.items():
        text = re.sub(pattern, sign, text, flags=re.IGNORECASE)
    return text.lower()


def _own_part(name: str) -> str:
    return _EVERY_CARD.sub(" ", _folded(name)).strip()


def _longest_shared(name: str, text: str) -> int:
    """The length of the longest piece of `name` by which `text` points at a card; 0 if there is none."""
    pieces = {name[start:end] for start in range(len(name)) for end in range(start + 1, len(name) + 1)}
    return max((len(piece) for piece in pieces if _tells(piece.strip()) and _points(piece, text)), default=0)


def _tells(piece: str) -> bool:
    return bool(_SIGN.search(piece)) or len(piece) >= _SHORTEST[piece.isascii()]


def _points(piece: str, text: str) -> bool:
    """Whether the piece stands in the text as a card's name: a card, "the one" or nothing follows it."""
    for match in re.finditer(re.escape(piece), text):
        within_word = piece.isascii() and re.search(r"\w$", text[: match.start()])
        if not within_word and _POINTS_AT_CARD.match(text[match.end() :]):
            return True
    return False
