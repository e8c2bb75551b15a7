"""A conversation's text (`channels.transcript_file`) as PDF, for whoever has to hand it in somewhere."""

from __future__ import annotations

import io
import re
from typing import Any, Dict, List
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate

from common.fonts import chinese_font

_INK, _SOFT = colors.HexColor("#16252f"), colors.HexColor("#51636f")
_MARGIN = 20 * mm
_SPEAKER = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d\] ")


def printed(text: str) -> bytes:
    """The PDF. `text`: a title, then messages, each a line of when and who, and lines of what was said.

    Blocks for as long as it sets the pages.
    """
    title, *lines = text.lstrip("\N{BYTE ORDER MARK}").replace("\r\n", "\n").strip().split("\n")
    story: List[Any] = [_line(title, size=16, after=8), *map(_set, filter(str.strip, lines))]
    file = io.BytesIO()
    margins: Dict[str, Any] = {f"{side}Margin": _MARGIN for side in ("left", "right", "top", "bottom")}
    SimpleDocTemplate(file, pagesize=A4, title=title, **margins).build(story, onFirstPage=_number, onLaterPages=_number)
    return file.getvalue()


def _set(line: str) -> Paragraph:
    if _SPEAKER.match(line):
        return _line(line, size=9, colour=_SOFT, before=8, together=True)
    return _line(line, indent=5 * mm if line.startswith("  ") else 0)  # lines of a card begin with blanks


def _line(
    words: str,
    *,
    size: float = 10.5,
    colour: Any = _INK,
    before: float = 0,
    after: float = 0,
    indent: float = 0,
    together: bool = False,
) -> Paragraph:
    style = ParagraphStyle(
        "line",
        fontName=chinese_font(),
        fontSize=size,
        leading=size * 1.5,
        textColor=colour,
        spaceBefore=before,
        spaceAfter=after,
        leftIndent=indent,
        keepWithNext=together,
        wordWrap="CJK",
    )
    return Paragraph(escape(words.strip()), style)


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont(chinese_font(), 8)
    canvas.setFillColor(_SOFT)
    canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, str(document.page))
