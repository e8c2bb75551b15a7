"""What the bank would do, quoted: made from the account, and kept so that it can be filed as it was shown."""

from __future__ import annotations

from typing import Callable, Dict

from bank.models import ApplicationKind
from bank.sandbox.accounts import CardAccount
from bank.sandbox.problems import Problem
from bank.sandbox.quotes import agreement, deferral, instalment, settlement, waiver
from bank.sandbox.quotes.agreement import AgreementWish, agreement_quotes
from bank.sandbox.quotes.deferral import deferral_options
from bank.sandbox.quotes.instalment import instalment_quotes
from bank.sandbox.quotes.kept import Body, KeptQuote, content_of, forget_old_quotes, read_quote
from bank.sandbox.quotes.settlement import early_settlement
from bank.sandbox.quotes.waiver import waiver_options

_AGAIN: Dict[ApplicationKind, Callable[[CardAccount, Body], Body]] = {
    ApplicationKind.INSTALMENT: instalment.again,
    ApplicationKind.DEFERRAL: deferral.again,
    ApplicationKind.AGREEMENT: agreement.again,
    ApplicationKind.WAIVER: waiver.again,
    ApplicationKind.EARLY_SETTLEMENT: settlement.again,
}


def check_unchanged(of: CardAccount, quote: KeptQuote) -> None:
    """Raises Problem `quote-expired` if it ran out or would be another one by now, `not-eligible`."""
    if quote.expired:
        raise Problem("quote-expired", "past valid_until")
    if _AGAIN[quote.kind](of, quote.body) != content_of(quote.body):
        raise Problem("quote-expired", "the account has changed since")


__all__ = [
    "AgreementWish",
    "KeptQuote",
    "agreement_quotes",
    "check_unchanged",
    "deferral_options",
    "early_settlement",
    "forget_old_quotes",
    "instalment_quotes",
    "read_quote",
    "waiver_options",
]
