"""Tables as hotlines' people have them, for the tests of the import."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from cli.importing.form import Form

FORM = Form(
    channel="hotline_12345",
    number="工单编号",
    required=["工单编号", "诉求内容"],
    moments=["事发时间"],
    fields=["工单编号", "标题", "诉求内容", "号码", "事发时间", "坐标"],
)
HEADER = ["工单编号", "诉求内容", "号码", "事发时间"]


def book(path: Path, rows: Sequence[Sequence[Any]], change: Callable[[Any, Any], None] | None = None) -> Path:
    """A workbook with `rows` in its only sheet; `change` gets the workbook and the sheet before it is saved."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(made, sheet)
    made.save(path)
    return path
