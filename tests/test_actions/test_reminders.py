"""“Remind me”, “nobody reminded me”: how it stands."""

from __future__ import annotations

from actions.reminders import ActionReminders
from bank.calls.capabilities import OPERATIONS
from bank.models import Capabilities
from tests.test_actions.builders import StubBank, preferences
from tests.test_actions.talk import ask


def test_shows_where_notices_go_and_the_date() -> None:
    said = ask(ActionReminders, StubBank("due"))
    assert said.rows["银行登记的手机号"] == "138****5678"
    assert said.rows["最后还款日"] == "11月27日 周五"


def test_shows_how_the_customer_is_contacted_and_offers_to_change_it() -> None:
    bank = StubBank("due", contact_preferences=preferences(channels=["email"], reminders=False))
    said = ask(ActionReminders, bank)
    assert (said.rows["邮件"], said.rows["还款提醒"], said.rows["联系时间"]) == ("用", "关", "09:00–21:00")
    assert "改联系方式" in said.titles


def test_a_bank_that_does_not_take_it_is_not_said_to() -> None:
    offered = [each for each in OPERATIONS if each != "set_contact_preferences"]
    said = ask(ActionReminders, StubBank("due", capabilities=Capabilities(contract="1.1", operations=offered)))
    assert "还不能设置或关闭" in said.first
    assert "改联系方式" not in said.titles
    assert "还款提醒" not in said.rows
