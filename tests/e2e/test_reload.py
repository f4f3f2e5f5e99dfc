"""A changed plan is taken over while the daemon runs, as a whole or not at all, by whatever way it is told of it."""

import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from probe.runtime.clock import SystemClock
from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.real_servers import RealServer, nsd

pytestmark = [pytest.mark.e2e, pytest.mark.real]

STAYS, GOES, COMES = "stays.example.com", "goes.example.com", "comes.example.com"


class ConfigMap:
    """A folder as the kubelet mounts it: plan.yaml is a link into ..data, which is a link to the newest version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = 0
        self.plan = folder / "plan.yaml"
        self.plan.symlink_to("..data/plan.yaml")

    def write(self, text: str) -> None:
        """Change the file as the kubelet does: a new folder, and one rename of the link to it."""
        self._versions += 1
        version = self._folder / f"..version_{self._versions}"
        version.mkdir()
        (version / "plan.yaml").write_text(text, encoding="utf-8")
        link = self._folder / "..data_tmp"
        link.symlink_to(version.name)
        link.rename(self._folder / "..data")


class Scene(NamedTuple):
    """Everything that runs."""

    daemon: Daemon
    mounted: ConfigMap
    server: RealServer

    def plan(self, *names: str, expect: str = "v1") -> str:
        """A plan with these domains."""
        return plan_of(self.server, *names, expect=expect)

    def domains(self) -> list[str]:
        """What the API lists, in its order."""
        return [domain["name"] for domain in self.daemon.api("domains")["domains"]]


def plan_of(server: RealServer, *names: str, expect: str = "v1") -> str:
    zone = {"example.com": [f"{server.address}:{server.port}"]}
    return plan_text(wave("first", expect, *names), authoritative={"overrides": zone})


@pytest.fixture
def scene(command: Path, tmp_path: Path) -> Iterator[Scene]:
    folder = tmp_path / "mounted"
    folder.mkdir()
    mounted = ConfigMap(folder)
    with nsd({"example.com": f"@ NS ns\nns A 127.0.0.1\n* A {V1}"}) as server:
        mounted.write(plan_of(server, STAYS, GOES))
        with daemon(command, mounted.plan, tmp_path / "log") as running:
            running.wait_until(
                "both are on v1", lambda scrape: (scrape.state(STAYS), scrape.state(GOES)) == ("v1", "v1")
            )
            yield Scene(running, mounted, server)


def by_request(running: Daemon) -> None:
    assert running.post("/-/reload").status_code == 200


def by_signal(running: Daemon) -> None:
    running.send(signal.SIGHUP)


def by_the_file_alone(_: Daemon) -> None:
    """The daemon looks by itself."""


@pytest.mark.parametrize("tell", [by_request, by_signal, by_the_file_alone])
def test_a_good_plan_is_taken_over_and_keeps_what_is_known_of_domains_that_stay(
    scene: Scene, tell: Callable[[Daemon], None]
) -> None:
    before = scene.daemon.scrape().total("cutover_answers_total", domain=STAYS, answer_class="v1")
    since = scene.daemon.domain(STAYS)["since"]
    scene.mounted.write(scene.plan(STAYS, COMES, expect="moving"))
    tell(scene.daemon)
    scrape = scene.daemon.wait_until("the new domain is on v1", lambda scrape: scrape.state(COMES) == "v1")
    assert scene.domains() == [STAYS, COMES]
    assert scrape.series("cutover_domain_state", domain=GOES) == []
    assert scene.daemon.get(f"/api/v1/domains/{GOES}").status_code == 404
    assert scrape.total("cutover_answers_total", domain=STAYS, answer_class="v1") >= before
    assert scene.daemon.domain(STAYS)["since"] == since
    assert scrape.set_to("cutover_domain_expectation", "expectation", domain=STAYS) == {"moving"}
    assert scrape.total("cutover_config_last_reload_successful") == 1
    assert scene.daemon.states(STAYS) == ["unknown", "v1"]


def test_a_bad_plan_changes_nothing_and_is_answered_with_the_place_of_every_mistake(scene: Scene) -> None:
    loaded = scene.daemon.scrape().total("cutover_config_last_reload_success_timestamp_seconds")
    digest = scene.daemon.api("status")["plan_digest"]
    good = scene.plan(STAYS, COMES)
    scene.mounted.write(good.replace("expect: v1", "expect: v3").replace("500ms", "5 parsecs", 1))
    answer = scene.daemon.post("/-/reload")
    assert answer.status_code == 500
    places = re.findall(r"plan\.yaml:(\d+):(\d+): ", answer.text)
    assert len(places) == 2, answer.text
    assert "v3" in answer.text
    assert "parsecs" in answer.text

    scrape = scene.daemon.wait_until(
        "it shows", lambda scrape: scrape.total("cutover_config_last_reload_successful") == 0
    )
    assert scrape.total("cutover_config_last_reload_success_timestamp_seconds") == loaded
    assert scene.daemon.api("status")["plan_digest"] == digest
    assert scene.daemon.api("status")["reload"]["successful"] is False
    assert scene.domains() == [STAYS, GOES]
    assert {scrape.state(STAYS), scrape.state(GOES)} == {"v1"}
    # The present plan is still worked with.
    answers = scrape.total("cutover_answers_total", domain=GOES, answer_class="v1")
    scene.daemon.wait_until(
        "it goes on asking",
        lambda scrape: scrape.total("cutover_answers_total", domain=GOES, answer_class="v1") > answers,
    )

    scene.mounted.write(good)
    assert scene.daemon.post("/-/reload").status_code == 200
    assert scene.domains() == [STAYS, COMES]
    assert scene.daemon.scrape().total("cutover_config_last_reload_successful") == 1


def test_a_page_of_another_site_cannot_make_it_reload(scene: Scene) -> None:
    scene.mounted.write(scene.plan(STAYS))
    assert scene.daemon.post("/-/reload", sec_fetch_site="cross-site").status_code == 403


def test_a_step_of_the_schedule_is_taken_over_without_a_reload(command: Path, tmp_path: Path) -> None:
    with nsd({"example.com": f"@ NS ns\nns A 127.0.0.1\napp A {V2}\na-app TXT {OWNERSHIP}\n"}) as server:

        def plan(seconds: float) -> Path:
            step = datetime.fromtimestamp(SystemClock().now().wall + seconds, UTC).isoformat()
            text = plan_text(
                wave("first", "v1", "app.example.com", schedule=[{"at": step, "expect": "v2"}]),
                authoritative={"overrides": {"example.com": [f"{server.address}:{server.port}"]}},
            )
            return plan_file(tmp_path, text)

        with daemon(command, plan(3600)) as watching:
            watching.wait_until("it is premature", lambda scrape: "premature" in scrape.findings("app.example.com"))
            before = watching.domain("app.example.com")
            assert (before["expectation"], before["upcoming"]["expectation"]) == ("v1", "v2")
            assert "until 20" in before["sentence"]
            plan(5)  # only now, so that what went before may have taken as long as it likes
            assert watching.post("/-/reload").status_code == 200
            watching.wait_until(
                "v2 is expected",
                lambda scrape: (
                    scrape.set_to("cutover_domain_expectation", "expectation", domain="app.example.com") == {"v2"}
                ),
            )
            watching.wait_until("nothing is open", lambda scrape: not scrape.findings("app.example.com"))
            after = watching.domain("app.example.com")
            assert (after["expectation"], after["upcoming"], after["state"]) == ("v2", None, "v2")
            (told,) = watching.events("expectation_changed")
            assert (told["wave"], told["before"], told["after"]) == ("first", "v1", "v2")
