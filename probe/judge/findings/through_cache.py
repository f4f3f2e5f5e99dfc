"""What alternates behind a cache: said as what it is, because nothing there tells a fight from weights.

Witnesses beside DNS tell: both clusters' flags name a fight, and the hosted zone shows sets between which Route 53
chooses.
"""

from probe.judge.context import Context
from probe.judge.domain import cache_of, hosted
from probe.judge.domain_text import through_cache, told_apart
from probe.judge.findings.evidence import Found, facts, history, kinds, word_by_word
from probe.judge.findings.flap_text import SEEN_IN_CLUSTERS, route53_chooses
from probe.judge.findings.witnessed import contest, set_by_set, wish_by_wish
from probe.judge.record_sets import chosen_between
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.record import POSITIONS, Position, RecordState
from probe.model.text import PLACES, listed


def alternates(status: DomainStatus, at: Instant, context: Context) -> tuple[str, Found] | None:
    """Give the code and what is to be said of records that flap behind caches.

    None where none does, or servers have authority.

    Each set of a weighted record has a TXT of its own, drawn like the record: through a cache ownership that changes
    with the target is no proof of a fight either.
    """
    flapping = [
        record for record in status.records if record.state is RecordState.FLAPPING and record.cache is not None
    ]
    if not flapping or cache_of(status) is None:
        return None
    told, led = [], set[Position]()
    for record in flapping:
        fetched = max((server.past for server in record.servers), key=len)
        places = dict.fromkeys(place for one in fetched if (place := POSITIONS[one.answer_class]) is not None)
        told.append(f"{record.rdtype.value} alternates between {listed([PLACES[place] for place in places])}")
        led.update(places)
    answers = ((FactLabel.ANSWERS, words) for words in told)
    shown = (*word_by_word(flapping), *history(flapping))
    name = f"{display(status.domain.name)} ({kinds(flapping)})"
    wanted, written = status.witnessed.wanted, hosted(status, at)
    both = contest(status, wanted, at) if wanted is not None and Position.ABSENT not in led else None
    if both is not None and wanted is not None:
        return both.code or "flip-flop", Found(
            f"{name} alternates: both clusters want it, and overwrite each other.",
            (*wish_by_wish(wanted, both.wishes), *shown),
            inferred=False,
            facts=facts(
                *answers,
                (FactLabel.CAUSE, f"Both clusters want it, and {both.why}"),
                (FactLabel.PROOF, f"{SEEN_IN_CLUSTERS}. The answers are seen {through_cache(status)}"),
            ),
        )
    sets = (
        [one for record in flapping for one in chosen_between(written.sets, record.rdtype, context.book)]
        if written
        else []
    )
    if written is not None and sets:
        why = route53_chooses(tuple(dict.fromkeys(sets)))
        return "flip-flop", Found(
            f"{name} alternates, and {why.words}.",
            (*set_by_set(written), *shown),
            inferred=True,
            facts=(*facts(*answers), *why.facts),
        )
    return "flip-flop", Found(
        f"{name} alternates, and the writer is not known.",
        shown,
        facts=facts(*answers, (FactLabel.PROOF, f"Seen {through_cache(status)}: {told_apart(status, at, context)}")),
    )
