"""What is told before anything moves: each hazard where it is one, and not where it is none."""

from dataclasses import replace
from typing import Any

import pytest

from probe.inventory.proposal.hazards import hazards
from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.told import Hazard, Told
from probe.inventory.written.health import MISSING, CheckHealth
from probe.model.check import CheckOutcome
from tests.inventory.manifests import NEW, OLD
from tests.inventory.proposal.surveys import (
    V1,
    V2,
    against,
    external_dns,
    shipped_survey,
    shipped_zone,
    v1_host,
    v2_host,
)
from tests.inventory.written.test_export import alias, plain, zone_of

GOOD_V1 = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync")
GOOD_V2 = external_dns(
    "--source=ingress", "--txt-owner-id=eks-v2", "--migrate-from-txt-owner=eks-v1", "--policy=upsert-only"
)


def told(survey: Survey) -> dict[str, Told]:
    return {one.check.name: one for one in hazards(survey)}


def between(*v1: str, v2: tuple[str, ...], versions: tuple[str, str] = ("v0.22.0", "v0.22.0")) -> dict[str, Told]:
    hosts = "a.example.com", "b.example.com"
    return told(
        against(
            [external_dns("--source=ingress", *v1, version=versions[0]), v1_host(*hosts)],
            [external_dns("--source=ingress", *v2, version=versions[1]), v2_host(*hosts)],
        )
    )


def test_two_clusters_as_they_should_be_are_told_of_the_hosts_that_both_want_alone() -> None:
    found = told(against([GOOD_V1, v1_host("a.example.com")], [GOOD_V2, v2_host("a.example.com")]))
    assert list(found) == [Hazard.TWICE]
    assert found[Hazard.TWICE].check.outcome is CheckOutcome.WARN


def test_one_owner_id_on_both_sides_is_a_fight_before_it_begins() -> None:
    found = between("--txt-owner-id=eks", "--policy=sync", v2=("--txt-owner-id=eks", "--policy=sync"))
    assert found[Hazard.OWNER].check.sentence == (
        "v1's dns/external-dns and v2's dns/external-dns have one owner id (\"eks\"): each overwrites the 2 hosts that "
        "both want at every sync and each deletes what only the other wants."
    )
    assert found[Hazard.TWICE].check.outcome is CheckOutcome.FAIL
    assert len(found[Hazard.OWNER].details) == 2


def test_nobody_sets_an_owner_id_and_both_are_default() -> None:
    assert Hazard.OWNER in between("--policy=sync", v2=("--policy=sync",))


def test_filters_that_do_not_meet_keep_one_owner_id_apart() -> None:
    both = ("--txt-owner-id=eks", "--policy=sync")
    assert Hazard.OWNER not in between(
        *both, "--domain-filter=a.example.com", v2=(*both, "--domain-filter=b.example.com")
    )
    assert Hazard.OWNER in between(*both, v2=(*both, "--domain-filter=b.example.com"))


SHARED = ("--txt-owner-id=eks", "--policy=sync")


@pytest.mark.parametrize(
    ("v1", "v2", "words"),
    [
        (("--txt-owner-id=eks", "--policy=upsert-only"),) * 2
        + ("each overwrites the 2 hosts that both want at every sync.",),
        (SHARED, ("--txt-owner-id=eks", "--policy=create-only"), '("eks"): v1\'s deletes what only v2 wants.'),
        (
            ("--txt-owner-id=eks", "--policy=create-only"),
            SHARED,
            "v2's leads the 2 hosts that both want to v2 at its first sync and v2's deletes what only v1 wants.",
        ),
    ],
)
def test_what_comes_of_one_owner_id_is_played_with_both_policies(
    v1: tuple[str, ...], v2: tuple[str, ...], words: str
) -> None:
    assert words in between(*v1, v2=v2)[Hazard.OWNER].check.sentence


@pytest.mark.parametrize(
    ("v1", "v2"),
    [
        ((*SHARED, "--txt-prefix=xdns-"), SHARED),  # neither reads the other's TXT
        ((*SHARED, "--zone-id-filter=Z1"), (*SHARED, "--zone-id-filter=Z2")),
        ((*SHARED, "--aws-zone-type=public"), (*SHARED, "--aws-zone-type=private")),
        ((*SHARED, "--managed-record-types=A"), (*SHARED, "--managed-record-types=CNAME")),
    ],
)
def test_one_owner_id_is_no_fight_where_flags_keep_both_apart(v1: tuple[str, ...], v2: tuple[str, ...]) -> None:
    found = between(*v1, v2=v2)
    assert Hazard.OWNER not in found
    assert found[Hazard.TWICE].check.outcome is CheckOutcome.WARN


def test_owners_that_no_zone_shows_are_not_known_and_nothing_is_played() -> None:
    table = (*SHARED, "--registry=dynamodb")
    found = between(*table, v2=table)[Hazard.OWNER].check
    assert found.outcome is CheckOutcome.UNKNOWN
    assert "owners are kept in `dynamodb`: what each takes of the other's is not known." in found.sentence


@pytest.mark.parametrize(
    ("v1", "v2", "whose"),
    [
        ((), ("--registry=noop",), "v2's dns/external-dns has"),
        (("--registry=noop",), (), "v1's dns/external-dns has"),
        (("--registry=noop",), ("--registry=noop",), "v1's dns/external-dns and v2's dns/external-dns have"),
    ],
)
def test_of_an_external_dns_without_a_registry_no_owner_is_told(
    v1: tuple[str, ...], v2: tuple[str, ...], whose: str
) -> None:
    found = between(*SHARED, *v1, v2=(*SHARED, *v2))
    assert Hazard.OWNER not in found
    assert found[Hazard.REGISTRY].check.outcome is CheckOutcome.FAIL
    assert found[Hazard.REGISTRY].check.sentence == (
        f"{whose} `--registry=noop`: every record counts as its own, whoever owns it."
    )


def test_sets_of_their_own_are_not_overwritten_and_deleted_all_the_same() -> None:
    hosts = [
        make("a.example.com", annotations={f"{NEW}set-identifier": side, f"{NEW}aws-weight": "50"})
        for make, side in ((v1_host, "v1"), (v2_host, "v2"))
    ]
    flags = external_dns("--source=ingress", *SHARED)
    found = told(against([flags, hosts[0]], [flags, hosts[1]]))
    assert found[Hazard.OWNER].check.sentence.endswith('("eks"): each deletes what only the other wants.')


@pytest.mark.parametrize(("policy", "there"), [("sync", True), ("upsert-only", False)])
def test_a_take_over_with_sync_deletes(policy: str, there: bool) -> None:  # noqa: FBT001  # a column of the table
    v2 = ("--txt-owner-id=v2", "--migrate-from-txt-owner=v1", f"--policy={policy}")
    found = between("--txt-owner-id=v1", "--policy=sync", v2=v2)
    assert (Hazard.TAKE_OVER in found) is there


@pytest.mark.parametrize(
    ("versions", "flags", "words"),
    [
        (("v0.23.0", "v0.23.0"), (), "with `sync`: it deletes every host of that owner"),
        (("v0.22.0", "v0.22.0"), (), "it tries to delete every host of that owner that it has no object for, at every"),
        (("v0.21.0", "v0.23.0"), (), "and Route 53 refuses that"),  # it deletes a TXT that v0.21 did not write
        (("latest", "latest"), (), "it deletes, or by its version tries to delete, every host"),
        (("v0.23.0", "v0.23.0"), ("--txt-prefix=xdns-",), ""),  # it reads nothing of v1's
        (("v0.22.0", "v0.19.0"), (), ""),  # it has no such flag
        (("v0.23.0", "v0.23.0"), ("--managed-record-types=CNAME",), ""),
    ],
)
def test_what_a_take_over_deletes_is_played_over_what_v1s_wrote(
    versions: tuple[str, str], flags: tuple[str, ...], words: str
) -> None:
    v2 = ("--txt-owner-id=v2", "--migrate-from-txt-owner=v1", "--policy=sync", *flags)
    found = between("--txt-owner-id=v1", "--policy=sync", v2=v2, versions=versions)
    assert (Hazard.TAKE_OVER in found) is bool(words)
    assert not words or words in found[Hazard.TAKE_OVER].check.sentence


@pytest.mark.parametrize(
    ("versions", "flags", "there"),
    [
        (("v0.22.0", "v0.22.0"), ("--policy=upsert-only",), True),
        (("v0.19.0", "v0.22.0"), ("--policy=upsert-only",), False),  # v1's has no such flag
        (("v0.22.0", "v0.22.0"), ("--policy=upsert-only", "--txt-prefix=xdns-"), False),
        (("v0.22.0", "v0.22.0"), ("--policy=create-only",), False),
    ],
)
def test_two_that_take_over_from_each_other_flip(
    versions: tuple[str, str],
    flags: tuple[str, ...],
    there: bool,  # noqa: FBT001  # a column of the table
) -> None:
    found = between(
        "--txt-owner-id=v1",
        "--migrate-from-txt-owner=v2",
        "--policy=upsert-only",
        v2=("--txt-owner-id=v2", "--migrate-from-txt-owner=v1", *flags),
        versions=versions,
    )
    assert (Hazard.TAKE_OVER in found) is there
    assert not there or "take over from each other" in found[Hazard.TAKE_OVER].check.sentence


def test_an_owner_of_its_own_without_a_take_over_leaves_a_gap() -> None:
    found = between("--txt-owner-id=v1", "--policy=sync", v2=("--txt-owner-id=v2", "--policy=sync"))
    assert "takes nothing over" in found[Hazard.POLICY].check.sentence


@pytest.mark.parametrize(
    ("flags", "version", "words"),
    [
        (
            ("--migrate-from-txt-owner=old", "--policy=upsert-only"),
            "v0.22.0",
            'takes over from "old", and v1\'s owner is',
        ),
        (("--migrate-from-txt-owner=v1", "--policy=create-only"), "v0.22.0", "has `--policy=create-only`"),
        (("--migrate-from-txt-owner=v1", "--policy=upsert-only"), "v0.19.0", "takes nothing over"),
    ],
)
def test_a_take_over_that_takes_nothing_leaves_a_gap_as_well(flags: tuple[str, ...], version: str, words: str) -> None:
    found = between("--txt-owner-id=v1", "--policy=sync", v2=("--txt-owner-id=v2", *flags), versions=(version, version))
    assert words in found[Hazard.POLICY].check.sentence


def test_a_version_without_a_default_policy_needs_one() -> None:
    found = between("--txt-owner-id=v1", "--policy=sync", v2=("--txt-owner-id=v2", "--migrate-from-txt-owner=v1"))
    assert "does not start" in found[Hazard.POLICY].check.sentence
    older = between(
        "--txt-owner-id=v1",
        v2=("--txt-owner-id=v2", "--migrate-from-txt-owner=v1", "--policy=upsert-only"),
        versions=("v0.21.0", "v0.21.0"),
    )
    assert Hazard.POLICY not in older


TAKES_OVER = ("--txt-owner-id=v2", "--migrate-from-txt-owner=v1", "--policy=upsert-only")


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("--txt-prefix=xdns-", "name their ownership TXT differently (no prefix and prefix `xdns-`)"),
        ("--txt-suffix=-xdns", "suffix `-xdns`"),
        ("--registry=dynamodb", "neither sees what the other owns"),
    ],
)
def test_registries_that_do_not_see_each_other(flag: str, words: str) -> None:
    found = between("--txt-owner-id=v1", "--policy=sync", v2=(*TAKES_OVER, flag))
    assert words in found[Hazard.REGISTRY].check.sentence
    assert Hazard.REGISTRY not in between("--txt-owner-id=v1", "--policy=sync", v2=TAKES_OVER)


@pytest.mark.parametrize("flag", ["--txt-prefix=%{record_type}-", "--txt-wildcard-replacement=any"])
def test_flags_that_name_the_same_txt_are_no_hazard(flag: str) -> None:
    assert Hazard.REGISTRY not in between("--txt-owner-id=v1", "--policy=sync", v2=(*TAKES_OVER, flag))


SEALED = ("--txt-encrypt-enabled", "--txt-encrypt-aes-key=01234567890123456789012345678901")


@pytest.mark.parametrize(
    ("v1", "v2", "there"),
    [(SEALED, (), True), ((), SEALED, False), (SEALED, SEALED, False)],  # who has a key reads plain text as well
    ids=["v1 encrypts", "v2 encrypts", "both encrypt"],
)
def test_what_v1_encrypts_v2_does_not_read_without_a_key(
    v1: tuple[str, ...],
    v2: tuple[str, ...],
    there: bool,  # noqa: FBT001  # a column of the table
) -> None:
    found = between("--txt-owner-id=v1", "--policy=sync", *v1, v2=(*TAKES_OVER, *v2))
    assert (Hazard.REGISTRY in found) is there
    assert not there or "encrypts its ownership TXT (`--txt-encrypt-enabled`)" in found[Hazard.REGISTRY].check.sentence


def test_one_owner_id_is_no_fight_over_what_one_side_alone_can_read() -> None:
    found = between(*SHARED, *SEALED, v2=SHARED)
    told_of_it = found[Hazard.OWNER].check.sentence
    assert told_of_it.endswith('("eks"): v1\'s tries to delete what only v2 wants.'), (
        "with a TXT value that is not there"
    )


def test_a_wildcard_is_named_by_its_own_flag() -> None:
    found = told(
        against(
            [external_dns("--source=ingress", "--txt-owner-id=v1", "--policy=sync"), v1_host("*.example.com")],
            [external_dns("--source=ingress", *TAKES_OVER, "--txt-wildcard-replacement=any"), v2_host("*.example.com")],
        )
    )
    assert "name their ownership TXT of wildcards differently (no prefix and `*` as `any`)" in (
        found[Hazard.REGISTRY].check.sentence
    )


@pytest.mark.parametrize(
    ("versions", "there"),
    [
        (("v0.21.0", "v0.22.0"), True),
        (("v0.22.0", "v0.15.1"), True),
        (("v0.15.1", "v0.21.0"), False),
        (("v0.22.0", "v0.23.0"), False),
        (("latest", "v0.22.0"), False),
    ],
)
def test_versions_on_the_two_sides_of_v0_22(versions: tuple[str, str], there: bool) -> None:  # noqa: FBT001  # a column
    found = between("--txt-owner-id=v1", "--policy=sync", v2=TAKES_OVER, versions=versions)
    assert (Hazard.VERSIONS in found) is there


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        (("v0.21.0", "v0.22.0"), "each takes a taken-over record for its own, and they fight"),
        (("v0.22.0", "v0.21.0"), "AAAA moves, and A does not"),
        (("v0.22.0", "v0.15.1"), "v2's takes nothing over"),
    ],
)
def test_what_comes_of_two_versions_is_played(versions: tuple[str, str], words: str) -> None:
    found = between("--txt-owner-id=v1", "--policy=sync", v2=TAKES_OVER, versions=versions)
    assert words in found[Hazard.VERSIONS].check.sentence


def test_annotations_under_a_prefix_that_is_not_read() -> None:
    v2: list[dict[str, Any] | str] = [
        GOOD_V2,
        v2_host("a.example.com", annotations={OLD + "hostname": "b.example.com"}),
    ]
    found = told(against([GOOD_V1, v1_host("a.example.com")], v2))
    assert found[Hazard.ANNOTATIONS].check.outcome is CheckOutcome.FAIL
    assert found[Hazard.ANNOTATIONS].details == (f"cluster.yaml:24: ingress/shop/web under {OLD}",)
    assert "b.example.com" in found[Hazard.UNSEEN].check.sentence


BARRED = (
    "v2's dns/external-dns has no `--aws-zone-match-parent` and filters by names below example.com alone "
    "(`a.example.com`): it does not enter that hosted zone, and changes nothing of the 1 host that it wants there "
    "(a.example.com)."
)
MATCH_PARENT = "--aws-zone-match-parent"


def narrowed(*flags: str, sets: tuple[dict[str, Any], ...] = ()) -> Told | None:
    """Give what is told of a v2 with such filters, over a zone with more of such sets."""
    return beside_narrowed("--txt-owner-id=eks-v2", *flags, sets=sets).get(Hazard.NOT_ENTERED)


def beside_narrowed(
    *flags: str, sets: tuple[dict[str, Any], ...] = (), identifiers: tuple[str, str] | None = None
) -> dict[str, Told]:
    """Give all that is told beside it, of simple sets or of such with identifiers."""
    v2 = external_dns("--source=ingress", "--policy=upsert-only", *flags)
    hosts = "a.example.com", "b.example.com"
    own = (
        [{NEW + "set-identifier": one, NEW + "aws-weight": "10"} for one in identifiers]
        if identifiers
        else [None, None]
    )
    zone = zone_of(alias("a.example.com.", V1), *sets)
    sides = v1_host(*hosts, annotations=own[0]), v2_host(*hosts, annotations=own[1])
    return told(against([GOOD_V1, sides[0]], [v2, sides[1]], zone))


def test_a_filter_narrower_than_its_hosted_zone_enters_none() -> None:
    found = narrowed("--domain-filter=a.example.com")
    assert found is not None
    assert found.check.sentence == BARRED
    assert found.check.remedy == (
        "Add `--aws-zone-match-parent` (v0.14.1 or later). Then ownership alone decides who writes the 1 host that v1 "
        "wants too."
    )
    assert found.check.outcome is CheckOutcome.WARN
    (place,) = found.details
    assert place.startswith("cluster.yaml:")


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--domain-filter=example.com",),
        ("--domain-filter=com",),
        ("--domain-filter=a.example.com", "--domain-filter=example.com"),
        ("--domain-filter=a.example.com", MATCH_PARENT),
        ("--domain-filter=a.example.com", "--regex-domain-filter=example"),  # what it lets through is not known
        ("--domain-filter=a.example.com", "--provider=cloudflare"),
        ("--domain-filter=other.org",),  # of no host that it wants
    ],
)
def test_a_filter_that_lets_the_zone_through_is_no_hazard(flags: tuple[str, ...]) -> None:
    assert narrowed(*flags) is None


def test_a_host_that_the_zone_hands_on_is_in_another_one() -> None:
    assert narrowed("--domain-filter=a.example.com", sets=(plain("a.example.com.", "NS", "ns.example.net."),)) is None


@pytest.mark.parametrize("flags", [(), (MATCH_PARENT,)])
def test_a_filter_with_a_dot_before_it_has_no_zone_above(flags: tuple[str, ...]) -> None:
    found = narrowed("--domain-filter=.example.com", *flags)
    assert found is not None
    assert ("has no `--aws" in found.check.sentence) is (not flags)
    assert "Take the dots before the filter's names away: with them no zone above is entered." in found.check.remedy
    assert found.check.remedy.startswith("Add") is (not flags)


OWN, ONE_OWNER = "--txt-owner-id=eks-v2", "--txt-owner-id=eks-v1"
NARROW, WIDE = "--domain-filter=a.example.com", "--domain-filter=example.com"


def test_a_host_that_one_side_cannot_write_is_not_said_to_be_written_by_whom_ownership_lets() -> None:
    assert Hazard.TWICE not in beside_narrowed(OWN, NARROW)
    assert "2 hosts are wanted by both" in beside_narrowed(OWN, WIDE)[Hazard.TWICE].check.sentence
    assert "1 host is wanted by both" in beside_narrowed(OWN, NARROW, MATCH_PARENT)[Hazard.TWICE].check.sentence
    delegated = (plain("a.example.com.", "NS", "ns.example.net."),)
    assert Hazard.TWICE in beside_narrowed(OWN, NARROW, sets=delegated), "its zone is not given"


def test_sets_of_their_own_do_not_split_where_one_side_cannot_write() -> None:
    only_v1 = (alias("b.example.com.", V1, SetIdentifier="v1", Weight=10),)
    assert Hazard.ONE_SET in beside_narrowed(OWN, WIDE, sets=only_v1, identifiers=("v1", "v2"))
    narrow = beside_narrowed(OWN, "--domain-filter=b.example.com", sets=only_v1, identifiers=("v1", "v2"))
    assert Hazard.ONE_SET not in narrow
    assert narrow[Hazard.NOT_ENTERED].check.remedy == "Add `--aws-zone-match-parent` (v0.14.1 or later)."


def test_one_owner_id_is_no_fight_yet_where_both_enter_no_zone_together() -> None:
    at_once, later = (beside_narrowed(ONE_OWNER, one)[Hazard.OWNER].check for one in (WIDE, NARROW))
    assert at_once.outcome is CheckOutcome.FAIL
    assert "each overwrites the 2 hosts that both want at every sync" in at_once.sentence
    assert at_once.sentence.endswith("deletes what only v2 wants.")
    assert later.outcome is CheckOutcome.WARN
    assert "each overwrites the 1 host that both want at every sync" in later.sentence
    assert later.sentence.endswith(", once both enter one hosted zone.")


def test_hosts_of_one_side_only() -> None:
    survey = against(
        [GOOD_V1, v1_host("a.example.com", "b.example.com")], [GOOD_V2, v2_host("a.example.com", "c.example.com")]
    )
    found = told(survey)
    assert "1 host is wanted by v1 only (b.example.com)" in found[Hazard.ONLY_V1].check.sentence
    assert "1 host is wanted by v2 only (c.example.com)" in found[Hazard.ONLY_V2].check.sentence


def test_hosts_that_the_other_side_has_and_does_not_read_are_counted_where_they_are_missed() -> None:
    v2 = external_dns("--source=ingress", "--txt-owner-id=v2", "--policy=upsert-only", "--domain-filter=a.example.com")
    v1: list[dict[str, Any] | str] = [GOOD_V1, v1_host("a.example.com", "b.example.com", "c.example.com")]
    only = told(against(v1, [v2, v2_host("a.example.com", "b.example.com")]))[Hazard.ONLY_V1]
    assert "2 hosts are wanted by v1 only (b.example.com and c.example.com)" in only.check.sentence
    assert only.check.remedy.endswith("v2 has objects for 1 of 2, and none of its ExternalDNS reads them.")
    assert told(against(v1, [GOOD_V2, v2_host("a.example.com")]))[Hazard.ONLY_V1].check.remedy.endswith("the plan.")


def test_sets_of_their_own_keep_two_clusters_apart() -> None:
    def sets(side: str) -> dict[str, str]:
        return {NEW + "set-identifier": side, NEW + "aws-weight": "10"}

    apart = against(
        [GOOD_V1, v1_host("a.example.com", annotations=sets("v1"))],
        [GOOD_V2, v2_host("a.example.com", annotations=sets("v2"))],
    )
    assert Hazard.TWICE not in told(apart)
    same = against(
        [GOOD_V1, v1_host("a.example.com", annotations=sets("x"))],
        [GOOD_V2, v2_host("a.example.com", annotations=sets("x"))],
    )
    assert Hazard.TWICE in told(same)


def test_sets_of_their_own_of_which_the_zone_has_v1s_alone_split_at_v2s_first_sync() -> None:
    def sets(side: str) -> dict[str, str]:
        return {NEW + "set-identifier": side, NEW + "aws-weight": "10"}

    def within(*held: dict[str, Any]) -> dict[str, Told]:
        v1, v2 = (of("a.example.com", annotations=sets(side)) for of, side in ((v1_host, "v1"), (v2_host, "v2")))
        return told(against([GOOD_V1, v1], [GOOD_V2, v2], *((zone_of(*held),) if held else ())))

    only_v1 = alias("a.example.com.", V1, SetIdentifier="v1", Weight=10)
    found = within(only_v1)[Hazard.ONE_SET]
    assert found.check.sentence == (
        "1 host is wanted by both clusters as record sets of their own (a.example.com), and v1's alone is in the zone: "
        "v2's answers beside it as soon as v2's ExternalDNS writes it."
    )
    assert found.check.outcome is CheckOutcome.WARN
    assert Hazard.ONE_SET not in within(only_v1, alias("a.example.com.", V2, SetIdentifier="v2", Weight=10))
    assert Hazard.ONE_SET not in within(), "without a zone nothing is known of what stands"
    simple = against([GOOD_V1, v1_host("a.example.com")], [GOOD_V2, v2_host("a.example.com")], zone_of(only_v1))
    assert Hazard.ONE_SET not in told(simple)


def test_two_objects_of_one_cluster_for_one_host() -> None:
    twice = [v1_host("a.example.com", name="one"), v1_host("a.example.com", name="two", target="other." + V1)]
    found = told(against([GOOD_V1, *twice], [GOOD_V2, v2_host("a.example.com")]))
    (line,) = found[Hazard.CONFLICT].details
    assert "ingress/shop/one" in line
    assert "ingress/shop/two" in line
    same = [v1_host("a.example.com", name="one"), v1_host("a.example.com", name="two")]
    assert Hazard.CONFLICT not in told(against([GOOD_V1, *same], [GOOD_V2, v2_host("a.example.com")]))


def test_names_that_nobody_wants_and_load_balancers_that_nobody_uses() -> None:
    zone = zone_of(alias("old.example.com.", V1), plain("mail.example.com.", "A", "192.0.2.25"))
    idle = v1_host(name="idle", target="idle." + V1)
    found = told(against([GOOD_V1, v1_host("a.example.com"), idle], [GOOD_V2, v2_host("a.example.com")], zone))
    assert found[Hazard.UNWANTED].details == (f"old.example.com: {V1}",)
    assert found[Hazard.UNUSED].check.subject == "v1"
    assert "idle." + V1 in found[Hazard.UNUSED].check.sentence


def test_a_health_check_that_fails_and_one_whose_status_is_not_told() -> None:
    def checked(name: str, side: str, check: str) -> dict[str, Any]:
        return alias(name, SetIdentifier=side, Weight=50, HealthCheckId=check)

    zone = zone_of(
        checked("a.example.com.", "v1", "up"),
        checked("a.example.com.", "v2", "down"),
        checked("b.example.com.", "v1", "?"),
    )
    health = {
        "up": CheckHealth(is_healthy=True, why=""),
        "down": CheckHealth(is_healthy=False, why="0 of 16 report success"),
        "?": MISSING,
    }
    survey = against(
        [GOOD_V1, v1_host("a.example.com")], [GOOD_V2, v2_host("a.example.com")], replace(zone, health=health)
    )
    fails, untold = (one for one in hazards(survey) if one.check.name == Hazard.HEALTH)
    assert fails.check.outcome is untold.check.outcome is CheckOutcome.WARN
    assert fails.check.sentence == (
        "1 record set of example.com has a health check that fails: Route 53 answers the name's other sets instead "
        "(a.example.com)."
    )
    assert fails.details == ("a.example.com A v2: down, 0 of 16 report success",)
    assert "status Route 53 does not tell (b.example.com)" in untold.check.sentence
    assert Hazard.HEALTH not in told(replace(survey, zones=(zone,))), "where nobody asked, nothing is told"


def test_a_private_zone_is_answered_for_by_resolvers_alone() -> None:
    private = zone_of(plain("example.com.", "NS", "NS-0.awsdns-00.com", "ns-512.awsdns-00.net."))
    public = zone_of(plain("example.com.", "NS", "ns-1.awsdns-01.com."))
    for zone, expected in ((private, True), (public, False), (zone_of(), False)):
        survey = against([GOOD_V1, v1_host("a.example.com")], [GOOD_V2, v2_host("a.example.com")], zone)
        assert (Hazard.PRIVATE in told(survey)) is expected


def test_what_both_clusters_lead_to_and_what_leads_elsewhere() -> None:
    shared = against([GOOD_V1, v1_host("a.example.com")], [GOOD_V2, v1_host("a.example.com"), v2_host("b.example.com")])
    assert Hazard.SHARED not in told(shared)  # the second Ingress of one name is the one that stands
    shared = against(
        [GOOD_V1, v1_host("a.example.com")], [GOOD_V2, v1_host("a.example.com"), v2_host("b.example.com", name="b")]
    )
    assert V1 in told(shared)[Hazard.SHARED].check.sentence
    cdn = against([GOOD_V1, v1_host("a.example.com", annotations={NEW + "target": "d1.cloudfront.net"})], [GOOD_V2])
    assert "no domain of the plan" in told(cdn)[Hazard.ELSEWHERE].check.sentence
    proxied = against(
        [GOOD_V1, v1_host("a.example.com")],
        [GOOD_V2, v2_host("a.example.com")],
        zone_of(plain("a.example.com.", "CNAME", "d1.cloudfront.net")),
    )
    assert "to neither cluster now (a.example.com)" in told(proxied)[Hazard.ELSEWHERE].check.sentence


def test_what_cannot_be_told_is_said_as_such() -> None:
    found = told(against([v1_host("a.example.com", target="")], [v2_host("a.example.com")]))
    assert found[Hazard.NOT_FOUND].check.outcome is CheckOutcome.UNKNOWN
    assert found[Hazard.UNTOLD].check.subject == "v1"
    assert found[Hazard.UNTOLD].check.remedy.endswith("`--v1-load-balancer NAME`.")


def test_the_worst_is_told_first_and_the_shipped_clusters_have_these() -> None:
    found = hazards(shipped_survey(shipped_zone()))
    ranks = [[CheckOutcome.FAIL, CheckOutcome.UNKNOWN, CheckOutcome.WARN].index(one.check.outcome) for one in found]
    assert ranks == sorted(ranks)
    assert [one.check.name for one in found] == [
        Hazard.VERSIONS,
        Hazard.ANNOTATIONS,
        Hazard.TWICE,
        Hazard.ONLY_V1,
        Hazard.UNSEEN,
        Hazard.UNWANTED,
    ]
