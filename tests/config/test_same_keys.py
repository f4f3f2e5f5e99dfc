"""Keys that the file and the model write alike are taken over, and all others are converted by somebody."""

import ast
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import pytest
from pydantic import Field

from probe.config import convert
from probe.config.same_keys import keys_of, same_keys
from probe.config.schema import AuthoritativeFile, PlanFile, ResolverFile, SideFile
from probe.config.schema_external_dns import ExternalDnsFile, TxtRegistryFile
from probe.config.schema_http import HttpFile, IdentityFile
from probe.config.schema_notify import AlertmanagerFile, WebhookFile
from probe.config.schema_part import SchemaPart
from probe.config.schema_probing import ProbingFile
from probe.config.schema_state import StateFile
from probe.config.schema_waves import WeightsFile
from probe.config.schema_witnesses import ClusterSourceFile, Route53File
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.plan import (
    Alertmanager,
    Authoritative,
    HttpCheck,
    Identity,
    Plan,
    Probing,
    SidePlan,
    State,
    Webhook,
    Weights,
)
from probe.model.server import Server
from probe.model.witness_sources import ClusterSource, Route53Source
from tests.config.plans import plan

CONVERTED: dict[type, type[SchemaPart]] = {
    Plan: PlanFile,
    SidePlan: SideFile,
    ExternalDns: ExternalDnsFile,
    TxtRegistry: TxtRegistryFile,
    Alertmanager: AlertmanagerFile,
    Webhook: WebhookFile,
    State: StateFile,
    Weights: WeightsFile,
    HttpCheck: HttpFile,
    Identity: IdentityFile,
    Server: ResolverFile,
    Authoritative: AuthoritativeFile,
    Probing: ProbingFile,
    Route53Source: Route53File,
    ClusterSource: ClusterSourceFile,
}


class Given(NamedTuple):
    """What a call in `probe.config.convert` gives a model beside the keys that are written alike."""

    by_name: frozenset[str]
    takes_same_keys: bool


def _calls() -> dict[str, Given]:
    tree = ast.parse(Path(convert.__file__).read_text(encoding="utf-8"))
    return {
        node.func.id: Given(
            frozenset(one.arg for one in node.keywords if one.arg is not None),
            any(one.arg is None for one in node.keywords),
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_every_model_that_takes_keys_over_is_looked_at_here() -> None:
    assert {name for name, given in _calls().items() if given.takes_same_keys} == {one.__name__ for one in CONVERTED}


@pytest.mark.parametrize("model", CONVERTED, ids=lambda model: model.__name__)
def test_a_key_of_one_name_and_two_types_is_converted_and_not_forgotten(model: type) -> None:
    file = CONVERTED[model]
    alike = {key.name for key in keys_of(file, model)}
    other = (file.model_fields.keys() & model.__annotations__.keys()) - alike
    assert other <= _calls()[model.__name__].by_name


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(SchemaPart):
    """A part with keys of every kind."""

    seconds: Annotated[float, "bounds"] = 1.5
    word: str | None = None
    names: list[str] = Field(default=["a", "b"])
    colour: Literal["red", "blue"] | None = "blue"
    place: Path | None = Path("x")
    nowhere: Path | None = None
    count: int = 3
    shade: Literal["red", "grey"] = "grey"
    maybe: float | None = 1.0
    numbers: list[int] = Field(default=[1])
    own: bool = True


class Model:
    seconds: float
    word: str | None
    names: tuple[str, ...]
    colour: Colour
    place: Path | None
    nowhere: Path | None
    count: float
    shade: Colour
    maybe: float
    numbers: tuple[str, ...]


def test_what_says_the_same_is_taken_over_and_nothing_else() -> None:
    same = {
        "seconds": 1.5,
        "word": None,
        "names": ("a", "b"),
        "colour": Colour.BLUE,
        "place": Path("/plans/x"),
        "nowhere": None,
    }
    assert same_keys(Part(), Model, Path("/plans")) == same
    assert same_keys(Part(), Model, Path("/plans"), but={"names", "word"}).keys() == same.keys() - {"names", "word"}
    assert same_keys(Part(place=Path("/x")), Model, Path("/plans"))["place"] == Path("/x")


def test_a_path_is_not_left_to_begin_anywhere() -> None:
    with pytest.raises(TypeError, match="`place` is a path, and nobody said where it begins"):
        same_keys(Part(), Model)
    assert same_keys(Part(place=None), Model)["place"] is None


def test_headers_are_kept_once_each() -> None:
    waves = "waves: [{name: w, expect: v1, http: {headers: [server, x-app, Server]}, domains: [a.example.com]}]\n"
    (domain,) = plan(waves=waves).domains
    assert domain.http is not None
    assert domain.http.headers == ("server", "x-app")
