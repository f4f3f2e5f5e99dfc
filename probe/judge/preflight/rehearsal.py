"""The wave's move, played over what was looked at: what `rehearse` foretells of it, as checks of `preflight`."""

from collections.abc import Iterable
from dataclasses import replace

from probe.judge.ownership.filters import SeenZone
from probe.judge.preflight.inputs import PreflightEvidence
from probe.judge.rehearsal.cast import may_not_enter
from probe.judge.rehearsal.run import NOT_PLAYED, Today, rehearse
from probe.judge.rehearsal.stand import is_left_to_the_plan, seen
from probe.model.check import Check, CheckOutcome
from probe.model.name import display
from probe.model.plan import Domain, Plan, Wave
from probe.model.rehearsal import Act
from probe.model.text import listed, moment, plural

REHEARSAL = "rehearsal"

_OF_THE_MOVE = frozenset({Act.AS_IT_IS.value, Act.MOVE.value})


def today_of(evidence: PreflightEvidence, plan: Plan) -> Today:
    """Give the zones as a look at DNS has shown them; what was not looked at stands as the plan lets expect."""
    snapshot = evidence.snapshot
    chosen = [status.domain.name for status in snapshot.domains if is_left_to_the_plan(status)]
    stands = {
        status.domain.name: seen(status, plan, evidence.zone_of(status.domain.name))
        for status in snapshot.domains
        if status.domain.name not in chosen
    }
    left = [display(one.name) for one in plan.domains if one.name not in stands and one.name not in chosen]
    source = (
        f"The zone is as DNS showed it at {moment(snapshot.at)}: placeholders stand for targets, and record sets that "
        "DNS does not show are assumed not to exist."
    )
    if left:
        source += f" Not looked at, and assumed to be as the plan expects: {listed(left)}."
    if chosen:
        source += (
            f" Each side's record set of {listed(list(map(display, chosen)))} is assumed to be as its own ExternalDNS "
            "writes it: DNS does not show whose it is, nor its set identifier (an export of the zone does: --zone)."
        )
    denials = [facts.negative_ttl for facts in evidence.zones.values() if facts.negative_ttl is not None]
    looked_at = (status.domain.name for status in snapshot.domains)
    zones = {name: SeenZone(apex) for name in looked_at if (apex := evidence.zone_of(name)) is not None}
    return Today(stands, source, max(denials, default=None), zones=zones)


def rehearsed(evidence: PreflightEvidence) -> tuple[Check, ...]:
    """Play the move of the wave that was looked at: what does not go well is a check each.

    Of the way back and of v1's end what does not go well is a warning: `preflight` asks whether to move. So is what was
    not played: no look at DNS shows more of it, and the sentence says why.
    """
    moving = evidence.snapshot.plan
    plan = replace(moving, waves=(*moving.waves, *_waves(evidence.others)))
    checks = []
    plays = doubtful = 0
    for wave in moving.waves:
        rehearsal = rehearse(plan, today_of(evidence, plan), wave.name)
        plays += rehearsal.plays
        for check in rehearsal.checks:
            doubtful += check.outcome is CheckOutcome.UNKNOWN and check.name in _OF_THE_MOVE
            if check.outcome is CheckOutcome.FAIL:
                outcome = CheckOutcome.FAIL if check.name in _OF_THE_MOVE else CheckOutcome.WARN
                checks.append(check._replace(name=REHEARSAL, outcome=outcome))
            elif check.name == NOT_PLAYED:
                checks.append(check._replace(name=REHEARSAL, outcome=CheckOutcome.WARN))
    if checks:
        return tuple(dict.fromkeys(checks))
    names = listed([wave.name for wave in moving.waves])
    if doubtful:
        return (
            Check(
                REHEARSAL,
                names,
                CheckOutcome.WARN,
                f"{plural(plays, 'play')} of the move, of the way back and of v1's end: {plural(doubtful, 'act')} "
                "would fail in some of the ways that the plan leaves open.",
                f"Write {listed(_KEYS + _of_zones(plan, evidence))} of both sides' ExternalDNS into the plan; "
                "`cutover-probe rehearse` says what hangs on them.",
            ),
        )
    return (
        Check(
            REHEARSAL,
            names,
            CheckOutcome.PASS,
            f"{plural(plays, 'play')} of the move, of the rollback and of v1's removal: nothing fails.",
        ),
    )


_KEYS = ["`version`", "`policy`"]


def _of_zones(plan: Plan, evidence: PreflightEvidence) -> list[str]:
    """Give the plan's key on which hangs whether an ExternalDNS enters a zone, where it does."""
    zones = today_of(evidence, plan).zones
    setups = (*plan.v1.instances, *plan.v2.instances)
    return ["`zone_match_parent`"] if any(may_not_enter(one, zones) for one in setups) else []


def _waves(domains: Iterable[Domain]) -> Iterable[Wave]:
    by_wave: dict[str, list[Domain]] = {}
    for domain in domains:
        by_wave.setdefault(domain.wave, []).append(domain)
    return (Wave(name, of[0].expectation, tuple(of)) for name, of in by_wave.items())
