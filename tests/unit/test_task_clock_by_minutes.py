"""The clock of a task against a slow one that counts single minutes (slow_lives.py): all four clocks, made-up holidays
and 调休, two extensions (granted perhaps after the deadline), a suspension and a rework in any order, a calendar that
comes in the midst of it; the yellow card after three quarters, the red one after the deadline."""

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.calendar import ClockUnit
from services.tasks.task_states import Step
from tests.unit.slow_lives import (
    DAY,
    OF_2026,
    AnyStep,
    Extension,
    Life,
    Odd,
    Rework,
    Suspension,
    lived,
    moment,
)

DRAWN_DAYS = 14  # with a drawn calendar


def limits() -> st.SearchStrategy[tuple[ClockUnit, float]]:
    hours = st.tuples(st.sampled_from([ClockUnit.URGENT_HOUR, ClockUnit.WORK_HOUR]), st.integers(1, 12).map(float))
    halves = st.integers(1, 6).map(lambda n: n / 2)
    return hours | st.tuples(st.sampled_from([ClockUnit.NATURAL_DAY, ClockUnit.WORK_DAY]), halves)


percent = st.integers(0, 100)
odd_days = st.frozensets(st.integers(0, DRAWN_DAYS - 1), max_size=8)
starts = st.integers(0, 7 * DAY)
extensions = st.builds(Extension, percent, st.integers(1, 100), percent)
suspensions = st.builds(Suspension, percent, st.integers(1, 4 * DAY), st.integers(1, 130))
reworks = st.builds(Rework, percent, st.integers(0, 3 * DAY))
whole_lives = st.tuples(extensions, extensions, suspensions, reworks).flatmap(st.permutations)
lives = st.tuples(whole_lives, st.integers(0, 4)).map(lambda drawn: drawn[0][: drawn[1]])


@settings(max_examples=80, deadline=None)
@given(odd_days, limits(), starts)
def test_every_clock_ends_and_warns_at_the_minute_that_counting_finds(
    odd: Odd, limit: tuple[ClockUnit, float], start: int
) -> None:
    life = Life(odd, *limit, start)
    assert life.clocks() == life.counted()


@settings(max_examples=70, deadline=None)
@given(odd_days, limits(), starts, lives)
def test_extended_suspended_and_reworked_in_any_order_it_still_agrees_with_counting_minutes(
    odd: Odd, limit: tuple[ClockUnit, float], start: int, steps: list[AnyStep]
) -> None:
    life = Life(odd, *limit, start)
    for step in steps:
        life.step(step)
        assert life.clocks() == life.counted()
    assert (life.task.yellow_cards, life.task.red_cards, life.task.overdue) == (life.yellow, life.red, False)


@settings(max_examples=70, deadline=None)
@given(odd_days, limits(), st.integers(0, OF_2026 * DAY), whole_lives, st.integers(0, 3))
def test_a_calendar_that_comes_in_the_midst_of_it_ends_as_if_it_had_been_known_all_along(
    odd: Odd, limit: tuple[ClockUnit, float], start: int, steps: list[AnyStep], comes: int
) -> None:
    life = Life(odd, *limit, start, known=False)
    for n, step in enumerate(steps):
        if life.slow.end < life.now:  # by the calendar that has come it was late already
            break
        life.step(step, calendar_comes=n == comes)
        assert life.clocks() == life.counted()


def test_what_stands_still_after_a_provisional_rework_stays_provisional_until_the_calendar_comes() -> None:
    life = Life(frozenset(), ClockUnit.NATURAL_DAY, 3.0, 0, known=False)
    for step in (Rework(42, 2987), Suspension(0, 1, 1)):
        life.step(step)
        assert life.task.deadline_provisional
    life.calendar_comes()
    assert life.clocks() == life.counted()


@settings(max_examples=40, deadline=None)
@given(odd_days, limits(), starts, lives)
def test_each_card_is_shown_in_the_minute_after_its_moment_and_once(
    odd: Odd, limit: tuple[ClockUnit, float], start: int, steps: list[AnyStep]
) -> None:
    life = lived(Life(odd, *limit, start), steps)
    soon, end = life.slow.says_soon(), life.slow.end
    looks = sorted({soon - 1, soon, end, end + 1, end + 2})
    said = {look: life.task.notice(moment(look)) for look in looks if look >= life.now}
    told = {look: steps for look, steps in said.items() if steps}
    expected = {soon: [Step.DUE_SOON], end + 1: [Step.OVERDUE]}
    assert told == (expected if soon <= end else {end + 1: [Step.DUE_SOON, Step.OVERDUE]})
