"""The conversation itself."""

from __future__ import annotations

from tests.dialogue.harness import Assistant


def test_the_language_follows_the_customer(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    assert "违约金" in talk("违约金怎么算的")
    assert "Late fee" in talk("how is the late fee calculated")
    assert "违约金" in talk("违约金到底怎么算的")


def test_a_button_keeps_the_language_of_the_conversation(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    talk("how much do I owe")
    assert "Ways to pay" in talk.press("How to pay")


def test_the_language_that_was_asked_for_holds_for_buttons(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    assert talk("能用英文吗").responses == ["utter_language_changed"]
    assert "English" in talk.last
    assert "To pay now" in talk("/ask_amount_due")


def test_says_it_again(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    first = talk("/ask_late_fee")
    again = talk("没听清，再说一遍")
    assert (again.text, again.titles) == (first.text, first.titles)


def test_starting_over_forgets_the_card(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-two-cards")
    talk('/ask_due_date{"card": "9520"}')
    assert talk.tracker.get_slot("card") == "9520"
    assert talk("重新开始").responses == ["utter_start_over"]
    assert talk.tracker.get_slot("card") is None


def test_an_expired_sign_in_ends_what_is_shown(assistant: Assistant) -> None:
    talk = assistant.conversation("demo-m1-first")
    assert "¥" in talk("/ask_amount_due")
    talk.identity_expired = True
    assert talk("/ask_amount_due").responses == ["utter_sign_in_expired"]
    assert "¥" not in talk.last
    talk.identity_expired = False
    assert "¥" in talk("/ask_amount_due")
