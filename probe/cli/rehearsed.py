"""How `rehearse` writes for people what it has played: what comes of it, what to do, and how it goes where it fails.

The ways that a plan leaves open mostly come to the same: what does is written once. The report and the JSON have all.
"""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from probe.cli.printing import STYLES, check_line, print_rows, say, standard_output
from probe.model.check import CheckOutcome, worst
from probe.model.name import DomainName, display
from probe.model.rehearsal import Act, Course, Moment, Rehearsal, Requests
from probe.model.text import listed, plural
from probe.report.readable import readable
from probe.report.rehearsal import TITLES, clock_of, gap_of, span_of


def print_rehearsal(rehearsal: Rehearsal, waves: Iterable[str]) -> None:
    """Print a rehearsal on standard output."""
    console = standard_output()
    _print_table(console, rehearsal)
    for check in rehearsal.told:
        if check.outcome is not CheckOutcome.PASS:
            columns = ((check.name, 12, "default"), (f"{check.subject}: ", 0, "bold"))
            say(console, check_line(check, f"{check.outcome.value:<8}", *columns))
    _print_timelines(console, [one for one in rehearsal.courses if one.faults and one.moments])
    _print_requests(console, rehearsal.requests)
    console.print("Assumptions:")
    for sentence in rehearsal.assumptions:
        say(console, Text(f"  {sentence}"))
    outcome = rehearsal.outcome
    gravest = dict.fromkeys(check.subject for check in rehearsal.checks if check.outcome is outcome)
    told = waves if "plan" in gravest else gravest  # what is of no wave is said of all that move
    say(console, Text(f"{listed(list(told))}: {TITLES[outcome]}.", style=STYLES[outcome]))


def _print_table(console: Console, rehearsal: Rehearsal) -> None:
    rows: dict[tuple[tuple[str, ...], tuple[DomainName, ...]], list[Course]] = {}
    for one in rehearsal.courses:
        cells: tuple[str, ...] = (
            _outcome(one, rehearsal).value,
            f"{one.wave} {one.act.value}",
            display(one.hosts[0]) if len(one.hosts) == 1 else plural(len(one.hosts), "host"),
            listed(one.ends),
            span_of(one),
            gap_of(one),
            readable(listed(one.owners)),
        )
        rows.setdefault((cells, one.hosts), []).append(one)
    if not rows:
        return
    alike = Counter((cells[1], hosts) for cells, hosts in rows)
    waves = list(dict.fromkeys(one.wave for one in rehearsal.courses))
    printed = [
        [
            Text(cells[0], style=STYLES[CheckOutcome(cells[0])]),
            *map(Text, cells[1:]),
            Text(_in_ways(told) if alike[cells[1], hosts] > 1 else ""),
        ]
        for (cells, hosts), told in sorted(rows.items(), key=lambda row: _place(row[1][0], waves))
    ]
    headings = ["", "wave, act", "hosts", "leads to", "changes", "gap", "owner", "if"]
    if not any(row[-1].plain for row in printed):
        printed = [row[:-1] for row in printed]
    print_rows(console, headings[: len(printed[0])], printed)


def _place(one: Course, waves: list[str]) -> tuple[int, int]:
    return waves.index(one.wave), list(Act).index(one.act)


def _in_ways(told: list[Course]) -> str:
    more = f" (or {plural(len(told) - 1, 'other way')})" if len(told) > 1 else ""
    return told[0].condition.replace("the ExternalDNS of ", "") + more


def _outcome(one: Course, rehearsal: Rehearsal) -> CheckOutcome:
    if not one.faults:
        return CheckOutcome.PASS
    alike = [
        check.outcome
        for check in rehearsal.checks
        if (check.name, check.subject) == (one.act.value, one.wave) and check.outcome is not CheckOutcome.PASS
    ]
    return worst(alike)


def _print_timelines(console: Console, courses: Iterable[Course]) -> None:
    """Print what goes wrong, sync by sync: once for all acts and waves in which it goes alike."""
    told: dict[tuple[Moment, ...], list[Course]] = {}
    for one in courses:
        told.setdefault(one.moments, []).append(one)
    if told:
        console.print("Sync by sync, in the phases that are worst (minutes and seconds after the act):")
    for moments, alike in told.items():
        acts = listed(list(dict.fromkeys(f"{one.wave} {one.act.value}" for one in alike)))
        names = listed(list(dict.fromkeys(display(host) for one in alike for host in one.hosts)))
        certain = any(not one.condition for one in alike)
        say(console, Text(f"  {acts}: {names}{'' if certain else f' (if {_in_ways(alike)})'}", style="bold"))
        for moment in moments:
            say(console, Text(f"    {'+' + clock_of(moment.at):>9}  {readable(moment.text)}"))
        codes = list(dict.fromkeys(code.value for one in alike for code in one.findings))
        if codes:
            say(console, Text(f"    The daemon would report {listed(codes)}."))


def _print_requests(console: Console, requests: Iterable[Requests]) -> None:
    """Print how often Route 53 is asked to change something: those who ask once an act has settled."""
    asking: dict[tuple[str, float, float], list[str]] = {}
    for one in requests:
        if one.per_minute > 0:
            when = f"{one.act.value} of {one.wave}" if one.wave else one.act.value
            asking.setdefault((one.sender, one.per_minute, one.refused_per_minute), []).append(when)
    if asking:
        console.print("Change requests to Route 53 a minute, once an act has settled:")
    for (sender, rate, refused), whens in asking.items():
        told = f"{rate:.1f} requests, {f'{refused:.1f} of them' if refused else 'none'} refused"
        say(console, Text(f"  {sender}: {told} ({listed(list(dict.fromkeys(whens)))})"))
