"""Rules about whom is asked: resolvers, authoritative servers, and the cadence."""

from collections.abc import Iterator
from functools import partial

from probe.config.mistakes import Complaint, Unusable, quoted
from probe.config.names import parse_name
from probe.config.rules.part import Part, Rule
from probe.config.values import parse_seconds, show_seconds
from probe.model.name import DomainName, display, is_within
from probe.model.plan import Probing
from probe.model.server import ServerRole, Transport

MAX_VIEWS = 64
"""Views of resolvers: twice the resolvers that a plan may have. 1,000 domains with 64 make 4,300 questions a second."""


def _zone(text: str) -> DomainName:
    return parse_name(text, single_label=True)


def resolver_names_are_unique(plan: Part) -> Iterator[Complaint]:
    """A resolver's name is a metric label."""
    seen: dict[str, Part] = {}
    for resolver in plan["resolvers"].items():
        name = resolver["name"]
        if name.text is None:
            continue
        if name.text == ServerRole.AUTHORITATIVE:
            yield name.complain(
                f"{quoted(name.text)} is the label of the authoritative servers", "give the resolver another name"
            )
        if name.text in seen:
            yield name.complain(
                f"a resolver {quoted(name.text)} exists already (line {seen[name.text].line})",
                "give each resolver its own name, such as `google-2`",
            )
        seen.setdefault(name.text, name)


def resolvers_have_what_their_transport_needs(plan: Part) -> Iterator[Complaint]:
    """Each transport has keys of its own; one of another would be ignored without a word."""
    for resolver in plan["resolvers"].items():
        transport = resolver["transport"].text or Transport.UDP
        if transport not in set(Transport):
            continue
        if transport == Transport.DOH and not resolver["url"].given:
            yield resolver.complain(
                "the resolver has `transport: doh` but no `url`",
                "add it, such as `url: https://dns.quad9.net/dns-query`",
            )
        if transport != Transport.DOH and resolver["url"].given:
            yield resolver["url"].complain(
                f"`url` is for `transport: doh`, and this resolver is asked by {quoted(transport)}",
                "write `transport: doh`, or take the URL out",
                at_key=True,
            )
        if transport != Transport.DOT and resolver["tls_name"].given:
            yield resolver["tls_name"].complain(
                f"`tls_name` is for `transport: dot`, and this resolver is asked by {quoted(transport)}",
                "write `transport: dot`, or take the name out",
                at_key=True,
            )
        if transport == Transport.DOH and resolver["port"].given:
            yield resolver["port"].complain(
                "with `transport: doh` the port stands in the URL",
                "take the key out; a port other than 443 is written `https://host:port/…`",
                at_key=True,
            )


def client_subnets_are_used(plan: Part) -> Iterator[Complaint]:
    """Without a resolver that passes them on, nobody would look through them."""
    subnets = plan["client_subnets"]
    if any(True for _ in subnets.entries()) and not any(one["ecs"].value is True for one in plan["resolvers"].items()):
        yield subnets.complain(
            "no resolver passes client subnets on, so these are never sent",
            "write `ecs: true` at the resolvers that do, such as Google's, or take the key out",
            at_key=True,
        )


def views_are_few_enough(plan: Part) -> Iterator[Complaint]:
    """Each view is asked for every domain, like a resolver."""
    resolvers = list(plan["resolvers"].items())
    passing = sum(one["ecs"].value is True for one in resolvers)
    views = len(resolvers) + passing * sum(1 for _ in plan["client_subnets"].entries())
    if views > MAX_VIEWS:
        yield plan["client_subnets"].complain(
            f"{passing} resolvers with `ecs: true`, each asked through every client subnet, make {views} views, and "
            f"{MAX_VIEWS} are the most: each is asked for every domain",
            "take some subnets out, or `ecs` from some resolvers",
            at_key=True,
        )


def given_zones_are_unique(plan: Part) -> Iterator[Complaint]:
    """YAML sees two keys in `example.com` and `Example.com.`; DNS sees one zone, which is private or is not."""
    seen: dict[DomainName, tuple[str, str]] = {}
    for mapping in ("overrides", "private_zones"):
        for key, servers in plan["authoritative"][mapping].entries():
            try:
                zone = _zone(key)
            except Unusable:
                continue
            if zone in seen:
                other, before = seen[zone]
                yield servers.complain(
                    f"the zone {quoted(display(zone))} stands here twice, as {quoted(before)} and as {quoted(key)}"
                    if other == mapping
                    else f"the zone {quoted(display(zone))} stands here, and in {quoted(other)} as {quoted(before)}",
                    "keep one, with all of its servers",
                    at_key=True,
                )
            seen.setdefault(zone, (mapping, key))


def given_zones_hold_something(plan: Part) -> Iterator[Complaint]:
    """Servers of a zone in which nothing of the plan lies are asked nothing: a doubt, as an alias may lead there."""
    names = set(_names(plan))
    for mapping in ("overrides", "private_zones"):
        for key, servers in plan["authoritative"][mapping].entries():
            try:
                zone = _zone(key)
            except Unusable:
                continue
            if not any(is_within(name, zone) for name in names):
                yield servers.complain(
                    f"no domain or load balancer of the plan is in {quoted(display(zone))}, so its servers are asked "
                    "only if an alias leads there",
                    "correct the zone's name if it is misspelt, or take it out",
                    at_key=True,
                )


def _names(plan: Part) -> Iterator[DomainName]:
    for side in ("v1", "v2"):
        for item in plan["sides"][side]["load_balancers"].items():
            yield from _parsed(item)
    for wave in plan["waves"].items():
        for domain in wave["domains"].items():
            for part in (domain, domain["name"], domain["proxied"]["origin"]):
                yield from _parsed(part)


def _parsed(part: Part) -> Iterator[DomainName]:
    name = part.parsed(partial(parse_name, wildcard=True))
    if name is not None:
        yield name


def some_address_family_is_asked(plan: Part) -> Iterator[Complaint]:
    """Without both families no server could be asked."""
    authoritative = plan["authoritative"]
    if authoritative["ipv4"].value is False and authoritative["ipv6"].value is False:
        yield authoritative["ipv6"].complain(
            "`ipv4` and `ipv6` are both turned off, so no name server could be asked", "leave one of them on"
        )


def _seconds(probing: Part, key: str) -> float | None:
    part = probing[key]
    if not part.given:
        default: float = getattr(Probing(), key)
        return default
    try:
        return parse_seconds(part.value)
    except Unusable:
        return None


_NOT_SHORTER = (
    # (key, must be at least as long as, why)
    ("interval", "burst_interval", "a burst is not slower than calm"),
    ("txt_interval", "interval", "TXT names are billed, and a surprise asks them at once anyway"),
)


def cadence_is_in_order(plan: Part) -> Iterator[Complaint]:
    """Calm is calmer than a burst, and TXT names are asked seldomer than targets."""
    probing = plan["probing"]
    for longer, shorter, why in _NOT_SHORTER:
        long, short = _seconds(probing, longer), _seconds(probing, shorter)
        if long is None or short is None or long >= short:
            continue
        given = probing[longer] if probing[longer].given else probing[shorter]
        yield given.complain(
            f"{quoted(longer)} ({show_seconds(long)}) is shorter than {quoted(shorter)} ({show_seconds(short)}): {why}",
            f"make {quoted(longer)} at least {show_seconds(short)}, or {quoted(shorter)} at most {show_seconds(long)}",
        )


QUERY_RULES: tuple[Rule, ...] = (
    resolver_names_are_unique,
    resolvers_have_what_their_transport_needs,
    client_subnets_are_used,
    views_are_few_enough,
    given_zones_are_unique,
    some_address_family_is_asked,
    cadence_is_in_order,
)

QUERY_DOUBTS: tuple[Rule, ...] = (given_zones_hold_something,)
