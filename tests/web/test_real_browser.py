"""The pages in a real Chromium, as people see, hear and steer them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.effect import FindingRaised
from probe.model.name import canonical
from probe.model.ownership import TxtOwner
from probe.model.plan import Expectation
from probe.model.record import Position
from probe.model.snapshot import Snapshot
from probe.web.app import create_app
from probe.web.web_server import WebServer
from tests.real import require
from tests.snapshots import NOW, calm, domain, finding, fleet, migration, snapshot, txt
from tests.web.ports import Far

pytestmark = pytest.mark.real

HANG = 120_000.0
"""Milliseconds without what is waited for after which a page counts as hanging, on however busy a machine; one that
passes never waits for this."""
expect.set_options(timeout=HANG)

PHONE = {"width": 360, "height": 740}
HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"' onmouseover='document.title=1' x=\"",
    "\u202e\u2066reversed\u2069 \u200b\ufeff zero width",
    "{{ 7*7 }} ${7*7} <!-- --> ]]> &lt;b&gt;",
    "W" * 5_000,
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests: each has a context of its own in it."""
    path = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=HANG)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, far: Far, *, failing: bool = False, **context: Any) -> Iterator[Page]:
    """A page at a probe. What its console says, or its policy forbids, fails the test; not requests meant to fail."""
    application = create_app(far.ports())
    server = WebServer(application.app, "127.0.0.1", 0, ending=application.close)
    host, port = server.start()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if not (failing and message.text.startswith("Failed to load resource")):
            complaints.append(message.text)

    opened = browser.new_context(base_url=f"http://{host}:{port}", **context)
    try:
        page = opened.new_page()
        page.set_default_timeout(HANG)
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    finally:
        opened.close()
        server.stop()
    assert complaints == []


def later(of: Snapshot, seconds: float = 5.0) -> Snapshot:
    return replace(of, at=NOW._replace(wall=NOW.wall + seconds, monotonic=NOW.monotonic + seconds))


def news(far: Far, of: Snapshot) -> None:
    """Something happens, and the probe tells of it."""
    far.snapshot = later(of)
    far.history.observe(FindingRaised(finding("outage", "login.example.com.", "It is gone."), NOW))


def test_an_open_page_is_told_of_news_and_shows_it(chromium: Browser) -> None:
    far = Far(snapshot=fleet(2))
    with visiting(chromium, far) as page:
        page.goto("/")
        expect(page.locator("h1")).to_have_text("No findings")
        expect(page.locator("#pulse-words")).to_have_text("live")
        calm_icon = page.locator("#icon").get_attribute("href")

        news(far, migration())

        expect(page.locator("h1")).to_have_text("4 critical findings on 3 domains")
        do = f"Do: {CATALOGUE['fight-same-owner'].first.sentence}"
        expect(page.locator("[id='case-checkout.example.com']")).to_contain_text(do)
        expect(page).to_have_title("(4) 4 critical findings on 3 domains · eu-central-1 · Cutover Probe")
        assert page.locator("#icon").get_attribute("href") != calm_icon


def test_news_disturb_nobody_who_reads_types_or_holds_something_open(chromium: Browser) -> None:
    far = Far()
    with visiting(chromium, far) as page:
        page.goto("/")
        page.locator("summary").first.click()
        search = page.get_by_role("searchbox")
        search.press_sequentially("check")
        expect(page.locator("#part-list")).to_contain_text("1 domain of 9.")

        news(far, replace(migration(), domains=tuple(reversed(migration().domains))))

        expect(page.locator("#part-where time")).to_have_text("2027-01-15 10:00:05 UTC")
        expect(search).to_be_focused()
        expect(search).to_have_value("check")
        expect(page.locator("details[open]")).to_have_count(1)
        expect(page.locator("#part-list tbody tr")).to_have_count(1)
        page.reload()
        expect(page.get_by_role("searchbox")).to_have_value("check")


def test_a_probe_that_does_not_answer_any_more_is_said_to_and_its_return_too(chromium: Browser) -> None:
    with visiting(chromium, Far(), failing=True) as page:
        page.goto("/")
        expect(page.locator("#pulse-words")).to_have_text("live")
        page.route("**/*", lambda route: route.fulfill(status=502, body="no"))
        page.evaluate("document.getElementById('filter').requestSubmit()")
        expect(page.locator("#stale")).to_be_visible()
        page.unroute("**/*")
        page.evaluate("document.getElementById('filter').requestSubmit()")
        expect(page.locator("#stale")).to_be_hidden()


def test_without_script_everything_is_there_and_the_list_is_narrowed_by_its_form(chromium: Browser) -> None:
    with visiting(chromium, Far(), java_script_enabled=False) as page:
        page.goto("/")
        expect(page.locator("h1")).to_have_text("4 critical findings on 3 domains")
        expect(page.locator("#pulse")).to_be_hidden()
        page.get_by_role("combobox", name="State").select_option("weighted")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#part-list tbody tr")).to_have_count(1)
        page.get_by_role("link", name="search.example.com").first.click()
        expect(page.locator("h1")).to_contain_text("search.example.com")


def test_with_script_the_list_follows_every_choice_at_once(chromium: Browser) -> None:
    with visiting(chromium, Far()) as page:
        page.goto("/")
        rows = page.locator("#part-list tbody tr")
        expect(rows).to_have_count(9)
        page.get_by_label("only with findings").check()
        expect(rows).to_have_count(3)
        page.get_by_role("combobox", name="Wave").select_option("wave-1")
        expect(rows).to_have_count(1)
        assert page.url.endswith("/?wave=wave-1&findings=1")


def test_everything_is_reached_by_keyboard_and_what_has_the_focus_is_seen(chromium: Browser) -> None:
    with visiting(chromium, Far()) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]  # it is visible
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("Tab")
        for _ in range(60):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("api")
        expect(page.locator("#part-list tbody tr")).to_have_count(1)


def test_the_page_has_landmarks_and_names_for_those_who_hear_it(chromium: Browser) -> None:
    with visiting(chromium, Far()) as page:
        page.goto("/")
        for role in ("banner", "main", "search"):
            expect(page.get_by_role(role)).to_have_count(1)
        for name in ("What is wrong, and what to do", "Waves", "Domains", "Newest changes", "The probe"):
            expect(page.get_by_role("region", name=name, exact=True)).to_have_count(1)
        strips = page.get_by_role("img", name="A: v2 from 09:59:40; 7 changes shown")
        assert strips.count() >= 1
        assert page.evaluate("[...document.querySelectorAll('input, select')].every(one => one.labels.length)")


@pytest.mark.parametrize("path", ["/", "/domains/checkout.example.com", "/domains/login.example.com"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(chromium: Browser, path: str, scheme: str) -> None:
    with visiting(chromium, Far(), viewport=PHONE, color_scheme=scheme, has_touch=True) as page:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < PHONE["height"] / 2  # the answer is on the first screen


def test_dark_is_dark_and_light_is_light(chromium: Browser) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        with visiting(chromium, Far(), color_scheme=scheme) as page:
            page.goto("/")
            grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(244, 246, 248)", "dark": "rgb(14, 19, 27)"}


def test_nothing_moves_for_who_asked_for_that(chromium: Browser) -> None:
    for motion, name in (("no-preference", "beat"), ("reduce", "none")):
        with visiting(chromium, Far(), reduced_motion=motion) as page:
            page.goto("/")
            assert page.evaluate("getComputedStyle(document.querySelector('.dot')).animationName") == name


@pytest.mark.parametrize("path", ["/", "/?q=%3Cscript%3E", "/domains/www.example.com"])
def test_hostile_contents_are_text_and_nothing_else(chromium: Browser, path: str) -> None:
    name = canonical("www.example.com")
    owners = tuple(TxtOwner(text, text) for text in HOSTILE)
    status = calm(domain(name, "wave-1", Expectation.V2), Position.V2)._replace(
        txts=(txt(f"a-{name}", *owners, values=HOSTILE),),
        sentence=HOSTILE[0],
        findings=(replace(finding("outage", name, HOSTILE[1]), evidence=HOSTILE, remedy=HOSTILE[2]),),
    )
    with visiting(chromium, Far(snapshot=snapshot((status,))), viewport=PHONE) as page:
        page.goto(path)
        for summary in page.locator("summary").all():
            if summary.locator("..").get_attribute("open") is None:
                summary.click()
        expect(page.locator("script")).to_have_count(1)
        expect(page.locator("main img, main [onmouseover], main [onerror]")).to_have_count(0)
        assert "owned" not in page.title()
        assert HOSTILE[4] in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
