"""The findings, each declared once: what it means, how loud it is, what to do, what it stops, and how it is found.

The alerts, the metrics, the pages, the API and the runbook follow this, and so do the soak, `preflight`,
`decommission` and `check`. What a new finding needs: its code (`probe.model.finding`), its declaration here, its rule
in a module beside this one, its entry in the runbook, and its tests.
"""

from collections.abc import Mapping
from types import MappingProxyType

from probe.judge.advice import measures, of_fights, of_owners, of_records, of_resolvers, of_services, zone_commands
from probe.judge.context import patience
from probe.judge.findings.contested import contested_address
from probe.judge.findings.dead_target import clear_of_the_dead, dead_target
from probe.judge.findings.declaration import Declaration, public
from probe.judge.findings.http import service_failing
from probe.judge.findings.outage import outage
from probe.judge.findings.owner_ids import contradicting_owners, default_owner, foreign_owner, owner_case
from probe.judge.findings.ownership import orphan_txt, owner_not_returned, stale_owner, unowned
from probe.judge.findings.positions import (
    family_split,
    foreign_target,
    laggard,
    mixed_target,
    premature,
    reverted,
)
from probe.judge.findings.resolvers import negative_cached, resolver_late, resolver_wrong
from probe.judge.findings.servers import one_server_for_many, server_divided
from probe.judge.findings.takeover import takeover_deletes
from probe.judge.findings.weights import weights_off, weights_one_sided, weights_undeclared
from probe.judge.findings.witnessed import not_written, unwanted, wanted_twice
from probe.model import alert
from probe.model.advice import OtherAdvice, always
from probe.model.finding import FindingCode, Link, Severity
from probe.model.first_step import FirstStep

_THIRD_PARTY = OtherAdvice("third-party", of_fights.third_party)
_THIRD_WRITER = OtherAdvice("third-writer", of_fights.third_writer)
_WITHOUT_HOME = OtherAdvice("family-without-home", of_records.family_without_home)
_CHOSEN = OtherAdvice("chosen-otherwise", of_records.chosen_otherwise)

_DECLARED = (
    Declaration(
        FindingCode.FIGHT_SAME_OWNER,
        Severity.CRITICAL,
        Link.WRITTEN,
        "Two ExternalDNS with the same owner id overwrite the record in turn.",
        of_fights.same_owner,
        alert.FIGHT,
        inferred=True,
        others=(_THIRD_PARTY, _THIRD_WRITER),
    ),
    Declaration(
        FindingCode.FIGHT_MUTUAL_MIGRATION,
        Severity.CRITICAL,
        Link.WRITTEN,
        "Two ExternalDNS migrate the record from each other: target and owner change together.",
        of_fights.mutual_migration,
        alert.FIGHT,
        inferred=True,
        others=(_THIRD_PARTY, _THIRD_WRITER),
    ),
    Declaration(
        FindingCode.FIGHT_VERSION_MIX,
        Severity.CRITICAL,
        Link.WRITTEN,
        "Two ExternalDNS read different ownership TXT names, and each finds itself the owner.",
        of_fights.version_mix,
        alert.FIGHT,
        inferred=True,
        others=(_THIRD_PARTY, _THIRD_WRITER, OtherAdvice("two-registries", of_fights.two_registries)),
    ),
    Declaration(
        FindingCode.FIGHT_DELETE_CREATE,
        Severity.CRITICAL,
        Link.WRITTEN,
        "One ExternalDNS creates the record, and another one deletes it: both take themselves for its owner.",
        of_fights.delete_create,
        alert.FIGHT,
        inferred=True,
        others=(_THIRD_PARTY, _THIRD_WRITER, OtherAdvice("stop-deleting", of_fights.stop_deleting)),
    ),
    Declaration(
        FindingCode.FLIP_FLOP,
        Severity.CRITICAL,
        Link.SERVED,
        "The record alternates between targets, and the writer is not known.",
        of_fights.flip_flop,
        alert.FIGHT,
        others=(OtherAdvice("one-writer-of-weights", of_fights.one_writer_of_weights),),
    ),
    Declaration(
        FindingCode.OUTAGE,
        Severity.CRITICAL,
        Link.SERVED,
        "The authoritative servers deny a record that existed.",
        of_records.restore,
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=outage,
        others=(
            _WITHOUT_HOME,
            OtherAdvice("end-deletions", of_fights.end_deletions),
            OtherAdvice("restore-set", of_records.restore_set),
            OtherAdvice("restore-sets", of_records.restore_sets),
            OtherAdvice("restore-own-set", of_records.restore_own_set),
            OtherAdvice("drawn-without-home", of_records.drawn_without_home),
        ),
    ),
    Declaration(
        FindingCode.DEAD_TARGET,
        Severity.CRITICAL,
        Link.SERVED,
        "The record leads to a load balancer that no longer exists, or that has no address.",
        of_records.dead_target,
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=dead_target,
        keep=clear_of_the_dead,
        when_unknown=True,
        others=(OtherAdvice("restore-set", of_records.restore_set),),
    ),
    Declaration(
        FindingCode.MIXED_TARGET,
        Severity.CRITICAL,
        Link.SERVED,
        "One answer holds addresses of both sides: every client picks one of them.",
        of_records.mixed_target,
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=mixed_target,
    ),
    Declaration(
        FindingCode.REVERTED,
        Severity.CRITICAL,
        Link.SERVED,
        "The domain was on v2, is expected there, and is on v1 again.",
        of_records.reverted,
        alert.AT_ONCE,
        rule=public(reverted),
        others=(_CHOSEN, OtherAdvice("restore", of_records.restore)),
    ),
    Declaration(
        FindingCode.FOREIGN_TARGET,
        Severity.CRITICAL,
        Link.SERVED,
        "Answers lead to neither side.",
        always(
            FirstStep(
                "Compare the answer with the load balancers in the plan.",
                "aws elbv2 describe-load-balancers --query 'LoadBalancers[].DNSName'",
            ),
            "Add a load balancer that is missing there, or correct the record.",
        ),
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=foreign_target,
    ),
    Declaration(
        FindingCode.FAMILY_SPLIT,
        Severity.CRITICAL,
        Link.SERVED,
        "A and AAAA lead to different sides.",
        of_records.one_version,
        alert.AT_ONCE,
        rule=family_split,
        others=(_WITHOUT_HOME, OtherAdvice("one-family-flaps", of_records.one_family_flaps)),
    ),
    Declaration(
        FindingCode.PREMATURE,
        Severity.CRITICAL,
        Link.SERVED,
        "The domain is expected on v1 and is on v2.",
        of_records.premature,
        alert.WITH_THE_PLAN,
        rule=public(premature),
        others=(_CHOSEN, _WITHOUT_HOME),
    ),
    Declaration(
        FindingCode.TAKEOVER_DELETES,
        Severity.CRITICAL,
        Link.WANTED,
        "v2's ExternalDNS migrates from v1's owner with --policy=sync and deletes, or tries to delete, hosts that have "
        "not moved.",
        of_fights.stop_deleting,
        alert.AT_ONCE,
        inferred=True,
        rule=public(takeover_deletes),
    ),
    Declaration(
        FindingCode.WANTED_TWICE,
        Severity.CRITICAL,
        Link.WANTED,
        "Both clusters want the host, and nothing keeps their ExternalDNS from overwriting each other.",
        of_fights.wanted_twice,
        alert.AT_ONCE,
        rule=public(wanted_twice),
        when_unknown=True,
    ),
    Declaration(
        FindingCode.WEIGHTS_UNDECLARED,
        Severity.CRITICAL,
        Link.SERVED,
        "The record is split by weighted routing, and the plan declares no weights.",
        always(
            FirstStep(
                "Look at the weighted record sets of the name in Route 53.",
                zone_commands.SETS,
            ),
            "If it is meant, declare the weights in the plan (`expect: weighted`). Else give both ExternalDNS "
            f"{measures.UPSERT}, because sync may delete other sets and hosts as well, and the set of the side that is "
            "not expected the weight 0. Once caches have let go, take the host out of that cluster, and then delete "
            "the set by hand, with its TXT.",
        ),
        alert.AT_ONCE,
        fails_check=Severity.WARNING,
        rule=weights_undeclared,
        others=(OtherAdvice("correct-set", of_records.correct_set),),
    ),
    Declaration(
        FindingCode.SERVICE_FAILING,
        Severity.CRITICAL,
        Link.REACHED,
        "HTTPS fails on the side that the name leads to.",
        of_services.service_failing,
        alert.AT_ONCE,
        rule=public(service_failing),
        others=(OtherAdvice("comes-and-goes", of_services.comes_and_goes),),
    ),
    Declaration(
        FindingCode.STALE_OWNER,
        Severity.CRITICAL,
        Link.WRITTEN,
        "The record leads to v2, but an ownership TXT that v1's ExternalDNS reads still names v1's owner.",
        of_owners.stale_owner,
        alert.SOON,
        rule=stale_owner,
    ),
    Declaration(
        FindingCode.CONTESTED_ADDRESS,
        Severity.WARNING,
        Link.SERVED,
        "Load balancers of both sides show the address, so answers do not tell the sides apart.",
        always(
            FirstStep(
                "Look whether the plan names one load balancer, or one accelerator in front of both, on both sides."
            ),
            "If both sides really share addresses, tell them apart by an `http` check with an identity header.",
        ),
        alert.SOON,
        rule=contested_address,
        when_unknown=True,
    ),
    Declaration(
        FindingCode.SERVER_DIVIDED,
        Severity.WARNING,
        Link.SERVED,
        "One name server keeps answering differently from the others, or does not answer with authority.",
        always(
            FirstStep("Check the delegation and the zone's name servers.", "dig +norecurse +nsid @SERVER DOMAIN"),
            "At Route 53 wait until GetChange says INSYNC, then call support.",
        ),
        alert.SOON,
        rule=server_divided,
        pending=one_server_for_many,
    ),
    Declaration(
        FindingCode.LAGGARD,
        Severity.WARNING,
        Link.SERVED,
        "The domain is expected on v2 and is still on v1.",
        of_records.laggard,
        alert.LATER,
        inferred=True,
        rule=public(laggard),
        pending=patience,
        others=(_WITHOUT_HOME,),
    ),
    Declaration(
        FindingCode.WEIGHTS_OFF,
        Severity.WARNING,
        Link.SERVED,
        "The share of answers contradicts the declared weights.",
        always(
            FirstStep(
                "Compare the weights of the record sets in Route 53 with the plan, and correct the wrong ones.",
                zone_commands.SETS,
            ),
            "Look also for a third set, and for a health check that leaves one of them out now and then.",
        ),
        alert.SOON,
        rule=weights_off,
    ),
    Declaration(
        FindingCode.WEIGHTS_ONE_SIDED,
        Severity.WARNING,
        Link.SERVED,
        "Weights are declared, but every answer leads to one side.",
        always(
            FirstStep(
                "Look for a simple record that keeps the weighted one out.",
                zone_commands.SETS,
            ),
            "Route 53 rejects a mix of both: give the Ingress that the simple record comes from a set identifier and a "
            "weight, too. An ExternalDNS with --policy=upsert-only cannot replace the record: do that by hand, in one "
            "batch. Look also at the health of the other side.",
        ),
        alert.SOON,
        rule=weights_one_sided,
    ),
    Declaration(
        FindingCode.RESOLVER_LATE,
        Severity.WARNING,
        Link.CACHED,
        "A resolver serves the old side for longer than the TTL of its answers allows.",
        always(
            FirstStep("Keep the old side serving: clients of that resolver still reach it."),
            "Flush the name there (Google and Cloudflare have a page for it). In a resolver of your own look for a "
            "minimum TTL, for expired answers that it still serves, and for forwarders.",
        ),
        alert.SOON,
        rule=public(resolver_late),
    ),
    Declaration(
        FindingCode.RESOLVER_WRONG,
        Severity.WARNING,
        Link.CACHED,
        "A resolver keeps answering what no authoritative server was seen to give, and no cache may hold for so long.",
        of_resolvers.OWN_ANSWERS,
        alert.SOON,
        rule=public(resolver_wrong),
    ),
    Declaration(
        FindingCode.NEGATIVE_CACHED,
        Severity.WARNING,
        Link.CACHED,
        "A resolver denies the record, but the authoritative servers answer it.",
        always(
            FirstStep("Flush the name at that resolver, or wait until the time that is shown."),
            "To prevent this, change records in place (UPSERT); never delete and create them.",
        ),
        alert.SOON,
        rule=public(negative_cached),
        others=(OtherAdvice("own-answers", of_resolvers.OWN_ANSWERS),),
    ),
    Declaration(
        FindingCode.OWNER_NOT_RETURNED,
        Severity.WARNING,
        Link.WRITTEN,
        "The record leads to v1, where it is expected, but its ownership TXT names v2's owner.",
        of_owners.owner_not_returned,
        alert.SOON,
        inferred=True,
        fails_check=Severity.WARNING,
        rule=owner_not_returned,
    ),
    Declaration(
        FindingCode.OWNER_CASE,
        Severity.WARNING,
        Link.WRITTEN,
        "The ownership TXT names an owner that the plan has in other letters (upper and lower case): another owner.",
        of_owners.owner_case,
        alert.SOON,
        rule=owner_case,
    ),
    Declaration(
        FindingCode.FOREIGN_OWNER,
        Severity.WARNING,
        Link.WRITTEN,
        "The ownership TXT names an owner id that, by the plan, no ExternalDNS has that sees the host.",
        of_owners.foreign_owner,
        alert.SOON,
        rule=foreign_owner,
    ),
    Declaration(
        FindingCode.CONTRADICTING_OWNERS,
        Severity.WARNING,
        Link.WRITTEN,
        "The ownership TXT records of one host name different owners.",
        of_owners.contradicting_owners,
        alert.SOON,
        rule=contradicting_owners,
    ),
    Declaration(
        FindingCode.UNOWNED,
        Severity.WARNING,
        Link.WRITTEN,
        "No ownership TXT stands where the plan's flags put it: if they are right, no ExternalDNS changes the record.",
        of_owners.unowned,
        alert.SOON,
        rule=unowned,
        others=(
            OtherAdvice("in-place", of_owners.unowned_in_place),
            OtherAdvice("without-place", of_owners.unowned_without_place),
            OtherAdvice("sets", of_owners.unowned_sets),
        ),
    ),
    Declaration(
        FindingCode.UNWANTED,
        Severity.WARNING,
        Link.WANTED,
        "The name is served, and no object of either cluster wants it.",
        of_records.unwanted,
        alert.LATER,
        rule=public(unwanted),
        pending=patience,
    ),
    Declaration(
        FindingCode.NOT_WRITTEN,
        Severity.WARNING,
        Link.WRITTEN,
        "The name servers answer otherwise than the hosted zone that was read has it.",
        always(
            FirstStep(
                "Compare the delegation with the name servers of the hosted zone.",
                "dig +short ZONE NS\naws route53 get-hosted-zone --id ZONE --query DelegationSet.NameServers",
            ),
            "If they differ, another zone of that name is served: change that one, or correct the delegation. If they "
            "are the same, wait until GetChange says INSYNC, then call support.",
        ),
        alert.SOON,
        inferred=True,
        rule=public(not_written),
        pending=patience,
    ),
    Declaration(
        FindingCode.ORPHAN_TXT,
        Severity.WARNING,
        Link.WRITTEN,
        "An ownership TXT exists without its record, or beside one that answers nothing.",
        of_owners.orphan_txt,
        alert.SOON,
        rule=orphan_txt,
        others=(OtherAdvice("no-name", of_owners.orphan_of_no_name),),
    ),
    Declaration(
        FindingCode.DEFAULT_OWNER,
        Severity.INFO,
        Link.WRITTEN,
        "The record has moved, and its owner is still `default`.",
        of_owners.default_owner,
        alert.LATER,
        rule=default_owner,
    ),
    Declaration(
        FindingCode.PROBE_BLIND,
        Severity.WARNING,
        Link.SERVED,
        "This vantage reaches no server, or no authoritative server of a zone, and raises no finding there.",
        always(
            FirstStep("Check the probe's own network: egress to UDP and TCP port 53, network policies, its node."),
            "If only some zones are not seen, ask their servers from elsewhere: if they answer there, the path from "
            "here is cut.",
        ),
        alert.SOON,
    ),
    Declaration(
        FindingCode.PROBE_BEHIND,
        Severity.WARNING,
        Link.SERVED,
        "This probe is too slow to judge: it raises no finding about servers and confirms nothing new.",
        always(
            FirstStep("Give the probe the CPU that it asks for."),
            "Look for a CPU limit, an overloaded or suspended machine (`kubectl top pod` in a cluster, `top` on a "
            "host), or a plan that asks more than `probing.queries_per_second` allows.",
        ),
        alert.SOON,
    ),
    Declaration(
        FindingCode.SERVER_FAILING,
        Severity.WARNING,
        Link.SERVED,
        "A name server answers no question about its zone, or differs from the others for several domains.",
        always(
            FirstStep("Ask the server for the zone's SOA from elsewhere.", "dig +norecurse @SERVER ZONE SOA"),
            "Then repair it, or remove it from the delegation and from `authoritative.overrides`. Remove an IPv6 "
            "address without a route from here from the overrides.",
        ),
        alert.SOON,
    ),
)

CATALOGUE: Mapping[str, Declaration] = MappingProxyType({declared.code: declared for declared in _DECLARED})
"""Every code that can be raised, worst first; a test holds that none is missing."""

PATIENCE: Mapping[str, alert.Patience] = MappingProxyType({code: one.patience for code, one in CATALOGUE.items()})
"""How patient the alert for each code is."""
