"""The report in a real Chromium, opened as the file that somebody sends around."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from probe.model.check import CheckOutcome
from probe.report.render import to_html
from tests.real import require
from tests.report.reports import held, lost, report
from tests.snapshots import HOSTILE

pytestmark = pytest.mark.real

HANG = 120_000.0
"""Milliseconds without what is waited for after which a page counts as hanging, on however busy a machine."""
expect.set_options(timeout=HANG)

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=HANG)
        yield browser
        browser.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_report_is_whole_quiet_and_fits(chromium: Browser, tmp_path: Path, size: dict[str, int]) -> None:
    file = tmp_path / "sign-off.html"
    file.write_text(to_html(report(held(), lost(), outcome=CheckOutcome.FAIL)), encoding="utf-8")
    context = chromium.new_context(viewport=size, color_scheme="dark")  # type: ignore[arg-type]  # both sizes have both
    page = context.new_page()
    page.set_default_timeout(HANG)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign-off: wave-1")
    expect(page.locator("svg.timeline")).to_have_count(2)
    expect(page.locator("section.domain").nth(1)).to_contain_text(f"broken by {HOSTILE}")
    page.get_by_text("Answers at the end").first.click()
    expect(page.get_by_role("cell", name="ns-11.awsdns-11.com").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # Chromium looks for a favicon of pages from a server only: a file asks for nothing but itself.
    assert asked == [file.as_uri()]
    assert said == []
    context.close()
