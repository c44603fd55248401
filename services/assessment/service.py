"""assessment: evidence and scores. The table of contents: what it hears and what it answers."""

import base64
import binascii
from typing import Any

from infra.messaging.event import Event, Received
from infra.messaging.handler import handles
from infra.messaging.rpc import rpc
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, Problem
from infra.reconciliation.provider import BooksProvider, KeepsBooks
from services.assessment import reading
from services.assessment.books import BOOKS
from services.assessment.contracts import SERVICE, IndicatorValue, RoundView
from services.assessment.framework import load_framework
from services.assessment.recording import Recorded
from services.assessment.rooms import Rooms, RoomsProvider
from services.complaints.contracts import CASE_EVENTS
from services.tasks.contracts import TASK_EVENTS


class AssessmentService(KeepsBooks):
    """See README.md of this package."""

    name = SERVICE
    rooms: Rooms = RoomsProvider()
    keeper = BooksProvider(BOOKS)

    @handles(*CASE_EVENTS, *TASK_EVENTS, queue="indicators", batch=200, prefetch=400, pace=0.5, rehears=True)
    def on_case_or_task(self, batch: list[Received[Event]]) -> None:
        """Operational indicators of the responsible units."""
        self.rooms.indicators.count(batch)

    @rpc(expected_exceptions=Problem)
    def open_round(
        self,
        round_id: str,
        title: str,
        period: str,
        framework: str,
        framework_version: int,
        by: dict[str, Any],
        cause: str,
    ) -> RoundView:
        """See contracts.py."""
        tree, officer = load_framework(framework, framework_version), Officer.from_json(by)
        return self.rooms.assessor.open_round(round_id, title, period, tree, by=officer, cause=cause)

    @rpc(expected_exceptions=Problem)
    def record_results(self, round_id: str, rows: list[dict[str, Any]], by: dict[str, Any], cause: str) -> Recorded:
        """See contracts.py."""
        return self.rooms.assessor.record_results(round_id, rows, by=Officer.from_json(by), cause=cause)

    @rpc(expected_exceptions=Problem)
    def record_results_file(self, round_id: str, content: str, by: dict[str, Any], cause: str) -> Recorded:
        """See contracts.py."""
        try:
            table = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise InvalidInput("the content is not base64", "文件内容编码有误", field="content") from error
        return self.rooms.assessor.record_table(round_id, table, by=Officer.from_json(by), cause=cause)

    @rpc(expected_exceptions=Problem)
    def publish_round(self, round_id: str, seen: int, by: dict[str, Any], cause: str) -> RoundView:
        """See contracts.py."""
        return self.rooms.assessor.publish_round(round_id, seen, by=Officer.from_json(by), cause=cause)

    @rpc(expected_exceptions=Problem)
    def rounds(self, first: int) -> list[RoundView]:
        """See contracts.py."""
        return reading.rounds(first)

    @rpc(expected_exceptions=Problem)
    def latest_standings(self, units: list[str]) -> dict[str, dict[str, Any] | None]:
        """See contracts.py."""
        return reading.latest_standings(units)

    @rpc(expected_exceptions=Problem)
    def indicators(self, units: list[str], period: str) -> list[IndicatorValue]:
        """See contracts.py."""
        return self.rooms.indicators.values(units, period)
