"""Papers from a phone and a desktop: chosen, refused, sent, taken back, and filed with a declaration of hardship."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest
from playwright.sync_api import expect

from bank.client import BankClient
from bank.models import ApplicationKind
from tests.browser.chat import DESKTOP, PHONE
from tests.browser.conftest import OpenBrowser
from tests.browser.journeys import Talk

pytestmark = pytest.mark.usefixtures("requests_refused_afterwards")

PDF = b"%PDF-1.7\nended\n%%EOF"


@pytest.mark.parametrize(
    ("language", "size", "customer"),
    [("zh", PHONE, "demo-m2"), ("en", DESKTOP, "demo-english")],
    ids=["zh-phone", "en-desktop"],
)
def test_a_declaration_with_a_paper(
    browser: OpenBrowser, bank_api: BankClient, tmp_path: Path, language: str, size: Dict[str, Any], customer: str
) -> None:
    visitor = browser(size, outages=True).sign_in(customer, language).open_chat()  # a refused file is a failed request
    talk = Talk(visitor, language, customer, bank_api)
    page = visitor.page
    talk(zh="失业了，实在还不上", en="I lost my job and cannot pay")
    talk.press(zh="说明困难情况", en="Declare hardship")
    visitor.press(talk.word(zh="我同意", en="I agree"))  # what comes names file formats and their largest size

    place = page.locator(".upload:not(.closed)")
    (tmp_path / "notes.pdf").write_bytes(b"just text")
    (tmp_path / "end.pdf").write_bytes(PDF)
    files = place.locator(".file")

    place.locator("input[type=file]").set_input_files(tmp_path / "notes.pdf")
    refused = talk.word(zh="只能收 PDF、JPEG 或 PNG", en="Only PDF, JPEG and PNG")
    expect(files.first).to_contain_text(refused)
    expect(place.locator("[role=status]")).to_contain_text(refused)
    files.first.get_by_role("button", name=talk.word(zh="删除", en="Remove")).click()
    expect(files).to_have_count(0)

    with page.expect_file_chooser() as chooser:  # the button beside the text leads to the same place
        page.locator(".attach").click()
    chooser.value.set_files(tmp_path / "end.pdf")
    expect(files.first).to_contain_text("1 KB")
    (sent, *_) = bank_api.documents(customer)
    assert sent.size == len(PDF)
    assert visitor.layout_problems() == []

    page.reload()  # what has come is still there
    visitor.open_chat()
    expect(files).to_have_count(1)
    files.first.get_by_role("button", name=talk.word(zh="删除", en="Remove")).click()
    expect(files).to_have_count(0)
    assert sent.id not in [each.id for each in bank_api.documents(customer)]

    place.get_by_role("button", name=talk.word(zh="用别的设备上传", en="Use another device")).click()
    address = place.locator(".upload-link input").input_value()
    other = visitor.context.new_page()
    other.goto(address)
    other.locator("input[type=file]").set_input_files(tmp_path / "end.pdf")
    expect(other.locator(".file").first).to_contain_text("1 KB")
    other.close()

    summary = visitor.press(talk.word(zh="传好了，继续", en="Done, go on"))
    assert "end.pdf" in summary
    visitor.press(talk.word(zh="确认提交", en="Yes, file it"))
    talk.enter_code()
    (filed,) = talk.open_requests
    assert filed.kind is ApplicationKind.HARDSHIP


def test_a_file_outside_of_a_request_is_not_sent_and_its_use_is_explained(
    browser: OpenBrowser, bank_api: BankClient
) -> None:
    visitor = browser(PHONE).sign_in("demo-m4").open_chat()
    visitor.ask("你能做什么")  # the customer wrote in another language in another test, perhaps
    before = visitor.page.locator("li.user").count()
    visitor.page.locator(".attach").click()
    answer = visitor.await_answer(before + 1)
    assert "材料可以用来说明还款困难" in answer
    assert bank_api.documents("demo-m4") == []


def test_a_visitor_has_no_button_for_files(browser: OpenBrowser) -> None:
    visitor = browser(PHONE).visit("/").open_chat()
    expect(visitor.page.locator(".attach")).to_be_hidden()
