"""Everything that keeps an ExternalDNS from a host by its filters is told at once, and with it changed, it writes."""

from dataclasses import replace

import pytest

from probe.judge.ownership.filters import Bar, Barred, SeenZone, bars, let_through, why_barred
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName, canonical

ZONE = canonical("example.com")
SEEN = SeenZone(ZONE)
HOST = canonical("app.shop.example.com")


def filtered(*names: str, exclude: tuple[str, ...] = (), matches: bool | None = None) -> ExternalDns:
    return ExternalDns(
        domain_filter=tuple(map(DomainName, names)),
        exclude_domains=tuple(map(DomainName, exclude)),
        zone_match_parent=matches,
    )


CASES = [
    (filtered(), ()),
    (filtered("example.com."), ()),
    (filtered("com."), ()),
    (filtered("shop.example.com.", matches=True), ()),
    (filtered("shop.example.com."), (Bar.ZONE_ABOVE,)),
    (filtered("shop.example.com.", "example.com."), ()),
    (filtered("web.example.com."), (Bar.FILTER, Bar.ZONE_ABOVE)),
    (filtered("web.example.com.", matches=True), (Bar.FILTER,)),
    (filtered("example.org.", matches=True), (Bar.FILTER,)),
    (filtered(".example.com.", matches=True), (Bar.DOTTED,)),
    (filtered(".shop.example.com.", matches=True), (Bar.DOTTED,)),
    (filtered(".shop.example.com."), (Bar.DOTTED, Bar.ZONE_ABOVE)),
    (filtered(exclude=("shop.example.com.",)), (Bar.EXCLUDED,)),
    (filtered(exclude=("other.example.com.",)), ()),
    (filtered("web.example.com.", exclude=("shop.example.com.",), matches=True), (Bar.FILTER, Bar.EXCLUDED)),
]


@pytest.mark.parametrize(("setup", "expected"), CASES)
def test_what_bars_a_host(setup: ExternalDns, expected: tuple[Bar, ...]) -> None:
    assert tuple(one.by for one in bars(setup, HOST, SEEN)) == expected


@pytest.mark.parametrize("setup", [setup for setup, expected in CASES if expected])
def test_a_host_is_written_once_all_that_bars_it_is_changed(setup: ExternalDns) -> None:
    found = {one.by: one.names for one in bars(setup, HOST, SEEN)}
    names = setup.domain_filter
    if Bar.FILTER in found:
        names = (*names, HOST)
    if Bar.DOTTED in found:
        names = tuple(DomainName(one.removeprefix(".")) for one in names)
    changed = replace(
        setup,
        domain_filter=names,
        exclude_domains=tuple(one for one in setup.exclude_domains if one not in found.get(Bar.EXCLUDED, ())),
        zone_match_parent=True if Bar.ZONE_ABOVE in found else setup.zone_match_parent,
    )
    assert changed.sees(HOST)
    assert changed.enters(ZONE)


def test_a_zone_that_is_not_known_keeps_nothing_out() -> None:
    assert bars(filtered("shop.example.com."), HOST, None) == ()
    assert [one.by for one in bars(filtered("web.example.com."), HOST, None)] == [Bar.FILTER]


def test_a_host_that_is_its_own_zone_is_let_in_by_its_name() -> None:
    assert bars(filtered("app.shop.example.com."), HOST, SeenZone(HOST)) == ()
    assert [one.by for one in bars(filtered("web.example.com."), HOST, SeenZone(HOST))] == [Bar.FILTER]


@pytest.mark.parametrize("ids", [("Z2",), ("/hostedzone/Z2", "Z3")])
def test_a_zone_whose_id_the_filter_lacks_is_not_entered_where_the_id_is_known(ids: tuple[str, ...]) -> None:
    setup = ExternalDns(zone_id_filter=ids)
    (barred,) = bars(setup, HOST, SeenZone(ZONE, "Z1"))
    assert why_barred("v2's ExternalDNS", (barred,)) == (
        f"v2's ExternalDNS does not enter its hosted zone Z1, by --zone-id-filter={','.join(ids)}"
    )
    assert let_through("v2", (barred,)) == "Add Z1 to --zone-id-filter of v2's ExternalDNS"
    for zone in (SeenZone(ZONE, "Z2"), SeenZone(ZONE), None):
        assert bars(setup, HOST, zone) == ()


def test_several_flags_are_told_together_and_changed_together() -> None:
    both = bars(filtered("web.example.com.", exclude=("shop.example.com.",)), HOST, SEEN)
    assert why_barred("v2's ExternalDNS", both) == (
        "v2's ExternalDNS does not see it, by --domain-filter=web.example.com and --exclude-domains=shop.example.com"
    )
    assert let_through("v2", both) == (
        "Add what is named here to --domain-filter of v2's ExternalDNS, and take shop.example.com out of "
        "--exclude-domains of v2's ExternalDNS, and give v2's ExternalDNS --aws-zone-match-parent (v0.14.1 or later)"
    )
    dots = "Take the dots before the names in --domain-filter of v1's ExternalDNS away"
    assert let_through("v1", (Barred(Bar.DOTTED),)) == dots
