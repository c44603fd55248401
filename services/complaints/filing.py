"""From report to case: triage decides, then the report joins an open case on the same matter or opens one.

It hears `report_received` in batches and may hear any of them again: a report that is in a case is left where it is (a
unique index stands behind it), and a case is created under an id that follows from its first report.
"""

import itertools
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from mongoengine.connection import get_db
from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.event import Received
from infra.messaging.retry import FinalError
from infra.messaging.store import Store
from infra.organisation.registry import Registry
from infra.tally import Tally
from infra.turns import Overtaken, Turns
from services.complaints.case import Case
from services.complaints.case_counts import count_joined, count_revisions
from services.complaints.contracts import SERVICE, ReportReceived
from services.complaints.erasure import Erasure
from services.complaints.filing_plan import Joining, Plan, Triaged
from services.complaints.hotspots import Hotspots
from services.complaints.numbers import CaseNumbers, NumbersAhead, NumbersTaken
from services.complaints.open_cases import OpenCases
from services.complaints.report import Report
from services.complaints.standard.limiting import Limits
from services.complaints.triage.category import Lexicon
from services.complaints.triage.decide import TriageInput, triage
from services.complaints.work_order import Content

ROUNDS = 12  # in every round one of those who open cases at once gets its turn; who never does is delivered again


class Unplaced(Exception):
    """Reports are in no case although they were given one: others were faster. Trying again helps."""


class Held(NamedTuple):
    """The case that holds a report, which revision of the report it has seen, whether the report opened it."""

    case_id: str
    revision: int
    first: bool


class Filing:
    """Takes reports into cases."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        lexicon: Lexicon,
        limits: Limits,
        numbers: CaseNumbers,
        intake: Tally,
        clock: Clock,
        erasure: Erasure,
    ) -> None:
        self._store, self._registry, self._lexicon, self._limits = store, registry, lexicon, limits
        self._numbers, self._intake, self._clock = numbers, intake, clock
        self._erasure = erasure
        self._turns, self._hotspots = Turns(get_db(SERVICE), "cases"), Hotspots(get_db(SERVICE), store)

    def take(self, batch: Sequence[Received[ReportReceived]]) -> None:
        """Give every report of `batch` its case. Raises FinalError for a report that does not exist, Unplaced."""
        causes = {one.event.report_id: one.envelope.id for one in batch}
        reports = list(Report.objects(id__in=list(causes)).exclude("outbox", "key"))
        if missing := causes.keys() - {report.id for report in reports}:
            raise FinalError(f"no such report: {', '.join(sorted(missing))}")
        for _ in range(ROUNDS):
            held = where_held(causes)
            new = [report for report in reports if report.id not in held]
            if not new:
                break
            self._open_or_join([self._triaged(report, causes[report.id]) for report in new])
        else:
            raise Unplaced(", ".join(report.id for report in new))
        self._note_revisions(reports, held, causes)
        self._erasure.catch_up(causes)
        count_joined(self._intake, [report_id for report_id, where in held.items() if not where.first])
        revised = {(one.event.report_id, one.event.revision) for one in batch if one.event.revision}
        count_revisions(self._intake, revised)

    def _triaged(self, report: Report, cause: str) -> Triaged:
        _give_way()
        decision = triage(triage_input(report.latest.content), self._registry, self._lexicon)
        return Triaged(report, decision, cause)

    def _open_or_join(self, triaged: list[Triaged]) -> None:
        """Compare with what is open and with each other, then write everything that follows from it, or nothing."""
        now, seen = self._clock.now(), self._turns.last()
        known = OpenCases.like([(one.decision, one.report) for one in triaged], now)
        plan, numbers = Plan(self._limits), self._numbers.ahead()
        for one in triaged:
            _give_way()
            found = known.find(one.decision, one.report)
            if found.joins is None:
                case = self._opened(one, numbers.take())
                plan.opens(one, case, found.suggested, now)
                known.add(case)
            else:
                plan.joins(one, found.joins, now)
        with suppress(Overtaken, NumbersTaken):  # then the reports come round again and find what was opened meanwhile
            self._store.in_transaction(lambda session: self._write(plan, numbers, seen, now, session))

    def _write(self, plan: Plan, numbers: NumbersAhead, seen: int, now: datetime, session: ClientSession) -> None:
        counted: list[Triaged] = []
        if plan.opened:
            others = self._turns.take(seen, [case.id for case in plan.opened], session)
            plan.check(OpenCases.of(others, session), now)
            numbers.confirm(session)
            new = self._store.insert_many(plan.opened, session=session)
            if not all(new):  # a number must not be given to what is there already
                raise Overtaken("a case of these reports was opened meanwhile")
            for case in itertools.compress(plan.opened, new):
                counted += plan.reports_in(case)
        counted += self._join(plan.joining, now, session)
        self._hotspots.count([one.counted() for one in counted], now, session)

    def _opened(self, one: Triaged, number: str) -> Case:
        now = self._clock.now()
        limit = self._limits.for_report(one.report.latest.content, one.decision, now)
        return Case.open_with(one.report, one.decision, number=number, limit=limit, at=now, cause=one.cause)

    def _join(self, joining: dict[str, list[Joining]], now: datetime, session: ClientSession) -> list[Triaged]:
        """Those that joined. A case that ended meanwhile takes nothing: its reports come round again."""

        def join(case: Case) -> list[Triaged]:
            wanted, limit_of = joining[case.id] if not case.has_ended else [], self._limits.about(case, now)
            return [
                one
                for one, match in wanted
                if case.join(one.report, one.decision, match.why, limit_of=limit_of, at=now, cause=one.cause)
            ]

        joined = self._store.change_many(Case, joining, join, session=session) if joining else {}
        return [one for case_id in joined for one in joined[case_id]]

    def _note_revisions(self, reports: Iterable[Report], held: dict[str, Held], causes: dict[str, str]) -> None:
        """Raises Unplaced where a report has moved to another case meanwhile (a merge): nobody has noted it there."""
        revised: dict[str, list[Triaged]] = {}
        for report in reports:
            if report.revision > held[report.id].revision:
                revised.setdefault(held[report.id].case_id, []).append(self._triaged(report, causes[report.id]))
        now = self._clock.now()

        def note(case: Case) -> list[str]:
            limit_of = self._limits.about(case, now)
            for one in revised[case.id]:
                case.note_revision(one.report, one.decision, limit_of=limit_of, at=now, cause=one.cause)
            return [one.report.id for one in revised[case.id] if not case.holds(one.report.id)]

        noted = self._store.change_many(Case, revised, note) if revised else {}
        if moved := [report_id for gone in noted.values() for report_id in gone]:
            raise Unplaced(", ".join(moved))


def _give_way() -> None:
    """Let a hotline's push have its turn: green threads switch only where they wait, and a batch has no need to."""
    time.sleep(0)


def triage_input(content: Content) -> TriageInput:
    """What triage needs of a report's content."""
    return TriageInput(
        title=content.title,
        text=content.text,
        declared_category=content.declared_category,
        declared_kind=content.declared_kind,
        declared_urgency=content.declared_urgency,
        place_fields=content.place_fields,
    )


def where_held(report_ids: Iterable[str]) -> dict[str, Held]:
    """By report id, where the report is; those that are in no case are left out."""
    wanted = set(report_ids)
    cases = Case._get_collection().find({"joined.report_id": {"$in": list(wanted)}}, {"joined": 1})
    return {
        one["report_id"]: Held(case["_id"], one["revision"], first=n == 0)
        for case in cases
        for n, one in enumerate(case["joined"])
        if one["report_id"] in wanted
    }
