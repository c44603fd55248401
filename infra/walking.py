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


class _Lost(Exception):
    """It may not go on."""


class Walk:
    """One walk of a job: `find` gives the ids of the next page without those it is told, `look` looks at a page or at
    one alone, and `may_go_on` is asked before every such look, however small: whoever lost the job meanwhile leaves
    what is left to who has it now."""

    def __init__(self, aside: SetAside, find: Find, look: Look, may_go_on: Callable[[], bool] = lambda: True) -> None:
        self._aside, self._find, self._look, self._may_go_on = aside, find, look, may_go_on

    def walk(self) -> Said:
        """Everything that is to be looked at, as long as it may go on; what was said, by its kind.

        Raises where the database is away, and where so much is set aside that the cause cannot lie in each of them: the
        next scan goes on from there.
        """
        said = Said()
        try:
            self._pages(said)
        except _Lost:
            log.info("another one has the job now: what is left is left to it")
        return said

    def _pages(self, said: Said) -> None:
        aside = self._aside.look()
        past, before = list(aside.ids), set[str]()
        while ids := self._find(past):
            past += before.intersection(ids)  # looked at, and still due: not again before the next scan
            self._page(ids, past, said)
            before = set(ids)
        self._once_more(aside.to_try, said)

    def _page(self, ids: list[str], past: list[str], said: Said) -> None:
        """A page together; where one of them cannot be looked at, each for itself. Raises _Lost."""
        if not self._may_go_on():
            raise _Lost
        try:
            said.update(self._look(ids))
            return
        except Exception as error:
            if is_outage(error) or len(past) >= MOST_ASIDE:
                raise
            if len(ids) == 1:
                log.exception("%s cannot be looked at and is set aside", ids[0])
                self._aside.put(ids[0], reason_of(error))
                past += ids
                return
        for id in ids:
            self._page([id], past, said)

    def _once_more(self, ids: list[str], said: Said) -> None:
        """Each that was set aside alone, and taken back as soon as it can be looked at now. Raises _Lost."""
        failed = list[str]()
        for id in ids:
            self._page([id], failed, said)
            if id not in failed:
                self._aside.take_back([id])
