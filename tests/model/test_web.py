"""What a changed web configuration no longer asks for."""

from dataclasses import replace
from pathlib import Path

import pytest

from probe.model.web import ClientAuth, TlsServer, WebConfig, given_up

TLS = TlsServer(Path("crt"), Path("key"))
PLAIN, ENCRYPTED = WebConfig(), WebConfig(tls=TLS)
CERTIFIED = WebConfig(tls=replace(TLS, client_auth=ClientAuth.REQUIRED))
LOCKED, OTHER = WebConfig(users=(("alice", b"hash"),)), WebConfig(users=(("bob", b"hash"),))


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        (LOCKED, PLAIN, ("passwords",)),
        (CERTIFIED, ENCRYPTED, ("client certificates",)),
        (CERTIFIED, PLAIN, ("encryption", "client certificates")),
        (PLAIN, LOCKED, ()),
        (LOCKED, OTHER, ()),
        (ENCRYPTED, CERTIFIED, ()),
    ],
)
def test_what_is_asked_of_nobody_any_more_is_named(before: WebConfig, after: WebConfig, gone: tuple[str, ...]) -> None:
    assert given_up(before, after) == gone
