"""What a bank offers, and what a token may do."""

from __future__ import annotations

from enum import Enum
from typing import List

from bank.strict import Model


class Scope(str, Enum):
    """What a service token may do."""

    ACCOUNTS_READ = "accounts.read"
    REQUESTS_WRITE = "requests.write"
    CONTACTS_WRITE = "contacts.write"
    IDENTITIES_WRITE = "identities.write"
    OUTREACH_READ = "outreach.read"


class Capabilities(Model):
    """Which operations of which version of the contract a bank offers."""

    contract: str  # 1.1
    operations: List[str]  # their operationIds

    def offers(self, operation: str) -> bool:
        """Whether the bank has the operation, by its operationId."""
        return operation in self.operations
