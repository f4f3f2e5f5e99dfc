"""What a certificate says is bounded, and read once: a wildcard's is shared by every domain."""

from typing import Any

from probe.wire.http.certificate import CertificateReader

MAX_NAMES, MEMORY = 32, 1024
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


class Connection:
    """An `ssl.SSLObject` as far as the reader looks at it."""

    def __init__(self, number: int, names: int = 1) -> None:
        self.der = str(number).encode()
        self.names = names
        self.read = 0

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: FBT001, FBT002  # as in the standard library
        if binary_form:
            return self.der
        self.read += 1
        return {
            "subject": ((("commonName", "shop.example.com"),),),
            "issuer": ((("organizationName", "A test"),),),
            "subjectAltName": tuple(("DNS", f"{number}.example.com") for number in range(self.names)),
            "notBefore": "Sep 21 14:00:00 2026 GMT",
            "notAfter": "Dec 21 14:00:00 2026 GMT",
        }


def test_the_names_of_a_cdns_certificate_are_cut_and_those_of_a_load_balancer_are_not() -> None:
    reader = CertificateReader()
    of_a_load_balancer, of_a_cdn = reader.of(Connection(1, names=10)), reader.of(Connection(2, names=400))
    assert of_a_load_balancer is not None
    assert of_a_cdn is not None
    assert len(of_a_load_balancer.names) == 10
    assert of_a_cdn.names == tuple(f"{number}.example.com" for number in range(MAX_NAMES))
    assert of_a_cdn[:2] == ("shop.example.com", "A test")


def test_a_certificate_is_read_once_while_so_many_are_in_use_and_the_oldest_gives_way() -> None:
    reader = CertificateReader()
    connections = [Connection(number) for number in range(MEMORY)]
    for connection in connections * 2:
        reader.of(connection)
    assert {connection.read for connection in connections} == {1}
    reader.of(Connection(MEMORY))
    reader.of(connections[-1])
    reader.of(connections[0])
    assert [connections[-1].read, connections[0].read] == [1, 2]
