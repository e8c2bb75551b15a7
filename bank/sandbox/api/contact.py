"""Contact: preferences, the log, hand-overs; identities in messaging services; the search for outreach."""

from __future__ import annotations

from sanic.request import Request

from bank.models import AccountState, Scope
from bank.sandbox import bodies, reading
from bank.sandbox.api.web import CUSTOMER, Api, Result
from bank.sandbox.listing import Filter
from bank.sandbox.problems import invalid
from bank.sandbox.service import Bank

_READ, _WRITE = Scope.ACCOUNTS_READ, Scope.CONTACTS_WRITE
_MOST_ACCOUNTS = 1000  # of a page


def add(api: Api, bank: Bank) -> None:
    """Register the operations."""
    _add_contacts(api, bank)
    _add_identities(api, bank)

    @api.operation("GET", "/accounts", Scope.OUTREACH_READ)
    def accounts(request: Request) -> Result:
        states = reading.values(request, "state", AccountState)
        if AccountState.CURRENT in states:
            raise invalid("state", "must be due, in_grace or overdue")
        asked = Filter(states, reading.day(request, "due_from"), reading.day(request, "due_to"))
        return bank.accounts(asked, reading.cursor(request), reading.limit(request, largest=_MOST_ACCOUNTS))


def _add_contacts(api: Api, bank: Bank) -> None:
    @api.operation("GET", f"{CUSTOMER}/contact-preferences", _READ)
    def contact_preferences(request: Request, customer_id: str) -> Result:
        return bank.contact_preferences(customer_id)

    @api.operation("GET", f"{CUSTOMER}/contact-addresses", _WRITE)
    def contact_addresses(request: Request, customer_id: str) -> Result:
        return bank.contact_addresses(customer_id)

    @api.operation("PUT", f"{CUSTOMER}/contact-preferences", _WRITE)
    def set_contact_preferences(request: Request, customer_id: str) -> Result:
        key, if_match = reading.idempotency_key(request), reading.if_match(request, required=True)
        wanted = reading.body(request, bodies.PreferencesRequest)
        return bank.set_contact_preferences(customer_id, key, wanted, if_match)

    @api.operation("POST", f"{CUSTOMER}/contacts", _WRITE)
    def log_contact(request: Request, customer_id: str) -> Result:
        key = reading.idempotency_key(request)
        return bank.log_contact(customer_id, key, reading.body(request, bodies.ContactRequest))

    @api.operation("GET", f"{CUSTOMER}/contacts", _READ)
    def contacts(request: Request, customer_id: str) -> Result:
        return bank.contacts(customer_id, reading.moment(request, "since"))

    @api.operation("POST", f"{CUSTOMER}/hand-overs", _WRITE)
    def hand_over(request: Request, customer_id: str) -> Result:
        key = reading.idempotency_key(request)
        return bank.hand_over(customer_id, key, reading.body(request, bodies.HandOverRequest))

    @api.operation("POST", f"{CUSTOMER}/hand-overs/<reference:str>/close", _WRITE)
    def close_hand_over(request: Request, customer_id: str, reference: str) -> Result:
        key = reading.idempotency_key(request)
        outcome = reading.body(request, bodies.ClosingRequest).outcome
        return bank.close_hand_over(customer_id, reference, key, outcome)


def _add_identities(api: Api, bank: Bank) -> None:
    scope = Scope.IDENTITIES_WRITE
    path = f"{CUSTOMER}/messaging-identities"

    @api.operation("GET", path, _READ)
    def messaging_identities(request: Request, customer_id: str) -> Result:
        return bank.messaging_identities(customer_id)

    @api.operation("POST", path, scope)
    def link_identity(request: Request, customer_id: str) -> Result:
        key = reading.idempotency_key(request)
        asked = reading.body(request, bodies.IdentityRequest)
        return bank.link_identity(customer_id, key, channel=asked.channel, account=asked.account, subject=asked.subject)

    @api.operation("DELETE", f"{path}/<identity_id:str>", scope)
    def unlink_identity(request: Request, customer_id: str, identity_id: str) -> Result:
        return bank.unlink_identity(customer_id, identity_id, reading.idempotency_key(request))

    @api.operation("POST", "/messaging-identities/find", scope)
    def find_identity(request: Request) -> Result:
        asked = reading.body(request, bodies.IdentityRequest)
        return bank.find_identity(asked.channel, asked.account, asked.subject)
