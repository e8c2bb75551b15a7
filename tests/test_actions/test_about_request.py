"""“Do I have to sign anything?”, “what does the agreement say?”, “how long does the review take?”"""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from actions.about_request import ActionAboutRequest, ActionThirdParty
from bank.errors import NotEligibleReason
from tests.test_actions.builders import DownBank, StubBank, agreement, not_eligible, running_plan
from tests.test_actions.talk import Said, ask


def said_after(response: str) -> List[Dict[str, Any]]:
    return [{"event": "bot", "text": "", "data": {}, "metadata": {"utter_action": response}}]


def about(asked: str, bank: Any = None, **more: Any) -> Said:
    return ask(ActionAboutRequest, bank or StubBank(agreement_quotes=[agreement()]), entities={"asked": asked}, **more)


AGREEMENT = said_after("utter_first_agreement_term")


@pytest.mark.parametrize(("language", "yes"), [("zh", "要的"), ("en", "Yes")])
def test_an_agreement_is_signed_and_the_bank_says_what_is_agreed(language: str, yes: str) -> None:
    said = about("signing", before=AGREEMENT, language=language)
    assert said.first.startswith(yes)
    assert len(said.rows) >= 3


def test_what_the_agreement_says_is_the_banks() -> None:
    banks = [StubBank(agreement_quotes=[agreement(interest_stops=stops)]) for stops in (True, False)]
    ends, runs = (about("content", bank, before=AGREEMENT) for bank in banks)
    assert ends.rows["利息"] != runs.rows["利息"]


@pytest.mark.parametrize(
    ("bank", "words"),
    [
        (StubBank(agreement_quotes=[agreement(collection_paused=True)]), "催收就会暂停"),
        (StubBank(agreement_quotes=[agreement(collection_paused=False)]), "不一定会暂停"),
        (StubBank(agreement_quotes=not_eligible(NotEligibleReason.NOTHING_DUE)), "由银行审核"),
    ],
)
def test_whether_collection_goes_on_is_the_banks_word(bank: StubBank, words: str) -> None:
    assert words in about("collection", bank).first


def test_a_bank_that_is_down_takes_the_conditions_and_not_the_answer() -> None:
    said = about("signing", DownBank(), before=AGREEMENT)
    assert said.first.startswith("要的")
    assert not said.rows


def test_each_instalment_plan_is_a_contract() -> None:
    assert about("signing", before=said_after("utter_first_term")).responses == ["utter_about_instalment_contract"]


def test_what_was_spoken_of_last_counts() -> None:
    before = [*AGREEMENT, *said_after("utter_instalment_summary")]
    assert about("signing", before=before).responses == ["utter_about_instalment_contract"]


@pytest.mark.parametrize("signed_in", [True, False])
def test_out_of_the_blue_both_contracts_are_named(signed_in: bool) -> None:
    said = about("signing", DownBank(), signed_in=signed_in)
    assert said.responses == ["utter_about_signing"]
    assert "/request_agreement" in said.payloads


def test_how_long_the_bank_takes_is_not_promised() -> None:
    said = about("review", StubBank(applications=[], promises=[], disputes=[]))
    assert said.responses == ["utter_review_time"]
    assert not any(character.isdigit() for character in said.text)


def test_who_has_filed_something_gets_its_state() -> None:
    said = about("review", StubBank(applications=[running_plan()], promises=[], disputes=[]))
    assert said.responses[0] == "utter_application_state"


def test_how_long_it_takes_fails_plainly_with_the_bank() -> None:
    said = about("review", DownBank())
    assert said.responses == ["utter_bank_unavailable"]


@pytest.mark.parametrize(("asked", "response"), [("refused", "utter_about_refusal"), ("papers", "utter_about_papers")])
def test_what_is_the_same_for_every_request(asked: str, response: str) -> None:
    assert about(asked, DownBank(), before=AGREEMENT).responses == [response]


def test_who_waits_for_no_person_asks_about_the_review() -> None:
    assert about("wait", before=said_after("utter_overdue_overdue")).responses == ["utter_review_time"]


@pytest.mark.parametrize(
    ("party", "response"), [("other_person", "utter_own_card_only"), ("agency", "utter_about_agencies")]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_nobody_else_has_a_place_in_it(party: str, response: str, signed_in: bool) -> None:
    said = ask(ActionThirdParty, DownBank(), entities={"party": party}, signed_in=signed_in)
    assert said.responses == [response]
