"""`--web.config.file`: who may ask the web server, read from its file and kept up to date."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog

from probe.config.mistakes import Mistake, WebConfigError
from probe.config.web.load import load_web, reload_web
from probe.model.clock import Clock
from probe.model.snapshot import ReloadStatus
from probe.model.web import WebConfig
from probe.runtime.web_config import WebConfigWatch
from probe.web.access import Access
from probe.web.tls import TlsError


class Door(NamedTuple):
    """Who may ask, and what keeps that up to date once it knows whom to tell; None without a file."""

    access: Access
    watch: Callable[[Callable[[ReloadStatus], None]], WebConfigWatch] | None = None


def door(file: Path | None, clock: Clock, *, open_health: bool) -> Door:
    """Read the web configuration file, if there is one.

    Raises:
        WebConfigError: It cannot be used.
    """
    if file is None:
        return Door(Access())
    config = load_web(file)
    if config == WebConfig(files=(file,)):
        structlog.get_logger("probe.reload").warning(
            "the web configuration asks for nothing: everybody who reaches the port may ask", file=str(file)
        )
    try:
        access = Access(config, open_health=open_health)
    except TlsError as error:
        raise _refusal(file, error) from error

    def watch(tell: Callable[[ReloadStatus], None]) -> WebConfigWatch:
        return WebConfigWatch(
            file, config, load=reload_web, apply=partial(_apply, access, file), tell=tell, clock=clock
        )

    return Door(access, watch)


def _apply(access: Access, file: Path, config: WebConfig) -> None:
    try:
        access.apply(config)
    except TlsError as error:
        raise _refusal(file, error) from error


def _refusal(file: Path, error: TlsError) -> WebConfigError:
    return WebConfigError([Mistake(str(file), 1, 1, error.message, error.remedy)])
