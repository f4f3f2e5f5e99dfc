"""Options that several commands have, written once."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from probe.config.mistakes import Unusable, quoted
from probe.config.values import parse_endpoint, parse_seconds
from probe.model.plan import Endpoint, Shard
from probe.telemetry.log_choice import LogFormat, LogLevel

F = TypeVar("F", bound=Callable[..., Any])

MAX_SHARDS = 64
"""Shards at most: with 10,000 domains each that is far more than Route 53 holds names for in most companies."""


def endpoint(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Endpoint | None:
    """Read `ADDRESS:PORT` as the plan's `listen` is read (a callback for click).

    Raises:
        click.BadParameter: It is no such text.
    """
    if value is None:
        return None
    try:
        return parse_endpoint(value, default_port=None, port_zero=True)
    except Unusable as error:
        raise click.BadParameter(f"{error.message}; {error.remedy}.") from error


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic for the type checker only, in newer versions
    """A duration as the plan writes them (`30s`, `5m`, `1h30m`, or a number of seconds), to seconds.

    Args:
        positive: Whether there must be some of it.
    """

    name = "duration"

    def __init__(self, *, positive: bool = True) -> None:
        self._positive = positive

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration as the plan writes one, in seconds.

        Raises:
            click.BadParameter: It is none, or out of bounds.
        """
        try:
            seconds = parse_seconds(float(value) if isinstance(value, str) and _is_number(value) else value)
        except Unusable as error:
            self.fail(f"{error.message}; {error.remedy}.", param, ctx)
        if seconds < 0 or (self._positive and seconds == 0):
            self.fail(f"{quoted(value)} is too little; write how long, such as `30m`.", param, ctx)
        return seconds


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdecimal()


class FiniteNumber(click.FloatRange):
    """A number within bounds. `nan` is none, though click lets it through every bound, and `inf` ends nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it, in the unit of its option: seconds, or times.

        Raises:
            click.BadParameter: It is no number, or out of bounds.
        """
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{quoted(value)} is no number that can be counted with.", param, ctx)
        return number


def config_option(command: F) -> F:
    """`--config FILE`."""
    return click.option(
        "--config",
        "file",
        required=True,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The plan file (YAML); `-` is standard input, for a command that looks once. "
        "`cutover-probe config check FILE` checks it.",
    )(command)


def plan_of_daemon_option(command: F) -> F:
    """`--config FILE`, where a daemon is asked and the plan is only what it has to go by."""
    return click.option(
        "--config",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The plan file: it has the daemon's address, and the daemon has to have loaded exactly this file.",
    )(command)


def narrowing_options(command: F) -> F:
    """`--wave` and `--domain`, each any number of times."""
    with_domain = click.option(
        "--domain", "domains", multiple=True, metavar="NAME", help="Only this domain; likewise."
    )(command)
    return click.option(
        "--wave", "waves", multiple=True, metavar="WAVE", help="Only this wave; may be given several times."
    )(with_domain)


def output_option(people: str, what: str) -> Callable[[F], F]:
    """`--output`: for people (`table` or `text`), unless told `json`.

    Args:
        people: What people get.
        what: The help.
    """
    return click.option("--output", type=click.Choice([people, "json"]), default=people, show_default=True, help=what)


def report_option(what: str) -> Callable[[F], F]:
    """`--report`, any number of times; `what` is written there, in the format of the file's name."""
    return click.option(
        "--report",
        "reports",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="PATH",
        help=f"Write {what}: PATH ends in .md, .html or .json; may be repeated.",
    )


def patience_option(seconds: float) -> Callable[[F], F]:
    """`--timeout`: how long a look may take."""
    return click.option(
        "--timeout",
        type=FiniteNumber(min=0, min_open=True),
        default=seconds,
        show_default=True,
        help="Seconds after which it ends; what is open then is reported as not known.",
    )


def shard_options(command: F) -> F:
    """`--shard` and `--total-shards`."""
    with_total = click.option(
        "--total-shards",
        type=click.IntRange(1, MAX_SHARDS),
        default=1,
        show_default=True,
        metavar="N",
        help="Into how many parts the plan's domains are divided; each process watches one.",
    )(command)
    return click.option(
        "--shard",
        metavar="I",
        default="0",
        show_default=True,
        help="Which part this process watches, from 0 to N - 1; `auto` takes the number at the end of the host's name, "
        "as a StatefulSet's pods have it.",
    )(with_total)


def shard(ordinal: str, total: int, host: str) -> Shard:
    """Read `--shard` and `--total-shards`, on a host of this name.

    Raises:
        click.BadParameter: There is no such part.
    """
    where = "--shard"
    if ordinal == "auto":
        where, ordinal = f"the host's name {host}", host.partition(".")[0].rpartition("-")[2]
    if not (ordinal.isascii() and ordinal.isdecimal()):
        raise click.BadParameter(
            f"{where} does not end in a number; give one from 0 to {total - 1}.", param_hint="--shard"
        )
    if int(ordinal) >= total:
        raise click.BadParameter(
            f"{where} says {int(ordinal)}, but with {total} shards the last one is {total - 1}.", param_hint="--shard"
        )
    return Shard(int(ordinal), total)


def state_option(command: F) -> F:
    """`--state.path FILE`."""
    return click.option(
        "--state.path",
        "state",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The journal, an SQLite file, created when it does not exist: a restart resumes from it, and "
        "`replay` judges it again. Without it only memory is used.",
    )(command)


def log_options(level: LogLevel) -> Callable[[F], F]:
    """`--log.level` and `--log.format`, with this level unless told."""

    def decorate(command: F) -> F:
        with_format = click.option(
            "--log.format",
            "log_format",
            type=click.Choice([one.value for one in LogFormat]),
            default=LogFormat.AUTO.value,
            show_default=True,
            help="auto writes text on a terminal, and JSON elsewhere.",
        )(command)
        return click.option(
            "--log.level",
            "log_level",
            type=click.Choice([one.value for one in LogLevel]),
            default=level.value,
            show_default=True,
            help="The least important event that is logged, to standard error.",
        )(with_format)

    return decorate
