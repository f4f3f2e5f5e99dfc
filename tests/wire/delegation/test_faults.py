"""What can be wrong with a delegation, and what a walk says of it."""

import pytest

from probe.model.delegation import DelegationProblem
from probe.model.outcome import Response, RRset
from probe.model.plan import Authoritative
from tests.wire.delegation.scene import (
    CHILD,
    COM_EXAMPLE,
    COM_SERVERS,
    EXAMPLE,
    EXAMPLE_HOSTS,
    NS1,
    NS1_V6,
    NS2,
    NS2_V6,
    PLAN,
    addresses,
    furnish,
    problems,
    sentences,
    walk,
)
from tests.wire.delegation.world import (
    Behaviour,
    World,
    also_recursive,
    answering,
    counting_down,
    losing_first,
    names,
    recursive,
    refusing,
    silent,
    unreachable,
    without_authority,
)

UPWARD = Response("NOERROR", authority=(RRset(names(".")[0], "NS", 300, ("a.root-servers.net.",)),))
PARENT_ZONE = Response(
    "NOERROR", authoritative=True, authority=(RRset(names("com")[0], "SOA", 900, ("a. b. 1 2 3 4 5",)),)
)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (refusing, "it answers REFUSED"),
        (answering(Response("SERVFAIL")), "it answers SERVFAIL"),
        (without_authority, "answers without authority"),
        (answering(UPWARD), "refers elsewhere"),
        (answering(PARENT_ZONE), "answers from com"),
        (answering(Response("NOERROR", authoritative=True)), "shows no SOA"),
    ],
)
def test_a_lame_server_is_reported_and_left_out(behaviour: Behaviour, words: str) -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(behaviour, NS2)

    found, _ = walk(arrange)
    assert addresses(found) == [NS1, NS1_V6, NS2_V6]
    assert problems(found) == [(DelegationProblem.LAME, f"ns2.example.com ({NS2})")]
    assert words in sentences(found)


def test_a_silent_server_is_reported_and_left_out() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(silent, NS1_V6)

    found, _ = walk(arrange)
    assert addresses(found) == [NS1, NS2, NS2_V6]
    assert problems(found) == [(DelegationProblem.SILENT, f"ns1.example.com ({NS1_V6})")]


def test_one_lost_datagram_costs_no_server_its_place() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        for address in CHILD:
            world.behave(losing_first(1), address)

    found, _ = walk(arrange)
    assert addresses(found) == list(CHILD)
    assert found.problems == ()


def test_a_machine_without_ipv6_hears_nothing_of_ipv6_servers() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.unreachable_families = {6}

    found, _ = walk(arrange)
    assert addresses(found) == [NS1, NS2]
    assert found.problems == ()


def test_a_single_unreachable_server_of_a_living_family_is_silent() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(unreachable, NS1_V6)

    found, _ = walk(arrange)
    assert addresses(found) == [NS1, NS2, NS2_V6]
    assert problems(found) == [(DelegationProblem.SILENT, f"ns1.example.com ({NS1_V6})")]
    assert "connection refused" in sentences(found)


def test_servers_that_are_all_unreachable_are_reported_when_nothing_else_answers_for_the_zone() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(unreachable, *CHILD)

    found, _ = walk(arrange)
    assert len(found.problems) == len(CHILD)


def test_different_ns_sets_at_parent_and_child_are_told_apart_and_all_servers_asked() -> None:
    def arrange(world: World) -> None:
        furnish(world, example="@ NS ns1\n@ NS ns3\n" + EXAMPLE_HOSTS + "ns3 A 198.51.100.3\n")
        world.put("example.com.", "@ NS ns1\n@ NS ns3\n" + EXAMPLE_HOSTS, "198.51.100.3")

    found, _ = walk(arrange)
    assert found.parent_ns == names("ns1.example.com", "ns2.example.com")
    assert found.child_ns == names("ns1.example.com", "ns3.example.com")
    assert addresses(found) == [*CHILD, "198.51.100.3"]
    assert problems(found) == [(DelegationProblem.PARENT_CHILD_MISMATCH, "example.com")]
    assert "only the parent names ns2.example.com" in sentences(found)
    assert "only the zone itself names ns3.example.com" in sentences(found)


def test_a_parent_server_that_delegates_otherwise_is_named() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.put("com.", COM_EXAMPLE.replace("example NS ns2.example.com.", ""), COM_SERVERS[1])

    found, _ = walk(arrange)
    assert (DelegationProblem.PARENT_CHILD_MISMATCH, f"b.com-servers.org ({COM_SERVERS[1]})") in problems(found)


@pytest.mark.parametrize("late", COM_SERVERS)
def test_a_parent_server_that_does_not_delegate_yet_hides_nothing_and_is_named(late: str) -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.put("com.", "@ NS a.com-servers.org.\n", late)

    found, _ = walk(arrange)
    assert addresses(found) == list(CHILD)
    assert [problem for problem, _ in problems(found)] == [DelegationProblem.PARENT_CHILD_MISMATCH]
    assert f"({late}) does not delegate example.com" in sentences(found)


def test_servers_of_one_zone_with_different_ns_sets_are_divided() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.put("example.com.", "@ NS ns1\n" + EXAMPLE_HOSTS, NS2)

    found, _ = walk(arrange)
    assert problems(found) == [(DelegationProblem.CHILD_DIVIDED, f"ns2.example.com ({NS2})")]
    assert addresses(found) == list(CHILD)


def test_glue_that_differs_from_the_zone_is_reported_and_both_addresses_are_asked() -> None:
    def arrange(world: World) -> None:
        furnish(world, com=COM_EXAMPLE.replace(f"ns2.example A {NS2}", "ns2.example A 198.51.100.99"))

    found, _ = walk(arrange)
    assert addresses(found) == list(CHILD)
    assert problems(found) == [
        (DelegationProblem.SILENT, "ns2.example.com (198.51.100.99)"),
        (DelegationProblem.GLUE_MISMATCH, "ns2.example.com"),
    ]
    assert "glue for ns2.example.com is 198.51.100.99; its own zone says: 198.51.100.2" in sentences(found)


def test_glue_that_lacks_one_of_several_addresses_is_reported() -> None:
    def arrange(world: World) -> None:
        furnish(world, example=EXAMPLE + "ns2 A 198.51.100.3\n")
        world.put("example.com.", EXAMPLE, "198.51.100.3")

    found, _ = walk(arrange)
    assert (DelegationProblem.GLUE_MISMATCH, "ns2.example.com") in problems(found)
    assert "198.51.100.3" in addresses(found)


def test_glue_for_a_name_that_its_zone_does_not_have_is_reported() -> None:
    def arrange(world: World) -> None:
        furnish(world, example=f"@ NS ns1\n@ NS ns2\nns1 A {NS1}\nns1 AAAA {NS1_V6}\n")

    found, _ = walk(arrange)
    assert (DelegationProblem.GLUE_MISMATCH, "ns2.example.com") in problems(found)
    assert "does not exist" in sentences(found)
    assert addresses(found) == list(CHILD)


def test_missing_glue_of_one_family_is_no_fault() -> None:
    def arrange(world: World) -> None:
        furnish(world, com=COM_EXAMPLE.replace(f"ns1.example AAAA {NS1_V6}", ""))

    found, _ = walk(arrange)
    assert addresses(found) == list(CHILD)
    assert found.problems == ()


def test_name_servers_in_other_zones_are_resolved_by_walking() -> None:
    def arrange(world: World) -> None:
        hosting = "hosting NS ns.hosting\nns.hosting A 198.51.100.40\n"
        furnish(world, com="example NS ns1.hosting.org.\nexample NS ns2.hosting.org.\n", org=hosting)
        world.put("hosting.org.", f"@ NS ns\nns A 198.51.100.40\nns1 A {NS1}\nns2 A {NS2}\n", "198.51.100.40")
        world.put("example.com.", "@ NS ns1.hosting.org.\n@ NS ns2.hosting.org.\n", NS1, NS2)

    found, _ = walk(arrange)
    assert addresses(found) == [NS1, NS2]
    assert found.problems == ()


def test_servers_that_only_the_zone_names_are_asked_when_the_parent_gave_no_address_at_all() -> None:
    def arrange(world: World) -> None:
        furnish(
            world,
            com="example NS ns.hosting.org.\n",
            org="hosting NS ns.hosting\nns.hosting A 198.51.100.40\n",
            example=EXAMPLE + "@ NS ns.hosting.org.\n",
        )
        world.put("hosting.org.", "@ NS ns\nns A 198.51.100.40\n", "198.51.100.40")
        world.put("example.com.", EXAMPLE + "@ NS ns.hosting.org.\n", "198.51.100.40")

    found, _ = walk(arrange)
    assert addresses(found) == ["198.51.100.40", *CHILD]
    assert problems(found) == [(DelegationProblem.PARENT_CHILD_MISMATCH, "example.com")]


def test_glue_from_outside_the_parents_zone_is_not_believed() -> None:
    def arrange(world: World) -> None:
        furnish(
            world,
            com="example NS ns.hosting.org.\n",
            org=f"hosting NS ns.hosting\nns.hosting A {NS1}\n",
        )
        world.put("hosting.org.", f"@ NS ns\nns A {NS1}\n", NS1)
        world.put("example.com.", "@ NS ns.hosting.org.\n", NS1, "203.0.113.66")
        foreign = (RRset(names("ns.hosting.org")[0], "A", 300, ("203.0.113.66",)),)
        world.behave(lambda _, right: _with_additional(right, foreign), *COM_SERVERS)

    found, world = walk(arrange)
    assert addresses(found) == [NS1]
    assert "203.0.113.66" not in world.per_server()


def _with_additional(outcome: object, additional: tuple[RRset, ...]) -> Response:
    assert isinstance(outcome, Response)
    return Response(
        outcome.rcode, outcome.authoritative, answer=outcome.answer, authority=outcome.authority, additional=additional
    )


def test_addresses_that_no_name_server_can_have_are_never_asked() -> None:
    bad = ("0.0.0.0", "224.0.0.1", "169.254.169.254", "::", "ff02::1", "fe80::1")

    def arrange(world: World) -> None:
        records = "".join(f"ns1.example {'AAAA' if ':' in address else 'A'} {address}\n" for address in bad)
        furnish(world, com=COM_EXAMPLE + records)

    found, world = walk(arrange)
    assert not set(bad) & set(world.per_server())
    assert addresses(found) == list(CHILD)


@pytest.mark.parametrize(
    ("hosting", "words"),
    [
        ("ns CNAME elsewhere\n", "RFC 2181 section 10.3"),
        ("other A 192.0.2.9\n", "does not exist in hosting.org"),
        ("ns TXT x\n", "has no address"),
    ],
)
def test_a_name_server_without_a_usable_address_is_unresolved(hosting: str, words: str) -> None:
    def arrange(world: World) -> None:
        delegation = "hosting NS ns1.hosting\nns1.hosting A 198.51.100.40\n"
        furnish(world, com=COM_EXAMPLE + "example NS ns.hosting.org.\n", org=delegation)
        world.put("hosting.org.", "@ NS ns1\nns1 A 198.51.100.40\n" + hosting, "198.51.100.40")
        world.put("example.com.", EXAMPLE + "@ NS ns.hosting.org.\n", *CHILD)

    found, _ = walk(arrange)
    assert addresses(found) == list(CHILD)
    assert problems(found) == [(DelegationProblem.UNRESOLVED, "ns.hosting.org")]
    assert words in sentences(found)


def test_an_ipv6_only_name_server_is_no_fault_where_only_ipv4_is_wanted() -> None:
    def arrange(world: World) -> None:
        furnish(
            world,
            com=COM_EXAMPLE.replace(f"ns2.example A {NS2}", ""),
            example=EXAMPLE.replace(f"ns2 A {NS2}", ""),
        )

    found, _ = walk(arrange, plan=Authoritative(start=PLAN.start, ipv6=False))
    assert addresses(found) == [NS1]
    assert found.problems == ()


def test_the_dummy_servers_of_a_private_zone_are_recognised_and_left_alone() -> None:
    dummies = ("ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk.")

    def arrange(world: World) -> None:
        furnish(world, com="".join(f"example NS {name}\n" for name in dummies))

    found, world = walk(arrange)
    assert found.zone == "example.com."
    assert found.servers == ()
    assert problems(found) == [(DelegationProblem.PRIVATE, "example.com")]
    assert not any("awsdns" in ask.question.name for ask in world.asked)


def test_a_zone_that_shows_dummy_servers_itself_is_private_too() -> None:
    def arrange(world: World) -> None:
        furnish(world, example="@ NS ns-0.awsdns-00.com.\n@ NS ns-512.awsdns-00.net.\n" + EXAMPLE_HOSTS)

    found, world = walk(arrange)
    assert found.servers == ()
    assert [problem for problem, _ in problems(found)] == [DelegationProblem.PRIVATE]
    assert not any("awsdns" in ask.question.name for ask in world.asked)


def test_a_resolver_that_answers_for_every_server_is_seen_all_the_way() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.intercept(recursive)

    found, _ = walk(arrange)
    assert found.zone == "example.com."
    assert found.servers == ()
    assert {problem for problem, _ in problems(found)} == {DelegationProblem.INTERCEPTED}
    subjects = {subject for _, subject in problems(found)}
    assert "192.0.2.1" in subjects
    assert {f"ns1.example.com ({NS1})", f"ns2.example.com ({NS2_V6})"} <= subjects


def test_a_denial_from_something_in_between_is_not_taken_for_the_registrys() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.intercept(recursive)

    found, _ = walk(arrange, "www.nobody-has-it.com.")
    assert found.zone is None
    assert {problem for problem, _ in problems(found)} == {DelegationProblem.NOT_FOUND, DelegationProblem.INTERCEPTED}


def test_a_cache_that_passes_authority_on_is_betrayed_by_its_falling_ttl() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(counting_down(world.clock), NS1, NS2)

    found, _ = walk(arrange)
    assert addresses(found) == [NS1_V6, NS2_V6]
    assert problems(found) == [
        (DelegationProblem.INTERCEPTED, f"ns1.example.com ({NS1})"),
        (DelegationProblem.INTERCEPTED, f"ns2.example.com ({NS2})"),
    ]
    assert "TTL fall" in sentences(found)


def test_authority_beside_recursion_is_said_but_believed() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(also_recursive, NS1)

    found, _ = walk(arrange)
    assert addresses(found) == list(CHILD)
    assert problems(found) == [(DelegationProblem.INTERCEPTED, f"ns1.example.com ({NS1})")]


def test_two_names_with_one_address_are_one_server() -> None:
    def arrange(world: World) -> None:
        hosts = f"ns1 A {NS1}\nns2 A {NS1}\n"
        furnish(
            world,
            com=f"example NS ns1.example\nexample NS ns2.example\nns1.example A {NS1}\nns2.example A {NS1}\n",
            example="@ NS ns1\n@ NS ns2\n" + hosts,
        )

    found, _ = walk(arrange)
    assert addresses(found) == [NS1]
    assert found.problems == ()
