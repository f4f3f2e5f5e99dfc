"""What the judge has measured of a domain, in sentences for its page."""

from probe.model.clock import Instant
from probe.model.confirmation import Confirmation
from probe.model.domain import DomainStatus
from probe.model.propagation import Drain
from probe.model.record import RecordStatus
from probe.model.share import ShareVerdict
from probe.model.text import duration, moment

_SHARE_VERDICTS = {
    ShareVerdict.AS_DECLARED: "as declared",
    ShareVerdict.OFF: "not as declared",
    ShareVerdict.OPEN: "too few answers to judge the declared weights by",
}


def share(status: DomainStatus, record: RecordStatus) -> str:
    """Say how often a record that is split by weighted routing leads to v2; nothing for any other one."""
    one = next((share for share in status.shares if share.rdtype is record.rdtype), None)
    if one is None or one.ratio is None:
        return ""
    words = (
        f"{one.ratio:.1%} of {one.answers:,} answers lead to v2; "
        f"the share lies between {one.lower:.1%} and {one.upper:.1%}"
    )
    return f"{words} ({_SHARE_VERDICTS[one.verdict]})" if one.verdict is not None else words


def drain_words(drain: Drain, now: Instant) -> str:
    """Say when v1 is drained from caches, and what the resolvers hold of it."""
    if drain.deadline is None:
        words = "v1 was not answered while this probe watched, so that it cannot tell when caches are rid of it."
    elif drain.deadline.monotonic > now.monotonic:
        left = duration(drain.deadline.monotonic - now.monotonic)
        words = f"In {left}, at {moment(drain.deadline)}, no cache that obeys TTLs will lead to v1."
    else:
        words = f"No cache that obeys TTLs has led to v1 since {moment(drain.deadline)}."
    if not drain.holding:
        return words
    who = "1 resolver answers or holds" if drain.holding == 1 else f"{drain.holding} resolvers answer or hold"
    until = f" until {moment(drain.held_until)} at the latest" if drain.held_until is not None else ""
    return f"{words} {who} v1{until}."


def soak_words(confirmation: Confirmation, soak: float) -> str:
    """Say how far a domain is with its soak of `soak` seconds."""
    words = f"Held for {duration(confirmation.held)} of {duration(soak)}"
    if confirmation.unwatched >= 1:
        words += f", {duration(confirmation.unwatched)} of that time unwatched"
    return words + "."
