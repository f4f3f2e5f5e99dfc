"""The hunt: what is new, or slower for its size than what was seen before, becomes a seed of what is tried next."""

import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from probe.model.outcome import FailureReason, NoResponse, Response
from probe.wire.transport.parsing_cost import allowance
from probe.wire.transport.reader import MAX_RDATA_TEXT, read
from tests.fuzz.mutate import mutated, written

CORPUS = Path(__file__).parents[1] / "wire" / "transport" / "corpus"
WRITTEN = 0.2
"""Part of the messages that are written and not mutated."""
KEPT = 512
"""Seeds found on the way that are kept; the oldest gives way."""
SLOWEST = 12
"""Messages whose work is counted at the end."""
LINES_A_MICROSECOND = 50
"""Lines of Python that a microsecond of `probe.wire.transport.parsing_cost` may stand for. Counting lines knows no
machine. 400 address records run 13 for each, SIG records with long names, the most that was found, 35; the message of
1,224 bytes for which the bound was made would run 400."""

CpuClock = Callable[[], int]
"""Nanoseconds that this thread has computed."""


class Slow(NamedTuple):
    """One of the slowest messages.

    Attributes:
        share: The part of its allowance that it took.
        micros: Microseconds of CPU, the least of three.
        message: The bytes.
    """

    share: float
    micros: float
    message: bytes


class Catch(NamedTuple):
    """What a hunt brought home.

    Attributes:
        messages: How many were read.
        responses: How many of them were responses.
        refused: How many would have been too dear to parse.
        faults: Messages at which the reader raised, or let something through, with what it was.
        slowest: The slowest for their size, the worst first.
    """

    messages: int
    responses: int
    refused: int
    faults: tuple[tuple[bytes, str], ...]
    slowest: tuple[Slow, ...]


def hunt(messages: int, seed: int, cpu: CpuClock, tell: Callable[[int], None] = lambda _: None) -> Catch:
    """Read so many messages, and look for what is wrong or slow."""
    rng = random.Random(seed)
    seeds = [file.read_bytes() for file in sorted(CORPUS.glob("*.bin"))]
    found: list[bytes] = []
    seen: set[tuple[object, ...]] = set()
    faults: list[tuple[bytes, str]] = []
    slowest: list[Slow] = []
    responses = refused = 0
    for number in range(messages):
        if number % 10_000 == 0:
            tell(number)
        message = (
            written(rng) if rng.random() < WRITTEN else mutated(rng, found if found and rng.random() < 0.5 else seeds)
        )
        began = cpu()
        try:
            outcome = read(message)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is what is looked for
            faults.append((message, type(error).__name__))
            continue
        micros = (cpu() - began) / 1_000
        if (fault := fault_of(outcome)) is not None:
            faults.append((message, fault))
        responses += isinstance(outcome, Response)
        refused += isinstance(outcome, NoResponse) and outcome.detail.startswith("would take too long")
        share = micros / allowance(len(message))
        sight = (_kind(outcome), int(share * 8))
        if sight not in seen:
            seen.add(sight)
            found.append(message)
            del found[:-KEPT]
        if len(slowest) < SLOWEST or share > slowest[-1].share:
            slowest = _with(slowest, message, cpu)
    return Catch(messages, responses, refused, tuple(faults), tuple(slowest))


def fault_of(outcome: object) -> str | None:
    """Tell what is wrong with what the reader gave; None when it is what it promises."""
    if isinstance(outcome, NoResponse):
        texts = [outcome.detail]
        if outcome.reason is not FailureReason.MALFORMED:
            return f"a silence of the reason {outcome.reason}"
    elif isinstance(outcome, Response):
        texts = [outcome.rcode, outcome.nsid or "", *(error.text for error in outcome.errors)]
        for rrset in outcome.answer + outcome.authority + outcome.additional:
            texts += [rrset.name, rrset.rdtype, *rrset.rdata]
    else:
        return f"a {type(outcome).__name__}"
    bad = [text for text in texts if not text.isascii() or not text.isprintable() or len(text) > MAX_RDATA_TEXT]
    return f"the text {bad[0][:80]!r}" if bad else None


def lines_of(message: bytes) -> int:
    """Count the lines of Python that reading a message runs: the same on every machine, busy or not."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read(message)
    finally:
        sys.settrace(before)
    return count


def most_lines(size: int) -> int:
    """Give the lines that a message of so many bytes may run."""
    return LINES_A_MICROSECOND * allowance(size)


def _kind(outcome: Response | NoResponse) -> tuple[object, ...]:
    if isinstance(outcome, NoResponse):
        return (outcome.detail[:60],)
    sets = outcome.answer + outcome.authority + outcome.additional
    return (outcome.rcode, len(sets).bit_length(), tuple(sorted({rrset.rdtype for rrset in sets}))[:4])


def _with(slowest: list[Slow], message: bytes, cpu: CpuClock) -> list[Slow]:
    """Measure a message again, since something else may have been slow, and put it in its place."""
    micros = min(_timed(message, cpu) for _ in range(3))
    return sorted([*slowest, Slow(micros / allowance(len(message)), micros, message)], reverse=True)[:SLOWEST]


def _timed(message: bytes, cpu: CpuClock) -> float:
    began = cpu()
    read(message)
    return (cpu() - began) / 1_000
