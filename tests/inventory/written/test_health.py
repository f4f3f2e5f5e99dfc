"""What a health check says, as Route 53 judges it."""

from typing import Any

import pytest

from probe.inventory.written.health import CheckHealth, health_of

HEALTHY_SHARE = 0.18
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

UP, DOWN = "Success: HTTP Status Code 200, OK", "Failure: Connection timed out."


@pytest.mark.parametrize(("up", "down", "healthy"), [(16, 0, True), (0, 16, False), (3, 13, True), (2, 14, False)])
def test_more_than_18_percent_of_the_checkers_have_to_see_it(*, up: int, down: int, healthy: bool) -> None:
    found = health_of({"Type": "HTTPS"}, [UP] * up + [DOWN] * down)
    assert found == CheckHealth(healthy, f"{up} of {up + down} checkers report success")
    assert HEALTHY_SHARE == 0.18


@pytest.mark.parametrize(
    ("config", "statuses", "told"),
    [
        (
            {"Type": "TCP", "Inverted": True},
            [UP] * 4,
            CheckHealth(is_healthy=False, why="4 of 4 checkers report success, inverted"),
        ),
        (
            {"Type": "TCP", "Inverted": True},
            [DOWN],
            CheckHealth(is_healthy=True, why="0 of 1 checkers report success, inverted"),
        ),
        ({"Type": "TCP", "Disabled": True}, [DOWN], CheckHealth(is_healthy=True, why="it is disabled")),
        ({"Type": "TCP", "Disabled": True, "Inverted": True}, [], CheckHealth(is_healthy=False, why="it is disabled")),
        (
            {"Type": "CALCULATED"},
            [],
            CheckHealth(is_healthy=None, why="the API does not tell the status of the type CALCULATED"),
        ),
    ],
    ids=str,
)
def test_what_is_inverted_disabled_or_not_told(config: dict[str, Any], statuses: list[str], told: CheckHealth) -> None:
    assert health_of(config, statuses) == told
