"""What is advised where two writers change a record in turn, or would."""

from probe.externaldns.registry import kinds_read
from probe.externaldns.version import POSSIBLE, Version, dialect
from probe.judge.advice.measures import FLAGS_SINCE_V0_22, OWN_ID, UNTIL_OFF, UPSERT, give_back
from probe.judge.advice.stopping import IN_FIGHT, decide_then_stop, keep_and_stop
from probe.judge.advice.zone_commands import ENTRIES_ARE_LATE, SETS, WRITERS
from probe.model.advice import Advice, Situation
from probe.model.first_step import FirstStep
from probe.model.kubectl import edit
from probe.model.side import Side

V1, V2 = Side


def _fight(situation: Situation) -> FirstStep:
    keeps = situation.expected
    return decide_then_stop(situation) if keeps is None else keep_and_stop(situation, keeps)


def _by_side(situation: Situation, v1_keeps: str, v2_keeps: str) -> str:
    """Say what follows the stop, behind what is done instead of it where each side keeps some host of the fight."""
    hidden = _hidden_first(situation)
    match situation.expected:
        case Side.V1:
            return f"{hidden} Else {v1_keeps}"
        case Side.V2:
            return f"{hidden} {v2_keeps[0].upper()}{v2_keeps[1:]}"
        case None:
            return f"{hidden} Where v2 keeps the host: {v2_keeps} Where v1 keeps all: {v1_keeps}"


def _hidden_first(situation: Situation, *, given_back: str = "") -> str:
    """Say how each side keeps its own hosts of one fight; what is hidden is neither written nor deleted by v2's.

    Args:
        situation: Where.
        given_back: What leads such a host back to v1 besides v1's next sync; a clause that begins with a comma.
    """
    match situation.expected:
        case Side.V1:
            return f"If it does, hide this host from v2's instead (--exclude-domains, {UPSERT}): v1's leads it back."
        case Side.V2:
            return (
                f"If it does, hide that one from v2's (--exclude-domains){given_back}, and stop v1's once it is back "
                "on v1."
            )
        case None:
            return "If each is to serve one, hide v1's from v2's (--exclude-domains), and v2 keeps the rest."


def same_owner(situation: Situation) -> Advice:
    """Two ExternalDNS with one owner id: all hosts that both clusters have are in one fight, whatever their waves."""
    v1_keeps = (
        f"give v2's {OWN_ID}, and start it again: it leaves v1's records alone. Keep "
        f"{UPSERT} on v1's while a host that only v2 has carries the old id. An AAAA that only v2's version writes "
        "stays on v2: delete it with its TXT."
    )
    v2_keeps = (
        f"give v2's (of v1's version or a later one, v0.20 at least; {FLAGS_SINCE_V0_22}), in one change, "
        f"{OWN_ID} and --migrate-from-txt-owner with the present id. Once the ownership TXT of every "
        "host that v2's has taken over name the new id, delete those of each that still name the old one; only then "
        f"start v1's again, with {UPSERT}. Keep it on both {UNTIL_OFF}."
    )
    return Advice(_fight(situation), _by_side(situation, v1_keeps, v2_keeps))


def wanted_twice(situation: Situation) -> Advice:
    """A fight that both clusters' objects and flags foretell: what ends one prevents it."""
    return Advice(
        _fight(situation),
        "Do as for fight-same-owner, or for fight-mutual-migration where each migrates from the other. Without a "
        f"registry, take the host out of the cluster that lets it go, and give its ExternalDNS {UPSERT} as well. Only "
        "then start what was stopped: the finding is gone as soon as one of both is stopped.",
    )


def mutual_migration(situation: Situation) -> Advice:
    """Two ExternalDNS that migrate from each other."""

    def after(other: str, bring: str = "") -> str:
        return (
            f"remove --migrate-from-txt-owner from {other}'s: only the side that keeps the host may have it. {bring}"
            f"Only then start {other}'s again."
        )

    later = (
        "If one side is older than v0.22 and the other is not, bring the older one to the other's version, with "
        f"{UPSERT} and --annotation-prefix set. "
    )

    first = _fight(situation)
    if situation.expected is not V1 and (reads_less := _reads_less(situation)) is not False:
        reason = ": v2's does not read who owns A." if reads_less else " before both run one version."
        first = FirstStep(f"Give both ExternalDNS {UPSERT}, and stop neither{reason}", edit(situation, V2, V1))
        bring = (
            "Bring v2's to v1's version, with --annotation-prefix set, and wait for two of its syncs: stopped before, "
            "v1's would leave A on v1 and AAAA on v2. "
            if reads_less
            else f"Bring the older one to the other's version ({FLAGS_SINCE_V0_22}), and wait for two of its "
            "syncs. It depends on the versions, which the plan does not tell: where v2's is older than v0.22 and v1's "
            "is not, v1's, stopped before, would leave A on v1 and AAAA on v2. "
        )
        one = "the one whose cluster is to serve no host"
        if situation.expected is V2:
            one = "v1's, unless v1 keeps another host"
        then = f"{bring}Then stop {one} {IN_FIGHT}. "
        return Advice(first, then + _by_side(situation, after("v2"), after("v1")))
    return Advice(first, _by_side(situation, after("v2", later), after("v1", later)))


def _reads_less(situation: Situation) -> bool | None:
    """Tell whether v2's ExternalDNS does not read where v1's keeps the owner of an alias A; None: it is not known.

    A version that the plan does not tell may be any.
    """
    kept, read = (
        {
            kinds_read("A", alias=True, dialect=dialect(version))
            for one in situation.of(side)
            for version in (POSSIBLE if one.version is None else (Version(*one.version),))
        }
        for side in Side
    )
    found = {kinds[:1] != () and kinds[0] not in reader for kinds in kept for reader in read}
    return found.pop() if len(found) == 1 else None


def version_mix(situation: Situation) -> Advice:
    """Two versions that read different TXT names. Where v1 keeps the host, v2's owner stands at AAAA's name alone."""
    v1_keeps = f"give both {UPSERT}; then, at once, {give_back(_STOP_OR_HIDE)}"
    v2_keeps = (
        f"bring both sides to one version (v0.22 or later), with {UPSERT} and --annotation-prefix set, and only then "
        "start v1's again."
    )
    if situation.expected is V1:
        return Advice(
            FirstStep(
                f"Give {situation.who(V2)} {UPSERT}; do not stop it yet: AAAA would stay on v2.", edit(situation, V2)
            ),
            v1_keeps[0].upper() + v1_keeps[1:],
        )
    if situation.expected is V2:
        hidden = _hidden_first(situation, given_back=f", {_WRITE_V1S}")
        return Advice(_fight(situation), f"{hidden} {_UNWRITTEN} {v2_keeps[0].upper()}{v2_keeps[1:]}")
    return Advice(
        FirstStep(
            f"Give both ExternalDNS {UPSERT}, then decide which cluster keeps each host {IN_FIGHT}: v2 to go on with "
            "the move.",
            edit(situation, V2, V1),
        ),
        f"Where v2 keeps all: after two syncs stop v1's, {v2_keeps} Where v1 keeps one: {v1_keeps}",
    )


_WRITE_V1S = "write v1's owner into each ownership TXT of it that names v2's"

_UNWRITTEN = "An AAAA of it that v1's version does not write stays on v2: delete it with its TXT."

_STOP_OR_HIDE = (
    f"stop v2's (where v2 keeps another host {IN_FIGHT}, hide this one from it by --exclude-domains instead)"
)


def two_registries(situation: Situation) -> Advice:
    """Two whose TXT stand at different names, by --txt-prefix or --txt-suffix: neither reads the other one's."""
    return Advice(
        _fight(situation),
        f"{_hidden_first(situation)} Where one was stopped, delete its ownership TXT, by its own prefix or suffix, of "
        "each host that the other one keeps: without them it leaves the record alone. Only then start it again, with "
        f"{UPSERT}. Change no --txt-prefix: an ExternalDNS finds none of its hosts any more under another one.",
    )


def delete_create(situation: Situation) -> Advice:
    """Two ExternalDNS with one owner id and different hosts: each deletes the other's."""
    return Advice(
        FirstStep(f"Give both ExternalDNS {UPSERT}, and stop neither of them.", edit(situation, V2, V1)),
        "Each deletes hosts of the other; all are back at the next sync of the one that has them. Where both have one "
        f"owner id, give v2's then (v0.20 or later; {FLAGS_SINCE_V0_22}), in one change, {OWN_ID} and "
        f"--migrate-from-txt-owner of the present one. Keep {UPSERT} on both {UNTIL_OFF}.",
    )


def stop_deleting(situation: Situation) -> Advice:
    """v2's ExternalDNS migrates from v1's owner, and deletes."""
    return Advice(
        FirstStep(f"Give {situation.who(V2)} {UPSERT}.", edit(situation, V2)),
        "A --domain-filter for what moves does as well, with --aws-zone-match-parent: without that flag no hosted zone "
        f"above such a name is entered. Keep it {UNTIL_OFF}: with that flag, sync deletes every record of that owner "
        "that v2 has no object for, also those that are in no plan. What was deleted comes back at the next sync of "
        "v1's ExternalDNS: let that one run.",
    )


def flip_flop(_situation: Situation) -> Advice:
    """The writer is not known: it may be one of two ExternalDNS, so that none is stopped on suspicion."""
    return Advice(
        FirstStep("Find who writes the record: CloudTrail lists the changes of the hosted zone.", WRITERS),
        "Where two ExternalDNS write it, do as for fight-same-owner: the one that keeps the host gets "
        f"{UPSERT} before the other one is stopped. Another tool, or a person, that leads it where it is not expected "
        f"has to stop. {ENTRIES_ARE_LATE}: a change that has none after half an hour may be a health check that fails "
        "over.",
    )


def one_writer_of_weights(_situation: Situation) -> Advice:
    """A share alternates, and it is not known who does it: nobody is accused, and what is read changes nothing."""
    return Advice(
        FirstStep(
            "Read the weighted sets of the name twice, half a minute apart: are weights or health checks different?",
            SETS,
        ),
        "If a weight changed, CloudTrail (ChangeResourceRecordSets, in us-east-1) names its writers. Where two "
        f"ExternalDNS write one set identifier, give both {UPSERT}, and keep it for as long as they share an owner id: "
        "with sync each would delete the sets that only the other one has. Then let each set identifier stand in one "
        "cluster only. If a health check changed, mend what it checks. If nothing did, read once more: both readings "
        "may have met the same weights.",
    )


def third_party(situation: Situation) -> Advice:
    """One of two ExternalDNS leads the record to no load balancer of the plan: which one it is, no answer tells."""
    keeps = situation.expected
    whose = "the ExternalDNS that is to keep the host" if keeps is None else situation.who(keeps)
    return Advice(
        FirstStep(
            "Find who leads it elsewhere before any ExternalDNS of the plan is stopped: CloudTrail lists the changes.",
            WRITERS,
        ),
        f"{ENTRIES_ARE_LATE}. It is an ExternalDNS of a third cluster with an owner id of the plan, or one of v1's or "
        f"v2's with a load balancer that the plan lacks: add that one to the plan. Give {whose} {UPSERT}, stop the "
        f"other writer, and give that {OWN_ID} before it starts again.",
    )


def third_writer(_situation: Situation) -> Advice:
    """Both sides lead the record to themselves by turns, and a third one elsewhere: that one is none of the plan's."""
    return Advice(
        FirstStep(
            "Find who leads it elsewhere before any ExternalDNS of the plan is stopped: CloudTrail lists the changes.",
            WRITERS,
        ),
        f"{ENTRIES_ARE_LATE}. It is an ExternalDNS of a third cluster that has an owner id of the plan, or migrates "
        f"from one, or one of v1's or v2's with a load balancer that the plan lacks. Give both ExternalDNS {UPSERT}, "
        f"stop the third one, and give that {OWN_ID} and no --migrate-from-txt-owner before it starts again. What "
        "then goes on between v1 and v2 this finding says, with its remedy.",
    )


def end_deletions(_situation: Situation) -> Advice:
    """The record is deleted again and again, and stands at present."""
    return Advice(
        FirstStep(
            "Leave the record as it is, and find who deletes it: CloudTrail lists the changes of the hosted zone.",
            WRITERS,
        ),
        f"{ENTRIES_ARE_LATE}. If it stays away, create it again with its ownership TXT. Resolvers that asked while it "
        "was gone keep the denial until its negative TTL has passed.",
    )
