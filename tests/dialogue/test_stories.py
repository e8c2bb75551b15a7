"""`rasa test core --stories tests/test_stories.yml`, as people who know Rasa would run it."""

from __future__ import annotations

from pathlib import Path

from common.settings import ROOT
from tests.dialogue.harness import Assistant

STORIES = ROOT / "tests" / "test_stories.yml"


def test_every_story_goes_as_written(assistant: Assistant, tmp_path: Path) -> None:
    report = assistant.story_report(STORIES, tmp_path)
    assert report["conversation_accuracy"]["accuracy"] == 1.0, (tmp_path / "failed_test_stories.yml").read_text()
