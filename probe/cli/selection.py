"""Narrowing a plan to waves and domains that the user names."""

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from probe.cli.errors import CommandError
from probe.config.mistakes import Unusable, quoted
from probe.config.names import parse_name
from probe.model.name import DomainName, display
from probe.model.plan import Plan, Wave

_NAMES_IN_ERROR = 12  # names that an error lists: a plan's waves fit, thousands of domains must not


def narrow(plan: Plan, waves: Sequence[str], domains: Sequence[str]) -> Plan:
    """Leave only the domains of these waves (all, when none is named) that are among these (likewise).

    Raises:
        CommandError: The plan has no such wave or domain, or nothing is left.
    """
    known_waves = [wave.name for wave in plan.waves]
    for wave in waves:
        if wave not in known_waves:
            raise CommandError(_unknown("wave", wave, known_waves))
    names = {name for domain in plan.domains for name in domain.names}
    wanted = {_known_domain(text, names) for text in domains}
    left = tuple(wave for wave in waves_left(plan, waves, wanted) if wave.domains)
    if not left:
        raise CommandError("None of the domains that --domain names is in the waves that --wave names.")
    return replace(plan, waves=left)


def waves_left(plan: Plan, waves: Collection[str], domains: Collection[DomainName]) -> tuple[Wave, ...]:
    """Give the waves of these names (all, when none is named), each with those of its domains that have such names."""
    return tuple(
        replace(
            wave,
            domains=tuple(
                domain for domain in wave.domains if not domains or any(name in domains for name in domain.names)
            ),
        )
        for wave in plan.waves
        if not waves or wave.name in waves
    )


def _known_domain(text: str, names: Collection[DomainName]) -> DomainName:
    try:
        name = parse_name(text, wildcard=True)
    except Unusable as error:
        raise CommandError(f"--domain {quoted(text)}: {error.message}; {error.remedy}.") from error
    if name not in names:
        raise CommandError(_unknown("domain", display(name), sorted(display(known) for known in names)))
    return name


def _unknown(kind: str, text: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(text, known, n=1)
    if close:
        hint = f"Did you mean {quoted(close[0])}?"
    elif len(known) <= _NAMES_IN_ERROR:
        hint = f"It has {', '.join(map(quoted, known))}."
    else:
        hint = f"It has {len(known):,} others."
    return f"The plan has no {kind} {quoted(text)}. {hint}"
