"""One TXT name, folded answer by answer: its values as ExternalDNS reads them, and what stood there before.

Servers are asked in turn, and each learns of a change in its own time. So an owner that is read again soon after
another one was is a server that is late, unless the record itself has gone back meanwhile: a single change of the owner
is never read as two that write in turn.
"""

from collections.abc import Sequence
from functools import lru_cache

from probe.judge.ownership.heritage import Heritage, may_be_ours, read
from probe.model.clock import Instant
from probe.model.external_dns import Unseal
from probe.model.ownership import TxtKind, TxtOwner, TxtReading, TxtStatus
from probe.model.record import Position, RecordStatus
from probe.model.server import Server

MAX_TXT_VALUES = 8
"""Values kept of a TXT RRset: the legacy name is the host's own, where anything may stand (SPF, verifications)."""

OWNERS_SHARED = 4_096
"""Owners that others are compared with, to keep equal ones once."""

MAX_READINGS = 8
"""Earlier contents kept of a TXT name: four cycles of an owner that flips with the target."""

_ALONE = {position: (position,) for position in Position}
"""Where nearly every record leads all along: one tuple for all TXT names of the plan."""


def hear(  # noqa: PLR0913  # an answer, and what is known of the record beside it
    txt: TxtStatus,
    values: Sequence[str],
    at: Instant,
    unseal: Unseal | None,
    beside: Position | None = None,
    *,
    late: bool = False,
) -> TxtStatus:
    """Fold one answer. What says the same as before keeps its `since`, also when it was sealed anew.

    Args:
        txt: What is known of the name.
        values: What stands there now.
        at: When.
        unseal: Opens what is encrypted, if there is a key.
        beside: Where the record it speaks for leads at that server, if the server stands by it.
        late: The server may not have heard of the present owner yet (`may_be_late`): the one before is no news then.
    """
    kept = tuple(values) if len(values) <= MAX_TXT_VALUES else _ours_first(values)[:MAX_TXT_VALUES]
    found = Heritage(txt.owners, txt.opaque) if kept == txt.values else _read(kept, txt.kind, unseal)
    if txt.at is not None and (kept == txt.values or _is_rewritten(txt, found, unseal)):
        known = txt.beside
        if beside is not None and beside not in known:
            known = (*known, beside) if known else _ALONE[beside]
        return txt._replace(values=kept, at=at, answers=txt.answers + 1, beside=known)
    if late and found.owners and txt.owners and (found.owners, found.opaque) == txt.past[-1][:2]:
        return txt
    past = txt.past
    if txt.at is not None and txt.since is not None:
        past = (*past, TxtReading(txt.owners, txt.opaque, txt.since, txt.at, txt.beside))[-MAX_READINGS:]
    told = () if beside is None else _ALONE[beside]
    return TxtStatus(txt.name, kept, _one(found.owners), at, at, txt.kind, found.opaque, 1, past, told)


@lru_cache(maxsize=OWNERS_SHARED)
def _one(owners: tuple[TxtOwner, ...]) -> tuple[TxtOwner, ...]:
    """Give the same object for equal owners: a host has one under each of its names."""
    return owners


def may_be_late(txt: TxtStatus, server: Server, record: RecordStatus | None, at: Instant, grace: float) -> bool:
    """Tell whether a server may still say what stood at a name before, though that was written over for good.

    For `grace` seconds after the present owner was first read; not one that has just told of it itself, and not where
    the record it speaks for has gone back since, to where it led beside the owner before and not beside this one.
    """
    if not txt.past or txt.since is None or server == txt.server or at.monotonic - txt.since.monotonic > grace:
        return False
    newest = record.recent[-1] if record is not None and record.recent else None
    if newest is None or newest.at.monotonic <= txt.since.monotonic:
        return True
    before, now = txt.past[-1].beside, txt.beside
    went_back = newest.after in before and newest.after not in now and (bool(now) or len(before) == 1)
    return not went_back


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
