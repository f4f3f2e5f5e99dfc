"""A recorded scenario as a plan and a zone, so that what is foretold of it can be held against what was recorded."""

from ipaddress import ip_network

from probe.judge.rehearsal.cast import casts
from probe.judge.rehearsal.course import course
from probe.judge.rehearsal.group import HostGroup, staged
from probe.judge.rehearsal.stand import exported
from probe.model.name import DomainName, canonical
from probe.model.plan import Domain, Expectation, ExternalDns, Plan, SidePlan, TxtRegistry, Wave
from probe.model.rehearsal import Act, Course
from probe.model.side import Side
from tests.externaldns.traces import Reconcile

INTERVAL = 60.0
ZONE = DomainName("example.com.")


def foretold(recording: tuple[Reconcile, ...], host: str) -> Course | str:
    """Foretell what happens to a host from the moment at which v2's ExternalDNS first syncs; or why it cannot be."""
    name = canonical(host)
    plan = _plan(recording, name)
    begin = next((one for one in recording if one.instance == Side.V2), recording[-1])
    stand = exported(name, ZONE, sorted(begin.before, key=lambda record: record.key), plan)
    if isinstance(stand, str):
        return stand
    (cast,) = casts(plan)
    recorded = {one.instance for one in recording}  # a side without a recording has no ExternalDNS
    players = tuple(player for player in cast.players if player.side.value in recorded)
    group = HostGroup("wave", Expectation.V1, stand, players, (name,))
    act = _act(recording, name)
    return course(act, group, "", staged(act, group, [stand.records]))


def wants(recording: tuple[Reconcile, ...], side: Side, name: DomainName) -> bool:
    own = [one for one in recording if one.instance == side]
    return bool(own) and any(endpoint.name == name for endpoint in own[-1].desired)


def _act(recording: tuple[Reconcile, ...], name: DomainName) -> Act:
    return {
        (True, True): Act.MOVE,
        (True, False): Act.AS_IT_IS,
        (False, True): Act.V1_INGRESS,
    }[wants(recording, Side.V1, name), wants(recording, Side.V2, name)]


def _plan(recording: tuple[Reconcile, ...], name: DomainName) -> Plan:
    sides = {side: _side(recording, side, name) for side in Side}
    domain = Domain(name, "wave", Expectation.MOVING)
    return Plan("test", sides[Side.V1], sides[Side.V2], (Wave("wave", Expectation.MOVING, (domain,)),))


def _side(recording: tuple[Reconcile, ...], side: Side, name: DomainName) -> SidePlan:
    own = [one for one in recording if one.instance == side]
    targets = {endpoint.targets[0] for one in own for endpoint in one.desired if endpoint.name == name}
    networks = tuple(ip_network(text) for text in targets if text.replace(".", "").isdigit())
    names = tuple(canonical(text) for text in targets if not text.replace(".", "").isdigit())
    last = own[-1] if own else recording[-1]
    flags, version = last.flags, last.version
    setup = ExternalDns(
        flags.txt_owner_id,
        flags.migrate_from_txt_owner or None,
        (version.major, version.minor, version.patch),
        INTERVAL,
        policy=flags.policy,
        txt_registry=TxtRegistry(flags.names.prefix, flags.names.suffix, flags.names.wildcard_replacement),
    )
    return SidePlan(side, names, networks, setup)
