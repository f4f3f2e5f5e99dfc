"""Messages that say the same: what is taken for alike parses alike, byte by byte of what is kept of it."""

import random
from dataclasses import fields

import dns.edns
import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model.name import DomainName
from probe.model.outcome import NoResponse, Response, RRset
from probe.wire.transport.memory import AnswerMemory
from probe.wire.transport.reader import read
from probe.wire.transport.variant import variant_of
from tests.fuzz.mutate import mutated

"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

DENIALS_KEPT = 1_024
SERVERS = 4
ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.3")


def message(
    *addresses: str, name: str = "www.example.", rdtype: str = "A", nsid: bytes | None = b"a1", ttl: int = 60
) -> dns.message.Message:
    """Make a response as Route 53 gives it: the addresses in this order, and the name servers of the zone."""
    query = dns.message.make_query(name, rdtype, use_edns=0)
    made = dns.message.make_response(query)
    made.flags |= dns.flags.AA
    for address in addresses:  # each a set of its own: dnspython shuffles the records of a set
        made.answer.append(dns.rrset.from_text(name, ttl, "IN", rdtype, address))
    for number in range(SERVERS):
        made.authority.append(dns.rrset.from_text("example.", 172_800, "IN", "NS", f"ns{number}.example."))
    if nsid is not None:
        made.use_edns(0, options=[dns.edns.NSIDOption(nsid)])
    return made


def rest(
    *addresses: str, name: str = "www.example.", rdtype: str = "A", nsid: bytes | None = b"a1", ttl: int = 60
) -> bytes:
    return message(*addresses, name=name, rdtype=rdtype, nsid=nsid, ttl=ttl).to_wire()[2:]


def same(one: Response | NoResponse, other: Response | NoResponse) -> bool:
    if isinstance(one, NoResponse) or isinstance(other, NoResponse):
        return one == other
    return all(getattr(one, field.name) == getattr(other, field.name) for field in fields(Response))


POOL = [rest(*ADDRESSES), rest("2001:db8::1", "2001:db8::2", rdtype="AAAA"), rest(nsid=None), rest(nsid=b"")]


@pytest.mark.parametrize("nsid", [b"", b"machine-17", None])
def test_the_order_of_addresses_and_the_machine_make_no_other_core(nsid: bytes | None) -> None:
    one, other = variant_of(rest(*ADDRESSES, nsid=nsid)), variant_of(rest(*reversed(ADDRESSES), nsid=nsid))
    assert one is not None
    assert one == other
    assert one.nsid == nsid


@pytest.mark.parametrize(
    "other",
    [
        rest(*ADDRESSES[:2]),
        rest(*ADDRESSES[:2], "192.0.2.9"),
        rest(*ADDRESSES, ttl=59),
        rest(*ADDRESSES, name="api.example."),
        rest(*ADDRESSES, nsid=None),
        rest("2001:db8::1", rdtype="AAAA"),
    ],
)
def test_whatever_else_differs_makes_another_core(other: bytes) -> None:
    one, two = variant_of(rest(*ADDRESSES)), variant_of(other)
    assert one is not None
    assert two is not None
    assert one.core != two.core


def test_names_that_lean_on_a_record_which_may_move_have_no_simple_form() -> None:
    plain = rest(*ADDRESSES, nsid=None)
    begin = plain.index(b"\xc0\x0c")
    leaning = plain[: begin + 48]
    owner = (0xC000 | (begin + 2)).to_bytes(2, "big")  # the first record's owner, a pointer itself
    ns = owner + b"\x00\x02\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x0c"
    crafted = leaning[:6] + b"\x00\x01\x00\x00" + leaning[10:] + ns
    assert isinstance(read(b"\0\0" + crafted), Response)
    assert variant_of(crafted) is None


@given(st.integers(0, 1 << 32))
def test_what_is_remembered_of_a_variant_is_what_dnspython_reads_of_it_whatever_came_before(seed: int) -> None:
    rng = random.Random(seed)
    memory = AnswerMemory()
    for one in POOL:
        memory.read(one)
    for _ in range(20):
        changed = mutated(rng, [b"\0\0" + one for one in POOL])[2:]
        assert same(memory.read(changed), read(b"\0\0" + changed))


@given(st.permutations(ADDRESSES), st.none() | st.binary(max_size=40))
def test_a_shuffled_answer_of_any_machine_reads_as_if_it_had_been_parsed(order: list[str], nsid: bytes | None) -> None:
    memory = AnswerMemory()
    memory.read(rest(*ADDRESSES))
    memory.read(rest(*ADDRESSES, nsid=None))
    shuffled = rest(*order, nsid=nsid)
    assert same(memory.read(shuffled), read(b"\0\0" + shuffled))
    assert memory.parsed == 2


def test_10_000_domains_at_four_servers_of_many_machines_are_parsed_once_however_they_shuffle() -> None:
    """By counts, a tenth of the size: 1,000 names, as a plan of 1,000 domains and a memory for bytes of 800."""
    rng = random.Random(1)
    names = [f"host{number}.example." for number in range(1_000)]
    memory = AnswerMemory(len(names))
    memory._known.entries = 800
    template = {name: rest(*ADDRESSES, name=name) for name in names}

    def answer(name: str) -> bytes:
        whole = template[name]
        begin = whole.index(b"\xc0\x0c")
        records = [whole[begin + 16 * number : begin + 16 * number + 16] for number in range(len(ADDRESSES))]
        rng.shuffle(records)
        machine = b"%c%d" % (97 + rng.randrange(SERVERS), rng.randrange(10))
        return (whole[:begin] + b"".join(records) + whole[begin + 48 :]).replace(b"\x00\x02a1", b"\x00\x02" + machine)

    misses = []
    for _ in range(SERVERS):
        before = memory.parsed
        for name in names:
            memory.read(answer(name))
        misses.append(memory.parsed - before)
    assert misses == [len(names), 0, 0, 0]


def test_what_was_parsed_is_kept_without_the_bytes_of_messages_and_without_what_machines_are_called() -> None:
    """Of 10,000 domains, nine answers each, these were 50 MB, beside the same in the states of the domains."""
    memory = AnswerMemory()
    memory._known.entries = 1
    answers = [rest(*ADDRESSES, nsid=b"machine-%d" % number, name=f"n{number % 9}.") for number in range(90)]
    read = [memory.read(one) for one in answers]
    assert memory.parsed == len(memory._cores.young) == 9
    assert all(not said.wire and said.nsid is None for said in memory._cores.young.values())
    assert max(map(len, memory._cores.young)) <= 16
    assert all(isinstance(one, Response) and one.wire[2:] == answer for one, answer in zip(read, answers, strict=True))


def test_denials_of_a_zone_are_one_object_whichever_name_they_deny() -> None:
    """Five of the nine names that a domain is asked for have nothing."""
    memory = AnswerMemory()
    denials = [memory.read(rest(name=f"n{number}.", nsid=b"machine")) for number in range(20)]
    assert len({id(said) for said in memory._cores.young.values()}) == 1
    assert len(memory._cores.young) == memory.parsed == 20
    assert [same(one, read(one.wire)) for one in denials if isinstance(one, Response)] == [True] * 20
    for number in range(DENIALS_KEPT + 1):
        memory._without_bytes(Response("NXDOMAIN", authority=(RRset(DomainName(f"n{number}."), "SOA", 60, ("",)),)))
    assert len(memory._denials) <= DENIALS_KEPT


def test_what_many_answers_name_alike_is_one_object_in_all_of_them() -> None:
    """A machine in each of its answers, a load balancer's addresses in those of all domains behind it."""
    memory = AnswerMemory()
    answers = [memory.read(rest(*ADDRESSES, nsid=b"machine", name=f"n{number}.")) for number in range(20)]
    said = [one for one in answers if isinstance(one, Response)]
    assert memory.parsed == len(said) == len(answers)
    assert len({id(one.nsid) for one in said}) == 1
    assert len({id(one.answer[0].rdata) for one in said}) == 1
    owned = [memory.read(rest('"heritage=external-dns"', name=f"{kind}-n.", rdtype="TXT")) for kind in ("a", "aaaa")]
    long = [memory.read(rest(f'"{"x" * 250}" ' * 3, name=f"{kind}-n.", rdtype="TXT")) for kind in ("a", "aaaa")]
    for answers, objects in ((owned, 1), (long, 2)):  # what may be of any length is not kept beside its answer
        assert len({id(one.answer[0].rdata) for one in answers if isinstance(one, Response)}) == objects
