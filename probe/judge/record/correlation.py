"""Do answers move together? Whether a share stands still, or servers change their answers at the same moments.

Draws (weights) know nothing of each other: how often one server answers elsewhere within some seconds says nothing
about the others in the same seconds, nor about the next answer of its own. A record that is rewritten moves all
servers within its propagation, and each machine goes on saying what it says. So over blocks of bins the covariance is
taken

- *across* servers: the products of what two servers answered elsewhere beyond their own shares of the block. A stale
  server and a stale machine move with nobody; all servers in step are a fight;
- *within* a server: pairs of its answers of one bin that are alike more often than its share makes them.

Each is zero on average for draws whatever the shares are, and is given in standard deviations under draws. A block has
shares of its own, so that a share that steps or drifts (a ramp) shows in one block at most. Answers count only from the
grace time after the last known change on: until then one rewriting explains everything.

How much that shows, measured in the simulated world with four answers of each server in two seconds, at eight machines
behind each: a fight of ten seconds over fast servers 18 deviations in 80 s, over slow ones (15 s of lag each) 4 to 5;
one of thirty seconds 5 at least.
"""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from probe.judge.record.bins import Bin, PerServer

BLOCK = 10
"""Bins of a block: twenty seconds, longer than a fight's overwriting takes and shorter than people take twice."""

BLOCKS_KEPT = 24
"""Blocks that are remembered: eight minutes."""

ENOUGH_BLOCKS = 4
"""Blocks (80 s) before a lack of covariance proves draws: a fight of a minute shows two changes in that time."""

ENOUGH_PAIRS = 1000
"""Pairs of answers beside that: a correlation of 0.1 has three standard deviations then."""

NO_MOVEMENT = 2.6
"""Standard deviations up to which shares count as standing still: draws stay below with 99 % at a look, and are looked
at again with the next block."""

NO_CORRELATION = 0.04
"""The same as a correlation: where one side is rare, two of its answers in one bin are many deviations and mean
little. The slowest fight of ten seconds has 0.08."""

MOVEMENT = 6.0
"""Standard deviations that are no luck whatever the number of looks: 1e-9."""

CORRELATION = 0.15
"""A correlation beside that which rare answers do not reach by meeting in one bin now and then."""

MANY = 60
"""Answers of the rarer kind from which on deviations alone are enough."""

RESTLESS_BLOCKS = 7
"""Blocks before movement makes a fight: two graces, and a change and its reversal take one each."""

RESTLESS_DEVIATIONS, RESTLESS_SHARE = 2.0, 0.7
"""Standard deviations of one block's own movement, and the share of blocks that have it, which only controllers that
write within each block of twenty seconds reach: health checks need a minute to and fro."""

FORGIVEN = 2
"""Blocks with the most movement that do not count for a fight: one overwriting, or a change that was never
confirmed."""


class Block(NamedTuple):
    """What one block showed.

    Attributes:
        covariance: Over all pairs of answers of one bin, across servers and within them.
        variance: Of that, under draws.
        scale: What the covariance would be if all answers of a bin were one.
        pairs: How many there were.
        rare: Answers of the rarer kind.
    """

    covariance: float
    variance: float
    scale: float
    pairs: float
    rare: int


class Correlation(NamedTuple):
    """What was counted.

    Attributes:
        start: Monotonic second from which on.
        bins: Those of the open block.
        blocks: The newest closed ones, oldest first.
        heard, elsewhere: Answers of each server since `start`.
    """

    start: float
    bins: tuple[Bin, ...] = ()
    blocks: tuple[Block, ...] = ()
    heard: PerServer = ()
    elsewhere: PerServer = ()


def follow(correlation: Correlation, closed: Bin) -> Correlation:
    """Take a closed bin in; the block that it fills is closed as well."""
    heard = _added(correlation.heard, closed.heard)
    elsewhere = _added(correlation.elsewhere, closed.elsewhere)
    bins = (*correlation.bins, closed)
    if len(bins) < BLOCK:
        return correlation._replace(bins=bins, heard=heard, elsewhere=elsewhere)
    blocks = (*correlation.blocks, _block(bins))[-BLOCKS_KEPT:]
    return Correlation(correlation.start, (), blocks, heard, elsewhere)


def undecided(correlation: Correlation) -> int:
    """Give a bit for each server that answered both elsewhere and not: only those can be drawn."""
    return sum(
        1 << number
        for number, (total, away) in enumerate(zip(correlation.heard, correlation.elsewhere, strict=True))
        if 0 < away < total
    )


def stands_still(correlation: Correlation, patience: int = 1) -> bool:
    """Tell whether nothing moved, in `patience` times as many blocks as are enough."""
    blocks = correlation.blocks
    if len(blocks) < ENOUGH_BLOCKS * patience or sum(block.pairs for block in blocks) < ENOUGH_PAIRS:
        return False
    return _deviations(blocks) < NO_MOVEMENT or _coefficient(blocks) < NO_CORRELATION


def moves(correlation: Correlation) -> bool:
    """Tell whether servers move again and again, beyond any luck."""
    if len(correlation.blocks) < RESTLESS_BLOCKS:
        return False
    blocks = sorted(correlation.blocks, key=lambda block: block.covariance)[:-FORGIVEN]
    if _deviations(blocks) < MOVEMENT:
        return False
    return _coefficient(blocks) > CORRELATION or sum(block.rare for block in blocks) >= MANY


def never_rests(correlation: Correlation) -> bool:
    """Tell whether most blocks move by themselves: no person and no health check changes a record so often."""
    restless = sum(block.covariance > RESTLESS_DEVIATIONS * math.sqrt(block.variance) for block in correlation.blocks)
    return restless >= RESTLESS_SHARE * len(correlation.blocks)


def _deviations(blocks: Sequence[Block]) -> float:
    variance = sum(block.variance for block in blocks)
    return sum(block.covariance for block in blocks) / math.sqrt(variance) if variance else 0.0


def _coefficient(blocks: Sequence[Block]) -> float:
    scale = sum(block.scale for block in blocks)
    return sum(block.covariance for block in blocks) / scale if scale else 0.0


def _block(bins: tuple[Bin, ...]) -> Block:
    servers = range(len(bins[0].heard))
    heard = [sum(each.heard[server] for each in bins) for server in servers]
    away = [sum(each.elsewhere[server] for each in bins) for server in servers]
    shares = [gone / total if total else 0.0 for gone, total in zip(away, heard, strict=True)]
    spread = [share * (1.0 - share) for share in shares]
    covariance = variance = scale = pairs = 0.0
    for each in bins:
        beyond = [each.elsewhere[server] - each.heard[server] * shares[server] for server in servers]
        covariance += (sum(beyond) ** 2 - sum(value * value for value in beyond)) / 2
        for one, other in combinations(servers, 2):
            together = each.heard[one] * each.heard[other]
            pairs += together
            variance += together * spread[one] * spread[other]
            scale += together * math.sqrt(spread[one] * spread[other])
        for server in servers:
            count = each.heard[server]
            if count > 1:
                # The share is the block's own: answers are drawn from it without putting back.
                expected = count * spread[server] * (heard[server] - count) / (heard[server] - 1)
                couples = count * (count - 1) / 2
                covariance += (beyond[server] ** 2 - expected) / 2
                pairs += couples
                variance += couples * spread[server] ** 2
                scale += couples * spread[server]
    return Block(covariance, variance, scale, pairs, min(sum(away), sum(heard) - sum(away)))


def _added(one: PerServer, other: PerServer) -> PerServer:
    return tuple(left + right for left, right in zip(one, other, strict=True)) if one else other
