"""What `preflight` says of DNS itself: records, servers, delegations, TTLs, denials, signatures and resolvers."""

from collections.abc import Iterable

from probe.judge.domain import relevant
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.preflight.inputs import PreflightEvidence, ZoneFacts
from probe.judge.zone_views import sees_other, views
from probe.model.check import Check, CheckOutcome
from probe.model.delegation import Delegation, DelegationProblem
from probe.model.domain import DomainStatus
from probe.model.finding import Severity
from probe.model.name import DomainName, display
from probe.model.outcome import FailureReason
from probe.model.plan import Expectation, Weights
from probe.model.record import Position, RecordState
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.server import CachedAnswers
from probe.model.share import Share, ShareVerdict
from probe.model.side import ABSENT_CLASSES, Side
from probe.model.text import duration, listed, plural

LOW_TTL = 60
"""Seconds: the TTL of an alias to a load balancer, and of the load balancer's own name."""

HIGH_TTL = 300
"""Seconds: beyond it going back takes longer than anybody waits in an incident; ExternalDNS' own default."""

NEGATIVE_TTL = 300
"""Seconds: large public resolvers cut a denial there, so that more hurts those who ask others."""

_BROKEN = frozenset({DelegationProblem.NOT_FOUND, DelegationProblem.PRIVATE, DelegationProblem.INTERCEPTED})


def records(status: DomainStatus) -> Check:
    """Say where a domain stands, and what is open about it already."""
    outcome, sentence, remedy = _record(status)
    return Check("record", display(status.domain.name), outcome, sentence, remedy)


def _record(status: DomainStatus) -> tuple[CheckOutcome, str, str]:
    if status.state is RecordState.UNKNOWN:
        return CheckOutcome.UNKNOWN, status.sentence, "Run preflight again; the reason says what was missing."
    worst = next((one for one in status.findings if one.severity.reaches(CATALOGUE[one.code].blocks_preflight)), None)
    if worst is not None:
        return CheckOutcome.FAIL, f"{worst.code}: {worst.sentence}", worst.remedy
    if status.state is not RecordState.ABSENT and not status.state.is_steady:
        return CheckOutcome.FAIL, status.sentence, "Wait until it settles, or find out why it does not."
    other = next((one for one in status.findings if one.severity.reaches(Severity.WARNING)), None)
    if other is not None:
        return CheckOutcome.WARN, f"{other.code}: {other.sentence}", other.remedy
    if status.state is RecordState.ABSENT:
        return CheckOutcome.WARN, status.sentence, "Check the name: there is no record to move."
    moved = status.state is RecordState.V2 and status.domain.expectation.side is not Side.V2
    return (
        (CheckOutcome.WARN, status.sentence, "It has moved already.")
        if moved
        else (CheckOutcome.PASS, status.sentence, "")
    )


def both_views(status: DomainStatus, evidence: PreflightEvidence) -> tuple[Check, ...]:
    """Say whether the view that is not judged leads elsewhere: what moves the one leaves the other where it is."""
    snapshot = evidence.snapshot
    seen = views(status, snapshot.at, snapshot.plan)
    if seen is None:
        return ()
    name, other = display(status.domain.name), next(one.view.value for one in seen.seen if not one.is_judged)
    if seen.differ is False:
        return (Check("other-view", name, CheckOutcome.PASS, seen.sentence, ""),)
    remedy = (
        f"Make sure that the {other} view may stay where it is, or plan its move as well: its zone has a record of "
        "its own."
        if seen.differ
        else "Look again, once both are known; what moves the one leaves the other where it is."
    )
    return (Check("other-view", name, CheckOutcome.WARN, seen.sentence, remedy),)


def ttl(status: DomainStatus) -> Check:
    """Say how long caches keep what stands now, as every server really serves it, and how long to wait if too long."""
    name = display(status.domain.name)
    served = {
        server.server.name: max(record.cache or 0, *(rrset.ttl for rrset in server.response.answer))
        for record in relevant(status)
        for server in record.servers
        if server.response is not None and server.response.answer
    }
    if not served:
        return Check("ttl", name, CheckOutcome.UNKNOWN, "No server answered with a TTL.", "Look again.")
    longest = max(served.values())
    cached, holder = max(
        ((one.ttl or 0, one.server.name) for one in status.resolvers if _is_answer(one)), default=(0, "")
    )
    if longest <= LOW_TTL and cached <= max(longest, LOW_TTL):
        return Check(
            "ttl", name, CheckOutcome.PASS, f"Its servers serve at most {longest} s ({plural(len(served), 'server')})."
        )
    if longest <= LOW_TTL:
        return Check(
            "ttl",
            name,
            CheckOutcome.WARN,
            f"The servers serve {longest} s, but the resolver {holder} still holds an answer for {duration(cached)}: "
            "the TTL was lowered only lately, or the resolver extends it.",
            f"Wait {duration(cached)}, and look again.",
        )
    late = sorted(display(server) for server, seconds in served.items() if seconds == longest)
    where = "" if len(late) == len(served) else f" at {listed(late)}"
    outcome = CheckOutcome.FAIL if longest > HIGH_TTL else CheckOutcome.WARN
    return Check(
        "ttl",
        name,
        outcome,
        f"Its TTL is {duration(longest)}{where}: for that long after the move, and after a rollback, "
        "caches lead to the old side.",
        f"Lower it to {LOW_TTL} s, and wait {duration(longest)} from the moment when all servers serve that.",
    )


def servers(delegations: Iterable[Delegation]) -> tuple[Check, ...]:
    """Say for each zone whether its servers and their delegation are sound."""
    checks = []
    for one in delegations:
        zone = display(one.zone) if one.zone is not None else "unknown zone"
        if not one.problems:
            checks.append(
                Check(
                    "servers",
                    zone,
                    CheckOutcome.PASS,
                    f"{_soundness(one)} ({_addresses(one)}).",
                )
                if one.servers
                else Check("servers", zone, CheckOutcome.FAIL, "No server of it answers with authority.", _DELEGATION)
            )
            continue
        broken = not one.servers or any(problem.problem in _BROKEN for problem in one.problems)
        told = " ".join(problem.sentence for problem in one.problems[:4])
        checks.append(Check("servers", zone, CheckOutcome.FAIL if broken else CheckOutcome.WARN, told, _DELEGATION))
    return tuple(checks)


def _soundness(delegation: Delegation) -> str:
    """Say what is known of a zone's servers: of those that the plan gives nothing is walked, nor asked."""
    told = {server.cached for server in delegation.servers}
    if CachedAnswers.ALWAYS in told:
        return "The plan names resolvers that answer for it as a private zone: no delegation is looked at"
    if CachedAnswers.ADMITTED in told:
        return "The plan names its servers: no delegation is looked at"
    return "All its servers answer with authority"


def _addresses(delegation: Delegation) -> str:
    count = len(delegation.servers)
    return "1 address" if count == 1 else f"{count} addresses"


_DELEGATION = "Compare the NS records at the parent with the zone's own, and ask each of these servers yourself."


def zone(name: DomainName, facts: ZoneFacts) -> tuple[Check, ...]:
    """Judge what was asked about a zone: how long denials are kept, and DNSSEC."""
    return _negative(display(name), facts), _dnssec(display(name), facts)


def _negative(name: str, facts: ZoneFacts) -> Check:
    if facts.negative_ttl is None:
        return Check("negative-ttl", name, CheckOutcome.UNKNOWN, "No server gave its SOA record.", "Look again.")
    kept = f"Negative answers are cached for {duration(facts.negative_ttl)}"
    if facts.negative_ttl <= NEGATIVE_TTL:
        return Check("negative-ttl", name, CheckOutcome.PASS, f"{kept}.")
    return Check(
        "negative-ttl",
        name,
        CheckOutcome.WARN,
        f"{kept}: if a record is missing for a moment during the move, clients that ask then miss it for that long.",
        f"Lower the SOA's TTL or its MINIMUM to {NEGATIVE_TTL} s for the night; take over without a gap "
        "(--migrate-from-txt-owner).",
    )


def _dnssec(name: str, facts: ZoneFacts) -> Check:
    if facts.bogus:
        return Check(
            "dnssec",
            name,
            CheckOutcome.FAIL,
            f"{listed(facts.bogus)} cannot validate it: SERVFAIL, and an answer only without validation (CD).",
            "Compare the DS record at the parent with the zone's keys, and the time stamps of its signatures.",
        )
    if facts.delegation_signer:
        if facts.unsigned:
            return Check(
                "dnssec",
                name,
                CheckOutcome.FAIL,
                f"Its parent has a DS record, but {listed(facts.unsigned)} answer without a signature: resolvers that "
                "validate will fail.",
                "Sign the zone again, or remove the DS record at the registrar and wait out its TTL.",
            )
        by = f", and {listed(facts.validated)} validate it" if facts.validated else ""
        return Check("dnssec", name, CheckOutcome.PASS, f"It is signed{by}.")
    if facts.delegation_signer is None and facts.keys is not False:
        told = "Whether its parent has a DS record could not be asked."
        return Check(
            "dnssec", name, CheckOutcome.UNKNOWN, told, "Look again, where the parent's servers can be reached."
        )
    if facts.keys:
        return Check(
            "dnssec",
            name,
            CheckOutcome.PASS,
            "It has keys, but its parent has no DS record: resolvers do not validate it.",
        )
    return Check("dnssec", name, CheckOutcome.PASS, "It is not signed.")


def resolvers(evidence: PreflightEvidence) -> tuple[Check, ...]:
    """Say for each resolver of the plan whether it tells what the servers tell."""
    plan, domains = evidence.snapshot.plan, evidence.snapshot.domains
    if not plan.resolvers:
        return (
            Check(
                "resolvers",
                "plan",
                CheckOutcome.WARN,
                "The plan watches no resolver: what users still get after the move is not seen.",
                "Copy some from config/public-resolvers.yaml.",
            ),
        )
    watched = [one.name for one in plan.resolvers if not all(sees_other(one, status) for status in domains)]
    said: dict[str, list[tuple[DomainStatus, ResolverStatus]]] = {name: [] for name in watched}
    for status in domains:
        for one in status.resolvers:
            said.setdefault(one.server.name, []).append((status, one))
    return tuple(_resolver(name, told) for name, told in said.items())


def _resolver(name: str, told: list[tuple[DomainStatus, ResolverStatus]]) -> Check:
    answering = [(status, one) for status, one in told if one.answer_class is not None and one.failure is None]
    if not answering:
        reasons = sorted({one.failure.value for _, one in told if one.failure is not None})
        why = f" ({listed(reasons)})" if reasons else ""
        return Check(
            "resolvers",
            name,
            CheckOutcome.WARN,
            f"It gives no answer{why}: what its users get is not known.",
            "Many resolvers answer only their own network; remove it from the plan if it is one of these.",
        )
    warnings = (
        (
            [status for status, one in answering if one.answer_class in ABSENT_CLASSES],
            "It denies {}, which the servers answer.",
            "Wait until its negative cache has run out; if it stays, it filters the name or looks at another zone.",
        ),
        (
            [status for status, one in answering if one.verdict is ResolverVerdict.LATE],
            "It serves {} beyond its TTL.",
            "Expect it to be late.",
        ),
        (
            [status for status, one in answering if one.verdict is ResolverVerdict.WRONG],
            "It answers for {} what the servers were not seen to give.",
            "It seems to rewrite answers, or to look at another zone: its users may not follow the move.",
        ),
        (
            [status for status, one in told if one.failure is FailureReason.SERVFAIL],
            "It fails to resolve {}.",
            "See the checks `servers` and `dnssec`.",
        ),
    )
    for concerned, sentence, remedy in warnings:
        if concerned:
            names = listed(sorted({display(status.domain.name) for status in concerned}))
            return Check("resolvers", name, CheckOutcome.WARN, sentence.format(names), remedy)
    count = len({status.domain.name for status, _ in answering})
    return Check("resolvers", name, CheckOutcome.PASS, f"It answers for {plural(count, 'domain')}.")


def weights(status: DomainStatus) -> tuple[Check, ...]:
    """Say whether a wave that is, or is to be, weighted can be: Route 53 refuses weights beside a simple record."""
    domain = status.domain
    name = display(domain.name)
    weighted = [step.weights for step in domain.schedule if step.expectation is Expectation.WEIGHTED]
    if domain.expectation is not Expectation.WEIGHTED and not weighted:
        return ()
    steady = {record.position for record in relevant(status) if record.state.is_side}
    if domain.expectation is Expectation.WEIGHTED and domain.weights is not None and status.shares:
        return tuple(_share(name, share, domain.weights) for share in status.shares)
    if Position.V1 in steady:
        return (
            Check(
                "weights",
                name,
                CheckOutcome.WARN,
                "It is expected to be weighted, and every answer led to v1: if v1's record is a simple one, Route 53 "
                "refuses "
                "v2's weighted record at every sync, without a word in DNS.",
                "Make v1's record weighted first (aws-weight and set-identifier on its Ingress), at 100 to 0.",
            ),
        )
    return ()


def _share(name: str, share: Share, declared: Weights) -> Check:
    decided = share.needed == 0
    more = f"About {share.needed} more answers" if share.needed else "More answers"
    return Check(
        "weights",
        name,
        CheckOutcome.PASS
        if decided and share.verdict is ShareVerdict.AS_DECLARED
        else CheckOutcome.WARN
        if decided
        else CheckOutcome.UNKNOWN,
        f"{share.rdtype.value}: {share.v2} of {share.answers} answers lead to v2, declared {declared.v2_share:.0%}: "
        f"the share lies between {share.lower:.1%} and {share.upper:.1%}.",
        "Compare the weights of both record sets." if decided else f"{more} will decide: give a longer --timeout.",
    )


def _is_answer(one: ResolverStatus) -> bool:
    return one.answer_class is not None and one.answer_class not in ABSENT_CLASSES
