"""What the client writes: bodies, versions, files; and the answers that are no JSON object."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any, Dict, List

import pytest
import requests

from bank.calls.capabilities import OPERATIONS as ALL
from bank.calls.documents import LARGEST_DOCUMENT
from bank.client import BankClient
from bank.errors import BankContractBroken, BankError, BankUnavailable, NotAuthorised, NotFound
from bank.exchange import LARGEST_BODY
from bank.models import (
    AccountState,
    ApplicationKind,
    Capabilities,
    ContactPreferences,
    DocumentKind,
    ProjectedPayment,
    ReasonClass,
)
from tests.test_bank.contract import CALLS, CARD, CUSTOMER, KEY, OPERATIONS, PDF, PROMISE, PROOF, REFERENCE
from tests.test_bank.transport import BASE_URL, Answer, Reply, Transport, broken_off, good, problem
from tests.test_bank.witness import form_fields


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bank.exchange.FIRST_PAUSE", 0.0)


class Talk:
    """A client and what it has sent."""

    def __init__(self, operation: str, *answers: Answer) -> None:
        self._transport = Transport().on(OPERATIONS[operation].route, *(answers or [good(operation)]))
        self.bank = BankClient(BASE_URL, "token", session=self._transport.session())

    @property
    def sent(self) -> List[requests.PreparedRequest]:
        return self._transport.requests

    def body(self) -> Any:
        """What was sent last, as JSON."""
        return json.loads(self.sent[-1].body or b"null")

    def query(self) -> str:
        return str(self.sent[-1].url).partition("?")[2]


def preferences(**changes: Any) -> ContactPreferences:
    _, found = OPERATIONS["contact_preferences"].example()
    return ContactPreferences.parse_obj(found).copy(update=changes)


def test_amounts_go_out_as_strings_with_two_decimals_and_days_as_the_contract_writes_them() -> None:
    talk = Talk("make_promise")
    talk.bank.make_promise(CUSTOMER, CARD, amount=Decimal("800"), pay_on=date(2026, 11, 28), idempotency_key=KEY)
    assert talk.body() == {"amount": "800.00", "pay_on": "2026-11-28"}


def test_a_declaration_of_hardship_leaves_out_what_the_customer_did_not_say() -> None:
    talk = Talk("file_application")
    talk.bank.declare_hardship(
        CUSTOMER, card_id=CARD, reason=ReasonClass.ILLNESS, consent_id="cs-1", proof=PROOF, idempotency_key=KEY
    )
    assert talk.body() == {
        "kind": "hardship",
        "card_id": CARD,
        "reason": "illness",
        "consent_id": "cs-1",
        "document_ids": [],
        "proof": PROOF,
    }


@pytest.mark.parametrize("kind", [kind for kind in ApplicationKind if kind is not ApplicationKind.HARDSHIP])
def test_files_whatever_was_quoted_by_the_id_of_the_quote(kind: ApplicationKind) -> None:
    talk = Talk("file_application")
    talk.bank.file_application(
        CUSTOMER, kind=kind, card_id=CARD, quote_id="x-1", reason=None, proof=PROOF, idempotency_key=KEY
    )
    assert talk.body() == {"kind": kind.value, "card_id": CARD, "quote_id": "x-1", "proof": PROOF}


@pytest.mark.parametrize("name", [name for name in CALLS if OPERATIONS[name].method == "PUT"])
def test_a_change_names_the_version_that_was_read(name: str) -> None:
    talk = Talk(name)
    CALLS[name](talk.bank)
    assert talk.sent[-1].headers["If-Match"] in ('"1"', '"3"')


def test_a_withdrawal_names_a_version_only_if_it_is_given_one() -> None:
    talk = Talk("withdraw_application")
    talk.bank.withdraw_application(CUSTOMER, REFERENCE, proof=PROOF, idempotency_key=KEY)
    talk.bank.withdraw_application(CUSTOMER, REFERENCE, proof=PROOF, idempotency_key=KEY, version=7)
    assert [request.headers.get("If-Match") for request in talk.sent] == [None, '"7"']


def test_a_withdrawal_without_content_has_no_body() -> None:
    talk = Talk("withdraw_promise")
    talk.bank.withdraw_promise(CUSTOMER, PROMISE, idempotency_key=KEY)
    assert not talk.sent[-1].body
    assert "Content-Type" not in talk.sent[-1].headers


def test_preferences_are_sent_whole_with_their_version_as_the_condition() -> None:
    talk = Talk("set_contact_preferences")
    changed = preferences(contact_until=time(18, 0), paused_until=date(2026, 12, 31))
    talk.bank.set_contact_preferences(CUSTOMER, changed, idempotency_key=KEY)
    assert talk.sent[-1].headers["If-Match"] == '"3"'
    assert talk.body() == {
        "channels": ["wechat", "sms"],
        "reminders": True,
        "contact_from": "09:00",
        "contact_until": "18:00",
        "time_zone": "Asia/Shanghai",
        "night_consent": False,
        "language": "zh",
        "paused_until": "2026-12-31",
    }


@pytest.mark.parametrize("bad", ["9:00", "24:00", "09:60", "09:00:30", 900, None, True])
def test_a_time_of_day_is_an_hour_and_a_minute(bad: object) -> None:
    _, found = OPERATIONS["contact_preferences"].example()
    with pytest.raises(BankContractBroken, match="contact_from"):
        Talk("contact_preferences", Reply(200, {**found, "contact_from": bad})).bank.contact_preferences(CUSTOMER)


@pytest.mark.parametrize(
    ("pay", "written"),
    [
        (ProjectedPayment.NOTHING, "nothing"),
        (ProjectedPayment.FULL, "full"),
        (Decimal("1000"), "1000.00"),
    ],
)
def test_asks_for_a_projection_by_what_would_be_paid(pay: Any, written: str) -> None:
    talk = Talk("projection")
    talk.bank.projection(CUSTOMER, CARD, on=date(2026, 12, 24), pay=pay)
    assert talk.query() == f"on=2026-12-24&pay={written}"


@pytest.mark.parametrize(("given", "read"), [("minimum", ProjectedPayment.MINIMUM), ("1000.00", Decimal("1000.00"))])
def test_reads_back_what_a_projection_assumes(given: str, read: Any) -> None:
    _, found = OPERATIONS["projection"].example()
    talk = Talk("projection", Reply(200, {**found, "pay": given}))
    then = talk.bank.projection(CUSTOMER, CARD, on=date(2026, 12, 24), pay=read)
    assert then.pay == read
    assert type(then.pay) is type(read)


def test_a_moment_goes_out_with_its_offset() -> None:
    talk = Talk("contacts")
    talk.bank.contacts(CUSTOMER, since=datetime(2026, 11, 1, tzinfo=timezone.utc))
    assert talk.query() == "since=2026-11-01T00%3A00%3A00%2B00%3A00"


def test_only_true_says_that_nothing_else_is_charged() -> None:
    _, body = OPERATIONS["instalment_quotes"].example()
    for value in (False, 1, "true", None):
        answer = Reply(200, {"items": [{**body["items"][0], "nothing_else_charged": value}]})
        with pytest.raises(BankContractBroken, match="nothing_else_charged"):
            Talk("instalment_quotes", answer).bank.instalment_quotes(CUSTOMER, CARD, amount=Decimal(7200), terms=3)


@pytest.mark.parametrize("operations", [[1, 2], [None], "cards", [True]])
def test_a_list_of_words_has_words_in_it(operations: object) -> None:
    with pytest.raises(BankContractBroken, match="operations"):
        Talk("capabilities", Reply(200, {"contract": "1.1", "operations": operations})).bank.capabilities()


class TestFiles:
    CONTENT = b"\xff\xd8\xff\xe0 a picture \x00\r\n--not the boundary\r\n\xfe"

    def upload(self, talk: Talk, file_name: str = "诊断书.jpg") -> Any:
        return talk.bank.upload_document(
            CUSTOMER,
            kind=DocumentKind.DIAGNOSIS,
            file_name=file_name,
            content=self.CONTENT,
            content_type="image/jpeg",
            consent_id="cs-3b90",
            idempotency_key=KEY,
        )

    def test_go_out_as_a_form_byte_for_byte(self) -> None:
        talk = Talk("upload_document")
        assert self.upload(talk).id == "doc-7a11c9"
        [request] = talk.sent
        assert str(request.headers["Content-Type"]).startswith("multipart/form-data; boundary=")
        assert isinstance(request.body, bytes)
        fields = form_fields(request.body.decode("latin-1"))
        assert fields.pop("file").encode("latin-1") == self.CONTENT
        assert fields == {"kind": "diagnosis", "consent_id": "cs-3b90"}
        assert 'filename="诊断书.jpg"\r\nContent-Type: image/jpeg'.encode() in request.body

    def test_a_file_name_cannot_break_out_of_its_header(self) -> None:
        talk = Talk("upload_document")
        self.upload(talk, 'a"\r\nX-Admin: 1\r\n\r\n.jpg')
        [request] = talk.sent
        assert isinstance(request.body, bytes)
        assert b"\r\nX-Admin" not in request.body
        assert set(form_fields(request.body.decode("latin-1"))) == {"kind", "consent_id", "file"}

    def test_are_sent_again_with_the_same_boundary(self) -> None:
        talk = Talk("upload_document", broken_off(), good("upload_document"))
        self.upload(talk)
        first, second = talk.sent
        assert first.body == second.body
        assert first.headers["Content-Type"] == second.headers["Content-Type"]

    def test_what_they_hold_is_neither_logged_nor_told_in_errors(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(BankError) as caught:
            self.upload(Talk("upload_document", problem(500, "internal", detail="诊断书.jpg")))
        for secret in ("诊断书", "a picture", "cs-3b90"):
            assert secret not in caplog.text + str(caught.value)

    def test_come_as_the_bytes_that_the_bank_sent(self) -> None:
        talk = Talk("document_content", Reply(200, PDF, content_type="application/pdf"))
        assert talk.bank.document_content(CUSTOMER, "isd-20b7") == PDF
        assert talk.sent[-1].headers["Accept"] == "application/pdf, application/problem+json"

    def test_may_be_larger_than_other_answers_but_not_endless(self) -> None:
        large = PDF + b" " * LARGEST_BODY
        talk = Talk("document_content", Reply(200, large, content_type="application/pdf"))
        assert talk.bank.document_content(CUSTOMER, "isd-20b7") == large
        endless = Reply(200, b" " * (LARGEST_DOCUMENT + 1), content_type="application/pdf")
        with pytest.raises(BankContractBroken):
            Talk("document_content", endless).bank.document_content(CUSTOMER, "isd-20b7")

    @pytest.mark.parametrize(
        "answer",
        [
            Reply(200, b"<html>sign in</html>", content_type="text/html"),
            Reply(200, {"id": "isd-20b7"}),
            Reply(204, b"", content_type=""),
            Reply(206, PDF, content_type="application/pdf"),
        ],
        ids=lambda reply: f"{reply.status} {reply.content_type}",
    )
    def test_what_is_no_pdf_is_refused(self, answer: Reply) -> None:
        with pytest.raises(BankContractBroken):
            Talk("document_content", answer).bank.document_content(CUSTOMER, "isd-20b7")

    def test_an_expired_document_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            Talk("document_content", problem(404, "not-found")).bank.document_content(CUSTOMER, "isd-20b7")


class TestDeleting:
    @pytest.mark.parametrize("name", ["delete_document", "unlink_identity"])
    def test_is_done_when_the_bank_answers_without_content(self, name: str) -> None:
        talk = Talk(name)
        CALLS[name](talk.bank)
        assert talk.sent[-1].method == "DELETE"
        assert talk.sent[-1].headers["Idempotency-Key"] == KEY

    @pytest.mark.parametrize("answer", [Reply(200, {}), Reply(204, b"{}"), Reply(302, b"")], ids=lambda r: r.status)
    def test_another_answer_is_no_yes(self, answer: Reply) -> None:
        with pytest.raises(BankContractBroken):
            CALLS["delete_document"](Talk("delete_document", answer).bank)

    def test_is_repeated_with_its_key_so_that_a_lost_answer_is_not_taken_for_not_found(self) -> None:
        talk = Talk("delete_document", broken_off(), good("delete_document"))
        CALLS["delete_document"](talk.bank)
        assert [request.headers["Idempotency-Key"] for request in talk.sent] == [KEY, KEY]


class TestCapabilities:
    def test_are_those_that_the_bank_names(self) -> None:
        told = Talk("capabilities").bank.capabilities()
        assert told.offers("overdue")
        assert not told.offers("make_promise")

    @pytest.mark.parametrize(
        "answer",
        [
            Reply(404, b"<html>not found</html>", content_type="text/html"),
            problem(404, "not-found"),
            Reply(405, b"", content_type="text/plain"),
            Reply(501, b"", content_type="text/plain"),
            problem(501, "not-offered"),
        ],
        ids=lambda reply: f"{reply.status} {reply.content_type}",
    )
    def test_of_a_bank_that_does_not_say_may_be_all(self, answer: Reply) -> None:
        told = Talk("capabilities", answer).bank.capabilities()
        assert told == Capabilities(contract="1.0", operations=list(ALL))

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (problem(401, "unauthorised"), NotAuthorised),
            (problem(503, "unavailable"), BankUnavailable),
            (Reply(200, b"<html>", content_type="text/html"), BankContractBroken),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_are_not_guessed_when_something_is_wrong(self, answer: Reply, error: Any) -> None:
        with pytest.raises(error):
            Talk("capabilities", answer).bank.capabilities()


class TestAccounts:
    ACCOUNT: Dict[str, Any] = OPERATIONS["accounts"].example()[1]["items"][0]

    def page(self, *cards: str, cursor: Any = None) -> Reply:
        return Reply(200, {"items": [{**self.ACCOUNT, "card_id": card} for card in cards], "next_cursor": cursor})

    def test_are_asked_for_by_state_and_due_date(self) -> None:
        talk = Talk("accounts")
        CALLS["accounts"](talk.bank)
        assert talk.query() == "state=in_grace&state=overdue&due_from=2026-11-01&due_to=2026-11-30&limit=2"

    def test_are_read_page_after_page_each_by_the_cursor_of_the_one_before(self) -> None:
        talk = Talk("accounts", self.page("k-1", "k-2", cursor="A"), self.page("k-3", cursor="B"), self.page("k-4"))
        found = [account.card_id for account in talk.bank.all_accounts(states=[AccountState.OVERDUE])]
        assert found == ["k-1", "k-2", "k-3", "k-4"]
        queries = [str(request.url).partition("?")[2] for request in talk.sent]
        assert queries == ["state=overdue", "state=overdue&cursor=A", "state=overdue&cursor=B"]

    def test_a_page_is_asked_for_only_when_it_is_needed(self) -> None:
        talk = Talk("accounts", self.page("k-1", cursor="A"), self.page("k-2"))
        accounts = talk.bank.all_accounts()
        assert next(accounts).card_id == "k-1"
        assert len(talk.sent) == 1

    def test_a_bank_that_leads_in_circles_is_noticed(self) -> None:
        talk = Talk(
            "accounts", self.page("k-1", cursor="A"), self.page("k-2", cursor="B"), self.page("k-3", cursor="A")
        )
        with pytest.raises(BankContractBroken, match="cursor"):
            list(talk.bank.all_accounts())

    def test_an_empty_page_in_between_is_not_the_end(self) -> None:
        talk = Talk("accounts", self.page(cursor="A"), self.page("k-9"))
        assert [account.card_id for account in talk.bank.all_accounts()] == ["k-9"]
