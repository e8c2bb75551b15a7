"""Each operation of the contract answers well at the sandbox, and says what the contract says.

The witness holds request and answer of every call against `openapi.yml`, those that lead up to the one at test too.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Callable, Dict, List

import pytest

from bank.errors import ChangedMeanwhile, IdempotencyConflict, IllegalMove, NotFound
from bank.models import (
    AccountState,
    AgreementQuote,
    ApplicationKind,
    ApplicationStatus,
    AutoDebitAmount,
    ConsentPurpose,
    ContactChannel,
    ContactOutcome,
    DisputeStatus,
    DocumentKind,
    HandOverOutcome,
    HandOverStatus,
    IssuedDocumentKind,
    MessagingChannel,
    PlanKind,
    ProjectedPayment,
    PromiseStatus,
    Purpose,
)
from tests.processes import Sandbox
from tests.test_bank.contract import OPERATIONS
from tests.test_bank.teller import Teller, key

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(scope="module")
def teller(own_sandbox: Sandbox) -> Callable[[str], Teller]:
    return lambda customer: Teller(own_sandbox, customer)


Tell = Callable[[str], Teller]


class TestReading:
    def test_capabilities_name_every_operation(self, teller: Tell) -> None:
        told = teller("demo-clear").bank.capabilities()
        assert (told.contract, sorted(told.operations)) == ("1.1", sorted(OPERATIONS))

    @pytest.mark.parametrize("pay", [*ProjectedPayment, Decimal("100.00")])
    def test_a_projection_adds_up_and_paying_more_leaves_less(self, teller: Tell, pay: Any) -> None:
        at = teller("demo-m1-first")
        today = at.bank.overdue(at.customer, at.card.id).as_of
        then = at.bank.projection(at.customer, at.card.id, on=today + timedelta(days=40), pay=pay)
        assert then.principal + then.interest + then.late_fee + then.other_fees == then.total
        assert then.pay == pay
        nothing = at.bank.projection(
            at.customer, at.card.id, on=today + timedelta(days=40), pay=ProjectedPayment.NOTHING
        )
        assert then.total <= nothing.total - then.pays

    def test_a_projection_of_today_with_nothing_paid_is_what_is_owed_today(self, teller: Tell) -> None:
        at = teller("demo-m2")
        owed = at.bank.overdue(at.customer, at.card.id)
        now = at.bank.projection(at.customer, at.card.id, on=owed.as_of, pay=ProjectedPayment.NOTHING)
        assert (now.principal, now.interest, now.late_fee, now.total) == (
            owed.principal,
            owed.interest,
            owed.late_fee,
            owed.total,
        )
        assert (now.state, now.days_past_due, now.remaining_minimum) == (
            owed.state,
            owed.days_past_due,
            owed.remaining_minimum,
        )

    def test_a_plan_that_runs_adds_up_and_can_be_ended_early(self, teller: Tell) -> None:
        at = teller("demo-instalment")
        [plan] = at.bank.plans(at.customer, at.card.id)
        assert (plan.kind, sum(part.principal for part in plan.schedule)) == (PlanKind.INSTALMENT, plan.amount)
        end = at.bank.early_settlement(at.customer, at.card.id, plan.reference)
        assert end.remaining_principal == plan.remaining_principal
        assert end.remaining_principal + end.interest_due + end.fee == end.total
        assert end.interest_due + end.interest_saved == plan.remaining_interest

    def test_a_waiver_is_offered_for_charges_that_are_there(self, teller: Tell) -> None:
        at = teller("demo-m1-partial")
        options = at.bank.waiver_options(at.customer, at.card.id)
        for option in options:
            assert sum(item.amount for item in option.items) == option.amount
        assert options

    def test_an_agreement_fits_what_the_customer_can_pay(self, teller: Tell) -> None:
        at = teller("demo-m4")
        usual = at.bank.agreement_quotes(at.customer, at.card.id)
        assert [quote.terms for quote in usual] == sorted({quote.terms for quote in usual})
        for quote in usual:
            self.adds_up(quote)
        wished = usual[-1].per_term + 1
        [fitting] = at.bank.agreement_quotes(at.customer, at.card.id, monthly=wished)
        self.adds_up(fitting)
        assert max(part.total for part in fitting.schedule) <= wished

    @staticmethod
    def adds_up(quote: AgreementQuote) -> None:
        assert len(quote.schedule) == quote.terms <= 60
        assert sum(part.principal for part in quote.schedule) == quote.balance
        assert sum(part.interest for part in quote.schedule) == quote.total_interest
        assert quote.balance + quote.total_interest == quote.total_cost
        assert sum(item.amount or 0 for item in quote.cost_items if item.certain) == quote.total_interest
        assert quote.schedule[0].due_on == quote.first_due_on

    def test_the_accounts_are_listed_once_each_in_pages_of_any_size(self, teller: Tell) -> None:
        bank = teller("demo-clear").bank
        at_once = bank.accounts().items
        assert bank.accounts().next_cursor is None
        assert [(each.due_date, each.customer_id, each.card_id) for each in at_once] == sorted(
            (each.due_date, each.customer_id, each.card_id) for each in at_once
        )
        found: List[str] = []
        page = bank.accounts(limit=2)
        found += [each.card_id for each in page.items]
        while page.next_cursor:
            page = bank.accounts(limit=2, cursor=page.next_cursor)
            found += [each.card_id for each in page.items]
        assert found == [each.card_id for each in at_once]
        assert [each.card_id for each in bank.all_accounts()] == found

    def test_the_accounts_stand_as_their_customers_cards_do(self, teller: Tell) -> None:
        bank = teller("demo-clear").bank
        listed = bank.accounts(states=[AccountState.OVERDUE, AccountState.IN_GRACE]).items
        assert {each.state for each in listed} == {AccountState.OVERDUE, AccountState.IN_GRACE}
        for each in listed:
            owed = bank.overdue(each.customer_id, each.card_id)
            assert (each.state, each.due_date, each.days_past_due, each.bucket) == (
                owed.state,
                owed.due_date,
                owed.days_past_due,
                owed.bucket,
            )
            assert each.remaining_minimum == owed.remaining_minimum


class TestRequests:
    def test_a_waiver_is_filed_and_granted(self, teller: Tell) -> None:
        at = teller("demo-m1-first")
        option = at.bank.waiver_options(at.customer, at.card.id)[0]
        before = at.bank.overdue(at.customer, at.card.id)
        filed = at.file(ApplicationKind.WAIVER, option.id)
        assert (filed.kind, filed.amount, filed.quote_id) == (ApplicationKind.WAIVER, option.amount, option.id)
        at.at_the_desk(f"/applications/{filed.reference}/decide", approve=True)
        decided = at.bank.application(at.customer, filed.reference)
        assert decided.status is ApplicationStatus.COMPLETED
        assert decided.version > filed.version
        assert at.bank.overdue(at.customer, at.card.id).total == before.total - option.amount

    def test_an_agreement_is_filed_and_runs_with_collection_paused(self, teller: Tell) -> None:
        at = teller("demo-m4")
        quote = at.bank.agreement_quotes(at.customer, at.card.id)[0]
        filed = at.file(ApplicationKind.AGREEMENT, quote.id)
        assert (filed.amount, filed.terms, filed.per_term) == (quote.balance, quote.terms, quote.per_term)
        at.at_the_desk(f"/applications/{filed.reference}/decide", approve=True)
        running = at.bank.application(at.customer, filed.reference)
        assert (running.status, running.collection_paused) == (ApplicationStatus.ACTIVE, True)
        [plan] = at.bank.plans(at.customer, at.card.id)
        assert (plan.kind, plan.reference, plan.amount) == (PlanKind.AGREEMENT, filed.reference, quote.balance)
        listed = [each for each in at.bank.all_accounts() if each.card_id == at.card.id]
        assert all(each.agreement for each in listed)

    def test_an_early_settlement_is_filed_for_what_was_quoted(self, teller: Tell) -> None:
        at = teller("demo-instalment")
        [plan] = at.bank.plans(at.customer, at.card.id)
        end = at.bank.early_settlement(at.customer, at.card.id, plan.reference)
        filed = at.file(ApplicationKind.EARLY_SETTLEMENT, end.id)
        assert (filed.kind, filed.amount) == (ApplicationKind.EARLY_SETTLEMENT, end.total)

    def test_hardship_waits_for_documents_and_goes_back_to_review_with_them(self, teller: Tell) -> None:
        at = teller("demo-m2")
        declared = at.hardship()
        assert (declared.kind, declared.quote_id) == (ApplicationKind.HARDSHIP, None)
        assert declared.amount == at.bank.overdue(at.customer, at.card.id).total
        if declared.status is not ApplicationStatus.NEEDS_DOCUMENTS:
            at.at_the_desk(f"/applications/{declared.reference}/ask", documents=["unemployment"])
        waiting = at.bank.application(at.customer, declared.reference)
        assert waiting.status is ApplicationStatus.NEEDS_DOCUMENTS
        assert DocumentKind.UNEMPLOYMENT in waiting.documents_needed
        document = at.upload()
        sent = at.bank.add_documents(at.customer, declared.reference, document_ids=[document.id], idempotency_key=key())
        assert (sent.status, sent.documents_needed) == (ApplicationStatus.IN_REVIEW, [])
        with pytest.raises(IllegalMove) as caught:
            at.bank.delete_document(at.customer, document.id, idempotency_key=key())
        assert (caught.value.from_state, caught.value.to_state) == ("attached", "deleted")

    def test_a_withdrawal_of_an_older_version_is_refused(self, teller: Tell) -> None:
        at = teller("demo-two-cards")
        declared = at.hardship()
        proof = at.proof(declared.reference, Purpose.WITHDRAW_APPLICATION)
        with pytest.raises(ChangedMeanwhile):
            at.bank.withdraw_application(
                at.customer, declared.reference, proof=proof, idempotency_key=key(), version=declared.version + 5
            )
        gone = at.bank.withdraw_application(
            at.customer, declared.reference, proof=proof, idempotency_key=key(), version=declared.version
        )
        assert gone.status is ApplicationStatus.WITHDRAWN

    def test_documents_are_kept_listed_and_deleted(self, teller: Tell) -> None:
        at = teller("demo-english")
        document = at.upload(PNG, "scan.pdf")
        assert (document.content_type, document.size) == ("image/png", len(PNG))
        assert document.sha256 == hashlib.sha256(PNG).hexdigest()
        assert document in at.bank.documents(at.customer)
        with pytest.raises(NotFound):
            at.of("demo-clear").bank.delete_document("demo-clear", document.id, idempotency_key=key())
        once = key()
        for _ in range(2):
            at.bank.delete_document(at.customer, document.id, idempotency_key=once)
        assert document not in at.bank.documents(at.customer)
        with pytest.raises(NotFound):
            at.bank.delete_document(at.customer, document.id, idempotency_key=key())

    def test_the_newest_consent_of_a_purpose_is_the_first(self, teller: Tell) -> None:
        at = teller("demo-pending")
        at.consent(ConsentPurpose.REMINDERS)
        taken_back = at.consent(ConsentPurpose.REMINDERS, given=False)
        assert at.bank.consents(at.customer)[0] == taken_back

    def test_automatic_debits_are_changed_by_who_has_seen_them(self, teller: Tell) -> None:
        at = teller("demo-due-soon")
        before = at.bank.auto_debit(at.customer, at.card.id)
        changed = at.set_auto_debit()
        assert (changed.enabled, changed.amount) == (True, AutoDebitAmount.FULL)
        assert changed.version > before.version
        assert at.bank.auto_debit(at.customer, at.card.id) == changed
        with pytest.raises(ChangedMeanwhile):
            at.of("demo-grace").set_auto_debit(version=999)

    def test_automatic_debits_are_switched_off(self, teller: Tell) -> None:
        at = teller("demo-disputed")
        assert not at.set_auto_debit(enabled=False, amount=None).enabled

    def test_a_bill_and_a_certificate_are_issued_as_they_were_told(self, teller: Tell) -> None:
        for customer, kind in (
            ("demo-grace", IssuedDocumentKind.STATEMENT),
            ("demo-clear", IssuedDocumentKind.SETTLEMENT_CERTIFICATE),
        ):
            at = teller(customer)
            issued = at.issued(kind)
            content = at.bank.document_content(customer, issued.id)
            assert content.startswith(b"%PDF-")
            assert (len(content), hashlib.sha256(content).hexdigest()) == (issued.size, issued.sha256)
        with pytest.raises(NotFound):
            at.bank.document_content("demo-grace", issued.id)


class TestUndertakings:
    def test_a_promise_is_made_changed_and_withdrawn(self, teller: Tell) -> None:
        at = teller("demo-m1-partial")
        made = at.promise()
        assert (made.status, made.paid) == (PromiseStatus.OPEN, Decimal("0.00"))
        assert made in at.bank.promises(at.customer)
        later = made.pay_on + timedelta(days=1)
        once = key()
        changed = at.bank.change_promise(
            at.customer,
            made.reference,
            amount=made.amount,
            pay_on=later,
            version=made.version,
            idempotency_key=once,
        )
        assert (changed.pay_on, changed.version > made.version) == (later, True)
        # A repeat after a lost answer: the first change has made the version an older one.
        assert changed == at.bank.change_promise(
            at.customer,
            made.reference,
            amount=made.amount,
            pay_on=later,
            version=made.version,
            idempotency_key=once,
        )
        with pytest.raises(ChangedMeanwhile):
            at.bank.withdraw_promise(at.customer, made.reference, idempotency_key=key(), version=made.version)
        gone = at.bank.withdraw_promise(at.customer, made.reference, idempotency_key=key(), version=changed.version)
        assert gone == at.bank.promise(at.customer, made.reference)
        with pytest.raises(IllegalMove) as caught:
            at.bank.withdraw_promise(at.customer, made.reference, idempotency_key=key())
        assert (caught.value.from_state, caught.value.to_state) == ("withdrawn", "withdrawn")

    def test_a_dispute_sets_its_sum_aside_until_it_is_withdrawn(self, teller: Tell) -> None:
        at = teller("demo-grace")
        before = at.bank.overdue(at.customer, at.card.id)
        filed = at.dispute()
        during = at.bank.overdue(at.customer, at.card.id)
        assert during.disputed == before.disputed + filed.amount
        assert during.total < before.total
        assert filed in at.bank.disputes(at.customer)
        gone = at.bank.withdraw_dispute(at.customer, filed.reference, idempotency_key=key(), version=filed.version)
        assert gone == at.bank.dispute(at.customer, filed.reference)
        assert (gone.status, gone.withdrawable) == (DisputeStatus.WITHDRAWN, False)
        assert at.bank.overdue(at.customer, at.card.id).disputed == before.disputed
        with pytest.raises(IllegalMove):
            at.bank.withdraw_dispute(at.customer, filed.reference, idempotency_key=key())


class TestContact:
    def test_preferences_are_replaced_by_who_has_seen_them(self, teller: Tell) -> None:
        at = teller("demo-pending")
        seen = at.bank.contact_preferences(at.customer)
        wanted = seen.copy(update={"channels": [ContactChannel.SMS], "contact_until": time(18, 0), "language": "en"})
        set_now = at.bank.set_contact_preferences(at.customer, wanted, idempotency_key=key())
        assert set_now == wanted.copy(update={"version": set_now.version})
        assert at.bank.contact_preferences(at.customer) == set_now
        with pytest.raises(ChangedMeanwhile):
            at.bank.set_contact_preferences(at.customer, seen, idempotency_key=key())

    def test_contacts_are_logged_and_listed_newest_first(self, teller: Tell) -> None:
        at = teller("demo-two-cards")
        earlier = at.contact(at=datetime.fromisoformat("2026-11-20T09:00:00+08:00"), outcome=ContactOutcome.SENT)
        later = at.contact(card_id=at.card.id, outcome=ContactOutcome.STOPPED, text_id=None)
        assert at.bank.contacts(at.customer)[:2] == [later, earlier]
        since = datetime.fromisoformat("2026-11-21T00:00:00+08:00")
        assert earlier not in at.bank.contacts(at.customer, since=since)

    def test_a_hand_over_is_closed_once(self, teller: Tell) -> None:
        at = teller("demo-m2")
        opened = at.hand_over()
        assert (opened.status, opened.outcome) == (HandOverStatus.OPEN, None)
        closed = at.bank.close_hand_over(
            at.customer, opened.reference, outcome=HandOverOutcome.PASSED_ON, idempotency_key=key()
        )
        assert (closed.status, closed.outcome) == (HandOverStatus.CLOSED, HandOverOutcome.PASSED_ON)
        with pytest.raises(IllegalMove):
            at.bank.close_hand_over(
                at.customer, opened.reference, outcome=HandOverOutcome.RESOLVED, idempotency_key=key()
            )

    def test_a_subject_belongs_to_the_customer_who_linked_it_last(self, teller: Tell) -> None:
        first, second = teller("demo-m1-first"), teller("demo-english")
        subject = f"o-{key()}"
        linked = first.link(subject)
        named = {"channel": MessagingChannel.WECHAT, "account": "wx-app", "subject": subject}
        assert first.bank.find_identity(**named).customer_id == first.customer  # type: ignore[arg-type]
        assert linked in first.bank.messaging_identities(first.customer)
        newer = second.link(subject)
        assert first.bank.find_identity(**named) == newer  # type: ignore[arg-type]
        assert linked not in first.bank.messaging_identities(first.customer)
        second.bank.unlink_identity(second.customer, newer.id, idempotency_key=key())
        with pytest.raises(NotFound):
            first.bank.find_identity(**named)  # type: ignore[arg-type]


class TestKeys:
    """A key stands for one write of one customer."""

    def test_the_same_key_for_another_write_is_refused(self, teller: Tell) -> None:
        at = teller("demo-m4")
        once = key()
        values: Dict[str, Any] = {
            "purpose": ConsentPurpose.REMINDERS,
            "given": True,
            "text_version": "2026-11",
            "language": "zh",
            "idempotency_key": once,
        }
        recorded = at.bank.record_consent(at.customer, **values)
        assert at.bank.record_consent(at.customer, **values) == recorded
        with pytest.raises(IdempotencyConflict):
            at.bank.record_consent(at.customer, **{**values, "given": False})
        with pytest.raises(IdempotencyConflict):
            at.bank.link_identity(
                at.customer, channel=MessagingChannel.WECOM, account="c", subject="s", idempotency_key=once
            )
