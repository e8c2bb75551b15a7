"""The plan and the texts are checked when they are loaded, and a mistake is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bank.models import ContactChannel
from outreach.plan import PLAN_FILE, PlanError, load_plan
from outreach.texts import PLACEHOLDERS, TEXTS, TextsError, load_texts

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("days: -7, late: 2", "days: seven, late: 2", "days: must be a whole number"),
        ("anchor: due_date, days: -7", "anchor: due_day, days: -7", "anchor: value is not a valid enumeration member"),
        ("channel: email, otherwise", "channel: telex, otherwise", "channel: value is not a valid enumeration member"),
        ("text: due_in_a_week,", "text: due_in_a_week, colour: red,", "colour: extra fields not permitted"),
        ("id: due-in-1-day,", "id: due-in-2-days,", "given twice: due-in-2-days"),
        ("effective_per_day: 3", "effective_per_day: 4", "at most 3"),
        ("attempts_per_day: 6", "attempts_per_day: 7", "at most 6"),
        ("otherwise: [webchat, wechat, email]}", "otherwise: [webchat, webchat]}", "must name each channel once"),
        ("plan_from_hour: 6", "plan_from_hour: 24", "plan_from_hour"),
        ("  service: [complaint, care]\n", "", "must say what stops every kind: service"),
        ("  wechat: {per_day: 1, per_week: 3}\n", "", "must limit every channel: wechat"),
        ("anchor: closed, days: 0", "anchor: closed, days: 3", "days must be 0"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = PLAN_FILE.read_text(encoding="utf-8")
    assert text.count(before) >= 1
    file = tmp_path / "plan.yml"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(file)
    told = str(caught.value)
    assert complaint in told
    assert told.startswith(f"{file}:")
    line = int(told.split(":")[1])
    assert 1 <= line <= text.count("\n") + 1


def test_the_line_is_that_of_the_step(tmp_path: Path) -> None:
    text = PLAN_FILE.read_text(encoding="utf-8")
    wrong = next(number for number, line in enumerate(text.splitlines(), start=1) if "promise-tomorrow" in line)
    file = tmp_path / "plan.yml"
    file.write_text(text.replace("promise, days: -1", "promise, days: soon"), encoding="utf-8")
    with pytest.raises(PlanError, match=f":{wrong}: "):
        load_plan(file)


def test_every_step_has_its_text_and_every_text_can_be_said_in_both_languages() -> None:
    plan, texts = load_plan(), load_texts()
    texts.check(plan)
    for step in plan.steps:
        for channel in {step.channel, *step.otherwise} - {None}:
            for language in ("zh", "en"):
                said = texts.render(step.text, ContactChannel(channel), language, VALUES)
                assert "{" not in said.text + said.subject
                assert "滞纳金" not in said.text


def test_reminders_say_the_date_the_amount_and_how_to_pay() -> None:
    texts = load_texts()
    for name in ("due_in_a_week", "due_soon", "fund_account"):
        for channel in (ContactChannel.EMAIL, ContactChannel.SMS, ContactChannel.WEBCHAT):
            for language in ("zh", "en"):
                said = texts.render(name, channel, language, VALUES).text
                assert {"<due_date>", "<amount>", "<ways>"} <= {f"<{each}>" for each in PLACEHOLDERS if each in said}


def test_an_unknown_placeholder_and_a_missing_text_are_mistakes(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    shutil.copytree(TEXTS, folder)
    file = folder / "before_due.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("{minimum}", "{maximum}", 1), encoding="utf-8")
    with pytest.raises(TextsError, match=r"before_due.yml:\d+: texts.due_in_a_week.*unknown in braces: maximum"):
        load_texts(folder)
    file.unlink()
    with pytest.raises(TextsError, match="call_before_due, due_in_a_week"):
        load_texts(folder).check(load_plan())


@pytest.mark.parametrize("words", ["STOP", "stop.", " 退订 ", "TD", "“退订”", "Unsubscribe!", "ｔｄ", "Stop sending"])
def test_words_that_ask_to_stop(words: str) -> None:
    assert load_texts().asks_to_stop(words)


@pytest.mark.parametrize("words", ["我已经还了", "please do not stop", "怎么退订？", "stopping by the bank", ""])
def test_words_that_do_not(words: str) -> None:
    assert not load_texts().asks_to_stop(words)
