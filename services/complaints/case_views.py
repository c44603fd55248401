"""A case as people see it: name and number of the caller stay sealed with the report; where its texts say what is
sealed they hide it, and numbers are masked."""

from collections.abc import Iterable

import msgspec

from services.complaints.case import Case
from services.complaints.case_photos import photos_of
from services.complaints.contracts import CaseLife, CasePhoto, CaseStatus, CaseView, DeskKind, RequestKind, Urgency
from services.complaints.hiding import hide
from services.complaints.masking import masked_of_office
from services.complaints.task_following import standing


def view_of(case: Case) -> CaseView:
    """The view of `case` for a desk or a unit; `version` is what a command names as seen."""
    return views_of([case])[0]


def views_of(cases: Iterable[Case]) -> list[CaseView]:
    """The views of `cases`, in their order; the photos of all are asked for together."""
    known = list(cases)
    photos = photos_of(known)
    return [_view(case, photos.get(case.id, [])) for case in known]


def said_in(case: Case, name: str) -> str:
    """What a view shows of the case's `title`, `text` or `address`."""
    return hide(getattr(case, name), case.hidden.get(name, ()))


def _view(case: Case, photos: list[CasePhoto]) -> CaseView:
    return CaseView(
        case_id=case.id,
        version=case.sequence,
        number=case.number,
        status=CaseStatus(case.status),
        title=said_in(case, "title"),
        text=said_in(case, "text"),
        address=said_in(case, "address"),
        category=case.category,
        category_name=case.category_name,
        place_path=case.place_path,
        urgency=Urgency(case.urgency),
        request_kind=RequestKind(case.request_kind),
        channels=case.state().channels,
        receipts=[one.receipt for one in case.joined],
        received_at=case.received_at,
        filed_at=case.filed_at,
        responsible_unit=case.responsible_unit,
        task_id=case.task_id,
        reworks=case.reworks,
        proposed_reply=_of_office(case.proposed_reply),
        reply=_of_office(case.reply),
        closed_at=case.closed_at,
        limit=case.limit_given,
        reasons=case.reasons,
        history=[msgspec.structs.replace(step, why=masked_of_office(step.why)) for step in case.history],
        life=life_of(case),
        photos=photos,
        difficult=bool(case.difficult),
        heat=case.heat,
        demanded_by=case.demanded_by,
        ends_after_demand=ends_after_demand(case),
    )


def ends_after_demand(case: Case) -> bool:
    """Whether the deadline of its newest task, which follows from its own limit, lies behind what a sender demands."""
    ours, wanted = standing(case.tasks, case.rounds_done).deadline, case.demanded_by
    return ours is not None and wanted is not None and ours > wanted


def life_of(case: Case) -> CaseLife:
    """What happened to `case` beside its states, with numbers in what was written masked."""
    pressing = sorted((DeskKind(name) for name in case.desk), key=lambda kind: kind != case.desk_kind)
    return CaseLife(
        desk=pressing,
        verification=case.verification,
        facts_asked=case.facts_asked,
        answered_as=case.answered_as,
        void_code=case.void_code,
        closings=[msgspec.structs.replace(one, reply=masked_of_office(one.reply)) for one in case.closings],
        reopenings=case.reopenings,
        appeal=case.appeal,
        excused=bool(case.excused),
        ratings=case.ratings,
        merged_into=case.merged_into,
        absorbed=case.absorbed,
        suggestions=case.suggestions,
        dismissed=case.dismissed,
        confirmed=bool(case.confirmed),
        revised=list(case.revised),
        escalated_by=list(case.escalated_by),
    )


def _of_office(text: str | None) -> str | None:
    return None if text is None else masked_of_office(text)
