"""How a scanner walks: in pages, each looked at together. What cannot be looked at holds up nothing: its page is looked
at one by one, it alone is set aside (set_aside.py) and tried again later, after all that is due."""

import logging
from collections import Counter
from collections.abc import Callable

from infra.messaging.reasons import reason_of
from infra.messaging.retry import is_outage
from infra.set_aside import SetAside

Said = Counter[str]
Find = Callable[[list[str]], list[str]]
Look = Callable[[list[str]], Said]

MOST_ASIDE = 1000

log = logging.getLogger(__name__)


class Walk:
    """One walk of a job: `find` gives the ids of the next page without those it is told, `look` looks at a page, and
    `may_go_on` is asked after every page."""

    def __init__(self, aside: SetAside, find: Find, look: Look, may_go_on: Callable[[], bool] = lambda: True) -> None:
        self._aside, self._find, self._look, self._may_go_on = aside, find, look, may_go_on

    def walk(self) -> Said:
        """Everything that is to be looked at, as long as it may go on; what was said, by its kind.

        Raises where the database is away, and where so much is set aside that the cause cannot lie in each of them: the
        next scan goes on from there.
        """
        aside = self._aside.look()
        past, before, said = list(aside.ids), set[str](), Said()
        while ids := self._find(past):
            past += before.intersection(ids)  # looked at, and still due: not again before the next scan
            said += self._page(ids, past)
            before = set(ids)
            if not self._may_go_on():
                return said
        return said + self._once_more(aside.to_try)

    def _page(self, ids: list[str], past: list[str]) -> Said:
        """A page together; where one of them cannot be looked at, each for itself."""
        try:
            return self._look(ids)
        except Exception as error:
            if is_outage(error) or len(past) >= MOST_ASIDE:
                raise
            if len(ids) == 1:
                log.exception("%s cannot be looked at and is set aside", ids[0])
                self._aside.put(ids[0], reason_of(error))
                past += ids
                return Said()
        return sum((self._page([id], past) for id in ids), Said())

    def _once_more(self, ids: list[str]) -> Said:
        """Each that was set aside alone, and taken back where it can be looked at now."""
        said, failed = Said(), list[str]()
        for id in ids:
            said += self._page([id], failed)
        self._aside.take_back([id for id in ids if id not in failed])
        return said
