"""Preferences, contact log, hand-overs, identities in messaging services, the standing order."""

from __future__ import annotations

from datetime import time as clock_time
from datetime import timedelta
from typing import Any

import pytest

from bank.models import (
    AutoDebit,
    AutoDebitAmount,
    ConsentPurpose,
    Contact,
    ContactPreferences,
    HandOver,
    HandOverOutcome,
    HandOverStatus,
    MessagingChannel,
    MessagingIdentity,
    Purpose,
)
from bank.sandbox import bodies, views
from bank.sandbox.preconditions import ANY, IfMatch
from bank.sandbox.service import Bank
from tests.test_bank.ledger_cases import DEMONSTRATION
from tests.test_bank.visitor import TODAY, Clock, Visitor, move, new_key, problem, visitor


def set_preferences(of: Visitor, if_match: IfMatch = ANY, **changes: Any) -> ContactPreferences:
    present = of.bank.contact_preferences(of.customer)
    wanted = bodies.PreferencesRequest.parse_raw(present.copy(update=changes).json())
    return ContactPreferences.parse_raw(of.bank.set_contact_preferences(of.customer, new_key(), wanted, if_match).body)


class TestPreferences:
    def test_who_said_nothing_has_those_of_the_bank_in_the_own_language(self, bank: Bank, chen: Visitor) -> None:
        first = bank.contact_preferences(chen.customer)
        assert first.channels == list(DEMONSTRATION.contact.channels)
        assert (first.reminders, first.night_consent, first.time_zone) == (True, False, "Asia/Shanghai")
        assert (first.language, first.version) == ("zh", 1)
        assert bank.contact_preferences("demo-english").language == "en"

    def test_they_are_replaced_and_stay(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        until = TODAY + timedelta(days=30)
        now = set_preferences(chen, IfMatch(('"1"',)), paused_until=until, reminders=False, language="en")
        assert (now.paused_until, now.reminders, now.language, now.version) == (until, False, "en", 2)
        time.forward(days=1)
        assert bank.contact_preferences(chen.customer) == now
        assert bank.contact_preferences("demo-grace").version == 1

    def test_who_has_not_seen_the_latest_cannot_change_them(self, chen: Visitor) -> None:
        set_preferences(chen)
        found = problem(lambda: set_preferences(chen, IfMatch(('"1"',))))
        assert (found.name, found.status) == ("changed-meanwhile", 412)

    def test_the_night_needs_a_consent_and_ends_with_it(self, chen: Visitor) -> None:
        assert problem(lambda: set_preferences(chen, night_consent=True)).name == "consent-required"
        chen.consent(ConsentPurpose.NIGHT_CONTACT)
        allowed = set_preferences(chen, night_consent=True)
        assert allowed.night_consent
        chen.consent(ConsentPurpose.NIGHT_CONTACT, given=False)
        after = chen.bank.contact_preferences(chen.customer)
        assert (after.night_consent, after.version) == (False, allowed.version + 1)

    def test_hours_must_be_some(self, chen: Visitor) -> None:
        found = problem(lambda: set_preferences(chen, contact_from=clock_time(21), contact_until=clock_time(9)))
        assert found.name == "invalid-request"


class TestContactLog:
    def log(self, of: Visitor, clock: Clock, **changes: Any) -> Contact:
        line = {
            "kind": "reminder",
            "channel": "sms",
            "direction": "out",
            "at": clock.moment.isoformat(),
            "outcome": "sent",
            "rule": "due-2-days",
            **changes,
        }
        answer = of.bank.log_contact(of.customer, new_key(), bodies.ContactRequest.parse_obj(line))
        return Contact.parse_raw(answer.body)

    def test_newest_first_and_from_a_moment_on(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        first = self.log(chen, time)
        time.forward(hours=1)
        second = self.log(chen, time, outcome="answered", direction="in", card_id=chen.card, text_id="t-1")
        assert bank.contacts(chen.customer, None) == [second, first]
        assert bank.contacts(chen.customer, time.moment) == [second]
        assert bank.contacts("demo-grace", None) == []

    def test_a_card_must_be_the_customers(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        theirs = bank.cards("demo-grace")[0].id
        assert problem(lambda: self.log(chen, time, card_id=theirs)).name == "not-found"

    def test_what_is_planned_lies_within_a_year(self, chen: Visitor, time: Clock) -> None:
        soon = (time.moment + timedelta(days=365)).isoformat()
        assert self.log(chen, time, at=soon, outcome="planned").id
        far = (time.moment + timedelta(days=367)).isoformat()
        assert problem(lambda: self.log(chen, time, at=far)).name == "invalid-request"

    def test_the_log_is_kept_for_two_years_and_a_day(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        self.log(chen, time, rule="old")
        time.forward(days=731)
        self.log(chen, time, rule="newer")
        assert [each.rule for each in bank.contacts(chen.customer, None)] == ["newer", "old"]
        time.forward(days=1)
        self.log(chen, time, rule="newest")
        assert [each.rule for each in bank.contacts(chen.customer, None)] == ["newest", "newer"]


class TestHandOvers:
    def hand_over(self, of: Visitor, key: str = "", **changes: Any) -> HandOver:
        wanted = {"conversation_id": "web-1", "reason": "hardship", "priority": "high", "summary": "想少还一些。"}
        request = bodies.HandOverRequest.parse_obj({**wanted, **changes})
        return HandOver.parse_raw(of.bank.hand_over(of.customer, key or new_key(), request).body)

    def close(self, of: Visitor, reference: str) -> HandOver:
        answer = of.bank.close_hand_over(of.customer, reference, new_key(), HandOverOutcome.RESOLVED)
        return HandOver.parse_raw(answer.body)

    def test_it_is_open_until_it_is_closed(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        opened = self.hand_over(chen, card_id=chen.card)
        assert opened.reference == f"HO-{TODAY:%Y%m%d}-0001"
        assert (opened.status, opened.closed_at, opened.card_id) == (HandOverStatus.OPEN, None, chen.card)
        assert bank.desk()["hand_overs"][0]["summary"] == "想少还一些。"
        time.forward(minutes=5)
        closed = self.close(chen, opened.reference)
        assert (closed.status, closed.outcome) == (HandOverStatus.CLOSED, HandOverOutcome.RESOLVED)
        assert closed.closed_at == time.moment
        assert move(lambda: self.close(chen, opened.reference)) == ("closed", "closed")

    def test_nobody_elses(self, bank: Bank, chen: Visitor) -> None:
        opened = self.hand_over(chen)
        assert problem(lambda: self.close(visitor(bank, "demo-grace"), opened.reference)).name == "not-found"
        theirs = bank.cards("demo-grace")[0].id
        assert problem(lambda: self.hand_over(chen, card_id=theirs)).name == "not-found"

    def test_a_repeat_opens_one(self, bank: Bank, chen: Visitor) -> None:
        key = new_key()
        assert self.hand_over(chen, key) == self.hand_over(chen, key)
        assert problem(lambda: self.hand_over(chen, key, priority="urgent")).name == "idempotency-conflict"
        assert len(bank.desk()["hand_overs"]) == 1


class TestIdentities:
    def link(self, of: Visitor, subject: str = "o-1", channel: MessagingChannel = MessagingChannel.WECHAT) -> Any:
        answer = of.bank.link_identity(of.customer, new_key(), channel=channel, account="wx-app", subject=subject)
        return MessagingIdentity.parse_raw(answer.body)

    def find(self, bank: Bank, subject: str = "o-1", account: str = "wx-app") -> str:
        return bank.find_identity(MessagingChannel.WECHAT, account, subject).customer_id

    def test_a_linked_subject_is_found(self, bank: Bank, chen: Visitor) -> None:
        linked = self.link(chen)
        assert self.find(bank) == chen.customer
        assert bank.messaging_identities(chen.customer) == [linked]
        assert problem(lambda: self.find(bank, subject="o-2")).name == "not-found"
        assert problem(lambda: self.find(bank, account="another-app")).name == "not-found"

    def test_another_customer_takes_it_over(self, bank: Bank, chen: Visitor) -> None:
        first = self.link(chen)
        other = visitor(bank, "demo-grace")
        second = self.link(other)
        assert second.id != first.id
        assert self.find(bank) == other.customer
        assert bank.messaging_identities(chen.customer) == []

    def test_it_runs_out(self, bank: Bank, chen: Visitor, time: Clock) -> None:
        linked = self.link(chen)
        days = DEMONSTRATION.messaging.linked_days
        assert days is not None
        assert linked.expires_at == linked.linked_at + timedelta(days=days)
        time.forward(days=days, seconds=-1)
        assert self.find(bank) == chen.customer
        time.forward(seconds=1)
        assert problem(lambda: self.find(bank)).name == "not-found"
        assert bank.messaging_identities(chen.customer) == []

    def test_unlinking_is_the_customers_own_and_says_the_same_again(self, bank: Bank, chen: Visitor) -> None:
        linked, key = self.link(chen), new_key()
        stranger = problem(lambda: bank.unlink_identity("demo-grace", linked.id, new_key()))
        assert stranger.name == "not-found"
        first = bank.unlink_identity(chen.customer, linked.id, key)
        assert (first.status, bank.unlink_identity(chen.customer, linked.id, key)) == (204, first)
        assert problem(lambda: self.find(bank)).name == "not-found"


class TestStandingOrder:
    def set_order(self, of: Visitor, version: int, **values: Any) -> AutoDebit:
        proof = of.prove(of.card, Purpose.SET_AUTO_DEBIT).token
        order = {"enabled": True, "amount": None, "account_id": None, **values}
        answer = of.bank.set_auto_debit(
            of.customer, of.card, new_key(), proof=proof, if_match=IfMatch((f'"{version}"',)), **order
        )
        return AutoDebit.parse_raw(answer.body)

    def present(self, of: Visitor) -> AutoDebit:
        return views.auto_debit(of.bank.card(of.customer, of.card))

    def test_it_is_switched_on_over_and_off(self, chen: Visitor) -> None:
        [account] = chen.bank.debit_accounts(chen.customer, chen.card)
        on = self.set_order(chen, 1, amount=AutoDebitAmount.FULL, account_id=account.id)
        assert (on.enabled, on.amount, on.account_last4) == (True, AutoDebitAmount.FULL, account.last4)
        assert on.next_debit_on is not None
        assert self.present(chen) == on
        over = self.set_order(chen, 2, amount=AutoDebitAmount.MINIMUM)
        assert (over.amount, over.account_last4, over.version) == (AutoDebitAmount.MINIMUM, account.last4, 3)
        off = self.set_order(chen, 3, enabled=False)
        assert (off.enabled, off.amount, off.account_last4, off.next_debit_on) == (False, None, None, None)

    def test_what_is_missing_or_not_the_customers(self, bank: Bank, chen: Visitor) -> None:
        assert problem(lambda: self.set_order(chen, 1, amount=AutoDebitAmount.FULL)).name == "invalid-request"
        theirs = bank.debit_accounts("demo-grace", bank.cards("demo-grace")[0].id)[0].id
        wrong = problem(lambda: self.set_order(chen, 1, amount=AutoDebitAmount.FULL, account_id=theirs))
        assert wrong.name == "not-found"
        assert self.present(chen).version == 1

    def test_who_has_not_seen_the_latest_cannot_change_it(self, chen: Visitor) -> None:
        assert problem(lambda: self.set_order(chen, 2, enabled=False)).name == "changed-meanwhile"

    def test_it_needs_a_code_for_this_card(self, chen: Visitor) -> None:
        filing = chen.prove(chen.card).token  # proves another purpose
        order = {"enabled": False, "amount": None, "account_id": None}
        found = problem(
            lambda: chen.bank.set_auto_debit(
                chen.customer,
                chen.card,
                new_key(),
                proof=filing,
                if_match=ANY,
                **order,  # type: ignore[arg-type]
            )
        )
        assert found.name == "proof-required"

    def test_a_story_that_begins_anew_is_another_version(self, bank: Bank, time: Clock) -> None:
        zhao = visitor(bank, "demo-grace")
        told = self.present(zhao)
        assert told.enabled
        off = self.set_order(zhao, told.version, enabled=False)
        time.forward(days=1)
        again = self.present(zhao)
        assert (again.enabled, again.version) == (True, off.version + 1)
        time.forward(days=1)
        assert self.present(zhao).version == again.version


@pytest.mark.parametrize("customer", ["demo-m1-first", "demo-grace", "demo-two-cards"])
def test_everybody_has_an_account_to_debit(bank: Bank, customer: str) -> None:
    one = visitor(bank, customer)
    accounts = bank.debit_accounts(customer, one.card)
    assert accounts
    assert len({each.id for each in accounts}) == len(accounts)
    order = views.auto_debit(bank.card(customer, one.card))
    if order.enabled:
        assert order.account_last4 in [each.last4 for each in accounts]
