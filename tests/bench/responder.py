"""A name server that costs next to nothing: every A question gets one address, every other type NODATA.

It runs in a process of its own, so that its work is nobody's figure.
"""

import selectors
import socket
import struct
import sys

_ANSWER_FLAGS = 0x8400  # QR and AA: an authoritative answer without error
_TYPE_A = 1


def answer(query: bytes, address: bytes) -> bytes:
    """Answer a plain query; the OPT record that it may carry is left out of the answer."""
    end = query.index(b"\x00", 12) + 5
    question = query[12:end]
    (rdtype,) = struct.unpack_from("!H", query, end - 4)
    count = 1 if rdtype == _TYPE_A else 0
    header = query[:2] + struct.pack("!HHHHH", _ANSWER_FLAGS, 1, count, 0, 0)
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + address if count else b""
    return header + question + record


def main() -> None:
    """Serve on a free port of 127.0.0.1 that is printed first, until standard input closes."""
    address = socket.inet_aton(sys.argv[1] if len(sys.argv) > 1 else "192.0.2.1")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0)
    sys.stdout.write(f"{server.getsockname()[1]}\n")
    sys.stdout.flush()
    memory: dict[bytes, bytes] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return
                _drain(server, memory, address)


def _drain(server: socket.socket, memory: dict[bytes, bytes], address: bytes) -> None:
    while True:
        try:
            query, client = server.recvfrom(2048)
        except BlockingIOError:
            return
        rest = memory.get(query[2:])
        if rest is None:
            rest = memory[query[2:]] = answer(query, address)[2:]
        server.sendto(query[:2] + rest, client)


if __name__ == "__main__":
    main()
