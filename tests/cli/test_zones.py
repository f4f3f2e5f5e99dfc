"""What is asked about zones, over fakes."""

from dataclasses import replace

from probe.cli.zones import zone_facts
from probe.judge.preflight.inputs import ZoneFacts
from probe.model.name import DomainName
from probe.model.outcome import Outcome as Answer
from probe.model.outcome import Response, RRset
from probe.model.plan import Authoritative, Endpoint, Expectation
from probe.model.ports import Query
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.server import ServerRole
from probe.model.snapshot import Snapshot
from tests import fakes
from tests.clock import LoopClock, run_virtual
from tests.fakes import FakeAsker, FakeDelegator, server
from tests.snapshots import RESOLVERS, calm, domain, outage, snapshot

ZONE = DomainName("example.com.")
SOA = RRset(ZONE, "SOA", 900, ("ns. host. 1 7200 900 1209600 300",))
SIGNATURE = RRset(DomainName("shop.example.com."), "RRSIG", 60, ("A 13 3 60 ...",))
TLD = (server(21, "gtld.net."),)


class SignedWorld:
    """A signed zone, its parent, and resolvers that validate."""

    def __init__(self) -> None:
        self.signer = True
        self.signing = True
        self.bogus: set[str] = set()

    def __call__(self, ask: Query) -> Answer:
        asked, question = ask
        if asked.role is ServerRole.RESOLVER:
            if asked.name in self.bogus and not asked.checking_disabled:
                return Response("SERVFAIL", recursion_available=True)
            return replace(
                fakes.answer(question, "192.0.2.1"), authoritative=False, authenticated=asked.name == "google"
            )
        if question.rdtype is RecordType.SOA:
            return Response("NOERROR", authoritative=True, answer=(SOA,))
        if question.rdtype is RecordType.DS:
            assert asked in TLD  # the child knows nothing of it
            return fakes.answer(question, "1 13 2 abcd") if self.signer else fakes.nodata()
        answer = fakes.answer(question, "192.0.2.1")
        if asked.dnssec_ok and self.signing:
            return replace(answer, answer=(*answer.answer, SIGNATURE))
        return answer


def facts(world: SignedWorld, shot: Snapshot | None = None) -> tuple[ZoneFacts, FakeAsker]:
    shot = shot or snapshot((calm(domain("shop.example.com", "wave", Expectation.V1), Position.V1),))

    async def main(clock: LoopClock) -> tuple[ZoneFacts, FakeAsker]:
        querier = FakeAsker(clock, world)
        found = await zone_facts(querier, FakeDelegator(clock, {"com.": TLD}), shot)
        assert list(found) == [ZONE]
        return found[ZONE], querier

    return run_virtual(main)


def test_a_signed_zone_is_told_by_its_parent_its_keys_its_signatures_and_who_validates() -> None:
    told, querier = facts(SignedWorld())
    assert told == ZoneFacts(300, delegation_signer=True, keys=True, unsigned=(), bogus=(), validated=("google",))
    asked = [one.server for one in querier.asked if one.server.role is ServerRole.RESOLVER]
    assert {one.name for one in asked} == {one.name for one in RESOLVERS}


def test_four_of_a_zones_servers_and_of_its_parents_are_asked_what_one_could_tell() -> None:
    many = tuple(server(number, f"ns{number}.net.") for number in range(30, 36))
    shot = snapshot((calm(domain("shop.example.com", "wave", Expectation.V1), Position.V1),))
    shot = replace(shot, delegations=(replace(shot.delegations[0], servers=many),))
    parents = tuple(server(number, f"gtld{number}.net.") for number in range(40, 46))

    def answer(ask: Query) -> Answer:
        return fakes.answer(ask[1], "192.0.2.1")

    async def main(clock: LoopClock) -> FakeAsker:
        querier = FakeAsker(clock, answer)
        await zone_facts(querier, FakeDelegator(clock, {"com.": parents}), shot)
        return querier

    asked = run_virtual(main).asked
    for rdtype, servers in ((RecordType.SOA, many), (RecordType.DNSKEY, many), (RecordType.DS, parents)):
        assert tuple(one.server for one in asked if one.question.rdtype is rdtype) == servers[:4]


def test_servers_that_leave_signatures_out_are_named() -> None:
    world = SignedWorld()
    world.signing = False
    told, _ = facts(world)
    assert len(told.unsigned) == 4
    world.signer = False
    told, querier = facts(world)
    assert (told.delegation_signer, told.unsigned) == (False, ())
    assert not any(one.server.dnssec_ok for one in querier.asked)  # nobody expects signatures then


def test_a_resolver_that_answers_only_without_validation_says_that_it_is_bogus() -> None:
    world = SignedWorld()
    world.bogus = {"quad9"}
    assert facts(world)[0].bogus == ("quad9",)


def test_resolvers_are_not_asked_for_a_name_that_may_not_exist() -> None:
    shot = snapshot((outage(domain("login.example.com", "wave", Expectation.V2)),))
    _, querier = facts(SignedWorld(), shot)
    assert not any(one.server.role is ServerRole.RESOLVER for one in querier.asked)


def test_silence_leaves_everything_unknown() -> None:
    shot = snapshot((calm(domain("shop.example.com", "wave", Expectation.V1), Position.V1),))

    async def main(clock: LoopClock) -> None:
        found = await zone_facts(FakeAsker(clock, lambda _: fakes.TIMEOUT), FakeDelegator(clock, {}), shot)
        assert found == {ZONE: ZoneFacts()}

    run_virtual(main)


def test_a_zone_whose_servers_the_plan_names_has_no_parent_to_ask() -> None:
    shot = snapshot((calm(domain("shop.example.com", "wave", Expectation.V1), Position.V1),))
    given = Authoritative(overrides=((ZONE, (Endpoint("192.0.2.11"),)),))
    told, querier = facts(SignedWorld(), replace(shot, plan=replace(shot.plan, authoritative=given)))
    assert told.delegation_signer is None
    assert not any(one.question.rdtype is RecordType.DS for one in querier.asked)
