"""What the command line can ask of the logs, apart from what writes them: options need no logger."""

from enum import StrEnum


class LogFormat(StrEnum):
    """`--log.format`."""

    AUTO = "auto"
    """Console on a terminal, JSON elsewhere."""
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """`--log.level`."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
