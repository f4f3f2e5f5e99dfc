"""What is advised about each finding that ExternalDNS, or the hosted zone, has to do with.

The rules that all of it follows, and that tests/remedies plays, step by step, for each pair of versions:

- Who may delete gets `--policy=upsert-only` before anything else changes: an ExternalDNS that is left alone, or that
  reads other names, flags or annotations from then on, deletes what it has no object for. By that nothing is lost.
- An ExternalDNS is stopped only while every other one deletes nothing, and after it has brought back what was deleted.
- What is expected says which side's is stopped. While a domain moves, people decide: nothing is stopped before.
- An owner is corrected, and a TXT deleted, only after whoever acts by it has been stopped or deletes nothing.
"""

from probe.externaldns.registry import kinds_read
from probe.externaldns.version import POSSIBLE, Version, dialect
from probe.judge.findings.measures import BY_HAND, CORRECT_OWNER, FLAGS_SINCE_V0_22, NO_ORPHAN, OWN_ID, UPSERT
from probe.model.advice import Advice, Advise, Situation, always
from probe.model.first_step import FirstStep
from probe.model.kubectl import context, edit, edit_and_choose, edit_and_stop, stop
from probe.model.plan import Expectation
from probe.model.side import Side

V1, V2 = Side

CHANGE_SETS = "aws route53 change-resource-record-sets --hosted-zone-id ZONE --change-batch file://RECORD.json"
SETS = "aws route53 list-resource-record-sets --hosted-zone-id ZONE --start-record-name DOMAIN --max-items 8"
WRITERS = (
    "aws cloudtrail lookup-events --region us-east-1"
    " --lookup-attributes AttributeKey=EventName,AttributeValue=ChangeResourceRecordSets"
)
"""Route 53 is a global service, whose calls CloudTrail shows in us-east-1 alone (Route 53 Developer Guide, "Logging
Amazon Route 53 API calls with AWS CloudTrail"): with a cluster's own region it shows nothing, as if nobody wrote."""

ENTRIES_ARE_LATE = "Entries come some minutes late"
"""About five on average, without a promise (CloudTrail User Guide, "How CloudTrail works"); without a full stop."""


def keep_and_stop(situation: Situation, keeps: Side, doubt: str = "") -> FirstStep:
    """Let one side's ExternalDNS delete nothing, and then stop the other side's; `doubt` says on which condition."""
    other = keeps.other
    if not situation.may_delete(keeps):
        return FirstStep(f"Stop {situation.who(other)}{doubt}.", stop(situation, other))
    return FirstStep(
        f"Give {situation.who(keeps)} {UPSERT}, wait for two syncs of {other.value}'s, then stop that one{doubt}.",
        edit_and_stop(situation, keeps),
    )


def decide_then_stop(situation: Situation) -> FirstStep:
    """Let neither side's ExternalDNS delete anything, and say how to decide which one is stopped then."""
    deleting = [side for side in (V2, V1) if situation.may_delete(side)]
    choice = (
        "after two syncs stop the one whose cluster is not to serve the host: v1's to go on with the move, v2's to "
        "undo it."
    )
    if not deleting:
        return FirstStep(choice.removeprefix("after two syncs ").capitalize(), edit_and_choose(situation, ()))
    whose = "both ExternalDNS" if len(deleting) > 1 else situation.who(deleting[0])
    return FirstStep(f"Give {whose} {UPSERT}; {choice}", edit_and_choose(situation, deleting))


def _fight(situation: Situation) -> FirstStep:
    keeps = situation.expected
    return decide_then_stop(situation) if keeps is None else keep_and_stop(situation, keeps)


def _by_side(situation: Situation, v1_keeps: str, v2_keeps: str) -> str:
    match situation.expected:
        case Side.V1:
            return v1_keeps[0].upper() + v1_keeps[1:]
        case Side.V2:
            return v2_keeps[0].upper() + v2_keeps[1:]
        case None:
            return f"Where v2 keeps the host: {v2_keeps} Where v1 keeps it: {v1_keeps}"


OWN_ANSWERS = always(
    FirstStep(
        "Compare its answer with that of one of the zone's own servers.",
        "dig @RESOLVER DOMAIN\ndig +norecurse @SERVER DOMAIN",
    ),
    "Look there for a rule that rewrites or strips answers (a response policy, a filter, protection against "
    "rebinding), for a zone of its own, and for what it forwards to. If the name has another view there, say so in the "
    "plan (`sees`), and if Route 53 chooses by place, declare it (`routing`). Change no record on account of it.",
)
"""What to do about a resolver whose answers are not out of a cache."""


def same_owner(situation: Situation) -> Advice:
    """Two ExternalDNS with one owner id."""
    v1_keeps = (
        f"give v2's {OWN_ID}, and start it again: it leaves v1's records alone. Keep "
        f"{UPSERT} on v1's while a host that only v2 has carries the old id. An AAAA that only v2's version writes "
        "stays on v2: delete it with its TXT."
    )
    v2_keeps = (
        f"give v2's (of v1's version or a later one, v0.20 at least; {FLAGS_SINCE_V0_22}), in one change, "
        f"{OWN_ID} and --migrate-from-txt-owner with the present id. Once the ownership TXT of the "
        "host name the new id, delete those that still name the old one, and start v1's again, with "
        f"{UPSERT}. Keep it on both until the last wave has moved."
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


def unwanted(situation: Situation) -> Advice:
    """No object has the host."""
    looks = (
        f"kubectl --context {situation.of(side)[0].context or side.value} get ingress,service -A -o yaml | grep DOMAIN"
        for side in Side
    )
    return Advice(
        FirstStep("Look for the host in both clusters.", "\n".join(looks)),
        "If its ownership TXT name an owner of neither cluster, find the ExternalDNS of that owner first: what is "
        "changed beside it, it may change back. Else add the host to the cluster that is to serve it, move its record "
        "by hand, or take the domain out of the plan.",
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
        then = f"{bring}Then stop the one whose cluster is not to serve the host. "
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
    v1_keeps = (
        f"give both {UPSERT}, remove the host from v2, and write v1's owner at once into every ownership TXT of the "
        "host that names v2's: v1's leads A and AAAA back at its next sync."
    )
    v2_keeps = (
        f"bring both sides to one version (v0.22 or later), with {UPSERT} and --annotation-prefix set, and only then "
        "start v1's again."
    )
    if situation.expected is V1:
        return Advice(
            FirstStep(
                f"Give {situation.who(V2)} {UPSERT}; do not stop it: AAAA would stay on v2.", edit(situation, V2)
            ),
            v1_keeps[0].upper() + v1_keeps[1:],
        )
    if situation.expected is V2:
        return Advice(_fight(situation), v2_keeps[0].upper() + v2_keeps[1:])
    return Advice(
        FirstStep(
            f"Give both ExternalDNS {UPSERT}, then decide which cluster keeps the host: v2 to go on with the move.",
            edit(situation, V2, V1),
        ),
        f"Where v2 keeps it: after two syncs stop v1's, {v2_keeps} Where v1 keeps it: {v1_keeps}",
    )


def delete_create(situation: Situation) -> Advice:
    """Two ExternalDNS with one owner id and different hosts: each deletes the other's."""
    return Advice(
        FirstStep(f"Give both ExternalDNS {UPSERT}, and stop neither of them.", edit(situation, V2, V1)),
        "Each deletes hosts of the other; all are back at the next sync of the one that has them. Then give v2's "
        f"(v0.20 or later; {FLAGS_SINCE_V0_22}), in one change, {OWN_ID} and --migrate-from-txt-owner "
        f"of the present one, and keep {UPSERT} on both until the last wave has moved.",
    )


def stop_deleting(situation: Situation) -> Advice:
    """v2's ExternalDNS migrates from v1's owner, and deletes."""
    return Advice(
        FirstStep(f"Give {situation.who(V2)} {UPSERT}.", edit(situation, V2)),
        "A --domain-filter for what moves does as well, with --aws-zone-match-parent: without that flag no hosted zone "
        "above such a name is entered. Keep it until the last wave has moved. What was deleted comes back at the next "
        "sync of v1's ExternalDNS: let that one run.",
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


def restore_set(_situation: Situation) -> Advice:
    """One of several weighted record sets leads to nothing: the record stands, and a simple one would not be taken."""
    return Advice(
        FirstStep(
            "Look at the weighted record sets of the name in Route 53.",
            SETS,
        ),
        "Point the set that leads to nothing to a load balancer that exists, or remove it with its ownership TXT. If "
        "all sets are gone, create them again, each with its ownership TXT.",
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


def restore(situation: Situation) -> Advice:
    """The record was deleted."""
    where = "" if situation.expected is None else f", leading to {situation.expected.value}"
    return Advice(
        FirstStep(
            f"Create the record again{where}: A, AAAA and their ownership TXT in one batch of UPSERTs.",
            CHANGE_SETS,
        ),
        "The TXT name the owner of the ExternalDNS that has the host: one that has not, with --policy=sync, would "
        "delete it again. Resolvers that asked meanwhile keep the denial until its negative TTL has passed.",
    )


def dead_target(situation: Situation) -> Advice:
    """The record leads nowhere."""
    return Advice(
        FirstStep(
            "Point the record to a load balancer that exists.", f"kubectl --context {context(situation)} get ingress -A"
        ),
        "ExternalDNS takes the target from the status of the host's Ingress: look there for a name that no longer "
        "exists. Remove a deleted load balancer from the plan.",
    )


def mixed_target(situation: Situation) -> Advice:
    """One answer with both sides."""
    return Advice(
        FirstStep(
            "Remove the other side's addresses from the record.",
            f"kubectl --context {context(situation)} get ingress,service -A",
        ),
        "Look for two Ingresses or Services with this host whose targets are addresses: ExternalDNS merges them into "
        "one record.",
    )


def reverted(situation: Situation) -> Advice:
    """Back on v1, while v2 is expected: by v1's ExternalDNS, or as a rollback."""
    moved = situation._replace(expectation=Expectation.V2)  # nothing else is `reverted`
    return Advice(
        keep_and_stop(moved, V2, " if it wrote the record back"),
        "If it is a rollback, set the wave's expectation to v1 instead. CloudTrail names the writer. v2's leads the "
        "record to v2 at its next sync. Leave v1's Ingress until then: with equal --txt-owner-id values v1's "
        "ExternalDNS would delete the record with it.",
    )


def one_version(situation: Situation) -> Advice:
    """A and AAAA went apart by two versions."""
    return Advice(
        FirstStep(f"Give both ExternalDNS {UPSERT}.", edit(situation, V2, V1)),
        "Then bring the older one to the other's version, with --annotation-prefix set: v0.22 and later read another "
        "one by default. Compare the TXT names a-, aaaa- and cname- of the host with both versions first. Or move the "
        "family that stayed by hand, in one batch with its ownership TXT.",
    )


def family_without_home(_situation: Situation) -> Advice:
    """One family stayed behind, or went, because the load balancers of the side that has the other one lack it."""
    return Advice(
        FirstStep("Decide whether the name is to be reached by that family."),
        "If so, make that side's load balancers dual stack: an ExternalDNS writes the record once they have such an "
        f"address. If not, and the record still stands on the other side, give that one's ExternalDNS {UPSERT} first: "
        "with sync and one owner id it would delete the family that moved as well. Then take the host away from it, "
        "because it would write the record again, and delete the record with its own ownership TXT in one batch. Keep "
        f"{UPSERT} until the TXT of the family that moved names an owner that only the side has that keeps it. Create "
        "none that leads to the other side: clients would be split between the clusters.",
    )


def one_family_flaps(_situation: Situation) -> Advice:
    """A and AAAA lead apart by turns, because one of them flaps."""
    return Advice(
        FirstStep("Do first what the finding about the family that flaps says."),
        "Change nothing for this one meanwhile. If A and AAAA still lead apart once the flapping is over, this finding "
        "says what to do.",
    )


def premature(situation: Situation) -> Advice:
    """On v2 before its time."""
    return Advice(
        FirstStep(
            "If the move is intended, set the wave's expectation to moving or v2; otherwise give "
            f"{situation.who(V2)} {UPSERT}.",
            edit(situation, V2),
        ),
        "With sync it deletes the record. Then remove the host from v2, and write v1's owner into the ownership TXT "
        "that name v2's: v1's ExternalDNS leads the record back at its next sync.",
    )


def chosen_otherwise(_situation: Situation) -> Advice:
    """Route 53 chooses between the sides' record sets, and leads to the one that is not expected."""
    return Advice(
        FirstStep("See why Route 53 chooses that side: health checks, weights, regions of the record sets.", SETS),
        "Where the health check of the expected side fails, repair that side: Route 53 leads the name back by itself. "
        "Until then leave the other side's host, its records and its TXT as they are, because it serves the name. If "
        "it is meant, declare it in the plan: `routing`, or `weights` with `expect: weighted`.",
    )


def service_failing(situation: Situation) -> Advice:
    """HTTPS fails."""
    return Advice(
        FirstStep(
            "Compare both sides on the domain's page.", f"kubectl --context {context(situation)} describe ingress -A"
        ),
        "Repair the certificate, the Ingress or the targets where HTTPS fails, or lead the name back to the side that "
        "works.",
    )


def comes_and_goes(_situation: Situation) -> Advice:
    """HTTPS fails now and then."""
    return Advice(
        FirstStep(
            "Look which targets of the load balancer come and go.",
            "aws elbv2 describe-target-health --target-group-arn ARN",
        ),
        "Compare their readiness probe with the load balancer's health check, and look for restarts, for rules or "
        "certificates of which some nodes lack the newest, and for a path from here that loses packets. Lead the name "
        "to a side that works throughout, or wait with the next wave.",
    )


def stale_owner(situation: Situation) -> Advice:
    """v1's ExternalDNS takes a record on v2 for its own."""
    return Advice(
        FirstStep(
            f"Give {situation.who(V1)} {UPSERT}, and leave v1's Ingress where it is.",
            edit(situation, V1),
        ),
        f"Then correct every TXT of the host that names v1's owner: {CORRECT_OWNER}. Only then may v1's Ingress go.",
    )


def laggard(_situation: Situation) -> Advice:
    """v2's ExternalDNS does not write."""
    return Advice(
        FirstStep(
            "See whether the ownership TXT of the host name an owner that v2's ExternalDNS may not take over from.",
            "dig +norecurse @SERVER a-DOMAIN TXT",
        ),
        f"To take over from that owner, give v2's {UPSERT}, and stop v1's. Then give v2's (of v1's version or a later "
        f"one, v0.20 at least; {FLAGS_SINCE_V0_22}) --migrate-from-txt-owner with that owner. Once the record is on "
        "v2, delete the TXT of the host that still name that owner, and start v1's again. Where the owner does not "
        "stand in the way, look at v2's Ingress: its class, its annotations, the address in its status.",
    )


def owner_not_returned(situation: Situation) -> Advice:
    """Back on v1, and v2's ExternalDNS still takes the record for its own."""
    return Advice(
        FirstStep(f"Give {situation.who(V2)} {UPSERT}.", edit(situation, V2)),
        "Only then remove the host from v2: with sync, v2's ExternalDNS would delete the record. Then, if v1 "
        "has an object for the host, write v1's owner into every TXT of it that names v2's; without one, v1's would "
        "delete the record, with sync.",
    )


def owner_case(situation: Situation) -> Advice:
    """An owner is written in other letters than in the plan."""
    return Advice(
        FirstStep(
            "Compare --txt-owner-id of both ExternalDNS with the plan, letter by letter.",
            f"kubectl --context {context(situation)} get deployments -A -o yaml | grep txt-owner-id",
        ),
        "If one runs with the id that the TXT names, correct `txt_owner_id` in the plan: until then what is said of "
        f"ownership rests on the wrong id. If it runs with the plan's, and none with the TXT's, give it {UPSERT}, and "
        "only then back the id that the TXT names: with sync it would delete what has that owner and no object in its "
        "cluster. What it wrote under its present id it leaves alone from then on, until that TXT is corrected.",
    )


def foreign_owner(situation: Situation) -> Advice:
    """The owner is none that the plan knows."""
    keeps = situation.expected
    side = "the side that is to have the host" if keeps is None else keeps.value
    return Advice(
        FirstStep(
            "Look for an ExternalDNS with the id that the TXT names, in both clusters and in others of the zone.",
            f"kubectl --context {context(situation)} get deployments -A -o yaml | grep txt-owner-id",
        ),
        "If one of v1's or v2's runs with it, correct the plan (`external_dns`), on which all rests that is said of "
        "ownership. If another cluster's does, it goes on writing the record: agree with whoever runs it first. If "
        f"none does, give the ExternalDNS of {side} {UPSERT}, and write the id that it has into every TXT of the host "
        "that names the other: with sync it would delete the record as soon as it has no object for the host.",
    )


def contradicting_owners(situation: Situation) -> Advice:
    """Two owners."""
    return Advice(
        FirstStep(f"Give both ExternalDNS {UPSERT}, and decide who is to own the host.", edit(situation, V2, V1)),
        "Then bring the older one to the other's version, with --annotation-prefix set, or correct the TXT that names "
        "the other owner.",
    )


def unowned(situation: Situation) -> Advice:
    """No ExternalDNS moves the record."""
    when = ", once its wave moves" if situation.expected is V1 else ""
    return Advice(
        FirstStep(
            f"{BY_HAND}{when}.",
            CHANGE_SETS,
        ),
        "Or, once v2 has the host, write the TXT that v2's ExternalDNS reads, with its owner, those of A and AAAA in "
        "one batch: one alone splits the families. For an apex use a --txt-prefix with %{record_type} and a dot at its "
        "end.",
    )


def default_owner(situation: Situation) -> Advice:
    """Moved under an id that every other ExternalDNS may have."""
    return Advice(
        FirstStep(f"Give {situation.who(V2)} {UPSERT}.", edit(situation, V2)),
        f"Then, while no other ExternalDNS with `default` runs, give it (v0.20 or later; {FLAGS_SINCE_V0_22}), in one "
        f"change, {OWN_ID} and --migrate-from-txt-owner=default. Before another one starts again, "
        "delete the TXT that still name `default`.",
    )


orphan_txt: Advise = always(
    FirstStep(NO_ORPHAN, CHANGE_SETS),
    "v0.18 and older cannot create the record beside the TXT; later versions create it without a TXT of their own.",
)
