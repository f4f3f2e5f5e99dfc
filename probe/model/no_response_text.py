"""What a server does instead of answering, in words to be read after its name: one time, and every time."""

from typing import NamedTuple, assert_never

from probe.model.outcome import FailureReason


class NoResponseWords(NamedTuple):
    """One reason in words.

    Attributes:
        once: What it did when it was asked, and what that tells about it.
        lasting: What it does all the time.
    """

    once: str
    lasting: str


def no_response_words(reason: FailureReason) -> NoResponseWords:
    """Give the words for a reason."""
    match reason:
        case FailureReason.TIMEOUT:
            once, lasting = "did not respond in time", "does not respond"
        case FailureReason.UNREACHABLE:
            once = lasting = "cannot be reached"
        case FailureReason.REFUSED:
            once = "refused the query: it does not serve the zone, or not to this vantage"
            lasting = "refuses every question (REFUSED)"
        case FailureReason.SERVFAIL:
            once = "answered SERVFAIL: it has the zone and cannot load it, or has lost it"
            lasting = "answers SERVFAIL to every question"
        case FailureReason.LAME:
            once = (
                "answered without authority: a resolver, or a middlebox that intercepts port 53, answers there instead "
                "of the zone's server"
            )
            lasting = "answers every question without authority (lame)"
        case FailureReason.MALFORMED:
            once, lasting = "sent no valid DNS answer", "sends no valid DNS answer"
        case FailureReason.CONTESTED:
            once = "answered with addresses that load balancers of both sides show"
            lasting = "answers with addresses that both sides' load balancers show"
        case _:
            assert_never(reason)
    return NoResponseWords(once, lasting)
