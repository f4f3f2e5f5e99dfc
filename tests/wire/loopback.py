"""Free loopback ports that serve UDP and TCP alike."""

import errno
import socket

from tests import real_servers

_ATTEMPTS = 50


def bound_pair(address: str = "127.0.0.1") -> tuple[socket.socket, socket.socket]:
    """Give a UDP socket and a TCP socket bound to the same free port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(_ATTEMPTS):
        stream = socket.socket(family, socket.SOCK_STREAM)
        datagram = socket.socket(family, socket.SOCK_DGRAM)
        try:
            stream.bind((address, 0))
            datagram.bind((address, stream.getsockname()[1]))
        except OSError as error:
            stream.close()
            datagram.close()
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return datagram, stream
    raise AssertionError(f"no port of {address} was free for both UDP and TCP")


def free_port(address: str = "127.0.0.1") -> int:
    """Give a port that is free for UDP and TCP at this moment, and that no other worker of a parallel run takes."""
    return real_servers.free_port(address)
