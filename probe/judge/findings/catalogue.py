"""The findings, each declared once: what it means, how loud it is, what to do, what it stops, and how it is found.

The alerts, the metrics, the pages, the API and the runbook follow this, and so do the soak, `preflight`,
`decommission` and `check`. What a new finding needs: its code (`probe.model.finding`), its declaration here, its rule
in a module beside this one, its entry in the runbook, and its tests.
"""

from collections.abc import Mapping
from types import MappingProxyType

from probe.judge.context import patience
from probe.judge.findings.contested import contested_address
from probe.judge.findings.dead_target import clear_of_the_dead, dead_target
from probe.judge.findings.declaration import Declaration, public
from probe.judge.findings.http import service_failing
from probe.judge.findings.ownership import (
    contradicting_owners,
    default_owner,
    orphan_txt,
    owner_not_returned,
    stale_owner,
    unowned,
)
from probe.judge.findings.positions import (
    family_split,
    foreign_target,
    laggard,
    mixed_target,
    outage,
    premature,
    reverted,
)
from probe.judge.findings.resolvers import negative_cached, resolver_late
from probe.judge.findings.servers import one_server_for_many, server_divided
from probe.judge.findings.takeover import takeover_deletes
from probe.judge.findings.weights import weights_off, weights_one_sided, weights_undeclared
from probe.model import alert
from probe.model.finding import FindingCode, Link, Severity

_DECLARED = (
    Declaration(
        FindingCode.FIGHT_SAME_OWNER,
        Severity.CRITICAL,
        Link.WRITTEN,
        "Two ExternalDNS with the same owner id overwrite the record by turns.",
        "Give v2's ExternalDNS a --txt-owner-id of its own: with it, it leaves v1's records alone. Where v2 shall take "
        "over, pause v1's (scale it to zero), give v2's (of v1's version or a later one) "
        "--migrate-from-txt-owner with v1's id and --policy=upsert-only too, delete the ownership TXT of the host "
        "that still name v1's id, and start v1's again.",
        alert.FIGHT,
        inferred=True,
    ),
    Declaration(
        FindingCode.FIGHT_MUTUAL_MIGRATION,
        Severity.CRITICAL,
        Link.WRITTEN,
        "Two ExternalDNS migrate the record from each other: target and owner flip together.",
        "Remove --migrate-from-txt-owner from v1's ExternalDNS: only the side that takes over may have it, with "
        "--policy=upsert-only. If only one side is older than v0.22, bring both to one version with it.",
        alert.FIGHT,
        inferred=True,
    ),
    Declaration(
        FindingCode.FIGHT_VERSION_MIX,
        Severity.CRITICAL,
        Link.WRITTEN,
        "Two versions of ExternalDNS read different ownership TXT names, and each finds itself the owner.",
        "Bring both sides to one version (v0.22 or later, with --policy and --annotation-prefix set); until then "
        "pause the ExternalDNS whose cluster shall not serve the host.",
        alert.FIGHT,
        inferred=True,
    ),
    Declaration(
        FindingCode.FIGHT_DELETE_CREATE,
        Severity.CRITICAL,
        Link.WRITTEN,
        "The record comes and goes: one ExternalDNS creates what another one deletes, both having one owner id, "
        "or the other one taking over the first one's (--migrate-from-txt-owner) and not wanting the host.",
        "Give both ExternalDNS --policy=upsert-only now (or a domain filter to the one that takes over): each may "
        "delete the hosts of the other, and all are back at the next sync. Then give v2's (v0.20 or later) an owner "
        "id of its own, with --migrate-from-txt-owner of the present one, and keep upsert-only until the last wave has "
        "moved.",
        alert.FIGHT,
        inferred=True,
    ),
    Declaration(
        FindingCode.FLIP_FLOP,
        Severity.CRITICAL,
        Link.SERVED,
        "The record changes to and fro, and nothing proves so far that two ExternalDNS do it.",
        "Find who writes it: the changes of the hosted zone in CloudTrail, another tool, a person, or a health "
        "check that falls back; then stop the one of the writers that leads it where it is not expected.",
        alert.FIGHT,
    ),
    Declaration(
        FindingCode.OUTAGE,
        Severity.CRITICAL,
        Link.SERVED,
        "The authoritative servers deny a record that existed.",
        "Restore the record, every family of it, with the ownership TXT of the ExternalDNS that shall keep it; "
        "resolvers that asked meanwhile keep the denial until its negative TTL has passed.",
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=outage,
    ),
    Declaration(
        FindingCode.DEAD_TARGET,
        Severity.CRITICAL,
        Link.SERVED,
        "The record leads to a load balancer that no longer exists, or that has no address.",
        "Lead the record to a load balancer that exists: look at the status of the host's Ingress, which ExternalDNS "
        "reads; take a deleted load balancer out of the plan.",
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=dead_target,
        keep=clear_of_the_dead,
        when_unknown=True,
    ),
    Declaration(
        FindingCode.MIXED_TARGET,
        Severity.CRITICAL,
        Link.SERVED,
        "One answer holds addresses of both sides: every client picks one of them.",
        "Take the other side's addresses out of the record: look for two Ingresses or Services with this host whose "
        "targets are addresses, which ExternalDNS merges into one record.",
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=mixed_target,
    ),
    Declaration(
        FindingCode.REVERTED,
        Severity.CRITICAL,
        Link.SERVED,
        "The domain was on v2, is expected there, and is on v1 again.",
        "Find who wrote it back. If v1's ExternalDNS did, stop it: v2's leads the record to v2 at its next sync. Leave "
        "v1's Ingress until then: with equal --txt-owner-id values v1's would delete the record with it.",
        alert.AT_ONCE,
        rule=public(reverted),
    ),
    Declaration(
        FindingCode.FOREIGN_TARGET,
        Severity.CRITICAL,
        Link.SERVED,
        "Answers lead to neither side.",
        "Compare the answer with the load balancers in the plan: add a missing one, or correct the record.",
        alert.AT_ONCE,
        fails_check=Severity.CRITICAL,
        rule=foreign_target,
    ),
    Declaration(
        FindingCode.FAMILY_SPLIT,
        Severity.CRITICAL,
        Link.SERVED,
        "A and AAAA lead to different sides.",
        "Compare the ExternalDNS versions and the TXT names a-, aaaa- and cname- of the host; bring both sides to one "
        "version (v0.22 or later), or move the family that stayed by hand, in one batch with its ownership TXT.",
        alert.AT_ONCE,
        rule=family_split,
    ),
    Declaration(
        FindingCode.PREMATURE,
        Severity.CRITICAL,
        Link.SERVED,
        "The domain is expected on v1 and is on v2.",
        "If the move is intended, set the wave's expectation to moving or v2. Otherwise give v2's ExternalDNS "
        "--policy=upsert-only first (with sync it deletes the record), then remove the host from v2, and write v1's "
        "owner into the ownership TXT that name v2's: v1's leads it back at its next sync.",
        alert.WITH_THE_PLAN,
        rule=public(premature),
    ),
    Declaration(
        FindingCode.TAKEOVER_DELETES,
        Severity.CRITICAL,
        Link.WANTED,
        "An ExternalDNS of v2 that migrates from v1's owner with --policy=sync deletes hosts that have not moved.",
        "Give v2's ExternalDNS --policy=upsert-only (or a --domain-filter for what moves) until the last wave has "
        "moved; what was deleted comes back at the next sync of v1's.",
        alert.AT_ONCE,
        inferred=True,
        rule=public(takeover_deletes),
    ),
    Declaration(
        FindingCode.WEIGHTS_UNDECLARED,
        Severity.CRITICAL,
        Link.SERVED,
        "The record is drawn by weights, and the plan declares none.",
        "Look at the weighted record sets of the name in Route 53: remove the set of the side that is not expected, or "
        "declare the weights in the plan (`expect: weighted`).",
        alert.AT_ONCE,
        fails_check=Severity.WARNING,
        rule=weights_undeclared,
    ),
    Declaration(
        FindingCode.SERVICE_FAILING,
        Severity.CRITICAL,
        Link.REACHED,
        "The name's HTTPS fails on the side that it leads to.",
        "Compare both sides on the domain's page: mend the certificate, the Ingress or the targets where it fails, "
        "or lead the name back to the side that works.",
        alert.AT_ONCE,
        rule=public(service_failing),
    ),
    Declaration(
        FindingCode.STALE_OWNER,
        Severity.CRITICAL,
        Link.WRITTEN,
        "The record leads to v2, and an ownership TXT that v1's ExternalDNS reads still names v1's owner.",
        "Before v1's Ingress goes, stop v1's ExternalDNS or give it --policy=upsert-only; then correct every TXT of "
        "the host that names v1's owner: write v2's owner into it, or delete it where v2 has a TXT of its own.",
        alert.SOON,
        rule=stale_owner,
    ),
    Declaration(
        FindingCode.CONTESTED_ADDRESS,
        Severity.WARNING,
        Link.SERVED,
        "Load balancers of both sides show the address that the record leads to: no answer tells the sides apart.",
        "Look whether the plan names one load balancer, or one accelerator in front of both, on both sides; tell the "
        "sides by an `http` check with an identity header instead.",
        alert.SOON,
        rule=contested_address,
        when_unknown=True,
    ),
    Declaration(
        FindingCode.SERVER_DIVIDED,
        Severity.WARNING,
        Link.SERVED,
        "One name server keeps answering something else than the others, or does not answer with authority.",
        "Check the delegation and the zone's name servers; at Route 53 wait for GetChange to say INSYNC, "
        "then call support.",
        alert.SOON,
        rule=server_divided,
        pending=one_server_for_many,
    ),
    Declaration(
        FindingCode.LAGGARD,
        Severity.WARNING,
        Link.SERVED,
        "The domain is expected on v2 and is still on v1.",
        "Look for the owner that keeps v2's ExternalDNS from writing: the TXT records of the host name it. To take "
        "over from it, pause v1's ExternalDNS, give v2's (of v1's version or a later one) --migrate-from-txt-owner "
        "with that owner and --policy=upsert-only, delete the TXT of the host that still name it, and start v1's "
        "again.",
        alert.LATER,
        inferred=True,
        rule=public(laggard),
        pending=patience,
    ),
    Declaration(
        FindingCode.WEIGHTS_OFF,
        Severity.WARNING,
        Link.SERVED,
        "The share of answers contradicts the declared weights.",
        "Compare the weights of the record sets in Route 53 with the plan, and correct the wrong ones; look for a "
        "third set, and for a health check that leaves one of them out at times.",
        alert.SOON,
        rule=weights_off,
    ),
    Declaration(
        FindingCode.WEIGHTS_ONE_SIDED,
        Severity.WARNING,
        Link.SERVED,
        "Weights are declared, but only one side ever answers.",
        "Look for a simple record that keeps the weighted one out (Route 53 rejects the mix): give the Ingress that it "
        "comes from a set identifier and a weight, too. Look at the health of the other side.",
        alert.SOON,
        rule=weights_one_sided,
    ),
    Declaration(
        FindingCode.RESOLVER_LATE,
        Severity.WARNING,
        Link.CACHED,
        "A resolver serves the old side beyond the last moment that the TTL of its answers allows.",
        "Keep the old side serving: whoever asks that resolver still reaches it. Flush the name there (Google and "
        "Cloudflare have a page for it); in a resolver of your own look for a minimum TTL, served expired answers "
        "and forwarders.",
        alert.SOON,
        rule=public(resolver_late),
    ),
    Declaration(
        FindingCode.NEGATIVE_CACHED,
        Severity.WARNING,
        Link.CACHED,
        "A resolver denies the record, which the authoritative servers give.",
        "Flush the name at that resolver, or wait until the moment named. To keep it from coming back, let records "
        "be changed in place (UPSERT), never deleted and created.",
        alert.SOON,
        rule=public(negative_cached),
    ),
    Declaration(
        FindingCode.OWNER_NOT_RETURNED,
        Severity.WARNING,
        Link.WRITTEN,
        "The record leads to v1, where it is expected, and its ownership TXT names v2's owner.",
        "Give v2's ExternalDNS --policy=upsert-only or stop it, and only then take the host out of v2: with sync it "
        "would delete the record. Then write v1's owner into every TXT of the host that names v2's.",
        alert.SOON,
        inferred=True,
        fails_check=Severity.WARNING,
        rule=owner_not_returned,
    ),
    Declaration(
        FindingCode.CONTRADICTING_OWNERS,
        Severity.WARNING,
        Link.WRITTEN,
        "The ownership TXT records of one host name different owners.",
        "Decide who shall own the host, bring both ExternalDNS to one version (v0.22 or later), and correct the TXT "
        "that still names the other owner.",
        alert.SOON,
        rule=contradicting_owners,
    ),
    Declaration(
        FindingCode.UNOWNED,
        Severity.WARNING,
        Link.WRITTEN,
        "The record has no ownership TXT: no ExternalDNS will ever update or delete it.",
        "Move it by hand, or, once v2 has the host, write the TXT that v2's ExternalDNS reads, those of A and AAAA in "
        "one batch: one alone splits the families. For an apex use a --txt-prefix with %{record_type} and a dot at its "
        "end.",
        alert.SOON,
        rule=unowned,
    ),
    Declaration(
        FindingCode.ORPHAN_TXT,
        Severity.WARNING,
        Link.WRITTEN,
        "An ownership TXT stands without its record: the next create will lack a TXT of its own, or is refused.",
        "Delete the TXT before an ExternalDNS creates the record: v0.18 and older cannot create it beside the TXT, and "
        "later ones then write none of their own.",
        alert.SOON,
        rule=orphan_txt,
    ),
    Declaration(
        FindingCode.DEFAULT_OWNER,
        Severity.INFO,
        Link.WRITTEN,
        "After the move the owner is still `default`.",
        "Give v2's ExternalDNS (v0.20 or later) a --txt-owner-id of its own (with --migrate-from-txt-owner=default and "
        "--policy=upsert-only) while no other ExternalDNS with `default` runs; before one starts again, delete the TXT "
        "that still name `default`.",
        alert.LATER,
        rule=default_owner,
    ),
    Declaration(
        FindingCode.PROBE_BLIND,
        Severity.WARNING,
        Link.SERVED,
        "This vantage reaches nothing, or no authoritative server of a zone: what is not seen is not accused.",
        "Check the probe's own network: egress to UDP and TCP port 53, network policies, its node. Where only some "
        "zones are not seen, ask their servers from elsewhere: where they answer, the path from here is cut.",
        alert.SOON,
    ),
    Declaration(
        FindingCode.PROBE_BEHIND,
        Severity.WARNING,
        Link.SERVED,
        "This probe is too slow to judge: no server is accused of silence, and nothing new is confirmed.",
        "Give the probe the CPU that it asks for: look for a CPU limit, an overloaded or suspended node, or a plan "
        "that asks more than `probing.queries_per_second` allows.",
        alert.SOON,
    ),
    Declaration(
        FindingCode.SERVER_FAILING,
        Severity.WARNING,
        Link.SERVED,
        "A name server fails for its zone: it gives no answer to any question, or keeps answering something else than "
        "the zone's other servers for several domains.",
        "Ask the server for the zone's SOA from elsewhere; then mend it, or take it out of the delegation and of "
        "`authoritative.overrides`. An IPv6 address without a route from here belongs out of the overrides.",
        alert.SOON,
    ),
)

CATALOGUE: Mapping[str, Declaration] = MappingProxyType({declared.code: declared for declared in _DECLARED})
"""Every code that can be raised, worst first; a test holds that none is missing."""

PATIENCE: Mapping[str, alert.Patience] = MappingProxyType({code: one.patience for code, one in CATALOGUE.items()})
"""How patient the alert for each code is."""
