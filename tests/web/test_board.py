"""What the status page says first, and what it lists."""

from dataclasses import replace

import pytest

from probe.model.finding import Severity
from probe.model.name import canonical, display
from probe.model.record import RecordState
from probe.web.board import BoardFilter, cases, listing, resolver_words, verdict, waves
from tests.snapshots import finding, fleet, migration, snapshot

PAGE_SIZE = 100
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def names(query: BoardFilter) -> list[str]:
    return [display(status.domain.name) for status in listing(migration(), query).statuses]


def test_critical_findings_are_the_first_thing_that_is_said() -> None:
    assert verdict(migration())[:2] == ("critical", "4 critical findings on 3 domains")


def test_warnings_are_no_emergency() -> None:
    now = fleet(2)
    warning = replace(migration().domains[3].findings[0], severity=Severity.WARNING)

    told = verdict(replace(now, domains=(now.domains[0]._replace(findings=(warning,)), now.domains[1])))

    assert told[:2] == ("warning", "1 warning on 1 domain")


def test_all_is_calm_when_nothing_is_wrong() -> None:
    assert verdict(fleet(2)) == (
        "calm", "No findings", "2 domains watched, and nothing is wrong that this probe can see.",
    )  # fmt: skip


def test_a_name_that_never_existed_is_calm_and_said_to_be_missing() -> None:
    now = fleet(2)
    missing = now.domains[0]._replace(state=RecordState.ABSENT)

    assert verdict(replace(now, domains=(missing, now.domains[1]))).detail == (
        "2 domains watched, and nothing is wrong that this probe can see. "
        "1 of them does not exist, and never did since it watches."
    )


def test_it_is_not_calm_while_somebody_was_not_observed() -> None:
    waiting = migration().domains[-1]

    assert verdict(snapshot((*fleet(2).domains, waiting)))[:2] == ("info", "Still looking")


def test_a_blind_probe_says_so_before_anything_else() -> None:
    assert verdict(migration(blind=True))[:2] == ("critical", "This probe sees nothing")


@pytest.mark.case("B14")
def test_a_probe_that_is_behind_says_so_before_it_says_anything_else() -> None:
    behind = finding("probe-behind", ".", "The probe is behind.")
    now = replace(migration(blind=True), behind=True, findings=(behind,))

    assert verdict(now) == ("critical", "This probe is behind", "The probe is behind.")


@pytest.mark.case("F4")
def test_a_zone_that_is_not_seen_comes_before_what_is_wrong_with_domains() -> None:
    unseen = finding("probe-blind", ".", "No server of example.com answers.")

    told = verdict(replace(migration(), findings=(unseen,)))

    assert told == ("critical", "This probe does not see every zone", "No server of example.com answers.")


@pytest.mark.case("F11")
def test_servers_that_fail_are_counted_beside_domains() -> None:
    failing = finding("server-failing", "example.com", "ns-1 does not respond.")

    told = verdict(replace(fleet(2), findings=(failing,)))

    assert told == (
        "warning", "1 warning on the servers of 1 zone", "ns-1 does not respond.",
    )  # fmt: skip


def test_domains_with_findings_come_worst_first_and_each_once() -> None:
    found = [(display(case.status.domain.name), case.worst.code, len(case.others)) for case in cases(migration())]

    assert found == [
        ("login.example.com", "outage", 1),
        ("checkout.example.com", "fight-same-owner", 1),
        ("api.example.com", "family-split", 0),
    ]


def test_a_wave_tells_where_its_domains_are_and_what_is_wrong_with_them() -> None:
    first, second, _ = waves(migration())

    assert (first.wave.name, first.total, first.states) == ("wave-1", 3, (("v2", 2), ("absent", 1)))
    assert second.findings == (("critical", 2),)
    assert first.verdict == migration().waves[0]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"q": "CHECK"}, ["checkout.example.com"]),
        ({"q": "cluster-v1"}, ["api.example.com", "billing.example.com"]),
        ({"q": "outage"}, ["login.example.com"]),
        ({"wave": "wave-3"}, ["billing.example.com", "*.apps.example.com"]),
        ({"state": "weighted"}, ["search.example.com"]),
        ({"findings": "1", "wave": "wave-1"}, ["login.example.com"]),
        ({"wave": "no such"}, []),
        ({"q": "<script>"}, ["login.example.com"]),
    ],
)
def test_the_list_is_narrowed_by_all_that_is_asked_for(parameters: dict[str, str], found: list[str]) -> None:
    assert names(BoardFilter.read(parameters)) == found


@pytest.mark.parametrize(
    "text", ["www.shop", "SHOP.example", "edge.shop", "bücher", "BU\u0308CHER.example", "xn--bcher"]
)
def test_a_name_behind_a_proxy_and_one_with_other_letters_are_found_as_users_know_them(text: str) -> None:
    first, second, *rest = fleet(4).domains
    proxied = replace(first.domain, name=canonical("edge.shop.example.com"), proxied=canonical("www.shop.example.com"))
    other = replace(second.domain, name=canonical("xn--bcher-kva.example.com"))
    statuses = (first._replace(domain=proxied), second._replace(domain=other), *rest)

    (found,) = listing(snapshot(statuses), BoardFilter.read({"q": text})).statuses

    assert found.domain in {proxied, other}
    assert ("shop" in text.lower()) == (found.domain is proxied)


def test_without_a_query_everything_is_listed_those_with_findings_first() -> None:
    assert names(BoardFilter())[:4] == [
        "login.example.com",
        "checkout.example.com",
        "api.example.com",
        "www.example.com",
    ]


@pytest.mark.parametrize("page", ["-1", "x", "", "1.5", "٣", "9" * 400])
def test_a_page_that_is_no_number_is_the_first_one(page: str) -> None:
    assert BoardFilter.read({"page": page}).page == 1


def test_a_long_list_comes_in_pages_and_a_page_beyond_its_end_is_the_last_one() -> None:
    now = fleet(2 * PAGE_SIZE + 3)

    last = listing(now, BoardFilter(page=7))

    assert [len(listing(now, BoardFilter(page=page)).statuses) for page in (1, 2, 3)] == [PAGE_SIZE, PAGE_SIZE, 3]
    assert (last.page, last.pages, last.matched) == (3, 3, 2 * PAGE_SIZE + 3)


def test_a_list_has_an_address_and_the_address_gives_the_list() -> None:
    query = BoardFilter("a&b", "wave 1", "v2", findings=True, page=2)

    assert query.url(2) == "/?q=a%26b&wave=wave+1&state=v2&findings=1&page=2"
    assert BoardFilter().url() == "/"


def test_resolvers_are_counted_by_what_they_say() -> None:
    flapping = next(status for status in migration().domains if status.state is RecordState.FLAPPING)

    assert resolver_words(flapping) == [("v2", 1, "google"), ("silent", 1, "google"), ("v1", 1, "quad9")]
    assert resolver_words(migration().domains[-1]) == [("unknown", 2, "google, quad9")]
