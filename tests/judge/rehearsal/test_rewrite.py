"""One sync over one host, as the model has it."""

from probe.externaldns.instance import Flags, SyncPolicy
from probe.externaldns.version import V0_22_0, V0_23_0
from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.rewrite import Wish, rewrite
from probe.model.name import DomainName
from probe.model.side import Side

HOST, ZONE = DomainName("host.zone.test."), DomainName("zone.test.")
WISH = Wish(Side.V1, Shape.ALIAS, dualstack=False)
V1 = SyncPolicy(V0_22_0, Flags("v1"))


def test_a_create_writes_records_and_their_txt_and_counts_them() -> None:
    step = rewrite(V1, HOST, ZONE, frozenset(), WISH)
    assert sorted((one.name, one.rdtype) for one in step.after) == [
        ("a-host.zone.test.", "TXT"),
        ("aaaa-host.zone.test.", "TXT"),
        (HOST, "A"),
        (HOST, "AAAA"),
    ]
    assert (step.changes, step.values, step.refusals) == (4, 4, ())
    again = rewrite(V1, HOST, ZONE, step.after, WISH)
    assert (again.after, again.changes) == (step.after, 0)


def test_what_is_refused_changes_nothing_and_keeps_route_53s_words() -> None:
    stands = rewrite(V1, HOST, ZONE, frozenset(), WISH).after
    taking = Flags("v2", migrate_from_txt_owner="v1")
    refused = rewrite(SyncPolicy(V0_22_0, taking), HOST, ZONE, stands, None)
    assert refused.after == stands
    assert any("do not match the current values" in text for text in refused.refusals)
    assert rewrite(SyncPolicy(V0_23_0, taking), HOST, ZONE, stands, None).after == frozenset()


def test_an_update_counts_its_values_twice_as_route_53_does() -> None:
    stands = rewrite(V1, HOST, ZONE, frozenset(), WISH).after
    step = rewrite(V1, HOST, ZONE, stands, WISH._replace(side=Side.V2))
    assert (step.changes, step.values) == (4, 8)
