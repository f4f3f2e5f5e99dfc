"""`cutover-probe check`: one look, for people and for programs, with an exit status that a pipeline can act on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import call, call_on_a_terminal
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.real_servers import nsd

pytestmark = [pytest.mark.e2e, pytest.mark.real]

NEW, OLD, SPLIT, GONE = "new.example.com", "old.example.com", "both.example.com", "gone.example.com"
ZONE = f"""
@ NS ns
ns A 127.0.0.1
new A {V2}
a-new TXT "heritage=external-dns,external-dns/owner=cluster-2,external-dns/resource=ingress/shop/new"
old A {V1}
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with nsd({"example.com": ZONE}, addresses=("127.0.0.1", "127.0.0.2")) as server:
        servers = [f"{address}:{server.port}" for address in server.addresses]
        text = plan_text(
            wave("moved", "v2", NEW),
            wave("late", "v2", OLD),
            wave("lost", "v1", GONE),
            authoritative={"overrides": {"example.com": servers, "example.org": ["127.0.0.99:5399"]}},
        )
        yield plan_file(tmp_path_factory.mktemp("check"), text)


def test_a_wave_that_is_where_it_should_be_holds_and_the_table_is_plain_text(command: Path, plan: Path) -> None:
    checked = call(command, "check", "--config", plan, "--wave", "moved")
    assert checked.status == 0, checked
    assert NEW in checked.out
    assert "cluster-2" in checked.out
    assert OLD not in checked.out
    assert "\x1b" not in checked.out
    assert checked.err == ""


def test_a_wave_that_is_not_where_it_should_be_does_not_hold_and_programs_get_the_reason(
    command: Path, plan: Path
) -> None:
    checked = call(command, "check", "--config", plan, "--output", "json")
    assert checked.status == 2, checked
    assert checked.err == ""
    document = json.loads(checked.out)
    assert {"at", "vantage", "holding", "domains"} <= set(document)
    assert document["vantage"] == "e2e"
    assert document["holding"] == "fails"
    by_name = {domain["name"]: domain for domain in document["domains"]}
    assert {name: domain["holding"] for name, domain in by_name.items()} == {NEW: "holds", OLD: "fails", GONE: "fails"}
    assert {name: domain["state"] for name, domain in by_name.items()} == {NEW: "v2", OLD: "v1", GONE: "absent"}
    for domain in by_name.values():
        assert {"name", "wave", "expectation", "state", "since", "sentence", "records", "txts", "findings"} <= set(
            domain
        )
        assert domain["reason"].startswith(domain["name"])
    owners = [owner["owner"] for txt in by_name[NEW]["txts"] for owner in txt["owners"]]
    assert owners == ["cluster-2"]


def test_a_single_domain_can_be_looked_at(command: Path, plan: Path) -> None:
    checked = call(command, "check", "--config", plan, "--domain", OLD.upper())
    assert checked.status == 2, checked
    assert OLD in checked.out
    assert NEW not in checked.out


@pytest.mark.parametrize(
    ("option", "text", "meant"), [("--wave", "moved2", "moved"), ("--domain", "nwe.example.com", "new.example.com")]
)
def test_a_mistyped_name_is_answered_with_what_may_be_meant(
    command: Path, plan: Path, option: str, text: str, meant: str
) -> None:
    checked = call(command, "check", "--config", plan, option, text)
    assert checked.status == 1
    assert f"`{meant}`?" in checked.err or f"{meant!r}?" in checked.err or f'"{meant}"?' in checked.err, checked.err
    assert checked.out == ""


def test_silent_servers_leave_it_open_whether_it_holds(command: Path, plan: Path, tmp_path: Path) -> None:
    text = plan.read_text(encoding="utf-8").replace(OLD, "app.example.org").replace(GONE, "new.example.com")
    text = text.replace("- name: lost\n  expect: v1\n  domains:\n  - new.example.com\n", "")
    checked = call(command, "check", "--config", plan_file(tmp_path, text))
    assert checked.status == 3, checked
    assert "app.example.org" in checked.out
    assert "no server answers" in checked.out


def test_a_network_without_any_answer_is_a_failure_of_the_command(command: Path, tmp_path: Path) -> None:
    text = plan_text(
        wave("first", "v1", "app.example.org"), authoritative={"overrides": {"example.org": ["127.0.0.99:5399"]}}
    )
    checked = call(command, "check", "--config", plan_file(tmp_path, text))
    assert checked.status == 1, checked
    assert "No server answered anything" in checked.err
    assert checked.out == ""


def test_on_a_terminal_there_are_colours_and_progress_and_the_result_stays(command: Path, plan: Path) -> None:
    status, shown = call_on_a_terminal(command, "check", "--config", str(plan))
    assert status == 2
    assert "\x1b[" in shown
    assert "0/3" in shown  # of the bar
    assert "as expected" in shown[shown.rindex("0/3") :]  # the bar is gone when the table comes
