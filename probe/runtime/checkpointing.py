"""What a checkpoint holds: all that is known, so that a restart need not fold what came before it."""

from probe.model.clock import Instant
from probe.model.journal import Checkpoint, Place
from probe.model.plan import Plan
from probe.model.ports import Recorder
from probe.runtime.intake import Intake
from probe.runtime.targets import Targets


class Checkpointing:
    """Has all that is known written down.

    Args:
        recorder: Writes it down.
        intake: Has the domains, what was billed, and what is known of this vantage and of the surroundings.
        targets: Have the address book.
    """

    def __init__(self, recorder: Recorder, intake: Intake, targets: Targets) -> None:
        self._recorder = recorder
        self._intake = intake
        self._targets = targets
        self._places: tuple[Place, ...] | None = None  # as the newest checkpoint has them

    def moved(self) -> None:
        """Take note that some domain is asked at other servers than before, or that there are other domains."""
        self._places = None

    def keep(self, plan: Plan, at: Instant) -> None:
        """Have everything written down as it is at `at`, with the plan in force."""
        intake = self._intake
        self._recorder.checkpoint(
            Checkpoint(
                at,
                plan,
                tuple(watched_domain.state for watched_domain in intake.watched_domains),
                self._present_places(),
                self._targets.book,
                intake.bill.by_zone(),
                intake.vantage_watch.vantage,
            )
        )
        surroundings = intake.surroundings(at)
        if surroundings is not None:
            self._recorder.record(surroundings)

    def _present_places(self) -> tuple[Place, ...]:
        """Give where each domain is asked, made anew only when that has changed: 10,000 take tens of milliseconds."""
        if self._places is None:
            self._places = tuple(
                Place(watched_domain.name, watched_domain.zone, watched_domain.servers)
                for watched_domain in self._intake.watched_domains
                if watched_domain.servers
            )
        return self._places
