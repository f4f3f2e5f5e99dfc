"""A group's commands, each of which is loaded when it is asked for.

A hook runs `gate` every few seconds, and what it needs is an HTTP client: the daemon, its web server, dnspython and the
judge take five times as long to load.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click

_PACKAGE = "probe.cli.commands"


class CommandTable(MutableMapping[str, click.Command]):
    """Commands by their names, as click keeps them; looking one up imports its module.

    Args:
        places: Of each command by its name: `module:object`, in `probe.cli.commands`.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, _, attribute = self._places[name].partition(":")
            command = getattr(import_module(f"{_PACKAGE}.{module}"), attribute)
            if not isinstance(command, click.Command):
                raise TypeError(f"{self._places[name]} is no command")
            self._loaded[name] = command
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command
        self._places.setdefault(name, "")

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
