"""What went wrong below DNS, as a Silence: the one place where errors of the system, TLS and HTTP get their names."""

import ssl

import httpx

from probe.model.outcome import FailureReason, NoResponse

_LONGEST = 120
"""Characters of a detail; parts of it can come from the far side (a certificate's names)."""


class RejectedError(Exception):
    """The far side answered, but not with a DNS message that can be used.

    Args:
        reason: What that is called.
        detail: What was wrong, in words.
    """

    def __init__(self, reason: FailureReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def no_response(error: BaseException) -> NoResponse:
    """Name `error` for people, in a few words of printable ASCII."""
    if isinstance(error, RejectedError):
        return NoResponse(error.reason, plain(str(error)))
    root = root_of(error)
    if isinstance(root, ssl.SSLCertVerificationError):
        detail = f"certificate: {root.verify_message}"
    elif isinstance(root, ssl.SSLError):
        detail = f"TLS: {root.reason or type(root).__name__}"
    elif isinstance(root, EOFError | ConnectionResetError):  # asyncio.IncompleteReadError is an EOFError
        detail = "connection closed without an answer"
    elif isinstance(root, OSError):
        detail = (root.strerror or str(root) or type(root).__name__).lower()
    elif isinstance(root, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
        detail = f"HTTP: {str(root) or type(root).__name__}"
    else:
        detail = type(root).__name__
    return NoResponse(FailureReason.UNREACHABLE, plain(detail))


def root_of(error: BaseException) -> BaseException:
    """Find the error of TLS or the system below those that httpx, httpcore and anyio wrap around it; else HTTP's."""
    seen = error
    found: BaseException | None = None
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError):
            if below.errno is not None:
                return below
            found = below  # anyio's "All connection attempts failed", of which the next one is the cause
        seen, below = below, below.__cause__ or below.__context__
    return found or (error if isinstance(error, httpx.HTTPError) else seen)


def plain(text: str) -> str:
    """Make printable ASCII of bounded length of text from the far side."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)[:_LONGEST]
