"""Do answers move together? Whether a share stands still, or servers change their answers at the same moments.

Draws (weights) know nothing of each other: how often one server answers elsewhere within some seconds says nothing
about the others in the same seconds, nor about the next answer of its own. A record that is rewritten moves all
servers within its propagation, and each machine goes on saying what it says. So over blocks of bins the covariance is
taken

- *across* servers: the products of what two servers answered elsewhere beyond their own shares of the block. A stale
  server and a stale machine move with no other; all servers in step are a fight;
- *within* a server: pairs of its answers of one bin that are alike more often than its share makes them.

Each is zero on average for draws whatever the shares are, and is given in standard deviations under draws. A block has
shares of its own, so that a share that steps or drifts (a ramp) shows in one block at most. Answers count only from the
grace time after the last known change on: until then one rewriting explains everything.

A change that travels slowly (many machines behind each address, minutes late) moves nothing within a block either: each
machine changes once, at its own moment, and answers look like draws. But it moves in one direction, so that the share
elsewhere has a trend from block to block; and the part of its machines that have followed is each server's own, while
weights are the record's and give every server one share. So shares stand still only where they have no trend and are
alike. A server that keeps an old record beside weights answers one thing only: where the others have one share for long
enough, they decide without it.

How much that shows, measured in the simulated world with four answers of each server in two seconds, at eight machines
behind each: a fight of ten seconds over fast servers 18 deviations in 80 s, over slow ones (15 s of lag each) 4 to 5;
one of thirty seconds 5 at least.
"""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from probe.judge.bernoulli import at_likeliest
from probe.judge.record.bins import BIN, Bin, PerServer

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
"""Standard deviations that chance does not reach whatever the number of looks: 1e-9."""

CORRELATION = 0.15
"""A correlation beside that which rare answers do not reach by meeting in one bin now and then."""

MANY = 60
"""Answers of the rarer kind from which on deviations alone are enough."""

RESTLESS_BLOCKS = 7
"""Blocks before movement makes a fight: two graces, and a change and its reversal take one each."""

RESTLESS_DEVIATIONS, RESTLESS_SHARE = 2.0, 0.7
"""Standard deviations of one block's own movement, and the share of blocks that have it, which only controllers that
write within each block of twenty seconds reach: health checks need a minute to and fro."""

NO_TREND, TREND = 3.0, 4.5
"""Standard deviations up to which a share counts as having no trend, up or down, and from which on one is not chance:
draws stay below with 99.7 % at a look, and reach the other once in 100,000. Machines that change within five minutes
have four of them in `ENOUGH_BLOCKS`, and more with each block."""

SAME_SHARE, OWN_SHARES = 3.1, 4.5
"""The same for shares of several servers that differ: 99.9 %, and once in 200,000. The parts of eight machines that
have followed differ by eight of them."""

STALE_BLOCKS = 8
"""Blocks (160 s) after which servers that answer one thing only are left out, if all others have one share: those keep
an old record. Machines that change within five minutes have a trend of eleven deviations by then."""

EARLY = 30.0
"""Seconds before answers count otherwise that count for the trend: half a grace time after the change was first seen,
nineteen of twenty slow writes have reached every machine, and late machines are at their busiest."""

ALONE_BLOCKS = 3
"""Blocks in which one server answers otherwise than all others before it is the only one that does: a minute, so that
no fight of less than that, of which the others' part was missed, looks so."""

CHANCE_ALONE = 1e-5
"""Chance with which draws of the record would all have come from one server, below which they are none: nine answers,
where four servers are asked alike."""

AGREEING = 2
"""Other servers that have to say one thing: of one alone nothing tells which of both is wrong."""

FORGIVEN = 2
"""Blocks with the most movement that do not count for a fight: one overwriting, or a change that was never
confirmed."""


class Block(NamedTuple):
    """What one block showed.

    Attributes:
        covariance: Over all pairs of answers of one bin, across servers and within them: a sum over pairs.
        variance: Of that sum, under draws.
        scale: What the sum would be if all answers of a bin were one.
        pairs: How many pairs there were, each by its weight.
        rare: How many answers were of the rarer kind.
        heard, elsewhere: How many answers each server gave.
    """

    covariance: float
    variance: float
    scale: float
    pairs: float
    rare: int
    heard: PerServer
    elsewhere: PerServer


class Correlation(NamedTuple):
    """What was counted.

    Attributes:
        start: Monotonic second from which on.
        bins: Those of the open block.
        blocks: The newest closed ones, oldest first.
        heard, elsewhere: Answers of each server since `start`.
        early_heard, early_elsewhere: The same of the last `EARLY` seconds before it.
    """

    start: float
    bins: tuple[Bin, ...] = ()
    blocks: tuple[Block, ...] = ()
    heard: PerServer = ()
    elsewhere: PerServer = ()
    early_heard: PerServer = ()
    early_elsewhere: PerServer = ()


def follow_early(correlation: Correlation, closed: Bin) -> Correlation:
    """Take a closed bin in that lies within `EARLY` seconds before the start."""
    heard = _added(correlation.early_heard, closed.heard)
    return correlation._replace(
        early_heard=heard, early_elsewhere=_added(correlation.early_elsewhere, closed.elsewhere)
    )


def follow(correlation: Correlation, closed: Bin) -> Correlation:
    """Take a closed bin in; the block that it fills is closed as well."""
    heard = _added(correlation.heard, closed.heard)
    elsewhere = _added(correlation.elsewhere, closed.elsewhere)
    bins = (*correlation.bins, closed)
    if len(bins) < BLOCK:
        return correlation._replace(bins=bins, heard=heard, elsewhere=elsewhere)
    blocks = (*correlation.blocks, _block(bins))[-BLOCKS_KEPT:]
    return correlation._replace(bins=(), blocks=blocks, heard=heard, elsewhere=elsewhere)


def undecided(correlation: Correlation) -> int:
    """Give a bit for each server that answered both elsewhere and not: only those can be drawn."""
    return sum(
        1 << number
        for number, (total, away) in enumerate(zip(correlation.heard, correlation.elsewhere, strict=True))
        if 0 < away < total
    )


def alone(correlation: Correlation) -> int | None:
    """Give the one server that contradicts itself while all others say one thing: a machine behind it is stuck.

    Weights of the record would be drawn at each server, as often as it answers. None where answers are too few to tell.
    """
    drawn = undecided(correlation)
    if drawn.bit_count() != 1:
        return None
    one = drawn.bit_length() - 1
    heard, away = correlation.heard, correlation.elsewhere
    others = [number for number, total in enumerate(heard) if total and number != one]
    if len(others) < AGREEING or len({away[number] == heard[number] for number in others}) > 1:
        return None
    is_rare = [0 < block.elsewhere[one] < block.heard[one] for block in correlation.blocks]
    rare = heard[one] - away[one] if away[others[0]] else away[one]
    chance = (heard[one] / sum(heard)) ** rare
    return one if sum(is_rare) >= ALONE_BLOCKS and chance <= CHANCE_ALONE else None


def newest(correlation: Correlation, server: int) -> tuple[int, int]:
    """Give how many answers a server gave in as many of the newest blocks as are enough, and how many elsewhere."""
    blocks = correlation.blocks[-ENOUGH_BLOCKS:]
    return sum(block.heard[server] for block in blocks), sum(block.elsewhere[server] for block in blocks)


def stands_still(correlation: Correlation, patience: int = 1) -> bool:
    """Tell whether nothing moved, in `patience` times as many blocks as are enough."""
    blocks = correlation.blocks
    if len(blocks) < ENOUGH_BLOCKS * patience or sum(block.pairs for block in blocks) < ENOUGH_PAIRS:
        return False
    return _deviations(blocks) < NO_MOVEMENT or _coefficient(blocks) < NO_CORRELATION


def may_be_under_way(correlation: Correlation) -> bool:
    """Tell whether the share elsewhere seems to go one way, or to differ by server: draws are not proven."""
    if _trend(correlation) > NO_TREND:
        return True
    if _unlikeness(correlation.blocks) <= SAME_SHARE:
        return False
    return len(correlation.blocks) < STALE_BLOCKS or not _may_be_stale(correlation)


def is_under_way(correlation: Correlation) -> bool:
    """Tell whether it does so beyond chance: a change goes on to reach machines one by one."""
    if _trend(correlation) > TREND:
        return True
    return _unlikeness(correlation.blocks) > OWN_SHARES and not _may_be_stale(correlation)


def _may_be_stale(correlation: Correlation) -> bool:
    """Tell whether servers that keep what was before make all the difference: the others have one share.

    One whose machines have all followed answers one thing only as well, and is on the way like the others.
    """
    drawn = undecided(correlation)
    if any(total and away == total for total, away in zip(correlation.heard, correlation.elsewhere, strict=True)):
        return False
    return drawn.bit_count() > 1 and _unlikeness(correlation.blocks, drawn) <= SAME_SHARE


def moves(correlation: Correlation) -> bool:
    """Tell whether servers move again and again, beyond chance."""
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


def _trend(correlation: Correlation) -> float:
    """Give how far the shares drift over time, in standard deviations under draws of one share a server."""
    blocks = correlation.blocks
    seen = [(float(number), block.heard, block.elsewhere) for number, block in enumerate(blocks)]
    if correlation.early_heard and len(blocks) < BLOCKS_KEPT:
        seen.insert(0, (_EARLY_NUMBER, correlation.early_heard, correlation.early_elsewhere))
    drift = variance = 0.0
    for server in range(len(blocks[0].heard) if blocks else 0):
        total, gone = sum(heard[server] for _, heard, _ in seen), sum(away[server] for _, _, away in seen)
        if not 0 < gone < total:
            continue
        share = gone / total
        middle = sum(number * heard[server] for number, heard, _ in seen) / total
        drift += sum((number - middle) * away[server] for number, _, away in seen)
        variance += share * (1.0 - share) * sum((number - middle) ** 2 * heard[server] for number, heard, _ in seen)
    return abs(drift) / math.sqrt(variance) if variance else 0.0


_EARLY_NUMBER = -(EARLY / (BIN * BLOCK) + 1.0) / 2.0  # in blocks: from the middle of the first to that of `EARLY`


def _unlikeness(blocks: Sequence[Block], among: int = -1) -> float:
    """Give how far shares are from one share, in standard deviations under draws of one: of all servers, or of some.

    By the likelihood ratio (G) against a share of each server's own, which is distributed as chi square is, and by
    Wilson and Hilferty's cube root of that, which is nearly normal.
    """
    servers = range(len(blocks[0].heard) if blocks else 0)
    counted = [
        (sum(block.heard[server] for block in blocks), sum(block.elsewhere[server] for block in blocks))
        for server in servers
        if among >> server & 1
    ]
    counted = [(total, gone) for total, gone in counted if total]
    total, gone = sum(heard for heard, _ in counted), sum(away for _, away in counted)
    freedom = len(counted) - 1
    if freedom < 1 or not 0 < gone < total:
        return 0.0
    apart = sum(at_likeliest(away, heard - away) for heard, away in counted)
    ratio = 2.0 * (apart - at_likeliest(gone, total - gone))
    spread = 2.0 / (9.0 * freedom)
    return (math.cbrt(max(0.0, ratio) / freedom) - 1.0 + spread) / math.sqrt(spread)


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
    rare = min(sum(away), sum(heard) - sum(away))
    return Block(covariance, variance, scale, pairs, rare, tuple(heard), tuple(away))


def _added(one: PerServer, other: PerServer) -> PerServer:
    return tuple(left + right for left, right in zip(one, other, strict=True)) if one else other
