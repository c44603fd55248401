"""Urgency shortens a row's limit by the row in force."""

from datetime import date
from pathlib import Path

import pytest

from services.complaints.contracts import Urgency
from services.complaints.limits import factor_of, factors_in

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("urgency", "factor"), [(Urgency.NORMAL, 1.0), (Urgency.URGENT, 0.5), (Urgency.CRITICAL, 0.25)]
)
def test_the_published_table_gives_all_half_or_a_quarter(urgency: Urgency, factor: float) -> None:
    assert factor_of(urgency, DAY) == factor


def test_the_youngest_row_that_is_in_force_counts_and_without_one_the_limit_stays(tmp_path: Path) -> None:
    table = tmp_path / "urgency_limits.csv"
    rows = ["urgent,0.5,2020-01-01", "urgent,0.3,2026-01-01", "urgent,0.1,2027-01-01", "critical,0.2,2026-03-03"]
    table.write_text("\n".join(["name,factor,effective_from", *rows]), encoding="utf-8")
    factors = factors_in(table)

    assert factor_of(Urgency.URGENT, DAY, factors) == 0.3
    assert factor_of(Urgency.CRITICAL, DAY, factors) == 1.0
    assert factor_of(Urgency.CRITICAL, date(2026, 3, 3), factors) == 0.2
