"""A case as people see it: name and number of the caller stay sealed with the report, numbers in texts are masked."""

import msgspec

from services.complaints.case import Case
from services.complaints.contracts import CaseLife, CaseStatus, CaseView, DeskKind, RequestKind, Urgency
from services.complaints.masking import masked, masked_of_office


def view_of(case: Case) -> CaseView:
    """The view of `case` for a desk or a unit; `version` is what a command names as seen."""
    return CaseView(
        case_id=case.id,
        version=case.sequence,
        number=case.number,
        status=CaseStatus(case.status),
        title=masked(case.title),
        text=masked(case.text),
        address=masked(case.address),
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
        difficult=bool(case.difficult),
        heat=case.heat,
    )


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
    )


def _of_office(text: str | None) -> str | None:
    return None if text is None else masked_of_office(text)
