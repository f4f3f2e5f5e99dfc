"""A delegation is written by strangers: no zone may make the walk ask for ever, hang, or raise."""

import asyncio
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from probe.model.delegation import Delegation, DelegationProblem
from probe.model.name import canonical
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.question import Question, RecordType
from probe.wire.delegation.walk import DelegationWalk
from tests.wire.delegation.scene import COM_SERVERS, ORG_SERVER, ROOT_SERVER, addresses, furnish, problems, stage, walk
from tests.wire.delegation.world import World

MAX_NAME_SERVERS = 13
MAX_SERVERS = 32
WALK_QUESTIONS = 100
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

MOST = WALK_QUESTIONS + 2 * MAX_NAME_SERVERS + 5 * MAX_SERVERS
"""The most one walk may cost: the way down, each parent twice, each server twice SOA, twice NS and the repeat."""

MOST_SECONDS = 300
"""Far more than any bounded walk takes, with every answer a time-out of 2 s."""


def test_zones_that_serve_each_other_without_glue_end_the_walk() -> None:
    def arrange(world: World) -> None:
        furnish(world, com="example NS ns.example.org.\n", org="example NS ns.example.com.\n")

    found, world = walk(arrange)
    assert found.zone == "example.com."
    assert found.servers == ()
    assert problems(found) == [(DelegationProblem.UNRESOLVED, "ns.example.org")]
    assert world.count() < MOST / 2


def test_both_zones_of_a_ring_can_be_walked_at_once() -> None:
    def arrange(world: World) -> None:
        furnish(world, com="example NS ns.example.org.\n", org="example NS ns.example.com.\n")

    async def play(world: World, walker: DelegationWalk) -> list[Delegation]:
        names = ["www.example.com.", "www.example.org.", "ns.example.com.", "ns.example.org."] * 3
        finds = asyncio.gather(*(walker.find(canonical(name)) for name in names))
        async with asyncio.timeout(MOST_SECONDS):
            found = await finds
        assert world.count() < len(names) * MOST
        return found

    found, _ = stage(arrange, play)
    assert {delegation.zone for delegation in found} == {"example.com.", "example.org."}


def test_a_name_server_below_the_zone_it_serves_needs_its_glue() -> None:
    found, world = walk(lambda world: furnish(world, com="example NS ns.example.com.\n"))
    assert problems(found) == [(DelegationProblem.UNRESOLVED, "ns.example.com")]
    assert world.count() < 20


def test_a_referral_to_very_many_name_servers_is_cut_short() -> None:
    def arrange(world: World) -> None:
        furnish(world, com="".join(f"example NS ns{number}.victim.org.\n" for number in range(500)), org="")

    found, world = walk(arrange)
    assert len(found.parent_ns) == MAX_NAME_SERVERS
    assert world.count() < MOST


def test_the_nxns_attack_does_not_multiply() -> None:
    """Each zone names many servers without glue, in zones of the same kind, ten levels deep."""

    def attack(question: Question, right: Outcome) -> Outcome:
        head = question.name.split(".", 1)[0]
        if not question.name.endswith(".evil.org.") and question.name != "evil.org.":
            return right
        labels = question.name.split(".")
        owner = canonical(".".join(labels[-min(len(labels), 4) :])) if len(labels) > 3 else canonical("evil.org")
        targets = tuple(f"ns.{head}-{number}.evil.org." for number in range(30))
        return Response("NOERROR", authority=(RRset(owner, "NS", 300, targets),))

    def arrange(world: World) -> None:
        furnish(world, com="".join(f"example NS ns.z{number}.evil.org.\n" for number in range(13)))
        world.behave(attack, ORG_SERVER)

    found, world = walk(arrange)
    assert found.zone == "example.com."
    assert found.servers == ()
    assert world.count() <= MOST


def test_a_zone_with_very_many_addresses_is_not_asked_at_all_of_them() -> None:
    def arrange(world: World) -> None:
        hosts = "".join(f"ns{n}.example A 198.18.{n}.{m}\n" for n in range(20) for m in range(20))
        com = "".join(f"example NS ns{n}.example\n" for n in range(20)) + hosts
        furnish(world, com=com)
        own = "".join(f"@ NS ns{n}\nns{n} A 198.18.{n}.{m}\n" for n in range(20) for m in range(100, 104))
        world.put("example.com.", own, "198.18.0.0")

    _, world = walk(arrange)
    asked = {ask.server.address for ask in world.asked if ask.question == ("example.com.", RecordType.SOA)}
    assert len(asked) == MAX_SERVERS
    assert world.count() <= MOST


def test_referrals_that_go_down_for_ever_end_with_the_name() -> None:
    """Every answer refers one label down, to the same server."""

    def endless(question: Question, _: Outcome) -> Outcome:
        ns = (RRset(question.name, "NS", 300, ("ns.com-servers.org.",)),)
        glue = (RRset(canonical("ns.com-servers.org"), "A", 300, (COM_SERVERS[0],)),)
        return Response("NOERROR", authority=ns, additional=glue)

    def arrange(world: World) -> None:
        furnish(world)
        world.behave(endless, ROOT_SERVER, *COM_SERVERS, ORG_SERVER)

    _, world = walk(arrange, ".".join("a" * 1 for _ in range(60)) + ".example.com.")
    assert world.count() <= MOST


def test_a_name_of_very_many_labels_costs_few_steps() -> None:
    found, world = walk(furnish, "x." * 100 + "example.com.")
    assert found.zone == "example.com."
    assert len({ask.question.name for ask in world.asked if ask.question.name.endswith("x.example.com.")}) <= 8


def test_one_hostile_zone_does_not_spoil_the_walk_of_another() -> None:
    """The hostile one uses up its allowance while both wait for the same name server's zone."""

    def arrange(world: World) -> None:
        com = "".join(f"evil NS ns{n}.nowhere{n}.org.\n" for n in range(13)) + "evil NS a.hosting.org.\n"
        furnish(world, com=com + "good NS a.hosting.org.\n", org="hosting NS a.hosting\na.hosting A 198.51.100.40\n")
        world.put("hosting.org.", "@ NS a\na A 198.51.100.40\n", "198.51.100.40")
        world.put("good.com.", "@ NS a.hosting.org.\n", "198.51.100.40")

    async def play(_: World, walker: DelegationWalk) -> Delegation:
        finds = (walker.find(canonical(f"{name}.com.")) for name in ("www.evil", "a.evil", "b.evil", "www.good"))
        return (await asyncio.gather(*finds))[3]

    found, _ = stage(arrange, play)
    assert addresses(found) == ["198.51.100.40"]
    assert found.problems == ()


NAMES = st.sampled_from(
    [
        "",
        "com",
        "example.com",
        "www.example.com",
        "ns1.example.com",
        "org",
        "ns.org",
        "a.b.c.org",
        "deep.www.example.com",
    ]
).map(canonical)
ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.11", "198.51.100.1", "2001:db8::1", "0.0.0.0"])


def _rrsets(kinds: list[str]) -> st.SearchStrategy[tuple[RRset, ...]]:
    def rdata(kind: str) -> st.SearchStrategy[RRset]:
        if kind in {"A", "AAAA"}:
            values: st.SearchStrategy[str] = ADDRESSES.filter(lambda text: (":" in text) == (kind == "AAAA"))
        elif kind == "SOA":
            values = st.just("ns.invalid. hostmaster.invalid. 1 7200 900 1209600 300")
        else:
            values = NAMES
        return st.builds(
            lambda name, ttl, listed: RRset(name, kind, ttl, tuple(listed)),
            NAMES,
            st.integers(0, 300),
            st.lists(values, min_size=1, max_size=4),
        )

    return st.lists(st.sampled_from(kinds).flatmap(rdata), max_size=3).map(tuple)


OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(NoResponse, st.sampled_from(list(FailureReason)), st.just("")),
    st.builds(
        Response,
        st.sampled_from(["NOERROR", "NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL", "BADVERS"]),
        authoritative=st.booleans(),
        recursion_available=st.booleans(),
        answer=_rrsets(["A", "NS", "SOA", "CNAME"]),
        authority=_rrsets(["NS", "SOA"]),
        additional=_rrsets(["A", "AAAA"]),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(OUTCOMES, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_whatever_servers_say_the_walk_ends_and_stays_within_its_bounds(said: list[Outcome], rng: Random) -> None:
    def arrange(world: World) -> None:
        answer = lambda _, __: rng.choice(said)  # noqa: E731  # one behaviour for every address
        world.behave(answer, "192.0.2.1", "192.0.2.11", "198.51.100.1", "2001:db8::1")

    async def play(world: World, walker: DelegationWalk) -> Delegation:
        async with asyncio.timeout(MOST_SECONDS):
            found = await walker.find(canonical("www.example.com"))
        assert world.count() <= MOST
        return found

    found, _ = stage(arrange, play)
    assert (found.zone is None) == (DelegationProblem.NOT_FOUND in {report.problem for report in found.problems})
    assert all(report.sentence.isprintable() and report.sentence.endswith(".") for report in found.problems)
