"""A TLS connection of which every octet counts, against real TLS over loopback."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from probe.model.name import DomainName
from probe.wire.http.certificate import trust
from probe.wire.http.tls_stream import FloodError, TlsStream
from tests.patience import HANG
from tests.wire.http.https_server import Authority

MAX_RECEIVED, TLS_PIECE = 262_144, 16_384
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""
RECORD = 16_384
"""Octets that a TLS record holds at the most."""
NAME = "shop.example.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def connected(
    authority: Authority,
    serve: Callable[[ssl.SSLSocket], None],
    use: Callable[[TlsStream], Awaitable[None]],
    trusted: Authority | None = None,
) -> None:
    """Serve one connection in a thread, and use the other end of it, which trusts the same authority or another one."""
    context = authority.context(DomainName(f"{NAME}."))

    def accept() -> None:
        plain, _ = listening.accept()
        plain.settimeout(HANG)
        with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
            serve(connection)

    async def main() -> None:
        stream = TlsStream(trust(trusted.file if trusted is not None else authority.file).strict, NAME)
        try:
            async with asyncio.timeout(HANG):
                await stream.connect(listening.getsockname())
                await stream.shake_hands()
                await use(stream)
        finally:
            stream.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            asyncio.run(main())
        finally:
            thread.join(HANG)


def test_what_is_sent_comes_and_the_end_is_nothing(authority: Authority) -> None:
    def serve(connection: ssl.SSLSocket) -> None:
        connection.sendall(connection.recv(5)[::-1])

    async def use(stream: TlsStream) -> None:
        await stream.send(b"hello")
        assert await stream.receive() == b"olleh"
        assert await stream.receive() == b""

    connected(authority, serve, use)


def test_as_much_as_honest_servers_send_comes(authority: Authority) -> None:
    sent = MAX_RECEIVED - 4 * RECORD  # the handshake and what TLS adds to each record have room beside it

    async def use(stream: TlsStream) -> None:
        received = 0
        while received < sent:
            received += len(await stream.receive())
        assert received == sent

    connected(authority, lambda connection: connection.sendall(bytes(sent)), use)


def test_more_is_a_flood_and_each_piece_of_it_is_one_turn_of_the_loop(authority: Authority) -> None:
    """All of it is there before it is read: nothing is waited for, and others have their turns all the same."""
    is_there = threading.Event()

    def serve(connection: ssl.SSLSocket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_RECEIVED)
        connection.sendall(bytes(MAX_RECEIVED + RECORD))
        is_there.set()
        connection.recv(1)

    async def use(stream: TlsStream) -> None:
        assert stream._socket is not None
        stream._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * MAX_RECEIVED)
        await asyncio.to_thread(is_there.wait)
        turns = received = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)  # noqa: TID251  # gives others their turn, waits for no time
                turns += 1

        counting = asyncio.ensure_future(count())
        with pytest.raises(FloodError):  # noqa: PT012  # the one of many that is too much
            while True:
                received += len(await stream.receive())
        counting.cancel()
        assert MAX_RECEIVED - 3 * RECORD < received <= MAX_RECEIVED
        assert turns >= MAX_RECEIVED // TLS_PIECE - 1

    connected(authority, serve, use)


def test_what_is_read_at_a_time_is_a_record(authority: Authority) -> None:
    asked: list[int] = []

    async def use(stream: TlsStream) -> None:
        loop = asyncio.get_running_loop()
        receive = loop.sock_recv

        async def counted(sock: socket.socket, size: int) -> bytes:
            asked.append(size)
            return await receive(sock, size)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "sock_recv", counted)
            assert await stream.receive() == b"x" * 700
        assert set(asked) == {TLS_PIECE}

    def serve(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"x" * 700)
        connection.recv(1)

    connected(authority, serve, use)


class _Leaving(socket.socket):
    """Sends the hello, and then nobody listens any more."""

    sent = 0

    def send(self, data: Any, flags: int = 0, /) -> int:
        self.sent += 1
        if self.sent > 1:
            raise BrokenPipeError(32, "Broken pipe")
        return super().send(data, flags)


def test_a_refused_certificate_is_refused_whatever_becomes_of_the_word_about_it(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(_: TlsStream) -> None:
        pytest.fail("it was trusted")

    monkeypatch.setattr(socket, "socket", _Leaving)
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(authority, lambda _: None, use, Authority(tmp_path, "stranger"))


def test_an_address_of_either_family_is_connected_to(authority: Authority) -> None:
    async def main(target: tuple[str, int]) -> None:
        stream = TlsStream(trust(authority.file).strict, NAME)
        await stream.connect(target)
        stream.close()

    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6 on loopback")
    with listening:
        asyncio.run(main(listening.getsockname()[:2]))
