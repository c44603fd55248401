"""When a callback that was not taken is tried again: later and later, never sooner than the hotline asked for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.callbacks.retry import FIRST, LONGEST, LONGEST_ASKED, asked_for, wait

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CHANCES = st.floats(0, 1)
FAILURES = st.integers(1, 10_000)
ASKED = st.timedeltas(timedelta(0), timedelta(days=3650))


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 10), (2, 20), (3, 40), (6, 320), (9, 2560), (10, 3600), (10_000, 3600)]
)
def test_without_chance_it_doubles_from_ten_seconds_to_an_hour(failures: int, seconds: int) -> None:
    assert wait(failures, 0.0) == timedelta(seconds=seconds)


@given(failures=FAILURES, chance=CHANCES)
def test_chance_takes_away_half_at_most(failures: int, chance: float) -> None:
    full = wait(failures, 0.0)

    assert full / 2 <= wait(failures, chance) <= full
    assert FIRST / 2 <= wait(failures, chance) <= LONGEST


@given(failures=FAILURES, chance=CHANCES)
def test_it_never_gets_shorter(failures: int, chance: float) -> None:
    assert wait(failures, chance) <= wait(failures + 1, chance)


@given(failures=FAILURES, chance=CHANCES, asked=ASKED)
def test_what_the_hotline_asked_for_is_kept_up_to_a_day(failures: int, chance: float, asked: timedelta) -> None:
    waited = wait(failures, chance, asked)

    assert waited >= min(asked, LONGEST_ASKED)
    assert waited >= wait(failures, chance)
    assert waited <= max(LONGEST, min(asked, LONGEST_ASKED) * 1.1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("99999999999999999999", 86_400),
        ("Mon, 02 Mar 2026 01:02:00 GMT", 120),
        ("Mon, 02 Mar 2026 00:00:00 GMT", 0),
        ("Monday, 02-Mar-26 01:00:30 GMT", 30),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("１２", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int | None) -> None:
    assert asked_for(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(moment=st.datetimes(datetime(2026, 3, 2, 1), datetime(2030, 1, 1)))
def test_every_date_to_come_is_waited_for(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC, microsecond=0)

    assert asked_for(format_datetime(moment, usegmt=True), NOW) == moment - NOW


@given(header=st.text())
def test_no_header_breaks_it(header: str) -> None:
    asked = asked_for(header, NOW)

    assert asked is None or asked >= timedelta(0)
    assert wait(1, 0.5, asked) >= FIRST / 2
