"""Counting: cases by status and by the channel of their first report, at their places and units, and what came in;
kept as events arrive (infra/tally.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from infra.messaging.event import Received
from infra.tally import State, Tally
from infra.tally_rebuild import TallyRebuild
from services.complaints.case import Case
from services.complaints.contracts import CaseState, CaseStatus
from services.complaints.refused import Misfit
from services.complaints.report import Report

CASES = "case_counts"
INTAKE, JOINED, REVISED = "intake", "joined", "revised"
_CHANNEL = "channel:"  # before a channel's name: its label


def _counted_event(received: Received[Any]) -> State:
    return counted(received.event.case, received.envelope.subject, received.envelope.sequence)


def case_tally(db: Database[dict[str, Any]]) -> Tally:
    """The counters of cases by place and by responsible unit."""
    return Tally(db, CASES)


def intake_tally(db: Database[dict[str, Any]]) -> Tally:
    """The counters of what came in beside new cases: reports that joined one, and revisions."""
    return Tally(db, "intake_counts")


def counted(case: CaseState, subject: str, sequence: int) -> State:
    """Where a case counts: in its status and under the channel of its first report, at its place, and at its
    responsible unit where it has one."""
    paths = {"place": case.place_path}
    if case.responsible_unit is not None:
        paths["unit"] = case.responsible_unit
    return State(subject, sequence, paths, labels(case.status, case.channels))


def labels(status: str, channels: Sequence[str]) -> list[str]:
    """The labels under which a case with this status and these channels is counted. One that was merged has given its
    reports away, and counts under no channel."""
    return [str(status), *(_CHANNEL + channel for channel in channels[:1])]


def by_status(counts: Mapping[str, int]) -> dict[str, int]:
    """Of `counts` by label those by status."""
    return {label: n for label, n in counts.items() if not label.startswith(_CHANNEL)}


def by_channel(counts: Mapping[str, int]) -> dict[str, int]:
    """Of `counts` by label those by channel, under the channel's name."""
    return {label.removeprefix(_CHANNEL): n for label, n in counts.items() if label.startswith(_CHANNEL)}


def counts_by_channel(tally: Tally, places: Iterable[str]) -> dict[str, dict[str, int]]:
    """For each of `places` how many cases lie inside it, by the channel of their first report; zeros are left out."""
    return {place: by_channel(counts) for place, counts in tally.sum_under("place", places).items()}


def count_cases(tally: Tally, batch: Iterable[Received[Any]]) -> None:
    """Count the case events of `batch`, in any order, however often they come."""
    tally.apply([_counted_event(one) for one in batch])


def all_cases(subjects: Sequence[str] | None = None) -> Iterable[State]:
    """Every case as it counts (of `subjects` those that there are), read from the documents: for a recount."""
    ids = None if subjects is None else [one.removeprefix(f"{Case.noun}/") for one in subjects]
    for case in (Case.objects if ids is None else Case.objects(pk__in=ids)).exclude("outbox", "text"):
        yield counted(case.state(), case.subject, case.sequence)


REBUILD = TallyRebuild(CASES, _counted_event, all_cases)


def count_joined(tally: Tally, report_ids: Iterable[str]) -> None:
    """Count reports that joined a case of another; each once."""
    tally.apply([State(f"report/{one}", 1, {INTAKE: INTAKE}, [JOINED]) for one in report_ids])


def count_revisions(tally: Tally, revisions: Iterable[tuple[str, int]]) -> None:
    """Count revisions, given as (report id, number of the revision); each once."""
    tally.apply([State(f"revision/{one}#{n}", 1, {INTAKE: INTAKE}, [REVISED]) for one, n in revisions])


def intake_totals(cases: Tally, intake: Tally, city: str) -> dict[str, int]:
    """What came in altogether: reports, cases, joined, refused, revisions, and cases waiting for a person."""
    beside = intake.sum_under(INTAKE, [INTAKE])[INTAKE]
    return {
        "reports": Report._get_collection().estimated_document_count(),
        "cases": Case._get_collection().estimated_document_count(),
        "joined": beside.get(JOINED, 0),
        "refused": Misfit._get_collection().estimated_document_count(),
        "revisions": beside.get(REVISED, 0),
        "waiting": cases.sum_under("place", [city])[city].get(CaseStatus.RECEIVED.value, 0),
    }
