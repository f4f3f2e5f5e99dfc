"""What a journal costs: `python -m tests.store.measure_journal`. The figures in docs/operations.md are from it.

A day of calm domains as the default plan asks them, with four resolvers: every answer is a real message, an ALB's three
addresses in any order, with a name server's NSID or a resolver's falling TTL.
"""

import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.rrset

from probe.cli.keeping import make_codec
from probe.model.clock import Instant
from probe.model.journal import Checkpoint, Entry, ServersFound, TimePassed, WatchBegun
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.plan import Plan, State
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.server import Server, ServerRole
from probe.runtime.replay import Replay
from probe.store.checkpoints import Encoding
from probe.store.journal import Journal
from probe.store.reading import JournalReader
from probe.wire.transport.memory import AnswerMemory
from tests.plans import plan
from tests.runtime.bench import FOUR

DOMAINS = 20
HOURS = 6.0
RESOLVERS = tuple(Server(f"r{n}", f"198.51.100.{n}", role=ServerRole.RESOLVER, group=f"r{n}") for n in range(4))
_MEMORY = AnswerMemory()


def answer(question: Question, values: list[str], ttl: int, nsid: bytes | None) -> Response:
    query = dns.message.make_query(question.name, question.rdtype.value, use_edns=0)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA if nsid else dns.flags.RA
    response.answer.append(dns.rrset.from_text_list(question.name, ttl, "IN", question.rdtype.value, values))
    if nsid:
        response.use_edns(0, options=[dns.edns.NSIDOption(nsid)])
    outcome = _MEMORY.read(response.to_wire()[2:])
    assert isinstance(outcome, Response)
    return outcome


def day(names: list[DomainName], rng: random.Random) -> Iterator[Entry]:
    """Give a calm day, hour by hour, second by second."""
    owner = '"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/web"'
    four = {RecordType.A: [f"192.0.2.{n}" for n in (1, 2, 3)], RecordType.AAAA: [f"2001:db8::{n}" for n in (1, 2, 3)]}
    orders = {rdtype: [list(order) for order in itertools.permutations(values)] for rdtype, values in four.items()}
    due: list[tuple[float, str, DomainName]] = []
    for name in names:
        for kind, every in (("record", 7.0), ("txt", 120.0), ("resolver", 30.0), ("tick", 30.0)):
            due += [(start + rng.uniform(0, every), kind, name) for start in _steps(every)]
    for when, kind, name in sorted(due):
        at = Instant(1_800_000_000.0 + when, 1_000.0 + when)
        if kind == "tick":
            yield TimePassed(name, at)
        elif kind == "txt":
            for prefix in ("a-", "aaaa-"):
                question = Question(DomainName(prefix + name), RecordType.TXT)
                yield Observation(question, rng.choice(FOUR), answer(question, [owner], 300, b"ns"), at, 0.0123)
        else:
            for rdtype in ADDRESS_TYPES:
                question = Question(name, rdtype)
                for server in RESOLVERS if kind == "resolver" else (rng.choice(FOUR),):
                    authoritative = server.role is ServerRole.AUTHORITATIVE
                    ttl, nsid = (60, server.name.encode()) if authoritative else (rng.randrange(61), None)
                    yield Observation(
                        question,
                        server,
                        answer(question, rng.choice(orders[rdtype]), ttl, nsid),
                        at,
                        rng.uniform(0, 0.1),
                    )


def _steps(every: float) -> list[float]:
    return [number * every for number in range(int(HOURS * 3600 / every))]


def judged(path: Path, names: Sequence[DomainName]) -> float:
    """Judge these domains again, as `replay` does; give the seconds of CPU."""

    def narrow(the_plan: Plan) -> Plan:
        (wave,) = the_plan.waves
        return replace(
            the_plan, waves=(replace(wave, domains=tuple(one for one in wave.domains if one.name in names)),)
        )

    replay = Replay(narrow=narrow)
    begun = time.process_time()
    with JournalReader(path, make_codec()) as reader:
        for entry in reader.needed(replay.is_bystander):
            replay.fold(entry)
    return time.process_time() - begun


def main() -> None:
    """Measure, and say what came of it."""
    told: list[str] = []
    names = [DomainName(f"host-{number}.shop.example.com.") for number in range(DOMAINS)]
    the_plan = plan(*names, resolvers=RESOLVERS)
    entries = list(day(names, random.Random(1)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        journal = Journal(path, State(path, size=65_536), make_codec())
        journal.open()
        began = Instant(1_800_000_000.0, 1_000.0)
        journal.record(WatchBegun(the_plan, began, None))
        for name in names:
            journal.record(ServersFound(name, DomainName("example.com."), FOUR, began))
        journal._take_turn(1)
        empty = journal.status().size
        recording = writing = 0.0
        for start in range(0, len(entries), 500):
            batch = entries[start : start + 500]
            begun = time.perf_counter()
            for entry in batch:
                journal.record(entry)
            recording += time.perf_counter() - begun
            begun = time.process_time()
            journal._take_turn(1)
            writing += time.process_time() - begun
        journal.start()
        journal.close()
        size = path.stat().st_size - empty
        count = len(entries)
        domain_days = DOMAINS * HOURS / 24
        told += [
            f"{count:,} entries of {DOMAINS} domains in {HOURS:g} h",
            f"{recording / count * 1e6:.2f} µs an entry on the event loop",
        ]
        told.append(f"{writing / count * 1e6:.1f} µs an entry of CPU in the writer's thread")
        told.append(f"{size / count:.0f} bytes an entry, {size / domain_days / 1e6:.2f} MB a domain and day")
        told += [f"{judged(path, some):.1f} s of CPU to judge {len(some)} of them again" for some in (names, names[:1])]
    replay = Replay()
    replay.fold(WatchBegun(the_plan, Instant(1_800_000_000.0, 1_000.0), None))
    for name in names:
        replay.fold(ServersFound(name, DomainName("example.com."), FOUR, Instant(1_800_000_000.0, 1_000.0)))
    begun = time.process_time()
    for entry in entries:
        replay.fold(entry)
    told.append(f"{(time.process_time() - begun) / len(entries) * 1e6:.0f} µs an entry to fold it again")
    restored = replay.restored()
    assert restored is not None
    codec = make_codec()
    states = tuple(restored.states.values())
    checkpoint = Checkpoint(
        restored.until, restored.plan, states, tuple(restored.places.values()), restored.book, restored.billed
    )
    encoding = Encoding(0, checkpoint, codec)
    begun = time.process_time()
    while not encoding.go_on():
        pass
    spent = time.process_time() - begun
    blobs = [codec.dumps(tuple(state)) for state in states]
    told.append(
        f"{spent / len(states) * 1e6:.0f} µs, {sum(map(len, blobs)) / len(blobs):,.0f} bytes a domain in a checkpoint"
    )
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
