"""Taking over a changed web configuration file, or the certificates that it names, while the server runs.

The content is looked at, as with the plan (`probe.runtime.reload`): a certificate's files are swapped by a link two
directories up, and one after the other. Between the two they do not fit each other; so what was refused is tried again
at every look, and said once.
"""

from collections.abc import Callable
from pathlib import Path

import structlog

from probe.config.mistakes import WebConfigError
from probe.model.clock import Clock
from probe.model.snapshot import ReloadStatus
from probe.model.web import WebConfig, given_up
from probe.runtime.aside import BoundedRead, HangingError
from probe.runtime.reload import LOAD_BOUND, NO_FILE, POLL_INTERVAL, content_hash, hanging, no_file


class WebConfigWatch:
    """Looks at the file and at the files that it names.

    Args:
        path: The file.
        config: What it said when it was loaded by the caller.
        load: Reads it; raises WebConfigError with every mistake in it.
        apply: Takes it over; raises WebConfigError when it cannot be.
        tell: Told on the event loop how every attempt went.
        clock: Paces the looks.
    """

    def __init__(  # noqa: PLR0913  # the file, what reads it, and the two ends it is handed to
        self,
        path: Path,
        config: WebConfig,
        *,
        load: Callable[[Path], WebConfig],
        apply: Callable[[WebConfig], None],
        tell: Callable[[ReloadStatus], None],
        clock: Clock,
    ) -> None:
        self._path = path
        self._config = config
        self._load = load
        self._apply = apply
        self._clock = clock
        self._seen = _hashes(config.files)
        self._refused = ""
        self._tell = tell
        self._at = clock.now()
        self._log = structlog.get_logger("probe.reload")

    async def watch(self) -> None:
        """Look for ever."""
        self._tell(ReloadStatus(successful=True, at=self._at))
        read, hidden = BoundedRead(), ""
        while True:
            await self._clock.sleep(POLL_INTERVAL)
            before, hidden, attempted = hidden, "", False
            try:
                attempted = await read(self.look, LOAD_BOUND)
            except HangingError:
                hidden = hanging(self._path, LOAD_BOUND)
            except OSError as error:
                hidden = str(error)
            if hidden != before or attempted:
                why = hidden or self._refused
                if hidden:
                    self._say(hidden)
                self._tell(ReloadStatus(successful=not why, at=self._at, error=why))

    def look(self) -> bool:
        """Take over what has changed since the newest attempt that succeeded; tell whether there was an attempt."""
        now = _hashes(self._config.files)
        if now == self._seen and not self._refused:
            return False
        if NO_FILE in now:
            self._refuse(no_file(self._config.files[now.index(NO_FILE)]))
            return True
        try:
            config = self._load(self._path)
            now = _hashes(config.files)  # before they are used: what changes after this is seen at the next look
            self._apply(config)
        except WebConfigError as error:
            self._refuse(str(error))
            return True
        if gone := given_up(self._config, config):
            self._log.warning(
                "the web configuration asks for less than before: whoever reaches the port gets further",
                file=str(self._path),
                not_asked_for_any_more=", ".join(gone),
            )
        self._config, self._seen, self._refused, self._at = config, now, "", self._clock.now()
        self._log.info("web configuration loaded", file=str(self._path))
        return True

    def _refuse(self, error: str) -> None:
        if error != self._refused:
            self._refused = error
            self._say(error)

    def _say(self, error: str) -> None:
        self._log.error(
            "the web configuration was not loaded: the one in force stays", file=str(self._path), error=error
        )


def _hashes(files: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(content_hash(file) for file in files)
