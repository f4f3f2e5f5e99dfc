"""Encrypted ownership, folded with and without the key."""

from probe.config.unseal import Unsealer
from probe.judge.ownership.heritage import may_be_ours, read
from probe.judge.review import adopt, initial, review
from probe.model.external_dns import TxtRegistry
from probe.model.outcome import Response, RRset
from probe.model.ownership import TxtKind, TxtOwner, TxtStatus
from probe.model.plan import Domain, Expectation
from probe.model.question import RecordType
from tests.judge.answers import NAME, ZONE, context, observed
from tests.judge.holding import Holding
from tests.sealing import KEY, OTHER_KEY, GcmCipher

PLAIN = "heritage=external-dns,external-dns/owner=v1,external-dns/resource=ingress/shop/web"
OWNER = TxtOwner("v1", "ingress/shop/web")
OPEN = Unsealer(KEY)
CIPHER = GcmCipher(KEY)


def value(text: str = PLAIN) -> str:
    return f'"{CIPHER.encrypt(text)}"'


def test_the_key_reads_what_it_sealed_and_leaves_the_rest_as_it_is() -> None:
    foreign = f'"{GcmCipher(OTHER_KEY).encrypt(PLAIN)}"'
    found = read((value(), f'"{PLAIN}"', foreign, '"v=spf1 -all"'), OPEN)
    assert found == ((OWNER, OWNER), 1)
    assert read((value(), foreign)) == ((), 2)


def test_a_sealed_text_that_is_no_ownership_is_neither_owner_nor_opaque() -> None:
    assert read((value("hello"),), OPEN) == ((), 0)


def test_what_was_sealed_is_bounded_and_printable_like_everything_from_dns() -> None:
    hostile = PLAIN.replace("owner=v1", f"owner=\x1b[31m{'x' * 500}\n")
    ((owner,), _) = read((value(hostile),), OPEN)
    assert owner.owner.isprintable()
    assert len(owner.owner) <= 128 + len("...")


def test_ownership_goes_first_where_too_much_stands() -> None:
    assert may_be_ours(value())
    assert may_be_ours(f'"{PLAIN}"')
    assert not may_be_ours('"v=spf1 -all"')


class Watched(Holding):
    """One domain, with a key or without one."""

    def __init__(self, key: bytes | None) -> None:
        self.registry = TxtRegistry(unseal=None if key is None else Unsealer(key))
        self.state = initial(Domain(NAME, "first", Expectation.MOVING), (self.registry,), ZONE)
        self.at = 0.0

    def hear(self, *values: str, kind: TxtKind = TxtKind.A) -> TxtStatus:
        self.at += 60.0
        name = next(txt.name for txt in self.status.txts if txt.kind is kind)
        answer = Response("NOERROR", authoritative=True, answer=(RRset(name, "TXT", 300, values),))
        surroundings = context()._replace(unseal=self.registry.unseal)
        self.state, _ = review(self.state, observed(answer, self.at, rdtype=RecordType.TXT, name=name), surroundings)
        return next(txt for txt in self.status.txts if txt.kind is kind)


def test_with_the_key_a_new_ciphertext_of_the_same_owner_is_no_change() -> None:
    watched = Watched(KEY)
    first = watched.hear(value())
    second = watched.hear(value())
    assert first.values != second.values
    assert second.owners == (OWNER,)
    assert (second.since, second.answers, second.past) == (first.since, 2, ())
    other = watched.hear(value(PLAIN.replace("owner=v1", "owner=v2")))
    assert other.owners[0].owner == "v2"
    assert [reading.owners for reading in other.past] == [(OWNER,)]


def test_without_the_key_each_write_shows_as_a_change_of_something_opaque() -> None:
    watched = Watched(None)
    watched.hear(value())
    txt = watched.hear(value())
    assert (txt.owners, txt.opaque, txt.answers, len(txt.past)) == ((), 1, 1, 1)


def test_at_the_hosts_own_name_only_what_the_key_opens_is_ownership() -> None:
    token = f'"{GcmCipher(OTHER_KEY).encrypt(PLAIN)}"'
    txt = Watched(KEY).hear(token, value(), kind=TxtKind.BARE)
    assert (txt.owners, txt.opaque) == ((OWNER,), 0)


def test_a_key_that_comes_with_a_new_plan_reads_what_stands_there() -> None:
    watched = Watched(None)
    watched.hear(value())
    adopted = adopt(watched.state, watched.status.domain, (TxtRegistry(unseal=OPEN),), ZONE).status
    txt = next(txt for txt in adopted.txts if txt.kind is TxtKind.A)
    assert (txt.owners, txt.opaque) == ((OWNER,), 0)
