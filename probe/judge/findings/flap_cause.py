"""Why a record flaps: what ExternalDNS instances do to each other, told from target and ownership together.

Two ExternalDNS that fight write target and TXT in one batch. So the TXT says which kind of fight it is (the numbers are
those of recorded runs of the real one):

| target | ownership | cause |
| --- | --- | --- |
| comes and goes | any, or with it | `fight-delete-create`: one owner id or a take-over, and --policy=sync (S3) |
| A flips, AAAA does not | `cname-` and `a-` stand, and name different owners | `fight-version-mix` (S12, S15) |
| flips | the owner flips as well | `fight-mutual-migration`: each migrates from the other (S6) |
| flips | one owner, which stands | `fight-same-owner` (S1, S4, S9, S25, S31); its resource may flip (S1b) |
| flips | encrypted | `fight-same-owner`: who writes it has the key, and reads what the other wrote (S20) |
| flips | one, which by the plan binds one side only (--registry) | `flip-flop`: the two do not have one owner id |
| flips | none, or nothing of the above | `flip-flop`: not ExternalDNS, or not provable |

What is known of the fight is gathered first (`probe.judge.findings.fight`). The first match wins, so that there is
always exactly one finding, from the moment on at which the record flaps: it is `flip-flop` until more is known. An
owner that stands is no evidence of a fight by itself: it also stands while a person, a pipeline or a health check
changes the target. So a cause is named by one of three witnesses:

- *seen* in DNS: the TXT changes with the target, by its owner or its resource. An owner that returns is also what a
  retry writes, which moves a host by one ExternalDNS and back by the other: there the times of the changes have to tell
  two controllers from people as well, at a lower bar than by themselves;
- *seen* in both clusters, where they are read: both want the record, and their flags do not keep them apart. Where the
  hosted zone is read, and one simple record was read leading to and fro while both want it, the fight is seen there;
- *inferred*: the episode's beat is that of two controllers (`probe.judge.record.controllers`). Of a TXT that comes and
  goes with its record the lower bar holds as well, where that is quicker than one ExternalDNS could do it alone, whose
  object is removed and made again: that one needs a sync for each change. Health checks have beats
  as well: where weights are declared, or stand in the hosted zone that is read, it has to be the beat of the declared
  intervals. And it names no ExternalDNS whose cluster, as it was read lately, does not have the record written.

A cause is named during the episode and stays until the episode is over: the effects of a remedy (another owner, one
more change) do not count as another fight. Only what is seen corrects a cause that was inferred: an owner that returns
with the target, both clusters' flags, and sets in the hosted zone between which Route 53 chooses, unless the beat is
that of the declared intervals. An owner *stands* when a name was answered alike both before and after the change before
the newest; one that changed at all since the fight began has to stand over two cycles, because a server that is late
shows the old owner beside the new target. Where weights are declared, or stand in the zone, an owner that alternates
proves nothing: each weighted set has a TXT of its own, drawn with it.

Where shares alternate and no change was seen (`probe.judge.record.periodogram`), nothing tells who does it: it is
`flip-flop` (`probe.judge.findings.share_beat`).

A side that is declared to have no weight and appears all the same, while ownership stands, is no ExternalDNS' doing:
Route 53 answers with it while the health checks of all others fail.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from probe.judge.advice.of_fights import stop_deleting, third_party, third_writer, two_registries
from probe.judge.context import Context
from probe.judge.domain import SIDES, hosted
from probe.judge.findings.evidence import Found, facts, history, txt_by_txt, word_by_word
from probe.judge.findings.fight import NEWEST, Fight, gather, is_about_existence
from probe.judge.findings.fight_by_plan import outside_of_txt, read_apart, taken_by_flags, unlike_the_plan
from probe.judge.findings.flap_text import (
    SEEN_BESIDE_DNS,
    SEEN_IN_CLUSTERS,
    UNKNOWN_WRITER,
    FlapFacts,
    FlapWhy,
    FlapWords,
    beside_the_plan,
    clusters_idle,
    course,
    delete_create,
    elsewhere,
    flip_flop,
    mutual_migration,
    proof,
    registries,
    route53_chooses,
    same_owner,
    taken_and_deleted,
    version_mix,
)
from probe.judge.findings.share_beat import alternating_share
from probe.judge.findings.takeover import deleter
from probe.judge.findings.turns import as_written
from probe.judge.findings.witnessed import set_by_set, wish_by_wish
from probe.judge.ownership.lookup import Shape, in_order, owner_ids, reading_orders
from probe.judge.ownership.txt_history import (
    came_and_went,
    owner_since,
    owners_beside,
    owners_told,
    readings,
)
from probe.judge.record.period import changes, has_third_writer, places_of
from probe.judge.record.state import beats_alone
from probe.judge.record_sets import read_since
from probe.judge.state import DomainState
from probe.model.advice import Advise
from probe.model.clock import Instant
from probe.model.external_dns import Registry
from probe.model.finding import FactLabel, LabelledFact
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState

CAUSE_AWAITED = 20.0
"""Seconds of flapping for which an owner that was read beside one place only may still turn out to flip with the
target: two rounds of the TXT names in a burst."""

ENOUGH_ANSWERS = 6
"""Answers in a row that name one owner, where another was named before: of an owner that flips with the target all
would fall on one side once in 32."""

MAX_SHOWN_CHANGES = 8
"""Changes that the evidence shows beside the TXT names and the servers: four cycles of one record, two of both."""


def attribute(state: DomainState, at: Instant, context: Context) -> tuple[str, Found] | None:
    """Give the code of the cause and what was found; None while nothing flaps."""
    status = state.status
    flapping = tuple(one for one in state.remembered if one.record.state is RecordState.FLAPPING)
    if not flapping:
        return None
    flapping, beating = tuple(one for one in flapping if not beats_alone(*one)), flapping
    if not flapping:
        return "flip-flop", alternating_share(status, beating, at)
    records = [one.record for one in flapping]
    flapping = as_written(flapping, status)
    fight = gather(status, flapping, at, context)
    code = _code(fight, context)
    told = FlapFacts(status, flapping, fight.claims, fight.begun, at)
    lines = _witness_lines(fight, at)
    if code is None:
        fallback = _is_fallback(fight)
        why = _why(fight, context)
        words = flip_flop(told, why, fallback=fallback)
        return "flip-flop", Found(
            words.sentence,
            (*lines, *word_by_word(records), *history(records)),
            inferred=fight.contest is None and (fallback or why.inferred),
            facts=(*words.facts, *course(told)),
        )
    cause = CAUSES[code]
    taking = deleter(status, context) if code == "fight-delete-create" else None
    told = told._replace(
        unlike=unlike_the_plan(code, told, context),
        outside_of_txt=outside_of_txt(fight, context),
        taken=taken_by_flags(told, context) if code == "fight-delete-create" and taking is None else (),
        read_apart=code == "fight-version-mix" and read_apart(context),
    )
    is_contest = fight.contest is not None and fight.contest.code == code
    beside = _proof_beside_dns(fight) if is_contest or fight.rewritten else _proven_before(fight, code)
    seen = bool(beside) or cause.is_seen(fight)
    shown = beside or proof(seen=seen)
    words = cause.say(told) if taking is None else taken_and_deleted(told, taking)
    return code, Found(
        words.sentence,
        (*lines, *txt_by_txt(fight.claims), *word_by_word(records), *history(records)[-MAX_SHOWN_CHANGES:]),
        inferred=not seen,
        facts=(*words.facts, *beside_the_plan(told), *shown, *elsewhere(told), *course(told)),
        advise=_advised(told, takes=taking is not None),
        unlike=tuple(told.unlike),
    )


def _advised(told: FlapFacts, *, takes: bool) -> Advise | None:
    """Give what is advised otherwise than a cause's own: who leads it elsewhere is to be found, or one deletes."""
    if Position.FOREIGN in places_of(told.flapping):
        return third_writer if has_third_writer(told.flapping) else third_party
    if told.read_apart:
        return two_registries
    return stop_deleting if takes or told.taken else None


def _why(fight: Fight, context: Context) -> FlapWhy:
    """Give what is seen of why a record alternates, where no code names it."""
    if fight.contest is not None:
        words = facts(
            (FactLabel.CAUSE, f"Both clusters want it, and {fight.contest.why}"),
            (FactLabel.PROOF, SEEN_IN_CLUSTERS),
        )
        return FlapWhy("both clusters overwrite it", words)
    if fight.idle and not fight.chosen:
        return clusters_idle(fight.idle)
    if fight.chosen:
        return route53_chooses(fight.chosen)
    setups = outside_of_txt(fight, context) if fight.controllers else {}
    return registries(setups) if setups else UNKNOWN_WRITER


def _proof_beside_dns(fight: Fight) -> tuple[LabelledFact, ...]:
    return facts(
        (FactLabel.PROOF, SEEN_IN_CLUSTERS if fight.contest is not None else ""),
        (
            FactLabel.PROOF,
            f"{SEEN_BESIDE_DNS} the hosted zone, whose record was read leading to and fro, and in both clusters, which "
            "want it"
            if fight.rewritten
            else "",
        ),
    )


def _proven_before(fight: Fight, code: str) -> tuple[LabelledFact, ...]:
    """Give what witnesses beside DNS proved earlier: one that fails since, or flags that were mended, undo nothing."""
    named = next((finding for finding in fight.status.findings if finding.code == code), None)
    told = () if named is None else named.facts
    return tuple(fact for fact in told if fact.label is FactLabel.PROOF and fact.text.startswith(SEEN_BESIDE_DNS))


def _witness_lines(fight: Fight, at: Instant) -> tuple[str, ...]:
    """Write what witnesses beside DNS show of a fight: who, when, what."""
    wanted, written = fight.status.witnessed.wanted, hosted(fight.status, at)
    lines: tuple[str, ...] = ()
    if wanted is not None and (fight.contest is not None or fight.rewritten):
        lines += wish_by_wish(wanted, wanted.wishes if fight.contest is None else fight.contest.wishes)
    if written is not None and fight.rewritten:
        lines += tuple(
            line
            for one in read_since(fight.status.sets_read, fight.begun)[:-1]
            for line in set_by_set(written._replace(at=one.at, sets=one.sets))
        )
    if written is not None and (fight.chosen or fight.rewritten):
        lines += set_by_set(written)
    return lines


def _code(fight: Fight, context: Context) -> str | None:
    """Give the cause that was named, unless it is corrected, or the first that holds; None for `flip-flop`."""
    named = next((finding for finding in fight.status.findings if finding.code in CAUSES), None)
    if named is not None and named.code == "fight-same-owner" and _owner_returned(fight, context):
        return "fight-mutual-migration"
    if named is not None and not named.inferred:
        return named.code
    if fight.contest is not None and not _owner_returned(fight, context):
        return fight.contest.code
    if named is not None and (fight.controllers or not fight.chosen):
        return named.code
    if _is_fallback(fight):
        return None
    if fight.idle:  # a beat does not name an ExternalDNS whose cluster is seen not to write
        fight = fight._replace(controllers=False, in_step=False)
    return next((code for code, cause in CAUSES.items() if cause.holds(fight, context)), None)


def _is_fallback(fight: Fight) -> bool:
    """A side without weight appears, between the sides only, and no TXT has changed."""
    weights = fight.status.domain.weights
    if (
        fight.status.domain.expectation is not Expectation.WEIGHTED
        or weights is None
        or 0 not in (weights.v1, weights.v2)
    ):
        return False
    places = places_of(fight.flapping)
    return places <= SIDES and all(len(readings(txt, fight.begun)) <= 1 for txt in fight.claims)


def _comes_and_goes(fight: Fight, _context: Context) -> bool:
    """The newest changes are to absence and back: one absence in a fight between the sides is an outage in it."""
    gone = any(is_about_existence(changes(one)[-NEWEST:]) for one in fight.flapping)
    if not gone or not fight.claims:
        return False
    return fight.controllers or (fight.likely and fight.is_quick and _goes_with_its_record(fight))


def _goes_with_its_record(fight: Fight) -> bool:
    return any(came_and_went(txt, fight.begun) for txt in fight.claims)


def _is_version_mix(fight: Fight, context: Context) -> bool:
    """Two versions read two owners of the alias A, and both stand while the target flips.

    Every version reads the same TXT of an AAAA: one that flaps has another cause.
    """
    if not fight.controllers or any(one.record.rdtype is RecordType.AAAA for one in fight.flapping):
        return False
    standing = [txt for txt in _deciding(fight, context) if txt.owners and _stands(txt, fight)]
    return len({owner_ids(txt) for txt in standing}) > 1


def _is_mutual_migration(fight: Fight, context: Context) -> bool:
    """The owner has returned, or names another one beside each place on a controllers' beat.

    What a short dwell brought may have been missed: TXT is asked every ten seconds in a burst. Two ExternalDNS with one
    owner id never change it.
    """
    if not fight.likely:
        return False
    return _owner_returned(fight, context) or (fight.controllers and _owner_goes_with_the_place(fight, context))


def _owner_returned(fight: Fight, context: Context) -> bool:
    if fight.has_sets:
        return False
    return any(_returns(owners_told(txt, fight.begun)) for txt in _deciding(fight, context))


def _owner_goes_with_the_place(fight: Fight, context: Context) -> bool:
    if fight.has_sets:
        return False
    told = [owners_beside(txt, fight.begun) for txt in _deciding(fight, context)]
    return any(
        len(beside) > 1 and len(set(beside.values())) == len(beside) and all(len(own) == 1 for own in beside.values())
        for beside in told
    )


def _returns(told: Sequence[frozenset[str]]) -> bool:
    return any(told[index] in told[: index - 1] for index in range(2, len(told)))


def _is_same_owner(fight: Fight, context: Context) -> bool:
    if not _resource_returned(fight) and (not fight.controllers or outside_of_txt(fight, context)):
        return False
    if not any(owners_told(txt, fight.begun) for txt in fight.claims):
        return any(_was_answered(txt, fight.opened) for txt in fight.claims)
    names = _deciding(fight, context)
    newest = {owners for txt in names for owners in owners_told(txt, fight.begun)[-1:]}
    alone = len(newest) == 1 and all(len(owners) == 1 for owners in newest)
    return alone and any(_keeps_its_owner(txt, fight) for txt in names)


def _resource_returned(fight: Fight) -> bool:
    """Tell whether a name named one object, then another, and the first one again: two wrote it."""
    return any(_returns(_resources(txt, fight.begun)) for txt in fight.claims)


def _resources(txt: TxtStatus, since: float) -> list[frozenset[str]]:
    told = [frozenset(owner.resource or "" for owner in reading.owners) for reading in readings(txt, since)]
    named = [resources for resources in told if resources]
    return [*named[:1], *(after for before, after in pairwise(named) if after != before)]


def _keeps_its_owner(txt: TxtStatus, fight: Fight) -> bool:
    if len(owners_told(txt, fight.begun)) == 1:
        if len(owners_beside(txt, fight.begun)) > 1:
            return True
        return (fight.in_step or fight.age >= CAUSE_AWAITED) and _was_answered(txt, fight.opened)
    since = owner_since(txt)
    long = fight.proven is not None and since is not None and since.monotonic <= fight.proven
    return long and txt.answers >= ENOUGH_ANSWERS and _stands(txt, fight)


def _deciding(fight: Fight, context: Context) -> tuple[TxtStatus, ...]:
    """Give the names that decide, for some version, who owns what flaps; AAAA speaks where it flaps as well."""
    if any(one.record.rdtype is RecordType.AAAA for one in fight.flapping):
        own = tuple(txt for txt in fight.claims if txt.kind is TxtKind.AAAA)
        if own:
            return own
    host = fight.status.domain.name
    found = (
        txt
        for setup in context.setups
        if setup.registry is Registry.TXT
        for order in reading_orders(RecordType.A, (Shape.ALIAS,), setup.version)
        for txt in in_order(fight.claims, host, order, setup.names)[:1]
    )
    return tuple({txt.name: txt for txt in found}.values())


def _stands(txt: TxtStatus, fight: Fight) -> bool:
    since = owner_since(txt)
    return since is not None and since.monotonic <= fight.witnessed and _was_answered(txt, fight.witnessed)


def _was_answered(txt: TxtStatus, after: float) -> bool:
    return txt.at is not None and txt.at.monotonic > after


_Holds: TypeAlias = Callable[[Fight, Context], bool]
_Say: TypeAlias = Callable[[FlapFacts], FlapWords]
_IsSeen: TypeAlias = Callable[[Fight], bool]


class Cause(NamedTuple):
    """One row of the table above: when it holds, how it is said, and whether TXT shows it or the beat alone does."""

    holds: _Holds
    say: _Say
    is_seen: _IsSeen


CAUSES = {
    "fight-delete-create": Cause(_comes_and_goes, delete_create, lambda _fight: False),
    "fight-version-mix": Cause(_is_version_mix, version_mix, lambda _fight: False),
    "fight-mutual-migration": Cause(_is_mutual_migration, mutual_migration, lambda _fight: True),
    "fight-same-owner": Cause(_is_same_owner, same_owner, _resource_returned),
}
"""Code to cause, in the order in which they are tried."""
