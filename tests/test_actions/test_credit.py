"""“What does it do to my credit report?”"""

from __future__ import annotations

from datetime import date

import pytest

from actions.credit import ActionCreditImpact
from bank.models import CreditMonth
from tests.test_actions.builders import StubBank, credit_report
from tests.test_actions.talk import Said, ask


def impact(language: str = "zh", **report: object) -> Said:
    return ask(ActionCreditImpact, StubBank(credit_report=credit_report(**report)), language=language)


@pytest.mark.parametrize(
    ("report", "zh", "en"),
    [
        (
            {"reported": True, "reports_on": None},
            "已经报送征信。从还清那天起，记录再保留5年",
            "deleted 5 years after the debt is cleared",
        ),
        (
            {"pay_by": date(2026, 11, 28)},
            "最晚 11月28日 周六 还上 ¥612.50",
            "pay ¥612.50 by Sat 28 Nov",
        ),
        ({}, "可能在 11月30日 周一 报送", "it may be reported on Mon 30 Nov"),
        ({"reports_on": None, "code": "N"}, "没有需要报送征信的逾期", "nothing overdue on this card to report"),
    ],
)
def test_the_first_sentence_says_how_it_stands(report: dict, zh: str, en: str) -> None:
    assert zh in impact(**report).first
    assert en in impact("en", **report).first


def test_how_long_it_is_kept_is_the_banks_figure_and_counts_from_clearing() -> None:
    said = impact(retention_years=7)
    assert said.rows["不良记录保留"] == "7年"
    assert "从还清那天算起" in said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_warns_of_paid_repair_and_names_the_dispute(language: str) -> None:
    note = impact(language).card["note"]
    assert "20" in note
    assert ("骗局" if language == "zh" else "fraud") in note


@pytest.mark.parametrize("code", list("N1234567CG*#") + ["?"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_of_the_register_has_words(code: str, language: str) -> None:
    said = impact(language, code=code, months=[CreditMonth(month="2026-10", code=code)])
    assert said.card["details"][0]["rows"][0]["value"] == list(said.rows.values())[0]
