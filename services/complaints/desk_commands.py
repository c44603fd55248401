"""What every command of the desk has in common: the officer, their right, the version seen, the record of who it was.

Raises, in all commands: InvalidInput, Forbidden, NotFound, Stale (with who changed what), Refused; then nothing has
changed, and no event is left.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.problem import InvalidInput, Stale
from services.complaints.case import Case
from services.complaints.case_views import view_of
from services.complaints.contracts import CaseView
from services.complaints.desk_rights import BY_DESK, Right, Standing, standing_of

By = dict[str, Any]  # an Officer as JSON
Act = Callable[[Case, str, datetime], None]  # the case, who acts (for the record), when
R = TypeVar("R")


class Commands:
    """Gives commands to cases."""

    def __init__(self, store: Store, registry: Registry, clock: Clock) -> None:
        self.store, self.registry, self.clock = store, registry, clock

    def give(self, case_id: str, seen: int, by: By, act: Act, right: Right = BY_DESK) -> CaseView:
        """Let `act` happen to the case as it was seen; the case afterwards."""
        right.check_role(Officer.from_json(by))
        check_seen(seen)
        try:
            return self.within(None, case_id, seen, by, act, right)
        except Stale:
            self.allowed(case_id, by, right)  # who changed what is not for everybody
            raise

    def allowed(self, case_id: str, by: By, right: Right = BY_DESK) -> None:
        """Pass where the officer may decide on the case as it lies now."""
        officer = Officer.from_json(by)
        right.check_role(officer)
        right.check(officer, standing_of(case_id))

    def within(
        self, session: ClientSession | None, case_id: str, seen: int, by: By, act: Act, right: Right = BY_DESK
    ) -> CaseView:
        """`give` as a part of the transaction of `session`, after `allowed` and `check_seen`."""
        officer, now = Officer.from_json(by), self.clock.now()
        who = self.who(officer)

        def decide(case: Case) -> CaseView:
            right.check(officer, Standing(case.place_path, case.responsible_unit))
            act(case, who, now)
            return view_of(case)

        return self.store.change(Case, case_id, decide, seen=seen, session=session)

    def named(self, by: By) -> str:
        """The officer in an RPC argument as the record names them. Raises InvalidInput."""
        return self.who(Officer.from_json(by))

    def who(self, officer: Officer) -> str:
        """The officer as the record names them."""
        return f"{officer.name}（{self.registry.name(officer.unit)}）"


def check_seen(seen: int) -> None:
    """Raises InvalidInput where it is no version."""
    if not isinstance(seen, int) or isinstance(seen, bool):
        raise InvalidInput("seen must be the version that you looked at", "须注明所见版本", field="seen")
