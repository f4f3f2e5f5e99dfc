import base64

from hypothesis import given
from hypothesis import strategies as st

from probe.externaldns.labels import parse, serialize

PAYLOAD = '"heritage=external-dns,external-dns/owner=v1,external-dns/resource=ingress/shop/web"'


class Base64Only:
    """Hides nothing; shows where the cipher is applied."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    def decrypt(self, text: str) -> str | None:
        return base64.b64decode(text).decode(errors="replace") if text.startswith("aGVy") else None


def test_labels_are_written_sorted_after_the_heritage() -> None:
    assert serialize({"resource": "ingress/shop/web", "owner": "v1"}) == PAYLOAD


def test_a_payload_of_v0_4_has_an_owner_and_no_resource() -> None:
    assert parse('"heritage=external-dns,external-dns/owner=v1"') == {"owner": "v1"}


def test_unknown_tokens_are_ignored() -> None:
    assert parse('"heritage=external-dns,strange,team=shop,external-dns/owner=a=b"') == {"owner": "a=b"}


def test_another_heritage_is_an_ordinary_txt() -> None:
    assert parse('"heritage=someone-else,external-dns/owner=v1"') is None
    assert parse('"v=spf1 -all"') is None


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1),
        st.text(st.characters(codec="ascii", categories=["Ll", "Nd"], include_characters="/-_")),
    )
)
def test_what_is_written_is_read_back(labels: dict[str, str]) -> None:
    assert parse(serialize(labels)) == labels
    assert parse(serialize(labels, Base64Only()), Base64Only()) == labels


def test_a_cipher_covers_the_payload_without_its_quotes() -> None:
    value = serialize({"owner": "v1"}, Base64Only())

    assert value == '"' + base64.b64encode(b"heritage=external-dns,external-dns/owner=v1").decode() + '"'
    assert parse(value) is None


def test_with_a_key_a_plain_value_is_still_read() -> None:
    assert parse(PAYLOAD, Base64Only()) == {"owner": "v1", "resource": "ingress/shop/web"}
    assert parse('"undecryptable"', Base64Only()) is None
