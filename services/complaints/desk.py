"""The commands of the desk before a unit works: file, verify, correct, answer, void, ask for facts.

Each names the version it saw, by whom, and why it was given (desk_commands.py says what it may raise).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.problem import InvalidInput, NotFound
from services.complaints.case import Case
from services.complaints.case_views import said_in
from services.complaints.contracts import CaseView, CategoryView, DraftReply, Urgency
from services.complaints.corrections import Decided, in_words
from services.complaints.data_tables import terms
from services.complaints.desk_commands import By, Commands
from services.complaints.desk_rights import BY_DESK, ON_SITE
from services.complaints.reply_templates import draft, template
from services.complaints.standard.limiting import Limits
from services.complaints.triage.category import Category, Lexicon

DESK = BY_DESK.roles
UNTRUE = "untrue"


class Desk:
    """What an officer of a hotline's desk or of the city's office can do with a case before a unit begins."""

    def __init__(
        self, commands: Commands, registry: Registry, lexicon: Lexicon, limits: Limits, calendar: WorkingCalendar
    ) -> None:
        self._commands, self._registry, self._lexicon = commands, registry, lexicon
        self._limits, self._calendar = limits, calendar

    def categories(self) -> list[CategoryView]:
        """What the category of a case can be corrected to."""
        known = self._lexicon.categories.values()
        return [CategoryView(code=one.code, subject=one.subject, name=one.name) for one in known]

    def answer(
        self, case_id: str, seen: int, by: By, reply: str, cause: str, answered_as: str | None = None
    ) -> CaseView:
        """答复: answered directly, by one of the templates."""
        if answered_as is not None:
            template(answered_as, "answered_as")

        def answer(case: Case, who: str, now: datetime) -> None:
            case.answer(who, reply, answered_as, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, answer)

    def void(self, case_id: str, seen: int, by: By, reason: str, cause: str, code: str = "other") -> CaseView:
        """作废, with a reason and its code."""

        def void(case: Case, who: str, now: datetime) -> None:
            case.void(who, reason, code, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, void)

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

        def file(case: Case, who: str, now: datetime) -> None:
            limit = self._limits.for_case(case, wanted(case), now)
            said = in_words(case.overrule(wanted(case), who))
            case.file(who, limit=limit, at=now, cause=cause, why=said)

        return self._commands.give(case_id, seen, by, file)

    def verify(
        self, case_id: str, seen: int, by: By, found: bool, note: str, cause: str, reply: str | None = None
    ) -> CaseView:
        """核实 on site: as reported, it is filed; not, it is answered with `reply` where one is given, else voided."""
        if not isinstance(found, bool):
            raise InvalidInput("found must be true or false", "须注明是否属实", field="found")

        def verify(case: Case, who: str, now: datetime) -> None:
            case.verify(who, found, note, limit=self._limits.for_case(case, case.decided(), now), at=now, cause=cause)
            if not found and reply is not None:
                case.answer(who, reply, at=now, cause=cause)
            elif not found:
                case.void(who, note, UNTRUE, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, verify, ON_SITE)

    def return_for_facts(self, case_id: str, seen: int, by: By, missing: list[str], cause: str) -> CaseView:
        """一次性告知: says once all that is missing, and by when."""

        def ask(case: Case, who: str, now: datetime) -> None:
            case.ask_for_facts(who, missing, due=terms()["facts"].end(self._calendar, now), at=now, cause=cause)

        return self._commands.give(case_id, seen, by, ask)

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

        def correct(case: Case, who: str, now: datetime) -> None:
            limit = self._limits.for_case(case, wanted(case), now)
            case.correct(who, wanted(case), limit=limit, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, correct)

    def draft_reply(self, case_id: str, code: str, fields: dict[str, str], by: By) -> DraftReply:
        """A reply for the case by the template `code`, with what is known and the officer's `fields`."""
        self._commands.allowed(case_id, by)
        case = Case.objects(id=case_id).exclude("outbox").first()
        if case is None:
            raise NotFound(f"there is no Case {case_id}", f"没有编号为 {case_id} 的记录")
        if not isinstance(fields, dict):
            raise InvalidInput("fields must be an object", "填写内容有误", field="fields")
        return draft(code, self._known(case, Officer.from_json(by)) | fields)

    def _known(self, case: Case, officer: Officer) -> dict[str, str]:
        asked = case.facts_asked
        receipts = [one.receipt for one in case.joined or case.moved]
        return {
            "receipt": "、".join(receipts),
            "case_number": case.number,
            "title": said_in(case, "title"),
            "unit": self._registry.name(case.responsible_unit or officer.unit),
            "content": case.proposed_reply or "",
            "missing": "；".join(asked.missing) if asked else "",
            "due": f"{asked.due.astimezone(CITY_ZONE):%Y年%m月%d日}" if asked else "",
        }

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
            now = msgspec.structs.replace(before, **given | ({"standard_row": None} if leaves else {}))
            name = self._registry.name
            return msgspec.structs.replace(now, places=(name(before.place_path), name(now.place_path)))

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
