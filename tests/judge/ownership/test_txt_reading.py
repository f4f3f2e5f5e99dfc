"""Which TXT decides for which ExternalDNS, and what a TXT name has said over time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.naming import TxtNames
from probe.externaldns.registry import InstanceRegistry
from probe.externaldns.version import Version, dialect
from probe.judge.ownership.lookup import Shape, deciding, fallbacks, reading_orders
from probe.judge.ownership.txt_history import (
    came_and_went,
    has_claimed,
    owner_since,
    owners_told,
    readings,
    resources_told,
)
from probe.judge.ownership.txt_reading import hear, may_be_late
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName, canonical
from probe.model.ownership import TxtKind, TxtOwner, TxtReading, TxtStatus
from probe.model.plan import Domain, Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus, Transition
from probe.model.server import Server
from tests.judge.answers import SERVERS, instant

A, AAAA, CNAME, BARE = TxtKind.A, TxtKind.AAAA, TxtKind.CNAME, TxtKind.BARE
V1, V2 = Position.V1, Position.V2
V11, V15, V21, V22 = (0, 11, 1), (0, 15, 1), (0, 21, 0), (0, 22, 0)


@pytest.mark.parametrize(
    ("rdtype", "shape", "version", "orders"),
    [
        (RecordType.A, Shape.ALIAS, V22, {(A, CNAME, BARE)}),
        (RecordType.A, Shape.ALIAS, V21, {(CNAME, BARE)}),
        (RecordType.A, Shape.ALIAS, V15, {(CNAME, BARE)}),
        (RecordType.A, Shape.ALIAS, V11, {(BARE,)}),
        (RecordType.A, Shape.ALIAS, None, {(A, CNAME, BARE), (CNAME, BARE)}),
        (RecordType.A, Shape.ADDRESSES, V21, {(A, BARE)}),
        (RecordType.A, Shape.ADDRESSES, None, {(A, BARE)}),
        (RecordType.A, Shape.CNAME, V22, {(CNAME, BARE)}),
        (RecordType.AAAA, Shape.CNAME, V22, {(CNAME, BARE)}),
        (RecordType.AAAA, Shape.ALIAS, V21, {(AAAA,)}),
        (RecordType.AAAA, Shape.ALIAS, None, {(AAAA,)}),
        (RecordType.AAAA, Shape.ALIAS, V11, {()}),
    ],
)
def test_each_version_looks_for_the_owner_in_its_own_order(
    rdtype: RecordType, shape: Shape, version: tuple[int, int, int] | None, orders: set[tuple[TxtKind, ...]]
) -> None:
    assert set(reading_orders(rdtype, (shape,), version)) == orders


HOST = canonical("web.example.com")


def status(owners: dict[TxtKind, str], host: DomainName = HOST) -> DomainStatus:
    txts = tuple(
        TxtStatus(
            DomainName(f"{kind}-{host}" if kind else host),
            owners=(TxtOwner(owner, None),),
            at=instant(0),
            since=instant(0),
            kind=kind,
        )
        for kind, owner in owners.items()
    )
    return DomainStatus(Domain(host, "first", Expectation.MOVING), txts=txts)


def record(rdtype: RecordType, *, alias: bool | None = True) -> RecordStatus:
    return RecordStatus(rdtype, alias=alias)


def owners(txts: tuple[TxtStatus, ...]) -> list[str]:
    return [owner.owner for txt in txts for owner in txt.owners]


@given(
    st.dictionaries(st.sampled_from(TxtKind), st.sampled_from(["v1", "v2", "other"])),
    st.sampled_from([Version(*V15), Version(*V21), Version(*V22)]),
    st.sampled_from([("A", True), ("A", False), ("AAAA", True)]),
)
def test_the_owner_that_decides_is_the_one_that_external_dns_itself_reads(
    stands: dict[TxtKind, str], version: Version, what: tuple[str, bool]
) -> None:
    rdtype, alias = what
    reader = InstanceRegistry("me", "", TxtNames(), dialect(version))
    zone = [DnsEndpoint(HOST, rdtype, ("192.0.2.1",), alias=True if alias else None)]
    zone += [
        DnsEndpoint(txt.name, "TXT", (f'"heritage=external-dns,external-dns/owner={txt.owners[0].owner}"',))
        for txt in status(stands).txts
    ]
    (read,) = reader.read(zone).records
    asked = record(RecordType(rdtype), alias=alias)
    setup = ExternalDns(version=(version.major, version.minor, version.patch))
    assert owners(deciding(status(stands), asked, setup)) == ([read.owner] if read.owner else [])


def test_an_unknown_version_and_an_unknown_shape_are_each_of_their_possibilities() -> None:
    mixed = status({A: "v2", CNAME: "v1", BARE: "v0"})
    assert owners(deciding(mixed, record(RecordType.A), ExternalDns())) == ["v1", "v2"]
    assert owners(fallbacks(mixed, record(RecordType.A), ExternalDns(version=V22))) == ["v1", "v0"]
    assert owners(deciding(mixed, record(RecordType.A, alias=None), ExternalDns(version=V21))) == ["v1", "v2"]


def test_a_bare_txt_of_a_host_that_looks_like_a_txt_name_is_not_its_own() -> None:
    host = canonical("a-web.example.com")
    assert deciding(status({BARE: "of-web"}, host), record(RecordType.A), ExternalDns(version=V22)) == ()


def past(*said: tuple[str, float, float]) -> TxtStatus:
    """Make a TXT status that said each owner (empty: nothing) from and until these seconds; the last one is now."""
    told = [
        TxtReading((TxtOwner(owner, f"ingress/shop/{owner}"),) if owner else (), 0, instant(since), instant(until))
        for owner, since, until in said
    ]
    newest = told[-1]
    return TxtStatus(
        DomainName("a-web.example.com."),
        owners=newest.owners,
        at=newest.until,
        since=newest.since,
        past=tuple(told[:-1]),
    )


def test_what_was_told_since_a_moment_begins_with_what_stood_then() -> None:
    txt = past(("v0", 0, 5), ("v1", 10, 90), ("v2", 100, 150), ("v1", 160, 200))
    assert owners_told(txt, 120) == (frozenset({"v1"}), frozenset({"v2"}), frozenset({"v1"}))
    assert owners_told(txt, 155) == (frozenset({"v2"}), frozenset({"v1"}))
    assert len(readings(txt, 0)) == 4
    assert resources_told(txt, 155) == {"ingress/shop/v1", "ingress/shop/v2"}


def test_a_name_that_comes_and_goes_with_one_owner_keeps_it() -> None:
    txt = past(("v1", 0, 50), ("", 60, 90), ("v1", 100, 120), ("", 130, 140))
    assert owners_told(txt, 0) == (frozenset({"v1"}),)
    assert owner_since(txt) == instant(0)
    assert came_and_went(txt, 0)
    assert has_claimed(txt, 0)


def test_the_owner_stands_since_it_took_the_name_over() -> None:
    assert owner_since(past(("v1", 0, 50), ("v2", 60, 90), ("v2", 100, 120))) == instant(60)


def test_a_name_that_was_never_answered_says_nothing() -> None:
    txt = TxtStatus(DomainName("a-web.example.com."))
    assert readings(txt, 0) == ()
    assert owners_told(txt, 0) == ()
    assert owner_since(txt) is None
    assert not has_claimed(txt, 0)


def change_of_owner(*, beside: tuple[Position, ...] = (V2,), before: tuple[Position, ...] = (V1,)) -> TxtStatus:
    """Read "old" up to second 90, and "new" at the first server from second 100 on."""
    past = (TxtReading((TxtOwner("old", None),), 0, instant(0), instant(90), before),)
    new = ('"heritage=external-dns,external-dns/owner=new"',)
    return TxtStatus(
        HOST, new, (TxtOwner("new", None),), instant(100), instant(100), A, 0, 1, past, beside, server=SERVERS[0]
    )


def gone(at: float, before: Position, after: Position) -> RecordStatus:
    return RecordStatus(RecordType.A, recent=(Transition(instant(at), before, after, reversal=False),))


GRACE = 60.0
NOT_GONE = RecordStatus(RecordType.A)


@pytest.mark.parametrize(
    ("txt", "server", "record", "second", "late"),
    [
        (change_of_owner(), SERVERS[1], NOT_GONE, 160.0, True),
        (change_of_owner(), SERVERS[1], NOT_GONE, 160.1, False),  # whoever has not heard after the grace time is stuck
        (change_of_owner(), SERVERS[0], NOT_GONE, 110.0, False),  # it told of the new one itself
        (change_of_owner(), SERVERS[1], gone(101, V1, V2), 110.0, True),  # that is the change of the new owner
        (change_of_owner(), SERVERS[1], gone(105, V2, V1), 110.0, False),
        (change_of_owner(beside=()), SERVERS[1], gone(105, V2, V1), 110.0, False),
        (change_of_owner(beside=(), before=(V1, V2)), SERVERS[1], gone(105, V1, V2), 110.0, True),  # either, before
        (change_of_owner(beside=(V1, V2)), SERVERS[1], gone(105, V2, V1), 110.0, True),
        (change_of_owner()._replace(past=()), SERVERS[1], NOT_GONE, 110.0, False),
    ],
)
def test_a_server_is_late_for_the_grace_time_unless_it_or_the_record_has_gone_back(
    txt: TxtStatus, server: Server, record: RecordStatus, second: float, *, late: bool
) -> None:
    assert may_be_late(txt, server, record, instant(second), GRACE) is late


def test_what_a_late_server_says_is_no_news_and_anything_else_is() -> None:
    txt = change_of_owner()
    old, new, other = (f'"heritage=external-dns,external-dns/owner={owner}"' for owner in ("old", "new", "other"))
    assert hear(txt, [old], instant(110), None, late=True) is txt
    assert hear(txt, [old], instant(110), None).owners == (TxtOwner("old", None),)
    assert hear(txt, [new], instant(110), None, late=True).answers == txt.answers + 1
    assert hear(txt, [other], instant(110), None, late=True).owners == (TxtOwner("other", None),)
    assert hear(txt, [], instant(110), None, late=True).owners == ()  # a deletion is told of at once
