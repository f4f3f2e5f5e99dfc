"""Asking daemons over HTTP whether a wave is confirmed, and what their answers come to together."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import httpx

from probe.cli.daemon_api import DaemonApi, EndlessError, get, no_daemon, refusal
from probe.cli.errors import EXIT_STATUS, ExitStatus
from probe.cli.gate_answer import GateAnswer, gate_answer, told_digest
from probe.model.check import WORST_FIRST, Check, CheckOutcome
from probe.model.clock import Clock
from probe.model.confirmation import CONFIRMED_CHECK
from probe.model.text import duration
from probe.report.readable import readable

POLL = 2.0
"""Seconds between two questions while waiting: the answer changes with the daemon's answers, every few seconds."""


class DaemonReply(NamedTuple):
    """What one daemon, or all of them together, say.

    Attributes:
        check: Whether the wave is confirmed, and why not.
        facts: The daemon's own, if it gave any.
        reached: It could be asked; otherwise the check is unknown for want of an answer.
        final: It would say the same however long one waited.
        absent: It watches no domain of the wave: a shard to which none fell.
    """

    check: Check
    facts: dict[str, Any] | None = None
    reached: bool = True
    final: bool = False
    absent: bool = False

    @property
    def status(self) -> ExitStatus:
        """As the command would exit."""
        return EXIT_STATUS[self.check.outcome] if self.reached else ExitStatus.FAILED

    @property
    def at(self) -> str:
        """When the daemon says that its answer is of; empty where it says nothing."""
        return str((self.facts or {}).get("at", ""))


async def ask(  # noqa: PLR0913  # whom, what, for how long, by which clock, and who is told
    client: httpx.AsyncClient,
    daemons: Sequence[DaemonApi],
    digest: str | None,
    wait: float,
    clock: Clock,
    *,
    tell: Callable[[DaemonReply], None] = lambda _: None,
) -> tuple[DaemonReply, ...]:
    """Ask every daemon until all confirm the wave or the time is up; what waiting cannot change ends it at once.

    Args:
        client: Asks, with whatever it takes to be answered.
        daemons: Whom.
        digest: Of the plan that they have to go by; None takes any.
        wait: Seconds.
        clock: Paces the questions.
        tell: Told what is waited for, before each pause.
    """
    enough = clock.now().monotonic + wait
    while True:
        replies = tuple(await asyncio.gather(*(_ask(client, daemon, digest) for daemon in daemons)))
        reply, left = together(replies), enough - clock.now().monotonic
        if reply.final or reply.status is ExitStatus.HOLDS or left <= 0:
            return replies
        tell(reply)
        await clock.sleep(min(POLL, left))


def together(replies: Sequence[DaemonReply]) -> DaemonReply:
    """Give the worst reply; that of a daemon without a domain of the wave counts only when none has one.

    A daemon that could not be asked outweighs one that has not enough evidence: there is something to be mended.
    """
    told = [reply for reply in replies if not reply.absent] or list(replies)
    worst = min(told, key=lambda reply: (WORST_FIRST.index(reply.check.outcome), reply.reached))
    if worst.status is ExitStatus.HOLDS and len(told) > 1:
        sentence = f"{worst.check.sentence} All {len(told)} daemons agree."
        return worst._replace(check=worst.check._replace(sentence=sentence))
    return worst


async def _ask(client: httpx.AsyncClient, daemon: DaemonApi, digest: str | None) -> DaemonReply:
    try:
        response = await get(client, daemon.facts)
        if response.status_code == httpx.codes.NOT_FOUND:
            return await _without(client, daemon, digest, response)
    except (httpx.HTTPError, httpx.InvalidURL, EndlessError) as error:
        why = readable(str(error)) or type(error).__name__
        return _unasked(daemon, f"The daemon at {daemon.url} does not answer: {why}.")
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        told = f"The daemon at {daemon.url} rejects the user or the password (HTTP {response.status_code})."
        return _unasked(daemon, told)._replace(final=True)
    if response.status_code != httpx.codes.OK:
        return _unasked(daemon, refusal(response, daemon))
    try:
        answer = gate_answer(response.content)
    except ValueError:
        return _unasked(daemon, no_daemon(daemon))
    return _judge(answer, daemon.wave, digest)._replace(facts=answer.facts)


async def _without(
    client: httpx.AsyncClient, daemon: DaemonApi, digest: str | None, response: httpx.Response
) -> DaemonReply:
    """Tell a daemon that has no domain of the wave from one that has not taken over the plan with it yet."""
    refused = _unasked(daemon, refusal(response, daemon))._replace(final=True, absent=True)
    if digest is None:
        return refused
    status = await get(client, f"{daemon.url}/api/v1/status")
    try:
        has = told_digest(status.content)
    except ValueError:
        return refused._replace(final=False, absent=False)
    return refused if has == digest else _of_another_plan(daemon.wave, has, digest)


def _judge(answer: GateAnswer, wave: str, digest: str | None) -> DaemonReply:
    sentence, outcome = readable(answer.sentence), answer.outcome
    if digest is not None and answer.plan_digest != digest:
        return _of_another_plan(wave, answer.plan_digest, digest)
    if answer.blind:
        told = f"The daemon reaches no server at present. Before that: {sentence}"
        return _reply(wave, CheckOutcome.UNKNOWN, told)
    if outcome is CheckOutcome.FAIL or (outcome is CheckOutcome.PASS and answer.confirmed):
        return _reply(wave, outcome, sentence)
    seen = f" It was seen to hold for {duration(answer.held)} before." if outcome is CheckOutcome.UNKNOWN else ""
    return _reply(wave, CheckOutcome.UNKNOWN, f"{sentence}{seen}")


def _of_another_plan(wave: str, has: str, wanted: str) -> DaemonReply:
    told = (
        f"The daemon has another plan than this file (it has {readable(has[:12])}, the file is {wanted[:12]}): it "
        "has not loaded it yet, or rejected it."
    )
    return _reply(wave, CheckOutcome.UNKNOWN, told)


def _unasked(daemon: DaemonApi, sentence: str) -> DaemonReply:
    return _reply(daemon.wave, CheckOutcome.UNKNOWN, sentence)._replace(reached=False)


def _reply(wave: str, outcome: CheckOutcome, sentence: str) -> DaemonReply:
    return DaemonReply(Check(CONFIRMED_CHECK, wave, outcome, sentence))
