"""No page has a fault that axe finds: light, dark and on a phone. What it cannot find is in test_real_browser.

axe-core stands unchanged beside its licence (MPL 2.0) in tests/web/data; it is no part of what is installed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from probe.model.check import Check, CheckOutcome
from probe.model.effect import FindingRaised
from probe.model.name import canonical
from probe.model.record import Position
from tests.real import require
from tests.snapshots import NOW, finding, migration, with_other_view, with_witnesses
from tests.web.ports import Far
from tests.web.test_real_browser import HANG, PHONE, visiting

pytestmark = pytest.mark.real

AXE = (Path(__file__).parent / "data" / "axe.min.js").read_text(encoding="utf-8")
RULES = "axe.run(document, {resultTypes: ['violations']})"

DOMAIN, SPLIT = "checkout.example.com", "www.example.com"
PATHS = (
    "/",
    f"/domains/{DOMAIN}",
    "/domains/login.example.com",
    f"/domains/{SPLIT}",
    "/waves/wave-1",
    "/waves/wave-2",
    "/nowhere",
    f"/domains/{DOMAIN}/events",
)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
}

SCREENS = 10
"""Screens of a phone that a domain's page may take, of 740 px: the answer, what to do in its order with its
commands (a fight has half a screen of them), and a line for each question."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=HANG)
        yield browser
        browser.close()


def busy() -> Far:
    """A migration in trouble, with more events than are shown at once, witnesses of its fight, and a private view."""
    far = Far(
        with_other_view(with_witnesses(migration(), DOMAIN), SPLIT, Position.V1),
        checks=(Check("ttl", DOMAIN, CheckOutcome.FAIL, "It is 86400 s.", "Lower it."),),
    )
    for number in range(40):
        far.history.observe(FindingRaised(finding("outage", canonical(DOMAIN), f"Outage {number}."), NOW))
    return far


@pytest.mark.case("E7")
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(chromium: Browser, look: str) -> None:
    with visiting(chromium, busy(), failing=True, bypass_csp=True, **LOOKS[look]) as page:
        for path in PATHS:
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            page.evaluate(AXE)
            found = page.evaluate(RULES)["violations"]
            assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_both_views_of_a_name_are_among_what_axe_sees(chromium: Browser) -> None:
    with visiting(chromium, busy()) as page:
        page.goto(f"/domains/{SPLIT}")
        assert page.get_by_role("region", name="Public and private").get_by_role("listitem").count() == 2


@pytest.mark.case("E7")
def test_axe_would_find_something(chromium: Browser) -> None:
    with visiting(chromium, busy(), bypass_csp=True) as page:
        page.goto("/")
        page.evaluate("document.querySelector('h1').setAttribute('role', 'status')")
        page.evaluate(AXE)
        assert "aria-allowed-role" in [one["id"] for one in page.evaluate(RULES)["violations"]]


@pytest.mark.case("E7")
@pytest.mark.parametrize("name", [DOMAIN, "login.example.com", "search.example.com"])
def test_a_domains_page_is_short_on_a_phone(chromium: Browser, name: str) -> None:
    with visiting(chromium, busy(), viewport=PHONE, has_touch=True) as page:
        page.goto(f"/domains/{name}")
        assert page.evaluate("document.documentElement.scrollHeight") <= SCREENS * PHONE["height"]
