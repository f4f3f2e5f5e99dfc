"""Which TXT owners have a label value of their own, however many strangers write one."""

from dataclasses import replace

import pytest

from probe.model.external_dns import ExternalDns
from probe.telemetry.owners import OwnerLabels
from tests.judge.answers import plan

MAX_STRANGERS, MAX_LENGTH = 64, 128
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_the_first_strangers_are_told_by_name_and_stay_so_and_all_others_are_one() -> None:
    owners = OwnerLabels()
    names = [f"cluster-{number}" for number in range(MAX_STRANGERS)]
    assert [owners.label(name) for name in names] == names
    assert owners.label("one-more") == "other"
    assert [owners.label(name) for name in names] == names
    assert owners.label("default") == "default"  # whoever set no owner id, however many there are


def test_what_the_plan_names_is_told_by_name_however_many_strangers_there_are() -> None:
    owners = OwnerLabels(max_strangers=0)
    assert owners.label("eks-v1") == "other"
    made = plan()
    flags = ExternalDns("eks-v1", migrate_from_txt_owner="eks-v0")
    owners.learn(replace(made, v1=replace(made.v1, external_dns=flags)))
    assert [owners.label(name) for name in ("eks-v1", "eks-v0", "eks-v2")] == ["eks-v1", "eks-v0", "other"]
    owners.learn(made)
    assert owners.label("eks-v1") == "other"


@pytest.mark.parametrize(
    ("owner", "label"),
    [
        ("o" * MAX_LENGTH, "o" * MAX_LENGTH),
        ("o" * (MAX_LENGTH + 1), "other"),
        ("", "other"),
        ("o\nwner", "other"),
        ("öwner", "other"),
    ],
)
def test_what_is_no_identifier_is_no_label(owner: str, label: str) -> None:
    assert OwnerLabels().label(owner) == label
