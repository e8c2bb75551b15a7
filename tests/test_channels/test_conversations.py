"""Names of conversations: stable, unguessable, and of use to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from channels.conversations import Conversations

names = Conversations("secret")


def test_customer_has_the_same_conversation_on_every_device() -> None:
    assert names.of_customer("demo-m2") == Conversations("secret").of_customer("demo-m2")
    assert names.of_customer("demo-m2") != names.of_customer("demo-m4")
    assert names.of_customer("demo-m2").startswith("web-")


def test_conversation_hides_the_customer_and_depends_on_the_secret() -> None:
    assert "demo-m2" not in names.of_customer("demo-m2")
    assert names.of_customer("demo-m2") != Conversations("other").of_customer("demo-m2")


def test_session_that_we_issued_leads_to_one_conversation_and_hides_itself() -> None:
    session_id = names.new_session()
    conversation_id = names.of_session(session_id)
    assert conversation_id == names.of_session(session_id)
    assert conversation_id != names.of_session(names.new_session())
    assert session_id.split(".")[0] not in str(conversation_id)


@pytest.mark.parametrize(
    "made_up",
    [None, 5, {}, "", ".", "abc", "abc.def", "x" * 500, names.of_customer("demo-m2"), "é.é", "\ud800.a"],
    ids=repr,
)
def test_session_that_we_did_not_issue_leads_nowhere(made_up: Any) -> None:
    assert names.of_session(made_up) is None


def test_session_issued_with_another_secret_or_changed_leads_nowhere() -> None:
    assert names.of_session(Conversations("other").new_session()) is None
    nonce, tag = names.new_session().split(".")
    assert names.of_session(f"{nonce}x.{tag}") is None


def test_customer_id_that_looks_like_a_session_does_not_reach_that_session() -> None:
    session_id = names.new_session()
    nonce = session_id.split(".")[0]
    assert names.of_session(session_id) not in (names.of_customer(nonce), names.of_customer(session_id))


def test_fingerprint_tells_conversations_apart_and_is_no_session() -> None:
    ours, theirs = (names.fingerprint(names.of_customer(customer)) for customer in ("demo-m2", "demo-m4"))
    assert ours != theirs
    assert names.of_session(ours) is None
