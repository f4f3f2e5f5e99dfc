"""One finding of each code, found by its own rule over answers that show it: what people read of it, word by word."""

import random
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from probe.judge.findings import vantage
from probe.judge.findings.lateness import Lateness
from probe.judge.record.unknown_target import BELIEVED_AFTER
from probe.model.external_dns import ExternalDns
from probe.model.finding import Finding
from probe.model.finding import FindingCode as Code
from probe.model.outcome import ExtendedError, FailureReason, NoResponse, Response
from probe.model.plan import Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.side import Side
from tests.judge import findings as tests
from tests.judge.answers import (
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    addresses,
    at_position,
    context,
    instant,
    nodata,
    observed,
    timeout,
)
from tests.judge.findings import test_contested, test_dead_target, test_takeover
from tests.judge.findings.test_vantage import ANSWER, Night
from tests.judge.ownership.owned import NEW, OLD, Owned, Txts, heritage, owned, with_versions
from tests.judge.propagation.caching import Cache, Resolver, Watch
from tests.judge.propagation.test_resolver import MOVED, SURROUNDINGS, moving
from tests.judge.story import Story
from tests.judge.test_service import Served

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT


def _fight(v1: Txts, v2: Txts, expectation: Expectation = Expectation.V2) -> Owned:
    fight = Owned(expectation=expectation)
    fight.stand(V1, 300, v1)
    for _ in range(3):
        fight.stand(V2, 40, v2)
        fight.stand(V1, 20, v1)
    return fight


def _version_mix() -> Owned:
    fight = Owned(with_versions(OLD, NEW), Expectation.V2)
    both = {**owned("v1", "cname"), **owned("v2")}
    fight.stand(V1, 300, owned("v1", "cname", "aaaa"))
    for _ in range(3):
        fight.stand(V2, 40, both, aaaa=V2)
        fight.stand(V1, 20, both, aaaa=V2)
    return fight


def _delete_create() -> Owned:
    fight = Owned()
    fight.stand(V1, 300, owned("prod"))
    for _ in range(3):
        fight.stand(ABSENT, 30, {})
        fight.stand(V1, 30, owned("prod"))
    return fight


def _stood(expectation: Expectation, *places: Position, txts: Txts | None = None) -> Owned:
    """Let a domain stand somewhere and then elsewhere, for as long as the ownership rules wait."""
    told = Owned(with_versions(NEW, NEW), expectation)
    for place in places:
        told.stand(place, 300, txts if txts is not None else owned("v1"))
    return told


def _foreign() -> Story:
    story = Story(Expectation.V1)
    story.stand(V1, 0, 120)
    story.stand(Position.FOREIGN, 121, 200, 2.0)
    book = story.context.book
    for side, balancer in ((Side.V1, V1_BALANCER), (Side.V2, V2_BALANCER)):
        shown = addresses(RecordType.A, "198.51.100.7", name=balancer)
        book = book.learn(side, balancer, shown, instant(122 + BELIEVED_AFTER))
    story.context = story.context._replace(book=book)
    story.stand(Position.FOREIGN, 201, 230, 2.0)
    return story


def _split() -> Story:
    story = Story()
    story.stand(V1, 0, 120)
    for at in range(121, 300, 7):
        for server in SERVERS:
            story.hear(observed(at_position(V1, RecordType.A), at, server, RecordType.A))
            story.hear(observed(at_position(V2, RecordType.AAAA), at, server, RecordType.AAAA))
        story.wait(at)
    return story


def _drawn(v2: float, expectation: Expectation, weights: Weights | None = None) -> Story:
    """Answer at random sides, more and more often to one of them."""
    story, draw = Story(expectation, weights), random.Random(3)
    for turn in range(200):
        for server in SERVERS:
            for again in range(2):
                side = V2 if draw.random() < v2 else V1
                at = 3.0 * turn + 0.2 * again
                story.hear(observed(at_position(side), at, server, RecordType.A))
                story.hear(observed(nodata(), at, server, RecordType.AAAA))
        story.wait(3.0 * turn + 1)
    return story


def _dead() -> Story:
    night = test_dead_target.Night()
    night.pass_by(10, test_dead_target.cname(test_dead_target.OLD))
    return night


def _contested() -> Story:
    night = test_contested.Night()
    night.pass_by(600, test_contested.SHARED)
    return night


def _served() -> Story:
    story = Served()
    story.stand(V2, 0, 100)
    story.fail(Side.V2, 100)
    return story


def _divided() -> Story:
    story = Story()
    story.stand(V1, 0, 60)
    for turn in range(60):
        story.say([at_position(V1)] * 3 + [at_position(V2)], 61 + 3.0 * turn, rdtypes=[RecordType.A])
        story.wait(62 + 3.0 * turn)
    return story


def _played(expectation: Expectation, *places: tuple[Position, float, float, float]) -> Story:
    story = Story(expectation)
    for place, since, until, step in places:
        story.stand(place, since, until, step)
    return story


def _late() -> Watch:
    watch = Watch(moving(), [Resolver([Cache(least=900)])], moves=(MOVED,))
    watch.run(MOVED + 400)
    return watch


def _wrong() -> Watch:
    watch = Watch(moving(at=1e6), [Resolver([Cache()])], moves=(), surroundings=SURROUNDINGS)
    lie = addresses(RecordType.A, "192.0.2.200")
    watch.resolvers[0].answer = lambda *_: lie  # type: ignore[method-assign]  # it rewrites
    watch.run(250)
    return watch


def _denied() -> Watch:
    watch = Watch(moving(), [Resolver([Cache()])], moves=())
    denial = Response("NXDOMAIN", errors=(ExtendedError(17, "blocklist"),), recursion_available=True)
    watch.resolvers[0].answer = lambda *_: denial  # type: ignore[method-assign]  # it filters
    watch.run(90)
    return watch


def _orphaned() -> Owned:
    gone = Owned()
    gone.stand(V1, 300, owned("v1"))
    gone.stand(ABSENT, 300, owned("v1", "a"))
    return gone


def _default() -> Owned:
    flags = ExternalDns("default", version=NEW)
    told = Owned(context()._replace(v1=ExternalDns("v1", version=NEW), v2=flags), Expectation.V2)
    told.stand(V2, 300, owned("default"))
    return told


def _takeover() -> Owned:
    told = test_takeover.story()
    told.stand(V1, 120, owned("eks-v1"))
    return told


def _of(story: Story | Watch, code: Code) -> Finding:
    return next(one for one in story.status.findings if one.code == code)


def _of_vantage(code: Code, night: Night, pace: Lateness = Lateness()) -> Finding:  # noqa: B008  # frozen
    found = vantage.findings("eu-west-1", night.vantage, pace, night.zones, instant(night.at))
    return next(one for one in found if one.code == code)


def _night(*outcomes: NoResponse | Response, seconds: float = 200.0) -> Night:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(seconds, *outcomes)
    return night


_OWNED: Mapping[Code, Callable[[], Owned]] = {
    Code.FIGHT_SAME_OWNER: lambda: _fight(owned("prod"), owned("prod")),
    Code.FIGHT_MUTUAL_MIGRATION: lambda: _fight(owned("v1"), owned("v2")),
    Code.FIGHT_VERSION_MIX: _version_mix,
    Code.FIGHT_DELETE_CREATE: _delete_create,
    Code.FLIP_FLOP: lambda: _fight({"bare": '"v=spf1 -all"'}, {"bare": '"v=spf1 -all"'}),
    Code.TAKEOVER_DELETES: _takeover,
    Code.STALE_OWNER: lambda: _stood(Expectation.MOVING, V1, V2),
    Code.LAGGARD: lambda: _stood(Expectation.V2, V1, txts=owned("a-third")),
    Code.OWNER_NOT_RETURNED: lambda: _stood(Expectation.V1, V1, txts=owned("v2")),
    Code.CONTRADICTING_OWNERS: lambda: _stood(
        Expectation.MOVING, V1, txts={"a": heritage("v1"), "aaaa": heritage("v2")}
    ),
    Code.UNOWNED: lambda: _stood(Expectation.MOVING, V1, txts={}),
    Code.ORPHAN_TXT: _orphaned,
    Code.DEFAULT_OWNER: _default,
}
_STORIES: Mapping[Code, Callable[[], Story | Watch]] = {
    Code.OUTAGE: lambda: _played(Expectation.V2, (V2, 0, 300, 7), (ABSENT, 301, 330, 2)),
    Code.DEAD_TARGET: _dead,
    Code.MIXED_TARGET: lambda: _played(Expectation.V2, (Position.MIXED, 0, 60, 7)),
    Code.REVERTED: lambda: _played(Expectation.V2, (V2, 0, 300, 7), (V1, 301, 400, 2)),
    Code.FOREIGN_TARGET: _foreign,
    Code.FAMILY_SPLIT: _split,
    Code.PREMATURE: lambda: _played(Expectation.V1, (V2, 0, 60, 7)),
    Code.WEIGHTS_UNDECLARED: lambda: _drawn(0.3, Expectation.V1),
    Code.WEIGHTS_OFF: lambda: _drawn(0.4, Expectation.WEIGHTED, Weights(90, 10)),
    Code.WEIGHTS_ONE_SIDED: lambda: _drawn(0.0, Expectation.WEIGHTED, Weights(50, 50)),
    Code.SERVICE_FAILING: _served,
    Code.CONTESTED_ADDRESS: _contested,
    Code.SERVER_DIVIDED: _divided,
    Code.RESOLVER_LATE: _late,
    Code.RESOLVER_WRONG: _wrong,
    Code.NEGATIVE_CACHED: _denied,
}
_NIGHTS: Mapping[Code, Callable[[], Finding]] = {
    Code.PROBE_BLIND: lambda: _of_vantage(Code.PROBE_BLIND, _night(timeout())),
    Code.PROBE_BEHIND: lambda: _of_vantage(
        Code.PROBE_BEHIND, _night(ANSWER), Lateness(behind=instant(250), lost=40.0, waiting=45.0)
    ),
    Code.SERVER_FAILING: lambda: _of_vantage(
        Code.SERVER_FAILING, _night(NoResponse(FailureReason.UNREACHABLE), ANSWER)
    ),
}


def example(code: Code) -> Finding:
    """Give a finding of a code, as its rule words it; those that are not here stand in `EXAMPLES` of a rule's test."""
    if code in _OWNED:
        return _of(_OWNED[code]().story, code)
    if code in _STORIES:
        return _of(_STORIES[code](), code)
    return _NIGHTS[code]() if code in _NIGHTS else _beside_the_rules()[code]()


@cache
def _beside_the_rules() -> Mapping[Code, Callable[[], Finding]]:
    """Collect the examples that stand in the tests of the rules: a new finding brings its own."""
    modules = [import_module(f"{tests.__name__}.{found.name}") for found in iter_modules(tests.__path__)]
    return {code: make for module in modules for code, make in getattr(module, "EXAMPLES", {}).items()}
