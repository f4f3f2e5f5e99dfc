"""The verdict as a pure function: what no order of arrival and no repetition may change."""

from hypothesis import given
from hypothesis import strategies as st

from probe.model.clock import Instant
from probe.model.delegation import DelegationProblem
from probe.model.name import DomainName, canonical
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.server import Server
from probe.wire.delegation.delegation_verdict import Evidence, NameServer, ParentReply, listed, verdict
from probe.wire.delegation.reply import DelegationReply, StepKind
from probe.wire.delegation.standing import ChildReply, standing
from probe.wire.delegation.walk_values import Addresses
from tests.wire.delegation.world import names

ZONE = canonical("example.com")
NOW = Instant(1_800_000_000.0, 5.0)
NS = names("ns1.example.com", "ns2.example.com")


def soa(ttl: int = 900, *, aa: bool = True, ra: bool = False) -> Response:
    rdata = ("ns1.example.com. hostmaster.example.com. 1 7200 900 1209600 300",)
    return Response("NOERROR", aa, ra, answer=(RRset(ZONE, "SOA", ttl, rdata),))


def ns(*targets: DomainName) -> Response:
    return Response("NOERROR", authoritative=True, answer=(RRset(ZONE, "NS", 900, targets),))


def child(name: DomainName, address: str, first: Outcome, second: Outcome, again: Outcome | None = None) -> ChildReply:
    return ChildReply(Server(name, address), first, second, again, apart=1.1)


def evidence(*children: ChildReply, parents: tuple[ParentReply, ...] = (), **changes: object) -> Evidence:
    found = tuple(
        NameServer(reply_name, (), Addresses((address,)))
        for reply_name, address in {(DomainName(reply.server.name), reply.server.address) for reply in children}
    )
    fields = {"referred": NS, "name_servers": found, "families": frozenset({4, 6})} | changes
    return Evidence(zone=ZONE, parents=parents, children=children, **fields)  # type: ignore[arg-type]  # fields of Evidence by name


GOOD = tuple(child(name, f"192.0.2.{number}", soa(), ns(*NS), soa()) for number, name in enumerate(NS))
PARENT = ParentReply(Server("a.gtld-servers.net.", "192.0.2.200"), DelegationReply(StepKind.CUT, ZONE, NS))

OUTCOMES: st.SearchStrategy[Outcome] = st.sampled_from(
    [
        soa(),
        soa(aa=False),
        soa(ra=True),
        soa(aa=False, ra=True),
        ns(*NS),
        ns(NS[0]),
        Response("REFUSED"),
        Response("NXDOMAIN", authoritative=True),
        NoResponse(FailureReason.TIMEOUT),
        NoResponse(FailureReason.UNREACHABLE),
        NoResponse(FailureReason.MALFORMED, "junk"),
    ]
)
REPLIES = st.builds(
    child,
    st.sampled_from(NS),
    st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
    OUTCOMES,
    OUTCOMES,
    st.none() | OUTCOMES,
)
PARENTS = st.builds(
    ParentReply,
    st.sampled_from([Server("a.gtld-servers.net.", "192.0.2.200"), Server("b.gtld-servers.net.", "192.0.2.201")]),
    st.sampled_from(
        [
            None,
            DelegationReply(StepKind.CUT, ZONE, NS),
            DelegationReply(StepKind.CUT, ZONE, NS[:1]),
            DelegationReply(StepKind.DENIED),
        ]
    ),
    st.booleans(),
)


def test_agreement_is_without_problems() -> None:
    found = verdict(evidence(*GOOD, parents=(PARENT,)), NOW)
    assert found.problems == ()
    assert [server.address for server in found.servers] == ["192.0.2.0", "192.0.2.1"]
    assert (found.parent_ns, found.child_ns, found.at) == (NS, NS, NOW)


@given(st.lists(REPLIES, max_size=4, unique_by=lambda reply: reply.server), st.lists(PARENTS, max_size=3), st.randoms())
def test_the_order_in_which_answers_arrived_does_not_matter(
    children: list[ChildReply], parents: list[ParentReply], rng: object
) -> None:
    one = verdict(evidence(*children, parents=tuple(parents)), NOW)
    rng.shuffle(children)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    rng.shuffle(parents)  # type: ignore[attr-defined]  # likewise
    other = verdict(evidence(*children, parents=tuple(parents)), NOW)
    assert (one.problems, one.parent_ns, one.child_ns) == (other.problems, other.parent_ns, other.child_ns)
    assert set(one.servers) == set(other.servers)


@given(st.lists(REPLIES, max_size=4, unique_by=lambda reply: reply.server), st.lists(PARENTS, max_size=3))
def test_who_counts_answered_with_authority_and_who_does_not_is_reported_or_out_of_reach(
    children: list[ChildReply], parents: list[ParentReply]
) -> None:
    found = verdict(evidence(*children, parents=tuple(parents)), NOW)
    for reply in children:
        spoke = [outcome for outcome in (reply.soa, reply.ns) if isinstance(outcome, Response)]
        if reply.server in found.servers:
            assert any(response.authoritative for response in spoke)
        else:
            assert any(reply.server.address in report.subject for report in found.problems)
    for report in found.problems:
        assert report.sentence.endswith(".")
        assert "None" not in report.sentence


def test_who_gave_no_answer_and_whose_addresses_nobody_told_is_known_apart_from_who_is_lame() -> None:
    lost = NoResponse(FailureReason.TIMEOUT)
    silent = child(NS[1], "192.0.2.9", lost, lost)
    lame = child(NS[0], "192.0.2.8", Response("REFUSED"), Response("REFUSED"))
    told = NameServer(NS[0], (), Addresses(("192.0.2.0", "192.0.2.8"), untold=frozenset({6})))
    untold = NameServer(NS[1], ("192.0.2.9",), Addresses((), "nobody tells", frozenset({4, 6})))
    found = verdict(evidence(GOOD[0], silent, lame, name_servers=(told, untold)), NOW)
    assert found.servers == (GOOD[0].server,)
    assert found.silent == (silent.server,)
    assert found.untold == {(NS[0], 6), (NS[1], 4), (NS[1], 6)}
    assert DelegationProblem.GLUE_MISMATCH not in {report.problem for report in found.problems}


def test_a_family_out_of_reach_is_left_out_only_while_the_other_answers() -> None:
    gone = NoResponse(FailureReason.UNREACHABLE, "no route")
    lost = child(NS[0], "2001:db8::1", gone, gone)
    assert verdict(evidence(*GOOD, lost, unreachable=frozenset({6})), NOW).problems == ()
    alone = verdict(evidence(lost, unreachable=frozenset({6})), NOW)
    assert [report.problem for report in alone.problems] == [DelegationProblem.SILENT]
    alive = verdict(evidence(*GOOD, lost), NOW)
    assert [report.problem for report in alive.problems] == [DelegationProblem.SILENT]


def test_the_ns_answer_stands_in_for_a_lost_soa_answer() -> None:
    reply = child(NS[0], "192.0.2.1", NoResponse(FailureReason.TIMEOUT), ns(*NS))
    assert standing(reply, ZONE).counts


def test_a_ttl_that_falls_with_the_clock_is_a_caches() -> None:
    assert not standing(child(NS[0], "192.0.2.1", soa(900), ns(*NS), soa(899)), ZONE).counts
    assert not standing(child(NS[0], "192.0.2.1", soa(900), ns(*NS), soa(898)), ZONE).counts


def test_a_ttl_that_the_zones_owner_changed_is_no_caches() -> None:
    assert standing(child(NS[0], "192.0.2.1", soa(900), ns(*NS), soa(60)), ZONE).problem is None
    assert standing(child(NS[0], "192.0.2.1", soa(60), ns(*NS), soa(900)), ZONE).problem is None


def test_a_lost_repeat_costs_nothing() -> None:
    reply = child(NS[0], "192.0.2.1", soa(), ns(*NS), NoResponse(FailureReason.TIMEOUT))
    assert standing(reply, ZONE).problem is None


def test_authority_that_is_gone_at_the_second_look_is_a_caches() -> None:
    reply = child(NS[0], "192.0.2.1", soa(), ns(*NS), soa(899, aa=False, ra=True))
    assert standing(reply, ZONE).problem is DelegationProblem.INTERCEPTED


def test_problems_come_in_the_order_of_their_kinds_each_once() -> None:
    lame = child(NS[0], "192.0.2.8", Response("REFUSED"), Response("REFUSED"))
    silent = child(NS[0], "192.0.2.7", NoResponse(FailureReason.TIMEOUT), NoResponse(FailureReason.TIMEOUT))
    short = ParentReply(Server("b.gtld-servers.net.", "192.0.2.201"), DelegationReply(StepKind.CUT, ZONE, NS[:1]))
    found = verdict(evidence(silent, *GOOD, lame, parents=(short, PARENT, PARENT, short, PARENT)), NOW)
    assert [report.problem for report in found.problems] == [
        DelegationProblem.LAME,
        DelegationProblem.SILENT,
        DelegationProblem.PARENT_CHILD_MISMATCH,
    ]


def test_long_lists_are_cut_in_sentences() -> None:
    assert listed(names("a", "b")) == "a, b"
    assert listed([f"n{number}." for number in range(13)]) == "n0, n1, n2, n3 and 9 more"
