"""Hides the numbers of cards, identity and mobile phones in what people read; the last four characters stay.

Amounts, dates, references and short numbers stay. 16 digits or more in one piece are hidden whatever they are. Digits
in several pieces are hidden if they pass for a card, an identity number or a mobile number: by the way they are
grouped, or by their check digit.

Sources: ISO/IEC 7812 (payment cards: first digits, up to 19 digits, Luhn's check digit; UnionPay's begin with 62, older
ones of Chinese banks with 4, 5, 6 or 9), GB 11643-1999 (resident identity numbers: region, birthday, order, check
character by ISO 7064), and the mobile ranges 13x to 19x of mainland China. Unlike `common.log.mask`, which is for
engineers' eyes and hides more, this leaves a text readable.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Iterator, List, NamedTuple, Sequence, Tuple

_HIDDEN = "****"
_LEFT = 4  # characters at the end that stay
_LONG = 16  # digits in one piece: hidden whatever they are
_LONGEST = 19  # digits of a card

# Between two digits of one number: up to two blanks, hyphens, dots and the like, or characters that nobody sees.
_BETWEEN = r"[\s._/·\-‐-―－\u200b-\u200f\u2060\ufeff]{1,2}"
# A piece of digits; the X is an identity number's check character.
_PIECE = r"\d+(?:(?<=\d{3})[XxＸｘ](?![A-Za-z]))?"
_RUN = re.compile(rf"(?<![\d*]){_PIECE}(?:{_BETWEEN}{_PIECE})*")
_PIECES = re.compile(_PIECE)
# What ends a run: a date, and an amount with its decimals.
_PLAIN = re.compile(
    r"(?<!\d)(?<!\d[-/.])(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)|"
    r"(?<![\d.])\d{1,12}\.\d{2}(?![\d.])"
)

# Layouts of pieces, in digits.
_CARD_LAYOUTS = {(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (6, 10), (6, 13), (8, 8)}
_PHONE_LAYOUTS = {(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3)}
_IDENTITY_LAYOUTS = {(18,), (6, 8, 4), (6, 12), (14, 4), (6, 4, 4, 4), (6, 4, 2, 2, 4)}

_BANK_CARD = re.compile(r"62|4|5[1-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35|6[0-9]|9[0-9]")
_SHORT_CARD = re.compile(r"3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}")  # American Express (15 digits), Diners Club (14)
_PHONE = re.compile(r"1[3-9]\d{9}")
_PHONE_ABROAD = re.compile(r"(?:00)?861[3-9]\d{9}")
_IDENTITY = re.compile(r"[1-9]\d{5}((?:18|19|20)\d\d)(\d\d)(\d\d)\d{3}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


class _Piece(NamedTuple):
    start: int
    end: int
    text: str  # ASCII digits, perhaps with an X at the end


def mask_numbers(text: str) -> str:
    """`text` with the numbers hidden, e.g. `6222 0212 3456 7890` as `****7890`. Masking twice changes nothing more."""
    parts, at = [], 0
    for start, end in sorted(span for run in _runs(text) for span in _hidden_in(run)):
        number = "".join(_PIECES.findall(text[start:end]))
        parts += [text[at:start], _HIDDEN, number[-_LEFT:]]
        at = end
    return "".join([*parts, text[at:]])


def _runs(text: str) -> Iterator[List[_Piece]]:
    """Pieces of digits with little between them. Dates and amounts belong to none."""
    plain = _PLAIN.sub(lambda match: "\n#" + "." * (len(match[0]) - 2), text)
    for match in _RUN.finditer(plain):
        pieces = _PIECES.finditer(plain, match.start(), match.end())
        yield [_Piece(piece.start(), piece.end(), _ascii(piece[0])) for piece in pieces]


def _ascii(piece: str) -> str:
    """Digits of any script as ASCII; the X in capitals."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else "X" for letter in piece)


def _hidden_in(run: Sequence[_Piece]) -> Iterator[Tuple[int, int]]:
    """The spans of a run that are hidden: from each piece on the longest number that it begins."""
    at = 0
    while at < len(run):
        length = _longest_number(run, at)
        if length:
            yield run[at].start, run[at + length - 1].end
        at += length or 1


def _longest_number(run: Sequence[_Piece], at: int) -> int:
    """How many pieces from `at` on make a number to hide; 0 if none do."""
    layout: Tuple[int, ...] = ()
    found, digits = 0, ""
    for count, piece in enumerate(run[at:], start=1):
        layout, digits = (*layout, len(piece.text)), digits + piece.text
        if count > 1 and len(digits) > _LONGEST:
            break
        if _is_number(layout, digits):
            found = count
    return found


def _is_number(layout: Tuple[int, ...], digits: str) -> bool:
    if len(layout) == 1 and len(digits.rstrip("X")) >= _LONG:
        return True
    return _is_card(layout, digits) or _is_identity(layout, digits) or _is_phone(layout, digits)


def _is_card(layout: Tuple[int, ...], digits: str) -> bool:
    if not digits.isdigit():
        return False
    if _SHORT_CARD.fullmatch(digits):
        return _luhn(digits)
    if not _LONG <= len(digits) <= _LONGEST or not _BANK_CARD.match(digits):
        return False
    return layout in _CARD_LAYOUTS or _luhn(digits)


def _is_identity(layout: Tuple[int, ...], digits: str) -> bool:
    match = _IDENTITY.fullmatch(digits)
    if match is None or not _is_day(*(int(part) for part in match.groups())):
        return False
    return layout in _IDENTITY_LAYOUTS or _CHECKS[sum(map(_weighted, digits, _WEIGHTS)) % 11] == digits[-1]


def _is_phone(layout: Tuple[int, ...], digits: str) -> bool:
    if _PHONE_ABROAD.fullmatch(digits):
        return layout[0] in (2, 4, len(digits)) or layout[1:] in _PHONE_LAYOUTS
    return layout in _PHONE_LAYOUTS and _PHONE.fullmatch(digits) is not None


def _weighted(digit: str, weight: int) -> int:
    return int(digit) * weight


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
