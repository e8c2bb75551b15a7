"""Logging: every line carries the conversation id, none carries what would harm a customer.

`Masked` replaces card numbers, ID numbers, mobile numbers, access tokens and one-time codes in messages, arguments and
tracebacks. It masks too much rather than too little: any number of 13 digits or more, any lone number of six digits.
Conversation ids stay whole, or nobody could follow one through the logs.
"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from datetime import datetime
from typing import List, Optional, Pattern, Tuple
from urllib.parse import quote

from common.clock import BANK_ZONE
from common.settings import settings

#: The conversation that this thread or task works for; "" outside any. `asyncio.to_thread` carries it along.
conversation_id: ContextVar[str] = ContextVar("conversation_id", default="")

_LONGEST_ID = 128

# Chinese characters are word characters to Python, so that `\b` and `\w` do not find a word's border in 码是Bearer.
_WORD = r"[A-Za-z0-9_]"
_START = rf"(?<!{_WORD})"
_END = rf"(?!{_WORD})"

# As `channels.conversations` makes them: digits of a hash, in which some would pass for a card or a phone. All digits
# and no letter is no hash, but a number that somebody wrote so.
_CONVERSATION_ID = re.compile(r"((?<![A-Za-z0-9_-])[a-z]{2,8}-(?=[0-9]*[a-f])[0-9a-f]{32}(?![A-Za-z0-9_-]))")

_Masks = List[Tuple[Pattern[str], str]]
_SECRETS: _Masks = [
    (re.compile(rf"{_START}eyJ[A-Za-z0-9_-]{{4,}}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"), "[token]"),
    (re.compile(rf"{_START}(bearer|basic)\s+[A-Za-z0-9_.~+/=-]{{6,}}", re.IGNORECASE), r"\1 [token]"),
    (
        re.compile(
            rf"({_START}{_WORD}*(?:token|secret|password|proof|authorization|api_key){_END}[\"']?\s*[=:]\s*[\"']?)"
            r"(?!\[|bearer\b|basic\b)[^\s\"'&,;})\]]{6,}",
            re.IGNORECASE,
        ),
        r"\1[token]",
    ),
]
_NUMBERS: _Masks = [
    (
        re.compile(
            rf"((?:{_START}code{_END}|验证码|校验码)[\"']?\s*(?:[=:：]|is|是|为)?\s*[\"']?)\d{{4,8}}(?!\d)",
            re.IGNORECASE,
        ),
        r"\1[code]",
    ),
    # Resident identity card: region (6), birthday (8), serial (3), check digit or X; with or without separators.
    (re.compile(rf"{_START}\d{{6}}[ -]?(?:19|20)\d{{6}}[ -]?\d{{3}}[\dXx]{_END}"), "[id number]"),
    # Cards in groups of four, American Express in groups of four, six and five; then any long number.
    (re.compile(r"(?<!\d)\d{4}(?:[ -]\d{4}){2,3}[ -]?\d{1,7}(?!\d)"), "[card number]"),
    (re.compile(r"(?<!\d)\d{4}[ -]\d{6}[ -]\d{5}(?!\d)"), "[card number]"),
    (re.compile(r"(?<![\d.])\d{13,}(?!\d)"), "[card number]"),
    (re.compile(r"(?<!\d)(?:\+?(?:00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "[phone number]"),
    (re.compile(r"(?<![0-9A-Za-z.,_-])\d{6}(?!\d|[.,]\d|[A-Za-z_])"), "[code]"),
]


def mask(text: str) -> str:
    """`text` without anything that looks like a card, ID or mobile number, an access token or a one-time code."""
    parts = _CONVERSATION_ID.split(_masked(text, _SECRETS))  # every second one is an id
    return "".join(part if index % 2 else _masked(part, _NUMBERS) for index, part in enumerate(parts))


def _masked(text: str, masks: _Masks) -> str:
    for pattern, replacement in masks:
        text = pattern.sub(replacement, text)
    return text


def correlation_id() -> str:
    """The conversation id as it may stand in an HTTP header or a log line: printable ASCII, at most 128 characters.

    Channels make conversation ids out of what a platform or a person sends, so one could hold a line break. "" if none.
    """
    return quote(conversation_id.get(), safe="-_.~:@+=")[:_LONGEST_ID]


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit: a filter must not fail the code that logs
        return f"{record.msg} {record.args!r}"


class Masked(logging.Filter):
    """Masks a record's message, arguments and traceback, and adds `conversation_id` to it. Lets every record pass."""

    _traceback_formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Called by `logging` for each record."""
        record.conversation_id = mask(correlation_id()) or "-"
        record.msg = mask(_message(record))
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._traceback_formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
            # Formatters print `exc_text`; other handlers must not find the unmasked exception beside it.
            record.exc_info = None
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


class LineFormatter(logging.Formatter):
    """`2026-11-21T23:24:05.123+08:00 INFO actions [web-3f2a] bank.client: GET /customers/{customer_id} 200 12 ms`."""

    def __init__(self, process_name: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {process_name} [%(conversation_id)s] %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: Optional[str] = None) -> str:
        """The moment in the bank's zone, with milliseconds."""
        return datetime.fromtimestamp(record.created, BANK_ZONE).isoformat(timespec="milliseconds")


def configure(process_name: str) -> None:
    """Log to standard error at `LOG_LEVEL`, masked, each line with the process's name and the conversation id.

    Replaces the root logger's handlers. A Sanic app must be made with `configure_logging=False` to take part.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(process_name))
    handler.addFilter(Masked())
    logging.basicConfig(handlers=[handler], level=settings().log_level.upper(), force=True)
    logging.captureWarnings(True)
    # At debug level it prints request lines, and those hold customer ids.
    logging.getLogger("urllib3").setLevel(logging.INFO)
