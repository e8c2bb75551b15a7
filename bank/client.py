"""The typed client of the bank API (`openapi.yml`).

Every method is one operation of the contract (`declare_hardship` and `all_accounts` are second forms of one), blocks,
returns models of `bank.models` and raises errors of `bank.errors` and nothing else. Beside those that a method names,
any may raise BankUnavailable, BankContractBroken, NotAuthorised and RateLimited; any about a customer NotFound; and
any that is not of the minimal set NotOffered.

Reads, and writes with an idempotency key, are repeated when the bank does not answer; asking for a one-time code and
checking one are not, since each has an effect (an SMS, a spent attempt). One client serves any number of threads.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Optional

import requests

from bank.calls.account import AccountCalls
from bank.calls.applications import ApplicationCalls
from bank.calls.capabilities import CapabilityCalls
from bank.calls.contact import ContactCalls
from bank.calls.documents import DocumentCalls
from bank.calls.outreach import OutreachCalls
from bank.calls.relief import ReliefCalls
from bank.calls.undertakings import UndertakingCalls
from bank.exchange import Bearer, Exchange, pooled_session
from common.settings import settings


class BankClient(
    CapabilityCalls,
    AccountCalls,
    ReliefCalls,
    ApplicationCalls,
    DocumentCalls,
    UndertakingCalls,
    ContactCalls,
    OutreachCalls,
):
    """The bank, as far as the contract reaches. `base_url` ends in the version: `https://api.example.com/v1`."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        connect_timeout: float = 2.0,
        read_timeout: float = 5.0,
        session: Optional[requests.Session] = None,
    ) -> None:
        """Timeouts in seconds for each try. `session` replaces the pooled one, e.g. to mount another transport."""
        exchange = Exchange(
            session or pooled_session(base_url),
            Bearer(token),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        super().__init__(base_url, exchange)


@lru_cache(maxsize=None)
def bank_client() -> BankClient:
    """The client of this process, as the settings say."""
    known = settings()
    return BankClient(
        known.bank_url(),
        known.secret("bank_api_token"),
        connect_timeout=known.bank_connect_timeout_seconds,
        read_timeout=known.bank_read_timeout_seconds,
    )
