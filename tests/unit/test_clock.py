"""The city's clock is a setting: real, simulated and shared, or standing still for a test."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.clock import FixedClock, SimulatedClock, WallClock, in_milliseconds, parse_clock

START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def test_moments_are_cut_to_what_the_database_keeps() -> None:
    moment = datetime(2026, 3, 2, 8, 30, 0, 123_999, tzinfo=timezone(timedelta(hours=8)))

    assert in_milliseconds(moment) == datetime(2026, 3, 2, 0, 30, 0, 123_000, tzinfo=UTC)
    assert in_milliseconds(moment).tzinfo is UTC


def test_the_wall_clock_shows_the_present() -> None:
    before = in_milliseconds(datetime.now(UTC))

    assert before <= WallClock().now() <= datetime.now(UTC)


def test_a_simulated_clock_runs_faster_from_its_start() -> None:
    clock = SimulatedClock(start=START, speed=600, epoch=1000.0, wall=lambda: 1060.0)

    assert clock.now() == START + timedelta(hours=10)


def test_a_simulated_clock_is_never_before_its_start() -> None:
    clock = SimulatedClock(start=START, speed=600, epoch=1000.0, wall=lambda: 900.0)

    assert clock.now() == START


def test_two_processes_with_one_setting_see_the_same_time() -> None:
    setting = "simulated:2026-03-02T08:30:00+08:00,600,1772411400.0"
    one, other = parse_clock(setting), parse_clock(setting)

    assert isinstance(one, SimulatedClock)
    assert one == other
    assert (one.start, one.speed, one.epoch) == (START, 600.0, 1772411400.0)


def test_the_word_wall_is_the_real_time() -> None:
    assert isinstance(parse_clock("wall"), WallClock)


@pytest.mark.parametrize(
    "setting", ["", "sundial", "simulated:", "simulated:2026-03-02T08:30:00+08:00,600", "simulated:soon,600,0"]
)
def test_any_other_word_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"not a clock|Invalid isoformat"):
        parse_clock(setting)


def test_a_start_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        parse_clock("simulated:2026-03-02T08:30:00,600,0")


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(START)
    assert (clock.now(), clock.now()) == (START, START)

    clock.advance(timedelta(hours=1))

    assert clock.now() == START + timedelta(hours=1)
