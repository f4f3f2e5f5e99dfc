"""Who waits for what must come waits long: a bound of seconds says how busy the machine is, and nothing of the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import HANG

TESTS = Path(__file__).parent
PURE = {"judge", "model", "bench"}
"""Where `wait` lets a story's time pass, or is what is measured."""
SHORT = 5.0
"""Seconds. Who waits for less waits for nothing that must come: it makes a pause, or sees that nothing comes."""

_CLIENT = re.compile(
    r"httpx\.(?:get|post|head|request|stream|Client|AsyncClient)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
)
"""What gives up after five seconds, unless it is told otherwise."""
_WAITS = re.compile(
    r"(?:\.settimeout|\.wait|\.join|\.acquire|\.wait_for|asyncio\.timeout)\((?:(?:[^()]|\(\))*, )?([\d.]+)\)"
)
"""Whose number is a patience: of sockets, threads, processes, events, and asyncio."""
_TIMEOUT = re.compile(r"\btimeout=([\d.]+)[,)\n]")
"""Likewise, of programs and connections."""


_CONSTANT = re.compile(r"^(_?[A-Z][A-Z0-9_]*) = ([\d.]+)(?=\s|$)", re.MULTILINE)
"""A figure under a name, which may be such a number."""


def short_waits(text: str) -> Iterator[str]:
    """Give every call that would give up what only takes long."""
    for name, figure in _CONSTANT.findall(text):
        text = re.sub(rf"\b{name}\b(?! = )", figure, text)
    for call in _CLIENT.findall(text):
        if "timeout=" not in call and "transport=" not in call:
            yield call
    for waits in (_WAITS, _TIMEOUT):
        for found in waits.finditer(text):
            if SHORT < float(found[1]) < HANG:
                yield found[0]


def test_nobody_gives_up_what_only_takes_long() -> None:
    files = [path for path in TESTS.rglob("*.py") if path.relative_to(TESTS).parts[0] not in PURE]
    found = {
        str(path.relative_to(TESTS)): calls
        for path in files
        if path != Path(__file__) and (calls := list(short_waits(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "call",
    [
        "httpx.get(url)",
        'httpx.get(f"{url(host(), 1)}/", headers={})',
        "subprocess.run(\n    command,\n    timeout=20,\n)",
        "entered.wait(10)",
        "connection.settimeout(10.0)",
        "thread.join(60)",
        "asyncio.wait_for(done.wait(), 20)",
        "asyncio.timeout(30)",
        "webhook.wait_for(firing, 20.0)",
        "_LONG = 30.0  # which it is not\nasync with asyncio.timeout(_LONG): ...",
    ],
)
def test_who_gives_up_would_be_found(call: str) -> None:
    assert list(short_waits(call))


@pytest.mark.parametrize(
    "call", ["httpx.get(url, timeout=HANG)", "pause.wait(0.1)", "thread.join(HANG)", "post(timeout=HANG)"]
)
def test_who_waits_long_or_makes_a_pause_is_not(call: str) -> None:
    assert not list(short_waits(call))
