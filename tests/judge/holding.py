"""What tests hold of a domain: its state as the judge gives it, and the status in it that everybody reads."""

from probe.judge.state import DomainState
from probe.model.domain import DomainStatus


class Holding:
    """Something with the state of a domain; a test may put another status beside the same memory."""

    state: DomainState

    @property
    def status(self) -> DomainStatus:
        return self.state.status

    @status.setter
    def status(self, status: DomainStatus) -> None:
        self.state = self.state.with_status(status)
