"""A real control plane on loopback: etcd and kube-apiserver, one for a whole run of tests with all its workers.

    def test_something(control_plane: ControlPlane) -> None:
        cluster = Cluster(control_plane)

The first worker that needs it starts it, under a lock; a process of its own (this module, run as a program) keeps it,
and ends it when the run ends, in whatever way. No controller runs and no node: objects are admitted, defaulted, checked
and kept as everywhere, and nothing follows from them (no pods of a Deployment, no default service accounts, no end of a
namespace). By RBAC the token of `ADMIN` may do everything, that of `READER` what a test binds its user to.

Found on PATH, or where KUBE_APISERVER and ETCD say: skipped with a word where there is none (tests/real.py).
"""

import json
import os
import select
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
import trustme
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.patience import HANG
from tests.real import require
from tests.real_servers import free_port
from tests.workers import only_one, shared_by_workers

ADMIN, READER = "admin", "reader"
START_SECONDS = int(HANG)
"""Then it hangs: it takes five to ten seconds on two busy cores."""
STARTS = 3
"""How often it is started before that is no accident of a starved machine."""
SERVICE_RANGES = "10.96.0.0/16,fd00:10:96::/112"
"""Both families, IPv4 first: as a dual-stack cluster has them."""


@dataclass(frozen=True)
class ControlPlane:
    """Where a running one is.

    Attributes:
        url: Of the API server, without a slash at the end.
        folder: What it keeps: `ca.pem`, `kubeconfig`, `log`.
    """

    url: str
    folder: str

    @property
    def kubeconfig(self) -> Path:
        """The administrator's, for Helm and other programs."""
        return Path(self.folder) / "kubeconfig"

    @property
    def ca(self) -> Path:
        """The certificate of who signed the API server's."""
        return Path(self.folder) / "ca.pem"

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """What trusts the API server alone."""
        return ssl.create_default_context(cafile=str(self.ca))

    def client(self, token: str = ADMIN) -> httpx.Client:
        """Give a client that asks as somebody (a token is its user's name)."""
        return httpx.Client(
            base_url=self.url,
            transport=Again(verify=self.tls),
            headers={"Authorization": f"Bearer {token}"},
            timeout=START_SECONDS,
        )


STARVED = ("etcdserver: request timed out", "context deadline exceeded")
"""What an API server says, with a status of 500 or 504, when etcd or itself had no time for a request: of the object it
says nothing."""


class Again(httpx.HTTPTransport):
    """Asks the same again while the API server is starved; all that tests ask may be asked twice."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give the first response of a server that had time, or the last one when it hangs."""
        tries = int(HANG * 10)
        while True:
            response = super().handle_request(request)
            tries -= 1
            if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR or not tries:
                return response
            response.read()
            if not any(words in response.text for words in STARVED):
                return response
            time.sleep(0.1)  # a real server's clock


def program(name: str) -> str:
    """Give a program's path: what the environment says (`kube-apiserver` in KUBE_APISERVER), or PATH."""
    return os.environ.get(name.upper().replace("-", "_")) or require(name)


def running(factory: pytest.TempPathFactory) -> ControlPlane:
    """Give the control plane of this run: started by the first who asks."""
    programs = [program("etcd"), program("kube-apiserver")]
    shared = shared_by_workers(factory)
    said = shared / "control-plane.json"
    with only_one(shared / "control-plane.lock"):
        if not said.exists():
            _start(said, programs)
    return ControlPlane(**json.loads(said.read_text(encoding="utf-8")))


def _start(said: Path, programs: list[str]) -> None:
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    log = said.with_suffix(".log")
    with log.open("w") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.kubernetes.control_plane", str(run), str(said), *programs],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output, start_new_session=True,
        )  # fmt: skip
    assert keeper.stdout is not None
    with keeper.stdout:
        ready = keeper.stdout.read()  # ends when it is ready, or has ended
    if ready != b"ready":
        keeper.wait()
        pytest.fail(f"The control plane did not start:\n{log.read_text()[-4000:]}", pytrace=False)
    keeper.returncode = 0  # it outlives this process: no warning that it still runs


def keep(run: int, said: Path, etcd: str, kube_apiserver: str) -> None:
    """Start it, say where it is, and end it when the process `run` is gone."""
    over = os.pidfd_open(run)
    with TemporaryDirectory(prefix="control-plane-") as folder, both(Path(folder), etcd, kube_apiserver) as plane:
        said.with_suffix(".new").write_text(json.dumps(asdict(plane)))
        said.with_suffix(".new").rename(said)
        sys.stdout.write("ready")
        sys.stdout.flush()
        os.close(sys.stdout.fileno())
        select.select([over], [], [])
    os._exit(0)  # standard output is closed already


class ApiServer:
    """The API server of a control plane that a test has for itself: it may die, and come back with all that it kept."""

    def __init__(self, plane: ControlPlane, command: list[str], etcd: str) -> None:
        """Start nothing yet."""
        self.plane = plane
        self._command = command
        self._etcd = etcd
        self._running: ExitStack | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready; once more if it gives up, as a kubelet does.

        It ends by itself when etcd, on a starved machine, does not answer it for some twenty seconds.
        """
        ended: int | None = None
        for _ in range(STARTS):
            self._running = ExitStack()
            server = self._running.enter_context(_process(self._command))
            if _is_ready(self.plane, server):
                return
            ended = server.poll()
            self.kill()
            if ended is None:
                break
        raise SystemExit(f"kube-apiserver is not ready (exit status {ended}).")

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self._running is not None:
            self._running.close()
        self._running = None

    def compact(self) -> None:
        """Have etcd forget all but what it holds now, as an API server has it do every five minutes."""
        with httpx.Client(base_url=self._etcd, timeout=START_SECONDS) as client:
            known = client.post("/v3/kv/range", json={"key": "AA=="})  # nothing, with the revision beside it
            revision = known.raise_for_status().json()["header"]["revision"]
            asked = {"revision": revision, "physical": True}
            client.post("/v3/kv/compaction", json=asked).raise_for_status()


@contextmanager
def both(folder: Path, etcd: str, kube_apiserver: str) -> Iterator[ControlPlane]:
    """Run one in a folder while the context lasts; a test that ends it has it for itself."""
    with mortal(folder, etcd, kube_apiserver) as server:
        yield server.plane


@contextmanager
def mortal(folder: Path, etcd: str, kube_apiserver: str, *flags: str) -> Iterator[ApiServer]:
    """Run one whose API server, with more flags if there are any, may be killed and started again."""
    client, peer, port = (free_port("127.0.0.1") for _ in range(3))
    keys = f"http://127.0.0.1:{client}"
    plane = ControlPlane(f"https://127.0.0.1:{port}", str(folder))
    _write_secrets(plane)
    first = [
        etcd, f"--data-dir={folder}/etcd", f"--listen-client-urls={keys}", f"--advertise-client-urls={keys}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}", "--log-level=error", "--logger=zap",
    ]  # fmt: skip
    second = [
        kube_apiserver, f"--etcd-servers={keys}", f"--secure-port={port}", "--bind-address=127.0.0.1",
        f"--tls-cert-file={folder}/server.pem", f"--tls-private-key-file={folder}/server.key", f"--cert-dir={folder}",
        f"--token-auth-file={folder}/tokens.csv", "--authorization-mode=RBAC", "--anonymous-auth=false",
        f"--service-account-key-file={folder}/accounts.key",
        f"--service-account-signing-key-file={folder}/accounts.key",
        "--service-account-issuer=https://kubernetes.default.svc", f"--service-cluster-ip-range={SERVICE_RANGES}",
        "--endpoint-reconciler-type=none", "--allow-privileged=true", "--profiling=false", "--v=0", *flags,
    ]  # fmt: skip
    server = ApiServer(plane, second, keys)
    with _process(first):
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr) as started:
        try:
            yield started
        finally:
            started.send_signal(signal.SIGKILL)  # nothing of theirs is kept


def _is_ready(plane: ControlPlane, server: subprocess.Popen[bytes]) -> bool:
    """Wait until it is; no longer once it has ended by itself."""
    with plane.client() as client:
        for _ in range(START_SECONDS * 10):
            with suppress(httpx.TransportError):
                if client.get("/readyz").status_code == httpx.codes.OK:
                    return True
            with suppress(subprocess.TimeoutExpired):
                server.wait(0.1)
                break
    return False


def _write_secrets(plane: ControlPlane) -> None:
    folder = Path(plane.folder)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(plane.ca)
    own = authority.issue_cert("127.0.0.1", "localhost")
    own.private_key_pem.write_to_path(folder / "server.key")
    own.cert_chain_pems[0].write_to_path(folder / "server.pem")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "accounts.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    (folder / "tokens.csv").write_text(f'{ADMIN},{ADMIN},1,"system:masters"\n{READER},{READER},2\n')
    plane.kubeconfig.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "clusters": [
                    {"name": "test", "cluster": {"server": plane.url, "certificate-authority": str(plane.ca)}}
                ],
                "users": [{"name": ADMIN, "user": {"token": ADMIN}}],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": ADMIN}}],
            }
        )
    )
    plane.kubeconfig.chmod(0o600)


if __name__ == "__main__":
    keep(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
