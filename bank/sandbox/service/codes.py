"""One-time codes: sent for what could succeed, checked, and turned into proofs."""

from __future__ import annotations

from datetime import date
from typing import Dict, List

from sqlalchemy.engine import Connection

from bank.models import Challenge, ChallengeProof, Purpose
from bank.sandbox import applications, codes, quotes
from bank.sandbox.accounts import read_card, read_customer
from bank.sandbox.problems import Problem
from bank.sandbox.service.base import Service


class OneTimeCodes(Service):
    """The two writes that need no key: each sends a code or costs an attempt anew."""

    def challenge(self, customer_id: str, purpose: Purpose, subject: str) -> Challenge:
        """Send a code, if the write that it is for could succeed."""
        today = self._today()
        with self._database.writing() as connection:
            customer = read_customer(connection, customer_id)
            self._check_subject(connection, today, customer_id, purpose, subject)
            return self._codes.send(connection, customer, purpose, subject)

    def _check_subject(
        self, connection: Connection, today: date, customer_id: str, purpose: Purpose, subject: str
    ) -> None:
        """A quote, or for a hardship declaration and the standing order a card, or an application."""
        if purpose is Purpose.WITHDRAW_APPLICATION:
            application = applications.read_application(connection, customer_id, subject)
            applications.check_withdrawable(application, today)
        elif purpose is Purpose.SET_AUTO_DEBIT or _is_card(connection, customer_id, subject):
            read_card(connection, self._policy, today, customer_id, subject)
        elif quotes.read_quote(connection, customer_id, subject).expired:
            raise Problem("quote-expired")

    def check_challenge(self, customer_id: str, challenge_id: str, code: str) -> ChallengeProof:
        """A proof for the right code; a wrong one costs an attempt."""
        self._today()
        with self._database.writing() as connection:
            read_customer(connection, customer_id)
            answer = self._codes.check(connection, customer_id, challenge_id, code)
        if isinstance(answer, Problem):
            raise answer
        return answer

    def messages(self) -> List[Dict[str, str]]:
        """What the customers' phones show, newest first; of the demonstration, not of the contract."""
        with self._database.reading() as connection:
            found = codes.inbox(connection)
        return [{**each, "sent_at": each["sent_at"].isoformat(timespec="seconds")} for each in found]


def _is_card(connection: Connection, customer_id: str, subject: str) -> bool:
    return subject in codes.card_ids(connection, customer_id)
