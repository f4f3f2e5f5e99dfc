"""What is wrong with this vantage, or with servers of a zone, rather than with one domain.

One server that does not respond has a fault of its own; when no server responds, the fault is this vantage's. The
vantage is blind when it keeps asking and no server of any domain, authoritative or resolver, has responded for
`BLIND_AFTER` seconds. It is blind for a zone when every authoritative server of the zone fails
(`probe.judge.findings.failing`), though resolvers or other zones answer. While it is blind no new finding is raised:
evidence grows old by itself, and `probe-blind` says why.

Before that comes `probe-behind` (`probe.judge.findings.lateness`): a probe that is too slow to judge judges nobody.
"""

from dataclasses import replace
from typing import NamedTuple

from probe.judge.findings import failing as servers
from probe.judge.findings import lateness
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.evidence import facts
from probe.judge.findings.failing import Dissenting, Failing, WatchedZones, ZoneSight
from probe.judge.findings.lateness import Lateness
from probe.model.clock import Instant
from probe.model.finding import FactLabel, Finding, FindingCode, LabelledFact
from probe.model.name import ROOT, DomainName, display
from probe.model.observation import Glimpse, Observation
from probe.model.outcome import NoResponse
from probe.model.server import Server
from probe.model.text import brief, moment, plural

BLIND_AFTER = 30.0
"""Seconds: four calm turns of a single domain, fifteen timeouts one after the other."""

BLIND_SILENCES = 5
"""Silences in a row beside that: with a single domain at 20 % loss so many come by chance once in 3,000, and then not
for 30 s."""

LOSS_OVER = 200
"""Questions over which the share of the lost ones is smoothed: half an hour of one calm domain, three seconds of 500.
What is seen of a share of 0.6 is then 0.6 give or take 0.03."""

ABOUT_NO_DOMAIN = frozenset({FindingCode.PROBE_BLIND, FindingCode.PROBE_BEHIND, FindingCode.SERVER_FAILING})
"""The findings that are about the vantage, or about servers of a zone, and not about a domain."""


class Vantage(NamedTuple):
    """What the vantage has seen of the world.

    Attributes:
        answered: When any server last gave a response of any kind; None before the first.
        silent_since: When the present series of silences began, None while there is none.
        silences: How many they are.
        failing: The authoritative servers that give no evidence of late.
        sights: The zones that are not seen, or were not at some time.
        heard: The authoritative servers that gave evidence at some time.
        loss: The share of lost questions of late, of all servers but those that are silent for good.
    """

    answered: Instant | None = None
    silent_since: Instant | None = None
    silences: int = 0
    failing: Failing = ()
    sights: tuple[ZoneSight, ...] = ()
    heard: frozenset[Server] = frozenset()
    loss: float = 0.0


def notice(vantage: Vantage, observation: Observation | Glimpse) -> Vantage:
    """Take one observation into account, whoever it belongs to, and however much was read of it.

    Only timeouts and unreachable networks are silence here: REFUSED or a malformed message shows that packets travel.
    """
    outcome = observation.outcome
    failing = servers.follow(vantage.failing, observation)
    if isinstance(outcome, NoResponse) and outcome.reason.is_lost:
        since = vantage.silent_since or observation.at
        dead = any(one.server == observation.server and one.failures >= servers.LOSSES for one in failing)
        loss = vantage.loss if dead else vantage.loss + (1.0 - vantage.loss) / LOSS_OVER
        return Vantage(vantage.answered, since, vantage.silences + 1, failing, vantage.sights, vantage.heard, loss)
    heard = vantage.heard
    if observation.server not in heard and servers.is_evidence(observation):
        heard |= {observation.server}
    loss = vantage.loss - vantage.loss / LOSS_OVER
    return Vantage(observation.at, None, 0, failing, vantage.sights, heard, loss)


def look(vantage: Vantage, zones: WatchedZones, now: Instant) -> Vantage:
    """Bring up to `now` which zones are not seen."""
    sights = servers.look(vantage.sights, vantage.failing, zones, now)
    return vantage if sights is vantage.sights else vantage._replace(sights=sights)


def is_blind(vantage: Vantage, now: Instant) -> bool:
    """Tell whether the vantage is blind at `now`."""
    return (
        vantage.silent_since is not None
        and vantage.silences >= BLIND_SILENCES
        and now.monotonic - vantage.silent_since.monotonic >= BLIND_AFTER
    )


def findings(  # noqa: PLR0913, PLR0917  # whose, what it has seen and how well, where, when, and who stands against others
    name: str,
    vantage: Vantage,
    pace: Lateness,
    zones: WatchedZones,
    now: Instant,
    dissenting: Dissenting | None = None,
) -> tuple[Finding, ...]:
    """Give what is wrong with the vantage called `name`, or with servers of its zones, the gravest first.

    What is about the vantage stands under the root's name, what is about servers under their zone's: one finding,
    however many domains are concerned.

    Args:
        name: The vantage's name.
        vantage: What it has seen.
        pace: Whether it keeps pace.
        zones: The zones that domains of the plan lie in.
        now: The present.
        dissenting: The servers that stand against the others of their zone for several domains.
    """
    found = []
    if pace.behind is not None:
        why = facts(*((FactLabel.CAUSE, reason) for reason in lateness.reasons(pace)))
        found.append(_made(FindingCode.PROBE_BEHIND, ROOT, lateness.sentence(name, pace), pace.behind, why))
    blind = _blindness(name, vantage, zones, now)
    if blind is not None:
        found.append(blind)
    if pace.behind is None and not is_blind(vantage, now):
        accused = servers.accused(vantage.sights, vantage.failing, zones, now, vantage.loss)
        against = dissenting or {}
        for zone in dict.fromkeys([*accused, *against]):
            members, others = accused.get(zone, ()), against.get(zone, ())
            began = [*(one.since for one in members), *(one.since for one in others)]
            since = min(began, key=lambda at: at.monotonic)
            told = servers.failure_facts(members, others, zones[zone].domains if members else 0)
            made = _made(FindingCode.SERVER_FAILING, zone, servers.sentence(zone, members, others), since, told)
            lines = (*map(servers.told, members), *map(servers.told_dissent, others))
            found.append(replace(made, evidence=lines))
    return tuple(found)


def _blindness(name: str, vantage: Vantage, zones: WatchedZones, now: Instant) -> Finding | None:
    last = f"The last answer came at {moment(vantage.answered)}" if vantage.answered is not None else ""
    if is_blind(vantage, now) and vantage.silent_since is not None:
        words = f"The vantage {name} has had no answer from any server since {moment(vantage.silent_since)}."
        told = facts(
            (FactLabel.ANSWERS, f"{plural(vantage.silences, 'question')} in a row without a response"),
            (FactLabel.ANSWERS, last),
        )
        return _made(FindingCode.PROBE_BLIND, ROOT, words, vantage.silent_since, told)
    began = {sight.zone: sight.unseen_since for sight in vantage.sights if sight.unseen_since is not None}
    if not began:
        return None
    named = brief([display(zone) for zone in began])
    words = f"The vantage {name} has no answer from any authoritative server of {named}."
    told = facts(
        (FactLabel.ANSWERS, servers.unseen(vantage.sights, vantage.failing, zones)),
        (FactLabel.EFFECT, "Where the names of these zones lead is not seen, whatever resolvers still answer"),
    )
    return _made(FindingCode.PROBE_BLIND, ROOT, words, min(began.values(), key=lambda since: since.monotonic), told)


def _made(
    code: FindingCode, domain: DomainName, sentence: str, since: Instant, told: tuple[LabelledFact, ...]
) -> Finding:
    entry = CATALOGUE[code]
    return Finding(
        entry.code,
        entry.severity,
        domain,
        sentence,
        entry.remedy,
        since.wall,
        link=entry.link,
        inferred=entry.inferred,
        first=entry.first,
        facts=told,
    )
