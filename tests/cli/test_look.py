"""A look at the simulated migration, in virtual time, over real sockets."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from probe.cli.assembly import Route
from probe.cli.errors import CommandError
from probe.cli.look import look
from probe.cli.selection import narrow
from probe.config.load import parse
from probe.judge.acceptance.expectation import verdict
from probe.lab.world import World
from probe.model.check import CheckOutcome
from probe.model.plan import Wave, Weights
from probe.model.record import RecordState
from probe.model.share import ShareVerdict
from probe.model.snapshot import Snapshot
from probe.runtime.settling import Progress
from tests.clock import LoopClock, run_virtual

PATIENCE = 180.0
LONG_PATIENCE = 900.0
"""Seconds: how soon drawn answers are enough is drawn as well; one look in 75 took more than 180 s."""


def looked_at(
    *waves: str,
    patience: float = PATIENCE,
    route: Callable[[World], Route] = lambda world: world.route,
    declared: Weights | None = None,
) -> tuple[Snapshot, list[Progress], float]:
    """Look at waves of the story as it stands at its beginning; give also what was shown, and how long it took."""
    shown: list[Progress] = []

    async def main(clock: LoopClock) -> tuple[Snapshot, float]:
        async with World(clock, random.Random(5)) as world:
            plan = narrow(parse(world.plan_text()), waves, ())
            if declared is not None:
                plan = replace(plan, waves=tuple(_declaring(wave, declared) for wave in plan.waves))
            snapshot, _ = await look(plan, clock, patience, shown.append, route=route(world))
            return snapshot, clock.now().monotonic

    snapshot, seconds = run_virtual(main)
    return snapshot, shown, seconds


def _declaring(wave: Wave, weights: Weights) -> Wave:
    return replace(wave, domains=tuple(replace(domain, weights=weights) for domain in wave.domains))


def test_calm_domains_are_known_after_seconds() -> None:
    snapshot, shown, seconds = looked_at("internal-tools", "core-api")
    assert [status.state for status in snapshot.domains] == [RecordState.V2] * 3 + [RecordState.V1] * 2
    assert {verdict(status).outcome for status in snapshot.domains} == {CheckOutcome.PASS}
    assert seconds < 15
    assert shown[-1] == Progress(5, 5, 5)
    for status in snapshot.domains:
        assert all(len(record.servers) == 8 for record in status.records)  # four, by IPv4 and IPv6
        assert any(txt.owners for txt in status.txts)
        assert len(status.resolvers) == 4 * 2
        assert not status.findings


def test_weights_are_told_from_a_change_by_looking_longer() -> None:
    snapshot, _, seconds = looked_at("b2b", patience=LONG_PATIENCE)
    (partners,) = snapshot.domains
    assert partners.state is RecordState.WEIGHTED
    assert verdict(partners).outcome is CheckOutcome.PASS
    assert 60 < seconds < LONG_PATIENCE
    assert {share.verdict for share in partners.shares} == {ShareVerdict.AS_DECLARED}


def test_declared_weights_are_asked_about_until_they_are_contradicted_and_the_answers_are_counted() -> None:
    counted = []
    for _ in range(5):  # now and then the answers that tell weights from a change contradict the weights already
        snapshot, shown, seconds = looked_at("b2b", declared=Weights(66, 34), patience=LONG_PATIENCE)
        (partners,) = snapshot.domains
        assert [finding.code for finding in partners.findings] == ["weights-off"]
        assert verdict(partners).outcome is CheckOutcome.FAIL
        assert "is declared 66:34 (v1:v2), but " in verdict(partners).sentence
        assert seconds < LONG_PATIENCE
        counted = [progress for progress in shown if progress.weighing]
        if counted:
            break
    assert counted
    assert counted[0].answers > 0
    assert all(progress.needed > 0 for progress in counted)


def test_patience_ends_a_look_that_is_not_clear_yet() -> None:
    snapshot, shown, seconds = looked_at("b2b", patience=20)
    assert seconds < 30
    assert shown[-1].settled == 0
    assert verdict(snapshot.domains[0]).outcome is CheckOutcome.UNKNOWN


def test_servers_that_never_answer_are_named_as_the_reason() -> None:
    def without_zone(world: World) -> Route:
        dead = {address for server in world.name_servers() for address in server.addresses}
        return lambda address, port: None if address in dead else world.route(address, port)

    snapshot, _, _ = looked_at("core-api", route=without_zone)
    for status in snapshot.domains:
        assert verdict(status).outcome is CheckOutcome.UNKNOWN
        assert "no server was asked yet" not in status.sentence


def test_a_network_that_is_not_there_is_no_verdict() -> None:
    with pytest.raises(CommandError, match=r"^No server answered anything\."):
        looked_at("core-api", route=lambda _world: lambda _address, _port: None)
