"""The commands of officers as RPC methods; the service class inherits them."""

from typing import Any

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.tasks.contracts import TaskView
from services.tasks.desk import Desk

By = dict[str, Any]


class CommandEntrypoints:
    """One method per command; what it means stands in contracts."""

    desk: Desk

    @rpc(expected_exceptions=Problem)
    def accept_task(self, task_id: str, seen: int, by: By, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.accept(task_id, seen, by, cause)

    @rpc(expected_exceptions=Problem)
    def return_task(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.give_back(task_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def submit_task(
        self, task_id: str, seen: int, by: By, result: str, cause: str, materials: list[str] | None = None
    ) -> TaskView:
        """See contracts."""
        given = () if materials is None else materials
        return self.desk.commands.submit(task_id, seen, by, result, cause, given)

    @rpc(expected_exceptions=Problem)
    def verify_task(self, task_id: str, seen: int, by: By, passed: bool, note: str | None, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.verify(task_id, seen, by, passed, note, cause)

    @rpc(expected_exceptions=Problem)
    def assign_task(self, task_id: str, seen: int, by: By, unit: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.assign(task_id, seen, by, unit, cause)

    @rpc(expected_exceptions=Problem)
    def withdraw_task(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.withdraw(task_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def report_progress(
        self, task_id: str, seen: int, by: By, percent: int, words: str, materials: list[str], cause: str
    ) -> TaskView:
        """See contracts."""
        return self.desk.commands.report_progress(task_id, seen, by, percent, words, materials, cause)

    @rpc(expected_exceptions=Problem)
    def self_check_task(
        self, task_id: str, seen: int, by: By, passed: bool, result: str, problems: str, cause: str
    ) -> TaskView:
        """See contracts."""
        return self.desk.commands.self_check(task_id, seen, by, passed, result, problems, cause)

    @rpc(expected_exceptions=Problem)
    def delegate_task(
        self, task_id: str, seen: int, by: By, units: list[str], deadline: str | None, words: str, cause: str
    ) -> TaskView:
        """See contracts."""
        return self.desk.commands.delegate(task_id, seen, by, units, deadline, words, cause)

    @rpc(expected_exceptions=Problem)
    def ask_assist(
        self, task_id: str, seen: int, by: By, unit: str, deadline: str | None, words: str, cause: str
    ) -> TaskView:
        """See contracts."""
        return self.desk.commands.ask_assist(task_id, seen, by, unit, deadline, words, cause)

    @rpc(expected_exceptions=Problem)
    def ask_extension(self, task_id: str, seen: int, by: By, until: str, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.ask_extension(task_id, seen, by, until, reason, cause)

    @rpc(expected_exceptions=Problem)
    def ask_suspension(self, task_id: str, seen: int, by: By, until: str, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.ask_suspension(task_id, seen, by, until, reason, cause)

    @rpc(expected_exceptions=Problem)
    def answer_request(
        self, task_id: str, seen: int, by: By, granted: bool, why: str, cause: str, unit: str | None = None
    ) -> TaskView:
        """See contracts."""
        return self.desk.commands.answer_request(task_id, seen, by, granted, why, cause, unit)

    @rpc(expected_exceptions=Problem)
    def raise_task(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.raise_task(task_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def reroute_task(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.reroute(task_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def resume_task(self, task_id: str, seen: int, by: By, reason: str, cause: str) -> TaskView:
        """See contracts."""
        return self.desk.commands.resume(task_id, seen, by, reason, cause)
