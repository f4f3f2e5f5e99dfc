"""When answers are draws (weights), when they no longer are, and when they change in ways that no run can follow.

A server that takes its answer back within `COHERENCE` seconds is incoherent: machines behind its address differ, or
each answer is a draw. Machines differ only while a rewriting travels. Draws are proven

- within one disturbance: when two servers or more go on contradicting themselves later than the grace time after the
  last known change, nothing moves together, and the share neither goes one way nor differs from server to server
  (`probe.judge.record.correlation`);
- over disturbances that each settled back: when three of them were incoherent since the newest transition (two could be
  the tail of one rewriting and the head of the next), at two servers, of which those do not count that did so only
  while a change was confirmed.

A change that reaches the machines behind each address minutes late is none of both: it is *under way*, and for longer
than the grace time. Its last few machines are as good as a share: one of eight at each of four servers, for as long as
proves draws. So after a change that most machines followed later than the grace time nothing is called draws for
`LATEST` seconds.

Through caches answers are draws where weights are declared, until caches keep to different sides (`stay_apart`).

A single server that does so is one with a machine that is stuck: by so many of its answers while all others agree that
draws are excluded, or by ten moments, more than the grace time apart. When it was mended, its answers alone tell
(`probe.judge.record.stuck_machine`).

A rare side shows itself seldom: an incoherent disturbance in which nothing was confirmed goes on, and the burst with
it, for `DOUBT` seconds beyond the grace time.

And when a disturbance never settles and its answers do move together, again and again and beyond any chance, then the
record is rewritten faster than the machines follow: a fight, though no single transition of it could be confirmed. So
it is when the level of the shares jumps to and fro (`probe.judge.record.changepoint`). Where it moves by less, it may
still keep the beat of two controllers (`probe.judge.record.periodogram`).
"""

from probe.judge.bernoulli import at_likeliest
from probe.judge.context import Context
from probe.judge.record import changepoint as levels
from probe.judge.record import correlation as steady
from probe.judge.record import periodogram as periodograms
from probe.judge.record.bins import BIN, Bin, empty, fair
from probe.judge.record.bins import counted as tallied
from probe.judge.record.changepoint import Level
from probe.judge.record.correlation import Correlation
from probe.judge.record.fetched import draws_at_most
from probe.judge.record.flapping import HASTY
from probe.judge.record.likelihood import INDEX, LONG_RUN, SURE_AGAINST_DRAWS, SURE_OF_CALM, run_likelihood
from probe.judge.record.state import GIVEN_UP, QUORUM, Pool, RecordMemory, counts, quorum, without_draws
from probe.judge.record.stuck_machine import pool_of
from probe.model.outcome import Response
from probe.model.record import Position, RecordState, RecordStatus

COHERENCE = 1.0
"""Seconds within which two answers of one server count as one question asked twice: a rewritten record agrees with
itself; fights write every few seconds at the most."""

DOUBT = 120.0
"""Seconds beyond the grace time: in so many, at eight answers a second, a share of 1 % shows itself at two servers with
99.7 %, and the verdict comes within three minutes of its first answer."""

AFTER_A_FIGHT = 4
"""Times as much that it takes to believe in draws where a fight was found: ending an alarm has time."""

LONG_OVER = 1800.0
"""Seconds without a confirmed change or a jump of the level after which answers that go on to differ may be draws, if
a fight was found: half an hour. A fight against a set of 50 % was seen to show neither for twelve minutes, and one of
two drawn levels with dwells of eleven minutes for no longer than that (docs/detection.md).

It decides after slow fights that leave a few answers in a hundred: each of those is a change, so that the half hour and
more without any that such an episode takes to be over never comes; and each settles, so that no share stands still for
long enough either."""

DRAWS_IN_ALL = 3
"""Incoherent disturbances of a segment that prove draws: one each may come from the change that began it and from the
one that ends it."""

DRAWS_OF_A_MACHINE = 10
"""The same while only one server is incoherent. Draws at 100 to 1 show one moment in many minutes, and the moments
after the first fall on one of four servers by chance once in 4^8 = 65,000."""


LATEST = 300.0
"""Seconds after a change that travels slowly for which its last machines may still be late: sites of a name server five
minutes late are no rarity (case B16)."""

ASTRAY = 900.0
"""Seconds for which a draw that led neither to v1 nor to v2 is remembered: at one server, asked every seven seconds,
one draw in thirty comes back within that with 98 %."""


def count_incoherence(
    record: RecordStatus, memory: RecordMemory, number: int, now: float, context: Context
) -> RecordMemory:
    """Take note that the server at `number` took its answer back at monotonic second `now`."""
    grace = context.probing.grace
    first = now if memory.draw_first is None else memory.draw_first
    if now - first > grace:
        drew = memory.draw_servers | 1 << number
        if memory.drawn and memory.draw_servers.bit_count() < drew.bit_count() == QUORUM:
            memory = memory._replace(pool=Pool(counts(record, memory)))  # no one machine's any more
        memory = memory._replace(draw_servers=drew)
    if memory.draw_last is None or now - memory.draw_last > grace:
        memory = memory._replace(
            draws=memory.draws + (memory.draws_here == 0),
            draws_here=memory.draws_here + 1,
            draw_first=first,
            draw_last=now,
        )
    if memory.drawn or (memory.fighting and not _is_long_over(record, memory, now)):
        return memory
    enough = DRAWS_IN_ALL * (AFTER_A_FIGHT if memory.fighting else 1)
    over_all = memory.draws >= enough and is_weighted(record, memory, now, context)
    if over_all or (max(memory.draws, memory.draws_here) >= DRAWS_OF_A_MACHINE and not memory.under_way):
        one = memory.draw_servers.bit_count() == 1
        pool = pool_of(record, memory, memory.draw_servers.bit_length() - 1) if one else Pool(counts(record, memory))
        memory = memory._replace(drawn=True, pool=pool)
    return memory


def explained_by_change(record: RecordStatus, memory: RecordMemory) -> RecordMemory:
    """Forget which servers contradicted themselves in a disturbance that settles, if a change was confirmed in it.

    A change that reached their machines minutes apart explains it. What contradicts itself from then on has to do so at
    two servers anew, beyond the grace time in which its last machines follow: else one stuck machine, in its next two
    disturbances, would be the record's weights.
    """
    if memory.draw_first is None or record.disturbed is None or not record.recent:
        return memory
    moved = record.recent[-1].at.monotonic >= record.disturbed.monotonic
    return memory._replace(draw_first=None, draw_last=None, draw_servers=0) if moved else memory


def _is_long_over(record: RecordStatus, memory: RecordMemory, now: float) -> bool:
    """Tell whether nothing of a fight has been seen for `LONG_OVER` seconds, though answers go on to differ.

    A fight over weights leaves weights behind. Where one side is rare, each of its answers is a disturbance that
    settles: none lasts as long as shares have to stand still, and each would count as a sign that the fight goes on.
    """
    signs = [transition.at.monotonic for transition in record.recent[-1:]]
    signs += [jump.at for jump in memory.level.jumps[-1:]]
    if memory.episode.began is not None:
        signs.append(memory.episode.began.monotonic)
    return bool(signs) and now - max(signs) > LONG_OVER


def is_in_doubt(record: RecordStatus, memory: RecordMemory, now: float, context: Context) -> bool:
    """Tell whether a disturbance may still turn out to be draws: incoherent, young, nothing confirmed.

    It is asked at the monotonic second `now`.
    """
    if record.disturbed is None or not memory.draws_here or memory.drawn:
        return False
    began = record.disturbed.monotonic
    if record.recent and record.recent[-1].at.monotonic >= began - context.probing.grace:
        return False
    return now - began < context.probing.grace + DOUBT


def tally(  # noqa: PLR0913, PLR0917  # whose answer it was, where it leads, and when
    record: RecordStatus, memory: RecordMemory, number: int, position: Position, now: float, context: Context
) -> RecordMemory:
    """Count an answer of the server at `number`, heard at the monotonic second `now`.

    What the answers of a bin say is weighed when the next one begins.
    """
    current = memory.bin
    if current is None:
        memory = _begin(record, memory, position, now)
    elif int(now // BIN) > current.number:
        memory, current = _close(record, memory, current, context), None
    current = tallied(current or empty(now, len(record.servers)), number, elsewhere=position is not memory.reference)
    return memory.with_answer(memory.servers, memory.changed, current, memory.pool)


def end_tally(memory: RecordMemory, now: float) -> RecordMemory:
    """Stop counting at the monotonic second `now`: the record is settled.

    Jumps of the level are remembered as long as a fight's may go on.
    """
    if _is_fought_over_still(memory, now):
        return memory._replace(bin=None, correlation=None, under_way=False)
    return memory._replace(bin=None, correlation=None, under_way=False, level=Level(), reference=None)


def _is_fought_over_still(memory: RecordMemory, now: float) -> bool:
    """Tell whether the level's newest jump may be a fight's: it was lately, or a fight was found and is not over."""
    newest = levels.newest_jump(memory.level)
    return newest is not None and (memory.fighting or now - newest < HASTY)


def _begin(record: RecordStatus, memory: RecordMemory, position: Position, now: float) -> RecordMemory:
    if memory.reference is not None and _is_fought_over_still(memory, now):
        return memory
    reference = record.position or position
    seen = counts(record, memory)
    known = Level(float(sum(seen)), float(sum(seen) - seen[INDEX[reference]]))
    return memory._replace(reference=reference, level=known)


def _close(record: RecordStatus, memory: RecordMemory, closed: Bin, context: Context) -> RecordMemory:
    began = closed.number * BIN
    away = sum(1 << number for number, elsewhere in enumerate(closed.elsewhere) if elsewhere)
    said = zip(closed.heard, closed.elsewhere, strict=True)
    home = sum(1 << number for number, (heard, elsewhere) in enumerate(said) if heard > elsewhere)
    needed = quorum(record, began, context)
    level = levels.follow(memory.level, *fair(closed), began, away=away, home=home, quorum=needed)
    jumped = level.jumps is not memory.level.jumps
    memory = memory._replace(level=level)
    if memory.drawn:
        known = periodograms.follow(memory.periodogram, closed, context.slower_interval)
        memory = memory if known is memory.periodogram else memory._replace(periodogram=known)
    if jumped and levels.is_fought_over(level) and not _is_a_wildcards(record, level):
        return memory._replace(fighting=True)
    return memory if memory.drawn else _weigh(record, memory, closed, began, context)


def _is_a_wildcards(record: RecordStatus, level: Level) -> bool:
    """Tell whether a wildcard that leads to the other side made one of the jumps: no writer gave that level back.

    Then the record's changes tell alone whether it comes and goes.
    """
    since = level.jumps[0].at
    return any(transition.uncovered and transition.at.monotonic >= since for transition in record.recent)


def _weigh(record: RecordStatus, memory: RecordMemory, closed: Bin, began: float, context: Context) -> RecordMemory:
    start = counting_from(record, context)
    if start is None or began < start - steady.EARLY:
        return memory
    before = memory.correlation
    if before is None or before.start != start:
        before, memory = Correlation(start), memory._replace(under_way=False)
    if began < start:
        return memory._replace(correlation=steady.follow_early(before, closed))
    after = steady.follow(before, closed)
    memory = memory._replace(correlation=after)
    is_new = after.blocks is not before.blocks
    if not is_new or steady.undecided(after).bit_count() < quorum(record, began, context):
        is_open = not is_new or record.cache is not None or _may_be_late(record, began, context)
        return memory if is_open else _at_one(record, memory, after)
    if steady.stands_still(after, AFTER_A_FIGHT if memory.fighting else 1):
        return _still(record, memory, after, may_be_late=_may_be_late(record, began, context))
    if not steady.moves(after):
        return memory
    proven = memory.episode.controllers or steady.never_rests(after)
    return memory._replace(fighting=True, episode=memory.episode._replace(controllers=proven))


def _at_one(record: RecordStatus, memory: RecordMemory, correlation: Correlation) -> RecordMemory:
    """Conclude from answers of too few servers for draws whether a machine behind one of them is stuck."""
    stuck = steady.alone(correlation)
    if stuck is None:
        return memory
    pool = pool_of(record, memory, stuck)
    return memory._replace(drawn=True, under_way=False, draw_servers=1 << stuck, pool=pool)


def _still(record: RecordStatus, memory: RecordMemory, correlation: Correlation, *, may_be_late: bool) -> RecordMemory:
    """Conclude from answers of which nothing moves together: draws, or a change that goes on for minutes."""
    if may_be_late or steady.may_be_under_way(correlation):
        return memory._replace(under_way=memory.under_way or steady.is_under_way(correlation))
    servers = memory.draw_servers | steady.undecided(correlation)
    return memory._replace(drawn=True, under_way=False, draw_servers=servers, pool=Pool(counts(record, memory)))


def _may_be_late(record: RecordStatus, now: float, context: Context) -> bool:
    """Tell whether the last machines of a change that travels slowly may still be to come at monotonic second `now`.

    It travels slowly if most machines followed later than the grace time after the first one: the last few of them show
    one share at every server for as long as proves draws.
    """
    if record.disturbed is None or not record.recent:
        return False
    followed = record.recent[-1].at.monotonic
    return followed - record.disturbed.monotonic > context.probing.grace and now - followed <= LATEST


def counting_from(record: RecordStatus, context: Context) -> float | None:
    """Give the monotonic second from which steadiness counts; None while the record is not disturbed."""
    if record.disturbed is None:
        return None
    newest = record.recent[-1].at.monotonic if record.recent else record.disturbed.monotonic
    return max(newest, record.disturbed.monotonic) + context.probing.grace


def is_weighted(record: RecordStatus, memory: RecordMemory, now: float, context: Context) -> bool:
    """Tell whether so many servers draw at the monotonic second `now` that it is the record and not a machine."""
    return memory.draw_servers.bit_count() >= quorum(record, now, context)


def note_astray(memory: RecordMemory, position: Position, answer: Response | None, now: float) -> RecordMemory:
    """Remember a draw, at the monotonic second `now`, that leads neither to v1 nor to v2 alone.

    It leads to nothing, to both, or elsewhere. A CNAME that stands and leads to a name that does not exist is told as
    that, by the newest answers.
    """
    if position.is_side or not memory.drawn:
        return memory
    if answer is not None and answer.rcode == "NXDOMAIN" and answer.answer:
        return memory
    others = tuple(one for one in memory.astray if one[0] is not position)
    return memory._replace(astray=(*others, (position, now)))


def goes_astray(record: RecordStatus, memory: RecordMemory, position: Position, now: float) -> bool:
    """Tell whether a record is drawn by weights, and a part of the draws leads to this place of lately.

    Lately is seen from the monotonic second `now`.
    """
    if record.state is not RecordState.WEIGHTED:
        return False
    return any(place is position and now - at <= ASTRAY for place, at in memory.astray)


def is_one_run(memory: RecordMemory, position: Position) -> bool:
    """Tell whether a drawn record leads to a place in its newest answers alone, which none to elsewhere has followed.

    That may be a set that is drawn, and as well be the end of all sets.
    """
    return memory.pool.position is position and not memory.pool.before[INDEX[position]]


def follow_pool(memory: RecordMemory, position: Position, confirmed: Position | None) -> RecordMemory:
    """Follow the run over all servers; a long one at the confirmed position that draws do not explain ends them."""
    pool = memory.pool.grown(position)
    likely = pool.run < LONG_RUN or run_likelihood(pool.before, INDEX[position], pool.run) >= SURE_OF_CALM
    if not likely and position is confirmed:
        return without_draws(memory)
    return memory.with_answer(memory.servers, memory.changed, memory.bin, pool)


def stay_apart(record: RecordStatus) -> bool:
    """Tell whether caches that are said to draw keep to different places for longer than draws of one share can.

    Each draws anew when what it holds has run out, and all of them by the same weights, edited or not: of two that are
    on different sides each fetch of both is a chance of a quarter at most. Each cache counts with as many fetches as
    the one that has made the fewest in the time for which all have stayed: what one told before is of another time, and
    maybe of other weights. Nor is a fetch a draw where a cache forwards to another one and holds for less
    (`probe.judge.record.fetched`).
    """
    heard = [server for server in record.servers if server.position is not None and server.failures < GIVEN_UP]
    stayed = [server.at.monotonic - server.since.monotonic for server in heard if server.at and server.since]
    together = min([*(server.run for server in heard), draws_at_most(record, min(stayed, default=0.0))])
    some = sum(server.position is heard[0].position for server in heard) * together
    others = len(heard) * together - some
    return others > 0 and at_likeliest(some, others) < SURE_AGAINST_DRAWS
