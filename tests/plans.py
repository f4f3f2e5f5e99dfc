"""Plans for tests that need one: two sides, one load balancer each, and as many domains as are named."""

from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName
from probe.model.plan import Authoritative, Domain, Expectation, Plan, Probing, SidePlan, Wave
from probe.model.server import Server
from probe.model.side import Side

V1_NAME = DomainName("v1-1.ap-northeast-2.elb.amazonaws.com.")
V2_NAME = DomainName("v2-2.ap-northeast-2.elb.amazonaws.com.")


def plan(
    *names: str,
    expectation: Expectation = Expectation.MOVING,
    probing: Probing | None = None,
    resolvers: tuple[Server, ...] = (),
    authoritative: Authoritative | None = None,
    digest: str = "",
) -> Plan:
    """One wave with these names."""
    domains = tuple(Domain(DomainName(name), "first", expectation) for name in names)
    return Plan(
        vantage="test",
        v1=SidePlan(Side.V1, (V1_NAME,), external_dns=ExternalDns("prod")),
        v2=SidePlan(Side.V2, (V2_NAME,), external_dns=ExternalDns("prod")),
        waves=(Wave("first", expectation, domains),),
        resolvers=resolvers,
        authoritative=authoritative or Authoritative(),
        probing=probing or Probing(),
        digest=digest,
    )
