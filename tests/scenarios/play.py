"""A recorded row played on and on: real-time syncs of the lab's ExternalDNS on its Route 53, watched by the judge.

What an instance does at its n-th sync is what was recorded of its n-th reconcile (flags, version, what its cluster
wants); after the last one it goes on so, or stops, as the row says. The names and owners of the recording are replaced
by others, drawn anew for each run, so that nothing can hang on them.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from probe.config.unseal import Unsealer
from probe.externaldns.instance import ExternalDnsInstance
from probe.externaldns.naming import TxtNames
from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.context import Context
from probe.judge.review import expire, initial, review
from probe.judge.state import DomainState
from probe.lab.propagation import Profile, Propagation
from probe.model import plan as plans
from probe.model.clock import Instant
from probe.model.effect import Effect
from probe.model.external_dns import ExternalDns, Registry, TxtRegistry
from probe.model.name import DomainName, canonical
from probe.model.outcome import Outcome, Response, RRset
from probe.model.ownership import TxtStatus
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.side import Side
from probe.route53.answer import Surroundings, answer
from probe.route53.health import Health
from probe.route53.hosted_zone import HostedZone
from probe.route53.record_values import to_domain
from probe.route53.reply import ServedQuery, ServedReply
from tests.externaldns.traces import Reconcile
from tests.judge.answers import SERVERS, instant, timeout
from tests.judge.simulator import Prober, Run
from tests.lab.builders import create
from tests.scenarios.disguise import Disguise
from tests.sealing import KEY, GcmCipher

EXPIRY = 5.0
"""Seconds between two lettings-pass of time, as in the daemon while something is open."""

CALM_BEFORE = 400.0
"""Seconds for which v1 is alone, and watched, before v2 begins."""


@dataclass(frozen=True)
class Setting:
    """One run: the sync interval, the randomness, and what the wave expects."""

    interval: float
    seed: int
    expectation: plans.Expectation
    weights: plans.Weights | None = None
    key: bool = False
    """The plan has the key with which the recording's TXT was encrypted."""
    loss: float = 0.0
    """Share of questions that bring no answer."""
    tells_policy: bool = False
    """The plan tells `--policy` of both sides."""


class Balancers:
    """Both sides' load balancers, as an alias sees them."""

    def __init__(self, disguise: Disguise) -> None:
        self._addresses = {
            (disguise.balancers[Side.V1], "A"): ("198.51.100.1", "198.51.100.2"),
            (disguise.balancers[Side.V1], "AAAA"): ("2001:db8:1::1",),
            (disguise.balancers[Side.V2], "A"): ("203.0.113.1", "203.0.113.2"),
            (disguise.balancers[Side.V2], "AAAA"): ("2001:db8:2::1",),
        }

    def addresses(self, name: DomainName, rdtype: str) -> tuple[str, ...]:
        return self._addresses.get((name, rdtype), ())

    def teach(self, book: AddressBook, disguise: Disguise) -> AddressBook:
        for side, name in disguise.balancers.items():
            for rdtype in ADDRESS_TYPES:
                shown = RRset(name, rdtype, 60, self.addresses(name, rdtype))
                book = book.learn(side, name, Response("NOERROR", authoritative=True, answer=(shown,)), instant(0))
        return book


class Now:
    """The time that the queue of the prober has reached."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Instant:
        return instant(self.seconds)

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@dataclass
class Actor:
    """One instance: what was recorded of it and how far it is; its beat, and its next sync up to a second after it."""

    reconciles: list[tuple[int, Reconcile]]
    due: float
    beat: float
    done: int = 0

    @property
    def following(self) -> int | None:
        """The place of its next reconcile in the recording."""
        return self.reconciles[self.done][0] if self.done < len(self.reconciles) else None


class World:
    """A hosted zone on four servers, and instances that write into it on their beats."""

    def __init__(self, reconciles: Sequence[Reconcile], setting: Setting, *, endless: bool, together: bool) -> None:
        self.rng = random.Random(setting.seed)
        self.disguise = Disguise(self.rng, (endpoint.name for one in reconciles for endpoint in one.desired))
        self._now = Now()
        self._interval = setting.interval
        self._endless = endless
        self._loss = setting.loss
        self._cipher = GcmCipher(KEY, setting.seed)
        self.zone = HostedZone(self.disguise.zone, "Z1")
        present = [
            self.disguise.record(record) for record in reconciles[0].before if record.rdtype not in {"NS", "SOA"}
        ]
        if present:
            self.zone.change(create(*present))
        propagation = Propagation(self.zone, self._now, self.rng, Profile.FAST)
        self._replicas = [propagation.replica() for _ in SERVERS]
        self.balancers = Balancers(self.disguise)
        self._around = Surroundings(self.balancers, Health(), self.rng)
        self._responses: dict[ServedReply, Response] = {}
        # On the first one's beat, so that each side holds the record for a quarter of the interval at least: a fight in
        # which one side wins within seconds is seen too seldom to be judged by every row.
        beginning = math.ceil(CALM_BEFORE / setting.interval) * setting.interval
        first, phase = reconciles[0].instance, self.rng.uniform(0.25, 0.75) * setting.interval
        self._actors: dict[str, Actor] = {}
        for place, reconcile in enumerate(reconciles):
            due = 0.0 if together or reconcile.instance == first else beginning + phase
            self._actors.setdefault(reconcile.instance, Actor([], due, due)).reconciles.append((place, reconcile))
        self.advance(0.0)
        propagation.settle()

    def advance(self, now: float) -> None:
        """Run every sync that falls due."""
        while (actor := min(self._actors.values(), key=lambda actor: actor.due)).due <= now:
            self._now.seconds = actor.due
            self._sync(actor)
        self._now.seconds = now

    def _sync(self, actor: Actor) -> None:
        """Do what comes next, once everything recorded before it is done; until then, the same as before."""
        following = actor.following
        if following is not None and all(
            other.following is None or other.following >= following for other in self._actors.values()
        ):
            actor.done += 1
        elif following is None and not self._endless:
            actor.due = float("inf")
            return
        reconcile = actor.reconciles[actor.done - 1][1]
        ExternalDnsInstance(
            version=reconcile.version,
            flags=self.disguise.flags(reconcile.flags, self._interval),
            source=lambda: [self.disguise.endpoint(endpoint) for endpoint in reconcile.desired],
            zone=self.zone,
            cipher=self._cipher if reconcile.encrypted else None,
        ).sync()
        actor.beat += self._interval
        actor.due = actor.beat + self.rng.random() * min(1.0, self._interval / 10)

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName) -> Outcome:
        self.advance(at)
        if self.rng.random() < self._loss:
            return timeout()
        version = self._replicas[server].version()
        reply = answer(version, ServedQuery(name, rdtype.value), self._around)
        if reply not in self._responses:
            self._responses[reply] = shown(reply)
        return self._responses[reply]


def shown(reply: ServedReply) -> Response:
    """Give a reply of the lab's Route 53 as the wire brings it."""
    answers, authority = (
        tuple(
            RRset(
                records.name,
                records.rdtype,
                records.ttl,
                tuple(sorted(to_domain(v) if records.rdtype in {"CNAME", "NS"} else v for v in records.values)),
            )
            for records in section
        )
        for section in (reply.answer, reply.authority)
    )
    return Response(reply.rcode, authoritative=reply.authoritative, answer=answers, authority=authority)


def play(
    recording: Sequence[Reconcile],
    host: str,
    setting: Setting,
    *,
    steps: slice = slice(None),
    endless: bool = True,
    together: bool = False,
    networks: dict[Side, str] | None = None,
) -> Run:
    """Play some steps of a recording and watch one of its hosts."""
    reconciles = recording[steps]
    world = World(reconciles, setting, endless=endless, together=together)
    disguise = world.disguise
    setups = {side: _setup(recording, side, disguise, setting) for side in Side}
    fixed = networks or {}
    domain = plans.Domain(disguise.name(canonical(host)), "first", setting.expectation, setting.weights)
    v1, v2 = (
        plans.SidePlan(
            side,
            (disguise.balancers[side],),
            tuple(ip_network(text) for text in (fixed[side],)) if side in fixed else (),
            setups[side],
        )
        for side in Side
    )
    plan = plans.Plan("test", v1, v2, (plans.Wave("first", setting.expectation, (domain,)),))
    book = world.balancers.teach(open_book(plan), disguise)
    unseal = Unsealer(KEY) if setting.key else None
    context = Context(book, SERVERS, plan.probing, setups[Side.V1], setups[Side.V2], unseal=unseal)
    state = initial(domain, plan.registries, disguise.zone)
    prober = Prober(world, world.rng, probing=plan.probing, begin=(state, context), keep=True)
    return prober.go(CALM_BEFORE + max(1200.0, 8 * setting.interval))


def _setup(recording: Sequence[Reconcile], side: Side, disguise: Disguise, setting: Setting) -> ExternalDns:
    """Give what the plan says of a side: its newest flags; a side without a recording is like the other one."""
    own = [reconcile for reconcile in recording if reconcile.instance == side] or list(recording)
    flags = disguise.flags(own[-1].flags, setting.interval)
    version = own[-1].version
    return ExternalDns(
        flags.txt_owner_id,
        flags.migrate_from_txt_owner or None,
        (version.major, version.minor, version.patch),
        setting.interval,
        policy=flags.policy if setting.tells_policy else None,
        registry=Registry.NOOP if flags.owns_all else Registry.TXT,
        txt_registry=_registry(flags.names),
    )


def _registry(names: TxtNames) -> TxtRegistry:
    return TxtRegistry(names.prefix, names.suffix, names.wildcard_replacement)


def fold_again(run: Run) -> Run:
    """Judge what was observed in a run once more, letting time pass at other moments than the run did."""
    again = Run(initial(run.status.domain, ()), run.context)
    again.status = again.status._replace(txts=tuple(TxtStatus(txt.name, kind=txt.kind) for txt in run.status.txts))
    tick = EXPIRY / 2
    for observation in run.observations:
        at = observation.at.monotonic
        while tick <= at:
            _take(again, tick, expire(again.state, instant(tick), again.context))
            tick += EXPIRY
        _take(again, at, review(again.state, observation, again.context))
    return again


def _take(run: Run, at: float, folded: tuple[DomainState, tuple[Effect, ...]]) -> None:
    run.state, effects = folded
    run.effects += [(at, effect) for effect in effects]
