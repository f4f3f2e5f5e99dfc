"""A cluster as a witness: a reading says all or why not, and what was not read never seems to be gone."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from probe.inventory.reading.kubeconfig import KubeContext
from probe.inventory.reading.objects import Objects
from probe.inventory.witnesses import cluster_witness
from probe.inventory.witnesses.cluster_witness import ClusterWitness
from probe.inventory.witnesses.held_cluster import HeldCluster
from probe.model.name import DomainName
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Testimony, WitnessSilence
from probe.model.witness_sources import ClusterSource
from tests.clock import FakeClock
from tests.inventory.manifests import external_dns, ingress
from tests.inventory.reading.test_api_server import Handler, listed, serving
from tests.plans import plan

CREDENTIAL_SECONDS = 600.0
READING_SECONDS = 120.0
PAGE_OCTETS = HELD_OCTETS = 32 * 1024 * 1024
READ_VALUES = 400_000
MAX_LACKING = 200
MAX_GAPS = 5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP = DomainName("shop.example.com.")
READS = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync")


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(
        yaml.safe_dump(
            {
                "current-context": "eks-v1",
                "clusters": [{"name": "c", "cluster": {"server": "https://192.0.2.1:6443"}}],
                "users": [{"name": "u", "user": {"tokenFile": str(tmp_path / "token")}}],
                "contexts": [{"name": "eks-v1", "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    (tmp_path / "token").write_text("first")
    return path


class Asked:
    """A witness before a scripted API server, and what it was asked with."""

    def __init__(self, kubeconfig: Path, answer: Handler) -> None:
        self.answer = answer
        self.clock = FakeClock()
        self.tokens: list[str] = []
        source = ClusterSource(kubeconfig, "eks-v1")
        self.witness = ClusterWitness(Side.V1, source, 60.0, self.clock, self._client)

    def _client(self, context: KubeContext) -> httpx.AsyncClient:
        self.tokens.append(context.token)
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url=context.server)

    def read(self, *names: str, given_up: Callable[[], bool] = lambda: False) -> Testimony:
        return self.witness.read(plan(*(names or (SHOP,))), given_up)


def holding(*ingresses: dict[str, Any], workloads: tuple[dict[str, Any], ...] = (READS,)) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        return serving(
            ingresses=[listed("networking.k8s.io/v1", *ingresses)], deployments=[listed("apps/v1", *workloads)]
        )(request)

    return answer


def said(told: Testimony) -> ClusterTestimony:
    assert isinstance(told, ClusterTestimony)
    return told


def reason(told: Testimony) -> str:
    assert isinstance(told, WitnessSilence)
    return told.reason


def test_a_reading_says_what_is_wanted_and_what_the_plan_lacks(kubeconfig: Path) -> None:
    asked = Asked(kubeconfig, holding(ingress("web", "shop.example.com", "new.example.com")))
    told = said(asked.read())
    assert [one.resource for one in told.wishes[SHOP]] == ["ingress/shop/web"]
    assert (told.is_whole, told.gaps) == (True, ())
    assert (told.lacking, told.lacking_count) == (("new.example.com.",), 1)
    assert (asked.witness.name, asked.witness.side) == ("kubernetes-v1", Side.V1)
    assert (asked.witness.interval, asked.witness.patience) == (60.0, READING_SECONDS)


def test_a_thousand_hosts_that_the_plan_lacks_are_counted_and_some_are_named(kubeconfig: Path) -> None:
    hosts = (f"h{number}.example.com" for number in range(1000))
    told = said(Asked(kubeconfig, holding(ingress("web", *hosts))).read())
    assert (len(told.lacking), told.lacking_count) == (MAX_LACKING, 1000)


def test_credentials_are_used_again_for_a_while_and_read_anew_after_a_failure(kubeconfig: Path) -> None:
    asked = Asked(kubeconfig, holding(ingress("web", "shop.example.com")))
    token = kubeconfig.parent / "token"
    asked.read()
    token.write_text("second")
    asked.clock.advance(CREDENTIAL_SECONDS - 1)
    asked.read()
    asked.clock.advance(1)
    asked.read()
    assert asked.tokens == ["first", "first", "second"]
    token.write_text("third")
    asked.answer = lambda _: httpx.Response(401)
    assert reason(asked.read()) == (
        "The API server of `eks-v1` refuses the credentials (401): log in again, or renew the token."
    )
    asked.answer = holding(ingress("web", "shop.example.com"))
    assert SHOP in said(asked.read()).wishes
    assert asked.tokens == ["first", "first", "second", "second", "third"]


def refusing(status: int, *kinds: str) -> Handler:
    inner = holding(ingress("web", "shop.example.com"))

    def answer(request: httpx.Request) -> httpx.Response:
        plural = request.url.path.rpartition("/")[2]
        return httpx.Response(status) if plural in kinds else inner(request)

    return answer


@pytest.mark.parametrize("status", [403, 410, 429, 500, 503])
@pytest.mark.parametrize("kind", ["ingresses", "deployments", "statefulsets", "services"])
def test_what_is_needed_and_was_not_listed_makes_a_reading_none(kubeconfig: Path, kind: str, status: int) -> None:
    told = reason(Asked(kubeconfig, refusing(status, kind)).read())
    assert told.startswith(f"`{kind}` was not read: ")
    assert str(status) in told


def test_a_kind_that_may_not_be_listed_is_a_gap_and_one_that_could_not_be_is_a_failure(kubeconfig: Path) -> None:
    told = said(Asked(kubeconfig, refusing(403, "httproutes", "dnsendpoints")).read())
    assert SHOP in told.wishes
    assert not told.is_whole
    assert len(told.gaps) == 2
    assert reason(Asked(kubeconfig, refusing(503, "httproutes")).read()) == (
        "`httproutes` was not read: the API server answered 503."
    )


def test_gaps_are_told_up_to_some(kubeconfig: Path) -> None:
    kinds = ("namespaces", "gateways", "httproutes", "grpcroutes", "tlsroutes", "dnsendpoints", "applications")
    assert len(said(Asked(kubeconfig, refusing(403, *kinds)).read()).gaps) == MAX_GAPS


def test_a_cluster_without_an_external_dns_is_not_whole_and_wants_nothing(kubeconfig: Path) -> None:
    told = said(Asked(kubeconfig, holding(ingress("web", "shop.example.com"), workloads=())).read())
    assert (told.wishes, told.is_whole) == ({}, False)
    assert told.gaps == ("No ExternalDNS was found in the cluster, so that nothing is concluded from its objects.",)


def test_a_cluster_with_more_than_can_be_read_is_no_reading(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_witness, "READ_VALUES", 20)
    told = reason(Asked(kubeconfig, holding(*(ingress(f"w{n}", "a.example.com") for n in range(9)))).read())
    assert told == "The cluster has more than 20 values in what is read: they were not all read."


def test_a_cluster_is_read_as_far_as_memory_has_room(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for values, told in ((READ_VALUES, None), (READ_VALUES + 1, "The cluster has more than 400,000 values in")):
        monkeypatch.setattr(
            HeldCluster, "objects", lambda _, budget, values=values: (budget.spend(values), Objects())[1]
        )
        found = Asked(kubeconfig, holding()).read()
        assert said(found) if told is None else reason(found).startswith(told)


def test_a_cluster_is_held_as_far_as_memory_has_room(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room: list[int] = []

    def hold(name: str, octets: int) -> HeldCluster:
        room.append(octets)
        return HeldCluster(name, octets)

    monkeypatch.setattr(cluster_witness, "HeldCluster", hold)
    said(Asked(kubeconfig, holding()).read())
    assert room == [HELD_OCTETS]


@pytest.mark.parametrize(
    ("more", "words"), [(0, "answers `/api/v1/namespaces` with no JSON"), (1, "is larger than 33,554,432 octets")]
)
def test_a_page_that_is_too_large_is_not_read_to_its_end(kubeconfig: Path, more: int, words: str) -> None:
    page = bytes(PAGE_OCTETS + more)
    assert words in reason(Asked(kubeconfig, lambda _: httpx.Response(200, content=page)).read())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _: httpx.Response(200, text="<html>"), "with no JSON"),
        (lambda _: httpx.Response(302, headers={"Location": "https://192.0.2.66/"}), "302"),
        (lambda _: httpx.Response(200, json=[1, 2]), ""),
        (lambda _: httpx.Response(200, json={"items": [None, 1, "x", {"metadata": 3}, {"metadata": {}}]}), ""),
    ],
    ids=["a page", "a redirect", "a list", "odd items"],
)
def test_an_answer_that_is_none_is_a_sentence_or_nothing(kubeconfig: Path, answer: Handler, words: str) -> None:
    told = Asked(kubeconfig, answer).read()
    if words:
        assert words in reason(told)
    else:
        assert said(told).wishes == {}


def test_a_server_that_is_gone_is_a_sentence(kubeconfig: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    assert "does not answer: `connection refused`" in reason(Asked(kubeconfig, refuse).read())


def test_a_kubeconfig_that_is_gone_is_a_sentence(kubeconfig: Path) -> None:
    asked = Asked(kubeconfig, holding())
    kubeconfig.unlink()
    assert reason(asked.read()).startswith("There is no kubeconfig (")


def test_a_reading_that_is_given_up_ends_at_the_next_piece_of_an_answer(kubeconfig: Path) -> None:
    pieces: list[int] = []

    async def drip() -> AsyncIterator[bytes]:
        for number in range(1000):
            pieces.append(number)
            yield b" "

    asked = Asked(kubeconfig, lambda _: httpx.Response(200, content=drip()))
    assert "answers too slowly" in reason(asked.read(given_up=lambda: len(pieces) > 3))
    assert len(pieces) < 10


def test_outside_a_pod_its_own_cluster_is_told_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    witness = ClusterWitness(Side.V2, ClusterSource(in_cluster=True), 60.0, FakeClock())
    assert reason(witness.read(plan(SHOP), lambda: False)) == ("This is not a pod: KUBERNETES_SERVICE_HOST is not set.")


@pytest.mark.parametrize(
    ("flag", "gap", "wanted"),
    [
        (
            "--fqdn-template={{.Name}}.example.com",
            "`--fqdn-template`, by which it is not known which hosts it wants.",
            1,
        ),
        ("--regex-domain-filter=shop", "`--regex-domain-filter`, by which it is not known what it overwrites.", 0),
    ],
)
def test_what_flags_leave_open_is_a_gap(kubeconfig: Path, flag: str, gap: str, wanted: int) -> None:
    reads = external_dns("--source=ingress", "--txt-owner-id=eks-v1", flag)
    told = said(Asked(kubeconfig, holding(ingress("web", "shop.example.com"), workloads=(reads,))).read())
    assert not told.is_whole
    assert told.gaps == (f"dns/external-dns has {gap}",)
    assert len(told.wishes) == wanted
