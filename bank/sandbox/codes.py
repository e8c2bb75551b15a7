"""One-time codes: sent, checked, and turned into proofs that one write can spend.

At rest there are only keyed hashes: six digits are guessed in no time from a plain hash. The text that the customer's
phone would show is kept beside them for the demonstration's SMS inbox, and for nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from datetime import datetime, timedelta
from typing import List, Optional, Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bank.models import Challenge, ChallengeProof, Purpose
from bank.sandbox import store
from bank.sandbox.policy import OneTimeCode
from bank.sandbox.problems import Problem, not_found, rate_limited
from bank.sandbox.store import Row
from bank.sandbox.texts import text
from common import clock

_AN_HOUR = timedelta(hours=1)
_MESSAGES_SHOWN = 50
_MESSAGES_KEPT = timedelta(days=1)


class Codes:
    """`secret` keys the hashes."""

    def __init__(self, policy: OneTimeCode, secret: str) -> None:
        self._policy = policy
        self._secret = secret.encode()

    def send(self, connection: Connection, customer: Row, purpose: Purpose, subject: str) -> Challenge:
        """A new code for `purpose` on `subject`; an earlier one ends. Raises Problem `rate-limited`."""
        now = clock.now()
        self._check_rate(connection, customer["id"], now)
        self._end_earlier(connection, customer["id"], purpose, subject)
        challenge_id = f"ch-{secrets.token_hex(8)}"
        code = f"{secrets.randbelow(1_000_000):06}"
        expires_at = now + timedelta(seconds=self._policy.lifetime_seconds)
        connection.execute(
            sa.insert(store.challenges).values(
                id=challenge_id,
                customer_id=customer["id"],
                purpose=purpose.value,
                subject=subject,
                code_hash=self._hash(challenge_id, code),
                attempts_left=self._policy.attempts,
                ended=False,
                created_at=now,
                expires_at=expires_at,
            )
        )
        self._deliver(connection, customer, purpose, code, now)
        return Challenge(
            id=challenge_id,
            purpose=purpose,
            subject=subject,
            masked_phone=customer["masked_phone"],
            expires_at=expires_at,
            attempts_left=self._policy.attempts,
        )

    def check(
        self, connection: Connection, customer_id: str, challenge_id: str, code: str
    ) -> Union[ChallengeProof, Problem]:
        """A proof for a right code; otherwise the problem, returned since the attempt must be committed all the same.

        Raises Problem `not-found`.
        """
        challenges = store.challenges
        query = sa.select(challenges).where(challenges.c.id == challenge_id, challenges.c.customer_id == customer_id)
        challenge = store.row(connection, query.with_for_update())
        if challenge is None:
            raise not_found("challenge")
        if challenge["attempts_left"] == 0:
            return Problem("too-many-attempts")
        if challenge["ended"] or challenge["expires_at"] <= clock.now():
            return Problem("code-expired")
        this_one = sa.update(challenges).where(challenges.c.id == challenge_id)
        if hmac.compare_digest(challenge["code_hash"], self._hash(challenge_id, code)):
            connection.execute(this_one.values(ended=True))
            return self._prove(connection, challenge)
        left = challenge["attempts_left"] - 1
        connection.execute(this_one.values(attempts_left=left))
        return Problem("wrong-code", attempts_left=left) if left else Problem("too-many-attempts")

    def spend(self, connection: Connection, customer_id: str, purpose: Purpose, subject: str, token: str) -> None:
        """Use the proof up, if the transaction is committed.

        Raises Problem `proof-required` if it is unknown, spent or expired, or was given for something else.
        """
        proofs = store.proofs
        spending = (
            sa.update(proofs)
            .where(
                proofs.c.token_hash == self._hash("proof", token),
                proofs.c.customer_id == customer_id,
                proofs.c.purpose == purpose.value,
                proofs.c.subject == subject,
                proofs.c.spent.is_(False),
                proofs.c.expires_at > clock.now(),
            )
            .values(spent=True)
        )
        if connection.execute(spending).rowcount != 1:
            raise Problem("proof-required", "unknown, spent, expired, or given for something else")

    def _check_rate(self, connection: Connection, customer_id: str, now: datetime) -> None:
        challenges = store.challenges
        since = sa.select(challenges.c.created_at).where(
            challenges.c.customer_id == customer_id, challenges.c.created_at > now - _AN_HOUR
        )
        sent = [row["created_at"] for row in store.rows(connection, since.order_by(challenges.c.created_at))]
        if len(sent) >= self._policy.max_per_hour:
            free_again = sent[-self._policy.max_per_hour] + _AN_HOUR
            raise rate_limited(math.ceil((free_again - now).total_seconds()))

    @staticmethod
    def _end_earlier(connection: Connection, customer_id: str, purpose: Purpose, subject: str) -> None:
        challenges = store.challenges
        earlier = (
            challenges.c.customer_id == customer_id,
            challenges.c.purpose == purpose.value,
            challenges.c.subject == subject,
        )
        connection.execute(sa.update(challenges).where(*earlier).values(ended=True))

    def _prove(self, connection: Connection, challenge: Row) -> ChallengeProof:
        token = f"pf-{secrets.token_urlsafe(32)}"
        expires_at = clock.now() + timedelta(seconds=self._policy.proof_lifetime_seconds)
        connection.execute(
            sa.insert(store.proofs).values(
                token_hash=self._hash("proof", token),
                customer_id=challenge["customer_id"],
                purpose=challenge["purpose"],
                subject=challenge["subject"],
                expires_at=expires_at,
                spent=False,
            )
        )
        return ChallengeProof(token=token, expires_at=expires_at)

    def _deliver(self, connection: Connection, customer: Row, purpose: Purpose, code: str, now: datetime) -> None:
        minutes = self._policy.lifetime_seconds // 60
        connection.execute(sa.delete(store.messages).where(store.messages.c.sent_at < now - _MESSAGES_KEPT))
        connection.execute(
            sa.insert(store.messages).values(
                customer_id=customer["id"],
                masked_phone=customer["masked_phone"],
                text=text("sms", purpose.value, customer["language"], code=code, minutes=max(minutes, 1)),
                sent_at=now,
            )
        )

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def inbox(connection: Connection, customer_id: Optional[str] = None) -> List[Row]:
    """What the customers' phones show, newest first."""
    messages = store.messages
    query = sa.select(messages.c.customer_id, messages.c.masked_phone, messages.c.text, messages.c.sent_at)
    if customer_id is not None:
        query = query.where(messages.c.customer_id == customer_id)
    return store.rows(connection, query.order_by(messages.c.id.desc()).limit(_MESSAGES_SHOWN))


def forget_old_codes(connection: Connection) -> None:
    """Drop challenges and proofs that ended long ago."""
    long_ago = clock.now() - _MESSAGES_KEPT
    connection.execute(sa.delete(store.challenges).where(store.challenges.c.expires_at < long_ago))
    connection.execute(sa.delete(store.proofs).where(store.proofs.c.expires_at < long_ago))


def card_ids(connection: Connection, customer_id: str) -> List[str]:
    """The customer's cards: a code can be for one of them."""
    cards = store.cards
    query = sa.select(cards.c.id).where(cards.c.customer_id == customer_id)
    return [row["id"] for row in store.rows(connection, query)]
