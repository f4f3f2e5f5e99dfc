"""The plan file's `waves`: which domains move together, and what is expected of them when."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from probe.config.ranges import Number
from probe.config.schema_http import HttpFile
from probe.config.schema_part import SchemaPart
from probe.config.types import WILDCARD_PATTERN, DomainText, HostText, Label, MomentText

WEIGHT = Number(0, 255, "a weight is not negative", "Route 53 takes whole numbers up to 255")

MAX_DOMAINS = 10_000
"""Over all waves. At 20 questions a domain-minute it is 3,300 questions a second, a quarter of what one core asks and
judges (docs/benchmarks.md), and as much as the memory was measured with: more belongs into several probes."""


class WeightsFile(SchemaPart):
    """Route 53 weights per side, as the two record sets have them. At least one is above 0."""

    v1: Annotated[int, WEIGHT] = Field(
        description="Weight of the record set that leads to v1, 0 to 255.", examples=[70]
    )
    v2: Annotated[int, WEIGHT] = Field(
        description="Weight of the record set that leads to v2, 0 to 255.", examples=[30]
    )


Routing: TypeAlias = Literal["failover", "latency", "geolocation", "multivalue"]


class ProxiedFile(SchemaPart):
    """A name whose users reach a CDN or a proxy first, which fetches from an origin that moves.

    The page, the API and `--domain` know the domain by either name. One that fetches from several origins is listed
    with each of them; an origin from which several names fetch is listed once.
    """

    origin: HostText = Field(
        description="The name that the CDN fetches from: the one that moves between the sides, and that is watched.",
        examples=["origin.shop.example.com"],
    )


class DomainFile(SchemaPart):
    """One domain: its name alone, or a mapping when something differs from its wave."""

    name: DomainText = Field(
        description="The domain's name. U-labels are converted (UTS 46), a trailing dot is optional, "
        "`*.example.com` (in "
        "quotes) is "
        "the wildcard record itself.",
        examples=["grafana.example.com", "*.apps.example.com"],
    )
    weights: WeightsFile | None = Field(default=None, description="In place of the wave's weights.")
    routing: Routing | None = Field(default=None, description="In place of the wave's routing.")
    proxied: ProxiedFile | None = Field(
        default=None, description="Where the name leads to a CDN or a proxy: what is watched in its place."
    )
    http: HttpFile | None = Field(default=None, description="In place of the wave's check, as a whole.")


class _OrNameAlone:
    """Lets text stand for a mapping that has nothing but a name."""

    @staticmethod
    def _spell_out(value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._spell_out, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        name = {"type": "string", "pattern": WILDCARD_PATTERN, "examples": ["grafana.example.com"]}
        return {"anyOf": [name, handler(schema)]}


class StepFile(SchemaPart):
    """A moment from which something else is expected of a wave."""

    at: MomentText = Field(
        description="From when: a date and time with its zone (RFC 3339), later than the step before.",
        examples=["2026-12-01T20:00:00+09:00"],
    )
    expect: Literal["v1", "moving", "v2", "weighted"] = Field(
        description="What is expected from then on, in the words of the wave's `expect`."
    )
    weights: WeightsFile | None = Field(
        default=None, description="In place of the wave's weights from then on; only with `expect: weighted`."
    )


class WaveFile(SchemaPart):
    """Domains that move together, and what is expected of them at present."""

    name: Label = Field(description="Names the wave in commands, metrics and reports.", examples=["internal-tools"])
    expect: Literal["v1", "moving", "v2", "weighted"] = Field(
        description="What is expected of its domains at present. `v1`: not moved yet. `moving`: either side, while "
        "it moves. `v2`: moved. "
        "`weighted`: split between the sides by weights.",
    )
    schedule: list[StepFile] = Field(
        default=[],
        max_length=50,
        description="From when something else is expected, in the order of time; before the first step `expect` "
        "holds. At most 50: a wave moves in a handful of steps.",
    )
    weights: WeightsFile | None = Field(
        default=None,
        description="For every domain of the wave that has none of its own; only where `weighted` is expected, now "
        "or by the schedule.",
    )
    routing: Routing | None = Field(
        default=None,
        description="How Route 53 chooses between the sides' record sets of its domains, where not by weights: then "
        "changes between the sides, and answers of the other side, raise no finding.",
    )
    http: HttpFile | None = Field(
        default=None,
        description="A check for every domain of the wave that has none of its own, except wildcards; without it "
        "none is made.",
    )
    domains: list[Annotated[DomainFile, _OrNameAlone()]] = Field(
        min_length=1,
        description=f"The domains, each in one wave only; at most {MAX_DOMAINS} in the plan, so that a probe can "
        "keep its times.",
    )
