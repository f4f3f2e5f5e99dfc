"""The findings' codes: what each means, how loud it is, and what to do.

One place for the alerts, the metrics, the pages and the runbook.
"""

from probe.model.finding import CatalogueEntry, Severity

CATALOGUE = {
    entry.code: entry
    for entry in (
        CatalogueEntry(
            "flip-flop",
            Severity.CRITICAL,
            "The record changes to and fro.",
            "Find who writes it: compare the ownership TXT records and --txt-owner-id of both clusters' ExternalDNS, "
            "and stop one of the writers.",
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
            "premature",
            Severity.CRITICAL,
            "The domain is expected on v1 and is on v2.",
            "If the move is intended, set the wave's expectation to moving or v2; otherwise remove the host from v2.",
        ),
        CatalogueEntry(
            "weights-one-sided",
            Severity.WARNING,
            "Weights are declared, but only one side ever answers.",
            "Look for a simple record that keeps the weighted one out (Route 53 rejects the mix), "
            "and at the health of the other side.",
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
