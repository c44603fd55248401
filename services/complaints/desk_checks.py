"""The commands of the desk when a unit has worked: close, send back; and afterwards: ask, reopen, hear appeals. Beside
them those by which an officer says that they have looked: confirm, dismiss, take note."""

from datetime import datetime

from infra.calendar import WorkingCalendar
from services.complaints.case import Case
from services.complaints.contracts import CaseView, RatingSource
from services.complaints.desk_commands import By, Commands
from services.complaints.desk_rights import BY_OFFICE, BY_UNIT
from services.complaints.terms import term_end


class Checks:
    """What officers do with a case that a unit has worked on."""

    def __init__(self, commands: Commands, calendar: WorkingCalendar) -> None:
        self._commands, self._calendar = commands, calendar

    def close(self, case_id: str, seen: int, by: By, condition: str, reply: str, cause: str, why: str = "") -> CaseView:
        """结案, with a closing condition of its category (or `why` another) and the reply to the citizen."""

        def close(case: Case, who: str, now: datetime) -> None:
            case.close(who, condition, reply, why, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, close)

    def request_rework(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """返工: the same unit again."""
        return self._commands.give(
            case_id, seen, by, lambda case, who, now: case.request_rework(who, reason, at=now, cause=cause)
        )

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
        """回访: what the citizen said when asked; not solved, the case is reopened."""

        def rate(case: Case, who: str, now: datetime) -> None:
            case.rate(RatingSource.FOLLOW_UP, contacted, solved, satisfied, by=who, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, rate)

    def reopen(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """重办, within the term after its closing."""

        def reopen(case: Case, who: str, now: datetime) -> None:
            case.reopen(who, reason, until=self._until("reopen", case, now), at=now, cause=cause)

        return self._commands.give(case_id, seen, by, reopen)

    def appeal_timeout(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """超时申诉 by the responsible unit, within the term after the closing."""

        def appeal(case: Case, who: str, now: datetime) -> None:
            case.appeal_timeout(who, reason, until=self._until("appeal", case, now), at=now, cause=cause)

        return self._commands.give(case_id, seen, by, appeal, BY_UNIT)

    def decide_appeal(self, case_id: str, seen: int, by: By, granted: bool, decision: str, cause: str) -> CaseView:
        """The city's office decides on an appeal."""

        def decide(case: Case, who: str, now: datetime) -> None:
            case.decide_appeal(who, granted, decision, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, decide, BY_OFFICE)

    def confirm(self, case_id: str, seen: int, by: By, cause: str) -> CaseView:
        """确认研判: what triage was not sure of is right."""
        return self._commands.give(case_id, seen, by, lambda case, who, now: case.confirm(who, at=now, cause=cause))

    def dismiss_duplicates(
        self, case_id: str, seen: int, by: By, cause: str, reason: str, others: list[str] | None = None
    ) -> CaseView:
        """非重复: `others`, or all of the suggested cases, are other matters."""

        def dismiss(case: Case, who: str, now: datetime) -> None:
            case.dismiss_suggestions(who, reason, others, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, dismiss)

    def take_note(self, case_id: str, seen: int, by: By, cause: str) -> CaseView:
        """已阅: revisions, what made the case more urgent, and what dissatisfied citizens said have been seen."""
        return self._commands.give(case_id, seen, by, lambda case, who, now: case.take_note(who, at=now, cause=cause))

    def _until(self, term: str, case: Case, now: datetime) -> datetime:
        return term_end(term, case.closed_at or now, self._calendar)
