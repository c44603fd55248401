"""Urgency shortens a row's limit by the row in force."""

from datetime import date

import pytest

from services.complaints.contracts import Urgency
from services.complaints.limits import UrgencyRow, factor_of

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("urgency", "factor"), [(Urgency.NORMAL, 1.0), (Urgency.URGENT, 0.5), (Urgency.CRITICAL, 0.25)]
)
def test_the_published_table_gives_all_half_or_a_quarter(urgency: Urgency, factor: float) -> None:
    assert factor_of(urgency, DAY) == factor


def test_the_youngest_row_that_is_in_force_counts() -> None:
    rows = [
        UrgencyRow(Urgency.URGENT, 0.5, date(2020, 1, 1)),
        UrgencyRow(Urgency.URGENT, 0.3, date(2026, 1, 1)),
        UrgencyRow(Urgency.URGENT, 0.1, date(2027, 1, 1)),
    ]

    assert factor_of(Urgency.URGENT, DAY, rows) == 0.3


def test_without_a_row_the_limit_stays() -> None:
    late = [UrgencyRow(Urgency.URGENT, 0.5, date(2030, 1, 1))]

    assert factor_of(Urgency.URGENT, DAY, late) == 1.0
