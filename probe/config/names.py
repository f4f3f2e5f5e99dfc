"""Domain names as people write them: checked, and brought to the one form that the probe keeps.

RFC 1123 section 2.1 (host names), RFC 1035 section 2.3.4 (lengths), RFC 4592 (wildcards), UTS 46 (IDNs).
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from probe.config.mistakes import Unusable, quoted
from probe.model.idn import to_a_labels
from probe.model.name import MAX_LABEL_OCTETS, MAX_NAME_CHARACTERS, DomainName, canonical

_OCTAL = re.compile(r"\\([01][0-7]{2})")  # what is no letter, digit, hyphen, underscore or dot is written so
_SPACE = re.compile(r"\s")
_LABEL_OF_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def parse_name(text: str, *, wildcard: bool = False, single_label: bool = False) -> DomainName:
    """Check a name and make it absolute, lower case and ASCII (A-labels).

    Args:
        text: What the user wrote, with or without a trailing dot; U-labels are converted.
        wildcard: Whether `*` may stand as the leftmost label.
        single_label: Whether a name of one label will do (a zone can be a top-level domain, a service cannot).

    Raises:
        Unusable: It is no such name.
    """
    text = _unescaped(text)
    _refuse_other_things(text)
    bare = text[:-1] if text.endswith((".", "。")) else text  # UTS 46 maps the ideographic full stop to a dot
    star = bare.startswith("*.")
    if star and not wildcard:
        raise Unusable(f"{quoted(text)} is a wildcard, but one certain name is needed here", "write the name itself")
    ascii_name = _to_ascii(bare[2:] if star else bare, text)
    labels = ascii_name.split(".")
    for label in labels:
        _check_label(label, text, wildcard=wildcard)
    if len(labels) == 1 and not single_label:
        raise Unusable(
            f"{quoted(text)} is not a full name", f"write all of it, such as {quoted(bare + '.example.com')}"
        )
    if labels[-1].isdecimal():
        raise Unusable(
            f"{quoted(text)} ends in a number, as an address does and no domain name",
            "write the domain name; addresses of a side belong under `addresses`",
        )
    full = "*." + ascii_name if star else ascii_name
    if len(full) > MAX_NAME_CHARACTERS:
        raise Unusable(
            f"{quoted(text)} has {len(full)} characters, and DNS allows {MAX_NAME_CHARACTERS}",
            "correct the name: no server can hold it",
        )
    return canonical(full)


def parse_filter(text: str) -> DomainName:
    """Check a name of ExternalDNS' filters: one that begins with a dot keeps it.

    Raises:
        Unusable: It is no such name.
    """
    bare = text.removeprefix(".")
    name = parse_name(bare or text, single_label=True)
    return name if bare == text else DomainName(f".{name}")


def fold_load_balancer(name: DomainName) -> DomainName:
    """Take `dualstack.` off: Route 53's console puts it before an ALB's name, and both lead to the same ALB."""
    return DomainName(name.removeprefix("dualstack."))


def parse_load_balancer(text: str) -> DomainName:
    """Read a load balancer's name, in the form in which two of them are compared.

    Raises:
        Unusable: It is no name.
    """
    return fold_load_balancer(parse_name(text))


def _unescaped(text: str) -> str:
    r"""Undo the escapes of Route 53's API and console, octal `\ooo`: `\052.example.com` is `*.example.com`."""
    if "\0" in text:
        raise Unusable(
            f"{quoted(text)} has a control character",
            r"write a name of an export without quotes, or in single ones: '\052.example.com' (double quotes make "
            r"something else of `\0`)",
        )
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)


def _refuse_other_things(text: str) -> None:
    """Name the thing that people write where a domain name is wanted."""
    if not text:
        raise Unusable("the name is empty", "write a domain name, such as `app.example.com`")
    if text.startswith("arn:"):
        raise Unusable(
            f"{quoted(text)} is an ARN", "write the load balancer's DNS name (`DNSName` in the console or API)"
        )
    if "://" in text:
        host = _host_of(text)
        raise Unusable(f"{quoted(_without_credentials(text))} is a URL", f"write the name only: {quoted(host)}")
    if "/" in text:
        raise Unusable(f"{quoted(text)} has a path", f"write the name only: {quoted(text.split('/', maxsplit=1)[0])}")
    if _SPACE.search(text):
        raise Unusable(f"{quoted(text)} contains white space", "write one name per list item, without spaces")
    if _is_address(text):
        raise Unusable(
            f"{quoted(text)} is an IP address, not a name",
            "write the domain name; addresses of a side belong under `addresses`",
        )
    host, colon, port = text.rpartition(":")
    if colon and port.isdecimal():
        raise Unusable(f"{quoted(text)} has a port", f"write the name only: {quoted(host)}")
    if "@" in text:
        raise Unusable(f"{quoted(text)} is not a domain name", "write the part after the @, if that is the name")


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or "app.example.com"
    except ValueError:  # an unbalanced bracket in the authority
        return "app.example.com"


def _without_credentials(url: str) -> str:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _is_address(text: str) -> bool:
    bare = text.removesuffix(".").removeprefix("[").removesuffix("]")
    if ":" not in bare and not bare.replace(".", "").isdecimal():
        return False  # nearly every name: what ipaddress takes ten times as long to say
    try:
        ip_address(bare)
    except ValueError:
        return False
    return True


def _to_ascii(bare: str, text: str) -> str:
    """Write it in A-labels."""
    if "_" in bare or "*" in bare:  # idna would name the code point, the label check names the rule
        return bare.lower()
    try:
        return to_a_labels(bare)
    except UnicodeError as error:
        raise Unusable(
            f"{quoted(text)} is not a valid internationalised name ({quoted(error)[1:-1]})",
            "correct it, or write its A-label form (`xn--…`) as the registrar shows it",
        ) from error


def _check_label(label: str, text: str, *, wildcard: bool) -> None:
    if not label:
        raise Unusable(f"{quoted(text)} has an empty label", "write exactly one dot between labels")
    if "*" in label:
        if wildcard:
            raise Unusable(
                f"{quoted(text)} has a `*` that does not stand alone as the first label",
                "a wildcard is `*.example.com` (RFC 4592); list other names one by one",
            )
        raise Unusable(f"{quoted(text)} is a wildcard, but one certain name is needed here", "write the name itself")
    if "_" in label:
        raise Unusable(
            f"{quoted(text)} has an underscore",
            "an Ingress host cannot have one (RFC 1123): check the name, perhaps `-` is meant",
        )
    if len(label) > MAX_LABEL_OCTETS:
        raise Unusable(
            f"{quoted(text)} has a label of {len(label)} characters, and DNS allows {MAX_LABEL_OCTETS}",
            "correct the name: no server can hold it",
        )
    if not _LABEL_OF_NAME.fullmatch(label):
        raise Unusable(
            f"{quoted(text)} has the label {quoted(label)}, which is not a host name's",
            "use letters, digits and inner hyphens only (RFC 1123)",
        )
