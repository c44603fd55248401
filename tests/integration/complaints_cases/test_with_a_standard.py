"""The case standard through the running service; it stays imported, so this comes last in its package."""

import base64

from services.complaints.channels import known_channels
from tests.integration.complaints_running import DESK, OFFICE, Complaints
from tests.integration.one_service import wait_until
from tests.unit.standard_made import xlsx


def test_an_imported_standard_gives_the_limit_until_the_desk_chooses_another_row(complaints: Complaints) -> None:
    file = base64.b64encode(xlsx()).decode()
    args = ("5301", "标准.xlsx", file, "2026-01-01", OFFICE, "首次导入", "t/import")
    edition = complaints.call("import_standard", *args)["edition"]
    sample = known_channels()["hotline_12319"].sample
    said = "五华区华山街道翠湖南路雨水井盖破损"
    item = sample | {"案卷号": "S1", "大类": "公用设施", "小类": "雨水井盖", "问题类型": "部件", "问题描述": said}

    complaints.push(item, "hotline_12319")
    case = complaints.case_of("S1", "hotline_12319")
    chosen = complaints.call(
        "correct_case", case["_id"], case["sequence"], DESK, "t/correct", standard_row="部件01-01-1"
    )
    page = complaints.call("case_standard", code="部件01-01-1")

    assert (case["limit_amount"], case["limit_clock"], case["limit_row"]) == (
        4.0,
        "work_hour",
        f"{edition}:部件01-01-2",
    )
    assert (chosen["limit"]["amount"], chosen["limit"]["clock"]) == (2.0, "urgent_hour")
    assert chosen["history"][-1]["what"] == "更正案件标准"
    assert (page["version"], page["total"], page["rows"][0]["row"]["minor"]) == (1, 1, "雨水井盖")
    wait_until(
        lambda: [one.type for one in complaints.said("case_standard/5301")] == ["case_standard_changed"], "it is told"
    )
