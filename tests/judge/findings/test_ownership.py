"""Ownership that will hurt later: when it is said, in which words, and when it is not."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.review import expire, initial, review
from probe.model.check import CheckOutcome
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.finding import Severity
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Domain, Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import NAME, SERVERS, SOA, ZONE, addresses, context, instant, nodata, nxdomain, observed
from tests.judge.ownership.owned import NEW, OLD, Owned, owned, with_versions
from tests.judge.wording import whole

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT


def test_a_take_over_by_the_book_is_no_hazard_at_any_moment() -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V1, 300, owned("v1"))
    move.stand(V2, 900, owned("v2"))
    assert move.raised() == []


def test_v1s_owner_beside_a_target_on_v2_is_stale_once_both_sides_could_sync_twice() -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V1, 300, owned("v1"))
    move.stand(V2, 170, owned("v1"))
    assert move.raised() == []
    move.stand(V2, 30, owned("v1"))
    assert move.raised() == ["stale-owner"]
    found = move.finding("stale-owner")
    assert found.severity is Severity.CRITICAL
    assert whole(found) == (
        "app.example.com (A and AAAA) leads to v2, but its ownership TXT names v1's owner.\n"
        'Owners: a-app.example.com and aaaa-app.example.com name "v1"\n'
        "Effect: v1's ExternalDNS deletes the record when v1's Ingress is deleted, unless its --policy forbids that "
        "(the plan does not tell)"
    )
    assert any('TXT a-app.example.com names owner "v1"' in line for line in found.evidence)


def test_of_a_v1_that_is_declared_to_delete_nothing_it_is_not_said_that_it_deletes() -> None:
    surroundings = with_versions(NEW, NEW)
    move = Owned(surroundings._replace(v1=ExternalDns("v1", version=NEW, policy=Policy.UPSERT_ONLY)))
    move.stand(V2, 60, owned("v1"))
    assert whole(move.finding("stale-owner")).endswith(
        "Effect: v1's ExternalDNS takes the record for its own, and deletes none with --policy=upsert-only"
    )


@pytest.mark.parametrize(
    ("v1", "effect"),
    [
        (
            ExternalDns("v1", version=NEW, policy=Policy.SYNC, managed_record_types=("CNAME",)),
            "v1's ExternalDNS takes the record for its own, and by the plan's flags it deletes none of this type",
        ),
        (
            ExternalDns("v1", version=(0, 23, 0), policy=Policy.SYNC),
            "v1's ExternalDNS tries to delete the record when v1's Ingress is deleted, and Route 53 refuses that",
        ),
        (ExternalDns("v1", version=OLD), "v1's ExternalDNS deletes the record when v1's Ingress is deleted\n"),
    ],
)
def test_what_a_stale_owner_leads_to_is_played_with_v1s_flags(v1: ExternalDns, effect: str) -> None:
    move = Owned(with_versions(NEW, NEW)._replace(v1=v1))
    move.stand(V2, 60, owned("v1", "cname"))
    assert f"Effect: {effect}" in f"{whole(move.finding('stale-owner'))}\n"


@pytest.mark.parametrize(
    ("v1", "v2", "effect"),
    [
        (
            ExternalDns("v1", version=NEW),
            ExternalDns("v2", "v1", version=NEW),
            "v1's ExternalDNS never updates the record, and v2's takes it back if it still has the host",
        ),
        (
            ExternalDns("v1", "v2", version=NEW),
            ExternalDns("v2", version=NEW, policy=Policy.CREATE_ONLY),
            (
                "v1's ExternalDNS takes the record over at its next sync, by the plan's flags, "
                "and v2's leaves it where it is, even if it still has the host"
            ),
        ),
        (
            ExternalDns("v1", "v2", version=(0, 19, 0)),  # it has no such flag
            ExternalDns("v2", version=OLD),
            "v1's ExternalDNS never updates the record, and v2's takes it back if it still has the host",
        ),
        (
            ExternalDns("v1", version=NEW),
            ExternalDns("v2"),
            "v1's ExternalDNS never updates the record, and v2's may take it back if it still has the host",
        ),
        (
            ExternalDns("v1", version=NEW),
            ExternalDns("v2", version=NEW, registry=Registry.NOOP),  # it asks no owner
            "v1's ExternalDNS never updates the record, and v2's takes it back if it still has the host",
        ),
        (
            ExternalDns("v1", version=NEW),
            ExternalDns("v2", version=NEW, registry=Registry.DYNAMODB),
            (
                "v1's ExternalDNS never updates the record, and DNS does not show whether v2's, with "
                "--registry=dynamodb, takes it back"
            ),
        ),
    ],
)
def test_what_an_owner_that_did_not_come_back_leads_to_is_played(v1: ExternalDns, v2: ExternalDns, effect: str) -> None:
    back = Owned(with_versions(NEW, NEW)._replace(v1=v1, v2=v2), Expectation.V1)
    kinds = ("a",) if v2.version is None else ("a", "cname", "aaaa")
    back.stand(V1, 60, owned("v2", *kinds))
    assert f"Effect: {effect}" in whole(back.finding("owner-not-returned"))


def test_a_stale_owner_that_was_corrected_is_forgiven_after_the_grace_time() -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V2, 60, owned("v1"))
    assert move.raised() == ["stale-owner"]
    move.stand(V2, 50, owned("v2"))
    assert move.story.cleared() == []
    move.stand(V2, 30, owned("v2"))
    assert move.story.cleared() == ["stale-owner"]


@pytest.mark.parametrize(
    ("version", "severity"), [(NEW, Severity.WARNING), (OLD, Severity.CRITICAL), (None, Severity.CRITICAL)]
)
def test_an_old_name_that_stayed_behind_is_as_bad_as_v1s_version_reads_it(
    version: tuple[int, int, int] | None, severity: Severity
) -> None:
    move = Owned(with_versions(version, NEW))
    move.stand(V2, 60, {**owned("v2"), **owned("v1", "cname")})
    assert move.raised() == ["stale-owner"]
    assert move.finding("stale-owner").severity is severity
    assert 'Owners: cname-app.example.com names "v1"' in whole(move.finding("stale-owner"))


def test_with_one_owner_id_for_both_sides_nobody_can_be_stale() -> None:
    shared = context()._replace(v1=ExternalDns("prod", version=NEW), v2=ExternalDns("prod", version=NEW))
    move = Owned(shared)
    move.stand(V2, 600, owned("prod"))
    assert move.raised() == []


def test_two_owners_of_one_host_contradict_each_other() -> None:
    quiet = Owned(with_versions(NEW, NEW))
    quiet.stand(V1, 60, {**owned("v1", "a"), **owned("v2", "aaaa")})
    assert quiet.raised() == ["contradicting-owners"]
    assert whole(quiet.finding("contradicting-owners")).startswith(
        "The ownership TXT records of app.example.com name different owners.\n"
        'Owners: a-app.example.com names "v1" and aaaa-app.example.com names "v2"\n'
    )


def test_one_answer_of_each_name_contradicts_nobody_because_weighted_sets_have_a_txt_each() -> None:
    drawn = Owned(with_versions(NEW, NEW))
    for _ in range(2):
        drawn.tell({**owned("v1", "a"), **owned("v2", "aaaa")})
        drawn.stand_without_txt(V1, 120)
    assert drawn.raised() == []
    drawn.tell({**owned("v1", "a"), **owned("v2", "aaaa")})
    drawn.stand_without_txt(V1, 10)
    assert drawn.raised() == ["contradicting-owners"]


def test_an_old_name_that_nobody_goes_by_contradicts_nobody() -> None:
    quiet = Owned(with_versions(NEW, NEW))
    quiet.stand(V1, 600, {**owned("v1"), **owned("long-gone", "bare")})
    assert quiet.raised() == []


def test_owners_are_no_question_where_weights_are_declared() -> None:
    split = Owned(with_versions(NEW, NEW), Expectation.WEIGHTED)
    split.stand(V2, 600, {**owned("v1", "a"), **owned("v2", "aaaa")})
    assert split.raised() == ["weights-one-sided"]


def test_two_names_read_at_different_moments_of_a_change_contradict_nobody() -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V1, 300, owned("v1"))
    move.stand(V1, 50, {**owned("v1", "a"), **owned("v2", "aaaa")})
    move.stand(V1, 300, owned("v1"))
    assert move.raised() == []


def test_a_record_without_ownership_at_any_name_is_unowned_once_all_were_answered() -> None:
    manual = Owned()
    manual.stand_without_txt(V1, 300)
    assert manual.raised() == []
    manual.stand(V1, 30, {"bare": '"v=spf1 -all"'})
    assert manual.raised() == ["unowned"]
    assert whole(manual.finding("unowned")) == (
        "app.example.com (A and AAAA) leads to v1, and has no ownership TXT where the plan's flags put it.\n"
        "Effect: If those flags are right, no ExternalDNS of the plan updates or deletes the record"
    )


def test_encrypted_ownership_is_ownership() -> None:
    sealed = Owned()
    sealed.stand(V1, 300, dict.fromkeys(("a", "aaaa"), f'"{"c2VhbGVk" * 14}"'))
    assert sealed.raised() == []


def test_one_family_can_be_unowned_alone() -> None:
    half = Owned()
    half.stand(V1, 60, owned("v1", "a"))
    assert half.raised() == ["unowned"]
    assert "app.example.com (AAAA) leads to v1, and has no" in half.finding("unowned").sentence


def test_an_apex_is_told_why_it_is_unowned() -> None:
    state = initial(Domain(ZONE, "first", Expectation.MOVING), (TxtRegistry(),), ZONE)
    for at in (0.0, 0.1, 20.0):
        for server in SERVERS:
            for rdtype, address in zip(ADDRESS_TYPES, ("198.51.100.1", "2001:db8:1::1"), strict=True):
                answer = addresses(rdtype, address, name=ZONE)
                state, _ = review(state, observed(answer, at, server, rdtype, ZONE), context())
    state, _ = review(state, observed(nodata(), 21, rdtype=RecordType.TXT, name=ZONE), context())
    state, _ = expire(state, instant(22), context())
    (found,) = state.status.findings
    assert found.code == "unowned"
    assert "Cause: Its TXT name is too long for DNS, or lies outside the zone" in whole(found)
    assert "the name has no place for its TXT: move the record by hand if it is not on v2" in found.remedy
    assert "Do not change --txt-prefix of an ExternalDNS that owns hosts" in found.remedy


def test_of_a_name_with_a_place_for_its_txt_no_prefix_is_spoken_of_and_no_place_is_missed() -> None:
    for more in ((), ()), (None, ()):
        told = Owned(with_versions(NEW, NEW)._replace(more=more))
        told.stand(V1, 300, {})
        found = told.finding("unowned")
        assert "Cause" not in whole(found)
        assert "Do not change" not in found.remedy


def test_ownership_without_a_record_is_an_orphan() -> None:
    gone = Owned()
    gone.stand(V1, 300, owned("v1"))
    gone.stand(ABSENT, 170, owned("v1", "a"))
    assert gone.raised() == ["outage"]
    gone.stand(ABSENT, 60, owned("v1", "a"))
    assert gone.raised() == ["outage", "orphan-txt"]
    assert whole(gone.finding("orphan-txt")).startswith(
        'app.example.com does not exist, but its ownership TXT does.\nOwners: a-app.example.com with the owner "v1"\n'
    )


def test_a_name_that_is_not_denied_may_have_an_alias_of_a_load_balancer_that_is_gone() -> None:
    """As a probe sees it that was started after both went: no change tells that they went together."""
    watch = Owned(with_versions(NEW, NEW))
    watch.answer(nodata(), 300, owned("v1"))
    assert watch.raised() == ["orphan-txt"]
    found = watch.finding("orphan-txt")
    assert found.sentence == "app.example.com has no address, and its ownership TXT stands."
    assert whole(found).endswith(
        "Cause: Its record is gone, or is an alias of a load balancer that is gone: answers do not tell which"
    )
    assert found.first.sentence == "Look whether an A, AAAA or CNAME stands at the name in the hosted zone."
    assert "Delete the TXT only if none does." in found.remedy


def test_a_name_that_is_denied_at_every_server_has_no_record_whose_txt_could_be_needed() -> None:
    watch = Owned(with_versions(NEW, NEW))
    watch.answer(nxdomain(), 300, owned("v1"))
    found = watch.finding("orphan-txt")
    assert found.sentence == "app.example.com does not exist, but its ownership TXT does."
    assert found.first.sentence == "Delete the ownership TXT before an ExternalDNS creates the record."
    watch.answer(nodata(), 100, {**owned("v1"), "bare": '"v=spf1 -all"'})
    assert watch.finding("orphan-txt").sentence == "app.example.com has no address, and its ownership TXT stands."


def test_a_cname_whose_end_does_not_exist_stands_and_its_ownership_is_no_orphan() -> None:
    end = RRset(NAME, "CNAME", 300, ("gone.example.net.",))
    watch = Owned(with_versions(NEW, NEW))
    watch.answer(Response("NXDOMAIN", authoritative=True, answer=(end,), authority=(SOA,)), 300, owned("v1"))
    assert watch.raised() == ["dead-target"]


def test_a_name_of_which_one_family_is_gone_exists_and_is_no_orphan() -> None:
    half = Owned()
    half.stand(V1, 300, owned("v1"))
    half.stand(V1, 600, owned("v1"), aaaa=ABSENT)
    assert half.raised() == ["outage"]


def test_a_name_that_is_absent_with_its_txt_is_no_orphan() -> None:
    gone = Owned()
    gone.stand(V1, 300, owned("v1"))
    gone.stand(ABSENT, 600, {})
    assert gone.raised() == ["outage"]


@pytest.mark.parametrize(
    ("expectation", "owner", "codes"),
    [
        (Expectation.V2, "default", {"default-owner"}),
        (Expectation.V2, "v2", set()),
        (Expectation.MOVING, "default", set()),
    ],
)
def test_a_domain_that_moved_and_is_owned_by_default_is_worth_a_word(
    expectation: Expectation, owner: str, codes: set[str]
) -> None:
    moved = Owned(context()._replace(v1=ExternalDns("v1"), v2=ExternalDns(owner)), expectation)
    moved.stand(V2, 60, owned(owner))
    assert set(moved.raised()) == codes
    if codes:
        assert moved.finding("default-owner").severity is Severity.INFO


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (
            "a-third",
            'Owners: "a-third"\nCause: v2\'s ExternalDNS does not change records of another owner',
        ),
        ("v1", 'Owners: "v1"\nCause: Not ownership: v2\'s ExternalDNS may change records of this owner'),
    ],
)
def test_a_laggard_names_the_owner_and_whether_it_blocks(owner: str, words: str) -> None:
    late = Owned(with_versions(NEW, NEW), Expectation.V2)
    late.stand(V1, 240, owned(owner))
    assert whole(late.finding("laggard")).endswith(words)


@pytest.mark.parametrize(
    ("v2", "words"),
    [
        (ExternalDns("v2", "v1", version=NEW, policy=Policy.CREATE_ONLY), "does not change it with the plan's flags"),
        (ExternalDns("v2", "v1", version=NEW, managed_record_types=("A",)), "does not change it with the plan's flags"),
        (
            ExternalDns("v2", "v1", version=(0, 19, 0)),
            "does not change it with the plan's flags",
        ),  # it has no such flag
        (ExternalDns("v2", "v1"), "Not ownership"),
    ],
)
def test_whether_ownership_holds_a_laggard_is_played_with_v2s_flags(v2: ExternalDns, words: str) -> None:
    late = Owned(with_versions(NEW, NEW)._replace(v2=v2), Expectation.V2)
    late.stand(V1, 240, owned("v1", "a", "aaaa", "cname"))
    assert words in whole(late.finding("laggard"))


@pytest.mark.parametrize(
    ("v1", "v2", "effects"),
    [
        (
            ExternalDns("v1", version=NEW),
            ExternalDns("v2", version=(0, 18, 0)),
            [
                "v1's ExternalDNS creates the record, and owns it by what it reads then",
                "Route 53 refuses the record that v2's ExternalDNS would create beside it, at every sync",
            ],
        ),
        (
            ExternalDns("blue", version=NEW),
            ExternalDns("v2", version=NEW),
            ["An ExternalDNS that creates the record writes no TXT there, and never owns the record"],
        ),
        (
            ExternalDns("v1", version=NEW),
            ExternalDns("v2", version=NEW, txt_registry=TxtRegistry(prefix="edns-")),
            [
                "v1's ExternalDNS creates the record, and owns it by what it reads then",
                "v2's ExternalDNS creates the record, and owns it by what it reads then",
            ],
        ),
    ],
)
def test_what_an_orphan_does_to_a_record_is_played(v1: ExternalDns, v2: ExternalDns, effects: list[str]) -> None:
    gone = Owned(with_versions(NEW, NEW)._replace(v1=v1, v2=v2))
    gone.stand(ABSENT, 300, owned("v1", "a", "aaaa", "cname"))
    told = [line for line in whole(gone.finding("orphan-txt")).splitlines() if line.startswith("Effect: ")]
    assert told == [f"Effect: {effect}" for effect in effects]


def test_what_is_open_stays_while_the_record_is_disturbed_and_goes_when_it_moves() -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V2, 60, owned("v1"))
    move.story.hear(observed(addresses(RecordType.A, "198.51.100.1"), move.at))
    assert move.story.status.state is RecordState.PROPAGATING
    assert move.finding("stale-owner").severity is Severity.CRITICAL
    move.at += 2
    move.stand(V1, 120, owned("v1"))
    assert "stale-owner" in move.story.cleared()


def test_silence_neither_accuses_nor_forgives() -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V2, 60, owned("v1"))
    move.story.wait(move.at + move.story.context.stale_after + 1)
    assert move.story.status.state is RecordState.UNKNOWN
    assert move.finding("stale-owner").domain == DomainName("app.example.com.")


def test_a_record_that_appears_is_no_outage() -> None:
    new = Owned()
    new.stand(V1, 300, owned("v1"), aaaa=ABSENT)
    new.stand(V1, 300, owned("v1"))
    assert new.raised() == []


EDNS = TxtRegistry(prefix="edns-")


@pytest.mark.case("A3")
def test_each_side_reads_by_its_own_flags() -> None:
    v1, v2 = ExternalDns("default", version=OLD), ExternalDns("eks-v2", version=NEW, txt_registry=EDNS)
    told = Owned(context()._replace(v1=v1, v2=v2), Expectation.V2)
    told.stand(V2, 200, owned("default", "cname"))
    assert 'Owners: cname-app.example.com names "default"' in whole(told.finding("stale-owner"))
    read_by_v2_alone = Owned(context()._replace(v1=replace(v1, txt_registry=EDNS), v2=v2), Expectation.V2)
    read_by_v2_alone.stand(V2, 200, owned("default", "cname"))
    assert "stale-owner" not in read_by_v2_alone.raised()


@pytest.mark.case("A9")
def test_a_record_on_v1_that_is_v2s_by_the_txt_that_v2_alone_reads_has_not_returned() -> None:
    """Each side has a prefix: what v1's TXT says keeps v2's from nothing, and v2's takes the record back."""
    v1, v2 = ExternalDns("v1", version=NEW, txt_registry=EDNS), ExternalDns("v2", version=NEW)
    back = Owned(context()._replace(v1=v1, v2=v2), Expectation.V1)
    back.stand(V1, 300, owned("v2"))
    found = back.finding("owner-not-returned")
    assert found.sentence == (
        "app.example.com (A and AAAA) leads to v1, where it is expected, but the TXT that v2's reads names v2's owner."
    )
    assert "Effect: By what its ExternalDNS reads, v2's takes it back if it still has the host" in whole(found)
    assert verdict(back.story.status).outcome is CheckOutcome.FAIL


@pytest.mark.case("A9")
@pytest.mark.parametrize(
    ("v2", "owner"),
    [
        (ExternalDns("v2", version=NEW), "v1"),
        (ExternalDns("v2", version=NEW, managed_record_types=("CNAME",)), "v2"),
    ],
)
def test_what_v2_does_not_take_back_has_returned(v2: ExternalDns, owner: str) -> None:
    v1 = ExternalDns("v1", version=NEW, txt_registry=EDNS)
    back = Owned(context()._replace(v1=v1, v2=v2), Expectation.V1)
    back.stand(V1, 300, owned(owner))
    assert "owner-not-returned" not in back.raised()


@pytest.mark.case("D1")
def test_instances_of_one_side_do_not_contradict_each_other() -> None:
    private = ExternalDns("v2-private", version=OLD)
    surroundings = with_versions(NEW, NEW)._replace(more=((), (private,)))
    told = Owned(surroundings)
    told.stand(V2, 300, {**owned("v2"), **owned("v2-private", "cname")})
    assert told.raised() == []


@pytest.mark.case("D1")
def test_what_no_instance_of_v1_sees_is_nobodys_stale_record() -> None:
    told = Owned(with_versions(NEW, NEW)._replace(more=(None, ())))
    told.stand(V2, 300, owned("v1"))
    assert "stale-owner" not in told.raised()


@pytest.mark.case("D2")
@pytest.mark.parametrize("registry", [Registry.DYNAMODB, Registry.NOOP, Registry.AWS_SD])
def test_ownership_that_stands_elsewhere_is_not_missed_in_dns(registry: Registry) -> None:
    other = ExternalDns("v1", version=NEW, registry=registry)
    told = Owned(context()._replace(v1=other, v2=replace(other, txt_owner_id="v2")))
    told.stand(V1, 300, {})
    assert told.raised() == []
    txt = Owned(with_versions(NEW, NEW))
    txt.stand(V1, 300, {})
    assert txt.raised() == ["unowned"]


@pytest.mark.case("D2")
@pytest.mark.parametrize("registry", [Registry.DYNAMODB, Registry.NOOP, Registry.AWS_SD])
@pytest.mark.parametrize("place", [V1, V2])
def test_one_externaldns_whose_ownership_stands_elsewhere_may_have_a_record_on_the_other_side(
    registry: Registry, place: Position
) -> None:
    told = Owned(with_versions(NEW, NEW)._replace(v2=ExternalDns("v2", version=NEW, registry=registry)))
    told.stand(place, 300, {})
    assert told.raised() == []


@pytest.mark.parametrize(
    ("expectation", "place", "words"),
    [
        (Expectation.MOVING, V1, "and the record is not on v2, move it there by hand: A and AAAA in one batch"),
        (Expectation.MOVING, V2, "leave the record where it is. Or, once v2 has the host"),
        (Expectation.V2, V2, "leave the record where it is. Or, once v2 has the host"),
        (Expectation.V2, V1, "and the record is not on v2, move it there by hand: A and AAAA in one batch"),
        (Expectation.V1, V1, "leave the record where it is, and move it by hand once its wave moves"),
        (Expectation.V1, V2, "and the record is not on v1, move it there by hand: A and AAAA in one batch"),
        (Expectation.WEIGHTED, V2, "No simple TXT: it would keep those of the sets out."),
    ],
)
def test_nobody_is_told_to_move_an_unowned_record_that_is_where_it_is_to_be(
    expectation: Expectation, place: Position, words: str
) -> None:
    bare = Owned(with_versions(NEW, NEW), expectation)
    bare.stand(place, 300, {})
    found = bare.finding("unowned")
    assert found.first.sentence == "Compare --txt-prefix and --txt-suffix of both ExternalDNS with the plan."
    assert words in found.remedy
