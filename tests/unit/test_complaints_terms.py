"""How long people have, as the tables say that is in force on a day."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.calendar import WorkingCalendar
from services.complaints.contracts import DeskKind
from services.complaints.terms import DeskTerm, desk_term, term_end

FRIDAY_TEN = datetime(2026, 3, 6, 2, tzinfo=UTC)


@pytest.mark.parametrize("kind", DeskKind)
def test_the_desk_has_a_term_for_whatever_waits_there(kind: DeskKind) -> None:
    term = desk_term(kind, FRIDAY_TEN)
    assert timedelta(hours=1) <= term.within <= timedelta(hours=72)
    assert term.tries >= 1


def test_who_was_not_reached_is_asked_three_times_within_three_days() -> None:
    assert desk_term(DeskKind.FOLLOW_UP, FRIDAY_TEN) == DeskTerm(timedelta(hours=72), 3)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("facts", datetime(2026, 3, 13, 2, tzinfo=UTC)),  # five working days
        ("appeal", datetime(2026, 3, 13, 2, tzinfo=UTC)),
        ("reopen", FRIDAY_TEN + timedelta(days=30)),
    ],
)
def test_a_term_runs_by_its_own_clock(name: str, end: datetime) -> None:
    assert term_end(name, FRIDAY_TEN, WorkingCalendar()) == end


def test_before_the_first_rule_was_in_force_there_is_no_term() -> None:
    with pytest.raises(KeyError, match=r"no 'facts' of terms\.csv is in force on 1999-12-31"):
        term_end("facts", datetime(1999, 12, 31, 2, tzinfo=UTC), WorkingCalendar())
