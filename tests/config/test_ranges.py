"""Every number of the plan has bounds, and what is beyond them is refused with the reason, whichever key is added."""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import pytest
from pydantic import ValidationError

from probe.config.mistakes import Unusable
from probe.config.ranges import Number, Seconds
from probe.config.schema import PlanFile
from probe.config.schema_part import SchemaPart
from probe.config.schema_probing import INTERVAL, ProbingFile
from probe.config.types import MomentText, VersionText


class Bounded(NamedTuple):
    """A key whose value, or each item of whose list, is a number between bounds."""

    part: type[SchemaPart]
    key: str
    range: Number | Seconds
    is_list: bool

    def __str__(self) -> str:
        return f"{self.part.__name__}.{self.key}"


class Unbounded(NamedTuple):
    part: type[SchemaPart]
    key: str


def _walk(annotation: Any, part: type[SchemaPart], key: str, *, is_list: bool) -> Iterator[Bounded | Unbounded]:
    if isinstance(annotation, type) and issubclass(annotation, SchemaPart):
        yield from _of(annotation)
    elif annotation in (int, float):
        yield Unbounded(part, key)
    elif annotation not in (VersionText, MomentText):
        metadata = getattr(annotation, "__metadata__", ())
        ranges = [one for one in metadata if isinstance(one, Number | Seconds)]
        yield from (Bounded(part, key, one, is_list) for one in ranges)
        for inner in () if ranges else get_args(annotation)[: 1 if metadata else None]:
            yield from _walk(inner, part, key, is_list=is_list or get_origin(annotation) is list)


def _of(part: type[SchemaPart]) -> Iterator[Bounded | Unbounded]:
    for key, annotation in get_type_hints(part, include_extras=True).items():
        if key in part.model_fields:
            yield from _walk(annotation, part, key, is_list=False)


NUMBERS = list(dict.fromkeys(_of(PlanFile)))
BOUNDED = [one for one in NUMBERS if isinstance(one, Bounded)]


def test_no_number_of_the_plan_is_without_bounds() -> None:
    assert [one for one in NUMBERS if isinstance(one, Unbounded)] == []


def test_the_walk_finds_the_numbers_that_are_known() -> None:
    assert Bounded(ProbingFile, "interval", INTERVAL, is_list=False) in BOUNDED
    assert {"HttpFile.statuses", "WeightsFile.v2", "PlanFile.soak", "ResolverFile.queries_per_second"} <= {
        str(one) for one in BOUNDED
    }


def _complaints(one: Bounded, value: float) -> list[str]:
    """Give what is said of one key of a part that lacks everything else."""
    try:
        one.part.model_validate({one.key: [value] if one.is_list else value})
    except ValidationError as error:
        return [found["msg"] for found in error.errors() if found["loc"][0] == one.key]
    return []


@pytest.mark.parametrize("one", BOUNDED, ids=str)
def test_the_ends_are_taken_and_what_is_beyond_is_refused_with_the_reason(one: Bounded) -> None:
    low, high = one.range.low, one.range.high
    below, above = low - 1, high + 1
    assert _complaints(one, low) == _complaints(one, high) == []
    assert [one.range.low_reason in said for said in _complaints(one, below)] == [True]
    assert [one.range.high_reason in said for said in _complaints(one, above)] == [True]


@pytest.mark.parametrize("one", BOUNDED, ids=str)
def test_both_reasons_of_a_bound_are_sentences_for_people(one: Bounded) -> None:
    for reason in (one.range.low_reason, one.range.high_reason):
        assert " " in reason
        assert reason == reason.strip(". ")


def test_what_is_too_much_is_said_as_the_user_writes_it() -> None:
    with pytest.raises(Unusable, match=r"^1m is too much: half of ExternalDNS' usual interval") as caught:
        INTERVAL.parse("60s")
    assert caught.value.remedy == "use 500ms to 30s"
