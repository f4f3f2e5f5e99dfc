from dataclasses import replace

import pytest

from probe.judge.polling.shard import part_of, shard_of
from probe.model.name import DomainName
from probe.model.plan import Shard, Wave
from tests.plans import plan

NAMES = tuple(DomainName(f"app-{number}.example.com.") for number in range(2000))


@pytest.mark.parametrize("total", [1, 2, 3, 8, 64])
def test_every_domain_is_watched_by_exactly_one_process(total: int) -> None:
    whole = plan(*NAMES[:200])
    parts = [part_of(whole, Shard(ordinal, total)) for ordinal in range(total)]
    assert sorted(domain.name for part in parts for domain in part.domains) == sorted(NAMES[:200])


def test_the_parts_are_of_nearly_one_size() -> None:
    sizes = [sum(shard_of(name, 5) == ordinal for name in NAMES) for ordinal in range(5)]
    assert all(320 < size < 480 for size in sizes)


def test_one_process_more_takes_its_own_share_only_and_nobody_else_changes() -> None:
    moved = [name for name in NAMES if shard_of(name, 4) != shard_of(name, 5)]
    assert all(shard_of(name, 5) == 4 for name in moved)
    assert 320 < len(moved) < 480


def test_the_place_of_a_name_never_changes_between_versions_of_this_program() -> None:
    """A journal lies where its domains were watched: another hash would leave them all behind."""
    assert [shard_of(name, 16) for name in NAMES[:8]] == [4, 6, 13, 5, 6, 12, 0, 6]


def test_a_wave_of_which_a_process_has_no_domain_is_left_out_of_its_plan() -> None:
    whole = plan(*NAMES[:1])
    whole = replace(whole, waves=(*whole.waves, Wave("second", whole.waves[0].expectation, whole.waves[0].domains)))
    here = shard_of(NAMES[0], 2)
    assert [wave.name for wave in part_of(whole, Shard(here, 2)).waves] == ["first", "second"]
    assert part_of(whole, Shard(1 - here, 2)).waves == ()
