"""The terminal's sample in README.md: a real `check` of the demonstration's laboratory, as a terminal shows it.

`make sample` (or `python -m tests.docs.terminal_sample`) writes it anew.
"""

import asyncio
import random
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import click
import yaml
from click.testing import CliRunner

from probe.cli.commands import check as command
from probe.cli.look import Look, look
from probe.cli.main import root
from probe.lab.world import World
from probe.model.clock import Clock
from probe.model.plan import Plan
from probe.runtime.settling import Progress
from tests.clock import FakeClock, LoopClock, run_virtual

README = Path(__file__).parents[2] / "README.md"
COMMAND = "cutover-probe check --config plan.yaml"
COLUMNS = 100
"""What a page of a repository shows without a scroll bar."""
WAVES = ("internal-tools", "admin", "b2b", "core-api")
"""One that has moved, one whose caches do not know it yet, weights, and one that did not move."""
SEED = 5
FAILED = 2

_BLOCK = re.compile(rf"(?<=^```console\n\$ {re.escape(COMMAND)}\n).+?(?=^```)", re.MULTILINE | re.DOTALL)


async def _looking(plan: Plan, _clock: Clock, patience: float, show: Callable[[Progress], None]) -> Look:
    """Look at the laboratory, in its own virtual time."""

    async def main(clock: LoopClock) -> Look:
        async with World(clock, random.Random(SEED)) as world:
            return await look(plan, clock, patience, show, route=world.route)

    return await asyncio.to_thread(run_virtual, main)


def _plan() -> str:
    """Write the laboratory's plan for one domain of each wave, of which the last is said to have moved already."""
    plan = yaml.safe_load(World(FakeClock(), random.Random(SEED)).plan_text())
    waves = {wave["name"]: {**wave, "domains": wave["domains"][:1]} for wave in plan["waves"]}
    waves["core-api"]["expect"] = "v2"
    return yaml.safe_dump({**plan, "waves": [waves[name] for name in WAVES]})


def taken() -> str:
    """Look once at the beginning of the story, over real sockets, and give what a terminal shows."""
    terminal = CliRunner(env={"TERM": "xterm", "TTY_COMPATIBLE": "1", "COLUMNS": str(COLUMNS)})
    with TemporaryDirectory() as folder, patch.object(command, "look", _looking):
        plan = Path(folder) / "plan.yaml"
        plan.write_text(_plan(), encoding="utf-8")
        result = terminal.invoke(root, [str(plan) if word == plan.name else word for word in shlex.split(COMMAND)[1:]])
    assert result.exit_code == FAILED, result.output
    return "".join(f"{line.rstrip()}\n" for line in click.unstyle(result.stdout).splitlines())


def shown() -> str:
    """Give the sample that stands in the README."""
    found = _BLOCK.search(README.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def main() -> None:
    """Write the sample anew."""
    sample = taken()
    README.write_text(_BLOCK.sub(lambda _: sample, README.read_text(encoding="utf-8"), count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
