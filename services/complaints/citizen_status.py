"""What a citizen may see of their report: a selection, made here and nowhere else. Pure.

Only the steps that this module names are shown, each in words for the citizen; who took them and why stays inside.
Steps before the citizen's own report belong to others and are left out.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from services.complaints.case import Case
from services.complaints.case_afterwards import REPLIED
from services.complaints.case_states import STATUS_ZH
from services.complaints.contracts import CaseStatus, CaseStep, CitizenStatus, Milestone, Satisfaction
from services.complaints.masking import masked_of_office
from services.complaints.report import Report

RECEIVED = "已受理"
PUBLIC_STEPS = {
    "核实": "现场核实",
    "一次性告知": "已告知您需要补充的材料",
    "核实属实": "现场核实属实",
    "立案": "已立案",
    "派遣": "已交承办单位",
    "重新派遣": "已改交其他单位承办",
    "处置": "承办单位开始办理",
    "核查": "承办单位已办理，正在核查",
    "整改": "核查未通过，继续办理",
    "返工": "核查未通过，继续办理",
    "结案": "已办结",
    "答复": "已答复",
    "作废": "不予办理",
    "撤销并案": "单独办理",
    "拆出来件": "单独办理",
    "重办": "重新办理",
}


def status_of(
    report: Report, case: Case | None, rated: Satisfaction | None, name_of: Callable[[str], str]
) -> CitizenStatus:
    """The public status of `report`, which stands in `case` (None: triage has not seen it yet); `rated` is what its
    citizen answered to the present end, `name_of` names units."""
    known = CitizenStatus(
        receipt=report.receipt,
        received_at=report.received_at,
        status=CaseStatus.RECEIVED,
        status_zh=STATUS_ZH[CaseStatus.RECEIVED],
        milestones=[Milestone(what=RECEIVED, at=report.received_at)],
    )
    if case is None:
        return known
    status = CaseStatus(case.status)
    replied = status in REPLIED
    return msgspec.structs.replace(
        known,
        status=status,
        status_zh=STATUS_ZH[status],
        milestones=known.milestones + milestones(case.history, since=report.received_at),
        unit=name_of(case.responsible_unit) if case.responsible_unit else None,
        reply=masked_of_office(case.reply) if replied and case.reply else None,
        replied_at=case.replied_at if replied else None,
        missing=case.facts_asked.missing if case.facts_asked and case.waits_for_facts else [],
        missing_by=case.facts_asked.due if case.facts_asked and case.waits_for_facts else None,
        may_rate=replied and rated is None,
        rated=rated,
    )


def milestones(history: Iterable[CaseStep], *, since: datetime) -> list[Milestone]:
    """The public ones of the steps from `since` on, in their order."""
    return [
        Milestone(what=PUBLIC_STEPS[word], at=step.at)
        for step in history
        if step.at >= since
        for word in step.what.split("、")
        if word in PUBLIC_STEPS
    ]
