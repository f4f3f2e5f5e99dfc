"""`cutover-probe check`: one look at every domain, a table or JSON, and an exit status for CI."""

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from probe.cli.errors import EXIT_STATUS, sentences
from probe.cli.look import Look, look
from probe.cli.options import config_option, log_options, narrowing_options, output_option, patience_option
from probe.cli.plans import read_plan
from probe.cli.printing import SEVERITY_STYLES, STYLES, answer, print_rows, say, standard_output
from probe.cli.progress import looking
from probe.cli.selection import narrow
from probe.judge.acceptance.expectation import verdict
from probe.judge.domain import cache_of, open_split
from probe.judge.domain_text import SEEN_ALIKE, SEEN_LATE
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.zone_views import views
from probe.model.check import Check, CheckOutcome, worst
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import Finding, FindingCode
from probe.model.name import display
from probe.model.question import RecordType
from probe.model.record import RecordState
from probe.model.resolver import converged
from probe.model.snapshot import Snapshot
from probe.model.text import duration, listed, percent, plural
from probe.report.readable import readable
from probe.runtime.clock import SystemClock
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up

LONGEST_LOOK = 180.0
"""Seconds: a change that travels may take 60, telling weights from a change takes as long again, and the rest is for
judging declared weights: four servers give some 4,000 answers in a minute."""
_LONG_OWNER = 40  # characters of a TXT owner: ids are short, and --output json has all of a long one
_PROBLEMS = 20  # sentences about name servers: a dead zone gives a handful
_HELD = 6  # names of domains that are looked at through caches: more are counted


@click.command("check", short_help="Check once whether every domain leads where it is expected.")
@config_option
@narrowing_options
@output_option("table", "A table for people, or JSON for programs, on standard output.")
@patience_option(LONGEST_LOOK)
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
    plan = narrow(read_plan(file), waves, domains)
    clock = SystemClock()
    set_up(clock, LogLevel(log_level), LogFormat(log_format))
    with looking(plan, clock) as show:
        seen = asyncio.run(look(plan, clock, timeout, show))
    snapshot = seen.snapshot
    looked = [(status, verdict(status)) for status in snapshot.domains]
    outcome = worst([*(one.outcome for _, one in looked), *map(_outcome_of, snapshot.findings)])
    if output == "json":
        click.echo(_as_json(seen, looked, outcome))
    else:
        _print(looked, snapshot)
    ctx.exit(EXIT_STATUS[outcome])


def _outcome_of(finding: Finding) -> CheckOutcome:
    """Tell what a finding about vantage or servers leaves open: what a blind or late probe saw is no proof."""
    if finding.code in (FindingCode.PROBE_BLIND, FindingCode.PROBE_BEHIND):
        return CheckOutcome.UNKNOWN
    fails = finding.severity.reaches(CATALOGUE[finding.code].fails_check)
    return CheckOutcome.FAIL if fails else CheckOutcome.WARN


def _say_finding(console: Console, finding: Finding) -> None:
    """Print a finding: its headline, what to do first with its command, what then, and the facts beneath."""
    told = Text(f"{finding.code}: ", style=SEVERITY_STYLES[finding.severity])
    say(console, told.append(finding.sentence, style="default"))
    commands = [(mark, text) for mark, _, text in (line.partition(" ") for line in finding.first.lines)]
    lines = [("Do:", finding.first.sentence), *commands, ("Then:", finding.then)]
    lines += [(f"{fact.label.value}:", readable(fact.text)) for fact in finding.facts]
    for label, text in lines:
        if text:
            say(console, Text(f"  {label} ", style="dim").append(text, style="default"))


def _as_json(seen: Look, looked: list[tuple[DomainStatus, Check]], outcome: CheckOutcome) -> str:
    from probe.cli.check_json import document  # noqa: PLC0415  # its schemas take a tenth of a second of CPU to load

    return json.dumps(document(seen, looked, outcome), indent=2)


def _print(looked: list[tuple[DomainStatus, Check]], snapshot: Snapshot) -> None:
    console, at = standard_output(), snapshot.at
    for finding in snapshot.findings:
        _say_finding(console, finding)
    resolvers = any(status.resolvers for status, _ in looked)
    headings = ["holds", "domain", "wave", "expected", "state", "A", "AAAA", "TXT owner"]
    headings += ["resolvers", "v1 in caches"] if resolvers else []
    print_rows(console, headings, [_row(status, one, at, resolvers=resolvers) for status, one in looked])
    for status, one in looked:
        if one.outcome is not CheckOutcome.PASS:
            say(console, _why(status, one))
        for finding in status.findings:
            _say_finding(console, finding)
        both = views(status, at, snapshot.plan)
        if both is not None and both.differ is not False:
            say(console, Text(f"{one.subject}, public and private: {readable(both.sentence)}", style="yellow"))
    held = [display(status.domain.name) for status, _ in looked if cache_of(status) is not None]
    if held:
        who = listed(held) if len(held) <= _HELD else plural(len(held), "domain")
        say(console, Text(f"Seen through the caches of their zones' resolvers: {who}; {SEEN_LATE}; {SEEN_ALIKE}."))
    problems = [problem.sentence for delegation in snapshot.delegations for problem in delegation.problems]
    for sentence in problems[:_PROBLEMS]:
        say(console, Text(sentence, style="yellow"))
    if len(problems) > _PROBLEMS:
        console.print(f"{len(problems) - _PROBLEMS} more problems of delegations; --output json lists them all.")
    counted = {outcome: sum(one.outcome is outcome for _, one in looked) for outcome in CheckOutcome}
    console.print(
        f"{len(looked)} looked at: {counted[CheckOutcome.PASS]} as expected, {counted[CheckOutcome.FAIL]} not, "
        f"{counted[CheckOutcome.UNKNOWN]} not known."
    )


def _row(status: DomainStatus, one: Check, at: Instant, *, resolvers: bool) -> tuple[Text, ...]:
    words = (
        one.subject,
        status.domain.wave,
        status.domain.expectation.value,
        status.state.value,
        _record(status, RecordType.A),
        _record(status, RecordType.AAAA),
        _owners(status),
        *((_converged(status), _drain(status, at)) if resolvers else ()),
    )
    return (answer(one.outcome), *map(Text, words))


def _why(status: DomainStatus, one: Check) -> Text:
    """Say why a domain is not, or not known to be, as expected: what is expected, and what was seen instead."""
    told = Text(f"{one.subject}, expected {status.domain.expectation.value}: ", style=STYLES[one.outcome])
    return told.append(one.sentence, style=STYLES[one.outcome])


def _record(status: DomainStatus, rdtype: RecordType) -> str:
    for record in status.records:
        if record.rdtype is rdtype:
            state = "-" if record.state is RecordState.ABSENT and not record.existed else record.state.value
            ratio = next((share.ratio for share in status.shares if share.rdtype is rdtype), None)
            if record.state.is_side and open_split(status) is not None:
                return f"{state} so far"
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
        return f"for {duration(left)}" if left > 0 else "none"
    if drain.held_until is not None:
        return f"for {duration(drain.held_until.monotonic - at.monotonic)}, at {drain.holding}"
    return "none seen"


def _owners(status: DomainStatus) -> str:
    """Name the owners for a cell of the table: whoever writes TXT records must not fill the terminal with them."""
    owners = sorted({owner.owner for txt in status.txts for owner in txt.owners})
    shown = [owner if len(owner) <= _LONG_OWNER else owner[: _LONG_OWNER - 1] + "…" for owner in owners]
    return listed(shown) or "-"
