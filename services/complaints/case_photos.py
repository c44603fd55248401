"""The photos of cases: by reference, read from their reports when they are shown, so that nothing is kept twice and an
erased report has none any more. Asked is only for reports that have some: a list without photos costs nothing."""

from collections.abc import Iterable
from typing import Any

from services.complaints.case import Case
from services.complaints.contracts import CasePhoto
from services.complaints.report import Report

Photos = dict[str, list[CasePhoto]]


def photos_of(cases: Iterable[Case]) -> Photos:
    """The photos of the newest versions of their reports, by id of the case; cases without any are left out."""
    wanted = {one.report_id: case.id for case in cases for one in case.joined if one.photos}
    if not wanted:
        return {}
    asked = {"receipt": 1, "versions.content.photos": 1}
    stored = {one["_id"]: one for one in Report._get_collection().find({"_id": {"$in": list(wanted)}}, asked)}
    found: Photos = {}
    for report_id, case_id in wanted.items():
        if photos := _of(stored.get(report_id)):
            found.setdefault(case_id, []).extend(photos)
    return found


def _of(report: dict[str, Any] | None) -> list[CasePhoto]:
    if report is None:
        return []
    newest = report["versions"][-1].get("content", {}).get("photos", [])
    return [CasePhoto(receipt=report["receipt"], **photo) for photo in newest]
