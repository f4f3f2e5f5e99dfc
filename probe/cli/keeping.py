"""Joining the journal to the probe: which values it holds, and going on with what is in it."""

from collections.abc import Callable
from typing import NamedTuple

import structlog

from probe.judge.answer.address_book import AddressBook
from probe.judge.findings.vantage import Vantage
from probe.judge.state import DomainMemory
from probe.model.domain import DomainStatus
from probe.model.effect import FindingRaised
from probe.model.journal import Checkpoint, Entry
from probe.model.name import display
from probe.model.plan import State
from probe.model.text import listed
from probe.runtime.clock import SystemClock
from probe.runtime.replay import Replay
from probe.runtime.restored import RestoredState, restored_from, without_untold
from probe.store.codec import Codec
from probe.store.journal import Journal
from probe.store.journal_error import JournalError
from probe.store.reading import Past
from probe.wire.transport.reader import read


class Kept(NamedTuple):
    """A journal that is open, and what it holds.

    Attributes:
        journal: Writes from now on; None when nothing is to be kept.
        restored: What an earlier process knew; None when there was none.
        clock: Goes on from that process' last moment.
    """

    journal: Journal | None
    restored: RestoredState | None
    clock: SystemClock


def make_codec() -> Codec:
    """Make the codec of everything that a journal holds."""
    return Codec((Entry, Checkpoint, DomainStatus, AddressBook, Vantage), (DomainMemory,), read)


def take_up_journal(
    keep: State, clock: Callable[[Past], SystemClock] = lambda past: SystemClock.after(past.until)
) -> Kept:
    """Open the journal and take up what an earlier process knew. Never fails: then nothing is known, and it is said."""
    if keep.path is None:
        return Kept(None, None, SystemClock())
    journal = Journal(keep.path, keep, make_codec())
    past = journal.open()
    if past is None:
        return Kept(journal, None, SystemClock())
    return Kept(journal, _known(journal, past), clock(past))


def _known(journal: Journal, past: Past) -> RestoredState | None:
    log = structlog.get_logger("probe.store")
    replay = Replay()
    folded = 0
    known = past.checkpoint.states if past.checkpoint is not None else ()
    told = {(one.domain, one.code) for status, _ in known for one in status.findings}
    whole = True
    try:
        if past.checkpoint is not None:
            replay.go_on_from(restored_from(past.checkpoint, past.until), past.checkpoint.at)
        for entry in past.entries:
            replay.fold(entry)
            folded += 1
            if isinstance(entry, FindingRaised):
                told.add((entry.finding.domain, entry.finding.code))
        restored = replay.restored()
    except JournalError as error:  # damaged from there on: what was read until then holds
        journal.give_up(error)
        restored = replay.restored()
        whole = False
    except Exception:  # whatever a file holds, it must not keep the probe from watching
        log.exception("the journal cannot be resumed: the watch begins anew", path=journal.status().path)
        return None
    if restored is None:
        return None
    if past.sums.left_out or not whole:
        restored, untold = without_untold(restored, told)
        if untold:
            log.warning(
                "what is left of the journal leads to findings that nobody was told of: these domains begin anew",
                path=journal.status().path,
                domains=listed([display(name) for name in untold]),
            )
    log.info(
        "resuming from the journal",
        path=journal.status().path,
        domains=len(restored.states),
        folded_again=folded,
        watched_until=restored.until.wall,
    )
    return restored._replace(until=past.until)
