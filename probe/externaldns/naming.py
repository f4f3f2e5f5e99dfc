"""Where the ownership TXT of a record stands (registry/mapper/mapper.go; the same from v0.12.0 to v0.22.0)."""

from dataclasses import dataclass

from probe.model.name import MAX_LABEL_OCTETS, DomainName

TEMPLATE = "%{record_type}"
RECORD_TYPES = ("A", "AAAA", "CNAME", "NS", "MX", "PTR", "SRV", "NAPTR", "TXT", "DNAME")
"""What ExternalDNS takes for a type when it reads a TXT name backwards."""


@dataclass(frozen=True, slots=True)
class TxtNames:
    """The flags --txt-prefix, --txt-suffix (not both) and --txt-wildcard-replacement."""

    prefix: str = ""
    suffix: str = ""
    wildcard_replacement: str = ""

    @property
    def typed_affix(self) -> bool:
        """Whether the type stands in the prefix or suffix instead of before the host."""
        return TEMPLATE in self.prefix.lower() or TEMPLATE in self.suffix.lower()

    def host_key(self, host: DomainName) -> DomainName:
        """Give the host as it is written into a TXT name: only a first label that is exactly `*` is replaced."""
        first, dot, rest = host.partition(".")
        if first == "*" and self.wildcard_replacement:
            first = self.wildcard_replacement.lower()
        return DomainName(first + dot + rest)

    def txt_name(self, host: DomainName, rdtype: str) -> DomainName:
        """Name the TXT of a record. An empty type names the bare TXT of old versions."""
        kind = rdtype.lower()
        first, dot, rest = self.host_key(host).partition(".")
        if kind and not self.typed_affix:
            first = f"{kind}-{first}"
        prefix = self.prefix.lower().replace(TEMPLATE, kind)
        suffix = self.suffix.lower().replace(TEMPLATE, kind)
        return DomainName(prefix + first + suffix + dot + rest)

    def record_of(self, txt_name: DomainName) -> tuple[DomainName, str] | None:
        """Read a TXT name backwards: whose it is, and of which type (empty in the old format).

        As ambiguous as the original: `a-web` is the TXT of `web`'s A record, even where a host `a-web` exists.
        None when the name does not carry the prefix or suffix.
        """
        prefix, suffix = self.prefix.lower(), self.suffix.lower()
        if self.typed_affix:
            for rdtype in RECORD_TYPES:
                kind = rdtype.lower()
                host = _strip(txt_name, prefix.replace(TEMPLATE, kind), suffix.replace(TEMPLATE, kind))
                if host is not None:
                    return host, rdtype
            prefix, suffix = prefix.replace(TEMPLATE, ""), suffix.replace(TEMPLATE, "")
        host = _strip(txt_name, prefix, suffix)
        if host is None:
            return None
        kind, dash, rest = host.partition("-")
        if dash and kind.upper() in RECORD_TYPES:
            return DomainName(rest), kind.upper()
        return host, ""


def _strip(name: DomainName, prefix: str, suffix: str) -> DomainName | None:
    """Take the prefix off the front, and the suffix off the first label (with as many labels as it has dots)."""
    if not name.startswith(prefix):
        return None
    labels = name.removeprefix(prefix).split(".")
    width = 1 + suffix.count(".")
    head = ".".join(labels[:width])
    if not head.endswith(suffix):
        return None
    return DomainName(".".join([head.removesuffix(suffix), *labels[width:]]))


def too_long(name: DomainName) -> bool:
    """Tell whether a label exceeds what DNS allows: ExternalDNS then writes no TXT, and only logs it (S30)."""
    return any(len(label) > MAX_LABEL_OCTETS for label in name.split("."))
