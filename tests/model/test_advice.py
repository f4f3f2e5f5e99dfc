"""What a situation says: which side is expected, who may delete, and how people call it."""

import pytest

from probe.model.advice import ANYWHERE, Situation
from probe.model.external_dns import ExternalDns, Policy
from probe.model.plan import Expectation
from probe.model.side import Side

V1, V2 = Side


@pytest.mark.parametrize(
    ("expectation", "side"),
    [
        (None, None),
        (Expectation.V1, V1),
        (Expectation.V2, V2),
        (Expectation.MOVING, None),
        (Expectation.WEIGHTED, None),
    ],
)
def test_a_side_is_expected_only_where_the_plan_names_one(expectation: Expectation | None, side: Side | None) -> None:
    assert Situation(expectation).expected is side


@pytest.mark.parametrize(
    ("policies", "may"),
    [
        ((None,), True),
        ((Policy.SYNC,), True),
        ((Policy.UPSERT_ONLY,), False),
        ((Policy.CREATE_ONLY,), False),
        ((Policy.UPSERT_ONLY, None), True),
        ((), True),
    ],
)
def test_who_is_not_declared_to_keep_from_it_may_delete(policies: tuple[Policy | None, ...], *, may: bool) -> None:
    assert Situation(v2=tuple(ExternalDns(policy=one) for one in policies)).may_delete(V2) is may


def test_an_external_dns_is_called_by_its_name() -> None:
    named = Situation(v1=(ExternalDns(name="public"), ExternalDns(name="private")))
    assert named.who(V1) == "v1's ExternalDNS (public and private)"
    assert ANYWHERE.who(V2) == "v2's ExternalDNS"
