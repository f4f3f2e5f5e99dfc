"""The image, built for real: by buildah, on a base that debootstrap makes, and run as the chart runs it.

The base stands in for `python:slim`: a minimal Debian with its own Python as `/usr/local/bin/python`, with pip.
Everything else is the Dockerfile's. Who builds has to be root, because debootstrap does.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe import __version__
from tests.e2e.daemon import Running, running
from tests.real import require

ROOT = Path(__file__).parents[2]
SUITE = "bookworm"
"""The Debian release of the base: its Python is the oldest that the package allows."""
PYTHON = "3.11"
MIRROR = "http://deb.debian.org/debian"
UNPACK = 'dpkg-deb --fsys-tarfile "$0" | tar --extract --keep-directory-symlink --directory "$1"'
USER = "65532:65532"
PROGRAMS = "buildah", "debootstrap", "dpkg-deb", "unshare", "mount", "chroot"
UNSEALED = "sealing memfd copy: Device or resource busy"
"""Said where buildah could not seal the copy of itself that runs a step: on a busy machine pages of it are still
on their way, which has nothing to do with the step."""

pytestmark = [pytest.mark.real, pytest.mark.long]


def run(*command: str | Path, timeout: float = 600) -> str:
    """Run it to its end, anew where it could not begin a step; its output is the failure's when it fails."""
    again = 5
    while True:
        finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)
        again -= 1
        if UNSEALED not in finished.stderr or not again:
            break
    assert finished.returncode == 0, f"{command[0]}: {finished.stdout[-3000:]}\n{finished.stderr[-3000:]}"
    return finished.stdout


def why_not() -> str | None:
    """Tell why no image can be built here; None where one can."""
    for program in PROGRAMS:
        if shutil.which(program) is None:
            return f"{program} is not installed: the image cannot be built"
    if os.geteuid() != 0:
        return "debootstrap makes a base for root alone: the image cannot be built"
    allowed = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=False
    )
    if allowed.returncode != 0:
        return f"this machine mounts nothing ({allowed.stderr.strip()}): the image cannot be built"
    return None


def builder(folder: Path) -> list[str | Path]:
    """Give buildah with a store of its own: of overlays where the file system takes them, else of whole copies.

    A copy of the base for each container and each layer costs as much as all of the build.
    """
    for driver in ("overlay", "vfs"):
        places: list[str | Path] = ["--root", folder / driver / "store", "--runroot", folder / driver / "run"]
        buildah = ["buildah", *places, "--storage-driver", driver]
        tries = [*buildah, "from", "--name", "tried", "scratch"], [*buildah, "mount", "tried"]
        if all(subprocess.run(one, capture_output=True, check=False).returncode == 0 for one in tries):
            run(*buildah, "rm", "tried")
            return buildah
    pytest.fail("buildah makes no container here, neither of overlays nor of whole copies")


def base(made: Path) -> None:
    """Make what `python:slim` is: a Debian with a Python at /usr/local/bin, and with pip.

    Packages are unpacked and not configured: nothing that is built here needs it, and it was half of the time.
    """
    made.chmod(0o755)
    run("debootstrap", "--foreign", "--variant=minbase", "--include=python3,python3-venv", SUITE, made, MIRROR)
    for name in (made / "debootstrap" / "base").read_text(encoding="utf-8").split():
        (package,) = (made / "var" / "cache" / "apt" / "archives").glob(f"{name}_*.deb")
        run("sh", "-c", UNPACK, package, made)  # dpkg-deb alone would make a folder of the link /lib
    for name in ("passwd", "group"):
        shutil.copy(made / "usr" / "share" / "base-passwd" / f"{name}.master", made / "etc" / name)
    shutil.rmtree(made / "var" / "cache")
    shutil.rmtree(made / "debootstrap")
    for name in ("proc", "sys"):
        if (made / name).is_symlink():  # to the machine's own, where a second stage was to come
            (made / name).unlink()
            (made / name).mkdir()
    run("chroot", made, "python3", "-m", "venv", "/usr/local")
    # Where packages come from and whom to trust is the machine's matter, as for every other pip on it: what a variable
    # says there, the base's file says, as a build passes no variables on.
    settings = {
        name.removeprefix("PIP_").lower().replace("_", "-"): os.environ[name]
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
        if name in os.environ
    }
    authorities = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
    if authorities:
        shutil.copy(authorities, made / "etc" / "authorities.pem")
        settings["cert"] = "/etc/authorities.pem"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (made / "etc" / "pip.conf").write_text("\n".join(["[global]", *lines, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """Give the root of the built image's file system."""
    for program in PROGRAMS:
        require(program)
    if (missing := why_not()) is not None:
        pytest.skip(missing)
    # Not among the tests' own folders: a run that is killed leaves its mounts, and pytest, which clears those folders
    # away three runs later, ended in an error over them.
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    buildah = builder(folder)
    try:
        scratch = run(*buildah, "from", "scratch").strip()
        base(Path(run(*buildah, "mount", scratch).strip()))
        run(*buildah, "commit", "--quiet", "--rm", scratch, f"python:{PYTHON}-slim")
        build = ["build", "--isolation", "chroot", "--pull-never", "--layers=false", "--tag", "probe"]
        run(*buildah, *build, "--build-arg", f"PYTHON_VERSION={PYTHON}", ROOT, timeout=1200)
        container = run(*buildah, "from", "--pull-never", "probe").strip()
        yield Path(run(*buildah, "mount", container).strip())
    finally:
        subprocess.run([*buildah, "umount", "--all"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def contained(image: Path, *command: str) -> list[str]:
    """Run something in the image as the chart does: as the numeric user, and with a root that is read-only."""
    script = f'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec chroot --userspec={USER} "$0" "$@"'
    environment = ["env", "-i", "PATH=/opt/cutover-probe/bin:/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED=1"]
    return ["unshare", "--mount", "sh", "-ec", script, str(image), *environment, *command]


def test_it_is_this_version_and_has_no_pip(image: Path) -> None:
    assert run(*contained(image, "cutover-probe", "--version")) == f"cutover-probe {__version__}\n"
    without = subprocess.run(contained(image, "python", "-m", "pip"), capture_output=True, text=True, check=False)
    assert "No module named pip" in without.stderr


def test_it_runs_as_a_number_and_can_write_nowhere(image: Path) -> None:
    assert run(*contained(image, "id", "-u")) == f"{USER.partition(':')[0]}\n"
    for folder in ("/", "/tmp", "/opt/cutover-probe", "/var/lib/cutover-probe"):  # noqa: S108  # the image's own
        refused = subprocess.run(contained(image, "touch", f"{folder}/x"), capture_output=True, text=True, check=False)
        assert "Read-only file system" in refused.stderr


def test_the_journals_folder_is_the_users_alone(image: Path) -> None:
    told = (image / "var" / "lib" / "cutover-probe").stat()
    assert (f"{told.st_uid}:{told.st_gid}", oct(told.st_mode)[-3:]) == (USER, "700")


def test_the_demonstration_runs_in_it_and_is_scraped(image: Path, tmp_path: Path) -> None:
    arguments = contained(image, "cutover-probe", "demo", "--speed", "20", "--port", "0")
    with running(Running, arguments, tmp_path / "log") as demo:
        demo.find_url()
        scrape = demo.wait_until("every domain has been observed", lambda seen: seen.series("cutover_domain_state"))
        assert scrape.state("grafana.example.com") != ""
        assert f'version="{__version__}"' in demo.get("/metrics").text
        demo.stop(signal.SIGTERM)
        assert "Traceback" not in demo.text
