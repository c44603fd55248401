"""What a hotline learns about a work order that it pushed: how far it is, and the reply once there is one."""

from datetime import datetime

import msgspec

from infra.problem import NotFound
from services.complaints.case import Case
from services.complaints.case_states import STATUS_ZH
from services.complaints.contracts import CaseStatus, Channel
from services.complaints.report import Report, report_id

TAKEN_IN_ZH = "已接收"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a work order is. `case_number` is None and `status` is received until triage has given it a case.

    `reply` is for the citizen, of a closed or answered case; `reason` says why a case was voided.
    """

    channel: Channel
    external_id: str
    receipt: str
    received_at: datetime
    revisions: int
    status: CaseStatus
    status_zh: str
    case_number: str | None = None
    reply: str | None = None
    replied_at: datetime | None = None
    reason: str | None = None


def progress_of(channel: Channel, external_id: str) -> Progress:
    """How far the work order with this number is. Raises NotFound."""
    about = report_id(channel, external_id)
    report = Report.objects(id=about).only("receipt", "received_at", "versions").first()
    if report is None:
        raise NotFound(f"no work order {external_id!r}", f"没有编号为{external_id}的工单", field="external_id")
    known = Progress(
        channel=channel,
        external_id=external_id,
        receipt=report.receipt,
        received_at=report.received_at,
        revisions=report.revision,
        status=CaseStatus.RECEIVED,
        status_zh=TAKEN_IN_ZH,
    )
    case = Case.objects(__raw__={"joined.report_id": about}).exclude("outbox", "text").first()
    return known if case is None else _with_case(known, case)


def _with_case(known: Progress, case: Case) -> Progress:
    status = CaseStatus(case.status)
    return msgspec.structs.replace(
        known,
        status=status,
        status_zh=STATUS_ZH[status],
        case_number=case.number,
        reply=case.reply,
        replied_at=case.replied_at,
        reason=case.void_reason,
    )
