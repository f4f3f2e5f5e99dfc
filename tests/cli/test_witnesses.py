"""One reading of each witness for a command: what they tell of each domain, and which of them told nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from probe.cli.witnesses import read_once
from probe.config.load import parse
from probe.model.external_dns import ExternalDns
from probe.model.name import canonical
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Testimony, WatchedNow, WatchEnd, WitnessSilence, ZoneTestimony
from probe.model.witness import ClusterWish, Written
from probe.model.witness_sources import ClusterSource, Route53Source, WitnessSources
from tests.clock import LoopClock, run_virtual

APP = canonical("app.example.com")
PLAN = """
vantage: office
sides:
  v1: {load_balancers: [k8s-v1-1.ap-northeast-2.elb.amazonaws.com]}
  v2: {load_balancers: [k8s-v2-1.ap-northeast-2.elb.amazonaws.com]}
waves: [{name: shop, expect: v1, domains: [app.example.com]}]
"""
SOURCES = WitnessSources(
    v1=ClusterSource(context="eks-v1"), v2=ClusterSource(context="eks-v2"), route53=Route53Source()
)
WISH = ClusterWish(Side.V1, "ingress/shop/web", ExternalDns("v1"), "dns/external-dns", set_identifier="blue")


@dataclass
class Told:
    """A witness that says one thing, and remembers whether it was asked to give up."""

    name: str
    said: Testimony
    side: Side | None = None
    interval: float = 60.0
    patience: float = 60.0
    was_given_up: bool | None = None

    def read(self, _plan: Plan, given_up: Callable[[], bool]) -> Testimony:
        self.was_given_up = given_up()
        return self.said

    def follow(self, _plan: Plan, _given_up: Callable[[], bool]) -> Iterator[WatchedNow | WatchEnd]:
        raise AssertionError("a command reads once")


def test_what_each_witness_tells_is_put_together_and_who_told_nothing_is_named() -> None:
    plan = replace(parse(PLAN), witnesses=SOURCES)
    zone = Written(zone=canonical("example.com"))
    witnesses = [
        Told("kubernetes-v1", ClusterTestimony(Side.V1, {APP: (WISH,)}), Side.V1),
        Told("kubernetes-v2", WitnessSilence("The token has expired."), Side.V2),
        Told("route53", ZoneTestimony({APP: zone})),
    ]

    async def main(clock: LoopClock) -> None:
        heard = read_once(plan, witnesses, clock, 30.0)
        told = heard.witnessed[APP]
        assert told.wanted is not None
        assert told.wanted.of(Side.V1) == (WISH,)
        assert told.wanted.of(Side.V2) == ()
        assert told.written is not None
        assert told.written.zone == zone.zone
        assert heard.silences == ("The witness kubernetes-v2 told nothing: The token has expired.",)
        assert [one.was_given_up for one in witnesses] == [False, False, False]
        read_once(plan, witnesses, clock, 0.0)
        assert [one.was_given_up for one in witnesses] == [True, True, True], "patience is at its end"

    run_virtual(main)


def test_a_plan_without_witnesses_tells_nothing_and_asks_nobody() -> None:
    async def main(clock: LoopClock) -> None:
        heard = read_once(parse(PLAN), (), clock, 30.0)
        assert (heard.witnessed[APP].wanted, heard.witnessed[APP].written, heard.silences) == (None, None, ())

    run_virtual(main)
