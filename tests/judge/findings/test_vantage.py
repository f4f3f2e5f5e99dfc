from probe.judge.findings.vantage import BLIND_AFTER, BLIND_SILENCES, Vantage, finding, is_blind, notice
from probe.model.name import ROOT
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response
from tests.judge.answers import SERVERS, instant, nodata, observed, timeout


def seen(*outcomes: Outcome, spacing: float = 10.0) -> Vantage:
    vantage = Vantage()
    for number, outcome in enumerate(outcomes):
        vantage = notice(vantage, observed(outcome, spacing * number, SERVERS[number % 4]))
    return vantage


def test_a_vantage_that_hears_nothing_while_it_asks_is_blind() -> None:
    vantage = seen(nodata(), *[timeout()] * BLIND_SILENCES)
    assert not is_blind(vantage, instant(10 + BLIND_AFTER - 1))
    assert is_blind(vantage, instant(10 + BLIND_AFTER))


def test_one_response_of_any_kind_ends_it() -> None:
    vantage = seen(*[timeout()] * 50, Response("REFUSED"))
    assert not is_blind(vantage, instant(10_000))


def test_a_vantage_that_does_not_ask_is_not_blind() -> None:
    assert not is_blind(seen(nodata()), instant(100_000))
    assert not is_blind(Vantage(), instant(100_000))


def test_a_few_losses_are_no_blindness_however_long_ago() -> None:
    assert not is_blind(seen(nodata(), *[timeout()] * (BLIND_SILENCES - 1)), instant(100_000))


def test_malformed_answers_show_that_packets_travel() -> None:
    assert not is_blind(seen(*[NoResponse(FailureReason.MALFORMED)] * 20), instant(100_000))


def test_the_finding_names_the_vantage_and_belongs_to_no_domain() -> None:
    vantage = seen(nodata(), *[timeout()] * 10)
    found = finding("eu-west-1", vantage, instant(200))
    assert found is not None
    assert found.code == "probe-blind"
    assert found.domain == ROOT
    assert "eu-west-1" in found.sentence
    assert finding("eu-west-1", seen(nodata()), instant(200)) is None
