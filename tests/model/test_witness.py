"""What witnesses tell: whose word it is, and whether it is of late."""

from probe.model.external_dns import ExternalDns
from probe.model.side import Side
from probe.model.witness import NO_WITNESSES, ClusterReading, ClusterWish, Wanted, Witnessed

V1 = ClusterWish(Side.V1, "ingress/shop/web", ExternalDns("prod"), "dns/external-dns")
V2 = V1._replace(side=Side.V2)


def test_without_witnesses_nothing_is_told() -> None:
    assert (NO_WITNESSES.wanted, NO_WITNESSES.written) == (None, None)
    assert Witnessed() == NO_WITNESSES


def test_each_cluster_is_asked_for_its_own_word() -> None:
    wanted = Wanted((ClusterReading(Side.V1, is_current=True),), (V1, V2))
    assert (wanted.of(Side.V1), wanted.of(Side.V2)) == ((V1,), (V2,))
    assert wanted.reading(Side.V1) == ClusterReading(Side.V1, is_current=True)
    assert wanted.reading(Side.V2) is None
    assert V1.owner == "prod"


def test_one_cluster_that_was_not_read_lately_makes_the_whole_word_old() -> None:
    readings = (ClusterReading(Side.V1, is_current=True), ClusterReading(Side.V2))
    assert not Wanted(readings).is_current
    assert Wanted(readings[:1]).is_current
