"""Supervision and calendars over RPC; the service class inherits it."""

from typing import Any

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.tasks import supervision_list
from services.tasks.contracts import SupervisionPage, SupervisionView
from services.tasks.desk import Desk

By = dict[str, Any]


class SupervisionEntrypoints:
    """One method per command; what it means stands in contracts."""

    desk: Desk

    @rpc(expected_exceptions=Problem)
    def supervisions(self, scope: dict[str, Any], first: int = 50, after: str | None = None) -> SupervisionPage:
        """See contracts."""
        return supervision_list.page(scope, first, after)

    @rpc(expected_exceptions=Problem)
    def open_supervision(
        self,
        task_id: str | None,
        case_id: str | None,
        seen: int,
        by: By,
        reason: str,
        answer_by: str | None,
        cause: str,
    ) -> SupervisionView:
        """See contracts."""
        return self.desk.supervisions.open(task_id, case_id, seen, by, reason, answer_by, cause)

    @rpc(expected_exceptions=Problem)
    def acknowledge_supervision(self, supervision_id: str, seen: int, by: By, cause: str) -> SupervisionView:
        """See contracts."""
        return self.desk.supervisions.acknowledge(supervision_id, seen, by, cause)

    @rpc(expected_exceptions=Problem)
    def answer_supervision(self, supervision_id: str, seen: int, by: By, answer: str, cause: str) -> SupervisionView:
        """See contracts."""
        return self.desk.supervisions.answer(supervision_id, seen, by, answer, cause)

    @rpc(expected_exceptions=Problem)
    def close_supervision(self, supervision_id: str, seen: int, by: By, note: str, cause: str) -> SupervisionView:
        """See contracts."""
        return self.desk.supervisions.close(supervision_id, seen, by, note, cause)

    @rpc(expected_exceptions=Problem)
    def return_supervision(self, supervision_id: str, seen: int, by: By, reason: str, cause: str) -> SupervisionView:
        """See contracts."""
        return self.desk.supervisions.send_back(supervision_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def import_calendar(self, year: int, days: list[dict[str, Any]], by: By, cause: str) -> dict[str, Any]:
        """See contracts."""
        return self.desk.calendars.put(year, days, by, cause)

    @rpc(expected_exceptions=Problem)
    def calendar_year(self, year: int) -> dict[str, Any]:
        """See contracts."""
        return self.desk.calendars.show(year)

    @rpc(expected_exceptions=Problem)
    def calendar_status(self) -> dict[str, Any]:
        """See contracts."""
        return self.desk.calendars.status()
