"""Hosts with a network of their own each: Linux network namespaces, joined by virtual cables, gone with the block.

    with hosts("probe", "router") as (probe, router):
        connect(router, probe, 1)
        probe.start("cutover-probe", "run", ...)

A host lives as long as a process that holds its namespace: nothing is mounted, named or left behind, and any number of
test runs stand side by side. Root makes them directly; anybody else in a user namespace of his own, where the kernel
allows that. Where neither is allowed the tests are skipped with a word, and fail with REQUIRE_REAL=1 when the process
has the right (CAP_SYS_ADMIN) and it does not work all the same.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.real import do_without, require

_CAP_SYS_ADMIN = 21


class Host:
    """One namespace.

    Attributes:
        name: What its cables are called at the other end.
        inside: What a command line begins with to run there.
    """

    def __init__(self, name: str, holder: "subprocess.Popen[bytes]", *, user: bool) -> None:
        self.name = name
        self.pid = holder.pid
        ours = ("--user", "--preserve-credentials") if user else ()
        self.inside = (require("nsenter"), f"--target={self.pid}", "--net", *ours, "--")

    def ip(self, *commands: str) -> str:
        """Have the network changed or shown: each command is in the words of `ip`. Gives what was shown."""
        done = subprocess.run(
            [*self.inside, require("ip"), "-batch", "-"],
            input="\n".join(commands).encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{self.name}: {commands}: {done.stderr.decode()}"
        return done.stdout.decode()

    def set(self, setting: str, value: str) -> None:
        """Write a setting below /proc/sys/net, which is the reader's own namespace's."""
        subprocess.run(
            [*self.inside, "sh", "-c", f"echo {value} > /proc/sys/net/{setting}"], capture_output=True, check=True
        )

    def forward(self) -> None:
        """Make it a router."""
        self.set("ipv4/ip_forward", "1")
        self.set("ipv6/conf/all/forwarding", "1")

    @contextmanager
    def running(self, *command: str | Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """Run something there until the block ends."""
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*self.inside, *command], cwd=log.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


@contextmanager
def hosts(*names: str) -> Iterator[tuple[Host, ...]]:
    """Make hosts without any cable, each with its loopback up."""
    with ExitStack() as stack:
        made: list[Host] = []
        for name in names:
            user = os.geteuid() != 0
            held = stack.enter_context(_held(_namespace(made[0] if made else None, user=user)))
            host = Host(name, held, user=user)
            host.ip("link set lo up")
            made.append(host)
        yield tuple(made)


def connect(first: Host, second: Host, number: int, *, mtu: int = 1_500) -> None:
    """Lay a cable: 10.53.NUMBER.1 and fd53::NUMBER:1 at the first host, .2 and :2 at the second."""
    first.ip(f"link add {second.name} mtu {mtu} type veth peer name {first.name} mtu {mtu} netns {second.pid}")
    for end, host, other in ((1, first, second), (2, second, first)):
        host.ip(
            f"addr add 10.53.{number}.{end}/24 dev {other.name}",
            f"addr add fd53::{number}:{end}/112 dev {other.name} nodad",
            f"link set {other.name} up",
        )


def _namespace(first: Host | None, *, user: bool) -> Sequence[str]:
    unshare = [require("unshare"), "--net"]
    if not user:
        return [*unshare, "cat"]
    if first is None:
        return [*unshare, "--user", "--map-root-user", "cat"]
    return [require("nsenter"), f"--target={first.pid}", "--user", "--preserve-credentials", "--", *unshare, "cat"]


@contextmanager
def _held(command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `cat` in a new namespace: what it repeats tells that it is there, and its end of input that it may go."""
    require("ip")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        if not _echoes(process):
            _refuse(_pipe(process.stderr).read().decode().strip())
        yield process
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            try:
                _pipe(pipe).close()
            except BrokenPipeError:  # it never came to be
                continue
        process.wait()


def _echoes(process: "subprocess.Popen[bytes]") -> bool:
    try:
        _pipe(process.stdin).write(b"\n")
        _pipe(process.stdin).flush()
    except BrokenPipeError:
        return False
    return _pipe(process.stdout).readline() == b"\n"


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _refuse(said: str) -> None:
    message = f"network namespaces are not allowed here ({said}): tests that cross a network cannot run"
    if _may_make_namespaces():
        do_without(message)
    pytest.skip(message)


def _may_make_namespaces() -> bool:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    rights = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return rights is not None and bool(int(rights.group(1), 16) >> _CAP_SYS_ADMIN & 1)
