"""A record that flaps by the beat of its shares: said as what it is, because no answer tells who does it.

No change of it was seen, so that there is no transition to point at and no TXT beside it, and each weighted set has a
TXT of its own, drawn with it: no cause has a code. Two ExternalDNS that write other weights over each other have this
beat, and so has a health check, or a job, that comes round as often.
"""

from collections.abc import Sequence

from probe.judge.advice.of_fights import one_writer_of_weights
from probe.judge.domain import hosted
from probe.judge.findings.evidence import Found, facts, kinds
from probe.judge.findings.witnessed import set_by_set
from probe.judge.record.periodogram import TICKER, WITHOUT_BEAT, WindowPower, window_of
from probe.judge.record.state import Remembered
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.side import Side
from probe.model.text import duration, percent, plural, wall

PROOF = (
    "Inferred from the beat of the answers, as no single change was seen; of draws of one share one window in three "
    "million has such a beat"
)


def alternating_share(status: DomainStatus, beating: Sequence[Remembered], at: Instant) -> Found:
    """Tell of records whose share alternates, of which there is one at least.

    Args:
        status: The domain.
        beating: Its records that flap by the beat of their shares alone.
        at: Now.
    """
    interval = (beating[0].memory.periodogram.cycle or 0.0) - TICKER
    name = f"{display(status.domain.name)} ({kinds([one.record for one in beating])})"
    written = hosted(status, at)
    window, every = window_of(interval) or 0.0, f"every {duration(interval)}"
    return Found(
        f"{name} alternates between shares about {every}, and the writer is not known.",
        (
            *(set_by_set(written) if written is not None else ()),
            *(line for one in beating for line in _measured(one, at)),
        ),
        inferred=True,
        facts=facts(
            *((FactLabel.SHARE, _share(one)) for one in beating),
            (FactLabel.BEAT, f"About {every}, as often as ExternalDNS syncs by the plan"),
            (FactLabel.CAUSE, "Not known: two ExternalDNS that write different weights do this"),
            (FactLabel.CAUSE, "A health check, or a job, that comes round as often does the same"),
            (FactLabel.PROOF, PROOF),
            (FactLabel.QUIET, f"It is over after {WITHOUT_BEAT} windows of {duration(window)} without it"),
        ),
        advise=one_writer_of_weights,
    )


def _share(one: Remembered) -> str:
    """Say in how many of the newest window's answers the record leads to v2, if it is known where the others lead."""
    newest, place = one.memory.periodogram.windows[-1], one.memory.reference
    counted = f"{plural(newest.answers, 'answer')} for {one.record.rdtype.value}"
    if place is not None and place.is_side:
        v2 = newest.elsewhere if place.side is Side.V1 else newest.answers - newest.elsewhere
        return f"{percent(v2 / newest.answers)} of the newest window's {counted} led to v2, on average"
    return f"{counted} in the newest window"


def _measured(one: Remembered, at: Instant) -> list[str]:
    """Write what each window has shown, newest last."""
    return [_line(one.record.rdtype.value, window, at) for window in one.memory.periodogram.windows]


def _line(rdtype: str, window: WindowPower, at: Instant) -> str:
    ended = wall(at.wall - at.monotonic + window.ended)
    return (
        f"{ended}: {plural(window.answers, 'answer')} for {rdtype} have a power of {window.power:.1f} at that beat "
        f"and of {window.noise:.1f} beside it; draws of one share have 1"
    )
