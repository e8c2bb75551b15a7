"""What the bank would do to help, quoted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import List, Optional

from bank.models import AgreementQuote, DeferralOption, EarlySettlement, InstalmentQuote, WaiverOption
from bank.sandbox import quotes
from bank.sandbox.quotes import AgreementWish
from bank.sandbox.service.base import Service


class Relief(Service):
    """Quotes and options: kept, so that they can be filed as they were shown."""

    def instalment_quotes(
        self, customer_id: str, card_id: str, amount: Optional[Decimal], terms: Optional[int]
    ) -> List[InstalmentQuote]:
        """Fewest terms first; of the largest amount that can be split, if none is given."""
        of = self.card(customer_id, card_id)
        with self._database.writing() as connection:
            return quotes.instalment_quotes(connection, of, amount, terms)

    def deferral_options(self, customer_id: str, card_id: str, until: Optional[date]) -> List[DeferralOption]:
        """Earliest first, from `until` on if it is given."""
        of = self.card(customer_id, card_id)
        with self._database.writing() as connection:
            return quotes.deferral_options(connection, of, until)

    def waiver_options(self, customer_id: str, card_id: str) -> List[WaiverOption]:
        """One for each kind of charge."""
        of = self.card(customer_id, card_id)
        with self._database.writing() as connection:
            return quotes.waiver_options(connection, of)

    def agreement_quotes(self, customer_id: str, card_id: str, wish: AgreementWish) -> List[AgreementQuote]:
        """Fewest terms first, or the one that fits the wish."""
        of = self.card(customer_id, card_id)
        with self._database.writing() as connection:
            return quotes.agreement_quotes(connection, of, wish)

    def early_settlement(self, customer_id: str, card_id: str, reference: str) -> EarlySettlement:
        """What ending that plan today costs."""
        of = self.card(customer_id, card_id)
        with self._database.writing() as connection:
            return quotes.early_settlement(connection, of, reference)
