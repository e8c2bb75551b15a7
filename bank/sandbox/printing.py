"""Certificates and statements as PDF, in the customer's language."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, List, Optional, Sequence, Tuple
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

from bank.sandbox.accounts import CardAccount
from bank.sandbox.ledger.money import ZERO
from bank.sandbox.ledger.records import Bill
from bank.sandbox.texts import text
from common.fonts import chinese_font

_INK, _SOFT, _LINE, _BRAND = (colors.HexColor(each) for each in ("#16252f", "#51636f", "#dbe3e7", "#0b5a63"))
_MARGIN = 22 * mm
_PADDING = 6  # points, of the frame that the library lays on the page
_WIDTH = A4[0] - 2 * (_MARGIN + _PADDING)
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True)
class Line:
    """One booking on a statement: what it was for (None: a payment) and its sum in yuan, payments negative."""

    day: date
    description: Optional[str]
    amount: Decimal


@dataclass(frozen=True)
class _Writer:
    """Words, figures and looks of one language."""

    language: str

    @property
    def font(self) -> str:
        return chinese_font() if self.language == "zh" else "Helvetica"

    def say(self, word: str, **values: object) -> str:
        return text("printed", word, self.language, **values)

    def day(self, day: date) -> str:
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    @staticmethod
    def money(amount: Decimal) -> str:
        return f"{'-' if amount < 0 else ''}¥{abs(amount):,.2f}"

    def paragraph(
        self, words: str, size: float = 10.5, colour: Any = _INK, after: float = 0, right: bool = False
    ) -> Any:
        style = ParagraphStyle(
            "words",
            fontName=self.font,
            fontSize=size,
            leading=size * 1.6,
            textColor=colour,
            spaceAfter=after,
            alignment=2 if right else 0,
            wordWrap="CJK" if self.language == "zh" else None,
        )
        return Paragraph(escape(words), style)

    def facts(self, rows: Sequence[Tuple[str, str]]) -> Any:
        """Names and values side by side."""
        cells = [[self.paragraph(name, colour=_SOFT), self.paragraph(value)] for name, value in rows]
        return Table(cells, colWidths=[44 * mm, _WIDTH - 44 * mm], style=[("LEFTPADDING", (0, 0), (-1, -1), 0)])


def certificate(of: CardAccount, number: str, at: datetime) -> bytes:
    """That nothing is owed on the card any more."""
    writer = _Writer(of.customer["language"])
    story = [
        *_head(writer, writer.say("certificate")),
        writer.facts([*_whose(writer, of, number), (writer.say("issued_on"), writer.day(at.date()))]),
        Spacer(1, 8 * mm),
        writer.paragraph(
            writer.say("settled", customer=of.customer["name"], last4=of.card["last4"], day=writer.day(of.today)),
            size=12,
            after=6 * mm,
        ),
        writer.paragraph(writer.say("register"), after=10 * mm),
        writer.paragraph(writer.say("bank"), right=True),
        writer.paragraph(writer.day(at.date()), colour=_SOFT, right=True),
    ]
    return _pdf(writer, story, writer.say("certificate"))


def statement(of: CardAccount, number: str, bill: Bill, lines: Sequence[Line], before: Optional[Bill]) -> bytes:
    """A bill with what led to it. What the lines do not explain (a sum set aside, a credit) is a line of its own."""
    writer = _Writer(of.customer["language"])
    carried = before.balance if before else ZERO
    rest = bill.balance - carried - sum((line.amount for line in lines), ZERO)
    rows: List[List[Any]] = [[writer.paragraph(writer.say(name), colour=_SOFT) for name in ("day", "what")]]
    rows[0].append(writer.paragraph(writer.say("sum"), colour=_SOFT, right=True))
    if before is not None:
        rows.append(_row(writer, before.statement_date, writer.say("carried"), carried))
    rows += [_row(writer, each.day, each.description or writer.say("payment"), each.amount) for each in lines]
    if rest:
        rows.append(_row(writer, bill.statement_date, writer.say("adjusted"), rest))
    rows.append(_row(writer, bill.statement_date, writer.say("balance"), bill.balance))
    looks: Any = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
        ("LINEABOVE", (0, -1), (-1, -1), 1, _BRAND),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    period = f"{writer.day(bill.period_starts_on)} – {writer.day(bill.statement_date)}"
    facts = [
        *_whose(writer, of, number),
        (writer.say("period"), period),
        (writer.say("due_date"), writer.day(bill.due_date)),
        (writer.say("balance"), writer.money(bill.balance)),
        (writer.say("minimum"), writer.money(bill.minimum_due)),
    ]
    widths = [40 * mm, _WIDTH - 76 * mm, 36 * mm]
    story = [
        *_head(writer, writer.say("statement")),
        writer.facts(facts),
        Spacer(1, 6 * mm),
        Table(rows, colWidths=widths, style=looks, repeatRows=1),
    ]
    return _pdf(writer, story, writer.say("statement"))


def _head(writer: _Writer, title: str) -> List[Any]:
    return [
        writer.paragraph(writer.say("bank"), size=11, colour=_BRAND),
        writer.paragraph(title, size=20, after=3 * mm),
        HRFlowable(width="100%", thickness=1.2, color=_BRAND, spaceAfter=5 * mm),
    ]


def _whose(writer: _Writer, of: CardAccount, number: str) -> List[Tuple[str, str]]:
    return [
        (writer.say("number"), number),
        (writer.say("customer"), of.customer["name"]),
        (writer.say("card"), f"{of.card['name']} ({of.card['last4']})"),
    ]


def _row(writer: _Writer, day: date, what: str, amount: Decimal) -> List[Any]:
    return [
        writer.paragraph(writer.day(day), size=9.5),
        writer.paragraph(what, size=9.5),
        writer.paragraph(writer.money(amount), size=9.5, right=True),
    ]


def _pdf(writer: _Writer, story: List[Any], title: str) -> bytes:
    def foot(canvas: Any, document: Any) -> None:
        canvas.setFont(writer.font, 8)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN + _PADDING, 12 * mm, writer.say("fictional"))
        canvas.drawRightString(A4[0] - _MARGIN - _PADDING, 12 * mm, str(document.page))

    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author=writer.say("bank"),
        lang="zh-CN" if writer.language == "zh" else "en",
    )
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()
