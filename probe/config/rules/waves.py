"""Rules about waves, their domains and the declared weights."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from probe.config.mistakes import Complaint, quoted
from probe.config.names import fold_load_balancer, parse_load_balancer, parse_name
from probe.config.rules.part import Part, Rule
from probe.config.schema_waves import MAX_DOMAINS
from probe.config.values import parse_moment
from probe.model.name import DomainName, display
from probe.model.plan import Expectation


def _domain_name(text: str) -> DomainName:
    return parse_name(text, wildcard=True)


def _name_part(domain: Part) -> Part:
    """Give the place of the name that is watched: of a proxied domain, its origin's."""
    if domain.text is not None:
        return domain
    origin = domain["proxied"]["origin"]
    return origin if origin.given else domain["name"]


def wave_names_are_unique(plan: Part) -> Iterator[Complaint]:
    """Commands and metrics know a wave by its name."""
    seen: dict[str, Part] = {}
    for wave in plan["waves"].items():
        name = wave["name"]
        if name.text is None:
            continue
        if name.text in seen:
            yield name.complain(
                f"a wave {quoted(name.text)} exists already (line {seen[name.text].line})",
                "give each wave its own name",
            )
        seen.setdefault(name.text, name)


def a_domain_is_in_one_wave(plan: Part) -> Iterator[Complaint]:
    """A domain in two waves would be expected to be in two places."""
    seen: dict[DomainName, tuple[Part, Part]] = {}
    for wave in plan["waves"].items():
        for domain in wave["domains"].items():
            part = _name_part(domain)
            name = part.parsed(_domain_name)
            if name is None:
                continue
            if name not in seen:
                seen[name] = (wave, part)
                continue
            other, first = seen[name]
            shown = quoted(display(name))
            if domain["proxied"]["origin"].given:
                yield part.complain(
                    f"{shown} is watched already (line {first.line})",
                    "list it once: what is watched is the origin, whichever names lead to it",
                )
            elif other.loc == wave.loc:
                yield part.complain(f"{shown} is listed twice in its wave (first on line {first.line})", "keep one")
            else:
                yield part.complain(
                    f"{shown} is in two waves: here in {quoted(wave['name'].value)}, and in "
                    f"{quoted(other['name'].value)} on line {first.line}",
                    "keep it in the wave in which it moves",
                )


def a_proxied_name_is_not_watched_itself(plan: Part) -> Iterator[Complaint]:
    """A name that leads to a CDN or proxy stands on neither side: watched itself, it would never be right.

    One that fetches from several origins is listed with each of them.
    """
    domains = [domain for wave in plan["waves"].items() for domain in wave["domains"].items()]
    behind: dict[DomainName, Part] = {}
    for domain in domains:
        if domain["proxied"]["origin"].given and (name := domain["name"].parsed(_domain_name)) is not None:
            behind.setdefault(name, domain["name"])
    for domain in domains if behind else ():
        part = _name_part(domain)
        name = part.parsed(_domain_name)
        if name is not None and name in behind and not _leads_to_itself(domain):
            yield part.complain(
                f"{quoted(display(name))} is watched itself here, and leads to a proxy by line {behind[name].line}",
                "take it out here if it leads to the proxy, or `proxied` out there if it does not",
            )


def a_domain_is_no_load_balancer(plan: Part) -> Iterator[Complaint]:
    """What a load balancer's name answers is what tells the sides apart: it cannot be judged by itself."""
    balancers = {
        host
        for side in ("v1", "v2")
        for item in plan["sides"][side]["load_balancers"].items()
        if (host := item.parsed(parse_load_balancer)) is not None
    }
    for wave in plan["waves"].items():
        for domain in wave["domains"].items():
            part = _name_part(domain)
            name = part.parsed(_domain_name)
            if name is not None and fold_load_balancer(name) in balancers:
                yield part.complain(
                    f"{quoted(display(name))} is a load balancer of a side, not a domain that moves",
                    "list the names that lead to it",
                )


def domains_are_bounded(plan: Part) -> Iterator[Complaint]:
    """Beyond this a probe could not keep its times."""
    count = 0
    for wave in plan["waves"].items():
        for domain in wave["domains"].items():
            count += 1
            if count == MAX_DOMAINS + 1:
                yield domain.complain(
                    f"this is domain number {count}, and a plan has at most {MAX_DOMAINS}",
                    "split the plan, and run one probe for each part",
                )


def steps_are_in_order(plan: Part) -> Iterator[Complaint]:
    """A step that is not later than the one before it would never be in force, or twice."""
    for wave in plan["waves"].items():
        before: Part | None = None
        for step in wave["schedule"].items():
            at = step["at"]
            moment = at.parsed(parse_moment)
            if moment is None:
                continue
            if before is not None and moment <= (before.parsed(parse_moment) or 0.0):
                yield at.complain(
                    f"{quoted(at.text)} is not later than the step before it ({quoted(before.text)} on line "
                    f"{before.line})",
                    "put the steps in the order of time (zones count: compare them in one)",
                )
            before = at


def steps_change_something(plan: Part) -> Iterator[Complaint]:
    """A step that expects what is expected already is a slip: in the step, or in the one before it."""
    for wave in plan["waves"].items():
        before = wave
        for step in wave["schedule"].items():
            expect = step["expect"]
            if expect.text in set(Expectation) and _expected(wave, step) == _expected(wave, before):
                yield expect.complain(
                    f"{quoted(expect.text)} is what is expected already (line {before['expect'].line})",
                    "take the step out, or correct one of the two",
                )
            before = step


def _expected(wave: Part, holder: Part) -> tuple[str | None, object]:
    expect = holder["expect"].text
    return expect, (holder["weights"].value or wave["weights"].value) if expect == Expectation.WEIGHTED else None


def weights_fit_the_expectation(plan: Part) -> Iterator[Complaint]:
    """Weights are declared exactly where answers are expected to be split by them."""
    for wave in plan["waves"].items():
        steps = list(wave["schedule"].items())
        expects = [holder["expect"].text for holder in (wave, *steps)]
        if any(expect not in set(Expectation) for expect in expects):
            continue
        for holder in (wave, *steps):
            if holder["expect"].text == Expectation.WEIGHTED:
                yield from _missing_weights(wave, holder)
        unfit = [step for step in steps if step["expect"].text != Expectation.WEIGHTED]
        if Expectation.WEIGHTED not in expects:
            unfit += [wave, *wave["domains"].items()]
        for holder in unfit:
            if holder["weights"].given:
                step = holder if holder in steps else wave
                yield holder["weights"].complain(
                    f"weights are given, but the {'step' if holder in steps else 'wave'} expects "
                    f"{quoted(step['expect'].text)}",
                    "take them out, or write `expect: weighted` if the records are weighted",
                    at_key=True,
                )


def _missing_weights(wave: Part, holder: Part) -> Iterator[Complaint]:
    if holder["weights"].given or wave["weights"].given:
        return
    without = [domain for domain in wave["domains"].items() if not domain["weights"].given]
    if without:
        named = _name_part(without[0]).text
        which = f"{quoted(named)} has" if len(without) == 1 else f"{len(without)} of its domains have"
        yield holder["expect"].complain(
            f"the wave expects `weighted`, but {which} no weights",
            "add `weights: {v1: 70, v2: 30}` to the wave or the domain, as the two record sets in Route 53 have them",
        )


def weights_are_not_both_zero(plan: Part) -> Iterator[Complaint]:
    """Route 53 answers all sets alike when every weight is 0: that is 50:50, and never what was meant."""
    for wave in plan["waves"].items():
        for holder in (wave, *wave["schedule"].items(), *wave["domains"].items()):
            weights = holder["weights"]
            if weights["v1"].whole == 0 and weights["v2"].whole == 0:
                yield weights.complain(
                    "both weights are 0, and Route 53 then answers both sides alike",
                    "give one of them a weight, or both the same",
                )


def routing_is_of_one_kind(plan: Part) -> Iterator[Complaint]:
    """Route 53 chooses by weights or by something else: the record sets of a name have one policy."""
    for wave in plan["waves"].items():
        weighted = any(holder["expect"].text == Expectation.WEIGHTED for holder in (wave, *wave["schedule"].items()))
        for holder in (wave, *wave["domains"].items()):
            routing = holder["routing"]
            if routing.text is not None and (weighted or holder["weights"].given):
                yield routing.complain(
                    f"the routing {quoted(routing.text)} is declared, and weights as well: Route 53 has one routing "
                    "policy for all record sets of a name",
                    "keep the one that the record sets have",
                    at_key=True,
                )


def _leads_to_itself(domain: Part) -> bool:
    origin = domain["proxied"]["origin"].parsed(parse_name)
    return origin is not None and origin == domain["name"].parsed(_domain_name)


def an_origin_is_another_name(plan: Part) -> Iterator[Complaint]:
    """What a CDN fetches from is not the name that leads to it: that would be a circle."""
    for wave in plan["waves"].items():
        for domain in wave["domains"].items():
            origin = domain["proxied"]["origin"]
            if _leads_to_itself(domain):
                yield origin.complain(
                    f"{quoted(origin.text)} is the name itself, and it leads to the proxy",
                    "write the name that the proxy fetches from, or take `proxied` out",
                )


def wildcards_have_no_check(plan: Part) -> Iterator[Complaint]:
    """No client asks for `*` itself, so no certificate or virtual host could answer for it."""
    for wave in plan["waves"].items():
        for domain in wave["domains"].items():
            name = domain["name"].text
            if name is not None and name.startswith("*.") and domain["http"].given:
                yield domain["http"].complain(
                    f"{quoted(name)} is a wildcard, and no service can be asked under that name",
                    "take the check out, and list a name that it covers beside it",
                    at_key=True,
                )


def identities_tell_the_sides_apart(plan: Part) -> Iterator[Complaint]:
    """One value for both sides would prove nothing."""
    for check in _checks(plan):
        identity = check["identity"]
        if identity["v1"].text is not None and identity["v1"].text == identity["v2"].text:
            yield identity["v2"].complain(
                f"both sides send {quoted(identity['v2'].text)}, so they cannot be told apart",
                "write what each cluster's header says, or take `identity` out",
            )


def certificates_can_be_read(plan: Part) -> Iterator[Complaint]:
    """A missing file is said when the plan is loaded, not by every check that trusts nobody."""
    for check in _checks(plan):
        part = check["ca_file"]
        if not part.text or not part.text.isprintable():  # the schema complains of it
            continue
        path = plan.document.folder / Path(part.text)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        except OSError as error:  # of which SSLError is one
            why = "holds no certificates in PEM" if isinstance(error, ssl.SSLError) else "cannot be read"
            yield part.complain(
                f"the file {quoted(path)} {why}",
                "correct the path (a relative one starts at the plan's folder), or the file: one or more "
                "`-----BEGIN CERTIFICATE-----`",
            )


def _checks(plan: Part) -> Iterator[Part]:
    for wave in plan["waves"].items():
        yield wave["http"]
        for domain in wave["domains"].items():
            yield domain["http"]


WAVES_RULES: tuple[Rule, ...] = (
    wave_names_are_unique,
    a_domain_is_in_one_wave,
    a_proxied_name_is_not_watched_itself,
    a_domain_is_no_load_balancer,
    domains_are_bounded,
    steps_are_in_order,
    steps_change_something,
    weights_fit_the_expectation,
    weights_are_not_both_zero,
    routing_is_of_one_kind,
    an_origin_is_another_name,
    wildcards_have_no_check,
    identities_tell_the_sides_apart,
    certificates_can_be_read,
)
