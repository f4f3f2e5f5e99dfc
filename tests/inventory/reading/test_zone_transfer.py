"""A zone by transfer, against a real BIND: with and without a key, refused, bounded, and no server at all."""

from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.name
import pytest

from probe.inventory.reading import zone_transfer
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.zone_transfer import TransferKey, read_key, transfer, zones_at
from probe.inventory.written.zone_file import zone_of
from probe.model.name import DomainName
from probe.model.plan import Endpoint
from tests.real_servers import RealServer, bind, free_port

MOST_OCTETS, MOST_RECORDS, MOST_QUESTIONS, KEY_OCTETS = 64 * 1024 * 1024, 500_000, 2_000, 64 * 1024
REPLY_SECONDS, TRANSFER_SECONDS = 10.0, 120.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SECRET = "c2VjcmV0IHRoYXQgbm9ib2R5IG1heSBzZWU="  # 26 octets: `/` and `+` are in others
KEY = f'key "night" {{\n\talgorithm hmac-sha256;\n\tsecret "{SECRET}";\n}};\n'
ZONE = "@ NS ns\nns A 127.0.0.1\nshop CNAME k8s-1.elb.example.\n*.w A 192.0.2.1\nmany TXT a\n"
APEX = DomainName("example.com.")


@pytest.fixture(scope="module")
def server() -> Iterator[RealServer]:
    zones = {"example.com": ZONE + "\n".join(f"h{number} A 192.0.2.1" for number in range(3000)), "example.net": ZONE}
    with bind(zones, options="allow-transfer { any; };") as running:
        yield running


@pytest.fixture(scope="module")
def closed() -> Iterator[RealServer]:
    # BIND takes keys outside of its options alone: they end here, and what is opened again ends where they would
    options = f'allow-transfer {{ key night; }}; }};\n{KEY}\nacl "nobody" {{ none; '
    with bind({"example.com": ZONE}, options=options) as running:
        yield running


def at(server: RealServer) -> Endpoint:
    return Endpoint(server.address, server.port)


def key_of(folder: Path, text: str = KEY) -> TransferKey:
    (folder / "key").write_text(text, encoding="utf-8")
    return read_key(folder / "key")


@pytest.mark.real
def test_a_zone_comes_whole_however_many_messages_it_takes(server: RealServer) -> None:
    zone = zone_of(transfer(at(server), APEX), "axfr:")
    assert (zone.apex, len(zone.by_name)) == (APEX, 3005)
    (shop,) = zone.by_name[DomainName("shop.example.com.")]
    assert (shop.rdtype, shop.ttl, shop.values) == ("CNAME", 60, ("k8s-1.elb.example.",))
    assert DomainName("*.w.example.com.") in zone.by_name


@pytest.mark.real
def test_a_key_opens_what_is_closed_without(closed: RealServer, tmp_path: Path) -> None:
    assert zone_of(transfer(at(closed), APEX, key_of(tmp_path)), "axfr:").apex == APEX
    with pytest.raises(UnreadableSource, match=r"refuses the transfer of `example.com` .*REFUSED.*--tsig-file"):
        transfer(at(closed), APEX)


@pytest.mark.real
@pytest.mark.parametrize("change", [("c2Vj", "d2Vj"), ("night", "day"), ("sha256", "sha512")])
def test_another_key_is_a_sentence_without_its_secret(
    closed: RealServer, tmp_path: Path, change: tuple[str, str]
) -> None:
    with pytest.raises(UnreadableSource, match="TSIG key does not hold") as refused:
        transfer(at(closed), APEX, key_of(tmp_path, KEY.replace(*change)))
    assert "ZWNyZXQg" not in str(refused.value)


@pytest.mark.real
def test_the_zones_of_hosts_are_found_at_the_server(server: RealServer) -> None:
    hosts = [DomainName(name) for name in ("a.example.com.", "*.w.example.com.", "example.net.", "a.example.org.")]
    assert zones_at(at(server), hosts) == ("example.com.", "example.net.")
    with pytest.raises(UnreadableSource, match="authoritative for no zone that holds a host"):
        zones_at(at(server), [DomainName("a.example.org.")])


@pytest.mark.real
def test_what_a_transfer_may_hold_is_bounded(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zone_transfer, "MOST_RECORDS", 1000)
    with pytest.raises(UnreadableSource, match="larger than 64 MiB or 1,000 records"):
        transfer(at(server), APEX)
    monkeypatch.setattr(zone_transfer, "MOST_RECORDS", 10**6)
    monkeypatch.setattr(zone_transfer, "MOST_OCTETS", 20_000)
    with pytest.raises(UnreadableSource, match="is larger than"):
        transfer(at(server), APEX)


class Part:
    """An RRset of so many records, whose message has so many octets."""

    name, rdtype, covers, ttl = "a", 1, 0, 60

    def __init__(self, records: int, octets: int = 0) -> None:
        self.records, self.wire, self.answer = records, bytes(octets), [self]

    def __len__(self) -> int:
        return self.records

    def __iter__(self) -> Iterator[object]:
        return iter(())


@pytest.mark.parametrize(
    ("part", "is_too_large"),
    [
        (Part(MOST_RECORDS), False),
        (Part(MOST_RECORDS + 1), True),
        (Part(1, MOST_OCTETS), False),
        (Part(1, MOST_OCTETS + 1), True),
    ],
    ids=["records", "a record more", "octets", "an octet more"],
)
def test_a_transfer_has_room_for_ten_such_zones(
    part: Part, *, is_too_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dns.query.xfr", lambda *_, **__: [part])
    if not is_too_large:
        assert len(transfer(Endpoint("192.0.2.1"), APEX)) == 1
        return
    with pytest.raises(UnreadableSource, match="is larger than 64 MiB or 500,000 records"):
        transfer(Endpoint("192.0.2.1"), APEX)


def test_a_message_has_ten_seconds_and_a_transfer_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}

    def nothing(*_: object, **words: object) -> list[object]:
        told.update(words)
        return []

    monkeypatch.setattr("dns.query.xfr", nothing)
    transfer(Endpoint("192.0.2.1"), APEX)
    assert (told["timeout"], told["lifetime"]) == (REPLY_SECONDS, TRANSFER_SECONDS)


def test_a_server_is_asked_for_the_zones_of_so_many_hosts_with_ten_seconds_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, float]] = []

    def answer(query: dns.message.Message, where: str, timeout: float, _: int) -> tuple[dns.message.Message, bool]:
        asked.append((where, timeout))
        return query, False

    monkeypatch.setattr("dns.query.udp_with_fallback", answer)
    hosts = [DomainName(f"h{number}.example.com.") for number in range(MOST_QUESTIONS + 1)]
    with pytest.raises(UnreadableSource, match="is authoritative for no zone that holds a host that moves"):
        zones_at(Endpoint("192.0.2.1"), hosts)
    assert asked == [("192.0.2.1", REPLY_SECONDS)] * MOST_QUESTIONS


@pytest.mark.real
def test_a_zone_that_the_server_has_not_is_refused(server: RealServer) -> None:
    with pytest.raises(UnreadableSource, match="NOTAUTH"):
        transfer(at(server), DomainName("example.org."))


def test_where_nobody_listens_is_said() -> None:
    nowhere = Endpoint("127.0.0.1", free_port("127.0.0.1"))
    with pytest.raises(UnreadableSource, match=r"cannot be transferred \(connection refused"):
        transfer(nowhere, APEX)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"// made by hand\n# so\nkey night {{ secret {SECRET}; algorithm HMAC-SHA256; }};",
        KEY.replace(SECRET, "//////////8="),
    ],
)
def test_a_key_is_read_as_bind_reads_it(tmp_path: Path, text: str) -> None:
    key = key_of(tmp_path, text)
    assert (str(key.key.name), str(key.key.algorithm)) == ("night.", "hmac-sha256.")
    assert repr(key) == "TransferKey(night.)"
    assert SECRET not in f"{key!r}{key}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no TSIG key, or several"),
        (KEY + KEY.replace("night", "day"), "holds no TSIG key, or several"),
        (KEY.replace("algorithm hmac-sha256", f'secret "{SECRET}"'), "holds no TSIG key"),
        (KEY.replace(SECRET, "abc"), "cannot be used"),
        (KEY.replace("hmac-sha256", "hmac-md6"), "cannot be used"),
    ],
)
def test_what_is_no_key_is_refused_without_its_secret(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UnreadableSource, match=words) as refused:
        key_of(tmp_path, text)
    assert SECRET not in str(refused.value)


def test_a_key_is_looked_for_in_as_much_of_a_file_as_any_needs(tmp_path: Path) -> None:
    assert key_of(tmp_path, "#" * (KEY_OCTETS - len(KEY) - 1) + "\n" + KEY).key.name == dns.name.from_text("night")
    with pytest.raises(UnreadableSource, match="holds no TSIG key"):
        key_of(tmp_path, "#" * (KEY_OCTETS - len(KEY)) + "\n" + KEY[:-2] + " ;")


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(UnreadableSource, match=r"`/no/such/key` cannot be read \(no such file"):
        read_key(Path("/no/such/key"))
