"""An address that load balancers of both sides show: what leads there cannot be told from DNS."""

from probe.judge.context import Context
from probe.judge.findings.evidence import Found, facts, kinds
from probe.judge.record.state import is_contested
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.text import brief, listed, moment


def contested_address(state: DomainState, _at: Instant, context: Context) -> Found | None:
    """Name the addresses and who shows them, while the record's servers answer with nothing else."""
    status = state.status
    untold = [record for record, memory in state.remembered if is_contested(record, memory)]
    if not untold:
        return None
    book = context.book
    shown = {address: book.learned[address] for address in book.contested}
    balancers = sorted({display(name) for one in shown.values() for name in (one.source, one.contested_by) if name})
    return Found(
        f"{display(status.domain.name)} ({kinds(untold)}) leads to {brief(list(shown)) or 'an address'}, which load "
        "balancers of both sides show.",
        tuple(
            f"{moment(one.last_seen)}: {display(one.source)} ({one.side.value}) shows {address}"
            + (
                f", and {display(one.contested_by)} ({one.side.other.value}) at {moment(one.contested_at)}"
                if one.contested_by is not None and one.contested_at is not None
                else ""
            )
            for address, one in shown.items()
        ),
        facts=facts(
            (FactLabel.ANSWERS, listed(list(shown)) if len(shown) > 1 else ""),
            (FactLabel.CAUSE, f"The address is shown by {listed(balancers)}" if balancers else ""),
            (FactLabel.EFFECT, "No answer tells which side serves the name"),
        ),
    )
