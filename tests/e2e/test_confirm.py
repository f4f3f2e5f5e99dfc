"""`confirm` and `gate`, as the one who signs off a wave uses them: real name servers, short soaks."""

import json
import re
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from probe.runtime.clock import SystemClock
from tests.e2e.command import LONGEST, call, call_on_a_terminal
from tests.e2e.daemon import Daemon, Running, daemon, running
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.updates import point
from tests.patience import HANG
from tests.real_servers import RealServer, bind, nsd

pytestmark = [pytest.mark.e2e, pytest.mark.real]

SOAK = 3  # seconds
LOOKING = "20s"
"""Until it is given up, two seconds' soak before: enough to hear every server, on however busy a machine."""
MOVED, FOUGHT = "moved.example.com", "fought.example.com"
ZONE = f"""
@ NS ns
ns A 127.0.0.1
moved 5 A {V2}
a-moved 5 TXT {OWNERSHIP}
fought 5 A {V2}
a-fought 5 TXT {OWNERSHIP}
"""


@pytest.fixture(scope="module")
def primary() -> Iterator[RealServer]:
    with bind({"example.com": ZONE}) as server:
        yield server


@pytest.fixture(scope="module")
def text(primary: RealServer) -> str:
    """A plan whose soak is three seconds."""
    plan = plan_text(
        wave("moved", "v2", MOVED),
        wave("fought", "v2", FOUGHT),
        wave("late", "moving", "late.example.com"),
        authoritative={"overrides": {"example.com": [f"{primary.address}:{primary.port}"]}},
    )
    return plan + f"soak: {SOAK}s\n"


@pytest.fixture
def plan(text: str, tmp_path: Path) -> Path:
    return plan_file(tmp_path, text)


def test_a_wave_that_holds_is_signed_off_in_every_format(command: Path, plan: Path) -> None:
    files = [plan.with_name(f"sign-off.{suffix}") for suffix in ("md", "html", "json")]
    reports = [part for file in files for part in ("--report", file)]
    confirmed = call(command, "confirm", "--config", plan, "--wave", "moved", "--signed-by", "R. Oncall", *reports)
    assert confirmed.status == 0, confirmed
    told = re.search(
        r"Confirmed\. Wave moved is confirmed: its only domain has held every criterion for (\d+) s\.", confirmed.out
    )
    assert told is not None, confirmed
    assert int(told[1]) >= SOAK
    assert "\x1b" not in confirmed.out + confirmed.err
    assert "moved.example.com: has held every criterion" in confirmed.err
    markdown, html, written = (file.read_text(encoding="utf-8") for file in files)
    for text in (markdown, html):
        assert "R. Oncall" in text
        assert "The only server answers v2 for A." in text
    document = json.loads(written)
    assert (document["outcome"], document["soak"], document["signed_by"]) == ("confirmed", 3.0, "R. Oncall")
    (domain,) = document["domains"]
    assert domain["confirmation"]["confirmed"] is True
    assert domain["records"][0]["servers"][0]["answers"] == [V2]
    assert [turn["standing"] for turn in domain["course"]][-1] == "passes"
    assert sorted(path.name for path in plan.parent.iterdir()) == sorted(["plan.yaml", *(file.name for file in files)])


def test_a_change_back_breaks_the_soak_and_ends_it_when_the_time_cannot_suffice(
    command: Path, plan: Path, primary: RealServer
) -> None:
    report = plan.with_name("sign-off.json")
    arguments: list[str | Path] = [
        command,
        "confirm",
        "--config",
        plan,
        "--wave",
        "fought",
        "--soak",
        "30s",
        "--timeout",
        "60s",
    ]
    try:
        with running(Running, [*arguments, "--report", report], plan.with_suffix(".log")) as soaking:
            soaking.wait_for("the soak goes on", lambda: "of the soak of 30 s are left" in soaking.text)
            point(primary, FOUGHT, V1, zone="example.com")
            status = soaking.ended_within(LONGEST)
    finally:
        point(primary, FOUGHT, V2, zone="example.com")
    assert status == 2, soaking.text
    assert "the soak starts again" in soaking.text
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["outcome"] == "does not hold"
    assert document["ending"] == "what is left of the time is shorter than what is left of the soak"
    confirmation = document["domains"][0]["confirmation"]
    assert (confirmation["breaks"], confirmation["broken"]["criterion"]) == (1, "authoritative")
    assert "answers v1 for A" in confirmation["broken"]["sentence"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_an_honest_report(command: Path, plan: Path, number: signal.Signals) -> None:
    report = plan.with_name("sign-off.md")
    arguments: list[str | Path] = [command, "confirm", "--config", plan, "--wave", "moved", "--soak", "1h"]
    arguments += ["--report", report]
    with running(Running, arguments, plan.with_suffix(".log")) as soaking:
        soaking.wait_for("the soak goes on", lambda: "of the soak of 60 min are left" in soaking.text)
        soaking.send(number)
        assert soaking.ended_within(LONGEST) == 3, soaking.text
    assert "# Sign-off: moved: not enough evidence" in report.read_text(encoding="utf-8")
    assert "it was interrupted" in soaking.text


def test_what_cannot_be_done_is_said_at_once_and_leaves_nothing_behind(command: Path, plan: Path) -> None:
    moving = call(command, "confirm", "--config", plan, "--wave", "late")
    assert (moving.status, moving.out) == (1, "")
    assert "there is nothing to hold it to" in moving.err
    nowhere = call(command, "confirm", "--config", plan, "--wave", "moved", "--report", plan.parent / "no" / "x.md")
    assert (nowhere.status, "cannot be written" in nowhere.err) == (1, True)
    odd = call(command, "confirm", "--config", plan, "--wave", "moved", "--report", plan.with_name("sign-off.pdf"))
    assert (odd.status, ".md, .html or .json" in odd.err) == (1, True)
    short = call(command, "confirm", "--config", plan, "--wave", "moved", "--soak", "1h", "--timeout", "1m")
    assert (short.status, "is shorter than the soak" in short.err) == (1, True)
    assert [path.name for path in plan.parent.iterdir()] == ["plan.yaml"]


@pytest.mark.case("F2")
def test_servers_that_never_answer_end_it_with_a_report_of_nothing(command: Path, tmp_path: Path) -> None:
    text = plan_text(
        wave("first", "v2", "app.example.org"), authoritative={"overrides": {"example.org": ["127.0.0.99:5399"]}}
    )
    silent = plan_file(tmp_path, text)
    arguments: list[str | Path] = ["--soak", "2s", "--timeout", "3s", "--report", tmp_path / "sign-off.md"]
    ended = call(command, "confirm", "--config", silent, "--wave", "first", *arguments)
    assert ended.status == 1, ended
    assert "No server answered anything" in ended.err
    told = (tmp_path / "sign-off.md").read_text()
    assert "not enough evidence" in told
    assert "The soak ended because no server answered anything" in told


def test_on_a_terminal_progress_is_shown_and_the_outcome_stays(command: Path, plan: Path) -> None:
    status, shown = call_on_a_terminal(command, "confirm", "--config", str(plan), "--wave", "moved")
    assert status == 0, shown
    assert "━" in shown  # of the bar
    assert f"of the soak of {SOAK} s are left" in shown
    assert shown.rindex("is confirmed") > shown.rindex("━")


def test_a_gate_opens_once_the_daemon_has_confirmed_and_closes_when_the_wave_breaks(
    command: Path, plan: Path, primary: RealServer
) -> None:
    with daemon(command, plan) as watching:
        gate: list[str | Path] = ["gate", "--config", plan, "--url", watching.url]

        def ask(*arguments: str) -> tuple[int, str]:
            called = call(command, *gate, *arguments)
            return called.status, called.out + called.err

        status, told = ask("--wave", "fought", "--wait", f"{HANG:g}s")
        assert status == 0, told
        assert "Wave fought is confirmed" in told
        assert watching.scrape().total("cutover_wave_confirmed", wave="fought") == 1
        assert ask("--wave", "late")[0] in (2, 3)
        point(primary, FOUGHT, V1, zone="example.com")
        try:
            watching.wait_until(
                "the break is seen", lambda scrape: scrape.total("cutover_wave_confirmed", wave="fought") == 0
            )
            status, told = ask("--wave", "fought")
            assert (status, "Wave fought does not hold" in told) == (2, True), told
        finally:
            point(primary, FOUGHT, V2, zone="example.com")
        other = plan_file(plan.parent, plan.read_text(encoding="utf-8") + "# another\n", "other.yaml")
        called = call(command, "gate", "--config", other, "--url", watching.url, "--wave", "moved")
        assert (called.status, "has another plan" in called.out) == (3, True)
        told_as_json = json.loads(call(command, *gate, "--wave", "moved", "--output", "json").out)
        assert told_as_json["daemons"][0]["facts"]["domains"][0]["name"] == MOVED


def test_a_secondary_that_stays_behind_keeps_a_wave_from_being_confirmed(command: Path, tmp_path: Path) -> None:
    """Two servers that know nothing of each other: one still has the old side."""
    with (
        nsd({"example.com": f"@ NS ns\nns A 127.0.0.1\nmoved A {V2}\na-moved TXT {OWNERSHIP}\n"}) as one,
        nsd(
            {"example.com": f"@ NS ns\nns A 127.0.0.1\nmoved A {V1}\na-moved TXT {OWNERSHIP}\n"},
            addresses=("127.0.0.2",),
        ) as other,
    ):
        servers = [f"{server.address}:{server.port}" for server in (one, other)]
        text = plan_text(wave("moved", "v2", MOVED), authoritative={"overrides": {"example.com": servers}})
        ended = call(
            command, "confirm", "--config", plan_file(tmp_path, text), "--wave", "moved", "--soak", "2s",
            "--timeout", LOOKING,
        )  # fmt: skip
        assert ended.status == 2, ended
        assert "127.0.0.2" in ended.out
        assert "answers v1 for A" in ended.out


def test_a_soak_goes_on_after_the_daemon_was_killed_without_the_time_in_which_nobody_looked(
    command: Path, plan: Path
) -> None:
    text = plan.read_text(encoding="utf-8").replace("soak: 3s", "soak: 1h")
    kept = plan_file(plan.parent, text + f"state: {{path: {plan.parent / 'journal.db'}}}\n", "kept.yaml")

    def held(watching: Daemon) -> float:
        return watching.scrape().total("cutover_wave_held_seconds", wave="moved")

    def answers(watching: Daemon) -> float:
        return watching.scrape().total("cutover_answers_total", domain=MOVED)

    with daemon(command, kept) as watching:
        watching.wait_for("some of the soak is held", lambda: held(watching) > 5)
        before, seen = watching.domain(MOVED)["confirmation"], answers(watching)
        watching.wait_for("it goes on", lambda: answers(watching) > seen)
        watching.wait_for("it is in the journal", partial(watching.is_safe, SystemClock().now().wall))
        watching.send(signal.SIGKILL)
        watching.ended_within(LONGEST)
    with daemon(command, kept) as watching:
        watching.wait_for("it holds again", lambda: watching.domain(MOVED)["confirmation"]["standing"] == "passes")
        after = watching.domain(MOVED)["confirmation"]
        assert (after["since"], after["breaks"]) == (before["since"], 0)
        assert after["held"] >= before["held"]  # all of it was written
        assert after["unwatched"] > 0
        watching.wait_for("the clock runs", lambda: held(watching) > after["held"] + 1)
