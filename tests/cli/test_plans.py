"""A plan from standard input is a plan like any other."""

import gc
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from probe.cli.main import root
from probe.cli.plans import STANDARD_INPUT, read_plan, without_collections
from probe.config.load import load
from probe.config.mistakes import PlanError

PLAN = """vantage: seoul
sides:
  v1: {load_balancers: [v1.elb.example.net]}
  v2: {load_balancers: [v2.elb.example.net]}
waves:
  - {name: wave-1, expect: moving, domains: [www.example.com]}
"""


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_dash_reads_standard_input_with_the_digest_of_the_same_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    give(monkeypatch, PLAN.encode())
    read = read_plan(STANDARD_INPUT)
    assert (read.digest, read.domains) == (load(file).digest, load(file).domains)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"vantage: 1\n", "<standard input>:"),
        (b"vantage: \xff\n", "<standard input>:1:10: the byte 0xff is not UTF-8"),
    ],
)
def test_mistakes_name_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes, words: str) -> None:
    give(monkeypatch, content)
    with pytest.raises(PlanError) as caught:
        read_plan(STANDARD_INPUT)
    assert words in str(caught.value)


def test_config_check_takes_a_dash() -> None:
    result = CliRunner().invoke(root, ["config", "check", "-"], input=PLAN)
    assert (result.exit_code, result.output) == (
        0,
        "<standard input>: 1 domain in 1 wave, no resolvers, vantage seoul\n",
    )


def test_a_large_plan_is_read_without_a_look_for_garbage(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    domains = "".join(f"      - {{name: a{number}.example.com, http: {{path: /}}}}\n" for number in range(500))
    file.write_text(
        f"{PLAN.partition('waves:')[0]}waves:\n  - name: wave-1\n    expect: moving\n    domains:\n{domains}"
    )
    looks: list[str] = []

    def note(phase: str, _: dict[str, int]) -> None:
        looks.append(phase)

    gc.callbacks.append(note)
    try:
        read_plan(file)
    finally:
        gc.callbacks.remove(note)
    assert looks == []
    assert gc.isenabled()


def test_garbage_is_looked_for_again_after_a_bad_plan_and_not_where_it_was_not_before(tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        read_plan(tmp_path / "missing.yaml")
    assert gc.isenabled()
    gc.disable()
    try:
        with without_collections():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
