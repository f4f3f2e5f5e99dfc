"""Remembering parsed answers: the same object for the same bytes, and never too much of it."""

from dataclasses import fields, replace

import pytest

from probe.model.outcome import NoResponse, Response
from probe.wire.transport.memory import AnswerMemory

GENERATION_BYTES, GENERATION_ENTRIES = 4 << 20, 8192
CORES_PER_DOMAIN, CORE_BYTES = 8, 512
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

QUESTION = b"\x03www\x07example\x00\x00\x01\x00\x01"


def rest(number: int, *, flags: bytes = b"\x84\x00", padding: int = 0) -> bytes:
    rdata = number.to_bytes(4, "big")
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + rdata
    if padding:
        record += b"\xc0\x0c\xff\x00\x00\x01\x00\x00\x00\x3c" + padding.to_bytes(2, "big") + bytes(padding)
    count = 2 if padding else 1
    return flags + b"\x00\x01" + count.to_bytes(2, "big") + bytes(4) + QUESTION + record


def test_equal_bytes_give_the_same_object() -> None:
    memory = AnswerMemory()
    assert memory.read(rest(1)) is memory.read(rest(1))
    assert memory.read(rest(1)) is not memory.read(rest(2))


def test_what_is_asked_for_again_survives_a_change_of_generations() -> None:
    memory = AnswerMemory()
    kept = memory.read(rest(0))
    for number in range(1, GENERATION_ENTRIES + 10):
        memory.read(rest(number))
    assert memory.read(rest(0)) is kept
    assert rest(0) in memory.young


def test_entries_are_bounded_and_the_young_dictionary_stays_the_same() -> None:
    memory = AnswerMemory()
    young = memory.young
    for number in range(2 * GENERATION_ENTRIES + 100):
        memory.read(rest(number))
    assert memory.young is young
    assert len(memory.young) + len(memory._known._old) <= 2 * GENERATION_ENTRIES


def test_bytes_are_bounded() -> None:
    memory = AnswerMemory()
    for number in range(GENERATION_BYTES // 60_000 + 20):
        memory.read(rest(number, padding=60_000))
    assert sum(map(len, memory.young)) <= GENERATION_BYTES + 61_000


def test_truncated_messages_and_format_errors_are_never_remembered() -> None:
    memory = AnswerMemory()
    for flags in (b"\x86\x00", b"\x84\x01"):
        assert isinstance(memory.read(rest(1, flags=flags)), Response)
    assert not memory.young


def test_an_answer_of_another_machine_says_the_same_as_the_one_before() -> None:
    memory = AnswerMemory()
    one, other = memory.read(by_machine(b"m1")), memory.read(by_machine(b"m2"))
    assert isinstance(one, Response)
    assert isinstance(other, Response)
    assert other.says_the_same(one)
    assert (one.nsid, other.nsid) == ("m1", "m2")
    assert memory.parsed == 1
    assert not other.says_the_same(replace(one, rcode="".join([*one.rcode])))
    alike = {field.name for field in fields(Response)} - {"nsid", "size", "wire"}
    assert all(getattr(one, name) == getattr(other, name) for name in alike)
    assert (other.size, other.wire) == (len(other.wire), b"\x00\x00" + by_machine(b"m2"))


def by_machine(nsid: bytes) -> bytes:
    option = b"\x00\x03" + len(nsid).to_bytes(2, "big") + nsid
    opt = b"\x00\x00\x29\x04\xd0" + bytes(4) + len(option).to_bytes(2, "big") + option
    plain = rest(1)
    return plain[:8] + b"\x00\x01" + plain[10:] + opt


def test_what_does_not_parse_is_not_remembered() -> None:
    memory = AnswerMemory()
    assert isinstance(memory.read(rest(1)[:-1]), NoResponse)
    assert not memory.young


def test_a_generation_is_over_when_it_has_so_many_answers_or_so_many_bytes() -> None:
    one, memory = AnswerMemory().read(rest(0)), AnswerMemory()
    assert isinstance(one, Response)
    generation = memory._known
    for number in range(GENERATION_ENTRIES):
        generation.keep(number.to_bytes(3, "big"), one, 3)
    assert len(memory.young) == GENERATION_ENTRIES
    generation.keep(b"more", one, 4)
    assert len(memory.young) == 1
    generation.keep(b"much", one, GENERATION_BYTES - 5)
    generation.keep(b"!", one, 1)
    assert len(memory.young) == 3
    generation.keep(b"and more", one, 8)
    assert len(memory.young) == 1


@pytest.mark.parametrize(("domains", "entries"), [(0, 8_192), (2_048, 8_192), (2_049, 1_024), (10_000, 1_024)])
def test_the_bytes_of_answers_are_kept_where_they_come_back_in_time(domains: int, entries: int) -> None:
    """Of more than 2,048 domains none would be found in its next round: eight answers each fill both parts."""
    memory = AnswerMemory()
    memory.resize(domains)
    assert memory._known.entries == entries
    assert (8 * domains <= 2 * GENERATION_ENTRIES) is (entries == GENERATION_ENTRIES)


@pytest.mark.parametrize("domains", [0, 1_000, 1_025, 10_000])
def test_what_answers_say_is_remembered_for_each_domain_of_a_large_plan(domains: int) -> None:
    """Two types and half a dozen names of TXT, of half a kilobyte."""
    cores = AnswerMemory(domains)._cores
    assert cores.entries == max(GENERATION_ENTRIES, CORES_PER_DOMAIN * domains)
    assert cores.bytes == max(GENERATION_BYTES, CORE_BYTES * cores.entries)
