"""The commands that touch two cases at once: merge, undo a merge, split a report off, move a report.

Both are written in one transaction, first the one that gives reports away: no report ever stands in two cases. A
command that was carried out already changes nothing when it is given again.
"""

from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from infra.problem import InvalidInput, NotFound, Refused
from services.complaints.case import Case
from services.complaints.case_entry import case_id_for
from services.complaints.case_union import GIVEN_UP
from services.complaints.case_views import views_of
from services.complaints.contracts import CaseView
from services.complaints.desk_commands import By, Commands, check_seen
from services.complaints.opening import Opening
from services.complaints.report import Report

MOST_AT_ONCE = 50


class Unions:
    """Merges and splits cases."""

    def __init__(self, commands: Commands, opening: Opening) -> None:
        self._commands, self._opening = commands, opening

    def merge(
        self, case_id: str, seen: int, by: By, others: list[dict[str, Any]], reason: str, cause: str
    ) -> list[CaseView]:
        """并案: the cases `others` ({"case_id", "seen"} each) become parts of this one; the whole first, then they."""
        parts = _parts(others)
        self._check(seen, by, [case_id, *parts])
        if all(_merged_into(part) == case_id for part in parts):
            return _views([case_id, *parts])

        def merge(session: ClientSession) -> None:
            def absorb(whole: Case, who: str, now: datetime) -> None:
                limit_of = self._opening.limit_of(whole)

                def end(one: Case, who: str, now: datetime) -> None:
                    one.merge_into(whole, who, reason.strip(), limit_of=limit_of, at=now, cause=cause)

                for part, version in parts.items():
                    self._commands.within(session, part, version, by, end)

            self._commands.within(session, case_id, seen, by, absorb)

        self._commands.store.in_transaction(merge)
        return _views([case_id, *parts])

    def undo(self, case_id: str, seen: int, by: By, part: str, reason: str, cause: str) -> list[CaseView]:
        """撤销并案: `part` stands by itself again; the whole first, then the part."""
        self._check(seen, by, [case_id, part])
        if _undone(case_id, part):
            return _views([case_id, part])

        def split(session: ClientSession) -> None:
            def stand(one: Case) -> None:
                def release(whole: Case, who: str, now: datetime) -> None:
                    limit_of = self._opening.limit_of(whole)
                    one.stand_again(whole, who, reason.strip(), limit_of=limit_of, at=now, cause=cause)
                    self._catch_up(one, now, cause)

                self._commands.within(session, case_id, seen, by, release)

            self._commands.store.change(Case, part, stand, session=session)

        self._commands.store.in_transaction(split)
        return _views([case_id, part])

    def split_report(self, case_id: str, seen: int, by: By, receipt: str, cause: str) -> list[CaseView]:
        """拆出来件: a joined report becomes a case of its own; this one first, then the new one."""
        self._check(seen, by, [case_id])
        report = _report(receipt)
        new_id = case_id_for(report.id)
        stands = Case.objects(id=new_id, __raw__={"joined.report_id": report.id}).only("id").first() is not None
        if stands and _gave_up(case_id, split_off(receipt)):
            return _views([case_id, new_id])

        def split(session: ClientSession) -> None:
            def release(case: Case, who: str, now: datetime) -> None:
                limit_of = self._opening.limit_of(case)
                case.hand_over(receipt, who, split_off(receipt), limit_of=limit_of, at=now, cause=cause)

            before = self._commands.within(session, case_id, seen, by, release)
            new = self._opening.split_off(report, before, self._commands.named(by), session, cause)
            if not self._commands.store.insert(new, session=session):
                raise Refused(f"{receipt} had a case of its own before", f"{receipt}曾另立案件", field="receipt")

        self._commands.store.in_transaction(split)
        return _views([case_id, new_id])

    def join(self, case_id: str, seen: int, by: By, receipt: str, from_seen: int, cause: str) -> list[CaseView]:
        """并入来件: a report of another case, seen at `from_seen`, joins this one; where it was alone there, the cases
        are merged. This one first, then the other."""
        report = _report(receipt)
        holder = Case.objects(__raw__={"joined.report_id": report.id}).only("joined").first()
        if holder is None:
            raise NotFound(f"{receipt} is in no case yet", f"{receipt}尚未成案", field="receipt")
        if holder.id == case_id:
            self._check(seen, by, [case_id])
            return _views([case_id])
        if len(holder.joined) == 1:
            return self.merge(case_id, seen, by, [{"case_id": holder.id, "seen": from_seen}], "", cause)
        self._check(seen, by, [case_id, holder.id])
        check_seen(from_seen)

        def move(session: ClientSession) -> None:
            def take(case: Case, who: str, now: datetime) -> None:
                def give(other: Case, who: str, now: datetime) -> None:
                    theirs, ours = self._opening.limit_of(other), self._opening.limit_of(case)
                    into, out_of = f"{receipt}转入{case.number}", f"{receipt}自{other.number}转入"
                    found = other.hand_over(receipt, who, into, limit_of=theirs, at=now, cause=cause)
                    case.take_over(found, who, out_of, limit_of=ours, at=now, cause=cause)

                self._commands.within(session, holder.id, from_seen, by, give)

            self._commands.within(session, case_id, seen, by, take)

        self._commands.store.in_transaction(move)
        return _views([case_id, holder.id])

    def _catch_up(self, part: Case, now: datetime, cause: str) -> None:
        """Note what its reports said anew while they stood in another case."""
        limit_of, held = self._opening.limit_of(part), {one.report_id: one.revision for one in part.joined}
        for report in Report.objects(id__in=list(held)).exclude("outbox"):
            if report.revision > held[report.id]:
                decision = self._opening.decision(report)
                part.note_revision(report, decision, limit_of=limit_of, at=now, cause=cause)

    def _check(self, seen: int, by: By, case_ids: list[str]) -> None:
        for case_id in case_ids:
            self._commands.allowed(case_id, by)
        check_seen(seen)


def _parts(others: list[dict[str, Any]]) -> dict[str, int]:
    if not isinstance(others, list) or not 1 <= len(others) <= MOST_AT_ONCE:
        raise InvalidInput(f"name 1 to {MOST_AT_ONCE} cases", f"一次可并入1至{MOST_AT_ONCE}个案件", field="others")
    parts: dict[str, int] = {}
    for one in others:
        if not isinstance(one, dict) or not isinstance(one.get("case_id"), str):
            raise InvalidInput("each must have case_id and seen", "须注明案件和所见版本", field="others")
        check_seen(one.get("seen"))  # type: ignore[arg-type]
        parts[one["case_id"]] = one["seen"]
    return parts


def _merged_into(case_id: str) -> str | None:
    found = Case.objects(id=case_id).only("merged_into").first()
    return found.merged_into if found is not None else None


def _undone(whole: str, part: str) -> bool:
    """Whether this merge was undone already: the part stands by itself, and the whole says that it gave it up."""
    found = Case.objects(id=part).only("merged_into", "number").first()
    if found is None or found.merged_into is not None:
        return False
    return _gave_up(whole, found.number)


def _gave_up(case_id: str, what: str) -> bool:
    """Whether the case says that it gave up what those words begin with."""
    found = Case.objects(id=case_id).only("history").first()
    return found is not None and any(one.what == GIVEN_UP and one.why.startswith(what) for one in found.history)


def split_off(receipt: str) -> str:
    """What the case that held it says of a report that was split off."""
    return f"{receipt}另立一案"


def _report(receipt: str) -> Report:
    found = Report.objects(receipt=receipt).exclude("outbox").first() if isinstance(receipt, str) else None
    if found is None:
        raise NotFound(f"there is no report {receipt!r}", f"没有回执号为{receipt}的来件", field="receipt")
    return found


def _views(case_ids: list[str]) -> list[CaseView]:
    found = {one.case_id: one for one in views_of(Case.objects(id__in=case_ids).exclude("outbox"))}
    return [found[case_id] for case_id in case_ids if case_id in found]
