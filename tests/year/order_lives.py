"""The life of a supervision order: heeded, perhaps late, or not; the issuer content, or not; until its duty ends."""

from typing import Any

from tests.year.ledger import Ledger
from tests.year.life import DAY, HOUR, Life, Wait
from tests.year.order import Order
from tests.year.plan_lives import PLAN
from tests.year.town import Town


class OrderLife(Life):
    """Of one order."""

    def __init__(self, town: Town, books: Ledger, order: Order) -> None:
        super().__init__(town, books)
        self.order = order

    def live(self) -> Wait:
        """From its opening to the last that anybody does with it."""
        yield self.some(HOUR, 2 * DAY)
        if not self.perhaps("heed plan" if self.order.id.startswith(PLAN) else "heed"):
            return
        if self._push("acknowledge", "acknowledged"):
            yield self.some(HOUR, 4 * DAY)
        while self._push("answer", "answered", "已整改"):
            yield self.some(HOUR, 3 * DAY)
            if not (self.perhaps("not content") and self._sent_back()):
                break
            yield self.some(HOUR, 3 * DAY)
        if self.perhaps("settle") and self._push("close", "closed", "已落实", unit=self.order.by_unit):
            self.books.closed(self.order, self.town.now)

    def _push(self, command: str, status: str, *args: Any, unit: str | None = None) -> bool:
        """A step, where the order has not ended with its duty; then it is refused."""
        if self._ended(command, *args):
            return False
        self.town.push(command, self.order.id, unit or self.order.unit, *args)
        self.order.become(status, self.town.now)
        return True

    def _sent_back(self) -> bool:
        if self._ended("answer", "再答复"):
            return False
        by = self.order.by_unit
        self.must_fail("own judgement", lambda: self.town.push("close", self.order.id, self.order.unit, "已落实"))
        self.town.push("send_back", self.order.id, by, "情况不实")
        self.order.send_back(self.town.now)
        return True

    def _ended(self, command: str, *args: Any) -> bool:
        if self.order.status != "closed":
            return False
        id, unit = self.order.id, self.order.unit
        self.must_fail(f"{command} of {id}", lambda: self.town.push(command, id, unit, *args))
        return True
