"""The commands of the desk. Each names the version it saw, by whom, and why it was given; each checks the right first.

Raises, in all commands: InvalidInput, Forbidden, NotFound, Stale, Refused; then nothing has changed, no event is left.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput
from services.complaints.case import Case
from services.complaints.case_views import view_of
from services.complaints.contracts import CaseView, Urgency
from services.complaints.corrections import Decided, in_words
from services.complaints.standard.limiting import Limits
from services.complaints.triage.category import Category, Lexicon

DESK = frozenset({Role.HOTLINE_DESK, Role.CITY_OFFICE})
By = dict[str, Any]  # an Officer as JSON


class Desk:
    """What an officer of a hotline's desk or of the city's office can do with a case."""

    def __init__(self, store: Store, registry: Registry, lexicon: Lexicon, limits: Limits, clock: Clock) -> None:
        self._store, self._registry, self._lexicon, self._clock = store, registry, lexicon, clock
        self._limits = limits

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
        self,
        case_id: str,
        seen: int,
        by: By,
        cause: str,
        category: str | None = None,
        place_path: str | None = None,
        standard_row: str | None = None,
    ) -> CaseView:
        """立案, correcting category (its code), place and row of the case standard ("": none) where they are given."""
        wanted = self._wanted(category, place_path, None, standard_row)

        def file(case: Case, who: str) -> None:
            now = self._clock.now()
            limit = self._limits.for_case(case, wanted(case), now)
            said = in_words(case.overrule(wanted(case), who))
            case.file(who, limit=limit, at=now, cause=cause, why=said)

        return self._command(case_id, seen, by, file)

    def correct(
        self,
        case_id: str,
        seen: int,
        by: By,
        cause: str,
        category: str | None = None,
        place_path: str | None = None,
        urgency: str | None = None,
        standard_row: str | None = None,
    ) -> CaseView:
        """更正: overrule what triage decided about a filed case, as long as no unit has begun."""
        wanted = self._wanted(category, place_path, urgency, standard_row)

        def correct(case: Case, who: str) -> None:
            now = self._clock.now()
            limit = self._limits.for_case(case, wanted(case), now)
            case.correct(who, wanted(case), limit=limit, at=now, cause=cause)

        return self._command(case_id, seen, by, correct)

    def _command(self, case_id: str, seen: int, by: By, act: Callable[[Case, str], None]) -> CaseView:
        if not isinstance(seen, int) or isinstance(seen, bool):
            raise InvalidInput("seen must be the version that you looked at", "须注明所见版本", field="seen")
        officer = Officer.from_json(by)
        if officer.role not in DESK:
            raise _forbidden(officer)
        who = f"{officer.name}（{self._registry.name(officer.unit)}）"
        place = Case.objects(id=case_id).scalar("place_path").first()
        if place is not None:  # before the store compares versions: who may not decide learns nothing about the case
            _check_right(officer, place)

        def decide(case: Case) -> CaseView:
            _check_right(officer, case.place_path)
            act(case, who)
            return view_of(case)

        return self._store.change(Case, case_id, decide, seen=seen)

    def _wanted(
        self, category: str | None, place_path: str | None, urgency: str | None, standard_row: str | None
    ) -> Callable[[Case], Decided]:
        """How a case is decided with what is given, otherwise as it was; another category leaves the row of the
        standard, unless one is named. Raises InvalidInput."""
        given: dict[str, Any] = {}
        if category is not None:
            chosen = self._category(category)
            given |= {"category": chosen.code, "category_name": chosen.name, "subject": chosen.level1}
        if place_path is not None:
            given["place_path"] = self._territory(place_path)
        if urgency is not None:
            given["urgency"] = _urgency(urgency)
        if standard_row is not None:
            given["standard_row"] = standard_row

        def wanted(case: Case) -> Decided:
            before = case.decided()
            leaves = standard_row is None and category not in (None, before.category)
            return msgspec.structs.replace(before, **given | ({"standard_row": None} if leaves else {}))

        return wanted

    def _category(self, code: str) -> Category:
        found = self._lexicon.categories.get(code)
        if found is None:
            raise InvalidInput(f"no category {code!r}", f"没有这个类别：{code}", field="category")
        return found

    def _territory(self, path: str) -> str:
        unit = self._registry.get(path)
        if unit is None or not unit.kind.is_territory:
            raise InvalidInput(f"{path!r} is no place of this city", f"不是本市的地点：{path}", field="place_path")
        return path


def _urgency(word: str) -> Urgency:
    try:
        return Urgency(word)
    except ValueError as error:
        raise InvalidInput(f"no urgency {word!r}", f"没有这个紧急程度：{word}", field="urgency") from error


def _check_right(officer: Officer, place_path: str) -> None:
    if not officer.may_act_for(place_path):
        raise _forbidden(officer)


def _forbidden(officer: Officer) -> Forbidden:
    return Forbidden(
        f"the {officer.role} of {officer.unit} may not decide on this case; its desk and the city's office may",
        "只有热线坐席和市总指挥部办公室可以办理该案件",
    )
