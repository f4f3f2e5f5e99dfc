from probe.model.convergence import CONVERGENCE_BUCKETS, Stage
from probe.model.effect import Converged
from probe.model.question import RecordType
from probe.runtime.convergence import ConvergenceMeter
from tests.judge.answers import NAME, instant


def test_changes_are_counted_by_stage_and_by_how_long_they_took() -> None:
    meter = ConvergenceMeter()
    for stage, seconds in ((Stage.ALL_SERVERS, 0.0), (Stage.ALL_SERVERS, 60.0), (Stage.ALL_RESOLVERS, 9_000.0)):
        meter.note(Converged(NAME, RecordType.A, stage, seconds, instant(0)))

    servers, resolvers = meter.counts()

    assert (servers.stage, resolvers.stage) == (Stage.ALL_SERVERS, Stage.ALL_RESOLVERS)
    assert [place for place, count in enumerate(servers.counts) if count] == [0, CONVERGENCE_BUCKETS.index(60.0)]
    assert servers.total == 60.0
    assert resolvers.counts[-1] == 1
    assert len(resolvers.counts) == len(CONVERGENCE_BUCKETS) + 1
