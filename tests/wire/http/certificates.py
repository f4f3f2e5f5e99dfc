"""Certificates for loopback servers, made by the openssl program."""

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.real import require


class Certificate(NamedTuple):
    """A self-signed certificate that is its own authority."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server with it uses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def trust(self) -> ssl.SSLContext:
        """What a client that trusts nothing but it uses."""
        return ssl.create_default_context(cafile=str(self.certificate))


def make_certificate(directory: Path, *names: str) -> Certificate:
    """Make one for `names`: `DNS:dns.example`, `IP:127.0.0.1`."""
    made = Certificate(directory / "certificate.pem", directory / "key.pem")
    command = [
        require("openssl"),
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
    ]
    command += ["-days", "2", "-subj", "/CN=loopback", "-addext", f"subjectAltName={','.join(names)}"]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return made
