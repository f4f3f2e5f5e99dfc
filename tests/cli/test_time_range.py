"""`--since` and `--until`: moments in UTC, or a time before the end."""

import click
import pytest
from click.testing import CliRunner

from probe.cli.time_range import Bound, Period, period, period_options

HALF_PAST = 1_795_912_200.0  # 2026-11-29T00:30:00Z


def read(*arguments: str) -> tuple[Bound | None, Bound | None]:
    found: list[tuple[Bound | None, Bound | None]] = []

    @click.command()
    @period_options
    def command(since: Bound | None, until: Bound | None) -> None:
        found.append((since, until))

    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return found[0]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("2026-11-29T00:30", Bound(HALF_PAST, before_end=False)),
        ("2026-11-29 00:30:15", Bound(HALF_PAST + 15, before_end=False)),
        ("2026-11-29T00:30:15Z", Bound(HALF_PAST + 15, before_end=False)),
        ("2026-11-29T09:30+09:00", Bound(HALF_PAST, before_end=False)),
        ("2026-11-29", Bound(HALF_PAST - 1_800, before_end=False)),
        ("8h", Bound(28_800, before_end=True)),
        ("1h30m", Bound(5_400, before_end=True)),
        ("90", Bound(90, before_end=True)),
    ],
)
def test_a_moment_or_a_time_before_the_end(text: str, bound: Bound) -> None:
    assert read("--since", text) == (bound, None)
    assert read("--until", text) == (None, bound)


@pytest.mark.parametrize("text", ["yesterday", "00:30", "2026-13-01", ""])
def test_what_is_no_time_is_told_what_would_be(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a time; write a moment in UTC such as"):
        read("--since", text)


def test_a_period_counts_from_the_end_of_what_there_is() -> None:
    assert period(None, None, 1_000.0) == Period()
    assert period(Bound(600, before_end=True), Bound(60, before_end=True), 1_000.0) == Period(400.0, 940.0)
    assert Period(400.0, 900.0).holds(400)
    assert not Period(400.0, 900.0).holds(900.1)


def test_what_is_shown_with_the_moment_of_an_end_belongs_to_it_though_its_milliseconds_are_cut_off() -> None:
    shown = period(None, Bound(900.012, before_end=False), 1_000.0)
    assert shown.holds(900.012_9)
    assert not shown.holds(900.013)


def test_a_period_that_ends_before_it_begins_is_a_mistake() -> None:
    with pytest.raises(click.BadParameter, match="--until is before --since"):
        period(Bound(60, before_end=True), Bound(120, before_end=True), 1_000.0)
