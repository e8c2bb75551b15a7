"""Fonts of the PDF files that are made here."""

from __future__ import annotations

from functools import lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """One of Adobe's fonts for Chinese, which every viewer has or replaces: so no font file has to come along."""
    name = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name
