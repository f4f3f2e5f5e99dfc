"""What alternates behind a cache: said as what it is, because nothing there tells a fight from weights."""

from probe.judge.domain import SEEN_ALIKE, cache_of, through_cache
from probe.judge.findings.evidence import Found, facts, history, kinds, word_by_word
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.record import POSITIONS, RecordState
from probe.model.text import PLACES, listed


def alternates(status: DomainStatus) -> Found | None:
    """Give what is to be said of records that flap behind caches; None where none does, or servers have authority.

    Each set of a weighted record has a TXT of its own, drawn like the record: through a cache ownership that changes
    with the target is no proof of a fight either.
    """
    flapping = [
        record for record in status.records if record.state is RecordState.FLAPPING and record.cache is not None
    ]
    if not flapping or cache_of(status) is None:
        return None
    told = []
    for record in flapping:
        fetched = max((server.past for server in record.servers), key=len)
        places = dict.fromkeys(PLACES[place] for one in fetched if (place := POSITIONS[one.answer_class]) is not None)
        told.append(f"{record.rdtype.value} alternates between {listed(list(places))}")
    return Found(
        f"{display(status.domain.name)} ({kinds(flapping)}) alternates, and the writer is not known.",
        (*word_by_word(flapping), *history(flapping)),
        facts=facts(
            *((FactLabel.ANSWERS, words) for words in told),
            (FactLabel.PROOF, f"Seen {through_cache(status)}: {SEEN_ALIKE}"),
        ),
    )
