"""One TXT name, folded answer by answer: its values as ExternalDNS reads them, and what stood there before."""

from collections.abc import Sequence

from probe.judge.ownership.heritage import Heritage, may_be_ours, read
from probe.model.clock import Instant
from probe.model.external_dns import Unseal
from probe.model.ownership import TxtKind, TxtReading, TxtStatus
from probe.model.record import Position

MAX_TXT_VALUES = 8
"""Values kept of a TXT RRset: the legacy name is the host's own, where anything may stand (SPF, verifications)."""

MAX_READINGS = 8
"""Earlier contents kept of a TXT name: four cycles of an owner that flips with the target."""


def hear(
    txt: TxtStatus, values: Sequence[str], at: Instant, unseal: Unseal | None, beside: Position | None = None
) -> TxtStatus:
    """Fold one answer. What says the same as before keeps its `since`, also when it was sealed anew.

    Args:
        txt: What is known of the name.
        values: What stands there now.
        at: When.
        unseal: Opens what is encrypted, if there is a key.
        beside: Where the record it speaks for leads at that server, if the server stands by it.
    """
    kept = tuple(values) if len(values) <= MAX_TXT_VALUES else _ours_first(values)[:MAX_TXT_VALUES]
    found = Heritage(txt.owners, txt.opaque) if kept == txt.values else _read(kept, txt.kind, unseal)
    if txt.at is not None and (kept == txt.values or _is_rewritten(txt, found, unseal)):
        known = txt.beside if beside is None or beside in txt.beside else (*txt.beside, beside)
        return txt._replace(values=kept, at=at, answers=txt.answers + 1, beside=known)
    past = txt.past
    if txt.at is not None and txt.since is not None:
        past = (*past, TxtReading(txt.owners, txt.opaque, txt.since, txt.at, txt.beside))[-MAX_READINGS:]
    told = () if beside is None else (beside,)
    return TxtStatus(txt.name, kept, found.owners, at, at, txt.kind, found.opaque, 1, past, told)


def read_again(txt: TxtStatus, kind: TxtKind | None, unseal: Unseal | None) -> TxtStatus:
    """Read what stands at a TXT name as another plan has it: as another kind, with another key."""
    found = _read(txt.values, kind, unseal)
    return txt._replace(kind=kind, owners=found.owners, opaque=found.opaque)


def _is_rewritten(txt: TxtStatus, found: Heritage, unseal: Unseal | None) -> bool:
    return unseal is not None and bool(found.owners) and found == Heritage(txt.owners, txt.opaque)


def _read(values: tuple[str, ...], kind: TxtKind | None, unseal: Unseal | None) -> Heritage:
    """At the host's own name base64 may be the token of any tool, unless the key opens it."""
    found = read(values, unseal)
    return found if kind is not TxtKind.BARE else found._replace(opaque=0)


def _ours_first(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda value: not may_be_ours(value)))
