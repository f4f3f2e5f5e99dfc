"""Shares of v2 in words."""

from probe.model.share import Share
from probe.model.text import percent, plural


def told(share: Share) -> str:
    """Say how often a record leads to v2: `A leads to v2 in 31% (27% to 35%) of 1,204 answers`."""
    if share.ratio is None:
        return f"{share.rdtype.value} gave no answer since its share may have changed"
    between = f"{percent(share.lower)} to {percent(share.upper)}"
    return (
        f"{share.rdtype.value} leads to v2 in {percent(share.ratio)} ({between}) of {plural(share.answers, 'answer')}"
    )
