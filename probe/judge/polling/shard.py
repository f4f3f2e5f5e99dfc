"""Which of several processes watches a domain: every process gives the same answer, and asks no other.

A consistent hash (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014), so that one process
more takes only its own share of domains over and the rest stay where their journals are. Its key is a hash of the name
that no version of Python changes.
"""

import hashlib
from dataclasses import replace

from probe.model.name import DomainName
from probe.model.plan import Domain, Plan, Shard

_STEP = 2862933555777941757  # the paper's linear congruential generator
_MASK = (1 << 64) - 1


def shard_of(name: DomainName, total: int) -> int:
    """Give the ordinal, from 0, of the process that watches a domain, of `total` processes."""
    key = int.from_bytes(hashlib.sha256(name.encode("ascii")).digest()[:8], "big")
    place, following = -1, 0
    while following < total:
        place = following
        key = (key * _STEP + 1) & _MASK
        following = int((place + 1) * ((1 << 31) / ((key >> 33) + 1)))
    return place


def part_of(plan: Plan, shard: Shard) -> Plan:
    """Give the plan with the domains of one shard.

    A wave of which it has no domain is left out: there is nothing that it could say of it.
    """
    waves = (
        replace(wave, domains=tuple(domain for domain in wave.domains if _holds(shard, domain))) for wave in plan.waves
    )
    return replace(plan, waves=tuple(wave for wave in waves if wave.domains), shard=shard)


def _holds(shard: Shard, domain: Domain) -> bool:
    return shard_of(domain.name, shard.total) == shard.ordinal
