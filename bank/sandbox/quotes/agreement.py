"""Personalised instalment agreements (个性化分期还款协议, 2011 Measures, Art. 70)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import List, Optional

from sqlalchemy.engine import Connection

from bank.errors import NotEligibleReason
from bank.models import AgreementCondition, AgreementQuote, ApplicationKind
from bank.sandbox.accounts import CardAccount
from bank.sandbox.eligibility import check_agreement
from bank.sandbox.ledger.agreement import AgreementOffer, FirstDueTooLate, TermsNotOffered, agreement_offers
from bank.sandbox.problems import invalid, not_eligible
from bank.sandbox.quotes.costs import cost_items, schedule
from bank.sandbox.quotes.kept import Body, content, keep_all
from common import clock


@dataclass(frozen=True)
class AgreementWish:
    """What the customer asks for: so many terms, or what can be paid each month (yuan), and from when."""

    terms: Optional[int] = None
    monthly: Optional[Decimal] = None
    first_due_on: Optional[date] = None


def agreement_quotes(connection: Connection, of: CardAccount, wish: AgreementWish) -> List[AgreementQuote]:
    """Those of the policy, fewest terms first, or the one that fits the wish.

    Raises Problem `invalid-request`, `not-eligible`.
    """
    if wish.terms is not None and wish.monthly is not None:
        raise invalid("monthly", "not together with `terms`")
    if wish.first_due_on is not None and wish.first_due_on <= of.today:
        raise invalid("first_due_on", "must be after today")
    check_agreement(of)
    offers = _offers(of, wish)
    if not offers:
        raise not_eligible(NotEligibleReason.AMOUNT_TOO_SMALL)  # not even the longest asks for so little a month
    made = [_quote(of, offer) for offer in offers]
    return keep_all(connection, of, ApplicationKind.AGREEMENT, AgreementQuote, made)


def again(of: CardAccount, body: Body) -> Body:
    """What it would be now. Raises Problem `not-eligible`."""
    check_agreement(of)
    quote = AgreementQuote.parse_obj(body)
    [offer] = _offers(of, AgreementWish(terms=quote.terms, first_due_on=quote.first_due_on))
    return _quote(of, offer)


def _offers(of: CardAccount, wish: AgreementWish) -> List[AgreementOffer]:
    try:
        return agreement_offers(
            of.history, of.policy, of.today, terms=wish.terms, monthly=wish.monthly, first_due_on=wish.first_due_on
        )
    except TermsNotOffered:
        offered = of.policy.agreement.terms
        raise invalid("terms", f"must be {offered[0]} to {offered[-1]}") from None
    except FirstDueTooLate:
        raise not_eligible(NotEligibleReason.DATE_TOO_LATE) from None


def _quote(of: CardAccount, offer: AgreementOffer) -> Body:
    policy = of.policy
    quote = AgreementQuote(
        id="",
        card_id=of.card["id"],
        balance=offer.balance,
        currency="CNY",
        terms=offer.terms,
        per_term=offer.per_term,
        rate_per_term=offer.rate_per_term,
        interest_stops=policy.agreement.interest_stops,
        total_interest=offer.total_interest,
        total_cost=offer.total_cost,
        annualised_rate=offer.annualised_rate,
        effective_rate=offer.effective_rate,
        first_due_on=offer.first_due_on,
        schedule=schedule(offer.schedule),
        cost_items=cost_items(policy, offer.rate_per_term, offer.annualised_rate, offer.total_interest),
        nothing_else_charged=True,
        reading_seconds=policy.disclosure.reading_seconds,
        collection_paused=True,  # always, by Art. 70
        conditions=_conditions(of),
        valid_until=clock.now(),
    )
    return content(quote)


def _conditions(of: CardAccount) -> List[AgreementCondition]:
    reported = of.policy.agreement.reported_until_cleared
    return [each for each in AgreementCondition if each is not AgreementCondition.REPORTED_UNTIL_CLEARED or reported]
