"""The entry points about personal data: keys, unmasked reads, erasure, retention. Inherited by the service class."""

from typing import Any

from nameko.timer import timer

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.contracts import (
    ErasureView,
    KeyProgress,
    KeyStanding,
    OlderCompleted,
    UnmaskedRead,
    UnmaskedReport,
)
from services.complaints.rooms import Rooms

RETENTION_EVERY = 60  # seconds of wall time
By = dict[str, Any]  # an Officer as JSON


class PrivacyEntryPoints:
    """See contracts/privacy.py."""

    rooms: Rooms

    @rpc(expected_exceptions=Problem)
    def master_keys(self) -> KeyStanding:
        """See contracts."""
        return self.rooms.rotation.standing()

    @rpc(expected_exceptions=Problem)
    def rewrap_keys(self, limit: int = 500) -> KeyProgress:
        """See contracts."""
        return self.rooms.rotation.rewrap(limit)

    @rpc(expected_exceptions=Problem)
    def erase_report(self, receipt: str, by: By, reason: str, cause: str) -> ErasureView:
        """See contracts."""
        return self.rooms.erasure.erase(receipt, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def complete_older(self, after: str | None = None, limit: int = 500) -> OlderCompleted:
        """See contracts."""
        return self.rooms.older.complete(after, limit)

    @timer(interval=RETENTION_EVERY)
    def retain_no_longer(self) -> None:
        """Anonymise what is due."""
        self.rooms.retention.run()

    @rpc(expected_exceptions=Problem)
    def unmask_report(self, receipt: str, by: By, purpose: str, cause: str) -> UnmaskedReport:
        """See contracts."""
        return self.rooms.accesses.unmask(receipt, by, purpose, cause)

    @rpc(expected_exceptions=Problem)
    def unmasked_reads(self, receipt: str, by: By) -> list[UnmaskedRead]:
        """See contracts."""
        return self.rooms.accesses.reads(receipt, by)
