"""One supervision order (督办单) in the books kept by hand. Nothing of services/tasks is used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.year import minutes

PUSHED_AFTER = timedelta(days=3)  # the deadline
PUSHED_AGAIN_AFTER = timedelta(days=7)  # an order was closed
ANSWERED_WITHIN = JUDGED_WITHIN = 2 * minutes.DAY_OF_WORK


@dataclass
class Order:
    """`by_unit` pushes `unit`. `clue` tells why it became a clue (责任倒查线索), `waits` whether the unit must act,
    `left_open` whether its issuer did not judge the answer in time."""

    id: str
    unit: str
    by_unit: str
    trigger: str
    opened: datetime
    status: str = "opened"
    overdue: bool = False
    returns: int = 0
    clue: str = ""
    judge_by: datetime | None = None
    left_open: bool = False

    def __post_init__(self) -> None:
        self.answer_by = minutes.after(self.opened, ANSWERED_WITHIN)

    @property
    def waits(self) -> bool:
        """Whether an answer of the unit is wanted."""
        return self.status in ("opened", "acknowledged", "returned")

    def look(self, at: datetime) -> None:
        """Not answered in time: a clue, where it is none yet; not judged in time."""
        if self.status == "answered" and self.judge_by and at > self.judge_by:
            self.left_open = True
        if self.waits and at > self.answer_by:
            self.overdue, self.clue = True, self.clue or "unanswered"

    def become(self, status: str, at: datetime) -> None:
        """The unit or the issuer takes a step."""
        self.look(at)
        self.status = status
        if status == "answered":
            self.judge_by = minutes.after(at, JUDGED_WITHIN)

    def send_back(self, at: datetime) -> None:
        """Another answer is wanted, in the same time again."""
        self.become("returned", at)
        self.returns, self.overdue, self.left_open = self.returns + 1, False, False
        self.answer_by = minutes.after(at, ANSWERED_WITHIN)

    def end(self, at: datetime) -> None:
        """Its duty has ended."""
        if self.status != "closed":
            self.become("closed", at)
