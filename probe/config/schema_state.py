"""The plan file's `state`: what is kept over a restart. The defaults are the model's."""

from typing import Annotated

from pydantic import Field

from probe.config.ranges import Number, Seconds
from probe.config.schema_part import SchemaPart
from probe.config.types import FileText
from probe.model.plan import State

_STATE = State()

KEEP_ANSWERS = Seconds(
    3600,
    2_592_000,
    "a fight's cause is looked for in the hour before it",
    "for longer than a month changes and findings say more than single answers",
)
KEEP_EFFECTS = Seconds(
    86_400, 63_072_000, "a migration's night has to be there in the morning", "no migration takes two years"
)
JOURNAL_SIZE_RANGE = Number(
    16,
    65_536,
    "an hour of one domain and its checkpoints need some of it",
    "a larger SQLite file is slow to look after",
)


class StateFile(SchemaPart):
    """What is kept over a restart, in a journal: an SQLite file that one probe writes. Changing it needs a restart."""

    path: FileText | None = Field(
        default=None,
        description="The journal's file, created when it does not exist; its folder must exist. Without it, and "
        "without "
        "`--state.path`, only memory is used: a restart knows nothing.",
        examples=["/var/lib/cutover-probe/journal.db"],
    )
    observations: Annotated[float, KEEP_ANSWERS] = KEEP_ANSWERS.field(
        _STATE.observations,
        "For how long every single answer is kept, for `replay`. Two days: the night of a wave, the day after it, and "
        "the night before.",
    )
    effects: Annotated[float, KEEP_EFFECTS] = KEEP_EFFECTS.field(
        _STATE.effects,
        "How long changes and findings are kept. Ninety days: a whole migration, wave by wave.",
    )
    size: Annotated[int, JOURNAL_SIZE_RANGE] = JOURNAL_SIZE_RANGE.field(
        _STATE.size,
        "Mebibytes that the file may grow to; the oldest answers are deleted first, then the oldest changes and "
        "findings. 2,048: the answers of a thousand domains for most of a day (docs/operations.md has the "
        "arithmetic).",
    )
