"""The pages, as a browser gets them."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.clock import Instant
from probe.model.effect import FindingRaised
from probe.model.ownership import TxtOwner
from probe.model.plan import Expectation, Step
from probe.model.record import Position, RecordState
from probe.model.snapshot import Snapshot
from probe.web.board import BoardFilter
from probe.web.history import History
from probe.web.pages import Pages
from tests.snapshots import HOSTILE, NOW, calm, domain, fleet, migration, snapshot, txt, with_other_view, with_witnesses
from tests.web.markup import Page
from tests.web.ports import Far, get

if TYPE_CHECKING:
    from probe.model.domain import DomainStatus

STATIC = Path(__file__).parents[2] / "probe" / "web" / "static"
ALL_PAGES = ["/", *(f"/domains/{status.domain.name.rstrip('.')}" for status in migration().domains)]


def page(path: str = "/", far: Far | None = None) -> Page:
    response = get(path, far)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


def rows(of: Page) -> list[str]:
    return [href for link in of.all("a") if (href := link.get("href") or "").startswith("/domains/")]


@pytest.mark.parametrize("path", ALL_PAGES)
def test_every_page_is_well_formed(path: str) -> None:
    assert page(path).faults == []


@pytest.mark.parametrize("of", [snapshot(()), fleet(1), migration(blind=True, reload_error=HOSTILE)])
def test_the_status_page_is_well_formed_whatever_there_is_to_show(of: object) -> None:
    far = Far()
    far.snapshot = of  # type: ignore[assignment]  # parametrize hides the type

    assert page("/", far).faults == []


@pytest.mark.parametrize("path", ALL_PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(path: str) -> None:
    of = page(path)

    loaded = [*(one.get("src") for one in of.all("script")), *(one.get("href") for one in of.all("link"))]
    assert len(loaded) == 3
    assert all(one is not None and one.startswith("/static/") for one in loaded)
    assert of.all("style") == []
    assert not any(name == "style" or name.startswith("on") for _, attributes in of.elements for name in attributes)


@pytest.mark.parametrize("name", ["style.css", "live.js", "icon-alarm.svg"])
def test_what_a_page_loads_is_served_for_ever_under_a_name_of_its_content(name: str) -> None:
    of = page()
    stem, suffix = name.split(".")
    loaded = [one.get("src") or one.get("href") or "" for tag in ("script", "link") for one in of.all(tag)]
    (path,) = [one for one in loaded if one.startswith(f"/static/{stem}-") and one.endswith(f".{suffix}")]

    response = get(path)

    assert response.content == (STATIC / name).read_bytes()
    assert response.headers["content-type"].split(";")[0] in {"text/css", "text/javascript", "image/svg+xml"}
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize("path", ["/static/style.css", "/static/..%2fapp.py", "/static/nothing-0.css"])
def test_only_the_pages_own_files_are_served(path: str) -> None:
    assert get(path).status_code == 404


def test_style_and_script_name_no_other_host() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "")


@pytest.mark.parametrize("path", ["/", "/domains/login.example.com"])
def test_hostile_txt_is_text_and_nothing_else(path: str) -> None:
    response = get(path)
    of = Page(response.text)

    assert "<script>alert" not in response.text
    assert HOSTILE in of.text
    assert "49" not in of.text.replace("49 s", "")
    assert len(of.all("script")) == 1


def test_a_hostile_owner_cannot_leave_its_attribute() -> None:
    of = page("/domains/login.example.com")

    titles = [one["title"] for one in of.all("code") if "title" in one]
    assert f"{HOSTILE}-0" in titles
    assert not {"onmouseover", "onerror"} & {name for _, attributes in of.elements for name in attributes}


def test_a_plan_that_failed_to_load_is_said_with_its_error_as_text() -> None:
    of = page("/", Far(snapshot=migration(reload_error=f"plan.yaml:7:3: {HOSTILE}")))

    assert f"The newest plan was not loaded, the one before stays in force: plan.yaml:7:3: {HOSTILE}" in of.text


def test_a_web_configuration_that_cannot_be_used_is_said_with_its_error_as_text() -> None:
    now = migration(reload_error=f"web.yaml:1:1: {HOSTILE}")

    of = page("/", Far(snapshot=replace(migration(), web_reload=now.reload)))

    assert (
        f"The newest web configuration was not loaded, the one before stays in force: web.yaml:1:1: {HOSTILE}"
        in of.text
    )


def test_a_blind_vantage_says_that_nothing_is_current() -> None:
    assert "This probe sees nothing" in page("/", Far(snapshot=migration(blind=True))).text
    assert "This probe sees nothing" not in page().text


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_findings_stand_above_the_board_critical_first() -> None:
    text = page().text

    text = text[text.index("What is wrong, and what to do") :]
    order = [text.index(word) for word in ("outage", "stale-owner", "fight-same-owner", "default-owner", "wave-1")]
    assert order == sorted(order)
    first, then = CATALOGUE["outage"].first, CATALOGUE["outage"].then
    assert text.index(
        f"Do: {first.sentence} {_flat(first.command)} {then} Beat It comes round every 60 s"
    ) < text.index("wave-1")


def test_a_plan_without_findings_says_so() -> None:
    of = page("/", Far(snapshot=fleet(2)))

    assert "No findings 2 domains watched, and nothing is wrong that this probe can see." in of.text
    assert "What is wrong" not in of.text


def test_waves_stand_in_the_plans_order_with_their_expectation_and_where_their_domains_are() -> None:
    text = page().text
    board = text[text.index("Where its domains are") : text.index("Domains Name, owner or finding")]

    assert (
        board.index("wave-1 3 domains v2") < board.index("wave-2 4 domains moving") < board.index("wave-3 2 domains v1")
    )
    assert "2 v2 1 absent 1 critical" in board


def test_a_wave_says_what_is_expected_next_and_when() -> None:
    now = migration()
    first = replace(now.plan.waves[0], upcoming=Step(NOW.wall + 600, Expectation.V1))

    text = page("/", Far(snapshot=replace(now, plan=replace(now.plan, waves=(first, *now.plan.waves[1:]))))).text

    assert "v1 from 2027-01-15 10:10:00 UTC , in 10 min" in text.replace("UTC,", "UTC ,")


def test_a_wave_says_how_many_of_its_domains_are_confirmed_and_when_all_are() -> None:
    now = migration()
    first, *others = now.waves
    on_its_way = replace(now, waves=(first._replace(held=590.0), *others))
    confirmed = replace(now, waves=(first._replace(confirmed=True), *others))

    assert "held 9 min 50 s of 30 min" in page("/", Far(snapshot=on_its_way)).text
    assert "1 critical confirmed" in page("/", Far(snapshot=confirmed)).text


def test_in_the_list_the_domain_with_the_worst_finding_stands_first() -> None:
    of = page()
    ids = [attributes["id"] for name, attributes in of.elements if name == "tr" and "id" in attributes]

    assert ids[:4] == [
        "row-login.example.com", "row-checkout.example.com", "row-api.example.com", "row-www.example.com",
    ]  # fmt: skip


def test_the_list_is_narrowed_by_the_address_of_the_page_and_the_form_says_so() -> None:
    of = page("/?q=cluster-v1&wave=wave-3&findings=")
    ids = [attributes["id"] for name, attributes in of.elements if name == "tr" and "id" in attributes]

    assert ids == ["row-billing.example.com"]
    assert "1 domain of 9. Show all" in of.text
    (search,) = [one for one in of.all("input") if one.get("type") == "search"]
    assert search["value"] == "cluster-v1"
    assert [one for one in of.all("option") if "selected" in one] == [{"selected": None}]


def test_what_is_searched_for_is_text_and_nothing_else() -> None:
    response = get("/", params={"q": f'"><script>alert(2)</script>{HOSTILE}', "wave": "'><b>", "state": "<i>"})

    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert Page(response.text).faults == []
    assert "No domain is like that." in Page(response.text).text


def test_a_long_list_comes_in_pages_that_lead_to_each_other() -> None:
    of = page("/?page=2&q=app", Far(snapshot=fleet(250)))

    assert "Page 2 of 3." in of.text
    links = {one.get("rel"): one["href"] for one in of.all("a") if one.get("rel") in {"prev", "next"}}
    assert links == {"prev": "/?q=app#domains", "next": "/?q=app&page=3#domains"}


def test_a_plan_in_which_everything_is_wrong_shows_a_dozen_domains_in_full_and_counts_the_rest() -> None:
    now = fleet(60)
    found = migration().domains[3].findings
    far = Far(snapshot=replace(now, domains=tuple(status._replace(findings=found) for status in now.domains)))

    of = page("/", far)

    assert len([one for one in of.all("article") if (one.get("id") or "").startswith("case-")]) == 12
    assert "and 48 more domains with findings" in of.text


def test_every_domain_of_the_board_leads_to_its_page() -> None:
    for href in set(rows(page())):
        assert get(href).status_code == 200


def test_a_and_aaaa_are_shown_apart() -> None:
    assert "divided A v2 AAAA v1" in page().text


def test_every_state_is_a_word_and_a_shape_beside_its_colour() -> None:
    of = page()
    shapes = {one["id"] for one in of.all("symbol")}
    used = {(one.get("href") or "").removeprefix("#") for one in of.all("use")}

    assert used <= shapes
    assert {f"i-{state.value}" for state in RecordState} <= shapes
    assert {"i-v1", "i-v2", "i-flapping", "i-divided", "i-absent", "i-weighted", "i-propagating", "i-unknown"} <= used


def test_the_probe_tells_of_itself() -> None:
    text = page().text

    for words in ("running for 2 h", "newest pass 9 s ago", "4 ms · 31 ms", "3120 queries", "17 timeout, 2 servfail"):
        assert words in text
    assert "ns-13.awsdns-13.org. does not answer." in text


def test_the_newest_transitions_come_first_and_reversals_are_marked() -> None:
    text = page().text
    strip = text[text.index("Newest changes") :]

    assert strip.startswith("Newest changes 09:59:40 checkout.example.com A v1 → v2 back")
    assert strip.index("09:59:40") < strip.index("09:58:25 login.example.com A v2 → absent")


def test_a_page_without_script_loads_itself_again() -> None:
    refreshes = [one for one in page().all("meta") if one.get("http-equiv") == "refresh"]

    assert refreshes == [{"http-equiv": "refresh", "content": "15"}]


def test_a_domain_page_tells_each_servers_answer_silence_and_since_when() -> None:
    text = page("/domains/api.example.com").text

    assert "ns-13.awsdns-13.org 192.0.2.13 v2 25 min 203.0.113.20 203.0.113.21 timeout, 4 in a row" in text
    assert "AAAA v1 for 60 min · 0 transitions, 0 back" in text
    assert "A is v2 and AAAA is v1; two families on different sides make a domain divided." in text


def test_a_domain_page_tells_owners_resolvers_and_evidence() -> None:
    text = page("/domains/checkout.example.com").text

    assert "a-checkout.example.com default ingress/shop/checkout" in text
    assert "quad9 9.9.9.9 AAAA v1 15 min 31 s in one of 2 caches seen late by 09:59:15" in text
    assert "google 2001:4860:4860::8888 A v2 15 min 31 s converged timeout" in text
    assert "09:00:12 ns-11 answers v2" in text
    entry = CATALOGUE["fight-same-owner"]
    assert f"Do: {entry.first.sentence} {_flat(entry.first.command)} {entry.then}" in text


def test_a_domain_page_counts_down_to_the_end_of_v1_and_tells_what_resolvers_hold() -> None:
    text = page("/domains/www.example.com").text

    assert "In 20 s, at 2027-01-15 10:00:20 UTC, no cache that obeys TTLs will lead to v1." in text
    assert "1 resolver answers or holds v1 until 2027-01-15 10:00:19 UTC at the latest." in text


def test_a_domain_page_says_how_each_resolver_stands_and_how_changes_arrived() -> None:
    assert "late by 09:59:15" in page("/domains/checkout.example.com").text
    assert "A v1 to v2 2027-01-15 09:35:00 UTC after 28 s after 110 s" in page("/domains/api.example.com").text


def test_a_domain_that_was_not_observed_yet_has_a_page_that_says_so() -> None:
    text = page("/domains/*.apps.example.com").text

    assert "Not observed yet." in text
    assert "nothing yet" in text


def test_a_domain_that_is_not_in_the_plan_is_a_page_for_a_browser() -> None:
    response = get("/domains/<b>.example.com", headers={"accept": "text/html,*/*"})

    assert response.status_code == 404
    assert "<b>" not in response.text
    of = Page(response.text)
    assert of.faults == []
    assert "<b>.example.com is not a domain of the plan." in of.text


def test_a_txt_name_with_no_owner_and_many_strings_is_shown_whole_on_the_domain_page() -> None:
    status: DomainStatus = calm(domain("www.example.com", "wave-1", Expectation.V2), Position.V2)
    values = tuple(f'"string {number}"' for number in range(40))
    far = Far(
        snapshot=snapshot((status._replace(txts=(txt("a-www.example.com", TxtOwner("x", None), values=values),)),))
    )

    text = page("/domains/www.example.com", far).text

    assert "40 strings" in text
    assert '"string 39"' in text


def test_many_readers_of_one_second_share_a_page_and_the_next_second_has_its_own() -> None:
    pages = Pages(History())
    first, second = fleet(1), fleet(2)

    def read(of: Snapshot, seconds: float, query: BoardFilter) -> str:
        at = Instant(NOW.wall + seconds, NOW.monotonic + seconds)
        return pages.status(lambda: replace(of, at=at), at, query, "1")

    page_of_first = read(first, 0.0, BoardFilter())

    assert read(second, 0.9, BoardFilter()) is page_of_first
    assert "app-1.example.com" in read(second, 0.9, BoardFilter(text="app-1"))
    assert "app-1.example.com" in read(second, 1.0, BoardFilter())


@pytest.mark.parametrize(
    ("path", "snapshots"),
    [("/", 0), ("/-/healthy", 0), ("/metrics", 0), ("/static/none", 0), ("/domains/app-0.example.com", 1)],
)
def test_a_request_makes_no_snapshot_of_ten_thousand_domains_that_nobody_looks_at(path: str, snapshots: int) -> None:
    far = Far(snapshot=fleet(2))
    app = far.app()

    async def ask(path: str) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe.test") as client:
            await client.get(path)

    asyncio.run(ask("/"))
    before = far.snapshots_made
    asyncio.run(ask(path))

    assert far.snapshots_made - before == snapshots


def test_a_fights_beat_says_who_holds_the_record_and_when_it_changes_next() -> None:
    text = page("/domains/checkout.example.com").text

    assert "The beat of the fight record A one cycle 2 min" in text
    assert "held by v2 60 s at a time, 50 %" in text.replace("\xa0", " ")
    assert "next change 10:00:40 , in 40 s" in text.replace("10:00:40,", "10:00:40 ,")


def test_a_domain_page_shows_the_rule_that_decided_with_its_numbers() -> None:
    of = page("/domains/api.example.com")

    assert len([one for one in of.all("li") if one.get("class") == "applied"]) == 2
    assert "servers must agree before a change is believed." in of.text


def test_a_domain_page_has_a_strip_for_itself_each_record_server_and_resolver() -> None:
    of = page("/domains/checkout.example.com")

    strips = [one["aria-label"] for one in of.all("svg") if one.get("class") == "strip"]
    assert len(strips) == 1 + 2 * (1 + 4) + 6
    assert strips[1] == "confirmed: v2 from 09:59:40; 7 changes shown"


@pytest.mark.parametrize(
    ("minutes", "shown"), [("15", "15 min ago"), ("360", "6 h ago"), ("x", "15 min ago"), ("7", "15 min ago")]
)
def test_how_much_of_the_past_is_shown_can_be_chosen(minutes: str, shown: str) -> None:
    assert shown in page(f"/domains/checkout.example.com?minutes={minutes}").text


def test_a_domain_page_tells_what_happened_to_it() -> None:
    far = Far()
    (status,) = [one for one in far.snapshot.domains if one.domain.name == "login.example.com."]
    far.history.observe(FindingRaised(status.findings[0], NOW))

    text = page("/domains/login.example.com", far).text

    assert f"What happened 10:00:00 outage (critical) NXDOMAIN at all four servers; the TXT says {HOSTILE}." in text


def test_every_page_has_one_heading_of_the_first_level_and_marks_to_jump_to() -> None:
    for path in ALL_PAGES:
        of = page(path)
        assert len(of.all("h1")) == len(of.all("main")) == len(of.all("header")) == 1
        headings = [int(tag[1]) for tag, _ in of.elements if tag in {"h1", "h2", "h3"}]
        assert all(after - before <= 1 for before, after in pairwise(headings))
        assert of.all("a")[0]["href"] == "#main"
        for one in (*of.all("section"), *of.all("nav")):
            assert "aria-labelledby" in one or "aria-label" in one or "verdict" in (one.get("class") or "")


def test_a_domain_page_shows_both_sides_https_beside_each_other_with_hostile_text_as_text() -> None:
    of = page("/domains/cart.example.com")
    assert of.faults == []
    assert "v1 up" in of.text
    assert "v2 down" in of.text
    assert "name-mismatch" in of.text
    assert "until 2027-01-25 08:00:00 UTC" in of.text
    assert "x-cluster: v1" in of.text
    assert len(of.all("script")) == len(page("/domains/search.example.com").all("script"))


def test_a_domain_page_says_whether_v1_may_go_and_why_not() -> None:
    of = page("/domains/blog.example.com")
    assert of.faults == []
    assert "Delete v1's Ingress? no" in of.text
    assert "Stop v1's ExternalDNS." in of.text
    assert "To be deleted once v1's ExternalDNS is gone: cname-blog.example.com" in of.text
    assert "nothing that can be seen speaks against it" in page("/domains/www.example.com").text
    assert "Delete v1's Ingress?" not in page("/domains/billing.example.com").text


@pytest.mark.case("E5")
def test_the_list_says_why_a_domain_does_not_hold_and_its_own_page_says_it_in_a_table() -> None:
    listed = " ".join(page("/").text.split())
    assert "does not hold: authoritative" in listed
    assert "answers v1 for A, and an owner reads" in listed
    own = " ".join(page("/domains/checkout.example.com").text.split())
    assert "Confirmed? does not hold" in own
    assert "does not hold:" not in own


def test_the_chain_says_of_each_link_whether_it_has_what_is_expected_and_how_old_that_is() -> None:
    name = "checkout.example.com"
    response = get(f"/domains/{name}", Far(snapshot=with_witnesses(migration(), name)))
    of = Page(response.text)
    assert of.faults == []
    assert "<script>alert" not in response.text
    text = of.text
    assert 'wanted no Both clusters want it, and both ExternalDNS have the owner id "default". 20 s ago' in text
    assert "written not known A leads to 198.51.100.10 and AAAA leads to " in text
    assert "40 s ago" in text
    assert "served no It is flapping." in text


def test_without_witnesses_the_chain_does_not_nag() -> None:
    text = page("/domains/www.example.com").text
    assert "wanted not watched written not watched served yes It leads to v2." in text
    assert "reached not watched" in text


def test_a_witness_that_cannot_be_read_is_said_on_every_page_with_its_error_as_text() -> None:
    dead = replace(migration().witnesses[0], error=f"The cluster says {HOSTILE}.")
    for path in ("/", "/domains/login.example.com", "/waves/wave-2"):
        of = page(path, Far(snapshot=replace(migration(), witnesses=(dead,))))
        assert f"The witness kubernetes-v1 cannot be read. The cluster says {HOSTILE}. It was read last" in of.text


def test_a_cluster_that_may_not_be_watched_says_so_with_the_probe_and_raises_no_banner() -> None:
    polled = replace(migration().witnesses[1], watched=False, unwatched=f"It may not be watched {HOSTILE}.")
    of = page("/", Far(snapshot=replace(migration(), witnesses=(polled,))))
    assert f"It may not be watched {HOSTILE}." in of.text
    assert "cannot be read" not in of.text


def test_witnesses_and_the_hosts_that_the_plan_lacks_stand_with_the_probe() -> None:
    of = page()
    assert "route53 not known since the start" in " ".join(of.text.split())
    assert "The plan lacks 6 hosts that kubernetes-v2 wants: new-0.example.com," in of.text
    assert "`httproutes` was not read: it may not be listed (403)." in of.text
    without = page("/", Far(snapshot=replace(migration(), witnesses=())))
    assert "Witness beside DNS" not in without.text


def test_both_views_of_a_name_stand_side_by_side_with_a_sentence_where_they_differ() -> None:
    name = "www.example.com"
    of = page(f"/domains/{name}", Far(snapshot=with_other_view(migration(), name, Position.V1)))
    assert of.faults == []
    assert (
        "Public and private They differ: the public one leads to v2, and the private one leads to v1. Which one a "
        'client gets depends on the resolver that it asks. public v2 Judged at its servers; owner "cluster-v2".'
    ) in of.text
    assert f'private v1 vpc answers so, out of its cache; owner "{HOSTILE}". 25 s ago' in of.text
    assert "Public and private" not in page(f"/domains/{name}").text
