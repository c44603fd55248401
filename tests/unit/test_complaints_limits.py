"""Urgency shortens a category's limit by the row in force."""

from datetime import date

import pytest

from services.complaints.contracts import Urgency
from services.complaints.limits import Limit, UrgencyRow, limit_for

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("urgency", "amount"), [(Urgency.NORMAL, 5.0), (Urgency.URGENT, 2.5), (Urgency.CRITICAL, 1.25)]
)
def test_the_published_table_gives_all_half_or_a_quarter(urgency: Urgency, amount: float) -> None:
    assert limit_for(Limit(5.0, "work_day"), urgency, DAY) == Limit(amount, "work_day")


def test_the_youngest_row_that_is_in_force_counts() -> None:
    rows = [
        UrgencyRow(Urgency.URGENT, 0.5, date(2020, 1, 1)),
        UrgencyRow(Urgency.URGENT, 0.3, date(2026, 1, 1)),
        UrgencyRow(Urgency.URGENT, 0.1, date(2027, 1, 1)),
    ]

    assert limit_for(Limit(10.0, "work_hour"), Urgency.URGENT, DAY, rows) == Limit(3.0, "work_hour")


def test_without_a_row_the_limit_stays() -> None:
    late = [UrgencyRow(Urgency.URGENT, 0.5, date(2030, 1, 1))]

    assert limit_for(Limit(10.0, "work_hour"), Urgency.URGENT, DAY, late) == Limit(10.0, "work_hour")
