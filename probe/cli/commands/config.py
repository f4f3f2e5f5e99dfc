"""`cutover-probe config`: whether a plan is good, what a plan may say, and what watching it costs."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from probe.cli.errors import CommandError
from probe.cli.options import output_option
from probe.cli.plans import read_plan_and_doubts, shown
from probe.cli.printing import standard_output
from probe.cli.shipped import dashboards, start_plan
from probe.config.json_schema import schema_text
from probe.config.mistakes import Mistake, PlanError
from probe.config.values import show_seconds
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.polling.cost import DAYS_PER_MONTH, PRICES, Bill, CostPlan, GroupCost, ServerLoad, cost_plan
from probe.judge.polling.http import CHECKS_PER_SECOND
from probe.model.name import display
from probe.model.plan import Plan
from probe.runtime.stretch import CALM_SHARE
from probe.telemetry.rules.rules_file import rules_text

_RELIEF = "Raise the intervals or `queries_per_second` under `probing`, or split the plan."
_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group("config", short_help="Write and check a plan; print what belongs to it.")
def config_group() -> None:
    """Write and check a plan file, show what watching it costs, print its schema, alerting rules and dashboards."""


@config_group.command("init", short_help="Write a commented plan to start from.")
@click.argument("file", type=click.Path(path_type=Path), default=Path("-"))
def init(file: Path) -> None:
    """Write a commented plan to start from to FILE, or to standard output. A file that is there is never overwritten.

    \b
    Examples:
      cutover-probe config init plan.yaml
      cutover-probe config check plan.yaml
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    if str(file) == "-":
        click.echo(start_plan(), nl=False)
        return
    _write_new(file, start_plan())
    click.echo(f"{file} is a plan to start from: put your load balancers and domains in, then")
    click.echo(f"  cutover-probe config check {file}")


@config_group.command("dashboards", short_help="Write the Grafana dashboards into a folder.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def dashboards_command(folder: Path) -> None:
    """Write the Grafana dashboards into FOLDER, as Grafana imports and provisions them; older ones are replaced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in dashboards().items():
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(str(folder / name))
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error.strerror}.") from error


@config_group.command("check", short_help="Say every mistake of a plan, with line and column.")
@_FILE
def check(file: Path) -> None:
    """Check FILE (`-` is standard input); say every mistake with its line and column.

    Exits with 0 when the plan is good and with 1 when it is not. What a good plan probably does not mean is told as a
    warning.
    """
    plan, doubts = _load(file)
    for doubt in doubts:
        click.echo(f"{doubt} (a warning: the plan is accepted, because it may tell what runs)", err=True)
    parts = [f"{_count(len(plan.domains), 'domain')} in {_count(len(plan.waves), 'wave')}"]
    parts.append(_count(len(plan.resolvers), "resolver") if plan.resolvers else "no resolvers")
    parts.append(f"vantage {plan.vantage}")
    click.echo(f"{shown(file)}: {', '.join(parts)}")


@config_group.command("schema")
def schema() -> None:
    """Print the JSON Schema of the plan file (draft 2020-12)."""
    click.echo(schema_text(), nl=False)


@config_group.command("rules", short_help="Print the recording and alerting rules of Prometheus.")
def rules() -> None:
    """Print the recording and alerting rules, as a file that Prometheus loads (rule_files)."""
    click.echo(rules_text(CATALOGUE.values()), nl=False)


@config_group.command("plan", short_help="Show what would be asked how often, and its price.")
@_FILE
@output_option("table", "For people or for programs.")
def plan(file: Path, output: str) -> None:
    """Show what would be asked how often for FILE, and what Route 53 would bill for it. Nothing is asked."""
    costs = cost_plan(_load(file)[0])
    if output == "json":
        click.echo(json.dumps(_as_json(costs), indent=2))
        return
    console = standard_output()
    console.print(_groups_table(costs))
    console.print(_servers_table(costs))
    for line in _sentences(costs):
        console.print(line, markup=False, soft_wrap=True)


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError as error:
        raise CommandError(f"{file} is there already, and is left as it is: name another file.") from error
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error


def _load(file: Path) -> tuple[Plan, tuple[Mistake, ...]]:
    try:
        return read_plan_and_doubts(file)
    except PlanError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from error


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _groups_table(costs: CostPlan) -> Table:
    table = Table(title=f"What is asked while all is calm: {_count(costs.domains, 'domain')}", title_justify="left")
    table.add_column("questions")
    for heading in ("every", "per domain and minute", "per second"):
        table.add_column(heading, justify="right")
    table.add_column("billed by Route 53")
    for group in costs.groups:
        table.add_row(
            group.group.value,
            show_seconds(group.interval),
            "" if group.per_domain_minute is None else f"{group.per_domain_minute:.1f}",
            f"{group.per_second:,.2f}",
            _billed(group),
        )
    table.add_section()
    table.add_row("A, AAAA and TXT", "", f"{costs.per_domain_minute:.1f}", "", "")
    table.add_row("altogether", "", "", f"{costs.per_second:,.2f}", "")
    return table


def _billed(group: GroupCost) -> str:
    if group.billed:
        return "yes"
    return "no, for aliases" if group.group.value in ("A", "AAAA") else "no"


def _servers_table(costs: CostPlan) -> Table:
    table = Table(title="What each server gets while all is calm", title_justify="left")
    table.add_column("servers of")
    for heading in ("domains", "servers", "per server and second", f"of the limit of {costs.limit:g}"):
        table.add_column(heading, justify="right")
    for name, load in _named_loads(costs):
        table.add_row(
            name, f"{load.domains:,}", str(load.servers), f"{load.per_server_second:.2f}", f"{load.share:.0%}"
        )
    return table


def _named_loads(costs: CostPlan) -> list[tuple[str, ServerLoad]]:
    zones = [("one Route 53 zone for all" if one.zone is None else display(one.zone), one) for one in costs.loads]
    return zones if costs.resolvers is None else [*zones, ("each resolver", costs.resolvers)]


def _sentences(costs: CostPlan) -> list[str]:
    day, month, every = _bill(costs.day), _bill(costs.month), _bill(costs.month_without_aliases)
    in_days = f"in {DAYS_PER_MONTH} days"
    checks = [_checks(costs)] if costs.checked else []
    burst = f"An hour of burst adds at most {costs.burst_questions:,.0f} questions for a domain"
    return [
        f"Route 53 bills {day} a day and {month} {in_days}, when A and AAAA are aliases to load balancers (free).",
        f"When they are not, it is {every} {in_days}.",
        f"{burst}, of which at most {_bill(costs.burst_hour)} are billed.",
        *checks,
        f"Prices are {PRICES}. All domains whose servers the plan does not give are taken to be in one hosted zone.",
        *(
            f"Too much for {name}: calm turns may fill {CALM_SHARE:.0%} of the limit, so that they come "
            f"{load.share / CALM_SHARE:.1f} times as seldom. {_RELIEF}"
            for name, load in _named_loads(costs)
            if load.share > CALM_SHARE
        ),
    ]


def _checks(costs: CostPlan) -> str:
    made = f"{costs.checks_per_second:,.2f} HTTPS connections a second to the load balancers of both sides"
    late = "" if costs.checks_per_second <= CHECKS_PER_SECOND else f"; {CHECKS_PER_SECOND:g} are made, the rest later"
    return f"The checks of {_count(costs.checked, 'domain')} make {made} while all is calm{late}."


def _bill(bill: Bill) -> str:
    return (
        f"{bill.queries:,.0f} queries ({bill.usd:,.4f} USD)"
        if bill.usd < 1
        else f"{bill.queries:,.0f} queries ({bill.usd:,.2f} USD)"
    )


def _as_json(costs: CostPlan) -> dict[str, Any]:
    return {**dataclasses.asdict(costs), "prices": PRICES}
