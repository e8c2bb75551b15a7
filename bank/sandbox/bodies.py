"""The JSON objects of requests, one class for each, strict in types; properties that nobody knows are ignored."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Literal, Optional
from zoneinfo import available_timezones

from pydantic import ConstrainedStr, Field, validator

from bank.models import (
    ApplicationKind,
    AutoDebitAmount,
    ConsentPurpose,
    ContactChannel,
    ContactDirection,
    ContactKind,
    ContactOutcome,
    DisputeReason,
    DocumentKind,
    HandOverOutcome,
    HandOverPriority,
    IssuedDocumentKind,
    MessagingChannel,
    Purpose,
    ReasonClass,
)
from bank.strict import Model, Moment, TimeOfDay

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:~-]{0,127}")
AMOUNT = re.compile(r"(?!0+\.00$)[0-9]{1,12}\.[0-9]{2}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_DOCUMENTS = 10
_ZONES = available_timezones()


class Body(Model):
    """Base of all."""


def _matching(pattern: str) -> Any:
    """A string that matches the whole of `pattern`."""
    return type("Text", (ConstrainedStr,), {"strict": True, "regex": re.compile(f"(?:{pattern})\\Z", re.DOTALL)})


if TYPE_CHECKING:
    _Id = str
    _Proof = str
    _Code = str
    _Word = str
    _Line = str
    _Statement = str
    _Summary = str
    _Amount = Decimal
    _Day = date
else:
    _Id = _matching(ID.pattern)
    _Proof = _matching(r"[A-Za-z0-9_.~=-]{8,512}")
    _Code = _matching(r"[0-9]{6}")
    _Word = _matching(r"[\x21-\x7e]{1,128}")  # an identifier of somebody else's
    _Line = _matching(r"[^\x00-\x1f\x7f]{1,100}")
    _Statement = _matching(r"[^\x00]{1,1000}")
    _Summary = _matching(r"[^\x00]{1,2000}")

    class _Amount(Decimal):
        """More than nothing, in yuan with two decimals."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[..., Any]]:
            yield cls.read

        @classmethod
        def read(cls, value: object) -> Decimal:
            if not isinstance(value, str) or not AMOUNT.fullmatch(value):
                raise ValueError("must be an amount with two decimals, as a string")
            return Decimal(value)

    class _Day(date):
        """YYYY-MM-DD."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[..., Any]]:
            yield cls.read

        @classmethod
        def read(cls, value: object) -> date:
            if not isinstance(value, str) or not DAY.fullmatch(value):
                raise ValueError("must be a day, as a string")
            return date.fromisoformat(value)


class ChallengeRequest(Body):
    """Body of `challenge`."""

    purpose: Purpose
    subject: _Id


class ChallengeCheck(Body):
    """Body of `check_challenge`."""

    code: _Code


class QuoteFiling(Body):
    """Body of `file_application` for what was quoted: all kinds but hardship."""

    kind: ApplicationKind
    card_id: _Id
    quote_id: _Id
    reason: Optional[ReasonClass]
    proof: _Proof


class HardshipFiling(Body):
    """Body of `file_application` for a declaration of hardship."""

    kind: Literal["hardship"]
    card_id: _Id
    reason: ReasonClass
    statement: Optional[_Statement]
    monthly_income: Optional[_Amount]
    affordable_per_month: Optional[_Amount]
    consent_id: _Id
    document_ids: List[_Id] = Field([], max_items=_MOST_DOCUMENTS)
    proof: _Proof


class WithdrawalRequest(Body):
    """Body of `withdraw_application`."""

    proof: _Proof


class DocumentsRequest(Body):
    """Body of `add_documents`."""

    document_ids: List[_Id] = Field(min_items=1, max_items=_MOST_DOCUMENTS)


class ConsentRequest(Body):
    """Body of `record_consent`."""

    purpose: ConsentPurpose
    given: bool
    text_version: _Word
    language: Literal["zh", "en"]


class PromiseRequest(Body):
    """Body of `make_promise` and `change_promise`."""

    amount: _Amount
    pay_on: _Day


class DisputeRequest(Body):
    """Body of `file_dispute`."""

    transaction_id: _Id
    reason: DisputeReason
    statement: Optional[_Statement]


class AutoDebitRequest(Body):
    """Body of `set_auto_debit`."""

    enabled: bool
    amount: Optional[AutoDebitAmount]
    account_id: Optional[_Id]
    proof: _Proof


class IssueRequest(Body):
    """Body of `issue_document`."""

    kind: IssuedDocumentKind
    statement_date: Optional[_Day]


class PreferencesRequest(Body):
    """Body of `set_contact_preferences`."""

    channels: List[ContactChannel]
    reminders: bool
    contact_from: TimeOfDay
    contact_until: TimeOfDay
    time_zone: str
    night_consent: bool
    language: Literal["zh", "en"]
    paused_until: Optional[_Day]

    @validator("channels")
    def _each_once(cls, value: List[ContactChannel]) -> List[ContactChannel]:
        if len(set(value)) != len(value):
            raise ValueError("must name each channel at most once")
        return value

    @validator("time_zone")
    def _is_known(cls, value: str) -> str:
        if value not in _ZONES:
            raise ValueError("must be the name of a time zone")
        return value


class ContactRequest(Body):
    """Body of `log_contact`."""

    card_id: Optional[_Id]
    kind: ContactKind
    channel: ContactChannel
    direction: ContactDirection
    at: Moment
    outcome: ContactOutcome
    rule: _Line
    text_id: Optional[_Line]
    reference: Optional[_Id]


class HandOverRequest(Body):
    """Body of `hand_over`."""

    conversation_id: _Word
    reason: _Line
    priority: HandOverPriority
    card_id: Optional[_Id]
    summary: _Summary


class ClosingRequest(Body):
    """Body of `close_hand_over`."""

    outcome: HandOverOutcome


class IdentityRequest(Body):
    """Body of `link_identity`."""

    channel: MessagingChannel
    account: _Word
    subject: _Word


class DocumentForm(Body):
    """The fields beside the file of `upload_document`."""

    kind: DocumentKind
    consent_id: _Id


class Decision(Body):
    """Body of the demonstration's `decide` on an application or a dispute."""

    approve: bool
    note: Optional[_Statement]


class Asking(Body):
    """Body of the demonstration's `ask` for documents; none named: those of the rules."""

    documents: List[DocumentKind] = Field([], max_items=_MOST_DOCUMENTS)


class Booking(Body):
    """Body of the demonstration's payment, which is booked at once."""

    amount: _Amount
