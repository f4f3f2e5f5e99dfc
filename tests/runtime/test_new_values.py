"""A server that answers with other values every time: what is remembered, told and shown of it ends somewhere."""

import random
import sys
from dataclasses import replace

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.outcome import ExtendedError, Outcome
from probe.model.ports import Query
from probe.model.question import RecordType
from probe.telemetry.exposition import Exposition
from tests import fakes
from tests.plans import V1_NAME, V2_NAME, plan
from tests.runtime.bench import Bench, World, run_engine
from tests.runtime.test_calm_memory import reached

SETTLED, LONG = 1200.0, 2400.0
"""Seconds after which the memory of so many values is full, and seconds in which it stays as it is."""
MORE = 1.1
"""What it may weigh then, against before: how long the newest values happen to be is chance."""


class New(World):
    """Invents addresses, TTLs, owners, machines, codes and errors, from a generator with a seed."""

    def __init__(self) -> None:
        super().__init__()
        self._random = random.Random(5)

    def __call__(self, ask: Query) -> Outcome:
        if ask.question.name in (V1_NAME, V2_NAME):
            return super().__call__(ask)
        made = fakes.answer(ask.question, *self._values(ask.question.rdtype), ttl=self._random.randrange(1, 86_400))
        if self._random.random() < 0.1:
            return replace(made, rcode=f"RCODE{self._random.randrange(4_000)}")
        errors = (ExtendedError(self._random.randrange(60_000), self._word()),)
        return replace(made, nsid=self._word(), errors=errors)

    def _values(self, rdtype: RecordType) -> list[str]:
        if rdtype is RecordType.TXT:
            resource = f"external-dns/resource=ingress/{self._word()}/{self._word()}"
            return [f'"heritage=external-dns,external-dns/owner={self._word()},{resource}"']
        if rdtype is RecordType.AAAA:
            return [f"2001:db8:{self._random.randrange(65_536):x}::1"]
        return [f"11.{self._random.randrange(256)}.{self._random.randrange(256)}.{place}" for place in range(1, 9)]

    def _word(self) -> str:
        return f"{self._random.getrandbits(200):050x}"


def test_ever_new_values_fill_a_memory_that_ends_and_make_no_more_series() -> None:
    async def scenario(bench: Bench) -> None:
        exposition = Exposition(bench.engine.snapshot, tuple(CATALOGUE.values()), rest=lambda: None)

        def weight() -> int:
            return sum(map(sys.getsizeof, reached(one.state for one in bench.engine._intake.watched_domains)))

        def series() -> set[bytes]:
            lines = b"".join(exposition("").blocks).splitlines()
            return {line.rpartition(b" ")[0] for line in lines if not line.startswith(b"#")}

        await bench.clock.sleep(SETTLED)
        weighed, shown, told = weight(), series(), len(bench.effects)
        asked = len(bench.querier.asked)
        await bench.clock.sleep(LONG)
        assert len(bench.querier.asked) > asked + 500
        assert weight() <= MORE * weighed
        assert len(series()) == len(shown)  # an owner stands in the place of the one before
        assert len(bench.effects) - told <= 3  # what stays as it is, is told once, whatever it says meanwhile

    run_engine(plan("app.example.com."), scenario, New())
