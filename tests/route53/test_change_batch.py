"""Each rule of a change batch, with the sentence in which Route 53 refuses it."""

import pytest

from probe.model.name import DomainName, canonical
from probe.model.plan import Routing
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import PRIMARY, InvalidChangeBatchError, InvalidInputError, ResourceRecordSet, RoutedBy
from tests.lab.builders import V1_ALB, alias, create, delete, hosted_zone, plain, refusal, upsert, weighted

WEB = plain("web.example.com", "A", "192.0.2.1")


def test_a_batch_is_one_transaction() -> None:
    zone = hosted_zone(WEB)
    assert refusal(zone, [*create(plain("new.example.com", "A", "192.0.2.2")), *create(WEB)])
    assert [record.name for record in zone.record_sets() if record.rdtype == "A"] == ["web.example.com."]


def test_every_mistake_of_a_batch_has_its_sentence() -> None:
    zone = hosted_zone(WEB)
    assert refusal(zone, [*create(WEB), *delete(plain("gone.example.com", "A", "192.0.2.1"))]) == (
        "Tried to create resource record set [name='web.example.com.', type='A'] but it already exists",
        "Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found",
    )


def test_a_weighted_set_is_named_with_its_identifier() -> None:
    first = weighted("web.example.com", "A", "v1", 1, "192.0.2.1")
    zone = hosted_zone(first)
    assert refusal(zone, create(first)) == (
        (
            "Tried to create resource record set [name='web.example.com.', type='A', set-identifier='v1'] "
            "but it already exists"
        ),
    )


@pytest.mark.parametrize(
    "given",
    [
        plain("web.example.com", "A", "192.0.2.1", ttl=60),
        plain("web.example.com", "A", "192.0.2.9"),
        plain("web.example.com", "A", "192.0.2.1", "192.0.2.2"),
        plain("web.example.com", "A", "192.0.2.1", health_check_id="h"),
        alias("web.example.com", "A"),
    ],
    ids=["ttl", "value", "more values", "health check", "alias"],
)
def test_a_delete_has_to_name_what_stands_there(given: ResourceRecordSet) -> None:
    zone = hosted_zone(WEB)
    assert refusal(zone, delete(given)) == (
        (
            "Tried to delete resource record set [name='web.example.com.', type='A'] "
            "but the values provided do not match the current values"
        ),
    )


def test_a_delete_may_list_the_values_in_any_order() -> None:
    zone = hosted_zone(plain("web.example.com", "A", "192.0.2.1", "192.0.2.2"))
    zone.change(delete(plain("web.example.com", "A", "192.0.2.2", "192.0.2.1")))
    assert len(zone.record_sets()) == 2


def test_an_alias_with_another_evaluation_is_another_value() -> None:
    zone = hosted_zone(alias("web.example.com", "A"))
    assert "do not match" in refusal(zone, delete(alias("web.example.com", "A", evaluate=False)))[0]


def test_delete_then_create_replaces_a_record_set_in_one_batch() -> None:
    zone = hosted_zone(WEB)
    zone.change([*delete(WEB), *create(plain("web.example.com", "A", "192.0.2.7"))])
    assert zone.record_sets()[-1].values == ("192.0.2.7",)


def test_a_cname_gives_way_to_addresses_in_one_batch() -> None:
    cname = plain("web.example.com", "CNAME", V1_ALB)
    zone = hosted_zone(cname)
    zone.change([*delete(cname), *create(alias("web.example.com", "A"), alias("web.example.com", "AAAA"))])
    zone.change(
        [*delete(alias("web.example.com", "A"), alias("web.example.com", "AAAA")), *create(cname)],
    )
    assert zone.record_sets()[-1] == cname


def test_changes_take_effect_in_their_order() -> None:
    zone = hosted_zone(WEB)
    cname = plain("web.example.com", "CNAME", V1_ALB)
    assert refusal(zone, [*create(cname), *delete(WEB)]) == (
        (
            "RRSet of type CNAME with DNS name web.example.com. is not permitted as it conflicts with other "
            "records with the same DNS name in zone example.com."
        ),
    )


def test_an_address_cannot_stand_beside_a_cname() -> None:
    zone = hosted_zone(plain("web.example.com", "CNAME", "other.example.net."))
    assert refusal(zone, upsert(WEB)) == (
        (
            "RRSet of type A with DNS name web.example.com. is not permitted because a conflicting RRSet of type CNAME "
            "with the same DNS name already exists in zone example.com."
        ),
    )


def test_the_apex_cannot_be_a_cname() -> None:
    assert refusal(hosted_zone(), create(plain("example.com", "CNAME", "other.example.net."))) == (
        "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.",
    )


def test_a_name_of_another_zone_is_refused() -> None:
    assert refusal(hosted_zone(), create(plain("web.example.org", "A", "192.0.2.1"))) == (
        "RRSet with DNS name web.example.org. is not permitted in zone example.com.",
    )


def test_simple_and_weighted_sets_exclude_each_other() -> None:
    sentence = (
        (
            "RRSet with DNS name web.example.com., type A cannot be created as other RRSets exist with the same "
            "name and type."
        ),
    )
    assert refusal(hosted_zone(WEB), create(weighted("web.example.com", "A", "v2", 1, "192.0.2.2"))) == sentence
    assert refusal(hosted_zone(weighted("web.example.com", "A", "v1", 1, "192.0.2.1")), upsert(WEB)) == sentence


def test_upsert_replaces_only_its_own_set_identifier() -> None:
    zone = hosted_zone(
        weighted("web.example.com", "A", "v1", 90, "192.0.2.1"), weighted("web.example.com", "A", "v2", 10, "192.0.2.2")
    )
    zone.change(upsert(weighted("web.example.com", "A", "v1", 0, "192.0.2.1")))
    assert [record.weight for record in zone.record_sets() if record.rdtype == "A"] == [0, 10]


def test_a_weighted_group_has_one_ttl() -> None:
    zone = hosted_zone(
        weighted("web.example.com", "A", "v1", 1, "192.0.2.1"), weighted("web.example.com", "A", "v2", 1, "192.0.2.2")
    )
    faster = weighted("web.example.com", "A", "v1", 1, "192.0.2.1", ttl=60)
    assert refusal(zone, upsert(faster)) == (
        (
            "RRSet with DNS name web.example.com. and type A, SetIdentifier v1 cannot be created as weighted sets must "
            "contain the same TTL."
        ),
    )
    zone.change(upsert(faster, weighted("web.example.com", "A", "v2", 1, "192.0.2.2", ttl=60)))


def test_a_weighted_group_has_at_most_a_hundred_sets() -> None:
    zone = hosted_zone(*(weighted("web.example.com", "A", f"s{n}", 1, f"192.0.2.{n}") for n in range(100)))
    assert refusal(zone, create(weighted("web.example.com", "A", "more", 1, "192.0.2.200"))) == (
        "Exceeded limit on number of weighted RRSets for web.example.com., type A in this zone.",
    )


@pytest.mark.parametrize(
    ("rdtype", "value", "sentence"),
    [
        ("A", "192.0.2.256", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
        ("A", "2001:db8::1", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
        ("AAAA", "192.0.2.1", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
        ("AAAA", "fe80::1%eth0", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
        ("TXT", "bare", "InvalidCharacterString (Value should be enclosed in quotation marks)"),
        ("TXT", '"open', "InvalidCharacterString (Value should be enclosed in quotation marks)"),
        ("TXT", '"one""two"', "InvalidCharacterString (Value should be enclosed in quotation marks)"),
        ("TXT", '"' + "x" * 256 + '"', "CharacterStringTooLong (Value is too long)"),
        ("TXT", " ".join(['"' + "x" * 255 + '"'] * 16), "CharacterStringTooLong (Value is too long)"),
        ("CNAME", "one..two", "DomainLabelEmpty (Domain label is empty)"),
        ("CNAME", "x" * 64 + ".example.com", "DomainLabelTooLong (Domain label is too long)"),
        ("CNAME", ".".join(["x" * 60] * 5), "DomainNameTooLong (Domain name is too long)"),
        ("MX", "mail.example.com", "MXRRDATAInvalid (Value is not valid for its type)"),
    ],
)
def test_a_value_has_to_fit_its_type(rdtype: str, value: str, sentence: str) -> None:
    assert refusal(hosted_zone(), create(plain("web.example.com", rdtype, value))) == (
        f"Invalid Resource Record: 'FATAL problem: {sentence} encountered with '{value}''",
    )


@pytest.mark.parametrize("value", ['"' + "x" * 255 + '"', '"one" "two"', r'"\"quoted\" \134 \101"', '""'])
def test_quoted_strings_of_up_to_255_bytes_are_txt(value: str) -> None:
    hosted_zone(plain("web.example.com", "TXT", value))


def test_a_value_stands_once_in_a_record_set() -> None:
    assert refusal(hosted_zone(), create(plain("web.example.com", "A", "192.0.2.1", "192.0.2.1"))) == (
        "Duplicate Resource Record: '192.0.2.1'",
    )


def test_a_record_set_has_at_most_four_hundred_values_and_a_cname_one() -> None:
    many = plain("web.example.com", "A", *(f"10.0.{n // 250}.{n % 250}" for n in range(401)))
    assert refusal(hosted_zone(), create(many)) == ("Cannot have more than 400 records in a RRSet.",)
    two = plain("web.example.com", "CNAME", "one.example.net", "two.example.net")
    assert refusal(hosted_zone(), create(two)) == (
        "RRSet of type CNAME with DNS name web.example.com. is not permitted to have more than one value.",
    )


def test_two_changes_of_one_record_set_contradict_each_other() -> None:
    other = plain("web.example.com", "A", "192.0.2.2")
    for changes in ([*upsert(WEB), *upsert(other)], [*create(other), *delete(WEB)], [*delete(WEB), *delete(WEB)]):
        assert refusal(hosted_zone(WEB), changes) == (
            "The request contains an invalid set of changes for a resource record set 'A web.example.com.'",
        )


def test_a_thousand_values_fit_one_request_and_upserts_count_twice() -> None:
    def batch(sets: int) -> list[ResourceRecordSet]:
        return [plain(f"h{n}.example.com", "A", *(f"192.0.2.{v}" for v in range(1, 101))) for n in range(sets)]

    limit = ("Number of records limit of 1000 exceeded.",)
    hosted_zone().change(create(*batch(10)))
    assert refusal(hosted_zone(), create(*batch(11))) == limit
    hosted_zone().change(upsert(*batch(5)))
    assert refusal(hosted_zone(), upsert(*batch(6))) == limit


def test_values_of_one_request_have_at_most_32000_characters() -> None:
    texts = [plain(f"t{n}.example.com", "TXT", '"' + "x" * 248 + '"') for n in range(128)]
    hosted_zone().change(create(*texts))
    assert refusal(hosted_zone(), create(*texts, WEB)) == ("Record value character limit of 32000 exceeded.",)


def by(identifier: str, routing: Routing, value: str = "", address: str = "192.0.2.1") -> ResourceRecordSet:
    return plain("web.example.com", "A", address, set_identifier=identifier, routed=RoutedBy(routing, value))


@pytest.mark.parametrize("beside", [weighted("web.example.com", "A", "v2", 1, "192.0.2.2"), by("v2", Routing.LATENCY)])
def test_the_sets_of_a_name_have_one_policy(beside: ResourceRecordSet) -> None:
    zone = hosted_zone(by("v1", Routing.FAILOVER, PRIMARY))
    (sentence,) = refusal(zone, create(beside))
    assert "cannot be created because a non" in sentence


@pytest.mark.parametrize(
    ("routing", "value"), [(Routing.FAILOVER, PRIMARY), (Routing.LATENCY, "eu-west-1"), (Routing.GEOLOCATION, "KR")]
)
def test_two_sets_are_not_chosen_by_one_value(routing: Routing, value: str) -> None:
    zone = hosted_zone(by("v1", routing, value))
    (sentence,) = refusal(zone, create(by("v2", routing, value)))
    assert f"one for {value} exists" in sentence


def test_an_alias_has_no_multivalue_answer_and_a_set_no_two_policies() -> None:
    target = alias("web.example.com", "A", V1_ALB, set_identifier="v1", routed=RoutedBy(Routing.MULTIVALUE))
    assert "no AliasTarget" in refusal(hosted_zone(), create(target))[0]
    two = plain("web.example.com", "A", "192.0.2.1", set_identifier="v1", weight=1, routed=RoutedBy(Routing.LATENCY))
    assert "found more than one" in refusal(hosted_zone(), create(two))[0]


def test_a_delete_has_to_name_what_a_set_is_chosen_by() -> None:
    zone = hosted_zone(by("v1", Routing.LATENCY, "eu-west-1"))
    (sentence,) = refusal(zone, delete(by("v1", Routing.LATENCY, "eu-west-2")))
    assert "do not match the current values" in sentence


def test_a_zone_keeps_its_ns_and_soa() -> None:
    zone = hosted_zone()
    assert refusal(zone, delete(*zone.record_sets())) == (
        "A HostedZone must contain at least one NS record for the zone itself.",
        "A HostedZone must contain exactly one SOA record.",
    )


def test_an_alias_target_has_to_lie_in_its_zone() -> None:
    zone = HostedZone(canonical("example.com"), "Z1", alias_zones={"ZELB": DomainName("eu-west-1.elb.amazonaws.com.")})
    zone.change(create(alias("web.example.com", "A", f"dualstack.{V1_ALB}", "ZELB")))
    for zone_id in ("ZELB", "ZUNKNOWN"):
        assert refusal(zone, create(alias("new.example.com", "A", "www.example.org", zone_id))) == (
            (
                f"Tried to create an alias that targets www.example.org., type A in zone {zone_id}, but the alias "
                "target name does not lie within the target zone"
            ),
        )


def test_an_alias_within_the_zone_needs_its_target() -> None:
    zone = hosted_zone(WEB)
    assert refusal(zone, create(alias("www.example.com", "AAAA", "web.example.com", "Z1"))) == (
        "Tried to create an alias that targets web.example.com., type AAAA in zone Z1, but that target was not found",
    )
    zone.change(create(alias("www.example.com", "A", "web.example.com", "Z1")))


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (
            plain("web.example.com", "A", ttl=60),
            (
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
                "TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=web.example.com., "
                "Type=A, SetIdentifier=null]"
            ),
        ),
        (
            alias("web.example.com", "A", ttl=60),
            (
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
                "TrafficPolicyInstanceId], but found more than one in Change with [Action=CREATE, "
                "Name=web.example.com., Type=A, SetIdentifier=null]"
            ),
        ),
        (
            plain("web.example.com", "A", "192.0.2.1", weight=1),
            (
                "Invalid request: Missing field 'SetIdentifier' in Change with [Action=CREATE, Name=web.example.com., "
                "Type=A, SetIdentifier=null]"
            ),
        ),
        (
            plain("web.example.com", "A", "192.0.2.1", set_identifier="v1"),
            (
                "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, "
                "GeoProximityLocation, or CidrRoutingConfig], but found none in Change with [Action=CREATE, "
                "Name=web.example.com., Type=A, SetIdentifier=v1]"
            ),
        ),
        (
            weighted("web.example.com", "A", "v1", 256, "192.0.2.1"),
            (
                "1 validation error detected: Value '256' at 'weight' failed to satisfy constraint: Member must have "
                "value less than or equal to 255"
            ),
        ),
        (
            weighted("web.example.com", "A", "v1", -1, "192.0.2.1"),
            (
                "1 validation error detected: Value '-1' at 'weight' failed to satisfy constraint: Member must have "
                "value greater than or equal to 0"
            ),
        ),
        (
            plain("web.example.com", "A", "192.0.2.1", ttl=2**31),
            (
                "1 validation error detected: Value '2147483648' at 'tTL' failed to satisfy constraint: Member must "
                "have value less than or equal to 2147483647"
            ),
        ),
        (
            weighted("web.example.com", "A", "s" * 129, 1, "192.0.2.1"),
            (
                f"1 validation error detected: Value '{'s' * 129}' at 'setIdentifier' failed to satisfy constraint: "
                "Member must have length less than or equal to 128"
            ),
        ),
        (
            plain("web..example.com", "A", "192.0.2.1"),
            (
                "Invalid request: Invalid domain name 'web..example.com.' in Change with [Action=CREATE, "
                "Name=web..example.com., Type=A, SetIdentifier=null]"
            ),
        ),
        (
            plain("web.example.com", "BOGUS", "x"),
            "Value 'BOGUS' at 'type' failed to satisfy constraint: Member must satisfy enum value set",
        ),
    ],
)
def test_a_change_of_a_wrong_form_is_invalid_input(record: ResourceRecordSet, sentence: str) -> None:
    zone = hosted_zone()
    with pytest.raises(InvalidInputError) as caught:
        zone.change(create(record))
    assert caught.value.messages == (sentence,)


def test_an_accepted_batch_makes_a_version_even_when_it_changes_nothing() -> None:
    zone = hosted_zone(WEB)
    assert zone.version.number == 2
    info = zone.change(upsert(WEB))
    assert (info.version, zone.version.number) == (3, 3)
    with pytest.raises(InvalidChangeBatchError):
        zone.change(create(WEB))
    assert zone.version.number == 3
