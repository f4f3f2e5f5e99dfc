"""What v2's ExternalDNS would do, scenario by scenario, held against the recorded runs of real versions."""

from dataclasses import replace

import pytest

from probe.judge.answer.address_book import Learned
from probe.judge.context import Context
from probe.judge.preflight.instances import of_the_plan
from probe.judge.preflight.ownership import left_behind, of_domain
from probe.model.check import CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.name import DomainName
from probe.model.plan import Expectation, Plan
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from tests.judge.answers import ADDRESSES, NAME, addresses, context, instant, nodata, plan
from tests.judge.ownership.owned import NEW, OLD, Owned, Txts, owned

ANCIENT = (0, 15, 1)
V1 = ExternalDns("v1", version=NEW)
V2 = ExternalDns("v2", "v1", version=NEW)
V1_PLACE, V2_PLACE = Position.V1, Position.V2


def setups(v1: ExternalDns = V1, v2: ExternalDns = V2, expectation: Expectation = Expectation.V1) -> Plan:
    bare = plan(expectation)
    return replace(bare, v1=replace(bare.v1, external_dns=v1), v2=replace(bare.v2, external_dns=v2))


def versions(v1: tuple[int, int, int] | None, v2: tuple[int, int, int] | None) -> Plan:
    return setups(replace(V1, version=v1), replace(V2, version=v2))


def standing(txts: Txts, *, alias: bool = True, position: Position = Position.V1) -> DomainStatus:
    """A domain on v1 with what stands at its TXT names, as an alias to a load balancer or as plain addresses."""
    told = Owned(with_aliases(alias=alias))
    told.stand(position, 60, txts)
    return told.story.status


def with_aliases(*, alias: bool) -> Context:
    """Surroundings whose address book has learned the addresses from load balancers: bare answers are aliases then."""
    surroundings = context()
    if not alias:
        return surroundings
    learned = {
        address: Learned(Side(position.value), DomainName("lb."), instant(0), instant(0))
        for (position, _), rdata in ADDRESSES.items()
        if position in (Position.V1, Position.V2)
        for address in rdata
    }
    return surroundings._replace(book=replace(surroundings.book, learned=learned))


def test_a_takeover_by_one_version_goes_well() -> None:  # S5
    check = of_domain(standing(owned("v1")), setups())
    assert (check.outcome, check.sentence) == (
        CheckOutcome.PASS,
        "v2's ExternalDNS will take it over, by a-app.example.com.",
    )


def test_a_record_that_is_v2s_already_is_its_own() -> None:
    assert "owns it already" in of_domain(standing(owned("v2"), position=Position.V2), setups()).sentence


def test_another_owner_keeps_v2_from_writing_without_a_word() -> None:  # S2
    check = of_domain(standing(owned("blue")), setups())
    assert check.outcome is CheckOutcome.FAIL
    assert '"blue"' in check.sentence
    assert "change nothing, and log nothing" in check.sentence
    assert "--migrate-from-txt-owner=blue" in check.remedy
    assert check.sentence.endswith("The plan has no ExternalDNS of that owner: it may be a third cluster's.")
    assert check.remedy.startswith("Find out who runs it")
    unset = of_domain(standing(owned("v1")), setups(v2=replace(V2, migrate_from_txt_owner=None)))
    assert unset.outcome is CheckOutcome.FAIL
    assert "third cluster" not in unset.sentence
    assert unset.remedy.startswith("Give v2's ExternalDNS")


def test_an_old_v1_beside_a_new_v2_will_fight_over_an_alias() -> None:  # S12
    check = of_domain(standing(owned("v1", "cname", "aaaa")), versions(OLD, NEW))
    assert check.outcome is CheckOutcome.FAIL
    assert "the A flaps" in check.sentence


def test_where_each_migrates_from_the_other_no_version_is_accused() -> None:  # S6
    plan = setups(replace(V1, migrate_from_txt_owner="v2"), V2)
    check = of_domain(standing(owned("v1")), plan)
    assert check.outcome is CheckOutcome.FAIL
    assert 'and v1\'s, which migrates from "v2", would take it back, at every sync.' in check.sentence
    assert check.remedy.startswith("Remove --migrate-from-txt-owner from v1's ExternalDNS")


def test_addresses_that_are_no_alias_have_one_name_in_both_versions() -> None:  # S22b
    check = of_domain(standing(owned("v1", "a", "aaaa"), alias=False), versions(OLD, NEW))
    assert check.outcome is CheckOutcome.PASS


def test_a_new_v1_beside_an_old_v2_moves_only_one_family() -> None:  # S13
    check = of_domain(standing(owned("v1", "a", "aaaa")), versions(NEW, OLD))
    assert check.outcome is CheckOutcome.FAIL
    assert "would not move, while the other family moves" in check.sentence


def test_a_bare_txt_that_stays_behind_is_named_for_the_time_after() -> None:  # S14
    status = standing(owned("v1", "cname", "aaaa", "bare"))
    check = of_domain(status, versions(ANCIENT, OLD))
    assert check.outcome is CheckOutcome.PASS
    assert "app.example.com will still name v1's owner: delete it once v1 is gone" in check.sentence
    assert [txt.name for txt in left_behind(status, replace(V1, version=ANCIENT), replace(V2, version=OLD))] == [NAME]


def test_a_name_with_no_place_for_v2s_txt_is_moved_by_hand_and_no_prefix_is_changed_for_it() -> None:  # S30
    status = standing(owned("v1", "bare"))
    a, aaaa = status.records
    records = (a, aaaa._replace(state=RecordState.ABSENT, position=Position.ABSENT, existed=False))
    asked = tuple(txt for txt in status.txts if txt.name == NAME)  # DNS cannot hold the others
    bare = status._replace(txts=asked, records=records)
    check = of_domain(bare, versions(OLD, OLD))
    assert check.outcome is CheckOutcome.WARN
    assert "can write no TXT for its A" in check.sentence
    assert check.remedy == (
        "Move the record by hand: A and AAAA in one batch, and so whenever it changes. Do not change --txt-prefix of "
        "an ExternalDNS that owns hosts: it would lose them all."
    )


def test_a_record_without_ownership_is_never_touched() -> None:  # S29
    check = of_domain(standing({}), setups())
    assert check.outcome is CheckOutcome.FAIL
    assert "if they are right, v2's ExternalDNS will not change it" in check.sentence


@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.V2, Expectation.MOVING])
@pytest.mark.parametrize("place", [V1_PLACE, V2_PLACE])
def test_of_a_record_without_ownership_it_advises_what_the_finding_advises(
    expectation: Expectation, place: Position
) -> None:
    watch = Owned(with_aliases(alias=True), expectation)
    watch.stand(place, 300, {})
    check = of_domain(watch.story.status, setups(expectation=expectation))
    assert check.outcome is CheckOutcome.FAIL
    assert check.remedy == watch.finding("unowned").remedy.replace("\n", " ")


def test_of_an_apex_no_txt_is_written_that_has_no_place() -> None:
    watch = Owned(with_aliases(alias=True), Expectation.V1)
    watch.stand(V1_PLACE, 60, {})
    status = watch.story.status
    apex = status._replace(txts=tuple(txt for txt in status.txts if txt.name == NAME))  # the others are outside
    check = of_domain(apex, setups())
    assert (check.outcome, "Its A has no ownership TXT" in check.sentence) == (CheckOutcome.FAIL, True)
    assert "has no place for its TXT: move the record by hand" in check.remedy
    assert "once its wave moves" in check.remedy
    assert "write" not in check.remedy.replace("would be written back", "")


@pytest.mark.parametrize("registry", [Registry.NOOP, Registry.DYNAMODB])
def test_beside_a_v1_that_keeps_owners_elsewhere_no_txt_is_written_and_it_is_stopped_first(registry: Registry) -> None:
    check = of_domain(standing({}), setups(replace(V1, registry=registry)))
    assert check.outcome is CheckOutcome.FAIL
    assert check.remedy == (
        "Stop v1's ExternalDNS before v2 gets its first Ingress of the wave. Move the record by hand: A and AAAA in "
        "one batch."
    )


def test_one_family_without_ownership_speaks_for_the_domain() -> None:
    check = of_domain(standing(owned("v1", "a")), setups())
    assert check.outcome is CheckOutcome.FAIL
    assert "Its AAAA has no ownership TXT" in check.sentence


def test_a_host_that_is_not_there_is_created_unless_a_foreign_txt_stands_in_the_way() -> None:  # S23
    assert of_domain(standing({}, position=Position.ABSENT), setups()).outcome is CheckOutcome.PASS
    check = of_domain(standing(owned("v1"), position=Position.ABSENT), setups())
    assert check.outcome is CheckOutcome.FAIL
    assert "without a TXT of its own" in check.sentence
    assert "a-app.example.com" in check.sentence


def test_a_host_that_answers_nothing_may_be_an_alias_whose_load_balancer_is_gone_and_keeps_its_txt() -> None:
    unsure = Owned(with_aliases(alias=True))
    unsure.answer(nodata(), 60, owned("v1"))
    check = of_domain(unsure.story.status, setups())
    assert (check.outcome, check.sentence.split(",")[0]) == (CheckOutcome.FAIL, "It has no address")
    assert "delete the ownership TXT only if no A, AAAA or CNAME stands at the name" in check.remedy
    denied = of_domain(standing(owned("v1"), position=Position.ABSENT), setups())
    assert denied.remedy == "Delete the ownership TXT before an ExternalDNS creates the record."
    bare = Owned(with_aliases(alias=True))
    bare.answer(nodata(), 60, {})
    assert of_domain(bare.story.status, setups()).sentence == (
        "It has no address: v2's ExternalDNS will create it, and its TXT, if no record stands there."
    )


def test_several_owners_at_one_name_are_chance() -> None:
    status = standing(owned("v1"))
    txts = tuple(
        txt._replace(owners=(*txt.owners, txt.owners[0]._replace(owner="v2")))
        if txt.kind and txt.kind.value == "a"
        else txt
        for txt in status.txts
    )
    assert of_domain(status._replace(txts=txts), setups()).outcome is CheckOutcome.FAIL


def test_an_encrypted_owner_is_not_guessed() -> None:
    status = standing(owned("v1"))
    txts = tuple(txt._replace(owners=(), opaque=1) if txt.owners else txt for txt in status.txts)
    assert of_domain(status._replace(txts=txts), setups()).outcome is CheckOutcome.UNKNOWN


def test_without_versions_what_differs_between_them_is_not_known() -> None:
    assert of_domain(standing(owned("v1", "a", "aaaa")), versions(None, None)).outcome is CheckOutcome.UNKNOWN


def test_txt_names_that_were_not_answered_are_not_known() -> None:
    told = Owned()
    told.stand_without_txt(Position.V1, 60)
    assert of_domain(told.story.status, setups()).outcome is CheckOutcome.UNKNOWN


def test_a_name_that_cannot_be_written_is_taken_over_for_the_last_time() -> None:  # S21, S30
    status = standing(owned("v1", "bare", "aaaa"))
    status = status._replace(txts=tuple(txt for txt in status.txts if txt.name in (NAME, f"aaaa-{NAME}")))
    check = of_domain(status, setups())
    assert (check.outcome, "never update the record again" in check.sentence) == (CheckOutcome.WARN, True)


def test_a_cname_of_v1_is_said_to_be_refused() -> None:  # S9b
    status = standing(owned("v1", "cname"))
    response = replace(
        addresses(RecordType.A, "198.51.100.1"),
        answer=(
            addresses(RecordType.A).answer[0]._replace(rdtype="CNAME", rdata=("k8s-one.eu-west-1.elb.amazonaws.com.",)),
        ),
    )
    records = tuple(
        record._replace(servers=tuple(server._replace(response=response) for server in record.servers))
        for record in status.records
    )
    check = of_domain(status._replace(records=records), setups())
    assert (check.outcome, "refuses the change of a record that v1 owns" in check.sentence) == (CheckOutcome.WARN, True)


@pytest.mark.parametrize("version", [(0, 20, 0), OLD, NEW, (0, 23, 0)])
def test_one_version_on_both_sides_never_fights(version: tuple[int, int, int]) -> None:
    kinds = ("a", "aaaa") if version >= NEW else ("cname", "aaaa", "bare")
    assert of_domain(standing(owned("v1", *kinds)), versions(version, version)).outcome is CheckOutcome.PASS


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"policy": Policy.CREATE_ONLY}, "(--policy=create-only)"),
        ({"version": ANCIENT}, "(v0.15.1 has no --migrate-from-txt-owner)"),
        ({"managed_record_types": ("CNAME",)}, "(--managed-record-types=CNAME)"),
    ],
)
def test_what_a_flag_keeps_v2_from_changing_is_played_and_the_flag_named(given: dict[str, object], words: str) -> None:
    """Neighbours of one kind: by the owner alone each of them would take the record over."""
    v2 = replace(V2, **given)  # type: ignore[arg-type]  # fields of the class
    kinds = ("cname", "aaaa") if v2.version == ANCIENT else ("a", "aaaa")
    check = of_domain(standing(owned("v1", *kinds)), setups(replace(V1, version=v2.version), v2))
    assert (check.outcome, words in check.sentence) == (CheckOutcome.FAIL, True)
    told = of_the_plan(setups(replace(V1, version=v2.version), v2))[0]
    assert (told.outcome, words in told.sentence) == (CheckOutcome.FAIL, True)


def test_a_family_that_has_gone_is_not_played_and_the_other_one_speaks() -> None:
    status = standing(owned("v1"))
    a, aaaa = status.records
    gone = status._replace(records=(a, aaaa._replace(state=RecordState.ABSENT, position=Position.ABSENT)))
    assert gone.records[1].existed
    assert of_domain(gone, setups()).outcome is CheckOutcome.PASS


def test_one_type_that_v2_does_not_manage_speaks_for_the_domain() -> None:
    check = of_domain(standing(owned("v1")), setups(v2=replace(V2, managed_record_types=("A",))))
    assert check.outcome is CheckOutcome.FAIL
    assert "does not change the AAAA (--managed-record-types=A)" in check.sentence


def test_v0_18_is_refused_what_later_versions_create_beside_a_txt() -> None:
    absent = standing(owned("v1"), position=Position.ABSENT)
    check = of_domain(absent, setups(v2=ExternalDns("v2", version=(0, 18, 0))))
    assert (check.outcome, "Route 53 refuses the record" in check.sentence) == (CheckOutcome.FAIL, True)
    elsewhere = standing(owned("v1", "cname"), position=Position.ABSENT)
    check = of_domain(elsewhere, setups())
    assert (check.outcome, "Beside it stands cname-app.example.com" in check.sentence) == (CheckOutcome.WARN, True)


@pytest.mark.parametrize("text", ['<b>"&\\027', "v1 ", "x" * 120, "\\195\\169quipe", "a=b"])
def test_an_owner_of_any_text_is_played(text: str) -> None:
    """Whoever writes TXT chooses it: nothing of it gets into a record that the model would refuse."""
    status = standing(owned("v1"))
    txts = tuple(
        txt._replace(owners=(txt.owners[0]._replace(owner=text),)) if txt.owners else txt for txt in status.txts
    )
    check = of_domain(status._replace(txts=txts), setups())
    assert (check.outcome, "it will change nothing" in check.sentence) == (CheckOutcome.FAIL, True)


EDNS = TxtRegistry(prefix="edns-")


@pytest.mark.case("A3")
def test_what_v2_does_not_read_with_its_own_flags_it_never_changes() -> None:
    check = of_domain(standing(owned("v1")), setups(v2=replace(V2, txt_registry=EDNS)))
    assert check.outcome is CheckOutcome.FAIL
    assert "where v2's ExternalDNS does not look with its TXT registry's flags" in check.sentence
    assert "Give v2's ExternalDNS the TXT registry flags of v1's" in check.remedy


@pytest.mark.case("D1")
def test_the_instance_of_v2_for_which_it_goes_best_speaks_and_filters_count() -> None:
    plan_of_two = setups(v2=replace(V2, txt_owner_id="v2-private", migrate_from_txt_owner=None))
    plan_of_two = replace(plan_of_two, v2=replace(plan_of_two.v2, more_external_dns=(V2,)))
    assert of_domain(standing(owned("v1")), plan_of_two).outcome is CheckOutcome.PASS
    none = of_domain(standing(owned("v1")), setups(v2=replace(V2, domain_filter=(DomainName("example.org."),))))
    assert none.outcome is CheckOutcome.FAIL
    assert none.sentence == "v2's ExternalDNS does not see it, by --domain-filter=example.org."
    assert none.remedy == "Add what is named here to --domain-filter of v2's ExternalDNS."


def test_a_filter_narrower_than_the_hosted_zone_keeps_v2_out_of_it() -> None:
    """Whether it has the flag that lets it in may not be told: that is unknown, and never a pass."""
    zone, narrow = DomainName("example.com."), replace(V2, domain_filter=(NAME,))
    plan = setups(v2=replace(narrow, zone_match_parent=False))
    barred = of_domain(standing(owned("v1")), plan, zone)
    assert barred.outcome is CheckOutcome.FAIL
    assert barred.sentence == (
        "v2's ExternalDNS does not enter its hosted zone, which is above all names of --domain-filter=app.example.com, "
        "without --aws-zone-match-parent."
    )
    untold = of_domain(standing(owned("v1")), setups(v2=narrow), zone)
    assert untold.outcome is CheckOutcome.UNKNOWN
    assert "write `zone_match_parent` into the plan" in untold.remedy
    unowned = of_domain(standing({}), setups(v2=narrow), zone)
    assert unowned.outcome is CheckOutcome.FAIL, "what fails whatever the flag is, is told first"
    told = setups(v2=replace(narrow, zone_match_parent=True))
    assert of_domain(standing(owned("v1")), told, zone).outcome is CheckOutcome.PASS
    assert of_domain(standing(owned("v1")), plan).outcome is CheckOutcome.PASS, "no zone was found: nothing bars it"


def test_names_that_v2_excludes_are_named() -> None:
    excluded = setups(v2=replace(V2, exclude_domains=(DomainName("app.example.com."),)))
    check = of_domain(standing(owned("v1")), excluded)
    assert (check.outcome, check.sentence) == (
        CheckOutcome.FAIL,
        "v2's ExternalDNS does not see it, by --exclude-domains=app.example.com.",
    )
    assert check.remedy == "Take app.example.com out of --exclude-domains of v2's ExternalDNS."


@pytest.mark.case("D2")
@pytest.mark.parametrize("registry", [Registry.DYNAMODB, Registry.AWS_SD])
def test_a_registry_that_dns_does_not_show_is_said_so(registry: Registry) -> None:
    plan_of_it = setups(replace(V1, registry=registry), ExternalDns("v2", version=NEW, registry=registry))
    (told,) = of_the_plan(plan_of_it)
    assert (told.outcome, "DNS does not show" in told.sentence) == (CheckOutcome.WARN, True)
    check = of_domain(standing({}), plan_of_it)
    assert (check.outcome, "DNS does not show" in check.sentence) == (CheckOutcome.WARN, True)
