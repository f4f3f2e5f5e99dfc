"""`cutover-probe check`: one look at every domain, a table or JSON, and an exit status for CI."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from probe.cli.errors import ExitStatus, sentences
from probe.cli.look import Look, look
from probe.cli.options import config_option, log_options
from probe.cli.progress import looking
from probe.cli.selection import narrow
from probe.config.load import load
from probe.judge.acceptance.expectation import Holding, Verdict, verdict
from probe.judge.explain import explain
from probe.model.clock import Instant
from probe.model.delegation import Delegation
from probe.model.domain import DomainStatus
from probe.model.finding import Severity
from probe.model.name import display
from probe.model.question import RecordType
from probe.model.record import RecordState
from probe.model.resolver import converged
from probe.model.text import duration, listed, percent
from probe.runtime.clock import SystemClock
from probe.telemetry.logs import LogFormat, LogLevel, set_up
from probe.web.facts.base import timestamp, to_json
from probe.web.facts.domain import DomainFact
from probe.web.facts.past import ExplanationFact
from probe.web.facts.probe import DelegationFact

LONGEST_LOOK = 180.0
"""Seconds: a change that travels may take 60, telling weights from a change takes as long again, and the rest is for
judging declared weights: four servers give some 4,000 answers in a minute."""
_WIDTH = 160  # of a table that does not go to a terminal: a log has no edge, and wrapped cells are hard to search
_LONG_NAME = 40  # characters of a domain's name that the other columns make room for on a narrow terminal
_LONG_OWNER = 40  # characters of a TXT owner: ids are short, and --output json has all of a long one
_PROBLEMS = 20  # sentences about name servers: a dead zone gives a handful
_COLOURS = {Holding.HOLDS: "green", Holding.FAILS: "bold red", Holding.UNKNOWN: "yellow"}
_WORDS = {Holding.HOLDS: "yes", Holding.FAILS: "no", Holding.UNKNOWN: "not known"}
_SEVERITY_COLOURS = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


@click.command("check")
@config_option
@click.option("--wave", "waves", multiple=True, metavar="WAVE", help="Only this wave; may be given several times.")
@click.option("--domain", "domains", multiple=True, metavar="NAME", help="Only this domain; likewise.")
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or JSON for programs, on standard output.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=LONGEST_LOOK,
    show_default=True,
    help="Seconds after which it is enough; what is open then is reported as not known.",
)
@log_options(LogLevel.ERROR)
@click.pass_context
@sentences
def check(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    file: Path,
    waves: tuple[str, ...],
    domains: tuple[str, ...],
    output: str,
    timeout: float,
    log_level: str,
    log_format: str,
) -> None:
    """Look once at every domain of a plan, and say whether each is where its wave expects it.

    Every authoritative server is asked for A, AAAA and the ownership TXT names, and every resolver once. A calm domain
    takes seconds; one whose servers disagree is asked until it is clear whether that is a change, weights or a fight,
    which can take two minutes. Where weights are declared, it is asked on until the answers confirm or contradict
    them: some 700 a record, or 3,500 for a share of one percent.

    \b
    Exit status: 0 all are as expected; 2 at least one is not; 3 at least one cannot be told, and no other fails;
    1 the plan is bad, or nothing could be reached.

    \b
    Examples:
      cutover-probe check --config plan.yaml
      cutover-probe check --config plan.yaml --wave internal-tools
      cutover-probe check --config plan.yaml --domain app.example.com --output json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    plan = narrow(load(file), waves, domains)
    clock = SystemClock()
    set_up(clock, LogLevel(log_level), LogFormat(log_format))
    with looking(plan) as show:
        seen = asyncio.run(look(plan, clock, timeout, show))
    snapshot = seen.snapshot
    verdicts = [(status, verdict(status)) for status in snapshot.domains]
    holding = _overall(verdicts)
    if output == "json":
        click.echo(_as_json(seen, verdicts, holding))
    else:
        _print_table(verdicts, snapshot.delegations, snapshot.at)
    ctx.exit(_EXIT[holding])


_EXIT = {
    Holding.HOLDS: ExitStatus.HOLDS,
    Holding.FAILS: ExitStatus.DOES_NOT_HOLD,
    Holding.UNKNOWN: ExitStatus.UNKNOWN,
}


def _overall(verdicts: list[tuple[DomainStatus, Verdict]]) -> Holding:
    holdings = {one.holding for _, one in verdicts}
    if Holding.FAILS in holdings:
        return Holding.FAILS
    return Holding.UNKNOWN if Holding.UNKNOWN in holdings else Holding.HOLDS


def _as_json(seen: Look, verdicts: list[tuple[DomainStatus, Verdict]], holding: Holding) -> str:
    """Write the facts of `/api/v1/domains/NAME` for each domain, each with its verdict and why it is."""
    snapshot = seen.snapshot
    facts: list[dict[str, Any]] = []
    for (status, one), state in zip(verdicts, seen.states, strict=True):
        fact = json.loads(to_json(DomainFact, status))
        why = json.loads(to_json(ExplanationFact, explain(state, snapshot.at, snapshot.plan)))
        facts.append({**fact, "holding": one.holding.value, "reason": one.reason, "why": why})
    document = {
        "at": timestamp(snapshot.at),
        "vantage": snapshot.plan.vantage,
        "holding": holding.value,
        "domains": facts,
        "delegations": [json.loads(to_json(DelegationFact, one)) for one in snapshot.delegations],
    }
    return json.dumps(document, indent=2)


def _print_table(
    verdicts: list[tuple[DomainStatus, Verdict]], delegations: tuple[Delegation, ...], at: Instant
) -> None:
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    longest = max((len(display(status.domain.name)) for status, _ in verdicts), default=0)
    table.add_column("domain", min_width=min(longest, _LONG_NAME), overflow="fold")
    resolvers = any(status.resolvers for status, _ in verdicts)
    seen = ("resolvers", "v1 in caches") if resolvers else ()
    for heading in ("wave", "expected", "state", "A", "AAAA", "TXT owner", *seen, "holds"):
        table.add_column(heading, overflow="fold")
    for status, one in verdicts:
        table.add_row(
            Text(display(status.domain.name)),
            Text(status.domain.wave),
            status.domain.expectation.value,
            status.state.value,
            _record(status, RecordType.A),
            _record(status, RecordType.AAAA),
            Text(_owners(status)),
            *((_converged(status), _drain(status, at)) if resolvers else ()),
            Text(_WORDS[one.holding], style=_COLOURS[one.holding]),
        )
    console.print(table)
    for status, one in verdicts:
        if one.holding is not Holding.HOLDS:
            console.print(Text(one.reason, style=_COLOURS[one.holding]), soft_wrap=True)
        for finding in status.findings:
            told = Text(f"{finding.code}: ", style=_SEVERITY_COLOURS[finding.severity])
            console.print(told.append(f"{finding.sentence} {finding.remedy}", style="default"), soft_wrap=True)
    problems = [problem.sentence for delegation in delegations for problem in delegation.problems]
    for sentence in problems[:_PROBLEMS]:
        console.print(Text(sentence, style="yellow"), soft_wrap=True)
    if len(problems) > _PROBLEMS:
        console.print(f"{len(problems) - _PROBLEMS} more problems of delegations; --output json lists them all.")
    counted = {holding: sum(one.holding is holding for _, one in verdicts) for holding in Holding}
    console.print(
        f"{len(verdicts)} looked at: {counted[Holding.HOLDS]} as expected, {counted[Holding.FAILS]} not, "
        f"{counted[Holding.UNKNOWN]} not known."
    )


def _record(status: DomainStatus, rdtype: RecordType) -> str:
    for record in status.records:
        if record.rdtype is rdtype:
            state = "-" if record.state is RecordState.ABSENT and not record.existed else record.state.value
            ratio = next((share.ratio for share in status.shares if share.rdtype is rdtype), None)
            return (
                f"{state}, {percent(ratio)} v2" if record.state is RecordState.WEIGHTED and ratio is not None else state
            )
    return ""


def _converged(status: DomainStatus) -> str:
    """Say how many of the resolvers that answer say what the authoritative servers say."""
    done, known = converged(status.resolvers)
    return f"{done} of {known}" if known else "-"


def _drain(status: DomainStatus, at: Instant) -> str:
    """Say for how long caches may lead to v1: as far as TTLs allow, or else as the resolvers that were asked say."""
    drain = status.drain
    if drain is None:
        return "-"
    if drain.deadline is not None:
        left = drain.deadline.monotonic - at.monotonic
        return f"for {duration(left)}" if left > 0 else "no more"
    if drain.held_until is not None:
        return f"for {duration(drain.held_until.monotonic - at.monotonic)}, at {drain.holding}"
    return "none seen"


def _owners(status: DomainStatus) -> str:
    """Name the owners for a cell of the table: whoever writes TXT records must not fill the terminal with them."""
    owners = sorted({owner.owner for txt in status.txts for owner in txt.owners})
    shown = [owner if len(owner) <= _LONG_OWNER else owner[: _LONG_OWNER - 1] + "…" for owner in owners]
    return listed(shown) or "-"
