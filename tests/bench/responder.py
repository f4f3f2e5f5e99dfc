"""Name servers that cost next to nothing, and serve records as ExternalDNS leaves them.

Every A question gets one address, a TXT question for `a-...` its owner, and every other one NODATA.

They run in a process of their own, so that their work is nobody's figure.
"""

import selectors
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

ADDRESS = "192.0.2.1"
"""What every A question is answered with."""

_ANSWER_FLAGS = 0x8400  # QR and AA: an authoritative answer without error
_TYPE_A = 1
_TYPE_TXT = 16
_REMEMBERED = 10_000
_OWNER = b"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/shop/web"


def answer(query: bytes, address: bytes) -> bytes:
    """Answer a plain query; the OPT record that it may carry is left out of the answer."""
    end = query.index(b"\x00", 12) + 5
    question = query[12:end]
    (rdtype,) = struct.unpack_from("!H", query, end - 4)
    data = b""
    if rdtype == _TYPE_A:
        data = address
    elif rdtype == _TYPE_TXT and question[1:3].lower() == b"a-":
        data = bytes([len(_OWNER)]) + _OWNER
    header = query[:2] + struct.pack("!HHHHH", _ANSWER_FLAGS, 1, 1 if data else 0, 0, 0)
    return header + question + (struct.pack("!HHHIH", 0xC00C, rdtype, 1, 60, len(data)) + data if data else b"")


@contextmanager
def served(module: str, *arguments: str) -> Iterator[list[int]]:
    """Run a module that prints the free ports of 127.0.0.1 on which it serves, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield [int(port) for port in process.stdout.readline().split()]
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def responders(count: int) -> AbstractContextManager[list[int]]:
    """Run `count` servers on free ports of 127.0.0.1, given as a list, until the block ends."""
    return served("tests.bench.responder", str(count))


def main() -> None:
    """Serve on free ports that are printed first, until standard input closes."""
    address = socket.inet_aton(ADDRESS)
    servers = [_socket() for _ in range(int(sys.argv[1]))]
    sys.stdout.write(" ".join(str(server.getsockname()[1]) for server in servers) + "\n")
    sys.stdout.flush()
    memory: dict[bytes, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for server in servers:
            selector.register(server, selectors.EVENT_READ, server)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    return
                _drain(key.data, memory, address)


def _socket() -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0)
    return server


def _drain(server: socket.socket, memory: dict[bytes, bytes], address: bytes) -> None:
    while True:
        try:
            query, client = server.recvfrom(2048)
        except BlockingIOError:
            return
        rest = memory.get(query[2:])
        if rest is None:
            if len(memory) >= _REMEMBERED:  # queries in random case never come again
                memory.clear()
            rest = memory[query[2:]] = answer(query, address)[2:]
        server.sendto(query[:2] + rest, client)


if __name__ == "__main__":
    main()
