"""The findings' codes: what each means, how loud it is, and what to do.

One place for the alerts, the metrics, the pages and the runbook.
"""

from probe.model.finding import CatalogueEntry, Severity

CATALOGUE = {
    entry.code: entry
    for entry in (
        CatalogueEntry(
            "fight-same-owner",
            Severity.CRITICAL,
            "Two ExternalDNS with the same owner id overwrite the record by turns.",
            "Stop one of the two now (scale v1's ExternalDNS to zero); then give v2's a --txt-owner-id of its own and "
            "--migrate-from-txt-owner with v1's, with --policy=upsert-only until the last wave has moved.",
        ),
        CatalogueEntry(
            "fight-mutual-migration",
            Severity.CRITICAL,
            "Two ExternalDNS migrate the record from each other: target and owner flip together.",
            "Remove --migrate-from-txt-owner from v1's ExternalDNS: only the side that takes over may have it.",
        ),
        CatalogueEntry(
            "fight-version-mix",
            Severity.CRITICAL,
            "Two versions of ExternalDNS read different ownership TXT names, and each finds itself the owner.",
            "Stop v1's ExternalDNS now; then bring both sides to one version (v0.22 or later) before it starts again.",
        ),
        CatalogueEntry(
            "fight-delete-create",
            Severity.CRITICAL,
            "The record comes and goes: one ExternalDNS creates what another with the same owner id deletes.",
            "Give both ExternalDNS --policy=upsert-only now: nothing is deleted any more, and what is missing comes "
            "back at the next sync; then give each an owner id of its own.",
        ),
        CatalogueEntry(
            "flip-flop",
            Severity.CRITICAL,
            "The record changes to and fro, and no ExternalDNS ownership explains it.",
            "Find who writes it: the changes of the hosted zone in CloudTrail, another tool, a person, or a health "
            "check that falls back; then stop one of the writers.",
        ),
        CatalogueEntry(
            "outage",
            Severity.CRITICAL,
            "The authoritative servers deny a record that existed.",
            "Restore the record; resolvers that asked meanwhile keep the denial until its negative TTL has passed.",
        ),
        CatalogueEntry(
            "reverted",
            Severity.CRITICAL,
            "The domain was on v2, is expected there, and is on v1 again.",
            "Find who wrote it back: look for an Ingress that v1 still has, and for equal --txt-owner-id values.",
        ),
        CatalogueEntry(
            "foreign-target",
            Severity.CRITICAL,
            "Answers lead to neither side.",
            "Compare the answer with the load balancers in the plan: add a missing one, or correct the record.",
        ),
        CatalogueEntry(
            "family-split",
            Severity.CRITICAL,
            "A and AAAA lead to different sides.",
            "Compare the ExternalDNS versions and the TXT names a-, aaaa- and cname- of the host; "
            "move the family that stayed.",
        ),
        CatalogueEntry(
            "server-divided",
            Severity.WARNING,
            "One name server keeps answering something else than the others, or does not answer with authority.",
            "Check the delegation and the zone's name servers; at Route 53 wait for GetChange to say INSYNC, "
            "then call support.",
        ),
        CatalogueEntry(
            "laggard",
            Severity.WARNING,
            "The domain is expected on v2 and is still on v1.",
            "Look for the owner that keeps v2's ExternalDNS from writing: the TXT records of the host name it.",
        ),
        CatalogueEntry(
            "stale-owner",
            Severity.CRITICAL,
            "The record leads to v2, and an ownership TXT that v1's ExternalDNS reads still names v1's owner.",
            "Before v1's Ingress goes, stop v1's ExternalDNS or give it --policy=upsert-only; then correct the TXT: "
            "write v2's owner into it, or delete it where v2 has a TXT of its own.",
        ),
        CatalogueEntry(
            "contradicting-owners",
            Severity.WARNING,
            "The ownership TXT records of one host name different owners.",
            "Decide who shall own the host, bring both ExternalDNS to one version, and correct the other TXT.",
        ),
        CatalogueEntry(
            "unowned",
            Severity.WARNING,
            "The record has no ownership TXT: no ExternalDNS will ever update or delete it.",
            "Move it by hand, or write the TXT that v2's ExternalDNS reads; for an apex use a --txt-prefix with "
            "%{record_type} and a dot at its end.",
        ),
        CatalogueEntry(
            "orphan-txt",
            Severity.WARNING,
            "An ownership TXT stands without its record: the next create will lack a TXT of its own.",
            "Delete the TXT before an ExternalDNS creates the record, unless its owner is the one that will.",
        ),
        CatalogueEntry(
            "default-owner",
            Severity.INFO,
            "After the move the owner is still `default`.",
            "Give v2's ExternalDNS a --txt-owner-id of its own (with --migrate-from-txt-owner=default and "
            "--policy=upsert-only) while the migration is in hand.",
        ),
        CatalogueEntry(
            "takeover-deletes",
            Severity.CRITICAL,
            "An ExternalDNS of v2 that migrates from v1's owner with --policy=sync deletes hosts that have not moved.",
            "Give v2's ExternalDNS --policy=upsert-only (or a --domain-filter for what moves) until the last wave has "
            "moved; what was deleted comes back at the next sync of v1's.",
        ),
        CatalogueEntry(
            "premature",
            Severity.CRITICAL,
            "The domain is expected on v1 and is on v2.",
            "If the move is intended, set the wave's expectation to moving or v2; otherwise remove the host from v2.",
        ),
        CatalogueEntry(
            "weights-off",
            Severity.WARNING,
            "The share of answers contradicts the declared weights.",
            "Compare the weights of the record sets in Route 53 with the plan, and correct the wrong ones; look for a "
            "third set, and for a health check that leaves one of them out at times.",
        ),
        CatalogueEntry(
            "weights-one-sided",
            Severity.WARNING,
            "Weights are declared, but only one side ever answers.",
            "Look for a simple record that keeps the weighted one out (Route 53 rejects the mix), "
            "and at the health of the other side.",
        ),
        CatalogueEntry(
            "service-failing",
            Severity.CRITICAL,
            "The name's HTTPS fails on the side that it leads to.",
            "Compare both sides on the domain's page: mend the certificate, the Ingress or the targets where it fails, "
            "or lead the name back to the side that works.",
        ),
        CatalogueEntry(
            "resolver-late",
            Severity.WARNING,
            "A resolver serves the old side beyond the last moment that the TTL of its answers allows.",
            "Keep the old side serving: whoever asks that resolver still reaches it. Flush the name there (Google and "
            "Cloudflare have a page for it); in a resolver of your own look for a minimum TTL, served expired answers "
            "and forwarders.",
        ),
        CatalogueEntry(
            "negative-cached",
            Severity.WARNING,
            "A resolver denies the record, which the authoritative servers give.",
            "Flush the name at that resolver, or wait until the moment named. To keep it from coming back, let records "
            "be changed in place (UPSERT), never deleted and created.",
        ),
        CatalogueEntry(
            "probe-blind",
            Severity.WARNING,
            "This vantage cannot reach anything: everything else is unknown, and nothing is accused.",
            "Check the probe's own network: egress to UDP and TCP port 53, network policies, its node.",
        ),
    )
}
"""Every code that can be raised, by its name."""
