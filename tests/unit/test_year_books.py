"""The books of the simulated year are kept by hand: nothing of the product decides what stands in them."""

import ast
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.year import minutes

BOOKS = Path(minutes.__file__).parent
FRIDAY_HALF_PAST_FIVE = datetime(2025, 3, 7, 9, 30)  # in UTC


@pytest.mark.parametrize("module", ["minutes", "entry", "order", "ledger", "recounting", "table"])
def test_the_books_by_hand_import_nothing_of_the_product(module: str) -> None:
    tree = ast.parse((BOOKS / f"{module}.py").read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert [name for name in found if name.split(".")[0] in ("services", "infra", "gateway", "cli")] == []


def test_working_time_stands_still_over_night_and_weekend() -> None:
    monday_half_past_eight = datetime(2025, 3, 10, 0, 30, 15)
    span = timedelta(hours=1, seconds=15)
    assert minutes.after(FRIDAY_HALF_PAST_FIVE, span) == monday_half_past_eight
    assert minutes.between(FRIDAY_HALF_PAST_FIVE, monday_half_past_eight) == span
