"""One TXT name, folded answer by answer: its values as ExternalDNS reads them, and what stood there before."""

from collections.abc import Sequence

from probe.judge.heritage import Heritage, may_be_ours, read
from probe.model.clock import Instant
from probe.model.plan import Unseal
from probe.model.status import TxtKind, TxtReading, TxtStatus

MAX_VALUES = 8
"""Values kept of a TXT RRset: the legacy name is the host's own, where anything may stand (SPF, verifications)."""

MAX_READINGS = 8
"""Earlier contents kept of a TXT name: four cycles of an owner that flips with the target."""


def hear(txt: TxtStatus, values: Sequence[str], at: Instant, unseal: Unseal | None) -> TxtStatus:
    """Fold one answer. What says the same as before keeps its `since`, also when it was sealed anew."""
    kept = tuple(values) if len(values) <= MAX_VALUES else _ours_first(values)[:MAX_VALUES]
    found = Heritage(txt.owners, txt.opaque) if kept == txt.values else _read(kept, txt.kind, unseal)
    if txt.at is not None and (kept == txt.values or _is_rewritten(txt, found, unseal)):
        return txt._replace(values=kept, at=at, answers=txt.answers + 1)
    past = txt.past
    if txt.at is not None and txt.since is not None:
        past = (*past, TxtReading(txt.owners, txt.opaque, txt.since, txt.at))[-MAX_READINGS:]
    return TxtStatus(txt.name, kept, found.owners, at, at, txt.kind, found.opaque, 1, past)


def read_again(txt: TxtStatus, kind: TxtKind | None, unseal: Unseal | None) -> TxtStatus:
    """Read what stands at a TXT name as another plan has it: as another kind, with another key."""
    found = _read(txt.values, kind, unseal)
    return txt._replace(kind=kind, owners=found.owners, opaque=found.opaque)


def _is_rewritten(txt: TxtStatus, found: Heritage, unseal: Unseal | None) -> bool:
    return unseal is not None and bool(found.owners) and found == Heritage(txt.owners, txt.opaque)


def _read(values: tuple[str, ...], kind: TxtKind | None, unseal: Unseal | None) -> Heritage:
    """At the host's own name base64 may be anybody's token, unless the key opens it."""
    found = read(values, unseal)
    return found if kind is not TxtKind.BARE else found._replace(opaque=0)


def _ours_first(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda value: not may_be_ours(value)))
