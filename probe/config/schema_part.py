"""What every mapping of the plan file has in common."""

from pydantic import BaseModel, ConfigDict


class SchemaPart(BaseModel):
    """Whatever is not described here is a mistake, and nothing is guessed from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
