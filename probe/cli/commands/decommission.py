"""`cutover-probe decommission`: may v1's Ingress of a wave's domains be deleted? Asks a running daemon.

A single look cannot tell: when v1 was last answered, and what caches may hold since, is known only to who watched.
"""

import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.text import Text

from probe.cli.asking import Access, Daemon, EndlessError, access_to, daemon_options, get, refusal
from probe.cli.errors import CommandError, ExitStatus, sentences
from probe.config.load import load
from probe.model.plan import Plan
from probe.report.render import readable

_WIDTH = 160  # of lines that do not go to a terminal
_MARKS = {True: ("yes", "green"), False: ("no", "bold red"), None: ("not known", "yellow")}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Requirement(_Part):
    """One precondition, as the daemon tells it."""

    precondition: str
    holds: bool | None
    sentence: str
    remedy: str


class Verdict(_Part):
    """The daemon's verdict on one domain."""

    safe: bool | None
    requirements: tuple[Requirement, ...]
    unseen: tuple[str, ...]
    leftovers: tuple[str, ...]


class Domain(_Part):
    """A domain of a wave."""

    name: str
    decommission: Verdict | None


class Wave(_Part):
    """What the daemon says of a wave, as far as it counts here: `/api/v1/waves/NAME`."""

    blind: bool
    plan_digest: str
    domains: tuple[Domain, ...]


class Asked(NamedTuple):
    """One wave's answer, with its name."""

    name: str
    wave: Wave


@click.command("decommission")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The plan file: tells where the daemon listens, and the daemon has to have taken over exactly this file.",
)
@click.option(
    "--wave",
    "waves",
    multiple=True,
    metavar="WAVE",
    help="Only this wave; may be given several times; needed without --config.  [default: all of the plan]",
)
@daemon_options
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Lines, or JSON."
)
@click.pass_context
@sentences
def decommission(ctx: click.Context, /, file: Path | None, waves: tuple[str, ...], output: str, **options: Any) -> None:
    """Ask a running daemon whether v1's Ingress of each domain may be deleted: the most dangerous step of all.

    While v1's ExternalDNS reads the record as its own, it deletes the record, which by now leads to v2, together with
    its Ingress. Every precondition is told with its reason, what cannot be seen is listed, and so are the TXT names to
    clean up afterwards. The daemon is asked because only who watched the move knows when caches have let go of v1.

    \b
    Exit status: 0 nothing that can be seen speaks against it; 2 something does, or a domain is not expected on v2; 3 it
    cannot be told; 1 the daemon could not be asked.

    \b
    Examples:
      cutover-probe decommission --config plan.yaml --wave internal-tools
      cutover-probe decommission --url https://probe.example.com --wave internal-tools --user ops --output json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    plan = load(file) if file is not None else None
    access = access_to(plan, **options)
    names = waves or tuple(wave.name for wave in (plan.waves if plan is not None else ()))
    if not names:
        raise CommandError("Say which wave: --wave WAVE, or --config FILE for all waves of a plan.")
    answers = asyncio.run(_ask(access, plan, names))
    if not waves:  # waves that have not moved yet are not what is asked for, unless they are named
        answers = [one for one in answers if any(domain.decommission is not None for domain in one.wave.domains)]
    status = _status(one.wave for one in answers)
    if output == "json":
        told = [{"wave": one.name, **one.wave.model_dump(mode="json")} for one in answers]
        click.echo(json.dumps({"exit_status": int(status), "waves": told}, indent=2))
    else:
        _print(answers)
    ctx.exit(status)


async def _ask(access: Access, plan: Plan | None, names: Iterable[str]) -> list[Asked]:
    """Ask every daemon about every wave. A shard to which no domain of a wave fell does not know it, and has no say."""
    answers = []
    async with access.client() as client:
        for name in names:
            told = [await _wave(client, daemon, plan) for daemon in access.daemons(plan, name)]
            known = [one for one in told if isinstance(one, Wave)]
            if not known:
                raise CommandError(next(one for one in told if isinstance(one, str)))
            answers += [Asked(name, wave) for wave in known]
    return answers


async def _wave(client: httpx.AsyncClient, daemon: Daemon, plan: Plan | None) -> Wave | str:
    """Give what a daemon says of a wave, or why it says nothing of it.

    Raises:
        CommandError: It could not be asked, or goes by another plan.
    """
    response = await _got(client, daemon, daemon.facts)
    if response.status_code == httpx.codes.NOT_FOUND:
        status = await _got(client, daemon, f"{daemon.url}/api/v1/status")
        if plan is not None and _digest(status) != plan.digest:
            raise CommandError(_other_plan(daemon))
        return refusal(response, daemon)
    if response.status_code != httpx.codes.OK:
        raise CommandError(refusal(response, daemon))
    try:
        wave = Wave.model_validate_json(response.content)
    except ValidationError as error:
        raise CommandError(f"What answers at {daemon.url} is not this version's Cutover Probe.") from error
    if plan is not None and wave.plan_digest != plan.digest:
        raise CommandError(_other_plan(daemon))
    return wave


async def _got(client: httpx.AsyncClient, daemon: Daemon, address: str) -> httpx.Response:
    try:
        return await get(client, address)
    except (httpx.HTTPError, httpx.InvalidURL, EndlessError) as error:
        why = readable(str(error)) or type(error).__name__
        raise CommandError(f"The daemon at {daemon.url} could not be asked: {why}.") from error


def _digest(status: httpx.Response) -> str:
    try:
        return str(json.loads(status.content)["plan_digest"])
    except (ValueError, KeyError, TypeError):
        return ""


def _other_plan(daemon: Daemon) -> str:
    return (
        f"The daemon at {daemon.url} goes by another plan than this file: it has not taken it over yet, or refused it."
    )


def _status(waves: Iterable[Wave]) -> ExitStatus:
    told = [
        None if wave.blind else domain.decommission.safe if domain.decommission is not None else False
        for wave in waves
        for domain in wave.domains
    ]
    if False in told or not told:
        return ExitStatus.DOES_NOT_HOLD
    return ExitStatus.UNKNOWN if None in told else ExitStatus.HOLDS


def _print(answers: list[Asked]) -> None:
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    if not answers:
        console.print("No wave of the plan is expected on v2: nothing of v1 may go.")
    for name, wave in answers:
        if wave.blind:
            console.print(f"{name}: the daemon reaches no server at present; what follows is what it knew before.")
        for domain in wave.domains:
            _print_domain(console, domain)
    unseen = dict.fromkeys(
        readable(sentence)
        for one in answers
        for domain in one.wave.domains
        if domain.decommission is not None
        for sentence in domain.decommission.unseen
    )
    if unseen:
        console.print("For you to see to, because it cannot be seen from here:")
        for sentence in unseen:
            console.print(Text(f"  {sentence}"), soft_wrap=True)


def _print_domain(console: Console, domain: Domain) -> None:
    verdict = domain.decommission
    if verdict is None:
        console.print(Text(f"{readable(domain.name)}: no, it is not expected on v2.", style="bold red"), soft_wrap=True)
        return
    word, style = _MARKS[verdict.safe]
    line = Text(f"{readable(domain.name)}: ").append(word, style=style)
    console.print(line.append(", v1's Ingress may go" if verdict.safe else ""), soft_wrap=True)
    for one in verdict.requirements:
        mark, colour = _MARKS[one.holds]
        told = Text(f"  {mark:<10}", style=colour).append(f"{readable(one.precondition):<10}", style="default")
        told.append(readable(one.sentence), style="default")
        if one.holds is not True and one.remedy:
            told.append(f" {readable(one.remedy)}", style="italic")
        console.print(told, soft_wrap=True)
    if verdict.leftovers:
        names = ", ".join(readable(name) for name in verdict.leftovers)
        console.print(Text(f"  afterwards delete the TXT {names}"), soft_wrap=True)
