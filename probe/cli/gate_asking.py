"""Asking daemons over HTTP whether a wave is confirmed, and what their answers come to together."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from probe.cli.asking import Daemon, EndlessError, get, refusal
from probe.cli.errors import ExitStatus
from probe.model.clock import Clock
from probe.model.confirmation import Standing
from probe.model.text import duration
from probe.report.render import readable

POLL = 2.0
"""Seconds between two questions while waiting: the answer changes with the daemon's answers, every few seconds."""


class Answer(BaseModel):
    """What the daemon says of the wave, as far as it counts here: `/api/v1/waves/NAME`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    confirmed: bool
    standing: Standing
    sentence: str
    held: float
    blind: bool
    plan_digest: str


class Word(NamedTuple):
    """What one daemon, or all of them together, say.

    Attributes:
        status: As the command would exit.
        reason: Why, in one sentence.
        facts: The daemon's own, if it gave any.
        final: It would say the same however long one waited.
        absent: It watches no domain of the wave: a shard to which none fell.
    """

    status: ExitStatus
    reason: str
    facts: dict[str, Any] | None = None
    final: bool = False
    absent: bool = False


_WORST = (ExitStatus.DOES_NOT_HOLD, ExitStatus.FAILED, ExitStatus.UNKNOWN, ExitStatus.HOLDS)


async def ask(
    client: httpx.AsyncClient, daemons: Sequence[Daemon], digest: str | None, wait: float, clock: Clock
) -> tuple[Word, ...]:
    """Ask every daemon until all confirm the wave or the time is up; what waiting cannot change ends it at once.

    Args:
        client: Asks, with whatever it takes to be answered.
        daemons: Whom.
        digest: Of the plan that they have to go by; None takes any.
        wait: Seconds.
        clock: Paces the questions.
    """
    enough = clock.now().monotonic + wait
    while True:
        words = tuple(await asyncio.gather(*(_ask(client, daemon, digest) for daemon in daemons)))
        word, left = together(words), enough - clock.now().monotonic
        if word.final or word.status is ExitStatus.HOLDS or left <= 0:
            return words
        await clock.sleep(min(POLL, left))


def together(words: Sequence[Word]) -> Word:
    """Give the worst word; that of a daemon without a domain of the wave counts only when none has one."""
    told = [word for word in words if not word.absent] or list(words)
    worst = min(told, key=lambda word: _WORST.index(word.status))
    if worst.status is ExitStatus.HOLDS and len(told) > 1:
        return worst._replace(reason=f"{worst.reason} So say all {len(told)} daemons.")
    return worst


async def _ask(client: httpx.AsyncClient, daemon: Daemon, digest: str | None) -> Word:
    try:
        response = await get(client, daemon.facts)
        if response.status_code == httpx.codes.NOT_FOUND:
            return await _without(client, daemon, digest, response)
    except (httpx.HTTPError, httpx.InvalidURL, EndlessError) as error:
        why = readable(str(error)) or type(error).__name__
        return Word(ExitStatus.FAILED, f"The daemon at {daemon.url} could not be asked: {why}.")
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        told = f"The daemon at {daemon.url} wants another user or password (HTTP {response.status_code})."
        return Word(ExitStatus.FAILED, told, final=True)
    if response.status_code != httpx.codes.OK:
        return Word(ExitStatus.FAILED, refusal(response, daemon))
    try:
        wave = Answer.model_validate_json(response.content)
        facts = json.loads(response.content)
    except (ValidationError, ValueError):
        return Word(ExitStatus.FAILED, f"What answers at {daemon.url} is not this version's Cutover Probe.")
    return _judge(wave, digest)._replace(facts=facts)


async def _without(client: httpx.AsyncClient, daemon: Daemon, digest: str | None, response: httpx.Response) -> Word:
    """Tell a daemon that has no domain of the wave from one that has not taken over the plan with it yet."""
    refused = Word(ExitStatus.FAILED, refusal(response, daemon), final=True, absent=True)
    if digest is None:
        return refused
    status = await get(client, f"{daemon.url}/api/v1/status")
    try:
        has = str(json.loads(status.content)["plan_digest"])
    except (ValueError, KeyError, TypeError):
        return refused._replace(final=False, absent=False)
    return refused if has == digest else _of_another_plan(has, digest)


def _judge(wave: Answer, digest: str | None) -> Word:
    sentence = readable(wave.sentence)
    if digest is not None and wave.plan_digest != digest:
        return _of_another_plan(wave.plan_digest, digest)
    if wave.blind:
        return Word(ExitStatus.UNKNOWN, f"The daemon reaches no server at present. Before that: {sentence}")
    if wave.standing is Standing.FAILS:
        return Word(ExitStatus.DOES_NOT_HOLD, sentence)
    if wave.confirmed and wave.standing is Standing.PASSES:
        return Word(ExitStatus.HOLDS, sentence)
    seen = f" It was seen to hold for {duration(wave.held)} before." if wave.standing is Standing.UNKNOWN else ""
    return Word(ExitStatus.UNKNOWN, f"{sentence}{seen}")


def _of_another_plan(has: str, wanted: str) -> Word:
    return Word(
        ExitStatus.UNKNOWN,
        f"The daemon goes by another plan than this file (it has {readable(has[:12])}, the file is {wanted[:12]}): it "
        "has not taken it over yet, or refused it.",
    )
