"""The customers' phones, and what must be cleared away after a request was filed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List

import requests

from bank.client import BankClient
from bank.models import Application
from tests.processes import Sandbox


@dataclass(frozen=True)
class Phones:
    """Reads the sandbox's SMS inbox as the customer would look at the phone."""

    sandbox: Sandbox
    bank: BankClient

    def code(self, customer: str) -> str:
        """The code in the newest message to the customer."""
        found = re.search(r"(?<!\d)\d{6}(?!\d)", self.messages(customer)[0])
        assert found
        return found.group()

    def another_code(self, customer: str) -> str:
        """Six digits that are not the code."""
        return f"{(int(self.code(customer)) + 1) % 1_000_000:06}"

    def messages(self, customer: str) -> List[str]:
        """The texts of all messages to the customer, the newest first."""
        inbox = requests.get(f"{self.sandbox.origin}/sandbox/sms", timeout=10).json()
        return [str(message["text"]) for message in inbox if message["customer_id"] == customer]

    def applications(self, customer: str) -> List[Application]:
        """What the bank has on file and has not decided."""
        return [known for known in self.bank.applications(customer) if known.withdrawable]

    def clear(self) -> None:
        """Let the bank refuse every open request, so that the next test finds its customers as they were."""
        people = requests.get(f"{self.sandbox.origin}/customers.json", timeout=10).json()
        for customer in people:
            for application in self.applications(customer["id"]):
                decide = f"{self.sandbox.origin}/sandbox/applications/{application.reference}/decide"
                requests.post(decide, json={"approve": False}, timeout=10).raise_for_status()
