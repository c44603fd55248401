"""The commands of the desk. Each names the version it saw, by whom, and why it was given; each checks the right first.

Raises, in all commands: InvalidInput, Forbidden, NotFound, Stale, Refused; then nothing has changed, no event is left.
"""

from collections.abc import Callable
from typing import Any

from infra.clock import CITY_ZONE, Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput
from services.complaints.case import Case
from services.complaints.case_views import view_of
from services.complaints.contracts import CaseView, Urgency
from services.complaints.limits import Limit, limit_for
from services.complaints.triage.category import Category, Lexicon

DESK = frozenset({Role.HOTLINE_DESK, Role.CITY_OFFICE})
By = dict[str, Any]  # an Officer as JSON


class Desk:
    """What an officer of a hotline's desk or of the city's office can do with a case."""

    def __init__(self, store: Store, registry: Registry, lexicon: Lexicon, clock: Clock) -> None:
        self._store, self._registry, self._lexicon, self._clock = store, registry, lexicon, clock

    def close(self, case_id: str, seen: int, by: By, condition: str, reply: str, cause: str) -> CaseView:
        """结案, with the closing condition and the reply to the citizen."""
        return self._command(
            case_id, seen, by, lambda case, who: case.close(who, condition, reply, at=self._clock.now(), cause=cause)
        )

    def request_rework(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """返工: the same unit again."""
        return self._command(
            case_id, seen, by, lambda case, who: case.request_rework(who, reason, at=self._clock.now(), cause=cause)
        )

    def answer(self, case_id: str, seen: int, by: By, reply: str, cause: str) -> CaseView:
        """答复: answered directly."""
        return self._command(
            case_id, seen, by, lambda case, who: case.answer(who, reply, at=self._clock.now(), cause=cause)
        )

    def void(self, case_id: str, seen: int, by: By, reason: str, cause: str) -> CaseView:
        """作废, with a reason."""
        return self._command(
            case_id, seen, by, lambda case, who: case.void(who, reason, at=self._clock.now(), cause=cause)
        )

    def file(
        self, case_id: str, seen: int, by: By, cause: str, category: str | None = None, place_path: str | None = None
    ) -> CaseView:
        """立案, correcting category (its code) and place where they are given."""
        place = self._territory(place_path)
        chosen = self._category(category, "category")

        def file(case: Case, who: str) -> None:
            now = self._clock.now()
            standard = chosen or self._category(case.category, "category")
            assert standard is not None
            corrected = case.correct(
                category=standard.code,
                category_name=standard.name if chosen else case.category_name,
                place_path=place or case.place_path,
                by=who,
            )
            limit = limit_for(
                Limit(standard.limit_amount, standard.limit_clock),
                Urgency(case.urgency),
                now.astimezone(CITY_ZONE).date(),
            )
            case.file(who, limit=limit, at=now, cause=cause, why=corrected)

        return self._command(case_id, seen, by, file)

    def _command(self, case_id: str, seen: int, by: By, act: Callable[[Case, str], None]) -> CaseView:
        if not isinstance(seen, int) or isinstance(seen, bool):
            raise InvalidInput("seen must be the version that you looked at", "须注明所见版本", field="seen")
        officer = Officer.from_json(by)
        if officer.role not in DESK:
            raise _forbidden(officer)
        who = f"{officer.name}（{self._registry.name(officer.unit)}）"

        def decide(case: Case) -> CaseView:
            if not officer.may_act_for(case.place_path):
                raise _forbidden(officer)
            act(case, who)
            return view_of(case)

        return self._store.change(Case, case_id, decide, seen=seen)

    def _category(self, code: str | None, field: str) -> Category | None:
        if code is None:
            return None
        found = self._lexicon.categories.get(code)
        if found is None:
            raise InvalidInput(f"no category {code!r}", f"没有这个类别：{code}", field=field)
        return found

    def _territory(self, path: str | None) -> str | None:
        if path is None:
            return None
        unit = self._registry.get(path)
        if unit is None or not unit.kind.is_territory:
            raise InvalidInput(f"{path!r} is no place of this city", f"不是本市的地点：{path}", field="place_path")
        return path


def _forbidden(officer: Officer) -> Forbidden:
    return Forbidden(
        f"the {officer.role} of {officer.unit} may not decide on this case; its desk and the city's office may",
        "只有热线坐席和市总指挥部办公室可以办理该案件",
    )
