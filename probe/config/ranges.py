"""Numbers with bounds that carry their reasons, as pydantic types."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from probe.config.mistakes import Unusable, quoted
from probe.config.values import DURATION_PATTERN, parse_seconds, show_seconds


@dataclass(frozen=True, slots=True)
class _Range:
    low: float
    high: float
    low_reason: str
    high_reason: str

    def check(self, value: float) -> None:
        if value < self.low:
            raise Unusable(f"{self.show(value)} is too little: {self.low_reason}", self._remedy())
        if value > self.high:
            raise Unusable(f"{self.show(value)} is too much: {self.high_reason}", self._remedy())

    def _remedy(self) -> str:
        return f"use {self.show(self.low)} to {self.show(self.high)}"

    def show(self, value: float) -> str:
        """Write a value as the user would."""
        return f"{value:g}"

    def field(self, default: float | None, meaning: str) -> Any:
        """Describe a key of this range, for a schema and for the documentation: its bounds follow its meaning.

        Args:
            default: What holds where the key is left out; None for none.
            meaning: What the key says, in whole sentences.
        """
        bounds = (
            f"At least {self.show(self.low)}: {self.low_reason}. At most {self.show(self.high)}: {self.high_reason}."
        )
        return Field(default=default, description=f"{meaning} {bounds}")


@dataclass(frozen=True, slots=True)
class Seconds(_Range):
    """A duration between two bounds; parsed to seconds."""

    def show(self, value: float) -> str:
        """Write a value as the user would."""
        return show_seconds(value)

    def parse(self, value: object) -> float:
        """Read and check one value.

        Raises:
            Unusable: It is no duration, or out of bounds.
        """
        seconds = parse_seconds(value)
        self.check(seconds)
        return seconds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "anyOf": [
                {"type": "number", "minimum": self.low, "maximum": self.high},
                {"type": "string", "pattern": DURATION_PATTERN},
            ],
            "examples": [show_seconds(self.low), show_seconds(self.high)],
        }


@dataclass(frozen=True, slots=True)
class Number(_Range):
    """A number between two bounds; a whole one unless `whole` is False."""

    whole: bool = True

    def parse(self, value: object) -> float:
        """Read and check one number; its unit is that of the key.

        Raises:
            Unusable: It is no number of the wanted kind, or out of bounds.
        """
        kind = "a whole number" if self.whole else "a number"
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            shown = f", not {quoted(value)}" if isinstance(value, (str, bool, float)) else ""
            raise Unusable(f"{kind} is wanted here{shown}", self._remedy())
        if value != value:  # noqa: PLR0124  NaN, the one number that is not itself
            raise Unusable("NaN is not a number that can be used", self._remedy())
        self.check(value)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer" if self.whole else "number", "minimum": self.low, "maximum": self.high}
