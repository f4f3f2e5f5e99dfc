"""The sentence on the probe itself: what is worst first, with since when and what was not seen."""

from dataclasses import replace

import pytest

from probe.model.journal import JournalStatus, Unwatched
from probe.model.name import DomainName
from probe.model.snapshot import SilentTarget, Snapshot
from probe.model.text import clock_time
from probe.web.probe_health import health
from tests.snapshots import NOW, ago, finding, fleet
from tests.web.ports import Far, get

LATE = 2.0
REMEMBERED = 3600.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def well() -> Snapshot:
    """A probe with nothing to complain of."""
    return replace(fleet(2), journal=journal())


def journal(*gaps: Unwatched, writing: bool = True, trouble: str = "") -> JournalStatus:
    return JournalStatus("j.db", writing, trouble, 10, 0, 4096, NOW, gaps)


@pytest.mark.case("E5")
def test_a_probe_that_is_well_says_how_fresh_it_is_and_for_how_long_it_missed_nothing() -> None:
    told = health(well())
    assert told.level == "calm"
    assert told.sentence.startswith("The probe is well: every record was answered within the last ")
    assert told.sentence.endswith("it has watched without a gap for 2 h.")


@pytest.mark.case("E5")
@pytest.mark.parametrize("path", ["/", "/domains/{name}", "/waves/{wave}"])
def test_it_stands_at_the_top_of_every_page_before_what_rests_on_it(path: str) -> None:
    of = replace(well(), blind=True)
    first = of.domains[0].domain
    answer = get(path.format(name=first.name, wave=first.wave), Far(snapshot=of))
    assert 0 < answer.text.index("The probe reaches no server") < answer.text.index("<main")


def test_its_own_finding_comes_before_everything() -> None:
    own = finding("probe-behind", ".", "The probe has not run for 9 s of the last minute.")
    of = replace(well(), behind=True, blind=True, findings=(own,))
    assert health(of) == (own.severity.value, own.sentence)
    other = finding("server-failing", "example.com.", "A server fails.")
    assert health(replace(well(), findings=(other,))).level == "calm"


def test_a_probe_that_is_behind_confirms_nothing_and_says_so() -> None:
    assert health(replace(well(), behind=True)) == (
        "critical",
        "The probe is behind: it raises no finding about a server, and confirms nothing new.",
    )


def test_load_balancers_that_no_server_answers_are_a_warning_that_accuses_nobody() -> None:
    names = [DomainName(f"k8s-{label}.eu-west-1.elb.amazonaws.com.") for label in ("one", "two")]
    silent = tuple(SilentTarget(name, ago(seconds)) for name, seconds in zip(names, (300, 400), strict=True))
    of = replace(well(), silent_targets=silent)
    told = health(of)
    assert told.level == "warning"
    assert told.sentence == (
        "No name server answers for k8s-one.eu-west-1.elb.amazonaws.com and k8s-two.eu-west-1.elb.amazonaws.com since "
        f"{clock_time(ago(400))} UTC: new addresses of a load balancer are not recognised meanwhile. See from "
        "elsewhere whether it is this probe's network: if not, a CNAME to it gives users no address once caches have "
        "let go."
    )
    assert "reaches no server" in health(replace(of, blind=True)).sentence


def test_a_journal_that_is_not_written_is_told_with_its_reason() -> None:
    told = health(replace(well(), journal=journal(writing=False, trouble="The disk is full.")))
    assert told == ("warning", "The probe sees, but does not write its journal. The disk is full.")


def test_a_gap_is_told_for_an_hour() -> None:
    def gap(seconds: float) -> Snapshot:
        return replace(well(), journal=journal(Unwatched(ago(seconds + 40), ago(seconds))))

    told = health(gap(REMEMBERED - 1))
    assert told.level == "info"
    assert "It did not watch for 40 s until 09:00:01 UTC: what happened meanwhile is not known." in told.sentence
    assert health(gap(REMEMBERED + 1)).level == "calm"


def test_lateness_is_told_once_a_turn_of_a_burst_is_missed() -> None:
    def late(seconds: float) -> Snapshot:
        return replace(well(), schedule=replace(well().schedule, max_lag=seconds))

    assert health(late(LATE)).level == "calm"
    assert "a question left 3 s late" in health(late(LATE + 1)).sentence


def test_a_probe_that_has_just_begun_says_how_many_domains_wait() -> None:
    of = well()
    first = of.domains[0]
    unseen = first._replace(records=tuple(record._replace(since=None) for record in first.records))
    told = health(replace(of, ready=False, domains=(unseen, *of.domains[1:])))
    assert told == ("info", "The probe has just begun: 1 of 2 domains were not observed yet.")
