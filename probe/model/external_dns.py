"""How an ExternalDNS is set up: its flags, as the plan tells them. `probe.externaldns` knows what it does with them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import TypeAlias

from probe.model.name import ROOT, DomainName, is_within

Unseal: TypeAlias = Callable[[str], str | None]
"""The port that opens the text of an encrypted ownership TXT: None when it is none, or another key has sealed it."""


@dataclass(frozen=True, slots=True)
class TxtRegistry:
    """ExternalDNS' TXT registry flags (`--txt-prefix`, `--txt-suffix`, ...).

    Attributes:
        prefix, suffix, wildcard_replacement: The flags of these names.
        decryption_key_file: Where the key of `--txt-encrypt-aes-key` stands.
        unseal: Opens what was encrypted with that key; equal for equal keys, and shows none.
    """

    prefix: str = ""
    suffix: str = ""
    wildcard_replacement: str = ""
    decryption_key_file: Path | None = None
    unseal: Unseal | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AnyKey:
    """Opens what one of several keys has sealed: of two clusters, each may have its own."""

    keys: tuple[Unseal, ...]

    def __call__(self, text: str) -> str | None:
        """Give the text that the first fitting key opens."""
        return next((opened for key in self.keys if (opened := key(text)) is not None), None)


def unseal_of(registries: Iterable[TxtRegistry]) -> Unseal | None:
    """Give what opens ownership that the key of any of these has sealed; None where none has a key."""
    keys = tuple(dict.fromkeys(one.unseal for one in registries if one.unseal is not None))
    return AnyKey(keys) if len(keys) > 1 else next(iter(keys), None)


class Registry(StrEnum):
    """`--registry`: where an ExternalDNS keeps which records are its own."""

    TXT = "txt"
    """In TXT records beside them: the only one that DNS shows."""
    DYNAMODB = "dynamodb"
    """In a DynamoDB table."""
    NOOP = "noop"
    """Nowhere: every record of its zones counts as its own."""
    AWS_SD = "aws-sd"
    """In the descriptions of AWS Cloud Map's services."""

    @property
    def is_hidden(self) -> bool:
        """Whether it keeps ownership where DNS does not show it."""
        return self not in {Registry.TXT, Registry.NOOP}


class Policy(StrEnum):
    """`--policy`: which changes an ExternalDNS may make at all."""

    SYNC = "sync"
    UPSERT_ONLY = "upsert-only"
    CREATE_ONLY = "create-only"

    @property
    def updates(self) -> bool:
        """Whether it changes a record that is its own and stands."""
        return self is not Policy.CREATE_ONLY

    @property
    def deletes(self) -> bool:
        """Whether it deletes a record that is its own and that it has no object for."""
        return self is Policy.SYNC


MANAGED_TYPES = ("A", "AAAA", "CNAME")
"""The default of `--managed-record-types`, as far as a host is led somewhere by it."""


def passes(name: DomainName, domain: DomainName) -> bool:
    """Tell whether a name is meant by a domain filter: the domain and what is below it.

    One that begins with a dot means what is below it alone, and not the domain itself (endpoint/domain_filter.go, alike
    from v0.12 to v0.22).
    """
    return name.endswith(domain) if domain.startswith(".") and domain != ROOT else is_within(name, domain)


def lets_in(
    zone: DomainName,
    domain_filter: Iterable[DomainName],
    exclude_domains: Iterable[DomainName],
    *,
    matches_parent: bool | None,
) -> bool | None:
    """Tell whether the AWS provider enters a hosted zone, by the zone's own name.

    It compares that name with its filters as it does a record's (provider/aws/aws.go, `zones`), and only with
    `--aws-zone-match-parent` (v0.14.1 or later) enters one above a name that the filter has; one that begins with a dot
    has no zone above it then either (endpoint/domain_filter.go, `MatchParent`).

    Args:
        zone: The apex.
        domain_filter: `--domain-filter`; empty lets every zone in.
        exclude_domains: `--exclude-domains`.
        matches_parent: `--aws-zone-match-parent`; None where that is not known.

    Returns:
        None where it hangs on `matches_parent`, and that is not known.
    """
    names = tuple(domain_filter)
    if any(passes(zone, name) for name in exclude_domains):
        return False
    if not names or any(passes(zone, name) for name in names):
        return True
    above = any(is_within(name, zone) for name in names if not name.startswith("."))
    return matches_parent if above else False


def has_id(zone_id: str, zone_id_filter: Iterable[str]) -> bool:
    """Tell whether `--zone-id-filter` has a hosted zone; an empty one has every zone (provider/zone_id_filter.go).

    It compares ends, and an id stands there with or without `/hostedzone/` before it.
    """
    wanted = tuple(one.removeprefix("/hostedzone/") for one in zone_id_filter)
    return not wanted or any(zone_id.endswith(one) for one in wanted)


@dataclass(frozen=True, slots=True)
class ExternalDns:
    """How one ExternalDNS is set up.

    Attributes:
        txt_owner_id: `--txt-owner-id`; `default` is what ExternalDNS takes when it is unset.
        migrate_from_txt_owner: `--migrate-from-txt-owner` (v0.20.0 and later), None when unset.
        version: (major, minor, patch), None when not told: decides which TXT names it writes and reads.
        interval: `--interval`, seconds between two syncs.
        name: What people call it, where a side has several.
        policy: `--policy`, None when not told: then it is the version's own default, if it has one.
        registry: `--registry`.
        txt_registry: The TXT registry's flags; None takes the plan's, which are the default of all.
        domain_filter: `--domain-filter`: it sees these names and what is below them, or all when empty; of one that
            begins with a dot, what is below it alone.
        exclude_domains: `--exclude-domains`: it does not see these names nor what is below them; likewise.
        zone_match_parent: `--aws-zone-match-parent`, None when not told: whether it enters hosted zones above the names
            of its `domain_filter`.
        zone_id_filter: `--zone-id-filter`: the hosted zones that it writes into, or all when empty. No answer shows an
            id: it keeps something out only where Route 53 was asked.
        annotation_prefix: `--annotation-prefix`, None when not told: then the version's own default.
        managed_record_types: `--managed-record-types`: it writes, updates and deletes these, and no others.
        prefer_cname: `--aws-prefer-cname`, None when not told: then it writes what stands.
        context, namespace, workload: Where it runs, as kubectl takes it; None when not told. No flags: they go into
            the commands that people are advised to give.
    """

    txt_owner_id: str = "default"
    migrate_from_txt_owner: str | None = None
    version: tuple[int, int, int] | None = None
    interval: float = 60.0
    name: str | None = None
    policy: Policy | None = None
    registry: Registry = Registry.TXT
    txt_registry: TxtRegistry | None = None
    domain_filter: tuple[DomainName, ...] = ()
    exclude_domains: tuple[DomainName, ...] = ()
    zone_match_parent: bool | None = None
    zone_id_filter: tuple[str, ...] = ()
    annotation_prefix: str | None = None
    managed_record_types: tuple[str, ...] = MANAGED_TYPES
    prefer_cname: bool | None = None
    context: str | None = None
    namespace: str | None = None
    workload: str | None = None

    @property
    def is_told(self) -> bool:
        """Whether the plan says anything of its flags: one of nothing but defaults was left out."""
        return replace(self, txt_registry=None, context=None, namespace=None, workload=None) != ExternalDns()

    @property
    def names(self) -> TxtRegistry:
        """Its TXT registry's flags."""
        return self.txt_registry or TxtRegistry()

    def sees(self, host: DomainName) -> bool:
        """Whether its filters let a host through."""
        return (not self.domain_filter or any(passes(host, name) for name in self.domain_filter)) and not any(
            passes(host, name) for name in self.exclude_domains
        )

    def enters(self, zone: DomainName) -> bool | None:
        """Whether its filters let it into a hosted zone; None where that hangs on a flag that is not told."""
        return lets_in(zone, self.domain_filter, self.exclude_domains, matches_parent=self.zone_match_parent)

    def may_meet(self, other: "ExternalDns") -> bool:
        """Whether some record may pass the filters of both: one that either names, or any where neither names one."""
        zones = self.zone_id_filter, other.zone_id_filter
        if all(zones) and not any(a.endswith(b) or b.endswith(a) for a, b in product(*zones)):
            return False  # as ExternalDNS compares them: with or without `/hostedzone/` before them
        named = (*self.domain_filter, *other.domain_filter)
        return not named or any(self.sees(name) and other.sees(name) for name in named)
