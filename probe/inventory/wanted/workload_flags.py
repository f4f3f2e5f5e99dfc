"""An ExternalDNS out of its flags: each as the plan takes it, and which of them leave open what it would write."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from probe.config.mistakes import Unusable
from probe.config.schema_external_dns import MAX_FILTERS, SYNC
from probe.config.types import (
    AffixText,
    AnnotationPrefixText,
    ContextText,
    FilterText,
    NamespaceText,
    OwnerText,
    VersionText,
    WildcardReplacementText,
    WorkloadText,
    ZoneIdText,
)
from probe.externaldns.version import NEWEST_VERSION, Dialect, Version, dialect
from probe.inventory.origin import Notice, Origin, named, shown
from probe.inventory.wanted.command_line import CommandLine, Setting
from probe.inventory.wanted.selector import LabelSelector, parse_selector
from probe.inventory.wanted.workload import READ_SOURCES, Scope, Workload
from probe.model.external_dns import MANAGED_TYPES, ExternalDns, Policy, Registry, TxtRegistry


class Workplace(NamedTuple):
    """Which object an ExternalDNS is.

    Attributes:
        namespace, name, origin: Of the object, or of the release that it belongs to.
        pods: The object that runs it, with its kind, as kubectl names it; empty where a chart's values were read, which
            do not tell it.
        given: The namespace as the manifest has it; empty where it leaves that to whoever applies it.
    """

    namespace: str
    name: str
    origin: Origin
    pods: str = ""
    given: str = ""


def _parsed(kind: Any) -> Callable[[str], Any]:
    adapter = TypeAdapter(kind)

    def parse(text: str) -> Any:
        try:
            return adapter.validate_python(text)
        except ValidationError as error:
            reason = error.errors()[0].get("ctx", {}).get("error")
            if isinstance(reason, Unusable):
                raise reason from error
            raise Unusable(f"{named(text)} cannot be used", "correct it") from error

    return parse


def _choice(kind: type[Policy] | type[Registry]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return kind(text.lower())
        except ValueError:
            raise Unusable(f"{named(text)} is none that the plan knows", "write it by hand") from None

    return parse


_ONE: Mapping[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "txt_owner_id": (("txt-owner-id",), _parsed(OwnerText)),
    "migrate_from_txt_owner": (("migrate-from-txt-owner",), _parsed(OwnerText)),
    "interval": (("interval",), lambda text: SYNC.parse(go_duration(text))),
    "policy": (("policy",), _choice(Policy)),
    "registry": (("registry",), _choice(Registry)),
    "annotation_prefix": (("annotation-prefix",), _parsed(AnnotationPrefixText)),
}
_MANY: Mapping[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "domain_filter": (("domain-filter",), _parsed(FilterText)),
    "exclude_domains": (("exclude-domains",), _parsed(FilterText)),
    "zone_id_filter": (("zone-id-filter",), _parsed(ZoneIdText)),
}
_AFFIXES: Mapping[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "prefix": (("txt-prefix",), _parsed(AffixText)),
    "suffix": (("txt-suffix",), _parsed(AffixText)),
    "wildcard_replacement": (("txt-wildcard-replacement",), _parsed(WildcardReplacementText)),
}
_FLAGS_TOLD = {
    "fqdn-template": "hosts that come from a template of names are not read: list them by hand",
    "regex-domain-filter": "a filter by regular expression is not evaluated: every host counts as seen by it",
    "regex-domain-exclusion": "a filter by regular expression is not evaluated: no host counts as kept out by it",
    "target-net-filter": "a filter of targets is not evaluated: every target counts",
    "exclude-target-net": "a filter of targets is not evaluated: every target counts",
    "force-default-targets": "default targets are not followed: the load balancers of the status are read",
    "default-targets": "default targets are not followed: the load balancers of the status are read",
    "aws-zone-match-parent": "hosted zones above the names of its filter are entered as well",
}
"""Flags that change what is wanted and are not followed, or that change where it is written, and what that means."""

_DECIDING = frozenset({
    "txt-owner-id",
    "migrate-from-txt-owner",
    "policy",
    "registry",
    "annotation-prefix",
    "domain-filter",
    "exclude-domains",
    "zone-id-filter",
    "txt-prefix",
    "txt-suffix",
    "managed-record-types",
    "source",
    "namespace",
    "annotation-filter",
    "label-filter",
    "ingress-class",
    "service-type-filter",
    "gateway-name",
    "gateway-namespace",
    "gateway-label-filter",
    "aws-zone-type",
    "provider",
})  # fmt: skip
"""Flags without whose values nobody knows what an ExternalDNS overwrites: an owner id that a Secret holds is read as
`default`, and two of them would be one owner."""

_NARROWING = (
    "regex-domain-filter",
    "regex-domain-exclusion",
    "target-net-filter",
    "exclude-target-net",
    "exclude-record-types",
    "aws-zone-tags",
)
"""Flags that leave out what it would write, and are not followed."""

_WIDENING = ("fqdn-template",)
"""Flags that make hosts, and are not followed."""

_ZONE_TYPES = ("public", "private")

_VERSION_PARSER, _CONTEXT_PARSER = _parsed(VersionText), _parsed(ContextText)
_NAMESPACE_PARSER, _WORKLOAD_PARSER = _parsed(NamespaceText), _parsed(WorkloadText)


def workload(
    who: Workplace, flags: CommandLine, version: Setting | None, notices: list[Notice], inferred: Mapping[str, str]
) -> Workload:
    """Make a workload of its flags; what cannot be used is told and left at its default."""
    reading = _WorkloadReading(who, flags, notices)
    values = {
        key: value for key, (names, parse) in _ONE.items() if (value := reading.one(key, names, parse)) is not None
    }
    values |= {key: value for key, (names, parse) in _MANY.items() if (value := reading.many(key, names, parse))}
    if version is not None and (parsed := reading.parsed("version", version, _VERSION_PARSER)) is not None:
        values["version"] = parsed
    if values.get("registry", Registry.TXT) is Registry.TXT:
        values |= reading.registry()
    else:  # the flag is the TXT registry's, and the plan refuses it elsewhere
        values.pop("migrate_from_txt_owner", None)
    if values.get("migrate_from_txt_owner") == values.get("txt_owner_id", "default"):
        reading.drop(values, "migrate_from_txt_owner", "it is its own owner id, so that it takes nothing over")
    elif "migrate_from_txt_owner" in values and not _knows(values.get("version")).migrates_owner:
        reading.drop(values, "migrate_from_txt_owner", "its version has no such flag (it came with v0.20.0)")
    if flags.last("aws-prefer-cname") is not None:
        values["prefer_cname"] = flags.is_on("aws-prefer-cname")
    values |= reading.managed_types()
    if "domain_filter" in values:  # without one it enters every zone, with or without the flag
        known = _knows(values.get("version")).matches_parent
        values["zone_match_parent"] = known and reading.switch("zone_match_parent", "aws-zone-match-parent")
    reading.untold()
    if who.pods:
        values |= reading.place()
    return Workload(
        who.namespace,
        who.name,
        who.origin,
        ExternalDns(**values),
        reading.scope(),
        reading.told,
        dict(inferred),
        is_encrypted=flags.is_on("txt-encrypt-enabled"),
        unclear=reading.what_is_unclear(),
        leaves_out=reading.given(_WIDENING),
        zone_type=reading.zone_type(),
    )


def reached_by(one: Workload, context: str) -> Workload:
    """Say in which context of the kubeconfig an ExternalDNS was found; a name that a plan refuses is left out."""
    try:
        name = _CONTEXT_PARSER(context)
    except Unusable:
        return one
    told = {**one.told, "context": Origin(f"kube:{context}")}
    return replace(one, external_dns=replace(one.external_dns, context=name), told=told)


def _knows(version: tuple[int, int, int] | None) -> Dialect:
    """Give the habits of a version; one that is not known is taken to have every flag."""
    return dialect(Version(*(version or (*NEWEST_VERSION, 0))))


@dataclass(slots=True)
class _WorkloadReading:
    who: Workplace
    flags: CommandLine
    notices: list[Notice]
    told: dict[str, Origin] = field(default_factory=dict)
    unclear: dict[str, None] = field(default_factory=dict)

    def one(self, key: str, names: tuple[str, ...], parse: Callable[[str], Any]) -> Any:
        setting = self.flags.last(*names)
        return None if setting is None or not setting.text else self.parsed(key, setting, parse, names[0])

    def many(self, key: str, names: tuple[str, ...], parse: Callable[[str], Any]) -> tuple[Any, ...]:
        found: dict[Any, None] = {}
        for setting in self.flags.every(*names):
            for part in setting.text.split(","):
                if part.strip() and len(found) < MAX_FILTERS:
                    value = self.parsed(key, setting._replace(text=part.strip()), parse, names[0])
                    if value is not None:
                        found[value] = None
        return tuple(found)

    def parsed(self, key: str, setting: Setting, parse: Callable[[str], Any], flag: str = "") -> Any:
        what = f"`--{flag}`" if flag else f"its {key}"
        if not setting.told:
            self._notice(
                setting, f"{what} comes from elsewhere (a Secret or ConfigMap) and is not known: write it by hand"
            )
            return None
        try:
            value = parse(setting.text)
        except Unusable as error:
            self._notice(setting, f"{what} was left out: {error.message}; {error.remedy}")
            self._is_unclear(flag)
            return None
        self.told.setdefault(key, setting.origin)
        return value

    def place(self) -> dict[str, Any]:
        """Tell where it runs, as far as a plan takes it: a manifest need not name its namespace."""
        found = {"namespace": (self.who.given, _NAMESPACE_PARSER), "workload": (self.who.pods, _WORKLOAD_PARSER)}
        return {
            key: value
            for key, (text, parse) in found.items()
            if text and (value := self.parsed(key, Setting(text, self.who.origin), parse)) is not None
        }

    def registry(self) -> dict[str, Any]:
        values = {
            key: value for key, (names, parse) in _AFFIXES.items() if (value := self.one(key, names, parse)) is not None
        }
        if values.get("prefix") and values.get("suffix"):
            self.drop(values, "suffix", "--txt-prefix is given as well, and ExternalDNS refuses to start with both")
        return {"txt_registry": TxtRegistry(**values)} if any(values.values()) else {}

    def managed_types(self) -> dict[str, Any]:
        """Give the types that lead a host somewhere; what else it manages is of no matter to a plan."""
        settings = self.flags.every("managed-record-types")
        given = {part.strip().upper() for one in settings for part in one.text.split(",")}
        types = tuple(one for one in MANAGED_TYPES if one in given)
        if not types or types == MANAGED_TYPES:
            return {}
        self.told["managed_record_types"] = settings[0].origin
        return {"managed_record_types": types}

    def drop(self, values: dict[str, Any], key: str, why: str) -> None:
        origin = self.told.pop(key, self.who.origin)
        flag = f"--{key.replace('_', '-')}={values.pop(key)}"
        self.notices.append(Notice(origin, f"{named(self.who.name)}: {named(flag)} was left out: {why}"))

    def scope(self) -> Scope:
        sources = frozenset(part.strip() for one in self.flags.every("source") for part in one.text.split(",") if part)
        classes = frozenset(one.text for one in self.flags.every("ingress-class") if one.text)
        types = frozenset(one.text.lower() for one in self.flags.every("service-type-filter") if one.text)
        for name in sorted(sources - READ_SOURCES):
            origin = next((one.origin for one in self.flags.every("source") if name in one.text), self.who.origin)
            self.notices.append(
                Notice(
                    origin,
                    f"{named(self.who.name)} has the source {named(name)}, which is not read: list its hosts by hand",
                    is_gap=True,
                )
            )
        return Scope(
            sources=sources,
            namespace=self._text("namespace"),
            annotation_filter=self._selector("annotation-filter"),
            label_filter=self._selector("label-filter"),
            ingress_classes=classes,
            service_types=types,
            gateway_name=self._text("gateway-name"),
            gateway_namespace=self._text("gateway-namespace"),
            gateway_labels=self._selector("gateway-label-filter"),
            ignore_hostname=self.flags.is_on("ignore-hostname-annotation"),
            ignore_tls=self.flags.is_on("ignore-ingress-tls-spec"),
            ignore_rules=self.flags.is_on("ignore-ingress-rules-spec"),
            publish_internal=self.flags.is_on("publish-internal-services"),
        )

    def untold(self) -> None:
        for given in self.flags.every("domain-filter"):
            for name in (part.strip() for part in given.text.split(",") if part.strip().startswith(".")):
                sentence = (
                    f"`--domain-filter={shown(name)}` lets through what is below it alone: ExternalDNS does not enter "
                    f"the hosted zone {named(name.strip('.'))}, and writes into zones below it only"
                )
                self._notice(given, sentence)
        for name, meaning in _FLAGS_TOLD.items():
            setting = self.flags.last(name)
            if setting is not None and setting.text not in {"", "false"}:
                self._notice(setting, f"`--{name}`: {meaning}")

    def what_is_unclear(self) -> tuple[str, ...]:
        """Give the flags by which it may write less than what is read of it; to be asked when all are read."""
        for flag in _DECIDING:
            if any(not setting.told for setting in self.flags.every(flag)):
                self._is_unclear(flag)
        for flag in self.given(_NARROWING):
            self._is_unclear(flag)
        provider = self.flags.last("provider")
        if provider is not None and provider.told and provider.text not in {"", "aws"}:
            self.unclear["provider"] = None
        if self.flags.is_on("dry-run"):
            self.unclear["dry-run"] = None
        return tuple(sorted(self.unclear))

    def given(self, flags: Iterable[str]) -> tuple[str, ...]:
        """Give those of some flags that are set."""
        settings = ((flag, self.flags.last(flag)) for flag in flags)
        return tuple(flag for flag, found in settings if found is not None and found.text not in {"", "false"})

    def zone_type(self) -> str:
        text = self._text("aws-zone-type").lower()
        return text if text in _ZONE_TYPES else ""

    def switch(self, key: str, flag: str) -> bool | None:
        """Tell whether a switch is on; None where its value is not known."""
        setting = self.flags.last(flag)
        if setting is None:
            return False
        self.told.setdefault(key, setting.origin)
        return self.flags.is_on(flag) if setting.told else None

    def _is_unclear(self, flag: str) -> None:
        if flag in _DECIDING or flag in _NARROWING:
            self.unclear[flag] = None

    def _text(self, flag: str) -> str:
        setting = self.flags.last(flag)
        return "" if setting is None or not setting.told else setting.text

    def _selector(self, flag: str) -> LabelSelector:
        setting = self.flags.last(flag)
        if setting is None or not setting.text:
            return LabelSelector()
        selector = parse_selector(setting.text) if setting.told else None
        if selector is None:
            self._notice(setting, f"`--{flag}` {named(setting.text)} cannot be read: every object counts as selected")
            self._is_unclear(flag)
            return LabelSelector()
        return selector

    def _notice(self, setting: Setting, sentence: str) -> None:
        self.notices.append(Notice(setting.origin, f"{named(self.who.name)}: {sentence}"))


def go_duration(text: str) -> str:
    """Bring a Go duration into the plan's form: `1h0m0s` is `1h`, and a number alone is seconds."""
    parts = list(_go_parts(text))
    return text if not parts else "".join(parts)


def _go_parts(text: str) -> Iterator[str]:
    number = ""
    unit = ""
    for character in text:
        if character.isdigit() or character == ".":
            if unit:
                yield number + unit
                number = unit = ""
            number += character
        else:
            unit += character
    yield number + (unit or "s")
