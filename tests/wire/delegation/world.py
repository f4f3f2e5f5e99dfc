"""A small internet for the walk: zones in master-file text at addresses, with servers that misbehave as told."""

from collections import Counter
from collections.abc import Callable, Iterable

import dns.name
import dns.rdatatype
import dns.zone

from probe.model.clock import Clock
from probe.model.name import DomainName, canonical
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.ports import Query
from probe.model.question import Question
from probe.model.server import Server
from probe.model.traffic import Traffic

Behaviour = Callable[[Question, Outcome], Outcome]
"""Turns the right answer of a server into the one that it gives."""

_TIMEOUT = 2.0
_LATENCY = 0.01


class World:
    """Implements `probe.model.ports.Asker`.

    An address at which nothing was put times out; one in `unreachable_families` is UNREACHABLE.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[Query] = []
        self.unreachable_families: set[int] = set()
        self._zones: dict[str, dict[dns.name.Name, dns.zone.Zone]] = {}
        self._behaviours: dict[str, list[Behaviour]] = {}

    def put(self, origin: str, text: str, *addresses: str) -> None:
        """Load a zone at addresses. `$TTL 300` and an SOA are added."""
        soa = "@ SOA ns.invalid. hostmaster.invalid. 1 7200 900 1209600 300"
        zone = dns.zone.from_text(
            f"$TTL 300\n{soa}\n{text}", origin=origin, relativize=False, check_origin=False, allow_include=False
        )
        for address in addresses:
            self._zones.setdefault(address, {})[dns.name.from_text(origin)] = zone

    def remove(self, origin: str) -> None:
        """Take a zone away from every server."""
        for zones in self._zones.values():
            zones.pop(dns.name.from_text(origin), None)

    def behave(self, behaviour: Behaviour, *addresses: str) -> None:
        """Make the servers at addresses misbehave; several behaviours add up."""
        for address in addresses:
            self._behaviours.setdefault(address, []).append(behaviour)

    def intercept(self, behaviour: Behaviour) -> None:
        """Let something in between answer for every server: recursively, then as `behaviour` says."""

        def everywhere(question: Question, _: Outcome) -> Outcome:
            everything = {origin: zone for zones in self._zones.values() for origin, zone in zones.items()}
            return behaviour(question, _lookup(everything, question))

        for address in self._zones:
            self.behave(everywhere, address)

    def count(self, name: str | None = None) -> int:
        """Count the questions so far, or those for one name."""
        return sum(name is None or ask.question.name == name for ask in self.asked)

    def per_server(self) -> Counter[str]:
        return Counter(ask.server.address for ask in self.asked)

    async def ask(self, server: Server, question: Question) -> Observation:
        self.asked.append(Query(server, question))
        started = self.clock.now().monotonic
        outcome = self._answer(server.address, question)
        silent = isinstance(outcome, NoResponse) and outcome.reason is FailureReason.TIMEOUT
        await self.clock.sleep(_TIMEOUT if silent else _LATENCY)
        now = self.clock.now()
        return Observation(question, server, outcome, now, now.monotonic - started)

    def _answer(self, address: str, question: Question) -> Outcome:
        if (6 if ":" in address else 4) in self.unreachable_families:
            return NoResponse(FailureReason.UNREACHABLE, "network is unreachable")
        outcome: Outcome = NoResponse(FailureReason.TIMEOUT)
        if address in self._zones:
            outcome = _lookup(self._zones[address], question)
        for behaviour in self._behaviours.get(address, ()):
            outcome = behaviour(question, outcome)
        return outcome

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        raise AssertionError(
            f"the walk puts its questions one by one, not {queries} to {sink} ({yielding}, {gathered})"
        )

    def waiting(self) -> int:
        return 0

    def waiting_for(self, server: Server) -> int:
        raise AssertionError(f"the walk does not ask what waits for {server}")

    def traffic(self) -> tuple[Traffic, ...]:
        return ()

    async def aclose(self) -> None:
        return


def _lookup(zones: dict[dns.name.Name, dns.zone.Zone], question: Question) -> Response:
    """Answer as RFC 1034 section 4.3.2 says, from the deepest zone at hand."""
    qname = dns.name.from_text(question.name)
    closest = max((origin for origin in zones if qname.is_subdomain(origin)), key=len, default=None)
    if closest is None:
        return Response("REFUSED")
    zone = zones[closest]
    name = closest
    for depth in range(len(closest) + 1, len(qname) + 1):
        name = qname.split(depth)[1]
        referral = _rrset(zone, name, "NS")
        if referral:
            glue = [
                _rrset(zone, dns.name.from_text(target), kind) for target in referral[0].rdata for kind in ("A", "AAAA")
            ]
            return Response("NOERROR", authority=referral, additional=sum(glue, ()))
    soa = _rrset(zone, closest, "SOA")
    found = _rrset(zone, qname, question.rdtype) or _rrset(zone, qname, "CNAME")
    if found:
        return Response("NOERROR", authoritative=True, answer=found)
    exists = any(owner.is_subdomain(qname) for owner in zone.nodes)
    return Response("NOERROR" if exists else "NXDOMAIN", authoritative=True, authority=soa)


def _rrset(zone: dns.zone.Zone, owner: dns.name.Name, kind: str) -> tuple[RRset, ...]:
    rdataset = zone.get_rdataset(owner, kind)
    if rdataset is None:
        return ()
    rdata = tuple(sorted(item.to_text().lower() for item in rdataset))
    return (RRset(canonical(owner.to_text()), kind, rdataset.ttl, rdata),)


def silent(_: Question, __: Outcome) -> Outcome:
    return NoResponse(FailureReason.TIMEOUT, "no answer in 2 s")


def unreachable(_: Question, __: Outcome) -> Outcome:
    return NoResponse(FailureReason.UNREACHABLE, "connection refused")


def refusing(_: Question, __: Outcome) -> Outcome:
    return Response("REFUSED")


def answering(response: Response) -> Behaviour:
    return lambda _, __: response


def without_authority(_: Question, outcome: Outcome) -> Outcome:
    return changed(outcome, authoritative=False)


def recursive(_: Question, outcome: Outcome) -> Outcome:
    """A resolver: RA, no AA."""
    return changed(outcome, authoritative=False, recursion_available=True)


def also_recursive(_: Question, outcome: Outcome) -> Outcome:
    """An authoritative server that recurses as well: RA beside AA."""
    return changed(outcome, recursion_available=True)


def counting_down(clock: Clock) -> Behaviour:
    """A cache that forwards AA: its TTL falls by one each second."""

    def behaviour(_: Question, outcome: Outcome) -> Outcome:
        if isinstance(outcome, NoResponse):
            return outcome
        age = int(clock.now().monotonic)
        return changed(outcome, answer=tuple(rrset._replace(ttl=rrset.ttl - age % 300) for rrset in outcome.answer))

    return behaviour


def losing_first(times: int) -> Behaviour:
    """Lose the first answers to each question."""
    seen: Counter[Question] = Counter()

    def behaviour(question: Question, outcome: Outcome) -> Outcome:
        seen[question] += 1
        return NoResponse(FailureReason.TIMEOUT) if seen[question] <= times else outcome

    return behaviour


def changed(outcome: Outcome, **changes: object) -> Outcome:
    """Copy a response with some attributes changed; silences stay."""
    if isinstance(outcome, NoResponse):
        return outcome
    fields = ("rcode", "authoritative", "recursion_available", "answer", "authority", "additional")
    return Response(**{field: getattr(outcome, field) for field in fields} | changes)


def names(*texts: str) -> tuple[DomainName, ...]:
    return tuple(canonical(text) for text in texts)
