"""The policy file: read exactly, checked completely, complained about by line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bank.sandbox.policy import DebtPart, InterestBasis, Policy, PolicyError, ReportsOn, load_policy
from common.settings import ROOT

SHIPPED = ROOT / "bank" / "sandbox" / "policy.yml"
ISSUERS = ROOT / "bank" / "sandbox" / "issuers"
ALL_SHIPPED = [SHIPPED, ISSUERS / "unpaid_part.yml", ISSUERS / "no_grace.yml"]


def load(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "policy.yml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def line_of(text: str) -> int:
    """The number of the first line of the shipped file that holds `text`."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def changed(old: str, new: str) -> str:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_shipped_policy_is_valid_and_exact() -> None:
    policy = load_policy(SHIPPED)
    assert policy.interest.basis is InterestBasis.FULL_BALANCE
    assert str(policy.interest.daily_rate) == "0.0005"
    assert policy.interest.annual_rate == Decimal("0.1825")
    assert str(policy.late_fee.floor) == "5.00"
    assert policy.late_fee.cap is None


def test_the_other_issuers_differ_in_what_their_names_say() -> None:
    ours, unpaid_part, no_grace = map(load_policy, ALL_SHIPPED)
    assert (ours.billing.grace_days, str(ours.billing.shortfall_tolerance)) == (3, "10.00")
    assert unpaid_part.interest.basis is InterestBasis.UNPAID_PART
    assert (no_grace.billing.grace_days, str(no_grace.billing.shortfall_tolerance)) == (0, "0.00")
    assert (str(no_grace.late_fee.floor), str(no_grace.late_fee.cap)) == ("10.00", "500.00")
    rules = {each.credit_report.reports_on for each in (ours, unpaid_part, no_grace)}
    assert rules == set(ReportsOn)  # each way of reporting is somebody's
    assert {each.agreement.interest_stops for each in (ours, unpaid_part, no_grace)} == {True, False}


@pytest.mark.parametrize("path", ALL_SHIPPED, ids=lambda path: path.stem)
def test_every_issuer_explains_every_section(path: Path) -> None:
    """Each section has a comment, its own or above one of its keys."""
    paragraphs = path.read_text(encoding="utf-8").split("\n\n")[1:]
    assert len(paragraphs) == len(Policy.__fields__)
    uncommented = [text.splitlines()[0] for text in paragraphs if "#" not in text]
    assert uncommented == []


@pytest.mark.parametrize(
    ("old", "new", "key", "complaint"),
    [
        ("  due_days: 20", "  due_days: twenty", "billing.due_days", "whole number"),
        ("  due_days: 20", "  due_days: 0", "billing.due_days", "greater than or equal to 1"),
        ("  grace_days: 3", "  grace_days: 9", "billing.grace_days", "28 days together"),
        ("  grace_days: 3", "  grace_days: true", "billing.grace_days", "whole number"),
        ("  daily_rate: 0.0005", "  daily_rate: 0.05", "interest.daily_rate", "per day"),
        ("  daily_rate: 0.0005", "  daily_rate: '0.0005'", "interest.daily_rate", "must be a number"),
        ("  basis: full_balance", "  basis: half", "interest.basis", "full_balance"),
        ("  floor: 5.00", "  floor: -5.00", "late_fee.floor", "at least 0.00"),
        ("  floor: 5.00", "  floor: 5.001", "late_fee.floor", "two decimals"),
        ("  cap: null", "  cap: 1.00", "late_fee.cap", "less than floor"),
        ("  then: [principal, interest, fees]", "  then: [principal, fees]", "payment_order.then", "once each"),
        ("    12: 0.0060", "    12: 0.5", "instalment.rates", "12 terms"),
        ("    24: 0.0058", "    61: 0.0058", "instalment.rates", "61 terms"),
        ("  maximum_amount: 50000.00", "  maximum_amount: 1.00", "instalment.maximum_amount", "minimum_amount"),
        ("  months: [1, 2, 3]", "  months: [3, 2]", "deferral.months", "ascending"),
        ("  terms: [12, 24, 36, 48, 60]", "  terms: [12, 72]", "agreement.terms", "2 to 60"),
        ("  terms: [12, 24, 36, 48, 60]", "  terms: []", "agreement.terms", "at least one"),
        ("  rate_per_term: 0.0000", "  rate_per_term: 0.0050", "agreement.rate_per_term", "must be 0 if"),
        ("  rate_per_term: 0.0000", "  rate_per_term: 0.05", "agreement.rate_per_term", "less than 0.05"),
        ("  first_due_within_days: 65", "  first_due_within_days: 7", "agreement.first_due_within_days", "31"),
        ("  reported_until_cleared: true", "  reported_until_cleared: 1", "agreement.reported_until_cleared", "true"),
        ("  fee_rate: 0.00", "  fee_rate: 3", "early_settlement.fee_rate", "less than or equal to 1"),
        ("  kinds: [late_fee, interest]", "  kinds: [late_fee, other]", "waiver.kinds", "late_fee and interest"),
        ("  kinds: [late_fee, interest]", "  kinds: [late_fee, late_fee]", "waiver.kinds", "once each"),
        ("  maximum_amount: 300.00", "  maximum_amount: 300.001", "waiver.maximum_amount", "two decimals"),
        ("  max_days_ahead: 30", "  max_days_ahead: -1", "promise.max_days_ahead", "0"),
        ("  answer_days: 20", "  answer_days: soon", "dispute.answer_days", "whole number"),
        ("  reading_seconds: 5", "  reading_seconds: 2.5", "disclosure.reading_seconds", "whole number"),
        ("  kept_hours: 72", "  kept_hours: 23", "idempotency.kept_hours", "24"),
        ("kind: alipay", "kind: pigeon", "repayment_channels.2.kind", "mobile_bank"),
    ],
)
def test_a_wrong_value_is_reported_with_its_line_and_key(
    tmp_path: Path, old: str, new: str, key: str, complaint: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, changed(old, new))
    [message] = str(caught.value).splitlines()
    number = line_of("  rates:" if key == "instalment.rates" else old.strip())
    assert message.startswith(f"{tmp_path / 'policy.yml'}:{number}: {key}: ")
    assert complaint in message


def test_a_missing_and_a_misspelt_key_are_both_reported(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, changed("  grace_days: 3", "  grace_dais: 3"))
    missing, misspelt = str(caught.value).splitlines()
    assert f":{line_of('billing:')}: billing.grace_days: field required" in missing
    assert f":{line_of('grace_days: 3')}: billing.grace_dais: extra fields not permitted" in misspelt


def test_a_key_that_is_given_twice_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=rf":{line_of('grace_days: 3') + 1}: grace_days is given twice"):
        load(tmp_path, changed("  grace_days: 3", "  grace_days: 3\n  grace_days: 0"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "1: must be a mapping"),
        ("- 1", "1: must be a mapping"),
        ("billing: [", "1: "),
        ("billing: .inf", "not a decimal"),
    ],
)
def test_what_is_no_policy_at_all_is_reported(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(PolicyError, match=complaint):
        load(tmp_path, text)


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "nothing.yml")


def test_the_order_of_setting_off_switches_after_the_day_that_the_policy_names() -> None:
    order = load_policy(SHIPPED).payment_order
    assert order.at(90)[0] is DebtPart.INTEREST
    assert order.at(91)[0] is DebtPart.PRINCIPAL
