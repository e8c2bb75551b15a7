"""Every amount, date and rate that the bank's API gives for a customer, to hold what is on the screen against."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Callable, Iterator, List, Set

from bank.client import BankClient
from bank.errors import BankRejected
from bank.models import Model, Money, Rate
from common import clock
from dialogue.formats import FORMATS

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_AMOUNT = re.compile(r"-?¥\s*[\d,.]*\d|\d[\d,.]*\s*(?:元|yuan|CNY|RMB)")
_RATE = re.compile(r"[\d.]+\s*%")
_DAY = {
    "zh": re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?: 周.)?"),
    "en": re.compile(rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{{1,2}} (?:{_MONTHS}))|\b\d{{1,2}} (?:{_MONTHS}) \d{{4}}"),
}


@dataclass
class Figures:
    """What the bank gives, and which of it an answer may show."""

    amounts: Set[Decimal] = field(default_factory=set)
    rates: Set[Decimal] = field(default_factory=set)
    days: Set[date] = field(default_factory=set)
    names: Set[str] = field(default_factory=set)

    def unknown_in(self, text: str, language: str) -> List[str]:
        """The amounts, rates and dates in `text` that the bank did not give."""
        amounts = {FORMATS["money"](str(amount), language) for amount in self.amounts}
        rates = {FORMATS["percent"](str(rate), language) for rate in self.rates}
        days = {FORMATS["date"](day.isoformat(), language) for day in self.days}
        return [
            *(f"amount {found}" for found in _AMOUNT.findall(text) if found not in amounts),
            *(f"rate {found}" for found in _RATE.findall(text) if found not in rates),
            *(f"date {found}" for found in _DAY[language].findall(text) if found not in days),
        ]

    def take(self, value: Any) -> None:
        """Add all figures of an answer of the bank's."""
        for model in _models(value):
            for name, of in model.__fields__.items():
                given = getattr(model, name)
                if isinstance(given, Decimal):
                    (self.rates if of.type_ is Rate else self.amounts).add(given)
                    assert of.type_ in (Rate, Money), f"{name} is neither an amount nor a rate"
                elif isinstance(given, datetime):
                    self.days.add(given.astimezone(clock.BANK_ZONE).date())
                elif isinstance(given, date):
                    self.days.add(given)
                elif name in ("name", "description", "account_bank", "note"):
                    self.names.add(given or "")


def figures_of(bank: BankClient, customer: str) -> Figures:
    """All that the bank gives for the customer now."""
    found = Figures(days={clock.today()})
    found.take([bank.customer(customer), bank.cards(customer), bank.applications(customer)])
    for card in bank.cards(customer):
        reads: List[Callable[..., Any]] = [
            bank.statement,
            bank.overdue,
            bank.transactions,
            bank.payments,
            bank.repayment_channels,
            bank.auto_debit,
            bank.credit_report,
            bank.instalment_quotes,
            bank.deferral_options,
            bank.plans,
        ]
        for read in reads:
            with suppress(BankRejected):  # not eligible: there is nothing to show
                found.take(read(customer, card.id))
    return found


def _models(value: Any) -> Iterator[Model]:
    if isinstance(value, Model):
        yield value
        for name in value.__fields__:
            yield from _models(getattr(value, name))
    elif isinstance(value, list):
        for each in value:
            yield from _models(each)
