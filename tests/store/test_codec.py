"""Values as bytes and back: what comes back is what was written, and nothing is guessed."""

import contextlib
import json
import zlib
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.cli.keeping import make_codec
from probe.config.load import load
from probe.judge.record.state import Pool, RecordMemory, ServerMemory
from probe.judge.review import initial
from probe.judge.state import DomainMemory
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.journal import Checkpoint
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.plan import Plan
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.server import Server
from probe.model.side import AnswerClass, Side
from probe.runtime.restored import restored_from
from probe.store.codec import Codec, CodecError
from tests.config.plans import CONFIG
from tests.plans import plan
from tests.runtime.bench import RESOLVER, Bench
from tests.runtime.tape import Tape, Watch, live
from tests.runtime.test_replay import API, SHOP, a_fight

MAX_BLOB = 64 << 20
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


class Old(NamedTuple):
    name: str
    total: int = 0


class Judged(NamedTuple):
    public: int
    memory: object = None


class Notes(NamedTuple):
    first: int


def test_everything_that_the_daemon_knows_comes_back_as_it_was() -> None:
    tape = Tape()

    async def scenario(bench: Bench) -> None:
        await a_fight(bench)
        tape.wanted = True
        await bench.clock.sleep(2)

    live(plan(SHOP, API, resolvers=(RESOLVER,)), tape, Watch(0.0, scenario))
    (checkpoint,) = tape.checkpoints
    pairs = tuple((status, memory) for status, memory in checkpoint.states)  # as the journal writes them
    checkpoint = checkpoint._replace(states=pairs)
    codec = make_codec()

    again = codec.loads(codec.dumps(checkpoint))

    assert _by_value(again) == _by_value(checkpoint)
    (status, memory), *_ = again.states
    assert isinstance(memory, DomainMemory)
    assert status.records[0].servers[0].server is status.records[1].servers[0].server  # one object, as before


def _by_value(value: object) -> object:
    """Give a value with its responses as what they say: they are compared by identity elsewhere."""
    if isinstance(value, Response):
        return value.rcode, value.answer, value.wire
    if isinstance(value, tuple):
        return type(value), tuple(map(_by_value, value))
    return value


@pytest.mark.parametrize("path", [CONFIG / "minimal.yaml", CONFIG / "example.yaml"], ids=lambda path: path.stem)
def test_an_example_plan_comes_back_as_it_was(path: Path) -> None:
    written = load(path)
    codec = make_codec()
    assert codec.loads(codec.dumps(written)) == written


def test_networks_paths_and_words_come_back_as_their_own_types() -> None:
    codec = make_codec()
    sides = plan("a.example.com.")
    written = replace(
        sides,
        v1=replace(sides.v1, networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/48"))),
        source=Path("x"),
    )
    again = codec.loads(codec.dumps(written))
    assert again == written
    assert again.v1.side is Side.V1
    assert isinstance(again.source, Path)


_TEXTS = st.text(max_size=20)
_INSTANTS = st.builds(Instant, st.floats(allow_nan=False), st.floats(allow_nan=False))


@st.composite
def _servers(draw: st.DrawFn) -> ServerStatus:
    server = Server(draw(_TEXTS), draw(_TEXTS), draw(st.integers(0, 65535)))
    return ServerStatus(server, at=draw(st.none() | _INSTANTS), failures=draw(st.integers()))


@st.composite
def _records(draw: st.DrawFn) -> RecordStatus:
    return RecordStatus(
        draw(st.sampled_from(RecordType)),
        draw(st.sampled_from(RecordState)),
        draw(st.none() | _INSTANTS),
        draw(st.none() | st.sampled_from(Position)),
        servers=tuple(draw(st.lists(_servers(), max_size=3))),
    )


_MEMORIES = st.builds(
    lambda at, run: DomainMemory((RecordMemory(changed=at, pool=Pool(run=run)),), (None,)),
    _INSTANTS,
    st.integers(0, 99),
)


@settings(max_examples=50)
@given(st.lists(_records(), max_size=3).map(tuple), st.none() | _MEMORIES)
def test_any_record_comes_back_bit_by_bit(records: tuple[RecordStatus, ...], memory: DomainMemory | None) -> None:
    codec = make_codec()
    again, remembered = codec.loads(codec.dumps((records, memory)))
    assert (again, remembered) == (records, memory)
    assert [repr(record) for record in again] == [repr(record) for record in records]
    assert repr(remembered) == repr(memory)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_nothing_else_happens(blob: bytes) -> None:
    codec = make_codec()
    for content in (blob, zlib.compress(blob)):
        try:
            codec.loads(content)
        except CodecError:
            continue
        assert content == zlib.compress(blob)  # and then it was JSON of ours


def test_a_blob_with_any_changed_bit_is_refused_or_reads_as_it_was() -> None:
    """What still reads has the same text: padding (RFC 1951, section 3.1.1), or a distance to an equal string."""
    codec = make_codec()
    value = plan("a.example.com.")
    blob = codec.dumps(value)
    refused = 0
    for place in range(8 * len(blob)):
        changed = bytearray(blob)
        changed[place // 8] ^= 1 << place % 8
        try:
            assert codec.loads(bytes(changed)) == value
        except CodecError:
            refused += 1
    assert refused > 0.99 * 8 * len(blob)


@given(st.data())
def test_a_blob_with_a_changed_byte_never_reads_as_another_value(data: st.DataObject) -> None:
    codec = make_codec()
    value = plan("a.example.com.")
    blob = bytearray(codec.dumps(value))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(CodecError):
        assert codec.loads(bytes(blob)) == value


def test_a_blob_that_is_cut_short_is_refused() -> None:
    codec = make_codec()
    blob = codec.dumps(plan("a.example.com."))
    with pytest.raises(CodecError):
        codec.loads(blob[:-10])


def test_a_blob_that_would_fill_memory_is_refused() -> None:
    with pytest.raises(CodecError, match="too large"):
        make_codec().loads(zlib.compress(b"[" + b" " * (MAX_BLOB + 10)))


def test_a_part_that_nobody_said_may_occur_is_left_out_and_told_of() -> None:
    codec = make_codec()
    record = RecordStatus(RecordType.A)
    assert codec.loads(codec.dumps((record, Judged(1)))) == (record, None)
    assert codec.unknown == {"Judged"}


def _renamed(blob: bytes, before: str, after: str) -> bytes:
    return zlib.compress(zlib.decompress(blob).replace(before.encode(), after.encode()))


def test_a_field_that_is_not_there_yet_takes_its_default() -> None:
    codec = Codec([Old])
    header, _ = json.loads(zlib.decompress(codec.dumps(Old("a", 5))))
    assert header == [["Old", "name", "total"]]
    older = zlib.compress(json.dumps([[["Old", "name"]], [8, "a"]]).encode())
    assert codec.loads(older) == Old("a", 0)


def test_a_field_or_a_type_of_another_version_refuses_the_blob() -> None:
    codec = Codec([Old])
    for before, after, said in (
        ("total", "amount", "fields that this version does not know: amount"),
        ("Old", "New", "New"),
    ):
        with pytest.raises(CodecError, match=said):
            codec.loads(_renamed(codec.dumps(Old("a", 5)), before, after))


def test_what_a_judge_with_other_rules_remembered_is_forgotten_and_the_facts_are_kept() -> None:
    class NotesOfThen(NamedTuple):
        first: int
        second: float

    NotesOfThen.__name__ = "Notes"
    then = Codec([Judged], [NotesOfThen]).dumps(Judged(7, NotesOfThen(1, 2.0)))

    assert Codec([Judged], [Notes]).loads(then) == Judged(7, None)
    assert Codec([Judged], [NotesOfThen]).loads(then) == Judged(7, NotesOfThen(1, 2.0))


def test_the_judges_own_memory_is_of_the_kind_that_is_forgotten() -> None:
    codec = make_codec()
    domain = plan("a.example.com.").domains[0]
    status = DomainStatus(domain, records=(RecordStatus(RecordType.A, servers=(ServerStatus(Server("ns", "x")),)),))
    memory = DomainMemory((RecordMemory((ServerMemory(segment=1),), fighting=True),), (None,))
    fingerprint = codec._types.fingerprint
    blob = codec.dumps((status, memory))
    assert codec.loads(blob) == (status, memory)
    assert codec.loads(_renamed(blob, fingerprint, "0" * len(fingerprint))) == (status, None)


def test_of_a_domain_whose_memory_is_forgotten_the_facts_are_taken_up_and_nothing_else() -> None:
    state = initial(plan("a.example.com.").domains[0], (TxtRegistry(),))
    record = state.status.records[0]._replace(servers=(ServerStatus(Server("ns", "x"), AnswerClass.V2, run=7),))
    status = state.status._replace(records=(record, state.status.records[1]))
    checkpoint = Checkpoint(Instant(1, 1), plan("a.example.com."), ((status, None),), (), None, ())
    restored = restored_from(checkpoint, Instant(2, 2)).states[status.domain.name]
    assert restored.status == status
    assert restored.memory == DomainMemory((RecordMemory((ServerMemory(),)), RecordMemory()), (None, None))


def test_two_types_of_one_name_are_refused() -> None:
    @dataclass(frozen=True)
    class Plan_:  # noqa: N801  # it stands for another one called Plan
        x: int

    Plan_.__name__ = "Plan"
    with pytest.raises(TypeError, match="two types are called Plan"):
        Codec([Plan, Plan_])


def test_only_known_types_are_ever_made() -> None:
    evil = zlib.compress(json.dumps([[["Path"]], [8, "/etc/passwd"]]).encode())
    assert make_codec().loads(evil) == Path("/etc/passwd")  # a value, nothing that is opened
    for name in ("object", "exec", "Popen", "DomainName"):
        with pytest.raises(CodecError):
            make_codec().loads(zlib.compress(json.dumps([[[name]], [8, "x"]]).encode()))


def test_a_response_is_kept_by_its_message_alone() -> None:
    query = bytes.fromhex(
        "0000840000010001000000000161076578616d706c6503636f6d0000010001c00c000100010000003c0004c0000201"
    )
    codec = make_codec()
    response = codec.read_response(query)
    blob = codec.dumps((response, response))
    assert b"192.0.2.1" not in zlib.decompress(blob)
    again, twice = codec.loads(blob)
    assert again is twice
    assert again.answer == response.answer
    assert again.answer[0].name == DomainName("a.example.com.")
    with pytest.raises(CodecError, match="does not parse"):
        codec.read_response(b"\x00" * 5)
