"""What no sequence of batches may ever do to a zone, and no question to an answer."""

from collections import defaultdict
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from probe.model.name import DomainName, canonical
from probe.route53.answer import answer
from probe.route53.records import Change, ChangeAction, InvalidChangeBatchError, ResourceRecordSet
from probe.route53.reply import ServedQuery
from tests.lab.builders import V1_ALB, alias, around, hosted_zone, plain, weighted

NAMES = ("example.com", "web.example.com", "*.example.com", "a.b.example.com", "web.example.org")
VALUES = {"A": ("192.0.2.1", "192.0.2.2", "bad"), "TXT": ('"x"', '"y"', "bad"), "CNAME": ("web.example.com", V1_ALB)}


@st.composite
def record_sets(draw: st.DrawFn) -> ResourceRecordSet:
    name = draw(st.sampled_from(NAMES))
    rdtype = draw(st.sampled_from(sorted(VALUES)))
    kind = draw(st.sampled_from(("plain", "alias", "inner alias", "weighted")))
    if kind == "alias":
        return alias(name, rdtype)
    if kind == "inner alias":
        return alias(name, rdtype, draw(st.sampled_from(NAMES)), "Z1")
    value = draw(st.sampled_from(VALUES[rdtype]))
    ttl = draw(st.sampled_from((60, 300)))
    if kind == "plain":
        return plain(name, rdtype, value, ttl=ttl)
    return weighted(name, rdtype, draw(st.sampled_from(("v1", "v2"))), draw(st.sampled_from((0, 1))), value, ttl=ttl)


BATCHES = st.lists(
    st.lists(st.builds(Change, st.sampled_from(ChangeAction), record_sets()), min_size=1, max_size=4), max_size=12
)


@given(BATCHES)
def test_a_zone_keeps_its_rules_whatever_is_asked_of_it(batches: list[list[Change]]) -> None:
    zone = hosted_zone()
    for batch in batches:
        before, number = zone.record_sets(), zone.version.number
        with suppress(InvalidChangeBatchError):
            zone.change(batch)
            before, number = zone.record_sets(), number + 1
        assert (zone.record_sets(), zone.version.number) == (before, number)
    types: dict[str, set[str]] = defaultdict(set)
    groups: dict[tuple[str, str], list[ResourceRecordSet]] = defaultdict(list)
    for record in zone.record_sets():
        types[record.name].add(record.rdtype)
        groups[record.name, record.rdtype].append(record)
        assert record.name.endswith("example.com.")
        assert "bad" not in record.values
    assert {"NS", "SOA"} <= types["example.com."]
    assert all(found == {"CNAME"} for found in types.values() if "CNAME" in found)
    for group in groups.values():
        assert len(group) == 1 or all(record.set_identifier for record in group)
        assert len({record.ttl for record in group if record.ttl is not None}) <= 1


@given(
    BATCHES,
    st.sampled_from([*NAMES, "x.example.com", "x.y.example.com", r"a\.b\000.example.com"]),
    st.sampled_from(("A", "AAAA", "TXT", "CNAME", "NS", "ANY", "DS", "TYPE65280")),
)
def test_every_question_has_an_answer_that_fits_it(batches: list[list[Change]], name: str, rdtype: str) -> None:
    zone = hosted_zone()
    for batch in batches:
        with suppress(InvalidChangeBatchError):
            zone.change(batch)
    asked = canonical(name)
    if asked.endswith("example.org."):
        asked = DomainName("w.example.com.")
    reply = answer(zone.version, ServedQuery(asked, rdtype), around())
    assert reply.rcode in {"NOERROR", "NXDOMAIN"}
    assert reply.authoritative
    if reply.answer:
        assert reply.answer[0].name == asked
        assert all(records.values for records in reply.answer)
    denies = reply.rcode == "NXDOMAIN" or not reply.answer
    assert {one.rdtype for one in reply.authority} <= ({"SOA"} if denies else {"NS", "SOA"})
    assert reply.authority or rdtype in {"NS", "ANY"}
