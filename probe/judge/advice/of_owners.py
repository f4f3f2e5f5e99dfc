"""What is advised about ownership TXT that are wrong though nothing flips."""

from probe.judge.advice.measures import (
    CORRECT_OWNER,
    FLAGS_SINCE_V0_22,
    GIVE_BACK,
    KEEP_PREFIX,
    NO_ORPHAN,
    OWN_ID,
    UPSERT,
    V2_WANTS_IT,
)
from probe.judge.advice.zone_commands import CHANGE_SETS, SETS
from probe.model.advice import Advice, Advise, Situation, always
from probe.model.first_step import FirstStep
from probe.model.kubectl import context, edit
from probe.model.side import Side

V1, V2 = Side


def stale_owner(situation: Situation) -> Advice:
    """v1's ExternalDNS takes a record on v2 for its own. Why v2's has not taken it over is not known."""
    return Advice(
        FirstStep(
            f"Give both ExternalDNS {UPSERT}, and leave v1's Ingress where it is.",
            edit(situation, V1, V2),
        ),
        f"Then {V2_WANTS_IT}. Then correct every TXT of the host that names v1's owner: {CORRECT_OWNER}. Only then may "
        "v1's Ingress go.",
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
        "ownership. If another cluster's does, it may write the record, or delete it: first agree with whoever runs "
        f"it. If none does, give the ExternalDNS of {side} {UPSERT}, and write the id that it has, and the other "
        "side's has not, into every TXT of the host that names the one of nobody: with sync it would delete the record "
        "as soon as it has no object for the host.",
    )


def contradicting_owners(situation: Situation) -> Advice:
    """Two owners. Where v1 is expected, no version changes before the wave moves."""
    first = FirstStep(f"Give both ExternalDNS {UPSERT}, and decide who is to own the host.", edit(situation, V2, V1))
    if situation.expected is V1:
        return Advice(
            first,
            "Change no version before the wave moves: v2's may take the rest of the host as well. If v1 has an object "
            f"for it: {GIVE_BACK}",
        )
    return Advice(
        first,
        "Then bring the older one to the other's version, with --annotation-prefix set, or correct the TXT that names "
        "the other owner.",
    )


def unowned(situation: Situation) -> Advice:
    """No ExternalDNS moves the record, if the plan has the flags with which the TXT names are made."""
    side = (situation.expected or V2).value
    move, sets = f"not on {side}, move it there by hand", ""
    if situation.expectation is None:
        move, sets = "not where it is expected, move it by hand", " Of weighted sets each has a TXT of its own."
    return Advice(
        _compare_flags(situation),
        f"{_IF_THEY_DIFFER} If they are the same, and the record is {move}: A and AAAA in one batch. "
        f"{_or_write_txt(side)}{sets}",
    )


def unowned_in_place(situation: Situation) -> Advice:
    """The same of a record that is where it is expected: nothing is to be moved now."""
    side = (situation.expected or V2).value
    later = ", and move it by hand once its wave moves: A and AAAA in one batch" if situation.expected is V1 else ""
    return Advice(
        _compare_flags(situation),
        f"{_IF_THEY_DIFFER} If they are the same, leave the record where it is{later}. {_or_write_txt(side)}",
    )


def unowned_without_place(situation: Situation) -> Advice:
    """The same of a name with no place for its TXT: an apex, or one that is too long."""
    side = (situation.expected or V2).value
    later = ", once its wave moves," if situation.expected is V1 else ""
    return Advice(
        _compare_flags(situation),
        f"{_IF_THEY_DIFFER} If they are the same, the name has no place for its TXT: move the record by hand if it "
        f"is not on {side}{later} and whenever its load balancer changes, A and AAAA in one batch. {KEEP_PREFIX}",
    )


def unowned_sets(situation: Situation) -> Advice:
    """The same of sets between which Route 53 chooses: each has a TXT of its own."""
    return Advice(
        _compare_flags(situation),
        f"{_IF_THEY_DIFFER} If they are the same, write for each set, once its cluster has the host, the TXT that its "
        "ExternalDNS reads, with its owner and the set's identifier and weight or routing. No simple TXT: it would "
        "keep those of the sets out.",
    )


def _compare_flags(situation: Situation) -> FirstStep:
    looks = (
        f"kubectl --context {situation.of(side)[0].context or side.value} get deployments -A -o yaml "
        "| grep -iE 'txt.(prefix|suffix)'"
        for side in Side
    )
    return FirstStep("Compare --txt-prefix and --txt-suffix of both ExternalDNS with the plan.", "\n".join(looks))


_IF_THEY_DIFFER = (
    "If they differ, correct the plan: the TXT stands where nobody looked, and what is moved by hand would be written "
    "back."
)


def _or_write_txt(side: str) -> str:
    return (
        f"Or, once {side} has the host, write the TXT that {side}'s ExternalDNS reads, with its owner, those of A and "
        "AAAA in one batch: one alone splits the families."
    )


_BESIDE_AN_ORPHAN = (
    "v0.18 and older cannot create the record beside the TXT; later versions create it without a TXT of their own."
)

orphan_txt: Advise = always(
    FirstStep("Look whether an A, AAAA or CNAME stands at the name in the hosted zone.", SETS),
    "If one does, leave the TXT: without it no ExternalDNS leads the record to a new load balancer. Delete the TXT "
    f"only if none does. {_BESIDE_AN_ORPHAN}",
)
"""The record is gone, or answers nothing: an alias of a load balancer that is gone needs its TXT."""

orphan_of_no_name: Advise = always(FirstStep(NO_ORPHAN, CHANGE_SETS), _BESIDE_AN_ORPHAN)
"""The name itself is denied: no record stands there."""


def default_owner(situation: Situation) -> Advice:
    """Moved under an id that every other ExternalDNS may have."""
    return Advice(
        FirstStep(f"Give {situation.who(V2)} {UPSERT}.", edit(situation, V2)),
        f"Then, while no other ExternalDNS with `default` runs, give it (v0.20 or later; {FLAGS_SINCE_V0_22}), in one "
        f"change, {OWN_ID} and --migrate-from-txt-owner=default. Before another one starts again, "
        "delete the TXT that still name `default`.",
    )
