"""What `preflight` says of v2's load balancers and of the services behind them, beside those of v1."""

from probe.judge.findings.http import failing, failure_words
from probe.model.check import Check, CheckOutcome
from probe.model.clock import DAY, Instant
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.service import ServiceState, ServiceStatus
from probe.model.side import Side
from probe.model.snapshot import Snapshot
from probe.model.text import listed, wall

EXPIRES_WITHIN = 14 * DAY
"""Seconds: a certificate that ends so soon ends within the weeks in which both sides are kept."""


def load_balancers(snapshot: Snapshot) -> tuple[Check, ...]:
    """Say for each load balancer of v2 whether its name has addresses."""
    shown: dict[str, int] = {}
    for target in snapshot.targets:
        if target.last_seen is not None:
            shown[target.source] = shown.get(target.source, 0) + 1
    checks = []
    for name in snapshot.plan.v2.load_balancers:
        count = shown.get(name, 0)
        checks.append(
            Check("load-balancer", display(name), CheckOutcome.PASS, f"It has {_addresses(count)}.")
            if count
            else Check(
                "load-balancer",
                display(name),
                CheckOutcome.FAIL,
                "Its name has no address.",
                "Compare it with the Ingress' status on v2; the load balancer may be deleted, or not created yet.",
            )
        )
    return tuple(checks)


def service(status: DomainStatus, at: Instant) -> tuple[Check, ...]:
    """Say whether v2 serves a domain, and in what it differs from v1."""
    name = display(status.domain.name)
    if status.domain.http is None:
        if status.domain.name.startswith("*."):
            return ()
        return (
            Check(
                "service",
                name,
                CheckOutcome.WARN,
                "Whether v2 serves it was not checked.",
                "Give the wave an `http` check in the plan.",
            ),
        )
    v1, v2 = (next(one for one in status.services if one.side is side) for side in Side)
    checks = [_of_v2(name, v2)]
    certificate = _certificate(name, v2, at)
    if certificate is not None:
        checks.append(certificate)
    identity = status.domain.http.identity
    difference = _difference(name, v1, v2, identity.header if identity is not None else "")
    if difference is not None:
        checks.append(difference)
    return tuple(checks)


def _of_v2(name: str, v2: ServiceStatus) -> Check:
    if v2.state is ServiceState.UP:
        statuses = listed(sorted({str(one.check.status) for one in v2.addresses if one.check.status is not None}))
        slowest = max(one.check.elapsed for one in v2.addresses)
        return Check(
            "service",
            name,
            CheckOutcome.PASS,
            f"v2 serves it at {_addresses(len(v2.addresses))}: status {statuses}, a valid certificate, at most "
            f"{slowest * 1000:.0f} ms.",
        )
    if v2.state is ServiceState.DOWN:
        bad = failing(v2)
        words = f"{bad[0].check.address} {failure_words(bad[0].check)}"
        return Check(
            "service",
            name,
            CheckOutcome.FAIL,
            f"v2 does not serve it at {len(bad)} of {_addresses(len(v2.addresses))}: {words}.",
            "Repair the certificate, the Ingress or its targets on v2 before the name leads there.",
        )
    if not v2.addresses:
        return Check(
            "service", name, CheckOutcome.UNKNOWN, "No address of v2 is known.", "See the check `load-balancer`."
        )
    first = v2.addresses[0].check
    return Check(
        "service",
        name,
        CheckOutcome.UNKNOWN,
        f"Whether v2 serves it is not known: {first.address} {failure_words(first)}.",
        "Check this machine's egress to v2's load balancers, or give a longer --timeout.",
    )


def _certificate(name: str, v2: ServiceStatus, at: Instant) -> Check | None:
    ends = [one.check.certificate.not_after for one in v2.addresses if one.check.certificate is not None]
    if v2.state is ServiceState.DOWN or not ends:
        return None
    left = min(ends) - at.wall
    if left > EXPIRES_WITHIN:
        return Check("certificate", name, CheckOutcome.PASS, f"v2's certificate is valid until {wall(min(ends))}.")
    return Check(
        "certificate",
        name,
        CheckOutcome.WARN,
        f"v2's certificate expires at {wall(min(ends))}, in {left / DAY:.0f} days.",
        "Renew it before the move.",
    )


def _difference(name: str, v1: ServiceStatus, v2: ServiceStatus, identity: str) -> Check | None:
    """Compare what both sides answered; the identity header is there to differ."""
    if ServiceState.UP not in {v1.state, v2.state} or not v1.addresses or not v2.addresses:
        return None
    old, new = v1.addresses[0].check, v2.addresses[0].check
    differences = []
    if old.status != new.status:
        differences.append(f"status {old.status} on v1, {new.status} on v2")
    before, after = dict(old.headers), dict(new.headers)
    for header in dict.fromkeys((*before, *after)):
        one, other = before.get(header), after.get(header)
        if one != other and header != identity:
            differences.append(f"{header}: {one or 'absent'} on v1, {other or 'absent'} on v2")
    if old.certificate is not None and new.certificate is not None:
        missing = sorted(set(old.certificate.names) - set(new.certificate.names))
        if missing:
            differences.append(f"v2's certificate lacks {listed(missing)}")
    if not differences:
        return Check("difference", name, CheckOutcome.PASS, "Both sides answer the same.")
    return Check(
        "difference",
        name,
        CheckOutcome.WARN,
        f"The sides differ: {'; '.join(differences)}.",
        "Check whether that is intended.",
    )


def _addresses(count: int) -> str:
    return f"{count} address" if count == 1 else f"{count} addresses"
