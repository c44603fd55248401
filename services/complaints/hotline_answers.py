"""What a hotline learns about a work order that it pushed: how far it is, and the reply once there is one."""

from datetime import datetime

import msgspec

from infra.problem import NotFound
from services.complaints.case import Case
from services.complaints.case_states import STATUS_ZH
from services.complaints.contracts import CaseStatus, Channel
from services.complaints.privacy import Vault
from services.complaints.query_code import code_of
from services.complaints.report import Report, report_id
from services.complaints.standing import case_holding

TAKEN_IN_ZH = "已接收"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a work order is. `case_number` is None and `status` is received until triage has given it a case.

    `query_code` is for the citizen, with the receipt (None once the report is erased). Where the case was merged, all
    is that of the case of which it is a part now. `reply` is for the citizen, of a closed or answered case; `reason`
    says why a case was voided; `missing` is what the citizen is asked, once, to add (一次性告知), by `missing_by`.
    """

    channel: Channel
    external_id: str
    receipt: str
    query_code: str | None
    received_at: datetime
    revisions: int
    status: CaseStatus
    status_zh: str
    case_number: str | None = None
    reply: str | None = None
    replied_at: datetime | None = None
    reason: str | None = None
    missing: list[str] = []
    missing_by: datetime | None = None


def progress_of(channel: Channel, external_id: str, vault: Vault) -> Progress:
    """How far the work order with this number is. Raises NotFound."""
    about = report_id(channel, external_id)
    report = Report.objects(id=about).only("receipt", "received_at", "versions", "key").first()
    if report is None:
        raise NotFound(f"no work order {external_id!r}", f"没有编号为{external_id}的工单", field="external_id")
    known = Progress(
        channel=channel,
        external_id=external_id,
        receipt=report.receipt,
        query_code=code_of(report, vault),
        received_at=report.received_at,
        revisions=report.revision,
        status=CaseStatus.RECEIVED,
        status_zh=TAKEN_IN_ZH,
    )
    case = case_holding(about)
    return known if case is None else _with_case(known, case)


def _with_case(known: Progress, case: Case) -> Progress:
    status = CaseStatus(case.status)
    asked = case.facts_asked if case.waits_for_facts else None
    return msgspec.structs.replace(
        known,
        status=status,
        status_zh=STATUS_ZH[status],
        case_number=case.number,
        reply=case.reply,
        replied_at=case.replied_at,
        reason=case.void_reason,
        missing=asked.missing if asked else [],
        missing_by=asked.due if asked else None,
    )
