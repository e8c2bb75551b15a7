"""Setting the automatic repayment: on, over or off; a plain yes, the code, and how it stands then."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set

from actions.autopay import SETTING, ActionAutopay, debit_values
from actions.cards import last_four
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.one_time_code import OneTimeCode
from actions.steps import AnyCardStep, Confirmation, Sending
from actions.values import label
from bank.models import AutoDebit, AutoDebitAmount, DebitAccount, Purpose

ON, OFF, AMOUNT, ACCOUNT = "on", "off", "amount", "account"
_ORDERS = (ON, OFF, AMOUNT, ACCOUNT)
UNCHANGED = "unchanged"
_ALL = "all"  # the value of an amount


class DebitedCard(AnyCardStep):
    """Whose bills. Digits of an account to debit are not taken for an unknown card's."""

    def read(self, talk: FormTurn) -> bool:
        named = {digits for digits in map(last_four, talk.entities("card")) if digits}
        if not named or (not _among(self._cards(talk), named) and _among(accounts_of(talk), named)):
            return False
        return super().read(talk)


class OrderStep(Step):
    """What is wanted: `on`, `off`, another `amount`, another `account`."""

    slot = "order"
    entity = "order"

    def read(self, talk: FormTurn) -> bool:
        named = [str(value) for value in talk.entities("order") if value in _ORDERS]
        if not named:
            return False
        self._wish(talk, named[-1])
        return True

    @staticmethod
    def _wish(talk: FormTurn, order: str) -> None:
        talk.enter("order", order)
        for slot in ("share", "account"):
            if talk[slot] == UNCHANGED:
                talk.enter(slot, None)
        if order == AMOUNT:
            talk.enter("share", None)
        elif order == ACCOUNT:
            talk.enter("account", None)

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return _card_values(talk)


class ShareStep(Step):
    """How much of each bill. Slot: an `AutoDebitAmount` value, or `unchanged`."""

    slot = "share"
    entity = "share"
    shows = ("request_card", "order")

    def read(self, talk: FormTurn) -> bool:
        named = _shares(talk)
        if len(named) != 1:
            return False  # "the full amount or the minimum?" chooses neither
        talk.enter(self.slot, named.pop())
        return True

    def settle(self, talk: FormTurn) -> bool:
        if talk["order"] == OFF or (debit_of(talk).enabled and talk["order"] != AMOUNT):
            talk[self.slot] = UNCHANGED
            return True
        now = debit_of(talk).amount
        if now and len(_shares(talk)) > 1:  # "from the minimum to the full amount": the one that is new is meant
            talk[self.slot] = (_shares(talk) - {now.value}).pop()
            return True
        return False

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return {**_card_values(talk), **debit_values(debit_of(talk))}


class AccountStep(Step):
    """From which of the customer's accounts. Slot: its id, or `unchanged`. Not asked if there is no choice."""

    slot = "account"
    entity = "card"
    shows = ("request_card", "order")

    def read(self, talk: FormTurn) -> bool:
        return talk["request_card"] is not None and self._take(talk)

    def settle(self, talk: FormTurn) -> bool:
        if talk["order"] == OFF or (debit_of(talk).enabled and talk["order"] != ACCOUNT):
            talk[self.slot] = UNCHANGED
            return True
        choices = choices_of(talk)
        if not choices:
            talk.say("utter_autopay_no_account", **_card_values(talk))
            talk.end()
            return True
        if len(choices) == 1:
            talk[self.slot] = choices[0].id
            return True
        # The first message comes before the card is known.
        return "looked_for" not in talk.memo and self._take(talk)

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        rows = [
            {"account_id": each.id, "account_bank": each.bank, "account_last4": each.last4} for each in choices_of(talk)
        ]
        return {**_card_values(talk), "accounts": rows}

    def _take(self, talk: FormTurn) -> bool:
        talk.memo["looked_for"] = True
        ids = talk.entities("account")
        digits = {digits for digits in map(last_four, talk.entities("card")) if digits}
        asked = talk.pending == self.slot and not talk.pressed
        if not ids and not digits and not asked:
            return False
        found = [each for each in accounts_of(talk) if each.id in ids or each.last4 in digits]
        by_bank = [each for each in accounts_of(talk) if asked and each.bank.casefold() in talk.text.casefold()]
        found = found or by_bank
        if len(found) != 1:
            return False
        talk.enter(self.slot, found[0].id)
        return True


class StandingOrder(Step):
    """What is to be set. Slot `offer`: its id, the version that it changes, and the values by which it is named."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        debit, order = debit_of(talk), talk["order"]
        if order != OFF and not debit.enabled and UNCHANGED in (talk["share"], talk["account"]):
            for slot in ("share", "account"):  # it was switched off meanwhile: there is nothing to keep
                talk[slot] = None if talk[slot] == UNCHANGED else talk[slot]
            return True
        account = account_of(talk)
        if order != OFF and talk["account"] != UNCHANGED and account is None:
            talk["account"] = None  # it is gone since
            return True
        if _as_before(talk, debit, account):
            talk.say(
                "utter_autopay_as_before" if debit.enabled else "utter_autopay_is_off",
                **_card_values(talk),
                **debit_values(debit),
            )
            talk.end()
            return True
        kind = OFF if order == OFF else "change" if debit.enabled else ON
        talk[self.slot] = {
            "id": f"{talk['request_card']['id']} {order} {talk['share']} {talk['account']} {debit.version}",
            "version": debit.version,
            "values": {**_card_values(talk), "what": label("autopay_what", kind)},
        }
        return True


class AutopayConfirmation(Confirmation):
    """Shows what will be debited and from where, beside what is now."""

    def summary(self, talk: FormTurn) -> Dict[str, Any]:
        debit, account, on = debit_of(talk), account_of(talk), talk["order"] != OFF
        share = debit.amount if talk["share"] == UNCHANGED else AutoDebitAmount(talk["share"])
        return {
            **debit_values(debit),
            "setting": on,
            "note": label("autopay_note", ON if on else OFF),
            "new_share": label("autopay_amount", share) if on and share else None,
            "new_bank": account.bank if account else debit.account_bank,
            "new_last4": account.last4 if account else debit.account_last4,
            "was": debit.enabled,
            "other_accounts": on and len(accounts_of(talk)) > 1,
        }


class AutopayCode(OneTimeCode):
    """By the contract its subject is the card."""

    def subject(self, talk: FormTurn) -> str:
        return str(talk["request_card"]["id"])


class Setting(Sending):
    """Sets it at the bank, if it still is what the customer saw."""

    def send(self, talk: FormTurn) -> AutoDebit:
        talk.memo.pop("debit", None)
        on = talk["order"] != OFF
        return talk.turn.bank.set_auto_debit(
            talk.turn.customer(),
            talk["request_card"]["id"],
            enabled=on,
            amount=AutoDebitAmount(talk["share"]) if on and talk["share"] != UNCHANGED else None,
            account_id=talk["account"] if on and talk["account"] != UNCHANGED else None,
            version=talk["offer"]["version"],
            proof=talk["proof"],
            idempotency_key=talk["idempotency_key"],
        )

    def receipt(self, filed: AutoDebit) -> str:
        return f"version {filed.version}"

    def tell(self, talk: FormTurn, filed: AutoDebit) -> None:
        talk.say(
            "utter_autopay_set" if filed.enabled else "utter_autopay_switched_off",
            **_card_values(talk),
            **debit_values(filed),
        )


class AutopayRequest(RequestForm):
    """`autopay_form`. Started by `ask_autopay` with the entity `order` (`demands` of the policy)."""

    topic = "autopay"
    needs = SETTING
    instead = ActionAutopay
    steps = (
        DebitedCard(),
        OrderStep(),
        ShareStep(),
        AccountStep(),
        StandingOrder(),
        AutopayConfirmation(),
        AutopayCode(Purpose.SET_AUTO_DEBIT),
        Setting(),
    )


def _shares(talk: FormTurn) -> Set[str]:
    """The parts of a bill that the message names."""
    named = {str(value) for value in talk.entities("share")} & {amount.value for amount in AutoDebitAmount}
    if not named and _ALL in talk.entities("amount"):
        return {AutoDebitAmount.FULL.value}
    return named


def debit_of(talk: FormTurn) -> AutoDebit:
    """The standing order of the request's card, as the bank has it now."""
    card_id = talk["request_card"]["id"]
    if talk.memo.get("debit", (None,))[0] != card_id:
        talk.memo["debit"] = (card_id, talk.turn.bank.auto_debit(talk.turn.customer(), card_id))
    found: AutoDebit = talk.memo["debit"][1]
    return found


def accounts_of(talk: FormTurn) -> List[DebitAccount]:
    """The customer's accounts that may be debited; the contract asks for them by card, and they are the customer's."""
    if "accounts" not in talk.memo:
        cards = talk.memo.get("cards") or []
        card_id = talk["request_card"]["id"] if talk["request_card"] else cards[0].id if cards else None
        customer = talk.turn.customer()
        talk.memo["accounts"] = talk.turn.bank.debit_accounts(customer, card_id) if card_id else []
    found: List[DebitAccount] = talk.memo["accounts"]
    return found


def choices_of(talk: FormTurn) -> List[DebitAccount]:
    """The accounts that would be another choice than the one that is debited now."""
    debit = debit_of(talk)
    now = (debit.account_bank, debit.account_last4) if debit.enabled else None
    return [each for each in accounts_of(talk) if (each.bank, each.last4) != now]


def account_of(talk: FormTurn) -> Optional[DebitAccount]:
    """The account that was chosen; `None` if none was, or it is gone."""
    return next((each for each in accounts_of(talk) if each.id == talk["account"]), None)


def _as_before(talk: FormTurn, debit: AutoDebit, account: Optional[DebitAccount]) -> bool:
    if talk["order"] == OFF or not debit.enabled:
        return talk["order"] == OFF and not debit.enabled
    same_share = talk["share"] in (UNCHANGED, debit.amount.value if debit.amount else None)
    same_account = account is None or (account.bank, account.last4) == (debit.account_bank, debit.account_last4)
    return same_share and same_account


def _among(holders: Any, last4: Any) -> bool:
    return any(each.last4 in last4 for each in holders)


def _card_values(talk: FormTurn) -> Dict[str, Any]:
    card = talk["request_card"] or {}
    return {"last4": card.get("last4"), "card_name": card.get("name"), "request": label("request", talk.topic)}
