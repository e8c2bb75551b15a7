"""The standing order; set once for a key, and only with a code."""

from __future__ import annotations

from typing import List, Optional

from sqlalchemy.engine import Connection

from bank.models import AutoDebit, AutoDebitAmount, DebitAccount, Purpose
from bank.sandbox import auto_debit, views
from bank.sandbox.accounts import read_card
from bank.sandbox.idempotency import Answer
from bank.sandbox.preconditions import IfMatch
from bank.sandbox.service.base import Service


class AutoDebits(Service):
    """`views.auto_debit` shows it."""

    def debit_accounts(self, customer_id: str, card_id: str) -> List[DebitAccount]:
        """From which it can collect."""
        today = self._today()
        with self._database.reading() as connection:
            read_card(connection, self._policy, today, customer_id, card_id)
            return auto_debit.list_accounts(connection, customer_id)

    def set_auto_debit(
        self,
        customer_id: str,
        card_id: str,
        key: str,
        *,
        enabled: bool,
        amount: Optional[AutoDebitAmount],
        account_id: Optional[str],
        proof: str,
        if_match: IfMatch,
    ) -> Answer:
        """Switch it on, over or off; what is left out stays."""
        today = self._today()

        def exists(connection: Connection) -> None:
            read_card(connection, self._policy, today, customer_id, card_id)

        def act(connection: Connection) -> AutoDebit:
            of = self._locked(connection, today, customer_id, card_id)
            if_match.check(of.card["auto_debit_version"])
            self._codes.spend(connection, customer_id, Purpose.SET_AUTO_DEBIT, card_id, proof)
            if enabled:
                auto_debit.switch_on(connection, of, amount, account_id)
            else:
                auto_debit.switch_off(connection, of)
            return views.auto_debit(read_card(connection, self._policy, today, customer_id, card_id))

        content = {
            "card_id": card_id,
            "enabled": enabled,
            "amount": amount.value if amount else None,
            "account_id": account_id,
        }
        return self._once(customer_id, key, "set_auto_debit", content, act, exists=exists)
