"""What is advised about a record that leads where it should not, or nowhere."""

import shlex
from collections.abc import Iterable

from probe.judge.advice.measures import FLAGS_SINCE_V0_22, GIVE_BACK, UPSERT
from probe.judge.advice.stopping import keep_and_stop
from probe.judge.advice.zone_commands import CHANGE_SETS, SETS
from probe.model.advice import Advice, Advise, Situation
from probe.model.first_step import FirstStep
from probe.model.kubectl import context, edit
from probe.model.plan import Expectation
from probe.model.side import Side

V1, V2 = Side


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


def restore_set(_situation: Situation) -> Advice:
    """One of several weighted record sets leads to nothing: the record stands, and a simple one would not be taken."""
    return Advice(
        FirstStep(
            "Look at the weighted record sets of the name in Route 53.",
            SETS,
        ),
        "Point the set that leads to nothing to a load balancer that exists, or remove it with its ownership TXT. If "
        "all sets are gone, create them again, each with its set identifier, its weight and its ownership TXT.",
    )


def drawn_without_home(_situation: Situation) -> Advice:
    """A part of the draws of one family leads to a side whose load balancers lack it."""
    return Advice(
        FirstStep("Decide whether the name is to be reached by that family."),
        "If so, make that side's load balancers dual stack: its record set answers once they have such an address. If "
        "not, let both sides' sets be: clients that have IPv4 are served by A. Put no simple record in their place: "
        "Route 53 takes none beside a weighted one.",
    )


def correct_set(situation: Situation) -> Advice:
    """A weighted set leads to neither side alone, and none leads to the other side: no share of the sides is drawn."""
    keeps = situation.expected
    serving = "the side that is to serve the name" if keeps is None else keeps.value
    return Advice(
        FirstStep(
            "Look at the weighted record sets of the name in Route 53: one of them leads to neither side alone.", SETS
        ),
        "Correct the target of that set where it is written: its ownership TXT names the object. Give it the weight 0 "
        f"only while a set that leads to {serving} has another weight: where all have 0, Route 53 answers with each. "
        "If a share is meant, declare it (`expect: weighted`) once each set leads to one side.",
    )


def restore(situation: Situation) -> Advice:
    """The record was deleted. Of what is expected to be weighted its sets were."""
    if situation.expectation is Expectation.WEIGHTED:
        return restore_sets(situation)
    side = situation.expected
    where = ", of a weighted one each set" if side is None else f", leading to {side.value}"
    return Advice(
        FirstStep(
            f"Create the record again{where}: A, AAAA and their ownership TXT in one batch of UPSERTs.",
            CHANGE_SETS,
        ),
        f"{_OWNERS_OF_RESTORED} Where sets with identifiers stood (weights, or another routing), create those instead: "
        f"a simple record would keep them out. {_DENIAL_KEPT}",
    )


def restore_sets(_situation: Situation) -> Advice:
    """Route 53 chose between sets, and all were deleted: beside a simple record, or TXT, it takes none of them back."""
    return _restore_sets("each of its sets")


def restore_own_set(situation: Situation) -> Advice:
    """The same of sets that the plan does not declare: where it expects one side, that one's alone."""
    side = situation.expected
    return _restore_sets("each of its sets" if side is None else f"its set for {side.value}")


def _restore_sets(sets: str) -> Advice:
    return Advice(
        FirstStep(
            f"Create {sets} again: A, AAAA and ownership TXT, with their set identifier and weight or routing.",
            CHANGE_SETS,
        ),
        "No simple record, and no simple TXT: while one stands, Route 53 refuses the sets beside it, at every sync. "
        f"{_OWNERS_OF_RESTORED} {_DENIAL_KEPT}",
    )


_OWNERS_OF_RESTORED = (
    "The TXT name the owner of the ExternalDNS that has the host: one that has not, with --policy=sync, would delete "
    "it again."
)
_DENIAL_KEPT = "Resolvers that asked meanwhile keep the denial until its negative TTL has passed."


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
        keep_and_stop(moved, V2, others="of both", doubt=" if it wrote this"),
        "If v1 keeps one that v2 has too, hide it from v2's first (--exclude-domains). If it is a rollback, set the "
        "wave's expectation to v1 instead. CloudTrail names the writer. v2's leads the record to v2 only if it has the "
        "host, and may change what the owner in the TXT has: if it has not after two of its syncs, start v1's again, "
        "and go by `laggard`. Leave v1's Ingress where it is: with equal --txt-owner-id values v1's ExternalDNS would "
        "delete the record with it.",
    )


def one_version(situation: Situation) -> Advice:
    """A and AAAA went apart by two versions. Where v1 is expected, no version changes before the wave moves."""
    first = FirstStep(f"Give both ExternalDNS {UPSERT}.", edit(situation, V2, V1))
    if situation.expected is V1:
        return Advice(
            first,
            "Change no version before the wave moves: the family that stayed would go to v2 as well. Lead the one that "
            f"went back, if v1 has an object for the host: {GIVE_BACK}",
        )
    return Advice(
        first,
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
        "with sync and one owner id it would delete the family that moved as well. Then stop it, because it would "
        "write the record again, and delete the record with its own ownership TXT in one batch. Once caches have let "
        f"go of it, take the host away from that cluster, and start it again. Keep {UPSERT} until the TXT of the "
        "family that moved names an owner that only the side has that keeps it. Create none that leads to the other "
        "side: clients would be split between the clusters.",
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
            "If the move is intended, set the wave's expectation to moving or v2; otherwise give both ExternalDNS "
            f"{UPSERT}.",
            edit(situation, V2, V1),
        ),
        "If v1 has no object for the host any more, leave the record on v2, and set the expectation: nothing leads it "
        f"back, and v1's, with sync, would delete what it owns then. Else {GIVE_BACK}",
    )


def chosen_otherwise(_situation: Situation) -> Advice:
    """Route 53 chooses between the sides' record sets, and leads to the one that is not expected."""
    return Advice(
        FirstStep("See why Route 53 chooses that side: health checks, weights, regions of the record sets.", SETS),
        "Where the health check of the expected side fails, repair that side: Route 53 leads the name back by itself. "
        "Until then leave the other side's host, its records and its TXT as they are, because it serves the name. If "
        "it is meant, declare it in the plan: `routing`, or `weights` with `expect: weighted`.",
    )


def laggard(_situation: Situation) -> Advice:
    """v2's ExternalDNS does not write, and it is not known at which names the owner stands."""
    return _behind(["a-DOMAIN", "cname-DOMAIN", "aaaa-DOMAIN"])


def laggard_at(names: Iterable[str]) -> Advise:
    """The same, with the names at which the owner stands, or may stand."""
    asked = [shlex.quote(name) for name in names]
    return lambda _situation: _behind(asked)


def _behind(names: Iterable[str]) -> Advice:
    return Advice(
        FirstStep(
            "See whether the ownership TXT of the host name an owner that v2's ExternalDNS may not take over from.",
            "\n".join(f"dig +norecurse @SERVER {name} TXT" for name in names),
        ),
        "If no ExternalDNS of the plan has that owner, agree with whoever runs it first, and stop none of the plan's. "
        f"To take over from v1's, give v2's {UPSERT}, and stop v1's. Then give v2's (of v1's version or a later one, "
        f"v0.20 at least; {FLAGS_SINCE_V0_22}) --migrate-from-txt-owner with v1's owner. Once the record is on v2, "
        "delete the TXT of the host that still name that owner, and start v1's again. Where the owner does not stand "
        "in the way, look at v2's Ingress: its class, its annotations, the address in its status.",
    )


def laggard_of(owners: str) -> Advise:
    """v2's ExternalDNS does not write, and no ExternalDNS of the plan has the owner that keeps it from that."""

    def advise(situation: Situation) -> Advice:
        looks = (
            f"kubectl --context {situation.of(side)[0].context or side.value} get deployments -A -o yaml"
            " | grep txt-owner-id"
            for side in Side
        )
        return Advice(
            FirstStep(
                f"Find out who runs the ExternalDNS of {owners}, and agree with them first; stop none of the plan's.",
                "\n".join(looks),
            ),
            "If it is one of the plan's, correct `txt_owner_id` in the plan. If it is another one, it may lead the "
            f"record back while it has the host: it gets {UPSERT}, and then gives up the host. Once nobody acts by "
            f"that owner, give v2's {UPSERT}, and write the id that it has, and v1's has not, into every TXT of the "
            f"host that names {owners} and into that of A by v2's version (a-, before v0.22 cname-), in one batch. "
            "Leave --migrate-from-txt-owner as it is: it holds one id, and with another one v2's takes over nothing "
            "from v1's.",
        )

    return advise
