"""Reading: what the bank would do to help, without obligation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import List, Optional

from bank.calls.caller import CARD, Caller
from bank.models import AgreementQuote, DeferralOption, EarlySettlement, InstalmentQuote, WaiverOption


class ReliefCalls(Caller):
    """Scope `accounts.read`. All of them raise NotEligible, and InvalidRequest for what is not offered."""

    def instalment_quotes(
        self, customer_id: str, card_id: str, *, amount: Optional[Decimal] = None, terms: Optional[int] = None
    ) -> List[InstalmentQuote]:
        """A quote for each number of monthly terms, shortest first.

        `amount` in yuan, by default the largest that may be split; `terms` restricts the answer to one.
        """
        params = {"amount": amount, "terms": terms}
        path = CARD + "/instalment-quotes"
        return self._list(InstalmentQuote, path, params, customer_id=customer_id, card_id=card_id)

    def deferral_options(self, customer_id: str, card_id: str, *, until: Optional[date] = None) -> List[DeferralOption]:
        """The deferrals that the bank would consider, earliest first; `until`: only those that reach that day."""
        params = {"until": until}
        return self._list(DeferralOption, CARD + "/deferral-options", params, customer_id=customer_id, card_id=card_id)

    def agreement_quotes(
        self,
        customer_id: str,
        card_id: str,
        *,
        terms: Optional[int] = None,
        monthly: Optional[Decimal] = None,
        first_due_on: Optional[date] = None,
    ) -> List[AgreementQuote]:
        """Personalised instalment agreements, shortest first.

        `terms`: only this number of monthly terms; `monthly`: only the shortest of which no instalment is more than
        this, in yuan; `first_due_on`: the day on which the first instalment is to be due.
        """
        params = {"terms": terms, "monthly": monthly, "first_due_on": first_due_on}
        return self._list(AgreementQuote, CARD + "/agreement-quotes", params, customer_id=customer_id, card_id=card_id)

    def waiver_options(self, customer_id: str, card_id: str) -> List[WaiverOption]:
        """The charges that the bank would consider to waive, one option for each kind."""
        return self._list(WaiverOption, CARD + "/waiver-options", customer_id=customer_id, card_id=card_id)

    def early_settlement(self, customer_id: str, card_id: str, reference: str) -> EarlySettlement:
        """What ending the plan `reference` today costs. Raises NotFound unless it runs."""
        path = CARD + "/plans/{reference}/early-settlement"
        return self._get(EarlySettlement, path, customer_id=customer_id, card_id=card_id, reference=reference)
