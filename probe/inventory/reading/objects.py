"""Kubernetes objects out of YAML documents: lists taken apart, what is of no matter passed over, the rest named."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from probe.inventory.origin import Notice, Origin, named
from probe.inventory.reading.documents import DocumentText, UnreadableDocument, build, split
from probe.inventory.reading.node import Budget, Node
from probe.model.text import plural

KINDS: Mapping[str, frozenset[str]] = {
    "Ingress": frozenset({"networking.k8s.io", "extensions"}),
    "Service": frozenset({""}),
    "Gateway": frozenset({"gateway.networking.k8s.io"}),
    "HTTPRoute": frozenset({"gateway.networking.k8s.io"}),
    "GRPCRoute": frozenset({"gateway.networking.k8s.io"}),
    "TLSRoute": frozenset({"gateway.networking.k8s.io"}),
    "DNSEndpoint": frozenset({"externaldns.k8s.io"}),
    "Deployment": frozenset({"apps", "extensions"}),
    "StatefulSet": frozenset({"apps"}),
    "DaemonSet": frozenset({"apps", "extensions"}),
    "CronJob": frozenset({"batch"}),
    "Rollout": frozenset({"argoproj.io"}),
    "Application": frozenset({"argoproj.io"}),
    "HelmRelease": frozenset({"helm.toolkit.fluxcd.io"}),
    "Namespace": frozenset({""}),
}
"""What is read, and the groups whose it is: Knative has a Service, and Istio a Gateway, that are something else."""

MAX_OBJECTS = 200_000
"""Objects of one source: twenty times the largest cluster that was thought of."""

_LIST_DEPTH = 4  # a List of Lists is legal, and one of aliases to itself is an attack
_MENTIONS = ("external-dns.alpha.kubernetes.io/", "external-dns.kubernetes.io/")
_NO_NAMESPACE = "default"  # what kubectl takes where a manifest has none


class KubernetesObject(NamedTuple):
    """One object.

    Attributes:
        kind: As Kubernetes writes it.
        namespace, name: Where and what it is.
        annotations, labels: Its metadata's.
        root: All of it.
        file: Where it was read.
    """

    kind: str
    namespace: str
    name: str
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    root: Node
    file: str

    @property
    def resource(self) -> str:
        """What ExternalDNS writes into the label `resource`: the kind in lower case, the namespace, the name."""
        return f"{self.kind.lower()}/{self.namespace}/{self.name}"

    @property
    def origin(self) -> Origin:
        """Where it begins."""
        return Origin(self.file, self.root.line)

    def at(self, node: Node) -> Origin:
        """Give the place of one of its values."""
        return Origin(self.file, node.line or self.root.line)


class Unread(NamedTuple):
    """Why a kind was not listed: the HTTP status, and a sentence."""

    status: int
    sentence: str


@dataclass(slots=True)
class Objects:
    """Everything that was read of one source.

    Attributes:
        found: By kind, namespace and name: an object that comes twice is what it is the second time.
        notices: What was not read, or is odd.
        passed: How many documents were of no matter, by kind.
        unread: Kinds that an API server has and did not list, and why.
    """

    found: dict[tuple[str, str, str], KubernetesObject] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    unread: dict[str, Unread] = field(default_factory=dict)

    def of(self, *kinds: str) -> Iterator[KubernetesObject]:
        """Go through the objects of some kinds, in the order in which they were read."""
        return (one for one in self.found.values() if one.kind in kinds)


def read_objects(texts: Iterable[tuple[str, str]], budget: Budget | None = None) -> Objects:
    """Read the objects of files, each given as its name and its text."""
    objects = Objects()
    reader = _ObjectReader(objects, budget or Budget())
    for file, text in texts:
        reader.read(file, text)
    return objects


def take_object(objects: Objects, root: Node, file: str) -> None:
    """Take an object, or a list of them, whose value is known already."""
    _ObjectReader(objects, Budget()).take(root, file)


class _ObjectReader:
    def __init__(self, objects: Objects, budget: Budget) -> None:
        self._objects = objects
        self._budget = budget

    def read(self, file: str, text: str) -> None:
        templates: list[Notice] = []
        for document in split(text):
            if not _matters(document):
                self._pass(document.kind, file, document)
                continue
            try:
                root = build(document, file, self._budget, self._objects.notices)
            except UnreadableDocument as error:
                (templates if error.is_template else self._objects.notices).append(error.notice)
                continue
            self._take(root, file, depth=0)
        if templates:  # a chart's file is a dozen of them, and one word does
            self._objects.notices.append(templates[0])

    def take(self, root: Node, file: str) -> None:
        self._take(root, file, depth=0)

    def _pass(self, kind: str, file: str, document: DocumentText) -> None:
        self._objects.passed[kind] = self._objects.passed.get(kind, 0) + 1
        mention = next((prefix for prefix in _MENTIONS if prefix + "hostname" in document.text), None)
        if mention is not None and kind != "CustomResourceDefinition":
            line = document.line + document.text[: document.text.index(mention)].count("\n")
            self._notice(
                file,
                line,
                f"this {named(kind)} has ExternalDNS' annotations, and its kind is not read: list its hosts by hand",
                is_gap=True,
            )

    def _take(self, root: Node, file: str, depth: int) -> None:
        kind = root["kind"].text
        if not isinstance(root.value, dict) or not kind:
            self._notice(file, root.line, "this is not a Kubernetes object (it has no `kind`), and it was skipped")
            return
        if kind.endswith("List") and isinstance(root["items"].value, list):
            if depth >= _LIST_DEPTH:
                self._notice(file, root.line, "a List stands in a List of Lists here, and it was skipped")
                return
            for item in root["items"]:
                self._take(item, file, depth + 1)
            return
        if "apiVersion" not in root.entries:
            self._notice(file, root.line, f"this {named(kind)} has no `apiVersion`, and it was skipped")
            return
        group = root["apiVersion"].text.rpartition("/")[0]
        if group not in KINDS.get(kind, ()):
            self._unread(kind, group, root, file)
            return
        self._add(kind, root, file)

    def _unread(self, kind: str, group: str, root: Node, file: str) -> None:
        self._objects.passed[kind] = self._objects.passed.get(kind, 0) + 1
        hostname = next(
            (key for key in root["metadata"]["annotations"].entries if key.startswith(_MENTIONS) and "hostname" in key),
            None,
        )
        if hostname is not None:
            self._notice(
                file,
                root["metadata"]["annotations"][hostname].line,
                f"this {named(f'{kind}.{group}' if group else kind)} has the annotation {named(hostname)}, and its "
                "kind is not read: list its hosts by hand",
                is_gap=True,
            )

    def _add(self, kind: str, root: Node, file: str) -> None:
        metadata = root["metadata"]
        name = metadata["name"].text
        if not name:
            self._notice(file, root.line, f"this {named(kind)} has no `metadata.name`, and it was skipped")
            return
        namespace = metadata["namespace"].text or ("" if kind == "Namespace" else _NO_NAMESPACE)
        one = KubernetesObject(
            kind, namespace, name, metadata["annotations"].texts(), metadata["labels"].texts(), root, file
        )
        key = (kind, namespace, name)
        first = self._objects.found.get(key)
        if first is not None:
            self._notice(
                file,
                root.line,
                f"{kind} {named(f'{namespace}/{name}')} stands here once more (first at {first.origin}), and this one "
                "was read",
            )
        elif len(self._objects.found) >= MAX_OBJECTS:
            self._notice(
                file, root.line, f"more than {plural(MAX_OBJECTS, 'object')} were read already: skipped", is_gap=True
            )
            return
        self._objects.found[key] = one

    def _notice(self, file: str, line: int, sentence: str, *, is_gap: bool = False) -> None:
        self._objects.notices.append(Notice(Origin(file, line), sentence, is_gap))


def _matters(document: DocumentText) -> bool:
    """Whether a document has to be parsed: its kind is read, is a list, or is not told in the first column."""
    return not document.kind or document.kind in KINDS or document.kind.endswith("List")
