"""What the demonstration says on a terminal."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from probe.cli.commands.demo import _Programme
from probe.cli.main import root
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.finding import FindingCode
from probe.model.name import ROOT
from tests.clock import FakeClock
from tests.plans import plan
from tests.snapshots import finding

HEADLINE = (
    "Two ExternalDNS with the same owner id overwrite shop.example.com (A and AAAA) every 60 s, one after the other."
)
RAISED = finding("fight-same-owner", "shop.example.com.", HEADLINE)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines below the frame that has the addresses."""
    lines = capsys.readouterr().out.splitlines()
    return lines[next(index for index, line in enumerate(lines) if line.startswith("╰")) + 1 :]


@pytest.mark.parametrize(("speed", "said"), [("60", "exists already"), ("61", "61.0 is not in the range")])
def test_a_second_of_the_wall_is_at_most_a_sync_interval(tmp_path: Path, speed: str, said: str) -> None:
    kept = tmp_path / "demo.db"
    kept.touch()
    result = CliRunner().invoke(root, ["demo", "--speed", speed, "--state.path", str(kept)], standalone_mode=False)
    assert said in str(result.exception)


def test_its_port_is_the_plans_unless_told() -> None:
    shown = " ".join(CliRunner().invoke(root, ["demo", "--help"]).output.split())
    assert f"[default: {plan('app.example.com.').listen.port}, or a free one" in shown


def test_a_line_has_the_story_s_time_and_the_page_s_and_its_words_stand_beside_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = FakeClock(100.0)
    programme = _Programme(clock)
    programme.begins()
    programme.opens("http://127.0.0.1:9953/", 10)
    clock.advance(319)
    programme.effect(FindingRaised(RAISED, clock.now()))

    first, *more = told(capsys)

    assert first.startswith("  5:19  08:06:59  fight-same-owner: Two ExternalDNS")
    assert more
    assert all(line.startswith(" " * 18) and line[18:19].strip() for line in more)


def test_after_hours_the_columns_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    programme = _Programme(clock)
    programme.opens("http://127.0.0.1:9953/", 10)
    for _ in range(2):
        clock.advance(599 * 60 + 59)
        programme.effect(FindingCleared(RAISED, clock.now()))

    assert told(capsys) == [
        "599:59  17:59:59  fight-same-owner of shop.example.com is over.",
        "1199:58  03:59:58  fight-same-owner of shop.example.com is over.",
    ]


def test_what_is_over_of_the_probe_itself_is_of_no_domain(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    programme = _Programme(clock)
    programme.opens("http://127.0.0.1:9953/", 10)
    programme.effect(FindingCleared(replace(RAISED, code=FindingCode.PROBE_BEHIND, domain=ROOT), clock.now()))

    assert told(capsys) == ["  0:00  08:00:00  probe-behind is over."]


def test_what_happened_before_the_page_was_there_is_told_below_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    programme = _Programme(FakeClock())
    programme.effect(FindingRaised(RAISED, FakeClock().now()))
    assert capsys.readouterr().out == ""

    programme.opens("http://127.0.0.1:9953/", 10)

    assert told(capsys)[0].startswith("  0:00  08:00:00  fight-same-owner")
