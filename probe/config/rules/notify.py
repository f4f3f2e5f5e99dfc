"""Rules about who is told: Alertmanagers, and the files that reaching them needs."""

import ssl
from collections.abc import Callable, Iterator
from errno import ENOENT
from pathlib import Path

from probe.config.mistakes import Complaint, Unusable, quoted
from probe.config.rules.part import Part, Rule

_MAX_PASSWORD = 1024  # bytes of a first line; more is some other file


def alertmanagers_are_unique(plan: Part) -> Iterator[Complaint]:
    """Each is a label in metrics; one that stands twice would be told everything twice."""
    seen: dict[str, Part] = {}
    for one in plan["notify"]["alertmanagers"].items():
        url = one["url"]
        if url.text is None:
            continue
        plain = url.text.rstrip("/")
        if plain in seen:
            yield url.complain(
                f"the Alertmanager {quoted(plain)} stands here twice (line {seen[plain].line})", "keep one of the two"
            )
        seen.setdefault(plain, url)


def files_can_be_used(plan: Part) -> Iterator[Complaint]:
    """A password that cannot be read would only show when the first page is not sent."""
    for one in plan["notify"]["alertmanagers"].items():
        password, authorities = one["basic_auth"]["password_file"], one["ca_file"]
        if password.text:
            yield from _complain(password, _read_password)
        if authorities.text:
            yield from _complain(authorities, _read_certificates)


def _complain(part: Part, read: Callable[[Path], None]) -> Iterator[Complaint]:
    path = part.document.folder / (part.text or "")
    try:
        if not path.is_file():  # a device could be read for ever
            raise FileNotFoundError(ENOENT, "no such file")
        read(path)
    except ssl.SSLError:  # an OSError as well, but the file was read
        yield part.complain("the file holds no PEM certificate", "put the CA's certificates there")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "unknown error"
        yield part.complain(
            f"the file cannot be read ({reason.lower()})",
            "correct the path (a relative one starts at the plan's folder) or the file's permissions",
        )
    except Unusable as error:
        yield part.complain(error.message, error.remedy)


def _read_password(path: Path) -> None:
    with path.open("rb") as file:
        if not file.readline(_MAX_PASSWORD).strip():
            raise Unusable("the file has no password in its first line", "put it there")


def _read_certificates(path: Path) -> None:
    ssl.create_default_context(cafile=path)


NOTIFY_RULES: tuple[Rule, ...] = (alertmanagers_are_unique, files_can_be_used)
