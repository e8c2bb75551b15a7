from __future__ import annotations

from pathlib import Path

import pytest
from rasa.__main__ import create_argument_parser

from common.settings import settings
from ops import assistant


@pytest.mark.parametrize("token", ["plain", "-begins-with-a-hyphen", "--help"])
def test_rasa_takes_whatever_token_was_made(token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "var_dir", tmp_path)
    monkeypatch.setattr(settings(), "assistant_api_token", token)
    parsed = create_argument_parser().parse_args(assistant.arguments(settings()))
    assert (parsed.auth_token, parsed.enable_api) == (token, True)
