"""Which of the seeded cases are still under way: those that came in lately, however many years are stored.

The copies were received one after the other, 31 s apart, the newest just before the template: ten thousand are a city
after half a week, a million the same city after a year. What such a city has open is what comes in in the time that it
takes to close a case. So only what was received in the last 15 days of the stream may be open, half of it is, and only
what closed of it may still wait for its follow-up; all that is older is closed and done with. That is rather much: of
the 519 limits of the case standard four fifths are three working days or less, the longest 15.

`Open.HALF` leaves half of everything open, whatever its age: more than the indexes of what is open will ever hold.
"""

from datetime import timedelta
from enum import Enum, auto
from typing import NamedTuple

from services.tasks.contracts import TaskStatus

APART = timedelta(seconds=31)  # a million of them make a year
UNDER_WAY = timedelta(days=15)
STATES = (  # of a case, and of its task
    ("dispatched", TaskStatus.ISSUED),
    ("handling", TaskStatus.ACCEPTED),
    ("checking", TaskStatus.SUBMITTED),
    *(("closed", TaskStatus.CLOSED),) * 3,
)


class Kind(NamedTuple):
    """What a copy is: the states of its case and its task, and whether its closing waits for a follow-up."""

    case: str
    task: TaskStatus
    follow_up: bool


class Open(Enum):
    """What of the seeded may be open (see the module)."""

    RECENT = auto()
    HALF = auto()

    def kind_of(self, number: int) -> Kind:
        """What the copy of this number is, counted back from the newest."""
        under_way = self is Open.HALF or APART * number < UNDER_WAY
        return Kind(*STATES[number % len(STATES) if under_way else -1], follow_up=under_way and number % 10 == 0)
