"""A recorded scenario as a zone and as the ExternalDNS beside it.

So what is foretold of it can be held against what was recorded, and against what the judge says when the lab plays it.
"""

from ipaddress import ip_address, ip_network

from probe.config.unseal import Unsealer
from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.course import course
from probe.judge.rehearsal.group import HostGroup
from probe.judge.rehearsal.passage import Seat, Syncs, phases
from probe.judge.rehearsal.rewrite import SIMPLE, ChosenBy, Wish
from probe.judge.rehearsal.sets import NO_SETS
from probe.judge.rehearsal.stand import exported
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.name import DomainName, canonical
from probe.model.plan import Domain, Expectation, Plan, SidePlan, Wave, Weights
from probe.model.rehearsal import Act, Course
from probe.model.side import Side
from tests.externaldns.test_traces import recrypted, without_ciphertext
from tests.externaldns.traces import Reconcile
from tests.scenarios.rows import Row
from tests.sealing import KEY, GcmCipher

INTERVAL = 60.0
ZONE = DomainName("example.com.")


def foretold(recording: tuple[Reconcile, ...], row: Row) -> Course | str:
    """Foretell what happens to a row's host from the moment at which v2's ExternalDNS first syncs; or why it cannot be.

    A recording with one instance begins before its last reconcile, and one of which both have synced before anybody
    looks at its end.
    """
    name = canonical(row.host)
    steps = recording[slice(*row.steps)]
    own = {side: [one for one in steps if one.instance == side] for side in Side}
    begin = steps[-1] if row.together or not all(own.values()) else own[Side.V2][0]
    plan = _plan(recording, row)
    cipher = GcmCipher(KEY, 1)  # the recorded key is lost
    before = [one if not row.key or without_ciphertext(one) is one else recrypted(one, cipher) for one in begin.before]
    stand = exported(plan.domains[0], ZONE, sorted(before, key=lambda record: record.key), plan)
    if isinstance(stand, str):
        return stand
    players = {side: _player(recording, side, row) for side in Side}
    seats = [Seat(players[side], _wish(own[side][-1], name, plan)) for side in Side if own[side]]
    by = NO_SETS if row.weights is None else (ChosenBy("v1", row.weights.v1), ChosenBy("v2", row.weights.v2))
    group = HostGroup("wave", row.expectation, stand, tuple(players.values()), (name,), by)
    syncs = Syncs(seats, stand)
    return course(Act.AS_IT_IS, group, "", syncs.play(stand.records, phases([INTERVAL] * len(seats))))


def _wish(one: Reconcile, name: DomainName, plan: Plan) -> Wish | None:
    found = [endpoint for endpoint in one.desired if endpoint.name == name]
    if not found:
        return None
    (endpoint,) = found
    by = ChosenBy(endpoint.set_identifier, endpoint.weight) if endpoint.set_identifier else SIMPLE
    evaluates = one.flags.evaluate_target_health
    return Wish(
        _side_of(endpoint.targets[0], plan, Side(one.instance)),
        _shape(one, endpoint.targets[0]),
        dualstack=False,
        by=by,
        ttl=endpoint.ttl,
        evaluates=evaluates,
    )


def _is_address(target: str) -> bool:
    return target.replace(".", "").isdigit()


def _shape(one: Reconcile, target: str) -> Shape:
    if _is_address(target):
        return Shape.ADDRESSES
    return Shape.CNAME if one.flags.prefer_cname else Shape.ALIAS


def _side_of(target: str, plan: Plan, own: Side) -> Side:
    for side in Side:
        setup = plan.side(side)
        if canonical(target) in setup.load_balancers:
            return side
        if _is_address(target) and any(ip_address(target) in network for network in setup.networks):
            return side
    return own


def _plan(recording: tuple[Reconcile, ...], row: Row) -> Plan:
    desired = [endpoint for one in recording for endpoint in one.desired]
    balancers = {side: {e.targets[0] for e in desired if f"{side}alb" in e.targets[0]} for side in Side}
    fixed = dict(row.networks)
    networks = {side: tuple(ip_network(fixed[side]) for _ in range(1) if side in fixed) for side in Side}
    v1, v2 = (
        SidePlan(
            side, tuple(map(canonical, sorted(balancers[side]))), networks[side], _player(recording, side, row).setup
        )
        for side in Side
    )
    chooses = any(endpoint.set_identifier for endpoint in desired)
    weights = Weights(1, 1) if chooses else None
    domain = Domain(canonical(row.host), "wave", Expectation.WEIGHTED if chooses else row.expectation, weights)
    return Plan("test", v1, v2, (Wave("wave", row.expectation, (domain,)),))


def _player(recording: tuple[Reconcile, ...], side: Side, row: Row) -> Player:
    """Give a side's ExternalDNS with its newest flags; a side without a recording is like the other one."""
    last = ([one for one in recording if one.instance == side] or list(recording))[-1]
    flags, version = last.flags, last.version
    setup = ExternalDns(
        flags.txt_owner_id,
        flags.migrate_from_txt_owner or None,
        (version.major, version.minor, version.patch),
        INTERVAL,
        policy=flags.policy,
        txt_registry=TxtRegistry(
            flags.names.prefix,
            flags.names.suffix,
            flags.names.wildcard_replacement,
            unseal=Unsealer(KEY) if row.key else None,
        ),
    )
    return Player(side, setup, version, flags.policy)
