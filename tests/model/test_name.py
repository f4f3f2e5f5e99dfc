"""Names as the probe keeps them."""

import pytest

from probe.model.name import ROOT, DomainName, canonical, display, is_within, parent


@pytest.mark.parametrize(
    ("text", "name"), [("App.Example.COM", "app.example.com."), ("app.example.com.", "app.example.com."), (".", ".")]
)
def test_a_name_is_absolute_and_lower_case(text: str, name: str) -> None:
    assert canonical(text) == name
    assert canonical(canonical(text)) == name


def test_people_read_names_without_the_last_dot_and_the_root_as_a_dot() -> None:
    assert [display(name) for name in ("app.example.com.", "app.example.com", ".")] == [
        "app.example.com", "app.example.com", ".",
    ]  # fmt: skip


def test_a_name_is_within_its_zone_and_not_within_one_that_only_ends_alike() -> None:
    zone = DomainName("example.com.")
    assert is_within(zone, zone)
    assert is_within(DomainName("a.b.example.com."), zone)
    assert is_within(zone, ROOT)
    assert not is_within(DomainName("badexample.com."), zone)
    assert not is_within(DomainName("com."), zone)


@pytest.mark.parametrize(
    ("name", "above"),
    [("a.example.com.", "example.com."), (r"a\.b.example.com.", "example.com."), ("com.", "."), (".", ".")],
)
def test_the_parent_is_one_label_up_and_an_escaped_dot_is_no_end_of_a_label(name: str, above: str) -> None:
    assert parent(DomainName(name)) == above
