"""A card as plain text that reads well in a narrow chat: what stands first on the card stands first here. Pure."""

from __future__ import annotations

import unicodedata
from typing import Any, Iterator, List, Mapping, Sequence

Card = Mapping[str, Any]

_LINE_COLUMNS = 28  # half widths that stand beside each other in a bubble on a small phone; more would break anywhere


def blocks(card: Card, *, details: bool = True) -> List[str]:
    """The card's parts, each some lines; without `details`, only the headings of what can be opened on the web."""
    found = [_head(card), "\n".join(_rows(card.get("rows") or [])), "\n".join(_table(card.get("table") or {}))]
    found += ["\n".join(_option(option)) for option in card.get("options") or []]
    if details:
        found += ["\n".join(_detail(detail)) for detail in card.get("details") or []]
    found.append(str(card.get("note") or ""))
    return [block for block in found if block]


def _head(card: Card) -> str:
    lines = [f"【{card['title']}】"] if card.get("title") else []
    if card.get("subtitle"):
        lines.append(str(card["subtitle"]))
    if card.get("figure"):
        lines.append(_row(card["figure"]))
    return "\n".join(lines)


def _rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from (_row(row) for row in rows)


def _row(row: Mapping[str, Any]) -> str:
    label, value, note = (str(row.get(part) or "") for part in ("label", "value", "note"))
    said = _pair(label, value)
    return f"{said}{_aside(note)}" if note else said


def _pair(label: str, value: str) -> str:
    if not label or not value:
        return label or value
    return f"{label}：{value}" if _is_chinese(label) else f"{label}: {value}"


def _aside(note: str) -> str:
    return f"（{note}）" if _is_chinese(note) else f" ({note})"


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _option(option: Mapping[str, Any]) -> Iterator[str]:
    badge = f" [{option['badge']}]" if option.get("badge") else ""
    value, note = str(option.get("value") or ""), str(option.get("note") or "")
    yield f"▪ {_pair(str(option.get('title') or ''), value)}{badge}"
    if note:
        yield note
    yield from _rows(option.get("rows") or [])


def _detail(detail: Mapping[str, Any]) -> Iterator[str]:
    if detail.get("summary"):
        yield f"▪ {detail['summary']}"
    yield from _rows(detail.get("rows") or [])
    yield from _table(detail.get("table") or {})


def _table(table: Mapping[str, Any]) -> Iterator[str]:
    if table.get("caption"):
        yield f"▪ {table['caption']}"
    columns = [str(column.get("label") or "") for column in table.get("columns") or []]
    if columns:
        yield from _cells(columns)
    for row in table.get("rows") or []:
        yield from _cells([str(cell) for cell in row])


def _cells(cells: Sequence[str]) -> Iterator[str]:
    """A row of a table, on as many lines as it takes; the lines after the first are set in."""
    line = cells[0]
    for cell in cells[1:]:
        longer = f"{line} | {cell}"
        if _columns(longer) > _LINE_COLUMNS:
            yield line
            longer = f"\u3000{cell}"
        line = longer
    yield line


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "FW" else 1 for character in text)
