"""From what parent and child servers said to the verdict on a delegation. Pure: the same evidence, the same verdict."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.delegation import Delegation, DelegationProblem, ProblemReport
from probe.model.name import DomainName, display
from probe.model.outcome import FailureReason, NoResponse, Outcome
from probe.model.server import Server, family
from probe.route53.hosted_zone import PRIVATE_NS
from probe.wire.delegation.reply import DelegationReply, StepKind, unheard
from probe.wire.delegation.standing import ChildReply, ServerStanding, announced, label, standing
from probe.wire.delegation.walk_values import Addresses

_NAMES_IN_SENTENCE = 4  # the size of a Route 53 set; a longer list is for the attributes, not for reading

_ORDER = {problem: number for number, problem in enumerate(DelegationProblem)}


class ParentReply(NamedTuple):
    """What one server of the parent zone says of the zone: None when nothing usable, and whether it set RA."""

    server: Server
    step: DelegationReply | None
    recursive: bool = False


class NameServer(NamedTuple):
    """One name of the NS sets: the parent's glue for it, and its authoritative addresses."""

    name: DomainName
    glue: tuple[str, ...]
    found: Addresses


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that one walk gathered about one zone.

    Attributes:
        zone: The zone.
        referred: The NS set of the referral by which the zone was found.
        parents: Each parent server's word; empty where the walk starts.
        name_servers: Each name of either NS set.
        children: Each address of each name server.
        families: The address families in use.
        unreachable: Those from which nothing but UNREACHABLE came.
        recursive: Servers on the way down that set RA.
    """

    zone: DomainName
    referred: tuple[DomainName, ...]
    parents: tuple[ParentReply, ...]
    name_servers: tuple[NameServer, ...]
    children: tuple[ChildReply, ...]
    families: frozenset[int]
    unreachable: frozenset[int] = frozenset()
    recursive: tuple[Server, ...] = ()


def verdict(evidence: Evidence, at: Instant) -> Delegation:
    """Weigh the evidence.

    A server counts when it answers with authority from every look at it. A server whose address family cannot be
    reached from this machine at all (nothing but UNREACHABLE from the whole family, while the other family
    answers: many machines have no IPv6) is left out without a word: it says nothing about the delegation.
    """
    children = _reachable(evidence)
    parent_ns = _union(reply.step.ns for reply in evidence.parents if reply.step is not None) or evidence.referred
    child_ns = _union(announced(reply, evidence.zone) or () for reply in children)
    if PRIVATE_NS & {*parent_ns, *child_ns}:
        return Delegation(evidence.zone, (), parent_ns, child_ns, (_private(evidence.zone),), at)
    standings = [standing(reply, evidence.zone) for reply in children]
    problems = [
        *_server_problems(children, standings),
        *_unresolved(evidence),
        *_parent_problems(evidence, parent_ns),
        *_mismatch(evidence, parent_ns, child_ns),
        *_divided(evidence.zone, children),
        *_glue(evidence),
        *(on_the_way(reply.server) for reply in evidence.parents if reply.recursive),
        *(on_the_way(server) for server in evidence.recursive),
    ]
    servers = tuple(reply.server for reply, stands in zip(children, standings, strict=True) if stands.counts)
    silent = tuple(
        reply.server
        for reply, stands in zip(children, standings, strict=True)
        if stands.problem is DelegationProblem.SILENT
    )
    untold = frozenset((server.name, number) for server in evidence.name_servers for number in server.found.untold)
    return Delegation(evidence.zone, servers, parent_ns, child_ns, in_order(problems), at, silent, untold)


def in_order(problems: Iterable[ProblemReport]) -> tuple[ProblemReport, ...]:
    """Sort problems by kind, subject and sentence, each once."""
    return tuple(sorted(set(problems), key=lambda report: (_ORDER[report.problem], report.subject, report.sentence)))


def _reachable(evidence: Evidence) -> tuple[ChildReply, ...]:
    heard = {family(reply.server.address) for reply in evidence.children if not unheard(reply.soa)}
    gone = evidence.unreachable if heard - evidence.unreachable else frozenset()
    return tuple(
        reply
        for reply in evidence.children
        if not (family(reply.server.address) in gone and _cut_off(reply.soa) and _cut_off(reply.ns))
    )


def _cut_off(outcome: Outcome) -> bool:
    return isinstance(outcome, NoResponse) and outcome.reason is FailureReason.UNREACHABLE


def _union(sets: Iterable[tuple[DomainName, ...]]) -> tuple[DomainName, ...]:
    return tuple(sorted({name for names in sets for name in names}))


def _server_problems(children: tuple[ChildReply, ...], standings: list[ServerStanding]) -> Iterable[ProblemReport]:
    for reply, stands in zip(children, standings, strict=True):
        if stands.problem is not None:
            yield ProblemReport(stands.problem, label(reply.server), f"{label(reply.server)} {stands.words}.")


def _unresolved(evidence: Evidence) -> Iterable[ProblemReport]:
    for server in evidence.name_servers:
        if not server.glue and server.found.reason:
            name = display(server.name)
            yield ProblemReport(
                DelegationProblem.UNRESOLVED,
                name,
                f"The name server {name} of {display(evidence.zone)} cannot be asked: {server.found.reason}.",
            )


def _parent_problems(evidence: Evidence, parent_ns: tuple[DomainName, ...]) -> Iterable[ProblemReport]:
    zone = display(evidence.zone)
    sets = Counter(reply.step.ns for reply in evidence.parents if reply.step is not None and reply.step.ns)
    usual = max(sets, key=lambda names: (sets[names], names)) if sets else parent_ns
    for reply in evidence.parents:
        if reply.step is None or reply.step.ns == usual:
            continue
        if reply.step.kind is StepKind.CUT:
            sentence = (
                f"{label(reply.server)} delegates {zone} to {listed(reply.step.ns)}; the parent's other servers do not."
            )
        else:
            sentence = f"{label(reply.server)} does not delegate {zone}; the parent's other servers do."
        yield ProblemReport(DelegationProblem.PARENT_CHILD_MISMATCH, label(reply.server), sentence)


def _mismatch(
    evidence: Evidence, parent_ns: tuple[DomainName, ...], child_ns: tuple[DomainName, ...]
) -> Iterable[ProblemReport]:
    if not (parent_ns and child_ns) or parent_ns == child_ns:
        return
    zone = display(evidence.zone)
    differences = []
    if only_parent := sorted({*parent_ns} - {*child_ns}):
        differences.append(f"only the parent names {listed(only_parent)}")
    if only_child := sorted({*child_ns} - {*parent_ns}):
        differences.append(f"only the zone itself names {listed(only_child)}")
    yield ProblemReport(
        DelegationProblem.PARENT_CHILD_MISMATCH,
        zone,
        f"The NS sets of {zone} at its parent and in the zone differ: {' and '.join(differences)}.",
    )


def _divided(zone: DomainName, children: tuple[ChildReply, ...]) -> Iterable[ProblemReport]:
    sets = {reply.server: names for reply in children if (names := announced(reply, zone)) is not None}
    counted = Counter(sets.values())
    if len(counted) < 2:  # noqa: PLR2004  # two sets are the fewest that can differ
        return
    usual = max(counted, key=lambda names: (counted[names], names))
    for server, names in sets.items():
        if names != usual:
            yield ProblemReport(
                DelegationProblem.CHILD_DIVIDED,
                label(server),
                f"{label(server)} names {listed(names)} as servers of {display(zone)}, others name {listed(usual)}.",
            )


def _glue(evidence: Evidence) -> Iterable[ProblemReport]:
    """Compare glue with what the name's own zone says, family by family.

    A family without any glue is none of this: registries often hold IPv4 glue only, and nobody is misled.
    """
    for server in evidence.name_servers:
        for wanted in sorted(evidence.families - server.found.untold):
            glue = {address for address in server.glue if family(address) == wanted}
            own = {address for address in server.found.addresses if family(address) == wanted}
            if glue and glue != own:
                name = display(server.name)
                truth = listed(sorted(own)) if own else (server.found.reason or f"it has no IPv{wanted} address")
                yield ProblemReport(
                    DelegationProblem.GLUE_MISMATCH,
                    name,
                    f"The parent's glue for {name} is {listed(sorted(glue))}; its own zone says: {truth}.",
                )


def _private(zone: DomainName) -> ProblemReport:
    return ProblemReport(
        DelegationProblem.PRIVATE,
        display(zone),
        f"{display(zone)} shows the name servers of a Route 53 private hosted zone, which do not answer queries. "
        "Only resolvers answer for it, out of their caches: name one in authoritative.private_zones.",
    )


def on_the_way(server: Server) -> ProblemReport:
    """Report a server above the zone that set RA."""
    return ProblemReport(
        DelegationProblem.INTERCEPTED,
        label(server),
        f"The answer of {label(server)} on the way down had RA set: something in between answers in its place.",
    )


def listed(items: Iterable[str]) -> str:
    """Write names or addresses for a sentence: the first few, and how many more there are."""
    shown = [display(item) for item in items]
    more = f" and {len(shown) - _NAMES_IN_SENTENCE} more" if len(shown) > _NAMES_IN_SENTENCE else ""
    return ", ".join(shown[:_NAMES_IN_SENTENCE]) + more
