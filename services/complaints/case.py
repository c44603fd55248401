"""案件: the matter itself. It speaks: every method checks the step, changes the case and records the event.

It needs no database: `Case.open_with(...)` makes one, its methods raise Refused or record. Each theme of its life is a
file: how it enters (case_entry.py), what was said about it (case_reports.py) and what its reports decide together
(case_together.py), the unit's work, the check and the end
(case_work.py), what follows the end (case_afterwards.py), merging and splitting (case_union.py), forgetting
(case_privacy.py). Who may do what is
decided at the desk (desk_rights.py); where a case stands because of its task, in task_following.py; which step leads
where, in case_states.py.
"""

from typing import Any, ClassVar

from services.complaints.case_afterwards import CaseAfterwards
from services.complaints.case_entry import CaseEntry
from services.complaints.case_privacy import CasePrivacy
from services.complaints.case_reports import CaseReports
from services.complaints.case_union import CaseUnion
from services.complaints.case_work import CaseWork


class Case(CaseEntry, CaseReports, CaseWork, CaseAfterwards, CaseUnion, CasePrivacy):
    """A case with everything that can be done with it; its fields stand in case_record.py."""

    meta: ClassVar[dict[str, Any]] = {"abstract": False}
