"""How long tests wait for a page: a busy machine may take its time, and what never comes is a failure all the same."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect

_MILLISECONDS = 90_000

expect.set_options(timeout=_MILLISECONDS)


def open_context(browser: Browser, **options: Any) -> BrowserContext:
    """A new context with this patience: its cookies and storage are its own."""
    context = browser.new_context(**options)
    context.set_default_timeout(_MILLISECONDS)
    return context
