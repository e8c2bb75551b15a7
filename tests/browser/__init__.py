"""Tests in a real browser."""

import pytest

pytest.register_assert_rewrite("tests.browser.journeys")  # so that a failed check says what was wrong
