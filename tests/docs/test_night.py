"""docs/night.md: ten questions, and every command in it is one that the program, or its API, takes as it stands."""

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
from click.testing import CliRunner

from probe.cli.main import root
from probe.config.load import load
from probe.model.check import Check, CheckOutcome
from probe.model.effect import FindingRaised
from probe.model.plan import Expectation
from probe.model.record import Position
from probe.web.web_server import WebServer
from tests.snapshots import NOW, calm, domain, finding, snapshot
from tests.web.markup import Page
from tests.web.ports import Far, get

TEXT = (Path(__file__).parents[2] / "docs" / "night.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^## \d+\. (.*\?)$", TEXT, re.MULTILINE)
COMMANDS = [shlex.split(line) for line in re.findall(r"^\$ (.*)$", TEXT, re.MULTILINE)]
OWN = [words[1:] for words in COMMANDS if words[0] == "cutover-probe"]
ASKED = [words for words in COMMANDS if words[0] == "curl"]
DAEMONS = [words for words in OWN if words[0] in {"gate", "decommission"}]

PLAN = """
vantage: test
sides:
  v1: {addresses: [192.0.2.0/24]}
  v2: {addresses: [198.51.100.0/24]}
waves: [{name: internal-tools, expect: v2, domains: [api.example.com]}]
"""


def far() -> Far:
    """A wave that has moved, behind the examples' names."""
    return Far(
        snapshot=snapshot((calm(domain("api.example.com", "internal-tools", Expectation.V2), Position.V2),)),
        checks=(Check("ttl", "api.example.com", CheckOutcome.PASS, "It is 60 s."),),
    )


@pytest.mark.case("E5")
def test_there_are_ten_questions_and_each_has_a_click_and_a_command() -> None:
    parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    assert len(QUESTIONS) == len(parts) == 10
    assert all("**Page:**" in part and "\n$ " in part for part in parts)


@pytest.mark.case("E5")
@pytest.mark.parametrize("words", OWN, ids=lambda words: words[0])
def test_each_command_takes_its_options(words: list[str]) -> None:
    command = root.commands[words[0]]
    with click.Context(root, info_name="cutover-probe") as parent:
        assert command.make_context(words[0], list(words[1:]), parent=parent).params


@pytest.mark.case("E5")
@pytest.mark.parametrize("words", DAEMONS, ids=lambda words: words[0])
def test_what_a_daemon_is_asked_is_answered(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    behind = far()
    object.__setattr__(behind.snapshot.plan, "digest", load(path).digest)
    server = WebServer(behind.app(), "127.0.0.1", 0)
    host, port = server.start()
    try:
        arguments = [str(path) if word == "plan.yaml" else word for word in words]
        result = CliRunner().invoke(root, [*arguments, "--url", f"http://{host}:{port}"])
    finally:
        server.stop()
    assert result.exit_code in {0, 2, 3}, result.output
    assert "internal-tools" in result.output


@pytest.mark.case("E5")
@pytest.mark.parametrize("words", ASKED, ids=lambda words: words[-1].rpartition("/")[2])
def test_each_address_answers(words: list[str]) -> None:
    assert get(urlsplit(words[-1]).path, far()).status_code == 200


@pytest.mark.case("E5")
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/", "What is wrong, and what to do"),
        ("/waves/internal-tools", "Has it moved everywhere?"),
        ("/waves/internal-tools", "When may v1 go?"),
        ("/domains/api.example.com", "Why this verdict"),
        ("/domains/api.example.com", "What resolvers serve"),
        ("/domains/api.example.com", "What happened"),
        ("/domains/api.example.com", "Who owns it"),
    ],
)
def test_what_a_click_leads_to_is_there(path: str, heading: str) -> None:
    behind = far()
    raised = finding("outage", "api.example.com", "It is gone.")
    (status,) = behind.snapshot.domains
    behind.snapshot = snapshot((status._replace(findings=(raised,)),))
    behind.history.observe(FindingRaised(raised, NOW))
    assert heading in TEXT
    assert heading in Page(get(path, behind).text).text


@pytest.mark.case("E5")
def test_health_is_the_pages_first_line() -> None:
    behind = far()
    told = get("/api/v1/status", behind).json()["health"]
    assert told["sentence"] in Page(get("/", behind).text).text
