"""The desk's entry points: what its officers ask and command (RPC)."""

from typing import Any

from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.complaints.contracts import CaseView, CategoryView, DeskPage, DraftReply, ReplyTemplate
from services.complaints.data_tables import void_reasons
from services.complaints.desk_decisions import Wanted
from services.complaints.reply_templates import reply_templates
from services.complaints.rooms import Rooms

By = dict[str, Any]  # an Officer as JSON


class DeskEntrypoints:
    """RPC of the desk; see contracts for all of them."""

    rooms: Rooms

    @rpc(expected_exceptions=Problem)
    def desk_queue(self, scope: dict[str, Any], first: int = 50, after: str | None = None) -> DeskPage:
        """See contracts."""
        return self.rooms.queue.page(scope, first, after)

    @rpc(expected_exceptions=Problem)
    def categories(self) -> list[CategoryView]:
        """See contracts."""
        return self.rooms.desk.categories()

    @rpc(expected_exceptions=Problem)
    def reply_templates(self) -> list[ReplyTemplate]:
        """See contracts."""
        return list(reply_templates().values())

    @rpc(expected_exceptions=Problem)
    def draft_reply(self, case_id: str, template: str, fields: dict[str, str], by: By) -> DraftReply:
        """See contracts."""
        return self.rooms.desk.draft_reply(case_id, template, fields, by)

    @rpc(expected_exceptions=Problem)
    def void_reasons(self) -> dict[str, str]:
        """See contracts."""
        return void_reasons()

    @rpc(expected_exceptions=Problem)
    def close_case(
        self, case_id: str, seen: int, by: By, condition: str, reply: str, cause: str, why: str = ""
    ) -> CaseView:
        """See contracts."""
        return self.rooms.checks.close(case_id, seen, by, condition, reply, cause, why)

    @rpc(expected_exceptions=Problem)
    def request_rework(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.checks.request_rework(case_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def answer_case(
        self, case_id: str, seen: int, by: By, reply: str, cause: str, answered_as: str | None = None
    ) -> CaseView:
        """See contracts."""
        return self.rooms.desk.answer(case_id, seen, by, reply, cause, answered_as)

    @rpc(expected_exceptions=Problem)
    def void_case(self, case_id: str, seen: int, by: By, reason: str, cause: str, code: str = "other") -> CaseView:
        """See contracts."""
        return self.rooms.desk.void(case_id, seen, by, reason, cause, code)

    @rpc(expected_exceptions=Problem)
    def file_case(
        self,
        case_id: str,
        seen: int,
        by: By,
        cause: str,
        category: str | None = None,
        place_path: str | None = None,
        standard_row: str | None = None,
        urgency: str | None = None,
        request_kind: str | None = None,
    ) -> CaseView:
        """See contracts."""
        wanted = Wanted(category, place_path, urgency, request_kind, standard_row)
        return self.rooms.desk.file(case_id, seen, by, cause, wanted)

    @rpc(expected_exceptions=Problem)
    def verify_case(
        self,
        case_id: str,
        seen: int,
        by: By,
        found: bool,
        note: str,
        cause: str,
        reply: str | None = None,
        category: str | None = None,
        place_path: str | None = None,
        standard_row: str | None = None,
        urgency: str | None = None,
        request_kind: str | None = None,
    ) -> CaseView:
        """See contracts."""
        wanted = Wanted(category, place_path, urgency, request_kind, standard_row)
        return self.rooms.desk.verify(case_id, seen, by, found, note, cause, reply, wanted)

    @rpc(expected_exceptions=Problem)
    def return_for_facts(self, case_id: str, seen: int, by: By, missing: list[str], cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.desk.return_for_facts(case_id, seen, by, missing, cause)

    @rpc(expected_exceptions=Problem)
    def correct_case(
        self,
        case_id: str,
        seen: int,
        by: By,
        cause: str,
        category: str | None = None,
        place_path: str | None = None,
        urgency: str | None = None,
        standard_row: str | None = None,
        request_kind: str | None = None,
    ) -> CaseView:
        """See contracts."""
        wanted = Wanted(category, place_path, urgency, request_kind, standard_row)
        return self.rooms.desk.correct(case_id, seen, by, cause, wanted)

    @rpc(expected_exceptions=Problem)
    def confirm_case(self, case_id: str, seen: int, by: By, cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.checks.confirm(case_id, seen, by, cause)

    @rpc(expected_exceptions=Problem)
    def dismiss_duplicates(
        self, case_id: str, seen: int, by: By, cause: str, reason: str, others: list[str] | None = None
    ) -> CaseView:
        """See contracts."""
        return self.rooms.checks.dismiss_duplicates(case_id, seen, by, cause, reason, others)

    @rpc(expected_exceptions=Problem)
    def take_note(self, case_id: str, seen: int, by: By, cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.checks.take_note(case_id, seen, by, cause)

    @rpc(expected_exceptions=Problem)
    def merge_cases(
        self, case_id: str, seen: int, by: By, others: list[dict[str, Any]], reason: str, cause: str
    ) -> list[CaseView]:
        """See contracts."""
        return self.rooms.unions.merge(case_id, seen, by, others, reason, cause)

    @rpc(expected_exceptions=Problem)
    def split_case(self, case_id: str, seen: int, by: By, part: str, reason: str, cause: str) -> list[CaseView]:
        """See contracts."""
        return self.rooms.unions.undo(case_id, seen, by, part, reason, cause)

    @rpc(expected_exceptions=Problem)
    def split_report(self, case_id: str, seen: int, by: By, receipt: str, cause: str) -> list[CaseView]:
        """See contracts."""
        return self.rooms.unions.split_report(case_id, seen, by, receipt, cause)

    @rpc(expected_exceptions=Problem)
    def join_report(self, case_id: str, seen: int, by: By, receipt: str, from_seen: int, cause: str) -> list[CaseView]:
        """See contracts."""
        return self.rooms.unions.join(case_id, seen, by, receipt, from_seen, cause)

    @rpc(expected_exceptions=Problem)
    def follow_up(
        self,
        case_id: str,
        seen: int,
        by: By,
        contacted: bool,
        cause: str,
        solved: bool | None = None,
        satisfied: bool | None = None,
    ) -> CaseView:
        """See contracts."""
        return self.rooms.checks.follow_up(case_id, seen, by, contacted, cause, solved, satisfied)

    @rpc(expected_exceptions=Problem)
    def reopen_case(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.checks.reopen(case_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def appeal_timeout(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.checks.appeal_timeout(case_id, seen, by, reason, cause)

    @rpc(expected_exceptions=Problem)
    def decide_appeal(self, case_id: str, seen: int, by: By, granted: bool, decision: str, cause: str) -> CaseView:
        """See contracts."""
        return self.rooms.checks.decide_appeal(case_id, seen, by, granted, decision, cause)
