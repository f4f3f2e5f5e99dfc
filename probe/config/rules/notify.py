"""Rules about who is told: Alertmanagers and webhooks, and the files that reaching them needs."""

import ssl
from collections.abc import Callable, Iterator
from errno import ENOENT
from pathlib import Path

from probe.config.mistakes import Complaint, Unusable, quoted
from probe.config.rules.part import Part, Rule
from probe.config.types import parse_post_url

_MAX_LINE = 2_048  # bytes of a first line; more is some other file


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


def webhooks_are_unique(plan: Part) -> Iterator[Complaint]:
    """A name is a label in metrics, and what the log says of it."""
    seen: dict[str, Part] = {}
    for one in plan["notify"]["webhooks"].items():
        name = one["name"]
        if name.text is None:
            continue
        if name.text in seen:
            yield name.complain(
                f"the webhook {quoted(name.text)} stands here twice (line {seen[name.text].line})", "name one otherwise"
            )
        seen.setdefault(name.text, name)


def webhooks_have_one_url(plan: Part) -> Iterator[Complaint]:
    """Either the URL or its file; and a chat's URL is a secret, which a plan in a repository would give away."""
    for one in plan["notify"]["webhooks"].items():
        url, file = one["url"], one["url_file"]
        if url.given and file.given:
            yield url.complain("the webhook has both `url` and `url_file`", "keep one of the two", at_key=True)
        elif url.given and one["format"].text == "slack":
            yield url.complain(
                "the URL of a Slack webhook is a secret: everybody who knows it can post",
                "put it into a file, and name that in `url_file`",
                at_key=True,
            )
        elif isinstance(one.value, dict) and not url.given and not file.given:
            yield one.complain("the webhook has no URL", "put it into a file, and name that in `url_file`")


def files_can_be_used(plan: Part) -> Iterator[Complaint]:
    """A password that cannot be read would only show when the first page is not sent."""
    for one in plan["notify"]["alertmanagers"].items():
        password, authorities = one["basic_auth"]["password_file"], one["ca_file"]
        if password.text:
            yield from _complain(password, _read_password)
        if authorities.text:
            yield from _complain(authorities, _read_certificates)
    for one in plan["notify"]["webhooks"].items():
        for key, read in (("url_file", _read_url), ("token_file", _read_token), ("ca_file", _read_certificates)):
            if one[key].text:
                yield from _complain(one[key], read)


def _complain(part: Part, read: Callable[[Path], None]) -> Iterator[Complaint]:
    path = part.document.folder / (part.text or "")
    try:
        if not path.is_file():  # a device could be read for ever
            raise FileNotFoundError(ENOENT, "no such file")
        read(path)
    except ssl.SSLError:  # an OSError as well, but the file was read
        yield part.complain("the file holds no PEM certificate", "put the CA's certificates there")
    except Unusable as error:  # a ValueError as well
        yield part.complain(error.message, error.remedy)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "unknown error"
        yield part.complain(
            f"the file cannot be read ({reason.lower()})",
            "correct the path (a relative one starts at the plan's folder) or the file's permissions",
        )


def _read_password(path: Path) -> None:
    with path.open("rb") as file:
        if not file.readline(_MAX_LINE).strip():
            raise Unusable("the file has no password in its first line", "put it there")


def _read_url(path: Path) -> None:
    with path.open("rb") as file:
        text = file.readline(_MAX_LINE).strip().decode("utf-8", "replace")
    try:
        parse_post_url(text)
    except Unusable as error:
        raise Unusable(f"the file's first line cannot be used: {error.message}", error.remedy) from None


def _read_token(path: Path) -> None:
    with path.open("rb") as file:
        token = file.readline(_MAX_LINE).strip().decode("utf-8", "replace")
    if not token or not all("!" <= c <= "~" for c in token):
        raise Unusable("the file has no token in its first line", "put it there: printable ASCII without spaces")


def _read_certificates(path: Path) -> None:
    ssl.create_default_context(cafile=path)


NOTIFY_RULES: tuple[Rule, ...] = (
    alertmanagers_are_unique,
    webhooks_are_unique,
    webhooks_have_one_url,
    files_can_be_used,
)
