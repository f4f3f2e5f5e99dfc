"""`cutover-probe decommission`: may v1's Ingress of a wave's domains be deleted? Asks a running daemon.

A single look cannot tell: when v1 was last answered, and what caches may hold since, is known only to who watched.
"""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from probe.cli.answers import DomainAnswer, WaveAnswer
from probe.cli.clocks import tell_of_clocks
from probe.cli.daemon_api import (
    DaemonAccess,
    DaemonApi,
    EndlessError,
    access_to,
    daemon_options,
    get,
    no_daemon,
    refusal,
)
from probe.cli.errors import EXIT_STATUS, CommandError, sentences
from probe.cli.gate_answer import told_digest
from probe.cli.options import output_option, plan_of_daemon_option
from probe.cli.plans import read_plan
from probe.cli.printing import CHECK_ANSWERS, STYLES, answer, check_line, say, standard_output
from probe.model.check import CheckOutcome, worst
from probe.model.plan import Plan
from probe.report.readable import readable
from probe.runtime.clock import SystemClock


class Asked(NamedTuple):
    """One wave's answer, with its name and who gave it."""

    name: str
    url: str
    wave: WaveAnswer


@click.command("decommission", short_help="Ask a daemon when v1's Ingresses of a wave may go.")
@plan_of_daemon_option
@click.option(
    "--wave",
    "waves",
    multiple=True,
    metavar="WAVE",
    help="Only this wave; may be given several times; needed without --config.  [default: all of the plan]",
)
@daemon_options
@output_option("text", "Lines, or JSON.")
@click.pass_context
@sentences
def decommission(ctx: click.Context, /, file: Path | None, waves: tuple[str, ...], output: str, **options: Any) -> None:
    """Ask a running daemon when v1's Ingresses of a wave may be deleted: the most dangerous step of all.

    While v1's ExternalDNS reads the record as its own, with --policy=sync it deletes the record, which by now leads to
    v2, together with its Ingress. Of each wave the time is told at which v1 may go, or what that waits for. Every
    precondition is told with its reason, what cannot be seen is listed, and so are the TXT names to clean up
    afterwards. The daemon is asked because only who watched the move knows when caches have let go of v1.

    \b
    Exit status: 0 nothing that can be seen speaks against it; 2 something does, or a domain is not expected on v2; 3 it
    cannot be told; 1 the daemon could not be asked.

    \b
    Examples:
      cutover-probe decommission --config plan.yaml --wave internal-tools
      cutover-probe decommission --url https://probe.example.com --wave internal-tools --user ops --output json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    plan = read_plan(file) if file is not None else None
    access = access_to(plan, **options)
    names = waves or tuple(wave.name for wave in (plan.waves if plan is not None else ()))
    if not names:
        raise CommandError("Name a wave with --wave WAVE, or give --config FILE for all waves of a plan.")
    answers = asyncio.run(_ask(access, plan, names))
    tell_of_clocks({one.url: one.wave.at for one in answers}.items(), SystemClock().now().wall)
    if not waves:  # waves that have not moved yet are not what is asked for, unless they are named
        answers = [one for one in answers if one.wave.has_moved]
    status = EXIT_STATUS[_outcome(one.wave for one in answers)]
    if output == "json":
        told = [{"wave": one.name, **one.wave.model_dump(mode="json")} for one in answers]
        click.echo(json.dumps({"exit_status": int(status), "waves": told}, indent=2))
    else:
        _print(answers)
    ctx.exit(status)


async def _ask(access: DaemonAccess, plan: Plan | None, names: Iterable[str]) -> list[Asked]:
    """Ask every daemon about every wave. A shard to which no domain of a wave fell does not know it, and has no say."""
    answers = []
    async with access.client() as client:
        for name in names:
            told = [(daemon.url, await _wave(client, daemon, plan)) for daemon in access.daemons(plan, name)]
            known = [Asked(name, url, wave) for url, wave in told if isinstance(wave, WaveAnswer)]
            if not known:
                raise CommandError(next(one for _, one in told if isinstance(one, str)))
            answers += known
    return answers


async def _wave(client: httpx.AsyncClient, daemon: DaemonApi, plan: Plan | None) -> WaveAnswer | str:
    """Give what a daemon says of a wave, or why it says nothing of it.

    Raises:
        CommandError: It could not be asked, or goes by another plan.
    """
    response = await _got(client, daemon, daemon.facts)
    if response.status_code == httpx.codes.NOT_FOUND:
        status = await _got(client, daemon, f"{daemon.url}/api/v1/status")
        if plan is not None and _digest(status, daemon) != plan.digest:
            raise CommandError(_other_plan(daemon))
        return refusal(response, daemon)
    if response.status_code != httpx.codes.OK:
        raise CommandError(refusal(response, daemon))
    try:
        wave = WaveAnswer.model_validate_json(response.content)
    except ValidationError as error:
        raise CommandError(no_daemon(daemon)) from error
    if plan is not None and wave.plan_digest != plan.digest:
        raise CommandError(_other_plan(daemon))
    return wave


async def _got(client: httpx.AsyncClient, daemon: DaemonApi, address: str) -> httpx.Response:
    try:
        return await get(client, address)
    except (httpx.HTTPError, httpx.InvalidURL, EndlessError) as error:
        why = readable(str(error)) or type(error).__name__
        raise CommandError(f"The daemon at {daemon.url} does not answer: {why}.") from error


def _digest(status: httpx.Response, daemon: DaemonApi) -> str:
    try:
        return told_digest(status.content)
    except ValueError as error:
        raise CommandError(no_daemon(daemon)) from error


def _other_plan(daemon: DaemonApi) -> str:
    return f"The daemon at {daemon.url} has another plan than this file: it has not loaded it yet, or rejected it."


def _outcome(waves: Iterable[WaveAnswer]) -> CheckOutcome:
    """Give the outcome of all domains; none is no leave to act."""
    told = [CheckOutcome.UNKNOWN if wave.blind else wave.outcome(domain) for wave in waves for domain in wave.domains]
    return worst(told) if told else CheckOutcome.FAIL


def _print(answers: list[Asked]) -> None:
    console = standard_output()
    if not answers:
        console.print("No wave of the plan is expected on v2: nothing of v1 may go.")
    for name, _, wave in answers:
        if wave.blind:
            console.print(f"{name}: the daemon reaches no server at present; what follows is what it knew before that.")
        if wave.decommission is not None:
            say(console, Text(readable(wave.decommission.sentence), style="bold"))
        for domain in wave.domains:
            _print_domain(console, domain, wave.outcome(domain))
    unseen = dict.fromkeys(
        readable(sentence)
        for one in answers
        for domain in one.wave.domains
        if domain.decommission is not None
        for sentence in domain.decommission.unseen
    )
    if unseen:
        console.print("To be checked by you, because the probe cannot see it:")
        for sentence in unseen:
            say(console, Text(f"  {sentence}"))


def _print_domain(console: Console, domain: DomainAnswer, outcome: CheckOutcome) -> None:
    verdict = domain.decommission
    name = readable(domain.name)
    if verdict is None:
        why = "it is not expected on v2" if outcome is CheckOutcome.FAIL else "it has not been judged yet"
        say(console, Text(f"{name}: {CHECK_ANSWERS[outcome]}, {why}.", style=STYLES[outcome]))
        return
    line = Text(f"{name}: ").append_text(answer(outcome))
    say(console, line.append(", v1's Ingress may go" if outcome is CheckOutcome.PASS else ""))
    for check in verdict.checks(name):
        say(console, check_line(check, f"  {CHECK_ANSWERS[check.outcome]:<10}", (readable(check.name), 10, "default")))
    for where, left in (("", verdict.leftovers), (" in the zone of the other view", verdict.other_view_leftovers)):
        if left:
            say(console, Text(f"  afterwards delete{where} the TXT {', '.join(map(readable, left))}"))
