"""From the checked file to the model's frozen values: what the two do not write alike, and the rest by `same_keys`."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from probe.config import schema, schema_waves
from probe.config.key import read_key
from probe.config.same_keys import same_keys
from probe.config.schema_external_dns import ExternalDnsFile, TxtRegistryFile
from probe.config.schema_http import HttpFile
from probe.config.schema_notify import NotifyFile
from probe.config.schema_witnesses import ClusterSourceFile, WitnessesFile
from probe.config.unseal import Unsealer
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.plan import (
    Alertmanager,
    Authoritative,
    Domain,
    Expectation,
    HttpCheck,
    Identity,
    Notify,
    Plan,
    Probing,
    Routing,
    Schedule,
    SidePlan,
    State,
    Step,
    Wave,
    Webhook,
    Weights,
)
from probe.model.server import Server, ServerRole, Transport
from probe.model.side import Side
from probe.model.witness_sources import ClusterSource, Route53Source, WitnessSources


def to_plan(file: schema.PlanFile, *, source: Path | None, folder: Path, digest: str) -> Plan:
    """Make the plan of a file that has passed the schema and every rule."""
    return Plan(
        v1=_side(Side.V1, file.sides.v1, folder),
        v2=_side(Side.V2, file.sides.v2, folder),
        waves=tuple(_wave(wave, folder) for wave in file.waves),
        registry=_registry(file.txt_registry, folder),
        resolvers=tuple(view for resolver in file.resolvers for view in _views(resolver, file.client_subnets)),
        authoritative=_authoritative(file.authoritative),
        probing=Probing(**same_keys(file.probing, Probing)),
        state=State(**same_keys(file.state, State, folder)),
        notify=_notify(file.notify, folder),
        witnesses=_witnesses(file.witnesses, folder),
        source=source,
        digest=digest,
        **same_keys(file, Plan),
    )


def _side(side: Side, file: schema.SideFile, folder: Path) -> SidePlan:
    written = file.external_dns if isinstance(file.external_dns, list) else [file.external_dns]
    first, *more = (_external_dns(one, folder) for one in written)
    return SidePlan(
        side=side,
        networks=tuple(file.addresses),
        external_dns=first,
        more_external_dns=tuple(more),
        **same_keys(file, SidePlan),
    )


def _external_dns(file: ExternalDnsFile, folder: Path) -> ExternalDns:
    return ExternalDns(
        txt_registry=None if file.txt_registry is None else _registry(file.txt_registry, folder),
        managed_record_types=tuple(file.managed_record_types),
        **same_keys(file, ExternalDns),
    )


def _registry(file: TxtRegistryFile, folder: Path) -> TxtRegistry:
    key_file = file.decryption_key_file
    return TxtRegistry(
        unseal=None if key_file is None else Unsealer(read_key(folder / key_file)),
        **same_keys(file, TxtRegistry, folder),
    )


def _notify(file: NotifyFile, folder: Path) -> Notify:
    return Notify(
        alertmanagers=tuple(
            Alertmanager(
                **same_keys(one, Alertmanager, folder),
                **({} if one.basic_auth is None else same_keys(one.basic_auth, Alertmanager, folder)),
            )
            for one in file.alertmanagers
        ),
        labels=tuple(sorted(file.labels.items())),
        webhooks=tuple(
            Webhook(
                severities=frozenset(one.severities),
                **same_keys(one, Webhook, folder),
            )
            for one in file.webhooks
        ),
    )


def _wave(file: schema_waves.WaveFile, folder: Path) -> Wave:
    schedule = _schedule(file, None)
    return Wave(
        name=file.name,
        expectation=Expectation(file.expect),
        domains=tuple(_domain(file, domain, schedule, folder) for domain in file.domains),
        schedule=schedule,
        upcoming=schedule[1] if schedule else None,
    )


def _schedule(wave: schema_waves.WaveFile, own: schema_waves.WeightsFile | None) -> Schedule:
    """Write a wave's steps out for a domain with weights of its own, or for all that have none."""
    if not wave.schedule:
        return ()
    written = [(None, wave.expect, None), *((step.at, step.expect, step.weights) for step in wave.schedule)]
    return tuple(
        Step(at, Expectation(expect), _weights(own or weights or wave.weights) if expect == "weighted" else None)
        for at, expect, weights in written
    )


def _weights(file: schema_waves.WeightsFile | None) -> Weights | None:
    return None if file is None else Weights(**same_keys(file, Weights))


def _domain(wave: schema_waves.WaveFile, file: schema_waves.DomainFile, schedule: Schedule, folder: Path) -> Domain:
    http = file.http or (None if file.name.startswith("*.") else wave.http)
    schedule = _schedule(wave, file.weights) if file.weights is not None else schedule
    routing = file.routing or wave.routing
    return Domain(
        name=file.name if file.proxied is None else file.proxied.origin,
        wave=wave.name,
        expectation=Expectation(wave.expect),
        weights=schedule[0].weights if schedule else _weights(file.weights or wave.weights),
        http=None if http is None else _http(http, folder),
        schedule=schedule,
        upcoming=schedule[1] if schedule else None,
        routing=None if routing is None else Routing(routing),
        proxied=file.name if file.proxied is not None else None,
    )


def _http(file: HttpFile, folder: Path) -> HttpCheck:
    identity = file.identity
    return HttpCheck(
        identity=None if identity is None else Identity(**same_keys(identity, Identity)),
        headers=tuple(dict.fromkeys(file.headers)),
        **same_keys(file, HttpCheck, folder, but={"headers"}),
    )


def _resolver(file: schema.ResolverFile) -> Server:
    server = Server(
        port=file.port or Transport(file.transport).port,
        role=ServerRole.RESOLVER,
        group=file.name,
        tls_name=None if file.tls_name is None else file.tls_name.rstrip("."),  # certificates carry no trailing dot
        **same_keys(file, Server),
    )
    return server if file.url is None else replace(server, port=urlsplit(file.url).port or server.port)


def _views(file: schema.ResolverFile, client_subnets: dict[str, str]) -> tuple[Server, ...]:
    """Give the resolver as it is asked from here, and as seen from each client subnet if it passes these on."""
    own = _resolver(file)
    subnets = client_subnets if file.ecs else {}
    return (
        own,
        *(replace(own, name=f"{own.name}@{name}", client_subnet=subnet) for name, subnet in subnets.items()),
    )


def _authoritative(file: schema.AuthoritativeFile) -> Authoritative:
    return Authoritative(
        overrides=tuple((zone, tuple(servers)) for zone, servers in file.overrides.items()),
        private_zones=tuple((zone, tuple(resolvers)) for zone, resolvers in file.private_zones.items()),
        **same_keys(file, Authoritative),
    )


def _witnesses(file: WitnessesFile, folder: Path) -> WitnessSources:
    clusters, route53 = file.kubernetes, file.route53
    return WitnessSources(
        v1=None if clusters is None else _cluster(clusters.v1, folder),
        v2=None if clusters is None else _cluster(clusters.v2, folder),
        cluster_interval=WitnessSources().cluster_interval if clusters is None else clusters.interval,
        route53=None
        if route53 is None
        else Route53Source(profile=route53.profile or "", role=route53.role or "", **same_keys(route53, Route53Source)),
    )


def _cluster(file: ClusterSourceFile | None, folder: Path) -> ClusterSource | None:
    if file is None:
        return None
    return ClusterSource(context=file.context or "", **same_keys(file, ClusterSource, folder))
