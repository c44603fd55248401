"""From report to case: triage decides, then the report joins an open case on the same matter or opens one.

It hears `report_received` in batches and may hear any of them again: a report that is in a case is left where it is (a
unique index stands behind it), and a case is created under an id that follows from its first report.
"""

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from infra.clock import Clock
from infra.messaging.event import Received
from infra.messaging.retry import FinalError
from infra.messaging.store import Store
from infra.organisation.registry import Registry
from infra.tally import Tally
from services.complaints.case import Case
from services.complaints.case_counts import count_joined, count_revisions
from services.complaints.contracts import ReportReceived
from services.complaints.numbers import NumberSeries
from services.complaints.open_cases import Match, OpenCases
from services.complaints.report import Content, Report
from services.complaints.standard.limiting import Limits
from services.complaints.triage.category import Lexicon
from services.complaints.triage.decide import TriageDecision, TriageInput, triage

ROUNDS = 3


class Unplaced(Exception):
    """Reports are in no case although they were given one: others were faster. Trying again helps."""


class Held(NamedTuple):
    """The case that holds a report, which revision of the report it has seen, whether the report opened it."""

    case_id: str
    revision: int
    first: bool


class Triaged(NamedTuple):
    """A report, what triage decided about it, and the id of the event that brought it."""

    report: Report
    decision: TriageDecision
    cause: str


class Filing:
    """Takes reports into cases."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        lexicon: Lexicon,
        limits: Limits,
        numbers: NumberSeries,
        intake: Tally,
        clock: Clock,
    ) -> None:
        self._store, self._registry, self._lexicon, self._limits = store, registry, lexicon, limits
        self._numbers, self._intake, self._clock = numbers, intake, clock

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
        count_joined(self._intake, [report_id for report_id, where in held.items() if not where.first])
        revised = {(one.event.report_id, one.event.revision) for one in batch if one.event.revision}
        count_revisions(self._intake, revised)

    def _triaged(self, report: Report, cause: str) -> Triaged:
        _give_way()
        decision = triage(triage_input(report.latest.content), self._registry, self._lexicon)
        return Triaged(report, decision, cause)

    def _open_or_join(self, triaged: list[Triaged]) -> None:
        """Compare with what is open and with each other; write new cases in one insert, the others in one change."""
        now = self._clock.now()
        known = OpenCases.like([(one.decision, one.report) for one in triaged], now)
        opened: list[Case] = []
        joining: dict[str, list[tuple[Triaged, Match]]] = {}
        for one, number in zip(triaged, self._numbers.take(len(triaged)), strict=True):
            _give_way()
            match = known.match(one.decision, one.report)
            if match is None:
                opened.append(self._opened(one, number))
                known.add(opened[-1])
            elif match.fresh is not None:
                match.fresh.join(one.report, match.why, at=now, cause=one.cause)
            else:
                joining.setdefault(match.case_id, []).append((one, match))
        self._store.insert_many(opened)
        if joining:
            self._join(joining)

    def _opened(self, one: Triaged, number: str) -> Case:
        now = self._clock.now()
        limit = self._limits.for_report(one.report.latest.content, one.decision, now)
        return Case.open_with(one.report, one.decision, number=number, limit=limit, at=now, cause=one.cause)

    def _join(self, joining: dict[str, list[tuple[Triaged, Match]]]) -> None:
        """A case that ended meanwhile takes nothing: its reports come round again and find another."""
        now = self._clock.now()

        def join(case: Case) -> None:
            for one, match in joining[case.id] if not case.has_ended else ():
                case.join(one.report, match.why, at=now, cause=one.cause)

        self._store.change_many(Case, joining, join)

    def _note_revisions(self, reports: Iterable[Report], held: dict[str, Held], causes: dict[str, str]) -> None:
        revised: dict[str, list[Report]] = {}
        for report in reports:
            if report.revision > held[report.id].revision:
                revised.setdefault(held[report.id].case_id, []).append(report)
        now = self._clock.now()

        def note(case: Case) -> None:
            for report in revised[case.id]:
                case.note_revision(report, at=now, cause=causes[report.id])

        if revised:
            self._store.change_many(Case, revised, note)


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
