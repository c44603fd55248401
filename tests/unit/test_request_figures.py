"""How often and how long is configuration: a younger row of the table holds from its day on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.effective import NamedRules
from infra.problem import InvalidInput, Refused
from services.tasks import request_figures, request_rules
from services.tasks.routing import route_after_return
from tests.unit.tasks_made import KUNMING, MONDAY_NINE, STREET, case_task

DAY = timedelta(days=1)
FRIDAY = MONDAY_NINE + 4 * DAY  # 2026-03-06, the first day of the younger rows
FIGURES = """name,value,effective_from,because
most_extensions,2,2017-01-01,
most_extensions,1,2026-03-06,
most_suspensions,1,2017-01-01,
most_suspensions,0,2026-03-06,
longest_suspension_days,365,2017-01-01,
longest_suspension_days,30,2026-03-05,
returns_until_office,2,2017-01-01,
returns_until_office,1,2026-03-06,
"""
ONCE_EXTENDED = [{"kind": "extension", "granted": True, "decided_at": MONDAY_NINE}]


@pytest.fixture(autouse=True)
def younger_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "request_rules.csv"
    file.write_text(FIGURES, encoding="utf-8")
    monkeypatch.setattr(request_figures, "_FIGURES", NamedRules(file, lambda line: int(line["value"])))


def extension(asked_at: datetime) -> None:
    deadline = datetime(2026, 4, 1, tzinfo=UTC)
    request_rules.check_extension(ONCE_EXTENDED, deadline + DAY, asked_at, deadline=deadline, latest=deadline + DAY)


def suspension(until: datetime, at: datetime) -> None:
    request_rules.check_suspension([], until, at, deadline=at + DAY)


def test_what_was_possible_until_thursday_is_not_from_friday_on() -> None:
    extension(FRIDAY - DAY)
    with pytest.raises(Refused) as extended:
        extension(FRIDAY)
    suspension(MONDAY_NINE + 365 * DAY, MONDAY_NINE)
    with pytest.raises(InvalidInput) as long:
        suspension(FRIDAY + 30 * DAY, FRIDAY - DAY)
    with pytest.raises(Refused) as suspended:
        suspension(FRIDAY + DAY, FRIDAY)
    assert [one.value.detail_zh for one in (extended, long, suspended)] == [
        "已延期1次，不能再延期",
        "挂账应在30天之内到期",
        "已挂账0次，不能再挂账",
    ]


@pytest.mark.parametrize(("at", "unit"), [(MONDAY_NINE, "5301/530102"), (FRIDAY, "5301/~office")])
def test_a_return_is_judged_by_the_day_on_which_the_task_was_issued(at: datetime, unit: str) -> None:
    assert route_after_return(KUNMING, STREET, 1, at).unit == unit
    task = case_task(filed_at=at)
    task.returns = 1
    assert task.is_settled == (unit == "5301/~office")
