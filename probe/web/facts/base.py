"""What the facts have in common: times in RFC 3339 and UTC, names without their trailing dot, stable keys.

The models read the model's values by attribute; what differs between the two (flattened, renamed, rewritten) stands in
the field's annotation.
"""

from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from probe.model.clock import Instant
from probe.model.name import display
from probe.model.outcome import Response
from probe.model.question import ADDRESS_TYPES
from probe.model.text import rfc3339


def timestamp(at: Instant | float | None) -> str | None:
    """Write a moment as RFC 3339 in UTC with milliseconds; None stays None."""
    return None if at is None else rfc3339(at)


def answered(response: Response | None) -> tuple[str, ...]:
    """Give what a response answered: its addresses, or the names that its CNAMEs lead to; the rcode if it has none."""
    if response is None:
        return ()
    rdata = [value for rrset in response.answer if rrset.rdtype in ADDRESS_TYPES for value in rrset.rdata]
    aliases = [value for rrset in response.answer if rrset.rdtype == "CNAME" for value in rrset.rdata]
    if not rdata and not aliases and response.rcode == "NOERROR":
        return ("NODATA",)
    return tuple(rdata or aliases) or (response.rcode,)


def by_name(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Write counts that belong to names."""
    return {display(name): count for name, count in pairs}


Name = Annotated[str, BeforeValidator(display)]
Moment = Annotated[str | None, BeforeValidator(timestamp)]
Names = tuple[Name, ...]


class Fact(BaseModel):
    """A model that is only ever made from the model's values."""

    model_config = ConfigDict(frozen=True, from_attributes=True, use_enum_values=True)


_F = TypeVar("_F", bound=BaseModel)


def to_json(kind: type[_F], value: object) -> bytes:
    """Write a value of the model as the JSON of one of its facts."""
    return kind.model_validate(value).model_dump_json().encode()
