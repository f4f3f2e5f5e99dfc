"""An ExternalDNS' flags, from a container's arguments and environment (pkg/apis/externaldns, kingpin's rules)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from probe.inventory.origin import Origin
from probe.inventory.reading.node import Node
from probe.inventory.reading.objects import KubernetesObject

ENVIRONMENT = "EXTERNAL_DNS_"
"""Each flag may come as a variable as well: `--txt-owner-id` as EXTERNAL_DNS_TXT_OWNER_ID, lists one a line."""

SWITCHES = frozenset({
    "ignore-hostname-annotation",
    "ignore-ingress-tls-spec",
    "ignore-ingress-rules-spec",
    "publish-internal-services",
    "publish-host-ip",
    "combine-fqdn-annotation",
    "aws-prefer-cname",
    "aws-evaluate-target-health",
    "txt-encrypt-enabled",
    "txt-new-format-only",
    "events",
    "once",
    "dry-run",
    "exclude-unschedulable",
    "always-publish-not-ready-addresses",
    "expose-internal-ipv6",
})  # fmt: skip
"""Flags without a value: the word after one is a flag of its own."""

_VARIABLE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


class Setting(NamedTuple):
    """One value of one flag.

    Attributes:
        text: The value; `true` and `false` for a switch.
        origin: Where it stands.
        told: False where it is known only that there is one: a Secret's, a ConfigMap's.
    """

    text: str
    origin: Origin
    told: bool = True


class CommandLine(NamedTuple):
    """Flags by name, without dashes; each with its values in their order."""

    flags: Mapping[str, tuple[Setting, ...]]

    def last(self, *names: str) -> Setting | None:
        """Give the value of a flag that has one; the last one counts."""
        return next((self.flags[name][-1] for name in names if self.flags.get(name)), None)

    def every(self, *names: str) -> tuple[Setting, ...]:
        """Give all values of a flag that may come several times."""
        return tuple(setting for name in names for setting in self.flags.get(name, ()))

    def is_on(self, name: str, *, default: bool = False) -> bool:
        """Tell whether a switch is on."""
        setting = self.last(name)
        return default if setting is None else setting.text.lower() in {"true", "1", "t"}


def read_command_line(one: KubernetesObject, container: Node) -> CommandLine:
    """Read the flags of a container; what its arguments say wins over its environment."""
    variables = dict(_variables(one, container))
    flags: dict[str, list[Setting]] = {}
    words = [
        Setting(
            _substituted(word.text, variables),
            one.at(word),
            _VARIABLE.search(_substituted(word.text, variables)) is None,
        )
        for part in ("command", "args")
        for word in container[part]
    ]
    for name, setting in _flags(words):
        flags.setdefault(name, []).append(setting)
    for key, variable in variables.items():
        name = key.removeprefix(ENVIRONMENT).lower().replace("_", "-")
        if key.startswith(ENVIRONMENT) and name not in flags:
            flags[name] = [variable._replace(text=line) for line in variable.text.splitlines()] or [variable]
    return CommandLine({name: tuple(settings) for name, settings in flags.items()})


def of_settings(settings: Iterable[tuple[str, Setting]]) -> CommandLine:
    """Make a command line of flags that are known by name, such as a chart's values."""
    flags: dict[str, list[Setting]] = {}
    for name, setting in settings:
        flags.setdefault(name, []).append(setting)
    return CommandLine({name: tuple(found) for name, found in flags.items()})


def flags_of(words: Iterable[Setting]) -> Iterator[tuple[str, Setting]]:
    """Read words of a command line: `--flag=value`, `--flag value`, `--switch`, `--no-switch`."""
    return _flags(list(words))


def _flags(words: list[Setting]) -> Iterator[tuple[str, Setting]]:
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if not word.text.startswith("--") or word.text == "--":
            continue
        name, equals, value = word.text[2:].partition("=")
        if equals:
            yield name, word._replace(text=value)
        elif name in SWITCHES:
            yield name, word._replace(text="true")
        elif name.startswith("no-") and name[3:] in SWITCHES:
            yield name[3:], word._replace(text="false")
        elif position < len(words) and not words[position].text.startswith("--"):
            yield name, words[position]
            position += 1
        else:
            yield name, word._replace(text="true")


def _variables(one: KubernetesObject, container: Node) -> Iterator[tuple[str, Setting]]:
    for variable in container["env"]:
        name = variable["name"].text
        if name:
            told = variable["value"].given or not variable["valueFrom"].given
            yield name, Setting(variable["value"].text, one.at(variable), told)


def _substituted(text: str, variables: Mapping[str, Setting]) -> str:
    def value(match: re.Match[str]) -> str:
        found = variables.get(match[1])
        return found.text if found is not None and found.told else match[0]

    return _VARIABLE.sub(value, text)
