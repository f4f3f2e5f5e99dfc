"""The API as a client sees it: XML in, XML out, over HTTP."""

import asyncio
import random
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable

import httpx

from probe.lab.http_server import HttpServer
from probe.lab.route53_api.api import Route53Api
from probe.lab.route53_api.xml import XML_NAMESPACE
from probe.model.name import canonical
from probe.route53.account import Route53
from tests.lab.builders import StandingClock, alias, create, plain, weighted
from tests.patience import HANG

MOST_RECORD_SETS = 300
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

NAMES = {"r": XML_NAMESPACE}


class Service:
    """An account with one zone behind a client."""

    def __init__(self, *, throttle: bool = False) -> None:
        self.clock = StandingClock()
        self.route53 = Route53(random.Random(1))
        self.zone = self.route53.create_hosted_zone(canonical("example.com"), tags={"team": "web & shop"})
        api = Route53Api(self.route53, self.clock, throttle=throttle)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(api.app()), base_url="http://lab")
        self.rrset = f"/2013-04-01/hostedzone/{self.zone.zone_id}/rrset"

    async def get(self, path: str, **params: str | int) -> httpx.Response:
        return await self.client.get(path, params=params)

    async def change(self, *changes: str) -> httpx.Response:
        return await self.client.post(f"{self.rrset}/", content=batch(*changes))


def with_service(test: Callable[[Service], Awaitable[None]], *, throttle: bool = False) -> None:
    async def run() -> None:
        service = Service(throttle=throttle)
        async with service.client:
            await test(service)

    asyncio.run(run())


def batch(*changes: str) -> bytes:
    inner = "".join(changes)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="{XML_NAMESPACE}"><ChangeBatch>'
        f"<Comment>c</Comment><Changes>{inner}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    ).encode()


def change(action: str, name: str, rdtype: str, rest: str) -> str:
    record = f"<ResourceRecordSet><Name>{name}</Name><Type>{rdtype}</Type>{rest}</ResourceRecordSet>"
    return f"<Change><Action>{action}</Action>{record}</Change>"


def values(ttl: int, *texts: str) -> str:
    inner = "".join(f"<ResourceRecord><Value>{text}</Value></ResourceRecord>" for text in texts)
    return f"<TTL>{ttl}</TTL><ResourceRecords>{inner}</ResourceRecords>"


def parsed(response: httpx.Response, root: str, status: int = 200) -> ET.Element:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("text/xml")
    assert response.headers["x-amzn-requestid"]
    element = ET.fromstring(response.text)  # noqa: S314 -- the lab's own answer
    assert element.tag == f"{{{XML_NAMESPACE}}}{root}"
    return element


def text(element: ET.Element, path: str) -> str | None:
    return element.findtext("/".join(f"r:{step}" for step in path.split("/")), namespaces=NAMES)


def listed(element: ET.Element, path: str) -> list[ET.Element]:
    return element.findall("/".join(f"r:{step}" for step in path.split("/")), NAMES)


def error(response: httpx.Response, status: int = 400) -> tuple[str | None, str | None]:
    element = parsed(response, "ErrorResponse", status)
    assert text(element, "Error/Type") == "Sender"
    assert text(element, "RequestId") == response.headers["x-amzn-requestid"]
    return text(element, "Error/Code"), text(element, "Error/Message")


def test_hosted_zones_are_listed_by_pages() -> None:
    async def test(service: Service) -> None:
        for number in range(4):
            service.route53.create_hosted_zone(canonical(f"zone{number}.example.net"))
        seen: list[str] = []
        marker = ""
        while True:
            page = await service.get("/2013-04-01/hostedzone", maxitems=2, **({"marker": marker} if marker else {}))
            root = parsed(page, "ListHostedZonesResponse")
            seen.extend(zone.findtext("r:Name", "", NAMES) for zone in listed(root, "HostedZones/HostedZone"))
            assert text(root, "MaxItems") == "2"
            assert text(root, "Marker") == (marker or None)
            if text(root, "IsTruncated") == "false":
                break
            marker = text(root, "NextMarker") or ""
        assert sorted(seen) == ["example.com.", *(f"zone{number}.example.net." for number in range(4))]

    with_service(test)


def test_a_hosted_zone_is_described() -> None:
    async def test(service: Service) -> None:
        root = parsed(await service.get("/2013-04-01/hostedzone"), "ListHostedZonesResponse")
        (zone,) = listed(root, "HostedZones/HostedZone")
        assert text(zone, "Id") == f"/hostedzone/{service.zone.zone_id}"
        assert text(zone, "Config/PrivateZone") == "false"
        assert text(zone, "ResourceRecordSetCount") == "2"

    with_service(test)


def test_record_sets_are_written_with_all_they_have() -> None:
    async def test(service: Service) -> None:
        service.zone.change(
            create(
                plain("*.example.com", "TXT", '"a & b"', '"<c>"', ttl=300),
                alias("web.example.com", "A", set_identifier="v1", weight=0, health_check_id="hc-1"),
            )
        )
        root = parsed(await service.get(service.rrset), "ListResourceRecordSetsResponse")
        ns, soa, wild, web = listed(root, "ResourceRecordSets/ResourceRecordSet")
        assert (text(ns, "Type"), text(soa, "Type"), text(soa, "TTL")) == ("NS", "SOA", "900")
        assert (text(wild, "Name"), text(wild, "TTL")) == (r"\052.example.com.", "300")
        assert [one.text for one in listed(wild, "ResourceRecords/ResourceRecord/Value")] == ['"a & b"', '"<c>"']
        assert text(wild, "SetIdentifier") is None
        assert [child.tag.split("}")[1] for child in web] == [
            "Name",
            "Type",
            "SetIdentifier",
            "Weight",
            "AliasTarget",
            "HealthCheckId",
        ]
        assert (text(web, "Weight"), text(web, "HealthCheckId")) == ("0", "hc-1")
        assert text(web, "AliasTarget/HostedZoneId") == "Z32O12XQLNTSW2"
        assert text(web, "AliasTarget/DNSName") == "k8s-v1alb-111.eu-west-1.elb.amazonaws.com."
        assert text(web, "AliasTarget/EvaluateTargetHealth") == "true"
        assert (text(root, "IsTruncated"), text(root, "MaxItems")) == ("false", "300")

    with_service(test)


def test_pages_continue_by_name_type_and_identifier() -> None:
    async def test(service: Service) -> None:
        service.zone.change(
            create(
                *(weighted("w.example.com", "A", f"s{n}", 1, "192.0.2.1") for n in range(5)),
                plain("*.example.com", "A", "192.0.2.1"),
                plain("*.example.com", "TXT", '"x"'),
            )
        )
        for size in (1, 2, 3, 8, 9, 10):
            seen: list[tuple[str | None, ...]] = []
            query: dict[str, str | int] = {"maxitems": size}
            while True:
                root = parsed(await service.get(service.rrset, **query), "ListResourceRecordSetsResponse")
                page = listed(root, "ResourceRecordSets/ResourceRecordSet")
                seen.extend((text(one, "Name"), text(one, "Type"), text(one, "SetIdentifier")) for one in page)
                if text(root, "IsTruncated") == "false":
                    break
                assert len(page) == size
                query = {"maxitems": size}
                for field, step in (("Name", "name"), ("Type", "type"), ("Identifier", "identifier")):
                    following = text(root, f"NextRecord{field}")
                    if following is not None:
                        query[step] = following
            assert len(seen) == len(set(seen)) == 9

    with_service(test)


def test_a_page_has_at_most_a_hundred_zones() -> None:
    async def test(service: Service) -> None:
        for number in range(100):
            service.route53.create_hosted_zone(canonical(f"zone{number}.example.net"))
        for query in ({}, {"maxitems": 1000}):
            root = parsed(await service.get("/2013-04-01/hostedzone", **query), "ListHostedZonesResponse")
            assert len(listed(root, "HostedZones/HostedZone")) == 100
            assert text(root, "IsTruncated") == "true"

    with_service(test)


def test_a_page_has_at_most_three_hundred_record_sets() -> None:
    async def test(service: Service) -> None:
        service.zone.change(create(*(plain(f"h{n}.example.com", "A", "192.0.2.1") for n in range(310))))
        for query in ({}, {"maxitems": 1000}):
            root = parsed(await service.get(service.rrset, **query), "ListResourceRecordSetsResponse")
            assert len(listed(root, "ResourceRecordSets/ResourceRecordSet")) == MOST_RECORD_SETS == 300
            assert text(root, "IsTruncated") == "true"

    with_service(test)


def test_a_change_is_applied_and_pending() -> None:
    async def test(service: Service) -> None:
        response = await service.change(
            change("UPSERT", r"\052.Example.com", "A", values(60, "192.0.2.1")),
            change(
                "CREATE",
                "web.example.com",
                "AAAA",
                "<SetIdentifier>v2</SetIdentifier><Weight>10</Weight><AliasTarget><HostedZoneId>Z32O12XQLNTSW2"
                "</HostedZoneId><DNSName>dualstack.X.eu-west-1.elb.amazonaws.com</DNSName><EvaluateTargetHealth>false"
                "</EvaluateTargetHealth></AliasTarget>",
            ),
        )
        root = parsed(response, "ChangeResourceRecordSetsResponse")
        assert (text(root, "ChangeInfo/Id") or "").startswith("/change/C")
        assert text(root, "ChangeInfo/Status") == "PENDING"
        assert text(root, "ChangeInfo/SubmittedAt") == "2026-09-21T14:30:00.000Z"
        wild, web = service.zone.record_sets()[2:]
        assert (wild.name, wild.ttl, wild.values) == ("*.example.com.", 60, ("192.0.2.1",))
        assert (web.set_identifier, web.weight, web.ttl) == ("v2", 10, None)
        assert web.alias is not None
        assert web.alias.dns_name == "dualstack.x.eu-west-1.elb.amazonaws.com."
        assert not web.alias.evaluate_target_health

    with_service(test)


def test_what_was_listed_can_be_deleted_as_it_was_listed() -> None:
    async def test(service: Service) -> None:
        service.zone.change(create(plain("*.example.com", "TXT", r'"a\"b \134 &lt;"')))
        root = parsed(await service.get(service.rrset), "ListResourceRecordSetsResponse")
        record = listed(root, "ResourceRecordSets/ResourceRecordSet")[-1]
        ET.register_namespace("", XML_NAMESPACE)
        inner = ET.tostring(record, encoding="unicode")
        assert (await service.change(f"<Change><Action>DELETE</Action>{inner}</Change>")).status_code == 200
        assert len(service.zone.record_sets()) == 2

    with_service(test)


def test_a_refused_batch_lists_every_sentence() -> None:
    async def test(service: Service) -> None:
        response = await service.change(
            change("DELETE", "a-web.example.com", "TXT", values(300, '"x"')),
            change("CREATE", "web.example.org", "A", values(60, "192.0.2.1")),
        )
        sentences = [
            "Tried to delete resource record set [name='a-web.example.com.', type='TXT'] but it was not found",
            "RRSet with DNS name web.example.org. is not permitted in zone example.com.",
        ]
        assert error(response) == ("InvalidChangeBatch", f"[{', '.join(sentences)}]")
        root = parsed(response, "ErrorResponse", 400)
        assert [one.text for one in listed(root, "Error/Messages/Message")] == sentences
        assert len(service.zone.record_sets()) == 2

    with_service(test)


def test_a_batch_of_a_wrong_form_is_invalid_input() -> None:
    async def test(service: Service) -> None:
        code, message = error(await service.change(change("CREATE", "web.example.com", "A", "<TTL>60</TTL>")))
        assert code == "InvalidInput"
        assert message is not None
        assert message.startswith("Invalid request: Expected exactly one of [AliasTarget")

    with_service(test)


def test_an_unknown_zone_is_not_found() -> None:
    async def test(service: Service) -> None:
        answer = ("NoSuchHostedZone", "No hosted zone found with ID: ZNONE")
        assert error(await service.get("/2013-04-01/hostedzone/ZNONE/rrset"), 404) == answer
        response = await service.client.post("/2013-04-01/hostedzone/ZNONE/rrset", content=batch())
        assert error(response, 404) == answer

    with_service(test)


def test_bad_paging_is_invalid_input() -> None:
    async def test(service: Service) -> None:
        for query in (
            {"maxitems": "0"},
            {"maxitems": "x"},
            {"maxitems": "9" * 5000},
            {"type": "A"},
            {"name": "a.example.com", "identifier": "v1"},
            {"name": "a..example.com"},
            {"name": "x" * 64},
        ):
            assert error(await service.get(service.rrset, **query))[0] == "InvalidInput"

    with_service(test)


def test_tags_are_listed_for_each_zone() -> None:
    async def test(service: Service) -> None:
        def ask(*ids: str) -> bytes:
            inner = "".join(f"<ResourceId>{one}</ResourceId>" for one in ids)
            root = "ListTagsForResourcesRequest"
            return f'<{root} xmlns="{XML_NAMESPACE}"><ResourceIds>{inner}</ResourceIds></{root}>'.encode()

        path = "/2013-04-01/tags/hostedzone"
        bare = service.route53.create_hosted_zone(canonical("example.net")).zone_id
        response = await service.client.post(path, content=ask(service.zone.zone_id, bare))
        first, second = listed(parsed(response, "ListTagsForResourcesResponse"), "ResourceTagSets/ResourceTagSet")
        assert (text(first, "ResourceType"), text(first, "ResourceId")) == ("hostedzone", service.zone.zone_id)
        assert (text(first, "Tags/Tag/Key"), text(first, "Tags/Tag/Value")) == ("team", "web & shop")
        assert listed(second, "Tags/Tag") == []
        assert error(await service.client.post(path, content=ask("ZNONE")), 404)[0] == "NoSuchHostedZone"
        assert error(await service.client.post(path, content=ask()))[0] == "InvalidInput"
        assert (await service.client.post(path, content=ask(*[bare] * 10))).status_code == 200
        assert error(await service.client.post(path, content=ask(*[bare] * 11)))[0] == "InvalidInput"

    with_service(test)


def test_hostile_xml_is_refused() -> None:
    record = change("CREATE", "web.example.com", "A", values(60, "192.0.2.1"))
    whole = batch(record).decode()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    bodies = [
        b"",
        b"no xml",
        b"\xff\xfe\x00",
        whole.replace("?>", f"?>{bomb}", 1).encode(),
        whole.replace(XML_NAMESPACE, "https://example.com/").encode(),
        whole.replace("<Value>192.0.2.1</Value>", "<Value>&b;</Value>").encode(),
        whole[:-5].encode(),
        batch(),
        batch(change("DESTROY", "web.example.com", "A", values(60, "192.0.2.1"))),
        batch("<Change><Action>CREATE</Action></Change>"),
        batch(change("CREATE", "a..b", "A", values(60, "192.0.2.1"))),
        batch(change("CREATE", "web.example.com", "A", "<Weight>many</Weight>")),
        batch(change("CREATE", "web.example.com", "A", f"<TTL>{'9' * 5000}</TTL>")),
        batch(change("CREATE", "web.example.com", "A", "<Region>eu-west-1</Region>")),
        batch(change("CREATE", "web.example.com", "A", "<AliasTarget/>")),
        f'<a xmlns="{XML_NAMESPACE}">{"<b>" * 5000}{"</b>" * 5000}</a>'.encode(),
        f'<Other xmlns="{XML_NAMESPACE}"/>'.encode(),
    ]

    async def test(service: Service) -> None:
        for body in bodies:
            response = await service.client.post(service.rrset, content=body)
            assert error(response)[0] == "InvalidInput", body[:200]
        assert len(service.zone.record_sets()) == 2

    with_service(test)


def test_elements_may_be_twelve_deep() -> None:
    async def test(service: Service) -> None:
        for depth, refused in ((12, False), (13, True)):
            nested = "<b>" * (depth - 1) + "</b>" * (depth - 1)
            body = f'<a xmlns="{XML_NAMESPACE}">{nested}</a>'.encode()
            _, message = error(await service.client.post(service.rrset, content=body))
            assert ("nested too deeply" in (message or "")) is refused

    with_service(test)


def test_a_body_without_end_is_cut_off() -> None:
    async def test(service: Service) -> None:
        most = b"<" * (4 * 1024 * 1024)
        assert error(await service.client.post(service.rrset, content=most))[1] != "the request is too large"
        response = await service.client.post(service.rrset, content=most + b"<")
        assert error(response, 413) == ("InvalidInput", "the request is too large")

    with_service(test)


def test_more_than_five_requests_a_second_are_throttled_when_that_is_wanted() -> None:
    async def test(service: Service) -> None:
        for _ in range(5):
            assert (await service.get("/2013-04-01/hostedzone")).status_code == 200
        assert error(await service.get("/2013-04-01/hostedzone")) == ("Throttling", "Rate exceeded")
        service.clock.seconds += 1
        assert (await service.get("/2013-04-01/hostedzone")).status_code == 200

    with_service(test, throttle=True)


def test_it_is_served_on_a_loopback_port() -> None:
    async def run() -> None:
        service = Service()
        await service.client.aclose()
        server = HttpServer(Route53Api(service.route53, service.clock).app())
        url = await server.start()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=HANG) as client:
                response = await client.get(f"{url}/2013-04-01/hostedzone")
        finally:
            await server.stop()
        parsed(response, "ListHostedZonesResponse")

    asyncio.run(run())
