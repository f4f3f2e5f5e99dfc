import click
import pytest
from click.testing import CliRunner

from probe.cli.main import root
from probe.cli.options import patience_option, shard, shard_options
from probe.model.plan import Shard


def test_a_shard_is_a_number_or_the_end_of_the_hosts_name() -> None:
    assert shard("2", 3, "anything") == Shard(2, 3)
    assert shard("auto", 3, "cutover-probe-1") == Shard(1, 3)
    assert shard("auto", 3, "cutover-probe-1.cutover-probe.monitoring.svc.cluster.local") == Shard(1, 3)


@pytest.mark.parametrize(
    ("ordinal", "host", "said"),
    [
        ("3", "x", "--shard says 3, but with 3 shards the last one is 2."),
        ("-1", "x", "--shard does not end in a number; give one from 0 to 2."),
        ("x", "x", "--shard does not end in a number"),
        ("auto", "laptop", "the host's name laptop does not end in a number"),
        ("auto", "probe-7", "the host's name probe-7 says 7, but"),
    ],
)
def test_a_shard_that_there_is_not_is_refused_in_a_sentence(ordinal: str, host: str, said: str) -> None:
    with pytest.raises(click.BadParameter, match=said):
        shard(ordinal, 3, host)


@pytest.mark.parametrize(("total", "status"), [("64", 0), ("65", 2)])
def test_there_are_at_most_sixty_four_shards(total: str, status: int) -> None:
    @click.command()
    @shard_options
    def watch(**_: object) -> None: ...

    assert CliRunner().invoke(watch, ["--total-shards", total]).exit_code == status


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-inf", "1e999", "0", "-1", "x"])
def test_what_is_no_number_of_seconds_is_refused(value: str) -> None:
    @click.command()
    @patience_option(20.0)
    def look(**_: object) -> None: ...

    assert CliRunner().invoke(look, ["--timeout", "0.5"]).exit_code == 0
    assert CliRunner().invoke(look, ["--timeout", value]).exit_code == 2


@pytest.mark.parametrize("option", ["--speed", "--duration"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_demonstration_runs_at_no_speed_and_for_no_time_that_is_no_number(option: str, value: str) -> None:
    result = CliRunner().invoke(root, ["demo", option, value])

    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.output
