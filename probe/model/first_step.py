"""What to do first about a finding: one sentence, and the commands for it."""

import re
from typing import NamedTuple

_THE_DOMAIN = re.compile(r"\bDOMAIN\b")


class FirstStep(NamedTuple):
    """What to do first.

    Attributes:
        sentence: Whom to stop, or what to do, in one sentence.
        command: Commands that do it, or that show where to do it, one on each line and in their order; a line that
            begins with `#` is a remark. Names in capitals stand for the reader's own, `DOMAIN` until it is known of
            which domain it is said. Empty where there is none.
    """

    sentence: str
    command: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The commands as a terminal shows them: behind a prompt, and remarks as they are."""
        return tuple(line if line.startswith("#") else f"$ {line}" for line in self.command.splitlines())

    def about(self, name: str) -> "FirstStep":
        """Name the domain in the commands, written as a shell, or a template, takes it."""
        return self._replace(command=_THE_DOMAIN.sub(lambda _: name, self.command))


NO_STEP = FirstStep("")
"""Of findings that an earlier version wrote into a journal."""
