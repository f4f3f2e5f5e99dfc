"""Every ExternalDNS of a cluster: pods by their image or arguments, and charts of Argo CD and Flux by their values."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from probe.inventory.origin import Notice, named
from probe.inventory.reading.documents import DocumentText, UnreadableDocument, build
from probe.inventory.reading.node import Budget, Node
from probe.inventory.reading.objects import KubernetesObject, Objects
from probe.inventory.wanted.command_line import (
    CommandLine,
    Setting,
    flags_of,
    of_settings,
    read_command_line,
)
from probe.inventory.wanted.pod_templates import PodTemplate, containers_of, pod_templates, sync_interval
from probe.inventory.wanted.workload import Workload
from probe.inventory.wanted.workload_flags import Workplace, workload

CHART = "external-dns"
"""The name of the chart, of Kubernetes SIGs' and of Bitnami's, and of the program in every image's path."""

CHART_KINDS = ("Application", "HelmRelease")
"""Kinds of objects that install a chart: Argo CD's and Flux'."""

_TAG_VERSION = re.compile(r"(?:^|[^\d.])v?(\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)(?![\d.])")
_SIGS_CHART = re.compile(r"[v~^=]?1\.(\d{1,3})\.[\dx*]+")

_VALUES: Mapping[str, str] = {
    "txtOwnerId": "txt-owner-id",
    "txtPrefix": "txt-prefix",
    "txtSuffix": "txt-suffix",
    "txtWildcardReplacement": "txt-wildcard-replacement",
    "policy": "policy",
    "registry": "registry",
    "interval": "interval",
    "annotationFilter": "annotation-filter",
    "annotationPrefix": "annotation-prefix",
    "labelFilter": "label-filter",
    "namespace": "namespace",
    "sources": "source",
    "managedRecordTypes": "managed-record-types",
    "managedRecordTypesFilters": "managed-record-types",
    "domainFilters": "domain-filter",
    "excludeDomains": "exclude-domains",
    "zoneIdFilters": "zone-id-filter",
    "ingressClassFilters": "ingress-class",
    "serviceTypeFilters": "service-type-filter",
    "gatewayNamespace": "gateway-namespace",
    "ignoreHostnameAnnotation": "ignore-hostname-annotation",
    "ignoreIngressTLSSpec": "ignore-ingress-tls-spec",
    "ignoreIngressRulesSpec": "ignore-ingress-rules-spec",
    "publishInternalServices": "publish-internal-services",
    "regexDomainFilter": "regex-domain-filter",
    "fqdnTemplates": "fqdn-template",
    "aws.preferCNAME": "aws-prefer-cname",
    "aws.evaluateTargetHealth": "aws-evaluate-target-health",
    "txtEncrypt.enabled": "txt-encrypt-enabled",
}
"""Values of the two charts, and the flag that each becomes."""

_CHART_DEFAULTS: Mapping[str, tuple[str, ...]] = {"policy": ("upsert-only",), "source": ("service", "ingress")}
"""What both charts set where their values do not; ExternalDNS' own defaults are other ones."""


def find_workloads(objects: Objects, notices: list[Notice]) -> tuple[Workload, ...]:
    """Give every ExternalDNS of the objects. A chart whose pods are there as well is read from its pods alone."""
    pods = list(_of_pods(objects, notices))
    running = {one.name for one in pods}
    charts = [one for one in _of_charts(objects, notices) if one.name not in running]
    return (*_told_apart(pods), *charts)


def _told_apart(pods: list[Workload]) -> Iterator[Workload]:
    """Name each otherwise: Argo CD gives all of an application one instance, and a pod may run two containers.

    Whose hosts are whose goes by the label.
    """
    alike = Counter(one.label for one in pods)
    used: Counter[str] = Counter()
    for one in pods:
        own = (one.external_dns.workload or "").partition("/")[2] or one.name
        found = one if alike[one.label] == 1 else replace(one, name=own)
        used[found.label] += 1
        number = used[found.label]
        yield found if number == 1 else replace(found, name=f"{found.name} ({number})")


def image_version(image: str) -> str:
    """Give the version in an image's tag, such as `v0.22.0` or `0.14.0-debian-11-r0`; empty without one."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    found = _TAG_VERSION.search(tag)
    return found[1] if found else ""


def is_of_external_dns(kind: str, root: Node) -> bool:
    """Tell whether an ExternalDNS may be found in an object: in its pods, or in the chart that it installs."""
    match kind:
        case "HelmRelease":
            return _installs_external_dns(root)
        case "Application":
            return any(map(_is_chart, _sources(root)))
        case "Rollout" if root["spec"]["workloadRef"].given:  # the template of a Deployment, which tells what that is
            return True
        case _:
            return any(map(_is_external_dns, containers_of(kind, root)))


def _sources(application: Node) -> Iterator[Node]:
    spec = application["spec"]
    yield from (spec["source"], *spec["sources"])


def _is_chart(source: Node) -> bool:
    return source["chart"].text.rpartition("/")[2] == CHART


def _installs_external_dns(release: Node) -> bool:
    spec = release["spec"]
    return CHART in (spec["chart"]["spec"]["chart"].text, spec["chartRef"]["name"].text)


def _of_pods(objects: Objects, notices: list[Notice]) -> Iterator[Workload]:
    for template in pod_templates(objects):
        for container in template.containers:
            if _is_external_dns(container):
                yield _of_container(template, container, notices)


def _of_container(template: PodTemplate, container: Node, notices: list[Notice]) -> Workload:
    one = template.owner
    if template.stopped:
        notices.append(Notice(one.origin, f"{named(one.name)} {template.stopped}: it counts as one that runs"))
    image = container["image"]
    found = image_version(image.text)
    version = Setting(found, one.at(image)) if found else None
    if version is None:
        notices.append(
            Notice(
                one.at(image),
                f"{named(one.name)} has the image {named(image.text)}, which tells no version: write it by hand, since "
                "it decides which TXT it writes",
            )
        )
    line, inferred = read_command_line(one, container), dict[str, str]()
    if template.schedule is not None and line.is_on("once"):
        line, inferred = _by_schedule(one, line, template.schedule, notices)
    pods, given = f"{one.kind.lower()}/{one.name}", one.root["metadata"]["namespace"].text
    who = Workplace(one.namespace, _release(one) or one.name, one.origin, pods, given)
    made = workload(who, line, version, notices, inferred)
    if container["envFrom"].given and "txt_owner_id" not in made.told:  # it may stand there
        made = replace(made, unclear=tuple(sorted({*made.unclear, "txt-owner-id"})))
    return replace(made, is_stopped=bool(template.stopped))


def _by_schedule(
    one: KubernetesObject, line: CommandLine, schedule: Node, notices: list[Notice]
) -> tuple[CommandLine, dict[str, str]]:
    """Put a CronJob's schedule in the place of `--interval`: with `--once` each run is one sync."""
    interval = sync_interval(schedule.text)
    others = {flag: settings for flag, settings in line.flags.items() if flag != "interval"}
    if not interval:
        sentence = f"{named(one.name)} syncs at {named(schedule.text)}: write `interval` by hand"
        notices.append(Notice(one.at(schedule), sentence))
        return CommandLine(others), {}
    told = {"interval": (Setting(interval, one.at(schedule)),)}
    return CommandLine(others | told), {"interval": "it is a CronJob that syncs once a run, by its schedule"}


def _release(one: KubernetesObject) -> str:
    return one.labels.get("app.kubernetes.io/instance", "")


def _is_external_dns(container: Node) -> bool:
    image = container["image"].text.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if image == CHART:
        return True
    words = [word.text for part in ("command", "args") for word in container[part]]
    names = {word[2:].partition("=")[0] for word in words if word.startswith("--")}
    return "txt-owner-id" in names or {"source", "provider", "registry"} <= names


def _of_charts(objects: Objects, notices: list[Notice]) -> Iterator[Workload]:
    for one in objects.of(*CHART_KINDS):
        spec = one.root["spec"]
        if one.kind == "HelmRelease":
            if _installs_external_dns(one.root):
                if spec["valuesFrom"].given:
                    notices.append(_elsewhere(one, spec["valuesFrom"], "`valuesFrom`"))
                name = spec["releaseName"].text or one.name
                yield _of_values(one, name, spec["chart"]["spec"]["version"], [spec["values"]], [], notices)
            continue
        for source in filter(_is_chart, _sources(one.root)):
            helm = source["helm"]
            if helm["valueFiles"].given:
                notices.append(_elsewhere(one, helm["valueFiles"], "`valueFiles`"))
            values = [helm["valuesObject"], *_written(one, helm["values"], notices)]
            name = helm["releaseName"].text or one.name
            yield _of_values(one, name, source["targetRevision"], values, list(helm["parameters"]), notices)


def _elsewhere(one: KubernetesObject, node: Node, what: str) -> Notice:
    return Notice(
        one.at(node), f"{named(one.name)} has values in {what} as well, which are not read: compare them by hand"
    )


def _written(one: KubernetesObject, node: Node, notices: list[Notice]) -> Iterator[Node]:
    """Read values that stand as YAML in a text; their lines are those of the text."""
    text = node.value if isinstance(node.value, str) else ""
    if not text.strip():
        return
    try:
        yield build(DocumentText(node.line + 1, text, ""), one.file, Budget(), notices)
    except UnreadableDocument as error:
        notices.append(error.notice)


def _of_values(  # noqa: PLR0913, PLR0917  # an object, and where its chart's name, version and values stand
    one: KubernetesObject,
    name: str,
    revision: Node,
    values: Iterable[Node],
    parameters: Iterable[Node],
    notices: list[Notice],
) -> Workload:
    settings = [*_defaults(one)]
    version: Setting | None = None
    inferred = dict.fromkeys(("policy",), "the chart's own default")
    for tree in values:
        found = list(_settings(one, tree))
        settings = [kept for kept in settings if kept[0] not in {flag for flag, _ in found}] + found
        tag = tree["image"]["tag"]
        if tag.text:
            version = Setting(image_version(f"x:{tag.text}"), one.at(tag))
    for parameter in parameters:
        key = re.sub(r"\[\d+\]$", "", parameter["name"].text)
        if key == "image.tag":
            version = Setting(image_version(f"x:{parameter['value'].text}"), one.at(parameter))
        elif key in _VALUES:
            settings.append((_VALUES[key], Setting(parameter["value"].text, one.at(parameter))))
    if any(setting.origin != one.origin for flag, setting in settings if flag == "policy"):
        inferred.pop("policy")
    if version is None or not version.text:
        match = _SIGS_CHART.fullmatch(revision.text)
        version = Setting(f"0.{match[1]}.0", one.at(revision)) if match else None
        if match:
            inferred["version"] = f"of the chart {revision.text}, whose releases follow ExternalDNS' own"
        else:
            notices.append(
                Notice(one.at(revision), f"{named(one.name)} tells no version of ExternalDNS: write it by hand")
            )
    return workload(Workplace(one.namespace, name, one.origin), of_settings(settings), version, notices, inferred)


def _defaults(one: KubernetesObject) -> Iterator[tuple[str, Setting]]:
    for flag, texts in _CHART_DEFAULTS.items():
        for text in texts:
            yield flag, Setting(text, one.origin)


def _settings(one: KubernetesObject, tree: Node) -> Iterator[tuple[str, Setting]]:
    for key, flag in _VALUES.items():
        node = tree
        for step in key.split("."):
            node = node[step]
        for item in node if isinstance(node.value, list) else (node,):
            if item.text:
                yield flag, Setting(item.text, one.at(item))
    extra = tree["extraArgs"]
    if isinstance(extra.value, dict):
        for flag, node in extra.entries.items():
            for item in node if isinstance(node.value, list) else (node,):
                yield flag, Setting(item.text or "true", one.at(item))
    else:
        yield from flags_of(Setting(word.text, one.at(word)) for word in extra)
    for environment in ("env", "extraEnvVars"):
        container = Node({"env": tree[environment]}, tree.line)
        line: CommandLine = read_command_line(one, container)
        for flag, found in line.flags.items():
            yield from ((flag, setting) for setting in found)
