"""What one look at DNS gives a rehearsal to begin with, and what it cannot."""

from dataclasses import replace

import pytest

from probe.externaldns.instance import Flags, SyncPolicy
from probe.externaldns.version import V0_22_0
from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.rewrite import owners
from probe.judge.rehearsal.stand import OF_ANOTHER_TOOL, SetPlace, Stand, exported, places, seen
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName, canonical, parent
from probe.model.ownership import TxtKind
from probe.model.plan import Domain, Expectation, Plan, SidePlan
from probe.model.record import Position, RecordState
from probe.model.side import Side
from probe.route53.records import AliasTarget, ResourceRecordSet
from tests.judge.answers import NAME
from tests.judge.ownership.owned import heritage, owned
from tests.judge.preflight.test_ownership import standing

ZONE = parent(NAME)
PLAN = Plan("test", SidePlan(Side.V1, (canonical("v1.elb"),)), SidePlan(Side.V2, (canonical("v2.elb"),)), ())


def stand_of(status: DomainStatus, plan: Plan = PLAN, apex: DomainName | None = ZONE) -> Stand:
    found = seen(status, plan, apex)
    assert isinstance(found, Stand), found
    return found


def test_records_and_their_ownership_stand_under_placeholders() -> None:
    stand = stand_of(standing(owned("v1")))
    assert sorted((one.name, one.rdtype) for one in stand.records) == [
        ("a-host.zone.test.", "TXT"),
        ("aaaa-host.zone.test.", "TXT"),
        ("host.zone.test.", "A"),
        ("host.zone.test.", "AAAA"),
    ]
    assert places(stand.host, stand.records) == {"A": (SetPlace(Position.V1),), "AAAA": (SetPlace(Position.V1),)}
    assert (stand.shape, stand.dualstack) == (Shape.ALIAS, True)


def test_hosts_that_differ_by_name_and_object_alone_are_one_value() -> None:
    status = standing(owned("v1"))
    other = standing({kind: heritage("v1", "ingress/other/object") for kind in ("a", "aaaa")})
    assert stand_of(status) == stand_of(other)
    assert stand_of(status) != stand_of(standing(owned("v2")))


def test_where_answers_do_not_tell_an_alias_from_addresses_it_is_played_as_an_alias() -> None:
    status = standing(owned("v1"))
    for alias, shape in ((True, Shape.ALIAS), (None, Shape.ALIAS), (False, Shape.ADDRESSES)):
        told = status._replace(records=tuple(one._replace(alias=alias) for one in status.records))
        assert stand_of(told).shape is shape


@pytest.mark.parametrize("text", ['"v=spf1 -all"', '"site-verification=1"'])
def test_hosts_whose_txt_of_other_tools_differ_stand_alike(text: str) -> None:
    stand = stand_of(standing({"bare": text, **owned("v1")}))
    (other,) = [one for one in stand.records if (one.name, one.rdtype) == (stand.host, "TXT")]
    assert other.values == (OF_ANOTHER_TOOL,)


SPF = '"v=spf1 -all"'


@pytest.mark.parametrize(("values", "first"), [((heritage("v1"), SPF), "v1"), ((SPF, heritage("v1")), "")])
def test_of_an_exports_values_the_first_alone_may_be_ownership(values: tuple[str, ...], first: str) -> None:
    """An export has them in Route 53's order, and an ExternalDNS looks for its owner in the first."""
    domain = Domain(NAME, "wave", Expectation.V1)
    record = ResourceRecordSet(NAME, "A", alias=AliasTarget("Z1", canonical("v1.elb"), evaluate_target_health=True))
    stand = exported(domain, ZONE, (record, ResourceRecordSet(canonical(f"a-{NAME}"), "TXT", 300, values)), PLAN)
    assert isinstance(stand, Stand), stand
    sync = SyncPolicy(V0_22_0, Flags("v1"))
    assert owners(sync, stand.host, stand.records) == (first,)


@pytest.mark.parametrize(("label", "kept"), [("web", False), ("a-web", True), ("*", True), ("x" * 60, True)])
def test_a_name_stays_where_the_name_itself_decides(label: str, *, kept: bool) -> None:
    status = standing({})
    status = status._replace(domain=replace(status.domain, name=canonical(f"{label}.example.com")))
    assert (stand_of(status, apex=None).host == f"{label}.zone.test.") is kept


def test_a_prefix_moves_with_the_name() -> None:
    plan = replace(PLAN, registry=TxtRegistry("edns-"))
    assert not [one for one in stand_of(standing(owned("v1")), plan).records if one.rdtype == "TXT"]


@pytest.mark.parametrize(
    ("state", "words"),
    [(RecordState.WEIGHTED, "split by weighted routing"), (RecordState.UNKNOWN, "not answered clearly enough")],
)
def test_a_state_that_cannot_be_played_has_a_sentence(state: RecordState, words: str) -> None:
    status = standing(owned("v1"))
    status = status._replace(records=tuple(one._replace(state=state) for one in status.records))
    assert words in str(seen(status, PLAN, ZONE))


def test_both_sides_in_one_answer_and_encrypted_ownership_are_not_played() -> None:
    status = standing(owned("v1"))
    mixed = status._replace(records=tuple(one._replace(position=Position.MIXED) for one in status.records))
    assert "addresses of both sides" in str(seen(mixed, PLAN, ZONE))
    sealed = status._replace(
        txts=tuple(txt._replace(owners=(), opaque=1 if txt.kind is TxtKind.A else 0) for txt in status.txts)
    )
    assert "encrypted" in str(seen(sealed, PLAN, ZONE))


def test_which_of_two_owners_at_one_name_comes_first_no_answer_tells() -> None:
    status = standing(owned("v1"))
    two = (*status.txts[0].owners, *(one._replace(owner="blue") for txt in status.txts for one in txt.owners))
    both = status._replace(txts=tuple(txt._replace(owners=two) if txt.owners else txt for txt in status.txts))
    told = str(seen(both, PLAN, ZONE))
    assert 'has the owners "blue" and "v1" at ' in told
    assert "goes by the first, which no answer tells: it was not played." in told


def test_what_is_absent_stands_empty() -> None:
    assert stand_of(standing({}, position=Position.ABSENT)).records == frozenset()
