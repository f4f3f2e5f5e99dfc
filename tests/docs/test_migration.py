"""docs/migration.md: its way back is the one that is advised, and it was played at every pair of versions."""

import re
from pathlib import Path

import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.rehearsal.run import Today, rehearse
from probe.model.finding import FindingCode
from probe.model.rehearsal import Act
from tests.judge.rehearsal.test_run import plan, take_over
from tests.remedies.faults import FAULTS, Pair
from tests.remedies.stage import Deed
from tests.remedies.test_remedies import AT_ONCE, holds, in_the_zone

TEXT = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
BACK = re.findall(r"^\d\. (.*?)(?=^\d\. |\n\n)", SECTIONS["Back again"], re.MULTILINE | re.DOTALL)
DEEDS = (Deed.POLICY, Deed.STOP, Deed.WRITE_TXT, Deed.DROP)

(GIVEN_BACK,) = (fault for fault in FAULTS if str(fault) == "premature-given-back")


def in_order(deeds: tuple[Deed, ...], text: str) -> bool:
    """Tell whether a text says some deeds one after the other."""
    at = 0
    for deed in deeds:
        found = re.compile(deed.value).search(text, at)
        if found is None:
            return False
        at = found.end()
    return True


def test_the_way_back_has_the_steps_that_rehearse_and_the_catalogue_advise() -> None:
    assert [bool(re.search(deed.value, step)) for deed, step in zip(DEEDS, BACK, strict=True)] == [True] * len(BACK)
    told = rehearse(plan(take_over()), Today({}, "Nothing was asked."), "first")
    (back,) = [one for one in told.checks if (one.name, one.subject) == (Act.ROLLBACK.value, "first")]
    assert in_order(DEEDS, back.remedy)
    assert in_order(DEEDS, CATALOGUE[FindingCode.PREMATURE].remedy)


@pytest.mark.parametrize("pair", GIVEN_BACK.pairs, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_nothing_is_absent_and_no_host_is_deleted_on_the_way_back(pair: Pair) -> None:
    stage, followed, done = in_the_zone(GIVEN_BACK, pair, AT_ONCE)
    holds(GIVEN_BACK, stage, followed, done)
    deeds = tuple(deed for at, deed in stage.did if at >= followed)
    assert deeds in {DEEDS, DEEDS[1:]}, "the policy is as it should have been already"


def test_the_end_of_a_weighted_wave_is_told_the_other_way_round() -> None:
    """A set has its own ExternalDNS: `rehearse` plays it so as well."""
    assert "v1's Ingresses go first, while v1's ExternalDNS runs" in " ".join(SECTIONS["A wave by weights"].split())
    assert "weighted" in SECTIONS["After the last wave"]
