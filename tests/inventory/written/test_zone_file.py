"""BIND's zone files, also those of strangers."""

import pytest

from probe.inventory.written.zone import UnreadableZone
from probe.inventory.written.zone_file import read_zone_file
from probe.model.name import DomainName
from tests.inventory.manifests import V1_WEB

TEXT = f"""
$ORIGIN example.com.
$TTL 5m
@   IN SOA ns1.example.com. hostmaster.example.com. 1 7200 900 1209600 300
    IN NS ns1
ns1 IN A 192.0.2.53
www 60 IN CNAME {V1_WEB.upper()}.
*.w IN A 192.0.2.1
    IN A 192.0.2.2
a-www IN TXT "heritage=external-dns,external-dns/owner=eks-v1"
"""


def test_a_zone_file_is_a_zone() -> None:
    zone = read_zone_file(TEXT, "db.example.com")
    assert zone.apex == "example.com."
    (www,) = zone.by_name[DomainName("www.example.com.")]
    assert (www.rdtype, www.ttl, list(zone.targets(www))) == ("CNAME", 60, [V1_WEB])
    assert zone.owners(DomainName("www.example.com."), ()) == ("eks-v1",)
    assert [one.values for one in zone.standing(DomainName("*.w.example.com."))] == [("192.0.2.1", "192.0.2.2")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXT.replace("$ORIGIN example.com.\n", "").replace("example.com.", "x").replace("@", "y"), "begin it with"),
        (TEXT + "www IN NOSUCH x\n", "is not a zone file"),
        (TEXT + "$INCLUDE /etc/passwd\n", "is not a zone file"),
        (TEXT + "$GENERATE 1-100000000 h$ A 192.0.2.1\n", "is not a zone file"),
        ("$ORIGIN example.com.\nwww 60 IN A 192.0.2.1\n", "not a whole zone"),
        ("\x00", "zone"),
    ],
)
def test_what_is_no_zone_file_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(UnreadableZone, match=words):
        read_zone_file(text, "db.example.com")
