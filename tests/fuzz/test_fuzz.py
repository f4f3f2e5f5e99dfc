"""A short hunt with every run of the tests; docs/security.md has the long ones, and the command."""

import os
import random
import time

import pytest

from probe.wire.transport import reader
from tests.fuzz.hunt import fault_of, hunt, lines_of, most_lines
from tests.fuzz.mutate import LONGEST, written
from tests.wire.expanding import expanding

MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "5000"))


@pytest.mark.case("F1")
def test_no_message_breaks_the_reader_or_keeps_it_busy() -> None:
    catch = hunt(MESSAGES, 20_261_128, time.thread_time_ns)
    assert catch.faults == ()
    assert catch.messages == MESSAGES
    assert catch.responses > MESSAGES // 50
    for slow in catch.slowest:
        assert lines_of(slow.message) <= most_lines(len(slow.message)), slow.message.hex()


@pytest.mark.case("F1")
def test_the_hunt_would_find_the_expanding_names_if_they_were_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "is_too_dear", lambda _: False)
    message = expanding(1_224)
    assert lines_of(message) > most_lines(len(message))


def test_written_messages_are_bounded_and_repeatable() -> None:
    first, again = ([written(random.Random(seed)) for seed in range(300)] for _ in range(2))
    assert first == again
    assert max(map(len, first)) <= LONGEST + 600


def test_a_fault_is_a_fault() -> None:
    assert fault_of(None) == "a NoneType"
