"""How the customer may be contacted, the contact log, hand-overs, and messaging identities."""

from __future__ import annotations

from datetime import datetime
from typing import List, Optional

from bank.calls.caller import CUSTOMER, Body, Caller, as_json
from bank.models import (
    Contact,
    ContactAddresses,
    ContactChannel,
    ContactDirection,
    ContactKind,
    ContactOutcome,
    ContactPreferences,
    HandOver,
    HandOverOutcome,
    HandOverPriority,
    MessagingChannel,
    MessagingIdentity,
)

_PREFERENCES = CUSTOMER + "/contact-preferences"
_IDENTITIES = CUSTOMER + "/messaging-identities"


class ContactCalls(Caller):
    """Scope `contacts.write`, and `identities.write` for identities; reading a customer's needs `accounts.read`."""

    def contact_preferences(self, customer_id: str) -> ContactPreferences:
        """How and when the customer wants to be reached."""
        return self._get(ContactPreferences, _PREFERENCES, customer_id=customer_id)

    def set_contact_preferences(
        self, customer_id: str, preferences: ContactPreferences, *, idempotency_key: str
    ) -> ContactPreferences:
        """Replace those that were read as `preferences.version` by `preferences`.

        Raises ChangedMeanwhile, ConsentRequired (night contact without a recorded consent), InvalidRequest,
        IdempotencyConflict.
        """
        body = Body(preferences.json(exclude={"version"}, exclude_none=True).encode(), "application/json")
        return self._write(
            "PUT",
            ContactPreferences,
            _PREFERENCES,
            body,
            idempotency_key=idempotency_key,
            version=preferences.version,
            customer_id=customer_id,
        )

    def contact_addresses(self, customer_id: str) -> ContactAddresses:
        """Where the customer is written to and called. Scope `contacts.write`: whoever only answers needs neither."""
        return self._get(ContactAddresses, CUSTOMER + "/contact-addresses", customer_id=customer_id)

    def log_contact(
        self,
        customer_id: str,
        *,
        kind: ContactKind,
        channel: ContactChannel,
        direction: ContactDirection,
        at: datetime,
        outcome: ContactOutcome,
        rule: str,
        card_id: Optional[str] = None,
        text_id: Optional[str] = None,
        reference: Optional[str] = None,
        idempotency_key: str,
    ) -> Contact:
        """Add a line to the contact log. `at` with its offset. Raises InvalidRequest, IdempotencyConflict, NotFound."""
        body = as_json(
            kind=kind,
            channel=channel,
            direction=direction,
            at=at,
            outcome=outcome,
            rule=rule,
            card_id=card_id,
            text_id=text_id,
            reference=reference,
        )
        path = CUSTOMER + "/contacts"
        return self._write("POST", Contact, path, body, idempotency_key=idempotency_key, customer_id=customer_id)

    def contacts(self, customer_id: str, *, since: Optional[datetime] = None) -> List[Contact]:
        """Newest first, at most 200; `since`, a moment with its offset: only from then on."""
        return self._list(Contact, CUSTOMER + "/contacts", {"since": since}, customer_id=customer_id)

    def hand_over(
        self,
        customer_id: str,
        *,
        conversation_id: str,
        reason: str,
        priority: HandOverPriority,
        summary: str,
        card_id: Optional[str] = None,
        idempotency_key: str,
    ) -> HandOver:
        """Tell the bank that a person is to take over. `reason`: a code; `summary`: at most 2000 characters.

        Raises InvalidRequest, IdempotencyConflict, NotFound.
        """
        body = as_json(
            conversation_id=conversation_id, reason=reason, priority=priority, summary=summary, card_id=card_id
        )
        path = CUSTOMER + "/hand-overs"
        return self._write("POST", HandOver, path, body, idempotency_key=idempotency_key, customer_id=customer_id)

    def close_hand_over(
        self, customer_id: str, reference: str, *, outcome: HandOverOutcome, idempotency_key: str
    ) -> HandOver:
        """Tell the bank how it ended. Raises IllegalMove if it is closed, NotFound, IdempotencyConflict."""
        return self._write(
            "POST",
            HandOver,
            CUSTOMER + "/hand-overs/{reference}/close",
            as_json(outcome=outcome),
            idempotency_key=idempotency_key,
            customer_id=customer_id,
            reference=reference,
        )

    def messaging_identities(self, customer_id: str) -> List[MessagingIdentity]:
        """Those that are linked to the customer now, newest first."""
        return self._list(MessagingIdentity, _IDENTITIES, customer_id=customer_id)

    def link_identity(
        self, customer_id: str, *, channel: MessagingChannel, account: str, subject: str, idempotency_key: str
    ) -> MessagingIdentity:
        """Link a subject of a messaging service to the customer; another customer's link of it ends.

        Raises InvalidRequest, IdempotencyConflict.
        """
        body = as_json(channel=channel, account=account, subject=subject)
        return self._write(
            "POST", MessagingIdentity, _IDENTITIES, body, idempotency_key=idempotency_key, customer_id=customer_id
        )

    def unlink_identity(self, customer_id: str, identity_id: str, *, idempotency_key: str) -> None:
        """End a link. Raises NotFound if it has ended."""
        path = _IDENTITIES + "/{identity_id}"
        self._delete(path, idempotency_key=idempotency_key, customer_id=customer_id, identity_id=identity_id)

    def find_identity(self, *, channel: MessagingChannel, account: str, subject: str) -> MessagingIdentity:
        """Who the subject of a messaging service is. Raises NotFound if it is not linked, or no longer."""
        body = as_json(channel=channel, account=account, subject=subject)
        return self._find(MessagingIdentity, "/messaging-identities/find", body)
