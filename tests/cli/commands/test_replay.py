"""`replay` as a user calls it, over journals of the laboratory and of the tests' own worlds."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

from probe.cli.commands.replay import _Lines
from probe.cli.keeping import make_codec
from probe.cli.main import root
from probe.cli.replay_lines import compared
from probe.model.clock import Instant
from probe.model.confirmation import Break, Criterion
from probe.model.convergence import Stage
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.journal import Entry
from probe.model.name import DomainName
from probe.model.plan import Expectation, State
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, Transition
from probe.store.journal import Journal
from tests.plans import plan
from tests.runtime.bench import RESOLVER, Bench
from tests.runtime.tape import Tape, Watch, live
from tests.runtime.test_replay import API, SHOP, a_fight
from tests.store.journals import write

PLAN = """
vantage: test
sides:
  v1: {{load_balancers: [v1-1.ap-northeast-2.elb.amazonaws.com], external_dns: {{txt_owner_id: prod}}}}
  v2: {{load_balancers: [v2-2.ap-northeast-2.elb.amazonaws.com], external_dns: {{txt_owner_id: prod}}}}
waves:
  - {{name: first, expect: {expect}, domains: [{domains}]}}
"""


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A watch that saw a fight over one domain, was killed, and went on."""
    tape = Tape()

    async def goes_on(bench: Bench) -> None:
        await bench.clock.sleep(400)

    live(plan(SHOP, API, resolvers=(RESOLVER,)), tape, Watch(0.0, a_fight), Watch(500.0, goes_on))
    path = tmp_path_factory.mktemp("replay") / "journal.db"
    write(path, tape.entries)
    return path


def called(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(root, ["replay", *map(str, arguments)], standalone_mode=False)
    if result.exception is not None:
        return 1, result.stdout, getattr(result.exception, "message", repr(result.exception))
    return int(result.return_value), result.stdout, result.stderr


def lines(*arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    status, out, _ = called(*arguments, "--output", "json")
    return status, [json.loads(line) for line in out.splitlines()]


def test_the_same_settings_say_the_same_as_was_said_then(journal: Path) -> None:
    status, said = lines(journal)

    compared = [line for line in said if line["now"] is not None]
    assert len(compared) > 20
    assert all(line["now"] and line["then"] for line in compared)
    assert status == 2  # a fight is critical
    raised = [line for line in said if line["event"] == "finding_raised"]
    assert [(line["domain"], line["code"], line["severity"]) for line in raised] == [
        ("shop.example.com", "flip-flop", "critical"),  # at once; its cause comes with its evidence
        ("shop.example.com", "fight-same-owner", "critical"),
    ]
    assert raised[0]["at"].startswith("2027-01-15T08:0")
    assert raised[0]["evidence"]
    begun = [line for line in said if line["event"] == "watch_begun"]
    assert [line["unwatched_since"] is None for line in begun] == [True, False]


def test_the_table_shows_each_thing_and_counts(journal: Path) -> None:
    status, out, _ = called(journal)

    assert status == 2
    assert "fight-same-owner (critical): " in out
    assert "A went from v1 to v2 at 2027-01-15 08:0" in out
    assert "a watch of 2 domains begins and goes on from 2027-01-15 08:0" in out
    assert "both" in out
    assert "0 only now, 0 only then." in out


def test_other_settings_show_what_only_they_would_have_said(journal: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(PLAN.format(expect="v2", domains="shop.example.com"), encoding="utf-8")

    status, said = lines(journal, "--config", other)

    assert status == 2
    only_now = {line["code"] for line in said if line["event"] == "finding_raised" and not line["then"]}
    assert "laggard" in only_now
    assert {line["domain"] for line in said} - {None} == {"shop.example.com"}


def test_one_domain_alone_is_judged_on_demand(journal: Path) -> None:
    status, said = lines(journal, "--domain", "api.example.com")

    assert status == 0
    assert {line["domain"] for line in said} - {None} == {"api.example.com"}
    assert {line["after"] for line in said if line["event"] == "state_changed"} == {"v1"}


def test_what_comes_after_the_hours_that_are_wanted_is_not_read_though_nothing_is_said_of_it(journal: Path) -> None:
    def entries(*arguments: str) -> int:
        (count,) = re.findall(r"([\d,]+) entries:", called(journal, *arguments)[1])
        return int(count.replace(",", ""))

    calm_end = "1m"  # by then the fight has been over for long
    assert lines(journal, "--since", calm_end)[1] == []
    assert entries("--until", calm_end) < entries()


def test_progress_is_a_line_a_minute_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    progress = _Lines(2_000_000, lambda: now[0])
    for at, done in ((59.0, 5_000), (60.0, 10_000), (119.0, 15_000), (120.0, 1_500_000)):
        now[0] = at
        progress.show(done)

    assert capsys.readouterr().err.splitlines() == [
        "10,000 of 2,000,000 entries are read.",
        "1,500,000 of 2,000,000 entries are read.",
    ]


def test_what_a_narrow_replay_does_not_judge_again_is_said_beside_the_result(journal: Path, tmp_path: Path) -> None:
    said = (
        "1 other domain was not judged again: its changes, and the servers that stand against others for several "
        "domains, count as the probe told them then"
    )
    assert called(journal, "--domain", "api.example.com", "--output", "json")[2] == f"{said}.\n"
    assert called(journal)[2] == ""

    other = tmp_path / "other.yaml"
    other.write_text(PLAN.format(expect="v2", domains="shop.example.com, api.example.com"), encoding="utf-8")
    by_other = called(journal, "--config", other, "--domain", "api.example.com")[2]
    assert by_other == f"{said}; leave out --domain and --wave to see what the other plan makes of them.\n"


def test_a_plan_of_ones_own_says_the_same_of_a_domain_whether_it_has_the_others_or_not(
    journal: Path, tmp_path: Path
) -> None:
    both, alone = tmp_path / "both.yaml", tmp_path / "alone.yaml"
    both.write_text(PLAN.format(expect="v2", domains="shop.example.com, api.example.com"), encoding="utf-8")
    alone.write_text(PLAN.format(expect="v2", domains="shop.example.com"), encoding="utf-8")

    def of_shop(file: Path) -> list[dict[str, Any]]:
        _, said = lines(journal, "--config", file)
        return [line for line in said if line["domain"] == "shop.example.com"]

    assert of_shop(alone) == of_shop(both) != []


@pytest.mark.case("E5")
def test_only_the_hours_that_are_wanted_are_told_and_they_are_judged_by_all_that_came_before(journal: Path) -> None:
    _, everything = lines(journal)
    moments = sorted({line["at"] for line in everything})
    since, until = moments[len(moments) // 3], moments[2 * len(moments) // 3]

    _, some = lines(journal, "--since", since, "--until", until)

    assert some == [line for line in everything if since <= line["at"] <= until]
    assert 0 < len(some) < len(everything)


@pytest.mark.case("E5")
def test_a_time_before_the_journals_end_is_counted_from_there_and_not_from_now(journal: Path) -> None:
    _, everything = lines(journal)
    assert lines(journal, "--since", "8h")[1] == everything
    _, late = lines(journal, "--since", "5m")
    assert 0 < len(late) < len(everything)
    assert lines(journal, "--since", "0s")[0] in {0, 3}


def test_a_name_behind_a_proxy_is_replayed_as_its_users_know_it(journal: Path, tmp_path: Path) -> None:
    file = tmp_path / "proxied.yaml"
    behind = "{name: bücher.example.com, proxied: {origin: api.example.com}}, shop.example.com"
    file.write_text(PLAN.format(expect="v2", domains=behind), encoding="utf-8")

    _, said = lines(journal, "--config", file, "--domain", "bücher.example.com")

    assert {line["domain"] for line in said} - {None} == {"api.example.com"}
    assert said == lines(journal, "--config", file, "--domain", "api.example.com")[1]


@pytest.fixture(scope="module")
def journal_behind_a_proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A watch of two domains, of which one is what a CDN fetches from for the users of another name."""
    tape = Tape()
    both = plan(SHOP, API)
    domains = (replace(both.domains[0], proxied=DomainName("xn--bcher-kva.example.com.")), both.domains[1])

    async def goes_on(bench: Bench) -> None:
        await bench.clock.sleep(60)

    live(replace(both, waves=(replace(both.waves[0], domains=domains),)), tape, Watch(0.0, goes_on))
    path = tmp_path_factory.mktemp("proxied") / "journal.db"
    write(path, tape.entries)
    return path


@pytest.mark.parametrize("typed", ["bücher.example.com", "BÜCHER.example.com.", "xn--bcher-kva.example.com"])
def test_a_journal_knows_a_domain_by_the_name_that_its_users_know(journal_behind_a_proxy: Path, typed: str) -> None:
    status, said = lines(journal_behind_a_proxy, "--domain", typed)

    assert status == 0
    assert {line["domain"] for line in said} - {None} == {"shop.example.com"}
    assert said == lines(journal_behind_a_proxy, "--domain", "shop.example.com")[1]


def test_a_wave_or_a_domain_that_no_plan_had_is_a_sentence(journal: Path) -> None:
    for arguments, said in (
        (("--domain", "nowhere.example.com"), "the domain"),
        (("--wave", "third"), "the wave"),
        (("--domain", "not a name"), "--domain"),
    ):
        status, _, error = called(journal, *arguments)
        assert status == 1
        assert said in error
        assert "Traceback" not in error


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "is no file"), (b"", "is empty"), (b"nothing of the kind, at some length" * 99, "is damaged")],
)
def test_what_is_no_journal_is_a_sentence_and_status_1(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    if content is not None:
        path.write_bytes(content)
    status, out, error = called(path)
    assert (status, out) == (1, "")
    assert said in error


def test_a_journal_in_which_nothing_was_ever_known_is_not_enough_evidence(tmp_path: Path) -> None:
    async def silent(bench: Bench) -> None:
        bench.world.everything_is_silent = True
        await bench.clock.sleep(20)

    tape = Tape()
    live(plan(SHOP), tape, Watch(0.0, silent))
    write(tmp_path / "journal.db", tape.entries)

    assert called(tmp_path / "journal.db")[0] == 3


def test_hostile_texts_in_a_journal_reach_no_terminal(tmp_path: Path) -> None:
    """A journal may come from elsewhere: what is in it is as hostile as what comes from the network."""
    tape = Tape()
    live(plan(SHOP), tape, Watch(0.0, a_fight))
    evil = _with_hostile_sentences(tape.entries)
    path = tmp_path / "evil.db"
    writer = Journal(path, State(path), make_codec())
    writer.open()
    for entry in evil:
        writer.record(entry)
    writer.start()
    writer.close()

    status, out, _ = called(path)

    assert status == 2
    assert "only then" in out
    assert "\x1b" not in out
    assert "[31m" in out  # it is shown, and does nothing


def _with_hostile_sentences(entries: Sequence[Entry]) -> list[Entry]:
    return [
        FindingRaised(replace(entry.finding, code=FindingCode.OUTAGE, sentence="\x1b[31m[bold]owned[/bold]"), entry.at)
        if isinstance(entry, FindingRaised)
        else entry
        for entry in entries
    ]


_AT = Instant(1_800_000_000.0, 0.0)
_NAME = DomainName(SHOP)
_FINDING = Finding(FindingCode.OUTAGE, Severity.CRITICAL, _NAME, "It is gone.", "Bring it back.", 1_800_000_000.0)
EVERY_EFFECT: tuple[Effect, ...] = (
    StateChanged(_NAME, RecordType.A, RecordState.V1, RecordState.V2, _AT, ""),
    TransitionConfirmed(_NAME, RecordType.A, Transition(_AT, Position.V1, Position.V2, reversal=True)),
    FindingRaised(_FINDING, _AT),
    FindingCleared(_FINDING, _AT),
    Converged(_NAME, RecordType.A, Stage.ALL_SERVERS, 12.0, _AT),
    SoakBroken(_NAME, Break(_AT, Criterion.SERVICE, "it failed"), 60.0),
    SoakHeld(_NAME, _AT, 1800.0),
    ExpectationChanged("first", Expectation.V1, Expectation.V2, _AT),
)


def test_every_effect_that_people_are_told_of_has_its_line_in_words_and_as_json() -> None:
    assert {type(effect) for effect in EVERY_EFFECT} == set(get_args(Effect)) - {Surprised, TargetsDoubted}
    for effect in EVERY_EFFECT:
        (written,) = compared([effect], [effect], _AT)
        assert written.now
        assert written.then
        assert written.words
        assert json.loads(json.dumps(written.as_json()))["event"] == written.event
    codec = make_codec()
    assert [codec.loads(codec.dumps(effect)) for effect in EVERY_EFFECT] == list(EVERY_EFFECT)
