"""From the checked file to the model's frozen values."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from probe.config import schema, schema_waves
from probe.config.key import read_key
from probe.config.schema_external_dns import ExternalDnsFile, TxtRegistryFile
from probe.config.schema_http import HttpFile
from probe.config.schema_notify import NotifyFile
from probe.config.schema_state import StateFile
from probe.config.schema_witnesses import ClusterSourceFile, WitnessesFile
from probe.config.unseal import Unsealer
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
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
    WebhookFormat,
    Weights,
)
from probe.model.server import Server, ServerRole, Transport, ZoneView
from probe.model.side import Side
from probe.model.witness_sources import ClusterSource, Route53Source, WitnessSources


def to_plan(file: schema.PlanFile, *, source: Path | None, folder: Path, digest: str) -> Plan:
    """Make the plan of a file that has passed the schema and every rule."""
    return Plan(
        vantage=file.vantage,
        v1=_side(Side.V1, file.sides.v1, folder),
        v2=_side(Side.V2, file.sides.v2, folder),
        waves=tuple(_wave(wave, folder) for wave in file.waves),
        registry=_registry(file.txt_registry, folder),
        resolvers=tuple(view for resolver in file.resolvers for view in _views(resolver, file.client_subnets)),
        authoritative=_authoritative(file.authoritative),
        probing=Probing(**file.probing.model_dump()),
        soak=file.soak,
        listen=file.listen,
        state=_state(file.state, folder),
        external_url=file.external_url,
        runbook_url=file.runbook_url,
        notify=_notify(file.notify, folder),
        witnesses=_witnesses(file.witnesses, folder),
        source=source,
        digest=digest,
    )


def _side(side: Side, file: schema.SideFile, folder: Path) -> SidePlan:
    written = file.external_dns if isinstance(file.external_dns, list) else [file.external_dns]
    first, *more = (_external_dns(one, folder) for one in written)
    return SidePlan(
        side=side,
        load_balancers=tuple(file.load_balancers),
        networks=tuple(file.addresses),
        external_dns=first,
        more_external_dns=tuple(more),
    )


def _external_dns(file: ExternalDnsFile, folder: Path) -> ExternalDns:
    return ExternalDns(
        txt_owner_id=file.txt_owner_id,
        migrate_from_txt_owner=file.migrate_from_txt_owner,
        version=file.version,
        interval=file.interval,
        name=file.name,
        policy=None if file.policy is None else Policy(file.policy),
        registry=Registry(file.registry),
        txt_registry=None if file.txt_registry is None else _registry(file.txt_registry, folder),
        domain_filter=tuple(file.domain_filter),
        exclude_domains=tuple(file.exclude_domains),
        zone_id_filter=tuple(file.zone_id_filter),
        annotation_prefix=file.annotation_prefix,
        managed_record_types=tuple(file.managed_record_types),
        prefer_cname=file.prefer_cname,
        context=file.context,
        namespace=file.namespace,
        workload=file.workload,
    )


def _registry(file: TxtRegistryFile, folder: Path) -> TxtRegistry:
    key_file = None if file.decryption_key_file is None else folder / file.decryption_key_file
    return TxtRegistry(
        prefix=file.prefix,
        suffix=file.suffix,
        wildcard_replacement=file.wildcard_replacement,
        decryption_key_file=key_file,
        unseal=None if key_file is None else Unsealer(read_key(key_file)),
    )


def _notify(file: NotifyFile, folder: Path) -> Notify:
    def place(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    return Notify(
        alertmanagers=tuple(
            Alertmanager(
                url=one.url,
                username=None if one.basic_auth is None else one.basic_auth.username,
                password_file=None if one.basic_auth is None else place(one.basic_auth.password_file),
                ca_file=place(one.ca_file),
            )
            for one in file.alertmanagers
        ),
        labels=tuple(sorted(file.labels.items())),
        webhooks=tuple(
            Webhook(
                name=one.name,
                format=WebhookFormat(one.format),
                url=one.url,
                url_file=place(one.url_file),
                token_file=place(one.token_file),
                ca_file=place(one.ca_file),
                severities=frozenset(one.severities),
                template=one.template,
                resolved_template=one.resolved_template,
            )
            for one in file.webhooks
        ),
    )


def _state(file: StateFile, folder: Path) -> State:
    return State(
        path=None if file.path is None else folder / file.path,
        observations=file.observations,
        effects=file.effects,
        size=file.size,
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
    return None if file is None else Weights(v1=file.v1, v2=file.v2)


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
        path=file.path,
        port=file.port,
        statuses=tuple(file.statuses),
        timeout=file.timeout,
        headers=tuple(dict.fromkeys(file.headers)),
        identity=None if identity is None else Identity(identity.header, identity.v1, identity.v2),
        ca_file=None if file.ca_file is None else folder / file.ca_file,
    )


def _resolver(file: schema.ResolverFile) -> Server:
    transport = Transport(file.transport)
    server = Server(
        name=file.name,
        address=file.address,
        port=file.port or transport.port,
        role=ServerRole.RESOLVER,
        transport=transport,
        group=file.name,
        tls_name=None if file.tls_name is None else file.tls_name.rstrip("."),  # certificates carry no trailing dot
        url=file.url,
        queries_per_second=file.queries_per_second,
        sees=None if file.sees is None else ZoneView(file.sees),
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
        start=tuple(file.start),
        port=file.port,
        ipv4=file.ipv4,
        ipv6=file.ipv6,
        refresh=file.refresh,
    )


def _witnesses(file: WitnessesFile, folder: Path) -> WitnessSources:
    clusters, route53 = file.kubernetes, file.route53
    return WitnessSources(
        v1=None if clusters is None else _cluster(clusters.v1, folder),
        v2=None if clusters is None else _cluster(clusters.v2, folder),
        cluster_interval=WitnessSources().cluster_interval if clusters is None else clusters.interval,
        route53=None
        if route53 is None
        else Route53Source(route53.profile or "", route53.role or "", tuple(route53.zones), route53.interval),
    )


def _cluster(file: ClusterSourceFile | None, folder: Path) -> ClusterSource | None:
    if file is None:
        return None
    kubeconfig = None if file.kubeconfig is None else folder / file.kubeconfig
    return ClusterSource(kubeconfig, file.context or "", file.in_cluster)
