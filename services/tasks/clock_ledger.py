"""What the clock of a task did, so that its deadline can be explained to people: one entry for each time that it was
started, stopped, resumed, extended or set anew, with the deadline that this gave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from infra.calendar import LENGTHS, ClockUnit
from infra.clock import CITY_ZONE
from services.tasks.deadlines import Limit

CLOCK_ZH = {
    ClockUnit.URGENT_HOUR: "个小时（不分昼夜）",
    ClockUnit.NATURAL_DAY: "天",
    ClockUnit.WORK_HOUR: "个工作小时",
    ClockUnit.WORK_DAY: "个工作日",
}
assert set(CLOCK_ZH) == set(LENGTHS)


class Turn(StrEnum):
    """What a clock can do."""

    STARTED = "started"
    CORRECTED = "corrected"
    STOPPED = "stopped"
    RESUMED = "resumed"
    EXTENDED = "extended"
    REWORKED = "reworked"
    RECALCULATED = "recalculated"
    BOUNDED = "bounded"


_ZH = {
    Turn.STARTED: "{at}起算{limit}，期限{until}",
    Turn.CORRECTED: "{at}信息更正，重新核定期限为{until}",
    Turn.STOPPED: "{at}挂账停算，至{until}",
    Turn.RESUMED: "{at}恢复计时，期限顺延至{until}",
    Turn.EXTENDED: "{at}批准延期至{until}",
    Turn.REWORKED: "{at}返工整改，期限{until}",
    Turn.RECALCULATED: "{at}节假日安排公布，重新核定期限为{until}",
    Turn.BOUNDED: "{at}主办或上级任务期限提前，随之提前至{until}",
}

_GIVES_TIME = (Turn.STARTED, Turn.RESUMED, Turn.EXTENDED, Turn.REWORKED)

Entry = Mapping[str, Any]


def entry(turn: Turn, at: datetime, until: datetime) -> dict[str, Any]:
    """The clock took that `turn` at that moment; `until` is the deadline from then on, of a stopped one its
    resumption."""
    return {"what": turn.value, "at": at, "until": until}


def first_deadline(ledger: Sequence[Entry], deadline: datetime) -> datetime:
    """The original deadline: as it was set, or corrected before the unit began."""
    set_ = [one["until"] for one in ledger if one["what"] in (Turn.STARTED, Turn.CORRECTED)]
    return set_[-1] if set_ else deadline


def running_since(ledger: Sequence[Entry]) -> datetime | None:
    """Since when a clock runs that stood still before; None where it stands still now, or never did."""
    stops = [one for one in ledger if one["what"] in (Turn.STOPPED, Turn.RESUMED)]
    return stops[-1]["at"] if stops and stops[-1]["what"] == Turn.RESUMED else None


def given_at(ledger: Sequence[Entry]) -> datetime:
    """When the unit was given its present time: at the issue, or when it went on, was extended or sent back since; not
    where a deadline that it had only moved. The ledger of a task is never empty."""
    return [one["at"] for one in ledger if one["what"] in _GIVES_TIME][-1]


def limit_in_words(limit: Limit | None) -> str:
    """`4个工作小时`; empty where no limit was given."""
    return f"{limit.amount:g}{CLOCK_ZH[limit.clock]}" if limit else ""


def in_words(ledger: Sequence[Entry], limit: Limit | None) -> str:
    """Why the deadline is what it is, in one Chinese sentence."""
    words = {"limit": limit_in_words(limit)}
    return "；".join(
        _ZH[Turn(one["what"])].format(at=_day(one["at"]), until=_day(one["until"]), **words) for one in ledger
    )


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CITY_ZONE):%Y-%m-%d %H:%M}"
